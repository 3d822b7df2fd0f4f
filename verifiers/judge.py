"""The two questions this folder answers: is this response right, and are these two answers the same?

Ties the parts together, and turns every way a text can fail into a verdict; nothing a model writes
raises. The parts know nothing of verdicts or time.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace

from verifiers.answer import COLLECTION_KINDS, KINDS, AnswerSpec
from verifiers.comparing.compare import compare
from verifiers.comparing.plain_matrix import same_matrix
from verifiers.comparing.words import NOTHING, judge_words, listed_text, said_in_words
from verifiers.extract import LENIENT, REWARD, Candidate, Failure, Policy, extract
from verifiers.infer import infer
from verifiers.parsing.lex import MAX_LENGTH
from verifiers.parsing.mend import lone_formula, mended
from verifiers.parsing.parse import parse
from verifiers.parsing.token import UnreadableError
from verifiers.parsing.tree import Based, Constant, Node, nodes
from verifiers.verdict import Outcome, Status, Verdict

#: Kinds whose members may each stand in a box of their own.
LISTED_KINDS = frozenset({"set", "multiset", "tuple", "assignment"})
#: Kinds of which one answer is that there is none.
_MAY_BE_EMPTY = frozenset({"set", "multiset", "interval"})
#: So many rival boxes are compared with the last one; more are ambiguous without a look.
MAX_RIVALS = 8


def verify(response: str, answer: str, spec: AnswerSpec | None = None, policy: Policy = REWARD) -> Verdict:
    """Is the final answer of a whole response the gold `answer`?

    >>> verify(r"<think>maybe 3</think> It is \\boxed{\\frac{2}{4}}.", "1/2").status
    'correct'
    """
    started = time.perf_counter_ns()
    if spec is not None and spec.kind == "code":
        return _timed(_ran(response, spec, whole=True), started)
    answer = gold_answer(answer)
    found = extract(response, policy)
    if isinstance(found, Failure):
        verdict = Verdict(found.status, "extract", found.reason)
    else:
        verdict = _judge_candidate(found, answer, spec or _rewarded(AnswerSpec.infer(answer), policy), policy)
        verdict = replace(verdict, steps=(f"found: {found.source}", *verdict.steps))
    return _timed(verdict, started)


def _timed(verdict: Verdict, started: int) -> Verdict:
    """With what it cost written into it; nobody else has seen this verdict yet."""
    object.__setattr__(verdict, "microseconds", (time.perf_counter_ns() - started) // 1000)
    return verdict


def _rewarded(spec: AnswerSpec, policy: Policy) -> AnswerSpec:
    """Where a reward is at stake `2^{10}` is no answer to a question whose answer is written `1024`."""
    if policy.guard and spec.kind in ("integer", "rational", "percentage"):
        return replace(spec, form="evaluated")
    return spec


def gold_answer(answer: str) -> str:
    """The final answer of a gold text that is a worked solution, as in GSM8K and MATH; else the text."""
    if "####" not in answer and "\\boxed" not in answer:
        return answer
    found = extract(answer, LENIENT)
    if not isinstance(found, Candidate):
        return answer
    return ", ".join(found.cluster) if found.cluster else found.text


def equivalent(gold: str, predicted: str, spec: AnswerSpec | None = None, policy: Policy = REWARD) -> Verdict:
    """Do two bare answers say the same? Each may be LaTeX, ASCII, sympy syntax or Unicode.

    >>> equivalent("x^2 - 1", r"(x-1)(x+1)").method
    'polynomial'
    """
    started = time.perf_counter_ns()
    if spec is not None and spec.kind == "code":
        return _timed(_ran(predicted, spec, whole=False), started)
    gold, predicted = gold_answer(gold), gold_answer(predicted)
    verdict = _judge(gold, predicted, spec or infer(gold), policy)
    return _timed(verdict, started)


def _judge_candidate(found: Candidate, answer: str, spec: AnswerSpec, policy: Policy) -> Verdict:
    """The last box counts, if every other box says the same."""
    if len(found.others) > MAX_RIVALS:
        return Verdict("ambiguous", "extract", "many different boxes", found.text)
    if spec.kind == "checker" and found.others:
        return Verdict("ambiguous", "extract", "boxes that differ", found.text)
    if len(found.cluster) > 1 and spec.kind in LISTED_KINDS:
        return _judge_cluster(found, answer, spec, policy)
    for other in found.others:
        if not _judge(found.text, other, replace(spec, form="any"), policy).correct:
            return Verdict("ambiguous", "extract", "boxes that differ", found.text)
    return _judge(answer, found.text, spec, policy)


def _judge_cluster(found: Candidate, answer: str, spec: AnswerSpec, policy: Policy) -> Verdict:
    """Boxes side by side are the members of one list, where a list is asked for."""
    listed = ", ".join(found.cluster)
    for other in found.others:
        if (
            other not in found.cluster
            and not _judge(listed, other, replace(spec, form="any"), policy).correct
        ):
            return Verdict("ambiguous", "extract", "boxes that differ", found.text)
    return _judge(answer, listed, spec, policy)


def _judge(gold: str, predicted: str, spec: AnswerSpec, policy: Policy) -> Verdict:
    gold, predicted = said_in_words(gold.strip()), said_in_words(predicted.strip())
    if spec.kind == "checker":
        return _check(predicted, spec)
    if not gold:
        return Verdict("gold_error", "gold", "the gold answer is empty", predicted)
    if not predicted:
        return Verdict("malformed", "parse", "the answer is empty", predicted)
    if len(gold) > MAX_LENGTH or len(predicted) > MAX_LENGTH:
        if gold == predicted:
            return Verdict("correct", "identical", "the same text", predicted)
        outcome = same_matrix(gold, predicted)
        if outcome is not None:
            return _verdict(outcome, predicted, (_KIND_STEPS["matrix"],))
    if len(gold) > 1 and gold.isalpha() and predicted != gold and listed_text(predicted) == gold.casefold():
        return Verdict("correct", "text", "the same word", predicted, steps=("kind: text",))
    if spec.kind in ("truth", "choice", "text"):
        return judge_words(gold, predicted, spec)
    try:
        gold_tree, _ = _read(gold, spec)
    except UnreadableError as error:
        return Verdict("gold_error", "gold", f"the gold answer is unreadable: {error}", predicted)
    if _has_no_value(gold_tree):
        return Verdict("gold_error", "gold", "the gold answer has no value", predicted)
    if spec.kind in _MAY_BE_EMPTY and listed_text(predicted) == NOTHING:
        predicted = "∅"
    try:
        predicted_tree, mends = _read(predicted, spec)
    except UnreadableError as error:
        return Verdict("malformed", "parse", str(error), predicted)
    try:
        outcome = compare(gold_tree, predicted_tree, spec, policy)
    except RecursionError:
        return Verdict("malformed", "budget", "nested too deeply to be compared", predicted)
    if outcome.status == "ambiguous" and (comma := _DECIMAL_COMMA.fullmatch(predicted)) is not None:
        # `3,14` is two numbers to us and one to half of Europe; it counts where that one is the answer.
        with_point = compare(gold_tree, parse(f"{comma.group(1)}.{comma.group(2)}"), spec, policy)
        if with_point.same:
            outcome, mends = with_point, (*mends, "mended: read a decimal comma")
    return _verdict(outcome, predicted, (*mends, _KIND_STEPS[spec.kind]))


#: Most answers are these, and need no parser.
_DIGITS = re.compile(r"-?[0-9]{1,18}")


def _digits_verdict(gold: int, predicted: int, text: str) -> Verdict:
    """What `compare` says of two whole numbers written out."""
    same = gold == predicted
    witness = {"left": str(gold), "right": str(predicted)}
    reason = "equal as rational numbers" if same else "different as rational numbers"
    status: Status = "correct" if same else "incorrect"
    return Verdict(status, "exact", reason, text, witness=witness, steps=("kind: integer", "decided: exact"))


_KIND_STEPS = {kind: f"kind: {kind}" for kind in KINDS}


def _has_no_value(tree: Node) -> bool:
    return any(type(part) is Constant and part.name == "undefined" for part in nodes(tree))


def _check(predicted: str, spec: AnswerSpec) -> Verdict:
    """By a checker: what the gold answer says does not matter. A checker that cannot be made is our fault."""
    from schemas.errors import UserError
    from verifiers.checkers import checker

    if not predicted:
        return Verdict("malformed", "parse", "the answer is empty", predicted)
    assert spec.checker is not None
    try:
        found = checker(spec.checker, dict(spec.parameters or {}))
    except UserError as error:
        return Verdict("gold_error", "checker", str(error), predicted)
    return _verdict(found.check(predicted), predicted, (f"checker: {spec.checker}",))


def _ran(text: str, spec: AnswerSpec, *, whole: bool) -> Verdict:
    """By the tests: of the program in a `whole` response, or of a text that is one."""
    from schemas.errors import UserError
    from verifiers.code import Limits, as_tests, run_tests, verify_code

    try:
        tests = as_tests((spec.parameters or {})["tests"])
    except UserError as error:
        return Verdict("gold_error", "gold", f"the tests cannot be read: {error}")
    # Nobody has read these programs: a machine that leaves files and network open to them must refuse.
    limits = Limits(minimum_isolation="L1")
    return verify_code(text, tests, limits) if whole else run_tests(text, tests, limits)


_TOOK_FORMULA = ("mended: took the formula out of its sentence",)
#: Digits that may be one number or several: in a collection a comma separates.
_GROUPED = re.compile(r"\d,\d{3}")
_DECIMAL_COMMA = re.compile(r"(-?\d+),(\d+)")


#: Units that would be read as something else: the operator min, m times L, cm times 2.
_UNIT_AFTER_NUMBER = re.compile(r"(.*\d)\s*(mins?|mL|[kcdm]?m[23])\.?")
#: Half of a square centimetre, and not one over two of them.
_FRACTION_OF_UNIT = re.compile(r"(-?)(\d+)\s*/\s*(\d+)\s*([A-Za-z°].*)")
_LETTER_DIGITS = re.compile(r"\(?([0-9]*[A-Za-z][0-9A-Za-z]*)\)?(?:_\{?(\d\d)\}?)?")


def _with_unit_apart(text: str) -> str:
    """`90 min`, `1/2 cm^2` as a number and its unit, where a quantity is asked for."""
    if (fraction := _FRACTION_OF_UNIT.fullmatch(text)) is not None:
        sign, above, below, unit = fraction.groups()
        return f"{sign}\\frac{{{above}}}{{{below}}} {unit}"
    found = _UNIT_AFTER_NUMBER.fullmatch(text)
    if found is None:
        return text
    number, unit = found.groups()
    exponent = f"^{unit[-1]}" if unit[-1].isdigit() else ""
    return f"{number}\\text{{ {unit.rstrip('23') if exponent else unit}}}{exponent}"


def _letter_digits(text: str, base: int) -> Based | None:
    """`C1F` as a number, where digits in base 16 are asked for."""
    found = _LETTER_DIGITS.fullmatch(text)
    if found is None:
        return None
    digits, index = found.groups()
    if index not in (None, str(base)) or any(int(digit, 36) >= base for digit in digits):
        return None
    return Based(digits.upper(), base)


def _read(text: str, spec: AnswerSpec) -> tuple[Node, tuple[str, ...]]:
    """The tree, and what had to be mended for it; raises `UnreadableError` for the text as it stands."""
    if spec.kind == "quantity":
        text = _with_unit_apart(text)
    elif spec.base is not None and (digits := _letter_digits(text, spec.base)) is not None:
        return digits, ()
    names = frozenset(spec.symbols)
    thousands = spec.kind not in COLLECTION_KINDS or _GROUPED.search(text) is None
    formula = lone_formula(text)
    try:
        if formula is not None:
            return parse(formula, names, thousands=thousands), (
                "mended: took the formula out of its sentence",
            )
        return parse(text, names, thousands=thousands), ()
    except UnreadableError as error:
        for what, better in mended(text):
            try:
                return parse(better, names, thousands=thousands), (f"mended: {what}",)
            except UnreadableError:
                continue
        raise error


def _verdict(outcome: Outcome, predicted: str, steps: tuple[str, ...]) -> Verdict:
    status: Status = outcome.status or ("correct" if outcome.same else "incorrect")
    steps = (*steps, f"decided: {outcome.method}")
    return Verdict(status, outcome.method, outcome.reason, predicted, witness=outcome.witness, steps=steps)
