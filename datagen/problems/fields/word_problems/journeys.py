"""Stories of people on the way: distance, speed and time, travellers who meet or catch up.

Constructions choose speeds and whole minutes; the proofs move everybody minute by minute.
"""

from __future__ import annotations

import random
from itertools import pairwise
from math import gcd

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import duration, total
from datagen.problems.people import Person, some_people, someone
from datagen.problems.specs import INTEGER, QUANTITY
from datagen.problems.text import boxed, capitalized

WAYS = (  # how, verb, slowest and fastest speed in km/h
    ("on foot", "walks", 3, 6),
    ("by bike", "rides", 10, 26),
    ("by car", "drives", 30, 110),
    ("by boat", "sails", 8, 30),
    ("by train", "travels", 60, 180),
)
Leg = tuple[str, int, int]  # what is told ("vt", "dv" or "dt"), and these two: km/h, km, minutes

TRIPS = {1: (1, 0), 2: (1, 0), 3: (2, 0), 4: (3, 1), 5: (4, 2)}  # legs, breaks
SOUGHT = {"d": "distance", "t": "time", "v": "average speed"}


def _speed_and_minutes(rng: random.Random, slow: int, fast: int, whole: bool) -> tuple[int, int]:
    """km/h and minutes that make whole kilometres; the minutes are whole hours or certainly not."""
    while True:
        speed = rng.randint(slow, fast)
        if whole:
            return speed, 60 * rng.randint(2, 9 if speed < 130 else 6)
        step = 60 // gcd(speed, 60)
        minutes = step * rng.randint(1, 240 // step)
        if minutes % 60 and minutes >= 10:
            return speed, minutes


def _pairs_and_breaks(
    rng: random.Random, count: int, pauses: int, speeds: tuple[int, int, bool], whole_average: bool
) -> tuple[list[tuple[int, int]], list[int]]:
    """Speed and minutes of each leg, never the same speed twice in a row, and the minutes of the breaks."""
    while True:
        pairs = [_speed_and_minutes(rng, *speeds) for _ in range(count)]
        if any(one[0] == other[0] for one, other in pairwise(pairs)):
            continue
        distance = sum(speed * minutes for speed, minutes in pairs)  # in sixtieths of a kilometre
        time = sum(minutes for _, minutes in pairs)
        for _ in range(12 if pauses else 1):
            breaks = [5 + 5 * int(9 * rng.random()) for _ in range(pauses)]
            if not whole_average or distance % (time + sum(breaks)) == 0:
                return pairs, breaks


def _told(kind: str, speed: int, minutes: int) -> Leg:
    distance = speed * minutes // 60
    return {"vt": ("vt", speed, minutes), "dv": ("dv", distance, speed), "dt": ("dt", distance, minutes)}[
        kind
    ]


def _leg_text(leg: Leg, subject: str, verb: str) -> str:
    kind, first, second = leg
    if kind == "vt":
        return f"{subject} {verb} for {duration(second)} at {first} km/h."
    if kind == "dv":
        return f"{subject} {verb} {first} km at {second} km/h."
    return f"{subject} {verb} {first} km in {duration(second)}."


def _leg_step(leg: Leg, asked: str) -> str:
    """The line that finds what the leg does not tell, or what is needed of it."""
    kind, first, second = leg
    if kind == "vt":
        minutes = duration(second) + (f" = {second} minutes" if second > 60 and second % 60 else "")
        if second % 60 == 0:
            return f"{first} km/h for {minutes} is {first} * {second // 60} = {first * second // 60} km."
        return f"{first} km/h for {minutes} is {first} * {second}/60 = {first * second // 60} km."
    if kind == "dv":
        return f"{first} km at {second} km/h take {first}/{second} * 60 = {first * 60 // second} minutes."
    return f"{first} km are covered in {duration(second)}, that is {second} minutes."


def _trip_text(legs: list[Leg], breaks: list[int], who: Person, verb: str) -> str:
    """The legs in order, the first named after the person, each break after one of them."""
    sentences = []
    starts = ("First", "Then", "After that", "Finally") if len(legs) > 1 else ("",)
    for place, leg in enumerate(legs):
        last = place == len(legs) - 1 and place > 1
        start = "Finally" if last else starts[min(place, 2)]
        subject = who.name if place == 0 else who.he
        sentences.append(_leg_text(leg, f"{start} {subject}" if start else subject, verb))
        if place < len(breaks):
            sentences.append(f"{capitalized(who.he)} takes a break of {breaks[place]} minutes.")
    return " ".join(sentences)


@family(
    name="speed_distance_time",
    wordings=(
        "{name} makes a trip {way}. {legs} What is {sought}?",
        "{name} writes in a diary about a trip {way}. {legs} Find {sought}.",
        "Here is the plan of a trip {way}. {legs} Work out {sought}.",
        "Find {sought} of this trip {way}. {legs}",
    ),
)
def speed_distance_time(rng: random.Random, level: int) -> Problem:
    """Distance, time or average speed of a trip of up to four legs with breaks, worked leg by leg."""
    count, pauses = TRIPS[level]
    way, verb, slow, fast = rng.choice(WAYS)
    asked = rng.choice("dtv")
    pairs, breaks = _pairs_and_breaks(rng, count, pauses, (slow, fast, level == 1), asked == "v")
    distance = sum(speed * minutes // 60 for speed, minutes in pairs)
    time = sum(minutes for _, minutes in pairs) + sum(breaks)
    kinds = {"d": ("vt",), "t": ("dv",), "v": ("dt",) if count == 1 else ("vt", "dv")}[asked]
    legs = [_told(rng.choice(kinds), *pair) for pair in pairs]
    whole = "the whole journey" if count > 1 else "the journey"
    answer = str({"d": distance, "t": time, "v": distance * 60 // time}[asked])
    counting = ", breaks included" if breaks and asked != "d" else ""
    unit = {"d": "km", "t": "minutes", "v": "km/h"}[asked]
    length = {"d": "total distance" if count > 1 else "distance", "v": "average speed"}
    quantity = length.get(asked, f"time taken for {whole}")
    who = someone(rng)
    return Problem(
        question=speed_distance_time.ask(
            rng,
            name=who.name,
            way=way,
            legs=_trip_text(legs, breaks, who, verb),
            sought=f"the {quantity} in {unit}{counting and f' ({counting[2:]})'}",
        ),
        answer=answer,
        spec=INTEGER,
        solution=_trip_solution(legs, breaks, asked, answer),
        given={"legs": [list(leg) for leg in legs], "breaks": breaks, "asked": asked},
        key=("speed_distance_time", asked, tuple(sorted(legs)), tuple(sorted(breaks))),
    )


def _trip_solution(legs: list[Leg], breaks: list[int], asked: str, answer: str) -> str:
    lines = [_leg_step(leg, asked) for leg in legs]
    distances = [a * b // 60 if kind == "vt" else a for kind, a, b in legs]
    times = [a * 60 // b if kind == "dv" else b for kind, a, b in legs] + breaks
    if len(legs) > 1 and asked != "t":
        lines.append(f"Total distance: {total(distances)} km.")
    if breaks and asked == "d":
        lines.append("The breaks add time but no distance.")
    if len(times) > 1 and asked != "d":
        lines.append(f"Total time{' with the breaks' if breaks else ''}: {total(times)} minutes.")
    if asked == "v":
        lines.append(f"Average speed: {sum(distances)} * 60/{sum(times)} = {answer} km/h.")
    unit = {"d": "distance in km", "t": "time in minutes", "v": "average speed in km/h"}[asked]
    return "\n".join([*lines, f"The {unit} is {boxed(answer)}"])


@speed_distance_time.proof
def _speed_distance_time(given: Given) -> str:
    position = minutes = 0  # position in sixtieths of a kilometre
    for kind, first, second in given["legs"]:
        if kind == "dt":
            position, minutes = position + 60 * first, minutes + second
            continue
        speed = first if kind == "vt" else second
        start, clock = position, 0
        while clock < second if kind == "vt" else position < start + 60 * first:
            position, clock = position + speed, clock + 1
        if kind == "dv" and position != start + 60 * first:
            raise ValueError("the leg does not take whole minutes")
        minutes += clock
    minutes += sum(given["breaks"])
    if given["asked"] == "v":
        return str(next(speed for speed in range(1, 400) if speed * minutes == position))
    return str(minutes if given["asked"] == "t" else position // 60)


MEETINGS = {1: "towards", 2: "where", 3: "catch up", 4: "late start", 5: "pause"}


def _minutes_to_meet(rng: random.Random, level: int, u: int, v: int) -> int:
    """Minutes from the second's start to the meeting, whole hours at level 1."""
    if level == 1:
        return 60 * rng.randint(1, 8)
    step = 60 // gcd(u, v, 60)
    return step * rng.randint(1, max(1, 300 // step))


def _head_start(rng: random.Random, u: int) -> int:
    """Minutes in which whole kilometres are covered at that speed."""
    step = 60 // gcd(u, 60)
    return step * rng.randint(1, max(1, 120 // step))


@family(
    name="meeting_travellers",
    wordings=(
        "{first} and {second} live {distance} km apart on the same road. {story} {sought}",
        "Two villages are {distance} km apart; {first} is in one of them and {second} in the other. "
        "{story} {sought}",
        "A straight road of {distance} km joins the home of {first} to the home of {second}. {story} "
        "{sought}",
    ),
)
def meeting_travellers(rng: random.Random, level: int) -> Problem:
    """When or where two travellers meet or one catches up, worked with the sum or difference of speeds."""
    first, second = some_people(rng, 2)
    trip = _towards(rng, level) if level != 3 else _chase(rng)
    u, v, head, pause, minutes = trip
    moving = minutes + head - pause
    distance = (u * moving + v * minutes) // 60 if level != 3 else ((v - u) * minutes - u * head) // 60
    asked = "where" if level in (2, 4, 5) else "when"
    answer = f"{u * moving // 60} km" if asked == "where" else f"{minutes} minutes"
    story = _meeting_story(level, first, second, trip)
    return Problem(
        question=meeting_travellers.ask(
            rng,
            first=first.name,
            second=second.name,
            distance=distance,
            story=story,
            sought=_meeting_question(rng, level, first, second),
        ),
        answer=answer,
        spec=QUANTITY,
        solution=_meeting_solution(level, first.name, second.name, trip, distance, answer),
        given={
            "distance": distance,
            "speeds": [u, v],
            "chase": level == 3,
            "head_start": head,
            "pause": pause,
            "asked": asked,
        },
        key=("meeting_travellers", MEETINGS[level], distance, *_in_order(level, u, v), head, pause),
    )


def _in_order(level: int, u: int, v: int) -> tuple[int, ...]:
    """Who is who does not matter where only the time of a meeting is asked for."""
    return tuple(sorted((u, v))) if level == 1 else (u, v)


def _towards(rng: random.Random, level: int) -> tuple[int, int, int, int, int]:
    """Both speeds, the first's head start and pause, and the minutes from the second's start to the meeting.

    The distance and the place of meeting are whole kilometres.
    """
    while True:
        u, v, pause = rng.randint(4, 30), rng.randint(4, 30), 0
        minutes = _minutes_to_meet(rng, level, u, v)
        head = _head_start(rng, u) if level > 3 else 0
        if level == 5:
            pause = 60 // gcd(u, 60) * rng.randint(1, 3)
            if not 5 <= pause <= 60 or pause >= minutes:
                continue
        moving = minutes + head - pause
        fits = u * moving % 60 == 0 == v * minutes % 60
        if fits and u * moving >= 180 and (level == 1 or minutes % 60):
            return u, v, head, pause, minutes


def _chase(rng: random.Random) -> tuple[int, int, int, int, int]:
    """Like `_towards`, the second being faster and starting after the first, from further back."""
    while True:
        u = rng.randint(4, 40)
        v = u + rng.randint(2, 30)
        step, head = 60 // gcd(v - u, 60), _head_start(rng, u)
        minutes = step * rng.randint(1, max(1, 240 // step))
        if (v - u) * minutes > u * head + 60:
            return u, v, head, 0, minutes


def _meeting_story(level: int, first: Person, second: Person, trip: tuple[int, int, int, int, int]) -> str:
    u, v, head, pause, _ = trip
    a, b = first.name, second.name
    if level == 3:
        chase = f"{b} sets out after {a} {head} minutes later, at {v} km/h."
        return f"{a} sets out at {u} km/h, away from {b}. {chase}"
    if level < 3:
        speeds = f"{a} at {u} km/h and {b} at {v} km/h"
        return f"They set out at the same moment and travel towards each other, {speeds}."
    later = f"{b} sets out towards {a} {head} minutes later, at {v} km/h."
    rest = (
        f" After {b} has set out and before they meet, {a} stops once for {pause} minutes; {b} never stops."
        if pause
        else ""
    )
    return f"{a} sets out towards {b} at {u} km/h. {later}{rest}"


def _meeting_question(rng: random.Random, level: int, first: Person, second: Person) -> str:
    if level == 1:
        return "How long does it take until they meet? Answer in minutes, like 45 minutes."
    if level == 3:
        return f"How long after setting out does {second.name} catch up? Answer in minutes, like 45 minutes."
    return f"How far from where {first.name} started do they meet? Answer in km, like 12 km."


def _meeting_solution(
    level: int, a: str, b: str, trip: tuple[int, int, int, int, int], distance: int, answer: str
) -> str:
    u, v, head, pause, minutes = trip
    if level == 3:
        alone = u * head // 60
        lead = distance + alone
        return (
            f"In the first {head} minutes {a} covers {u} * {head}/60 = {alone} km, so when {b} sets out "
            f"{a} is {distance} + {alone} = {lead} km ahead.\nEvery hour {b} gains {v} - {u} = {v - u} km "
            f"on {a}.\nThe lead of {lead} km is gone after {lead} * 60/{v - u} = {minutes} minutes: "
            f"{boxed(answer)}"
        )
    lines = []
    left, alone = distance, u * head // 60
    if head:
        left -= alone
        lines.append(
            f"In the first {head} minutes {a} covers {u} * {head}/60 = {alone} km, so {distance} - {alone} "
            f"= {left} km are left when {b} sets out."
        )
    if pause:
        lost = u * pause // 60
        lines.append(
            f"Without the stop {a} would get {u} * {pause}/60 = {lost} km further, so the time until they "
            f"meet is that of two people who never stop on {left} + {lost} = {left + lost} km."
        )
        left += lost
    lines.append(f"Together they close {u} + {v} = {u + v} km every hour.")
    lines.append(f"They close {left} km in {left} * 60/{u + v} = {minutes} minutes.")
    if level == 1:
        return "\n".join([*lines, f"They meet after {boxed(answer)}"])
    moving = minutes + head - pause
    if head:
        way = f"{head} + {minutes}" + (f" - {pause}" if pause else "")
        lines.append(f"By then {a} has been moving for {way} = {moving} minutes.")
    lines.append(f"{a} covers {u} * {moving}/60 = {u * moving // 60} km in that time.")
    return "\n".join([*lines, f"The distance from the start of {a} is {boxed(answer)}"])


@meeting_travellers.proof
def _meeting_travellers(given: Given) -> str:
    (u, v), pause = given["speeds"], given["pause"]
    gap, minute, covered = given["distance"] * 60, 0, 0  # in sixtieths of a kilometre
    second_minutes = 0
    while gap > 0:
        minute += 1
        started = minute > given["head_start"]
        stopped = started and second_minutes < pause
        step = 0 if stopped else u
        covered += step
        gap += (step if given["chase"] else -step) - (v if started else 0)
        second_minutes += started
    if gap:
        raise ValueError("they do not meet at a whole minute")
    return f"{covered // 60} km" if given["asked"] == "where" else f"{second_minutes} minutes"
