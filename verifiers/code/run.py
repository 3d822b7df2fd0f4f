"""Run a program on its tests, and say what came of it as a verdict.

    correct      every test passed
    incorrect    a test failed, or the program ran out of time (`code-timeout`), memory or output
    malformed    the program is no Python, or its code fence is never closed
    gold_error   the tests are at fault: there are none, or their own code does not work; reward None
    timeout      the sandbox failed, not the program (method `code-sandbox`); reward None

The witness names the isolation reached, how many tests passed, and of the first one that failed what it
gave, expected and got.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.errors import UserError
from verifiers.code import blocks
from verifiers.code.cases import AssertTest, CallTest, InputTest, Test, as_tests
from verifiers.code.compare import first_difference, same_value
from verifiers.code.inside import codec
from verifiers.code.isolation import Isolation, probe
from verifiers.code.limits import Limits
from verifiers.code.sandbox import Job, Ran, SandboxError, sandbox
from verifiers.extract import Failure
from verifiers.verdict import Status, Verdict

#: How much of a text a verdict repeats.
SHOWN = 500
_ERRORS_KEPT = 16 << 10
_STAGE_KEPT = 4 << 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test came to: a status, the method that decided, the reason, and what the program gave."""

    status: Status
    method: str
    reason: str
    got: str | None = None

    @property
    def passed(self) -> bool:
        return self.status == "correct"


def run_tests(
    program: str,
    tests: str | Sequence[Test | Mapping[str, Any]],
    limits: Limits | None = None,
    *,
    every: bool = False,
) -> Verdict:
    """Does a Python program pass its tests? See `cases.py` for their shapes, and which are stronger.

    Stops at the first test that fails unless `every` one is to be counted. Nothing the program does
    raises here; `UserError` is raised for tests that say nothing sensible, and when the machine cannot
    isolate programs as well as `limits.minimum_isolation` asks.

    >>> run_tests("print(int(input()) ** 2)", [{"input": "3", "output": "9"}]).status
    'correct'
    """
    started = time.perf_counter_ns()
    limits = limits or Limits()
    cases = as_tests(tests)
    isolation = probe()
    isolation.require(limits)
    verdict = _verdict(cases, _outcomes(program, cases, limits, isolation), isolation, every)
    return replace(verdict, answer=program, microseconds=(time.perf_counter_ns() - started) // 1000)


def verify_code(
    response: str,
    tests: str | Sequence[Test | Mapping[str, Any]],
    limits: Limits | None = None,
    *,
    every: bool = False,
) -> Verdict:
    """Does the program that a whole response commits to pass the tests? See `blocks.py` for which it is.

    >>> fence = "`" * 3
    >>> verify_code(f"So:\\n{fence}python\\nprint(2)", [{"input": "", "output": "2"}]).status
    'malformed'
    """
    found = blocks.program(response)
    if isinstance(found, Failure):
        return Verdict(found.status, "extract", found.reason)
    verdict = run_tests(found.text, tests, limits, every=every)
    return replace(verdict, steps=(f"found: {found.source}", *verdict.steps))


def _verdict(cases: list[Test], outcomes: Iterator[Outcome], isolation: Isolation, every: bool) -> Verdict:
    witness: dict[str, Any] = {"isolation": isolation.level, "layers": list(isolation.described)}
    if not cases:
        return Verdict("gold_error", "gold", "there are no tests", witness=witness)
    passed, failed = 0, None
    try:
        for number, outcome in enumerate(outcomes):
            passed += outcome.passed
            if not outcome.passed and failed is None:
                failed = (number, outcome)
                if not every or outcome.status != "incorrect":
                    break
    except SandboxError as error:
        return Verdict("timeout", "code-sandbox", f"the sandbox failed: {error}", witness=witness)
    witness |= {"tests": len(cases), "passed": passed}
    if failed is None:
        return Verdict("correct", "code-tests", f"passed {len(cases)} of {len(cases)} tests", witness=witness)
    number, outcome = failed
    witness |= {"test": number, **_shown(cases[number]), "got": outcome.got}
    return Verdict(outcome.status, outcome.method, f"test {number}: {outcome.reason}", witness=witness)


def _outcomes(program: str, cases: list[Test], limits: Limits, isolation: Isolation) -> Iterator[Outcome]:
    """The outcome of each test, in order; none is run before it is asked for, unless it shares a process."""
    source = program.encode("utf-8", "surrogatepass")
    deadline = time.monotonic() + limits.total_s
    together: dict[int, Outcome] = {}
    for number, case in enumerate(cases):
        if number in together:
            yield together[number]
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            yield Outcome("incorrect", "code-timeout", f"all tests together over {limits.total_s:g} s")
            continue
        bench = _Bench(source, limits, isolation, min(limits.time_s, left))
        if isinstance(case, InputTest):
            yield bench.stdio(case)
        elif isinstance(case, AssertTest):
            yield bench.asserts(case)
        else:
            alike = [(n, c) for n, c in enumerate(cases) if n >= number and isinstance(c, CallTest)]
            alike = alike[:1] if limits.fresh_process else alike
            found = bench.calls([c for _, c in alike])
            together |= {n: each for (n, _), each in zip(alike, found, strict=True)}
            yield together[number]


@dataclass(frozen=True, slots=True)
class _Bench:
    """One program with what it may use."""

    source: bytes
    limits: Limits
    isolation: Isolation
    time_s: float

    def run(self, kind: str, second: bytes, caps: tuple[int, ...], entry: str | None = None) -> Ran:
        """Once more with a new sandbox if the first fails: it may have been killed while it was idle."""
        job = Job(kind, (self.source, second), caps, self.limits, self.time_s, entry)
        try:
            with sandbox(self.isolation.layers) as first:
                return first.run(job)
        except SandboxError:
            with sandbox(self.isolation.layers, fresh=True) as other:
                return other.run(job)

    @property
    def output(self) -> int:
        return int(self.limits.output_kib * 1024)

    def stdio(self, case: InputTest) -> Outcome:
        given = case.input.encode("utf-8", "surrogatepass")
        if len(given) > self.limits.input_mib * (1 << 20):
            return Outcome("gold_error", "gold", f"the input is over {self.limits.input_mib} MiB")
        ran = self.run("script", given, (self.output, _ERRORS_KEPT, _STAGE_KEPT))
        printed, errors, problem = (each.decode("utf-8", "replace") for each in ran.outputs)
        if problem:
            return Outcome("malformed", "code-syntax", problem)
        if ran.ended == "flood":
            return self.too_much(_trimmed(printed))
        if (late := self.late(ran, _trimmed(printed))) is not None:
            return late
        if ran.status != 0:
            return Outcome("incorrect", "code-stdio", _exit(ran, errors), _trimmed(printed))
        line = first_difference(case.output, printed, case.tolerance)
        if line is None:
            return Outcome("correct", "code-stdio", "the output is the expected one")
        return Outcome("incorrect", "code-stdio", f"line {line} of the output differs", _trimmed(printed))

    def calls(self, cases: list[CallTest]) -> list[Outcome]:
        """One process for all these calls."""
        questions = b"".join(_question(case) for case in cases)
        ran = self.run("calls", questions, (self.output * len(cases),))
        replies = [_message(line) for line in ran.outputs[0].split(b"\n")[:-1]]
        if not replies or "ready" not in replies[0]:
            return [self.unloaded(replies[0] if replies else None, ran, "code-call")] * len(cases)
        found = [_judged(case, reply) for case, reply in zip(cases, replies[1:], strict=False)]
        ended = self.unfinished(ran, "code-call")
        return found + [ended] * (len(cases) - len(found))

    def asserts(self, case: AssertTest) -> Outcome:
        code = case.code.encode("utf-8", "surrogatepass")
        ran = self.run("asserts", code, (self.output,), case.entry_point)
        report = _message(ran.outputs[0].partition(b"\n")[0]) if b"\n" in ran.outputs[0] else None
        if report is None:
            return self.unfinished(ran, "code-assert")
        if report.get("passed") is True:
            return Outcome("correct", "code-assert", "the test code ran to its end")
        if "broken" in report:
            return Outcome("gold_error", "gold", _trimmed(report["broken"]))
        if "failed" not in report:
            return self.unloaded(report, ran, "code-assert")
        where = f" in `{report['code']}`" if report.get("code") else ""
        return Outcome(
            "incorrect", "code-assert", _trimmed(f"{report['failed']}{where}"), _text(report.get("last"))
        )

    def unloaded(self, opening: dict[str, Any] | None, ran: Ran, method: str) -> Outcome:
        """Why a program never got as far as answering."""
        if opening is None:
            return self.unfinished(ran, method)
        if "syntax" in opening:
            return Outcome("malformed", "code-syntax", _trimmed(opening["syntax"]))
        load = opening.get("load")
        return Outcome(
            "incorrect", method, f"loading the program {_raised(load if isinstance(load, dict) else {})}"
        )

    def unfinished(self, ran: Ran, method: str) -> Outcome:
        if ran.ended == "flood":
            return self.too_much(None)
        return self.late(ran, None) or Outcome("incorrect", method, f"no answer; {_exit(ran, '')}")

    def late(self, ran: Ran, got: str | None) -> Outcome | None:
        """Out of time on the clock, or killed by the bound on processor time that backs it."""
        if ran.ended != "deadline" and not (ran.status == -9 and ran.cpu_s >= self.time_s):
            return None
        return Outcome("incorrect", "code-timeout", f"over the time limit of {self.time_s:.3g} s", got)

    def too_much(self, got: str | None) -> Outcome:
        return Outcome("incorrect", "code-output", f"more output than {self.limits.output_kib} KiB", got)


def _question(case: CallTest) -> bytes:
    try:
        operands = [codec.encode(each) for each in (case.call, list(case.args), dict(case.kwargs))]
    except (codec.UncrossableError, RecursionError) as error:
        raise UserError(f"an argument of {case.call}: {error}", mend="use JSON values") from error
    return json.dumps({"op": "named", "with": operands}).encode() + b"\n"


def _message(line: bytes) -> dict[str, Any]:
    """A line as the object it should be; an empty one for what a program may have written instead."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _judged(case: CallTest, reply: dict[str, Any]) -> Outcome:
    if "raise" in reply:
        return Outcome("incorrect", "code-call", _raised(reply))
    try:
        value = codec.decode(reply["value"])
        same = same_value(case.expected, value, case.tolerance)
        got = _trimmed(_repr(value))
    except (KeyError, ValueError, TypeError, RecursionError, OverflowError):
        return Outcome("incorrect", "code-call", "the value returned is no plain data")
    if same:
        return Outcome("correct", "code-call", "the value is the expected one", got)
    return Outcome("incorrect", "code-call", "the value differs", got)


def _raised(reply: Mapping[str, Any]) -> str:
    names = reply.get("raise")
    name = names[0] if isinstance(names, list) and names else "an exception"
    return _trimmed(f"raised {name}: {reply.get('text', '')}")


def _exit(ran: Ran, errors: str) -> str:
    """How a process ended, with the last line of what it complained about."""
    how = f"exit status {ran.status}" if ran.status >= 0 else f"killed by signal {-ran.status}"
    lines = errors.split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return _trimmed(f"{how}: {last}" if last else how)


def _shown(case: Test) -> dict[str, Any]:
    if isinstance(case, InputTest):
        return {"input": _trimmed(case.input), "expected": _trimmed(case.output)}
    if isinstance(case, AssertTest):
        return {"code": _trimmed(case.code)}
    given = [*map(_repr, case.args), *(f"{key}={_repr(value)}" for key, value in case.kwargs.items())]
    return {"input": _trimmed(f"{case.call}({', '.join(given)})"), "expected": _trimmed(_repr(case.expected))}


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a value too long to show"


def _text(value: Any) -> str | None:
    return None if value is None else _trimmed(value)


def _trimmed(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
