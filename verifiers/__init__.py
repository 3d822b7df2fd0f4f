"""Is this answer right? Floor 2: parsing, comparing, logic, rewards; nothing of models or datasets.

    extract.py             a response -> the one answer it commits to, or why there is none
    parsing/               text -> a small frozen tree, and back
    answer.py infer.py     the specification of an answer; the one a bare gold answer suggests
    comparing/             two trees -> an outcome with its reason
    symbolic/              sympy, as a last resort, in processes that can be killed
    checkers/              a witness tested instead of compared: roots, factors, puzzles
    judge.py verdict.py    verdicts
    pool.py serving.py processes.py   many answers, in workers that can be killed
    reward.py columns.py canaries.py  rewards for a trainer, and the hacks that must never earn one
    constraints/           instructions about a response that can be checked
    code/                  programs run against tests, in a sandbox

No text is ever evaluated. The fast path needs the standard library alone.
"""

from verifiers.answer import FORMS, KINDS, AnswerSpec
from verifiers.canaries import Canaries, RewardHackedError
from verifiers.extract import LENIENT, REWARD, SYMMETRIC, Candidate, Failure, Policy, extract
from verifiers.judge import equivalent, verify
from verifiers.parsing.parse import parse
from verifiers.parsing.show import show
from verifiers.parsing.token import UnreadableError
from verifiers.pool import Pool
from verifiers.reward import (
    Combined,
    Correctness,
    Length,
    Repetition,
    StatusMix,
    ThoughtFirst,
    combine,
    correctness,
    formatted,
    thought_first,
)
from verifiers.verdict import STATUSES, Verdict

#: Another distribution also ships a package named `verifiers`; this tells which one was imported.
HOMEGROWN = "homegrown-llm"

__all__ = [
    "FORMS",
    "HOMEGROWN",
    "KINDS",
    "LENIENT",
    "REWARD",
    "STATUSES",
    "SYMMETRIC",
    "AnswerSpec",
    "Canaries",
    "Candidate",
    "Combined",
    "Correctness",
    "Failure",
    "Length",
    "Policy",
    "Pool",
    "Repetition",
    "RewardHackedError",
    "StatusMix",
    "ThoughtFirst",
    "UnreadableError",
    "Verdict",
    "combine",
    "correctness",
    "equivalent",
    "extract",
    "formatted",
    "parse",
    "show",
    "thought_first",
    "verify",
]
