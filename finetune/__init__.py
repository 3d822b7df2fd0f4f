"""Models, trainers, evaluation, export and the ladder: floor 4, which knows nothing of HTTP or the review page."""

HOMEGROWN = "homegrown-llm"
