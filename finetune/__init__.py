"""Models, trainers, evaluation, export and the ladder: floor 4, which knows nothing of HTTP or reviewing."""

HOMEGROWN = "homegrown-llm"
