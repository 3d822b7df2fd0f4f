"""Where the data comes from: engines, recipes, problem families, filters, the journal and the review page.

Floor 3: built on `verifiers` and `schemas`, and knows nothing of torch or of training.
"""

HOMEGROWN = "homegrown-llm"
