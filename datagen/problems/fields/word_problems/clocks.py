"""Stories about times of day, durations and timetables.

Constructions count in hours and minutes; the proof is `datetime`'s.
"""

from __future__ import annotations

import random
from math import lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import clock, duration
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, TEXT
from datagen.problems.text import boxed, counted
from verifiers import AnswerSpec

Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


@family(
    name="clock_time",
    wordings=(
        "{story} {asked}",
        "{asked} {story}",
        "All times are on the 24-hour clock. {story} {asked}",
    ),
)
def clock_time(rng: random.Random, level: int) -> Problem:
    """Times of day, durations and timetables, worked in hours and minutes."""
    make = (_end_of_event, _elapsed, _schedule, _timetable, _two_lines)[level - 1]
    story, asked, given, lines, answer, spec = make(rng, someone(rng).name)
    form = " Answer on the 24-hour clock, like 09:05." if spec is TEXT else ""
    return Problem(
        question=clock_time.ask(rng, story=story, asked=f"{asked}{form}"),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("clock_time", *((name, *_plain(value)) for name, value in given.items())),
    )


def _plain(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


EVENTS = ("A film", "A concert", "A football match", "A lesson", "A guided tour", "A train ride", "A meeting")


def _add_line(start: int, minutes: int) -> str:
    """`14:35 + 1 hour 50 minutes = 16:25`, by way of the full hours."""
    hours, rest = divmod(minutes, 60)
    if not hours or not rest:
        return f"{clock(start)} + {duration(minutes)} = {clock(start + minutes)}."
    middle = start + 60 * hours
    first = f"{clock(start)} + {duration(60 * hours)} = {clock(middle)}"
    return f"{first}, {clock(middle)} + {duration(rest)} = {clock(middle + rest)}."


def _end_of_event(rng: random.Random, name: str) -> Told:
    start, minutes = 5 * rng.randint(84, 240), 5 * rng.randint(5, 46)
    what = rng.choice(EVENTS)
    story = f"{what} begins at {clock(start)} and lasts {duration(minutes)}."
    answer = clock(start + minutes)
    return (
        story,
        "When does it end?",
        {"start": start, "minutes": minutes},
        [_add_line(start, minutes)],
        answer,
        TEXT,
    )


def _elapsed(rng: random.Random, name: str) -> Told:
    start, minutes = rng.randint(900, 1435), rng.randint(61, 700)
    story = f"{name} leaves at {clock(start)} and arrives at {clock(start + minutes)}, less than a day later."
    full = 60 - start % 60 if start % 60 else 0
    hours, rest = divmod(minutes - full, 60)
    if minutes < full:
        full, hours, rest = 0, *divmod(minutes, 60)
    lines = [f"From {clock(start)} to {clock(start + full)}: {counted(full, 'minute')}."] if full else []
    end = start + full + 60 * hours
    lines += (
        [f"From {clock(start + full)} to {clock(end)}: {hours} * 60 = {60 * hours} minutes."] if hours else []
    )
    lines += [f"From {clock(end)} to {clock(end + rest)}: {counted(rest, 'minute')}."] if rest else []
    parts = [part for part in (full, 60 * hours, rest) if part]
    lines.append(f"{' + '.join(map(str, parts))} = {minutes}" if len(parts) > 1 else f"That is {minutes}.")
    asked = "How many minutes does the journey take?"
    given = {"leaves": clock(start), "arrives": clock(start + minutes)}
    return story, asked, given, lines, str(minutes), INTEGER


TASKS = (
    "mowing the lawn",
    "cooking",
    "homework",
    "a swim",
    "piano practice",
    "reading",
    "cleaning the kitchen",
)


def _schedule(rng: random.Random, name: str) -> Told:
    start, rest = rng.randint(360, 1000), rng.randint(4, 25)
    tasks = rng.sample(TASKS, 3)
    lengths = [rng.randint(12, 110) for _ in tasks]
    story = (
        f"{name} begins at {clock(start)} with {tasks[0]} ({lengths[0]} minutes). Then come {tasks[1]} "
        f"({lengths[1]} minutes) and {tasks[2]} ({lengths[2]} minutes), with a break of {rest} minutes "
        "between one activity and the next."
    )
    minutes = sum(lengths) + 2 * rest
    lines = [
        f"The activities take {lengths[0]} + {lengths[1]} + {lengths[2]} = {sum(lengths)} minutes.",
        f"There are 2 breaks: 2 * {rest} = {2 * rest} minutes.",
        f"{sum(lengths)} + {2 * rest} = {minutes} minutes = {duration(minutes)}.",
        _add_line(start, minutes),
    ]
    given = {"start": start, "lengths": sorted(lengths), "break": rest}
    return story, f"When does {name} finish?", given, lines, clock(start + minutes), TEXT


def _timetable(rng: random.Random, name: str) -> Told:
    first, every = rng.randint(300, 420), rng.randint(11, 55)
    leaves, walk, ride = rng.randint(480, 1000), rng.randint(4, 39), rng.randint(12, 95)
    at_stop = leaves + walk
    number = -(-(at_stop - first) // every)
    bus = first + number * every
    vehicle = rng.choice(("bus", "tram", "ferry"))
    story = (
        f"The first {vehicle} leaves at {clock(first)}, and then one leaves every {every} minutes. {name} "
        f"leaves home at {clock(leaves)}, walks {walk} minutes to the stop and takes the next {vehicle} "
        f"(one that leaves at that very minute is caught). The ride takes {ride} minutes."
    )
    gone = at_stop - first
    lines = [
        f"{name} is at the stop at {clock(leaves)} + {walk} minutes = {clock(at_stop)}.",
        f"From {clock(first)} to {clock(at_stop)} there are {gone} minutes.",
        f"{number - 1} * {every} = {(number - 1) * every} is too early, {number} * {every} = "
        f"{number * every} is not.",
        f"The {vehicle} leaves at {clock(first)} + {duration(number * every)} = {clock(bus)}.",
        f"It arrives at {clock(bus)} + {duration(ride)} = {clock(bus + ride)}.",
    ]
    given = {"first": first, "every": every, "leaves": leaves, "walk": walk, "ride": ride}
    return story, f"When does {name} get off?", given, lines, clock(bus + ride), TEXT


def _two_lines(rng: random.Random, name: str) -> Told:
    while True:
        first, a, b = rng.randint(290, 430), rng.randint(6, 48), rng.randint(6, 48)
        common = lcm(a, b)
        if a < b < common <= 240:
            break
    after, ride = rng.randint(first + common, 1100), rng.randint(10, 150)
    number = -(-(after - first) // common)
    meet = first + number * common
    one, other = rng.sample(("red bus", "blue bus", "green bus", "yellow bus"), 2)
    story = (
        f"At {clock(first)} the first {one} and the first {other} of the day leave a station together. "
        f"From then on a {one} leaves every {a} minutes and a {other} every {b} minutes. {name} waits for "
        f"the first moment at {clock(after)} or later when both leave together, and then rides the {one} "
        f"for {ride} minutes."
    )
    lines = [
        f"Both leave together every {common} minutes, the least common multiple of {a} and {b}.",
        f"Check: {common} = {common // a} * {a} = {common // b} * {b}.",
        f"From {clock(first)} to {clock(after)} there are {after - first} minutes.",
        f"{number - 1} * {common} = {(number - 1) * common} is less, and {number} * {common} = "
        f"{number * common} is enough.",
        f"They leave together at {clock(first)} + {duration(number * common)} = {clock(meet)}.",
        _add_line(meet, ride),
    ]
    given = {"first": first, "every": [a, b], "after": after, "ride": ride}
    return story, f"When does {name} arrive?", given, lines, clock(meet + ride), TEXT


@clock_time.proof
def _clock_time(given: Given) -> str:
    from datetime import datetime, timedelta

    day, minute = datetime(2024, 1, 1), timedelta(minutes=1)
    if "leaves" in given and "arrives" in given:
        start, end = (datetime.strptime(given[name], "%H:%M") for name in ("leaves", "arrives"))
        return str(((end - start) % timedelta(days=1)) // minute)
    if "lengths" in given:
        now = day + given["start"] * minute
        for place, length in enumerate(given["lengths"]):
            now += (length + (given["break"] if place else 0)) * minute
        return f"{now:%H:%M}"
    if "every" not in given:
        return f"{day + (given['start'] + given['minutes']) * minute:%H:%M}"
    every = given["every"] if isinstance(given["every"], list) else [given["every"]]
    ready = day + (given["after"] if "after" in given else given["leaves"] + given["walk"]) * minute
    departures = [set() for _ in every]  # type: list[set[datetime]]
    for times, step in zip(departures, every, strict=True):
        now = day + given["first"] * minute
        while now < ready + timedelta(days=1):
            times.add(now)
            now += step * minute
    common = min(time for time in set.intersection(*departures) if time >= ready)
    return f"{common + given['ride'] * minute:%H:%M}"


@clock_time.variants
def _clock_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """An hour or a minute off."""
    if ":" not in answer:
        return [], []
    minutes = int(answer[:2]) * 60 + int(answer[3:])
    return [], [clock(minutes + 60), clock(minutes - 1), clock(minutes + 10)]
