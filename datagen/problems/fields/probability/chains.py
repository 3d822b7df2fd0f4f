"""Weather from day to day, and points chosen evenly in a rectangle.

Constructions step through the days or cut off triangles; proofs sum over all courses or clip polygons.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, wrong
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import boxed

DAYS = {1: (1, 12), 2: (2, 12), 3: (3, 11), 4: (4, 10), 5: (5, 9)}  # days ahead, largest denominator
DAY_NAMES = ("today", "tomorrow", "in 2 days", "in 3 days", "in 4 days", "in 5 days")


@family(
    name="weather_chain",
    wordings=(
        "In a country every day is either sunny or rainy. {rules} Today is {today}. What is the "
        "probability that it "
        "is {asked} {day}? " + LOWEST,
        "Days are sunny or rainy. {rules} Given that today is {today}, find the probability that it "
        "is {asked} "
        "{day}. " + LOWEST,
        "The weather of a day depends only on the day before. {rules} It is {today} today. How likely "
        "is it to be "
        "{asked} {day}? " + LOWEST,
    ),
)
def weather_chain(rng: random.Random, level: int) -> Problem:
    """A two-state chain some days ahead, one day after the other."""
    days, largest = DAYS[level]
    below = [rng.randint(2, largest), rng.randint(2, largest)]
    stay, turn = (Fraction(rng.randint(1, b - 1), b) for b in below)  # sunny after sunny, sunny after rainy
    sunny_today, sunny_asked = rng.random() < 0.5, rng.random() < 0.5
    sun = Fraction(int(sunny_today))
    lines = []
    for day in range(1, days + 1):
        after = sun * stay + (1 - sun) * turn
        if day == 1:
            lines.append(
                f"Tomorrow it is sunny with probability {after} and rainy with probability {1 - after}."
            )
        else:
            lines.append(
                f"Sunny {DAY_NAMES[day]}: {sun} * {stay} + {1 - sun} * {turn} = {after}; rainy: 1 - "
                f"{after} = {1 - after}."
            )
        sun = after
    value = sun if sunny_asked else 1 - sun
    lines.append(
        f"Asked is the probability of {'sunny' if sunny_asked else 'rainy'} weather {DAY_NAMES[days]}: "
        f"{boxed(str(value))}"
    )
    weather = {True: "sunny", False: "rainy"}
    rules = (
        f"After a sunny day the next one is sunny with probability {stay}, after a rainy day with "
        f"probability {turn}."
    )
    start, other = (stay, turn) if sunny_today else (1 - turn, 1 - stay)
    return Problem(
        question=weather_chain.ask(
            rng, rules=rules, today=weather[sunny_today], asked=weather[sunny_asked], day=DAY_NAMES[days]
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={
            "sunny_after_sunny": str(stay),
            "sunny_after_rainy": str(turn),
            "today": weather[sunny_today],
            "asked": weather[sunny_asked],
            "days": days,
        },
        key=("weather_chain", days, str(start), str(other), sunny_today == sunny_asked),
    )


@weather_chain.proof
def _weather_chain(given: Given) -> str:
    """The sum over all courses of the weather up to that day."""
    sunny = {"sunny": Fraction(given["sunny_after_sunny"]), "rainy": Fraction(given["sunny_after_rainy"])}
    total = Fraction(0)
    for course in product(("sunny", "rainy"), repeat=given["days"]):
        chance, before = Fraction(1), given["today"]
        for weather in course:
            chance *= sunny[before] if weather == "sunny" else 1 - sunny[before]
            before = weather
        total += chance * (before == given["asked"])
    return str(total)


@weather_chain.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    stay, days = Fraction(given["sunny_after_sunny"]), given["days"]
    return [], wrong(answer, stay**days, 1 - Fraction(answer), Fraction(answer) / 2)


AREAS = {1: (6, 40), 2: (4, 20), 3: (4, 20), 4: (5, 30), 5: (6, 40)}  # lengths of the intervals, from and to


@family(
    name="geometric_probability",
    wordings=(
        "{story} What is the probability that {event}? " + LOWEST,
        "{story} Find the probability that {event}. " + LOWEST,
        "{story} How likely is it that {event}? " + LOWEST,
    ),
)
def geometric_probability(rng: random.Random, level: int) -> Problem:
    """One or two numbers chosen evenly from intervals, by lengths and areas."""
    low, high = AREAS[level]
    while True:
        width = rng.randint(low, high)
        height = width if level == 2 else rng.randint(low, high) if level > 2 else 0
        first, second = rng.randint(1, max(width, height) - 1), rng.randint(1, max(2, high // 2))
        made = _area(level, width, height, first, second)
        if made is not None and 0 < made[0] < 1:
            break
    value, lines, story, event, limits = made
    return Problem(
        question=geometric_probability.ask(rng, story=story, event=event),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"width": width, "height": height, "limits": limits},
        key=("geometric_probability", width, height, *map(tuple, limits)),
    )


def _share(part: Fraction, total: int) -> str:
    return f"{part}/{total}" if part.denominator == 1 else f"({part})/{total}"


Area = tuple[Fraction, list[str], str, str, list[list[int]]]


def _area(level: int, width: int, height: int, first: int, second: int) -> Area | None:
    """The probability, the steps, the story, the event, and the conditions a x + b y <= c as [a, b, c]."""
    if level == 1:
        low, high = sorted((first, second))
        if not low < high < width:
            return None
        value = Fraction(high - low, width)
        story = f"A number x is chosen at random, evenly distributed, between 0 and {width}."
        lines = [f"The favourable part has the length {high} - {low} = {high - low}, out of {width}."]
        lines.append(final(f"{high - low}/{width}", value))
        return value, lines, story, f"it lies between {low} and {high}", [[1, 0, high], [-1, 0, -low]]
    story = f"A number x is chosen evenly from 0 to {width} and, independently, a number y evenly from "
    story += f"0 to {height}."
    area = f"{width} * {height} = {width * height}"
    base = [f"The point (x, y) is evenly distributed in a rectangle with the area {area}."]
    if level < 4:
        return _corner(level, width, height, first, story, base)
    return _band(width, height, first, first if level == 4 else second, level == 5, story, base)


def _corner(level: int, width: int, height: int, side: int, story: str, lines: list[str]) -> Area | None:
    """x + y at most or at least `side`, where the corner cut off is a triangle."""
    if side > min(width, height):
        return None
    total, corner = width * height, Fraction(side * side, 2)
    lines.append(
        f"The points with x + y <= {side} form a right triangle with two sides of length {side} "
        f"and the area {side}^2/2 = {corner}."
    )
    value = corner / total
    if level == 2:
        lines.append(final(_share(corner, total), value))
        return value, lines, story, f"x + y is at most {side}", [[1, 1, side]]
    lines.append("The event is the rest of the rectangle.")
    lines.append(final(f"1 - {_share(corner, total)} = 1 - {value}", 1 - value))
    return 1 - value, lines, story, f"x + y is at least {side}", [[-1, -1, -side]]


def _band(
    width: int, height: int, above: int, below: int, two: bool, story: str, lines: list[str]
) -> Area | None:
    """y - x at most `above` and x - y at most `below`, where both corners cut off are triangles."""
    up, down = height - above, width - below
    if two == (above == below) or not 0 < up <= width or not 0 < down <= height:
        return None
    event = f"x and y differ by at most {above}"
    if two:
        event = f"y is at most {above} larger than x and x is at most {below} larger than y"
    total, upper, lower = width * height, Fraction(up * up, 2), Fraction(down * down, 2)
    lines.append(
        f"Where y > x + {above}, there is a right triangle with two sides of length {height} - {above} "
        f"= {up} and the area {up}^2/2 = {upper}."
    )
    lines.append(
        f"Where x > y + {below}, there is one with two sides of length {width} - {below} = {down} and "
        f"the area {down}^2/2 = {lower}."
    )
    left = total - upper - lower
    if two:
        lines.append("The two triangles do not overlap, and the event is what lies between them.")
    lines.append(f"What is left has the area {total} - {upper} - {lower} = {left}.")
    lines.append(final(_share(left, total), left / total))
    return left / total, lines, story, event, [[-1, 1, above], [1, -1, below]]


@geometric_probability.proof
def _geometric_probability(given: Given) -> str:
    """The rectangle, clipped at each line in turn; its area by the shoelace formula."""
    width, height = Fraction(given["width"]), Fraction(given["height"] or 1)
    corners = [(Fraction(0), Fraction(0)), (width, Fraction(0)), (width, height), (Fraction(0), height)]
    for a, b, c in given["limits"]:
        kept = []
        for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1], strict=True):
            here, there = c - a * x - b * y, c - a * u - b * v
            if here >= 0:
                kept.append((x, y))
            if here * there < 0:
                t = here / (here - there)
                kept.append((x + t * (u - x), y + t * (v - y)))
        corners = kept
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return str(
        abs(sum((x * v - u * y for (x, y), (u, v) in pairs), start=Fraction(0))) / 2 / (width * height)
    )


@geometric_probability.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    value = Fraction(answer)
    return [], wrong(answer, 1 - value, value * 2, value / 2)
