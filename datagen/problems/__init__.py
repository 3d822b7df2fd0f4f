"""Problems whose answers are true by construction and proved again by an independent route.

    family.py     what a problem and a family are, and the register
    generate.py   rows from families, levels, a split and a seed
    proof.py      is the answer true, and can the verifier tell it from a near miss?
    render.py     a problem row as an instruction, a GRPO prompt, or plain text
    gallery.py    what every family is like: an example, its rate, how many items it has
    arithmetic.py, algebra.py, ...   the families, a file a field or a part of one

Rests on `verifiers` for the comparison of answers; knows nothing of language models.
"""

from datagen.problems.family import LEVELS, SPLITS, Family, Problem, family, fingerprint, mark_of, split_of
from datagen.problems.generate import draw, generate
from datagen.problems.measures import describe
from datagen.problems.proof import Disagreement, Proof, Separability, prove, separable
from datagen.problems.register import families, find
from datagen.problems.render import RENDERINGS, corpus_row, instruction_row, reward_row

__all__ = [
    "LEVELS",
    "RENDERINGS",
    "SPLITS",
    "Disagreement",
    "Family",
    "Problem",
    "Proof",
    "Separability",
    "corpus_row",
    "describe",
    "draw",
    "families",
    "family",
    "find",
    "fingerprint",
    "generate",
    "instruction_row",
    "mark_of",
    "prove",
    "reward_row",
    "separable",
    "split_of",
]
