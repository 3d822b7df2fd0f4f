"""Recipes: from one item and an engine to a row, rows or a rejection with a reason; one recipe a file.

corpus.py    pretraining text made from rules: facts, little stories, sums
lessons.py   instruction rows made from the same facts and from verified problems, in two manners
stories.py   equations told as word problems, kept when a reader finds the equations again
attempts.py  the model tries verified problems; verdicts beside each answer
solutions.py worked solutions that are verified, pass their tests, or that many samples agree on
pairs.py     two answers to one prompt, the better one picked by a stated rule
harvest.py   what verified attempts are good for: lessons, pairs of right and wrong, problems for GRPO

facts.py, rules.py     what the small model is told, and which of its answers are liked
sampling.py seeding.py how a model is sampled, and how rules are
passing.py choosing.py how often a model is right; which of several right answers are taken
quantities.py          the numbers that a text states, in digits and in words
"""
