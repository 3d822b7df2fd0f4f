"""Recipes: from one item and an engine to a row, rows or a rejection with a reason; one recipe a file.

corpus.py    pretraining text made from rules: facts, little stories, sums
lessons.py   instruction rows made from the same facts and from verified problems, in two manners
attempts.py  the model tries verified problems; verdicts beside each answer
instruct.py  new tasks from seed tasks, and their answers (Self-Instruct)
evolve.py    prompts that get harder, and their answers (Evol-Instruct)
magpie.py    prompts that a chat model draws from itself, and their answers
pairs.py     two answers to one prompt, the better one picked by a stated rule
harvest.py   what verified attempts are good for: lessons, and pairs of right and wrong

facts.py, rules.py     what the small model is told, and which of its answers are liked
answering.py novel.py personas.py   what these three share: conversations, what is new, whom tasks are for
sampling.py seeding.py how a model is sampled, and how rules are
"""
