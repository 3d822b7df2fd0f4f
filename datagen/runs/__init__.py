"""A run: a recipe over items, with models, from a command to a file, and nothing lost on the way.

run.py           items to outcomes: so many at a time, nothing twice, in their order
team.py          what a recipe has at hand: engines by role, seeds, a memory of every answer
journal.py       the memory: every completion and outcome of a run in one file (journal_file.py)
keeping.py       what counts in the order of the items: how many, which are new, when to give up
generation.py    what the commands that ask a model have in common; rounds.py: in rounds
planning.py      what a run would ask and take, before it begins
changes.py       how this run differs from the last; account.py: what it came to
lineage.py       where a row comes from
tally.py         how far a run is, counted; progress.py draws it
"""
