"""Stories of people, machines or pipes that work together.

Constructions choose times that end at a whole minute; the proof goes minute by minute.
"""

from __future__ import annotations

import random
from fractions import Fraction
from math import lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, capitalized, counted

COMMON = (120, 144, 168, 180, 210, 240, 252, 280, 300, 336, 360, 420, 480, 504, 600, 630, 720, 840)
TIMES_ALONE = {common: [time for time in range(6, 121) if common % time == 0] for common in COMMON}
"""The times alone of which a number is a multiple, for numbers with many divisors."""


@family(
    name="work_together",
    wordings=(
        "{story} {asked}",
        "{asked} {story}",
        "Read this and answer the question. {story} {asked}",
    ),
)
def work_together(rng: random.Random, level: int) -> Problem:
    """When a job is done by workers or pipes that start one after the other, worked by the minute."""
    if level == 1:
        return _common_rates(rng)
    times, starts, end = (
        (_two_at_once, _one_after_the_other)[level - 2](rng) if level < 4 else _three(rng, level)
    )
    drains = [False, False, level == 5][: len(times)]
    story, asked, names = _work_story(rng, times, starts, drains)
    workers = [[time, start, drain] for time, start, drain in zip(times, starts, drains, strict=True)]
    return Problem(
        question=work_together.ask(rng, story=story, asked=asked),
        answer=str(end),
        spec=INTEGER,
        solution=_work_solution(names, times, starts, drains, end),
        given={"workers": workers},
        key=("work_together", tuple(sorted(map(tuple, workers)))),
    )


RATES = (
    (
        "A tank holds {whole} litres. One pipe lets in {a} litres a minute, a second pipe {b} litres a "
        "minute.",
        "How many minutes do both pipes together need to fill the empty tank?",
    ),
    (
        "{one} folds {a} leaflets a minute and {other} folds {b} leaflets a minute. There are {whole} "
        "leaflets.",
        "How many minutes do the two need together to fold all the leaflets?",
    ),
    (
        "Two machines fill {whole} bottles together. The old one fills {a} bottles a minute, the new one "
        "{b}.",
        "How many minutes does the work take?",
    ),
    (
        "{one} picks {a} berries a minute and {other} picks {b} berries a minute. They need {whole} berries.",
        "How many minutes does it take until they have enough?",
    ),
)


def _common_rates(rng: random.Random) -> Problem:
    """Level 1: what each does in a minute is told."""
    a, b, minutes = rng.randint(2, 25), rng.randint(2, 25), rng.randint(3, 60)
    whole = (a + b) * minutes
    one, other = some_people(rng, 2)
    story, asked = rng.choice(RATES)
    return Problem(
        question=work_together.ask(
            rng, story=story.format(whole=whole, a=a, b=b, one=one.name, other=other.name), asked=asked
        ),
        answer=str(minutes),
        spec=INTEGER,
        solution=f"Together: {a} + {b} = {a + b} every minute.\n"
        f"The number of minutes is {whole}/{a + b} = {boxed(str(minutes))}",
        given={"rates": [a, b], "whole": whole},
        key=("work_together", min(a, b), max(a, b), whole),
    )


Plan = tuple[list[int], list[int], int]
"""Minutes each would take alone, minutes after which each starts, and the whole minute of the end."""


def _one_after_the_other(rng: random.Random) -> Plan:
    """One of gp minutes alone and, when k(p + q) minutes of that are left, one of gq minutes: kq more."""
    while True:
        g, p, q = rng.randint(2, 20), rng.randint(1, 9), rng.randint(1, 9)
        most = (g * p - 1) // (p + q)
        if most and max(p, q) * g <= 150 and min(p, q) * g >= 5:
            k = rng.randint(1, most)
            start = g * p - k * (p + q)
            return [g * p, g * q], [0, start], start + k * q


def _three(rng: random.Random, level: int) -> Plan:
    """Three of them; at level 5 the third is a drain."""
    while True:
        common = COMMON[int(rng.random() * len(COMMON))]
        times = rng.sample(TIMES_ALONE[common], 3)
        whole = lcm(*times)
        rates = [whole // time for time in times]
        if level == 5:
            rates[2] = -rates[2]
        speed = sum(rates)
        for _ in range(20 if speed > 0 else 0):
            second = 1 + int(25 * rng.random())
            last = second + 1 + int(15 * rng.random())
            left = whole - rates[0] * last - rates[1] * (last - second)
            if left % speed == 0 and 0 < left <= 120 * speed:
                return times, [0, second, last], last + left // speed


def _two_at_once(rng: random.Random) -> Plan:
    """Two from the start, by 1/(kp(p + q)) + 1/(kq(p + q)) = 1/(kpq)."""
    while True:
        k, p, q = rng.randint(1, 12), rng.randint(1, 6), rng.randint(1, 8)
        times = [k * p * (p + q), k * q * (p + q)]
        if p != q and k * p * q > 3 and max(times) <= 240:
            return times, [0, 0], k * p * q


def _work_story(
    rng: random.Random, times: list[int], starts: list[int], drains: list[bool]
) -> tuple[str, str, list[str]]:
    """The story, its question, and the workers' names."""
    pipes = True in drains or rng.random() < 0.4
    if pipes:
        what = rng.choice(("pool", "water tank", "cistern", "fountain basin"))
        names = ["pipe A", "pipe B", "the drain" if True in drains else "pipe C"][: len(times)]
        verbs = [f"empties the full {what}" if drain else f"fills the empty {what}" for drain in drains]
        sentences = [
            f"{capitalized(name)} {verb} in {time} minutes."
            for name, verb, time in zip(names, verbs, times, strict=True)
        ]
        asked = f"How many minutes after pipe A is opened is the {what}, empty at first, full?"
    else:
        work = ("paint the fence", "weed the garden", "load the truck", "clean the hall", "pack the boxes")
        job = rng.choice(work)
        names = [who.name for who in some_people(rng, len(times))]
        sentences = [
            f"{name} would {job} alone in {time} minutes." for name, time in zip(names, times, strict=True)
        ]
        asked = f"How many minutes after {names[0]} starts is the work finished?"
    if not any(starts):
        sentences.append(f"Both {'are opened' if pipes else 'start'} at the same moment.")
        return " ".join(sentences), asked, names
    sentences.append(f"{capitalized(names[0])} {'is opened' if pipes else 'starts'} first.")
    for place in range(1, len(names)):
        later = counted(starts[place] - starts[place - 1], "minute")
        verb = "is opened" if pipes else "joins"
        sentences.append(f"{capitalized(names[place])} {verb} {later} after {names[place - 1]}.")
    sentences.append("Everything stays open." if pipes else "Nobody stops before the end.")
    return " ".join(sentences), asked, names


def _work_solution(
    names: list[str], times: list[int], starts: list[int], drains: list[bool], end: int
) -> str:
    whole = lcm(*times)
    rates = [-(whole // time) if drain else whole // time for time, drain in zip(times, drains, strict=True)]
    lines = [f"Cut the work into {whole} equal parts, the least common multiple of the times."]
    for name, time, rate in zip(names, times, rates, strict=True):
        verb = "takes away" if rate < 0 else "adds" if name.startswith("pipe") else "does"
        lines.append(f"In a minute {name} {verb} {whole}/{time} = {counted(abs(rate), 'part')}.")
    left, speed = whole, 0
    for place, until in enumerate(starts[1:]):
        speed += rates[place]
        minutes = until - starts[place]
        if minutes:
            done = minutes * speed
            span = f"Minute {until}" if minutes == 1 else f"Minutes {starts[place] + 1} to {until}"
            lines.append(
                f"{span}: {minutes} * {speed} = {done}, and {left} - {done} = {left - done} are left."
            )
            left -= done
    speed += rates[-1]
    sign = " + ".join(map(str, rates)).replace("+ -", "- ")
    together = "From then on" if starts[-1] else "Together"
    lines.append(f"{together} every minute brings {sign} = {counted(speed, 'part')}.")
    lines.append(f"{left}/{speed} = {counted(left // speed, 'minute')}")
    lines += [f"Total: {starts[-1]} + {left // speed} = {end} minutes."] if starts[-1] else []
    return "\n".join([*lines, f"The number of minutes is {boxed(str(end))}"])


@work_together.proof
def _work_together(given: Given) -> str:
    if "rates" in given:
        done = minute = 0
        while done < given["whole"]:
            done, minute = done + sum(given["rates"]), minute + 1
        return str(minute if done == given["whole"] else -1)
    part, minute = Fraction(0), 0
    while part < 1:
        part += sum(
            Fraction(-1 if drain else 1, time) for time, start, drain in given["workers"] if minute >= start
        )
        minute += 1
    if part != 1:
        raise ValueError("the work does not end at a whole minute")
    return str(minute)
