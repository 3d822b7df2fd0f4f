"""The last resort, sympy, in a process of its own that may be killed at any moment.

Started by `workers.py` as a bare interpreter. It loads sympy once, then answers one line of JSON with one
line of JSON; each question is worked on in a fork, with limits on memory and CPU, so that nothing a
question does outlives it. sympy is given objects built from our own tree and never a string.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from typing import Any

from verifiers.parsing.notation import words
from verifiers.parsing.parse import parse
from verifiers.parsing.tree import (
    Big,
    Call,
    Constant,
    Mixed,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    walk,
)

#: What a pipe takes in one piece, so a longer answer is no answer.
MAX_ANSWER_BYTES = 4096
#: Of one question, where the process was not given less.
MEMORY_BYTES = 2 << 30
MAX_SYMPY_NODES = 300
#: sympy multiplies powers of numbers out at once, so the tree must not hold a large one.
MAX_SYMPY_BITS = 4096
MAX_SYMPY_FACTORIAL = 500


class BuildError(ValueError):
    """The tree has no sympy counterpart, or building it would already be too expensive."""


def main() -> None:
    """Answer questions from standard input until it closes."""
    _warm_up()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        question = json.loads(line)
        answer = _in_a_fork(question) if hasattr(os, "fork") else _answer(question)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _warm_up() -> None:
    """Load what sympy loads on first use; inside a fork it would be loaded again for each question."""
    for left, right in (("sqrt(-x^2 - 1)", "i^i"), ("ln(-3)", "42"), ("sin(x)^2 + cos(x)^2", "e^x")):
        decide(build(parse(left)), build(parse(right)))


def _in_a_fork(question: dict[str, Any]) -> str:
    """The answer of a forked child, or `timeout` after it had to be killed."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read_end)
            _limit(question["deadline_s"])
            os.write(write_end, _answer(question).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    deadline = time.monotonic() + question["deadline_s"]
    try:
        ready, _, _ = select.select([read_end], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            return "timeout"
        return os.read(read_end, MAX_ANSWER_BYTES).decode() or "timeout"
    finally:
        os.close(read_end)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _limit(deadline_s: float) -> None:
    """Bounds on this process, so that even one that is forgotten ends."""
    import resource

    given = [limit for limit in resource.getrlimit(resource.RLIMIT_AS) if limit != resource.RLIM_INFINITY]
    memory_bytes = min([MEMORY_BYTES, *given])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    seconds = int(deadline_s) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(question: dict[str, Any]) -> str:
    try:
        names = frozenset(question["names"])
        if "equations" in question:
            from verifiers.symbolic.solving import solved

            found = json.dumps(solved(question))
            return found if len(found) <= MAX_ANSWER_BYTES else "unknown"
        return decide(*(build(parse(question[side], names)) for side in ("left", "right")))
    except (BuildError, ArithmeticError, ValueError, TypeError, NotImplementedError, RecursionError):
        return "unknown"
    except MemoryError:
        return "timeout"


def decide(left: Any, right: Any) -> str:
    """`equal`, `different` or `unknown` for two sympy expressions."""
    import sympy

    difference = sympy.simplify(left - right)
    if difference == 0:
        return "equal"
    if difference.is_zero is False:
        return "different"
    verdict = difference.equals(0)
    return "unknown" if verdict is None else "equal" if verdict else "different"


def build(tree: Node) -> Any:
    """The sympy expression of a tree, made of constructors only. Raises `BuildError`."""
    if sum(1 for _ in walk(tree)) > MAX_SYMPY_NODES:
        raise BuildError("too many nodes")
    return _build(tree)


def _build(tree: Node) -> Any:
    import sympy

    match tree:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Mixed(whole, numerator, denominator):
            return whole + sympy.Rational(numerator, denominator)
        case Symbol(name):
            return sympy.Symbol(name, real=True)
        case Constant("pi" | "e" | "i" | "infinity" as name):
            return {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "infinity": sympy.oo}[name]
        case Negate(operand):
            return -_build(operand)
        case Sum(terms):
            return sympy.Add(*map(_build, terms))
        case Product(factors):
            return sympy.Mul(*map(_build, factors))
        case Quotient(above, below):
            return _build(above) / _build(below)
        case Power(base, exponent):
            return _build_power(_build(base), _build(exponent))
        case Call(name, arguments):
            return _build_call(name, [_build(argument) for argument in arguments])
        case Big(name, lower, upper, body):
            return _build_big(name, lower, upper, body)
    raise BuildError(type(tree).__name__)


def _build_power(base: Any, exponent: Any) -> Any:
    if base.is_Rational and exponent.is_Rational:
        bits = max(abs(base.p).bit_length(), base.q.bit_length()) * abs(exponent)
        if bits > MAX_SYMPY_BITS:
            raise BuildError("a power too large to multiply out")
    return base**exponent


_SAME_NAME = words(
    "sin cos tan cot sec csc sinh cosh tanh exp sqrt cbrt root floor sign gcd lcm factorial log"
)
_SYMPY_NAME = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "abs": "Abs",
    "ceil": "ceiling",
    "binom": "binomial",
    "min": "Min",
    "max": "Max",
    "ln": "log",
    "mod": "Mod",
}


def _build_call(name: str, arguments: list[Any]) -> Any:
    import sympy

    if name in ("factorial", "binom") and any(abs(a) > MAX_SYMPY_FACTORIAL for a in arguments if a.is_number):
        raise BuildError("a factorial too large to multiply out")
    if name in ("percent", "degree"):
        return arguments[0] / 100 if name == "percent" else arguments[0] * sympy.pi / 180
    if name == "log10" or name == "log2":
        return sympy.log(arguments[0], 10 if name == "log10" else 2)
    if name == "ratio":
        return arguments[0] / arguments[1]
    if name not in _SAME_NAME and name not in _SYMPY_NAME:
        raise BuildError(name)
    return getattr(sympy, _SYMPY_NAME.get(name, name))(*arguments)


def _build_big(name: str, lower: Node | None, upper: Node | None, body: Node) -> Any:
    """A sum or product over an index, or a definite integral, carried out; other operators are not built."""
    import sympy

    match name, lower, upper, body:
        case "int", low, high, Product((inner, Symbol("d"), Symbol() as variable)) if low and high:
            limits = (sympy.Symbol(variable.name, real=True), _build(low), _build(high))
            return sympy.integrate(_build(inner), limits)
        case "lim", Call("implies", (Symbol() as variable, point)), None, inner:
            return sympy.limit(_build(inner), sympy.Symbol(variable.name, real=True), _build(point))
    if name not in ("sum", "prod") or not isinstance(lower, Relation) or upper is None:
        raise BuildError(name)
    index, start = lower.operands[0], _build(lower.operands[1])
    if not isinstance(index, Symbol) or lower.operators != ("=",):
        raise BuildError(name)
    symbol = sympy.Symbol(index.name, integer=True)
    summand = _build(body).subs(sympy.Symbol(index.name, real=True), symbol)
    kind = sympy.Sum if name == "sum" else sympy.Product
    return kind(summand, (symbol, start, _build(upper))).doit()
