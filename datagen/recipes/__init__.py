"""Recipes: from one item and an engine to a row, rows or a rejection with a reason; one recipe a file.

From rules, with no model:
    corpus.py genres.py   pretraining text: facts, little stories, sums, letters, textbook pages
    lessons.py            instruction rows of the same facts and of verified problems, in two manners

Text and instructions:
    passages.py    pretraining text that a model writes, to plans of topic, genre and reader
    instruct.py    new tasks from seed tasks, and their answers (Self-Instruct)
    evolve.py      prompts that get harder, and their answers (Evol-Instruct)
    magpie.py      prompts that a chat model draws from itself, and their answers
    documents.py   questions and answers about documents
    rows.py        rows to the user's own schema

Preferences:
    pairs.py       answers to one prompt, the better one by a judge, a stated rule or a verifier
    best_of.py     the best of several answers
    picks.py       the answers that people picked

Reasoning:
    attempts.py    a model tries verified problems; verdicts beside each answer
    solutions.py   worked solutions that are verified, pass their tests, or that many samples agree on
    stories.py     equations told as word problems, kept when a reader finds the equations again
    harvest.py     what verified attempts are good for: lessons, pairs of right and wrong, problems for GRPO

wording/ has every word that is said to a model, shared/ what recipes have in common.
"""
