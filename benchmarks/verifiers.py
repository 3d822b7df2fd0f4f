"""Our verifier beside Math-Verify: answers a second, the time of one answer, and who is right how often.

The same answers in the same order, in turns in one run, on one core; medians over the rounds. Speed is
measured over a mixed set made from a seed, in which no two pairs are the same and nothing is remembered
from the round before (cold), and over some of it with each pair eight times, as in a group of rollouts.
Accuracy is over the committed tables of twins. Asserts nothing about time.

    python benchmarks/verifiers.py                            both, two or three minutes
    python benchmarks/verifiers.py --without-peer             ours alone, a few seconds
    python benchmarks/verifiers.py --without-peer --profile   and where our time goes
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "verifiers")]

Pair = tuple[str, str]
Judge = Callable[[str, str], bool]


def mixed_set(count: int, seed: int, *, alike: bool = False) -> list[Pair]:
    """Distinct (gold, predicted) pairs of every kind, about half of them right.

    Mostly short numbers, as most answers to questions are, and some of everything else; or of every
    kind `alike` many.
    """
    rng = random.Random(seed)
    found: dict[Pair, None] = {}
    makers = list(MAKERS)
    weights = [1 if alike else MAKERS[maker] for maker in makers]
    while len(found) < count:
        found[rng.choices(makers, weights)[0](rng)] = None
    return list(found)


def nudge(rng: random.Random) -> int:
    """0 for a right answer, as often as not."""
    return rng.choice((0, 0, 1, -1))


def integers(rng: random.Random) -> Pair:
    n = rng.randrange(-(10**7), 10**7)
    return str(n), rng.choice(("{}", "{:,}", "${}$", r"x = {}", r"\text{{{}}}")).format(n + nudge(rng))


def fractions(rng: random.Random) -> Pair:
    a, b, k = rng.randrange(1, 999), rng.randrange(2, 999), rng.randrange(1, 9)
    return rf"\frac{{{a}}}{{{b}}}", rf"\dfrac{{{a * k + nudge(rng)}}}{{{b * k}}}"


def decimals(rng: random.Random) -> Pair:
    n = rng.randrange(1, 10**6)
    return f"{n / 1000:.3f}", rf"\frac{{{n + nudge(rng)}}}{{1000}}"


def polynomials(rng: random.Random) -> Pair:
    a, b, c = (rng.randrange(-20, 20) for _ in range(3))
    expanded = f"x^3 + {-(a + b + c)}x^2 + {a * b + a * c + b * c}x + {-a * b * c + nudge(rng)}"
    return f"(x-({a}))(x-({b}))(x-({c}))", expanded.replace("+ -", "- ")


def radicals(rng: random.Random) -> Pair:
    k, n = rng.randrange(2, 60), rng.choice((2, 3, 5, 6, 7, 10, 11, 13))
    return rf"{k}\sqrt{{{n}}}", rf"\sqrt{{{k * k * n + nudge(rng)}}}"


def intervals(rng: random.Random) -> Pair:
    a, b = sorted(rng.sample(range(-500, 500), 2))
    sign = rng.choice(("<", r"\le"))
    closing = ")" if sign == "<" else "]"
    return f"({a}, {b}{closing}", f"{a + nudge(rng)} < x {sign} {b}"


def sets(rng: random.Random) -> Pair:
    members = rng.sample(range(-99, 99), 4)
    other = sorted(members)
    other[0] += nudge(rng)
    return r"\{" + ", ".join(map(str, members)) + r"\}", r"\{" + ",".join(map(str, other)) + r"\}"


def tuples(rng: random.Random) -> Pair:
    a, b, c = (rng.randrange(-99, 99) for _ in range(3))
    return f"({a}, {b}, {c})", rf"\left({a},{b},{c + nudge(rng)}\right)"


def equations(rng: random.Random) -> Pair:
    a, b, k = rng.randrange(1, 40), rng.randrange(-40, 40), rng.randrange(2, 6)
    return f"y = {a}x + {b}".replace("+ -", "- "), f"{k}y - {k * a}x = {k * b + nudge(rng)}"


def matrices(rng: random.Random) -> Pair:
    a, b, c, d = (rng.randrange(-99, 99) for _ in range(4))
    first = rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}"
    return first, rf"\begin{{bmatrix}}{a}&{b}\\{c}&{d + nudge(rng)}\end{{bmatrix}}"


def trigonometry(rng: random.Random) -> Pair:
    n, k = rng.randrange(2, 40), rng.randrange(1, 9)
    return rf"{k}\sin({2 * n}x)", rf"{2 * k}\sin({n}x)\cos({n + nudge(rng)}x)"


def logarithms(rng: random.Random) -> Pair:
    a, b = rng.randrange(2, 99), rng.randrange(2, 99)
    return rf"\ln({a}) + \ln({b})", rf"\ln({a * b + nudge(rng)})"


def complex_numbers(rng: random.Random) -> Pair:
    a, b, c, d = (rng.randrange(1, 30) for _ in range(4))
    return f"({a}+{b}i)({c}+{d}i)", f"{a * c - b * d}+{a * d + b * c + nudge(rng)}i".replace("+-", "-")


def units(rng: random.Random) -> Pair:
    n = rng.randrange(1, 9999)
    return rf"{n}\text{{ cm}}^2", rf"{n + nudge(rng)} \text{{ cm}}^2"


def choices(rng: random.Random) -> Pair:
    first, second = rng.choice("ABCD"), rng.choice("ABCD")
    return first, rng.choice((r"\text{{({})}}", "({})", "{}.")).format(second) + " " * rng.randrange(40)


MAKERS: dict[Callable[[random.Random], Pair], int] = {
    integers: 30,
    fractions: 14,
    decimals: 10,
    choices: 6,
    units: 6,
    polynomials: 6,
    radicals: 6,
    tuples: 6,
    sets: 4,
    intervals: 4,
    equations: 3,
    complex_numbers: 2,
    matrices: 1,
    trigonometry: 1,
    logarithms: 1,
}


def ours() -> Judge:
    from verifiers import equivalent

    return lambda gold, predicted: equivalent(gold, predicted).correct


def forget() -> None:
    """Empties what the verifiers, sympy included, remember of texts, so that a set is cold again."""
    from verifiers.symbolic.workers import shared_pool

    for name, module in list(sys.modules.items()):
        if name.startswith("verifiers."):
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()
    shared_pool().forget()
    if "sympy" in sys.modules:
        from sympy.core.cache import clear_cache

        clear_cache()


def math_verify() -> Judge:
    """As its README says: both sides parsed, the gold one first; bare LaTeX is put between dollars."""
    from math_verify import parse, verify

    def dollars(text: str) -> str:
        return text if "$" in text else f"${text}$"

    return lambda gold, predicted: bool(verify(parse(dollars(gold)), parse(dollars(predicted))))


@dataclass(frozen=True)
class Timing:
    per_second: float
    p50_ms: float
    p99_ms: float


def measure(judge: Judge, pairs: list[Pair]) -> Timing:
    """One pass over the pairs."""
    times = []
    for gold, predicted in pairs:
        started = time.perf_counter()
        judge(gold, predicted)
        times.append(time.perf_counter() - started)
    times.sort()
    p50, p99 = (1e3 * times[len(times) * share // 100] for share in (50, 99))
    return Timing(len(times) / sum(times), p50, p99)


def median(timings: list[Timing]) -> Timing:
    columns = zip(*((t.per_second, t.p50_ms, t.p99_ms) for t in timings), strict=True)
    return Timing(*map(statistics.median, columns))


def accuracy(judge: Judge) -> tuple[float, float, float]:
    """(share right, of the wrong ones the share accepted, of the right ones the share refused)."""
    accepted, refused, count = 0, 0, 0
    for gold, right, wrong in table():
        count += 1
        refused += not judge(gold, right)
        accepted += judge(gold, wrong)
    return 1 - (accepted + refused) / (2 * count), accepted / count, refused / count


def table() -> Iterator[tuple[str, str, str]]:
    """The twins whose kind can be read off the gold answer: a peer is told no more than that."""
    from twins import TWINS
    from twins_by_spec import BY_SPEC

    for kind, gold, right, wrong in TWINS:
        if kind in (None, "real", "expression", "equation", "interval", "set", "tuple"):
            yield gold, right, wrong
    for row, gold, right, wrong in BY_SPEC:
        if set(row) == {"kind"} and row["kind"] not in ("quantity", "base", "multiset"):
            yield gold, right, wrong


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=4000, help="pairs in the mixed set")
    parser.add_argument("--peer-count", type=int, default=200, help="as many of them are judged by both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-peer", action="store_true", help="ours alone")
    parser.add_argument("--profile", action="store_true", help="where our time goes, function by function")
    options = parser.parse_args(argv)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    judges: dict[str, Judge] = {"homegrown": ours()}
    if not options.without_peer:
        judges["Math-Verify"] = math_verify()
    report_speed(run(judges, options), compared=len(judges) == 2)
    report_accuracy(judges)
    if options.profile:
        profile(judges["homegrown"], mixed_set(options.count, options.seed))


def passes(judges: dict[str, Judge], options: argparse.Namespace) -> dict[str, tuple[Judge, list[Pair]]]:
    """What is measured, by name: a judge and the pairs it is to judge."""
    pairs = mixed_set(options.count, options.seed)
    alike = mixed_set(options.count // 4, options.seed, alike=True)
    shared = pairs[: options.peer_count]
    group = [pair for pair in pairs[: options.peer_count // 8] for _ in range(8)]
    found = {name: (judge, shared) for name, judge in judges.items()}
    found |= {f"{name}, eight times": (judge, group) for name, judge in judges.items()}
    found["homegrown, whole set"] = judges["homegrown"], pairs
    found["homegrown, kinds alike"] = judges["homegrown"], alike
    return found


def run(judges: dict[str, Judge], options: argparse.Namespace) -> dict[str, Timing]:
    """The medians of every pass over rounds in which they take turns."""
    planned = passes(judges, options)
    for judge, pairs in planned.values():
        measure(judge, pairs[:20])  # what is loaded on first use is not what is measured
    gc.freeze()  # nor is what the collector makes of the libraries that are loaded, for either side
    timings: dict[str, list[Timing]] = {name: [] for name in planned}
    for _ in range(options.rounds):
        for name, (judge, pairs) in planned.items():
            forget()
            timings[name].append(measure(judge, pairs))
    return {name: median(found) for name, found in timings.items()}


def report_speed(timings: dict[str, Timing], *, compared: bool) -> None:
    from verifiers.comparing import ball

    engine = "Arb's balls (python-flint)" if ball.AVAILABLE else "the standard library's decimals"
    print(f"enclosures by {engine}")
    print(f"{'':26} {'answers/s':>10} {'p50 ms':>8} {'p99 ms':>8}")
    for name, timing in timings.items():
        print(f"{name:26} {timing.per_second:10,.0f} {timing.p50_ms:8.3f} {timing.p99_ms:8.3f}")
    for what in ("", ", eight times") if compared else ():
        ratio = timings[f"homegrown{what}"].per_second / timings[f"Math-Verify{what}"].per_second
        print(f"{'ratio' + what:26} {ratio:10,.0f}x")


def report_accuracy(judges: dict[str, Judge]) -> None:
    count = len(list(table()))
    print(f"\n{'':26} {'accuracy':>10} {'wrong accepted':>16} {'right refused':>16}   on {count} twins")
    for name, judge in judges.items():
        right, accepted, refused = accuracy(judge)
        print(f"{name:26} {right:10.1%} {accepted:16.1%} {refused:16.1%}")


def profile(judge: Judge, pairs: list[Pair]) -> None:
    """One cold pass; a profiler makes short functions look dearer than they are."""
    import cProfile
    import pstats

    forget()
    with cProfile.Profile() as found:
        measure(judge, pairs)
    pstats.Stats(found).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
