"""Is this answer right? Floor 2: parsing, comparing, logic, rewards; nothing of models or datasets.

    extract.py     a response -> the one answer it commits to, or why there is none
    parsing/       text -> a small frozen tree, and back
    answer.py      the specification of an answer
    comparing/     two trees -> an outcome with its reason
    pool.py worker.py   sympy, as a last resort, in a process that can be killed
    judge.py verdict.py reward.py   verdicts and rewards

No text is ever evaluated. The fast path needs the standard library alone.
"""

from verifiers.answer import FORMS, KINDS, AnswerSpec
from verifiers.extract import LENIENT, REWARD, SYMMETRIC, Candidate, Failure, Policy, extract
from verifiers.judge import equivalent, verify
from verifiers.parsing.parse import parse
from verifiers.parsing.show import show
from verifiers.parsing.token import UnreadableError
from verifiers.pool import Pool
from verifiers.reward import Combined, combine, correctness, formatted
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
    "Candidate",
    "Combined",
    "Failure",
    "Policy",
    "Pool",
    "UnreadableError",
    "Verdict",
    "combine",
    "correctness",
    "equivalent",
    "extract",
    "formatted",
    "parse",
    "show",
    "verify",
]
