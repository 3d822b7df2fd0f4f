"""The two questions this folder answers: is this response right, and are these two answers the same?

Ties the parts together, and turns every way a text can fail into a verdict; nothing a model writes
raises. The parts know nothing of verdicts or time.
"""

from __future__ import annotations

import time
from dataclasses import replace

from verifiers.answer import COLLECTION_KINDS, AnswerSpec
from verifiers.comparing.compare import compare
from verifiers.comparing.words import choice_letter, listed_text, truth_value
from verifiers.extract import REWARD, Candidate, Failure, Policy, extract
from verifiers.parsing.lex import MAX_LENGTH, UnreadableError
from verifiers.parsing.parse import parse
from verifiers.parsing.tree import Constant, Node, walk
from verifiers.verdict import Outcome, Status, Verdict

#: So many rival boxes are compared with the last one; more are ambiguous without a look.
MAX_RIVALS = 8


def verify(response: str, answer: str, spec: AnswerSpec | None = None, policy: Policy = REWARD) -> Verdict:
    """Is the final answer of a whole response the gold `answer`?

    >>> verify(r"<think>maybe 3</think> It is \\boxed{\\frac{2}{4}}.", "1/2").status
    'correct'
    """
    started = time.perf_counter_ns()
    found = extract(response, policy)
    if isinstance(found, Failure):
        verdict = Verdict(found.status, "extract", found.reason)
    else:
        verdict = _judge_candidate(found, answer, spec or AnswerSpec.infer(answer), policy)
    return replace(verdict, microseconds=(time.perf_counter_ns() - started) // 1000)


def equivalent(gold: str, predicted: str, spec: AnswerSpec | None = None, policy: Policy = REWARD) -> Verdict:
    """Do two bare answers say the same? Each may be LaTeX, ASCII, sympy syntax or Unicode.

    >>> equivalent("x^2 - 1", r"(x-1)(x+1)").method
    'polynomial'
    """
    started = time.perf_counter_ns()
    verdict = _judge(gold, predicted, spec or AnswerSpec.infer(gold), policy)
    return replace(verdict, microseconds=(time.perf_counter_ns() - started) // 1000)


def _judge_candidate(found: Candidate, answer: str, spec: AnswerSpec, policy: Policy) -> Verdict:
    """The last box counts, if every other box says the same."""
    if len(found.others) > MAX_RIVALS:
        return Verdict("ambiguous", "extract", "many different boxes", found.text)
    for other in found.others:
        if not _judge(found.text, other, replace(spec, form="any"), policy).correct:
            return Verdict("ambiguous", "extract", "boxes that differ", found.text)
    return _judge(answer, found.text, spec, policy)


def _judge(gold: str, predicted: str, spec: AnswerSpec, policy: Policy) -> Verdict:
    gold, predicted = gold.strip(), predicted.strip()
    if not gold:
        return Verdict("gold_error", "gold", "the gold answer is empty", predicted)
    if not predicted:
        return Verdict("malformed", "parse", "the answer is empty", predicted)
    if spec.kind in ("truth", "choice", "text"):
        return _judge_words(gold, predicted, spec)
    if len(gold) > MAX_LENGTH and gold == predicted:
        return Verdict("correct", "identical", "the same text", predicted)
    try:
        gold_tree = _read(gold, spec)
    except UnreadableError as error:
        return Verdict("gold_error", "gold", f"the gold answer is unreadable: {error}", predicted)
    if any(part == Constant("undefined") for part in walk(gold_tree)):
        return Verdict("gold_error", "gold", "the gold answer has no value", predicted)
    try:
        predicted_tree = _read(predicted, spec)
    except UnreadableError as error:
        return Verdict("malformed", "parse", str(error), predicted)
    return _verdict(compare(gold_tree, predicted_tree, spec, policy), predicted)


def _read(text: str, spec: AnswerSpec) -> Node:
    names = frozenset(spec.symbols)
    return parse(text, names, thousands=spec.kind not in COLLECTION_KINDS)


def _verdict(outcome: Outcome, predicted: str) -> Verdict:
    if outcome.status is not None:
        return Verdict(outcome.status, outcome.method, outcome.reason, predicted)
    status: Status = "correct" if outcome.same else "incorrect"
    return Verdict(status, outcome.method, outcome.reason, predicted, witness=outcome.witness)


def _judge_words(gold: str, predicted: str, spec: AnswerSpec) -> Verdict:
    if spec.kind == "text":
        same = listed_text(gold) == listed_text(predicted)
        if not listed_text(gold):
            return Verdict("gold_error", "text", "the gold answer has no words", predicted)
        return _verdict(Outcome(same, "text", "compared as words"), predicted)
    wanted: object
    found: object
    if spec.kind == "truth":
        wanted, found = truth_value(gold), truth_value(predicted)
    else:
        choices = spec.choices or tuple("ABCDEFGHIJ")
        wanted, found = choice_letter(gold, choices), choice_letter(predicted, choices)
    if wanted is None:
        return Verdict("gold_error", spec.kind, f"the gold answer is not a {spec.kind}", predicted)
    if found is None:
        return Verdict("malformed", spec.kind, f"not a {spec.kind} on its own", predicted)
    return _verdict(Outcome(wanted == found, spec.kind, f"{wanted} wanted, {found} found"), predicted)
