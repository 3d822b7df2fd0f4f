"""Stories about ages: now, some years ago and in some years.

What is told is a list of facts, each a linear equation in the ages of today; the proof solves them.
"""

from __future__ import annotations

import random
from typing import Any

from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times", 7: "seven times"}
Fact = tuple[Any, ...]
"""("age", i, a), ("older", i, j, d), ("times", i, j, k, years from now) or ("sum", years from now, s)."""


def _when(years: int) -> str:
    return f"{counted(-years, 'year')} ago" if years < 0 else f"in {counted(years, 'year')}"


def _fact_text(rng: random.Random, fact: Fact, names: list[str]) -> str:
    kind, *rest = fact
    if kind == "age":
        who, age = rest
        return rng.choice((f"{names[who]} is {age} years old.", f"The age of {names[who]} is {age} years."))
    if kind == "older":
        first, second, gap = names[rest[0]], names[rest[1]], counted(rest[2], "year")
        return rng.choice(
            (f"{first} is {gap} older than {second}.", f"{second} is {gap} younger than {first}.")
        )
    if kind == "times":
        first, second, times, years = names[rest[0]], names[rest[1]], TIMES[rest[2]], rest[3]
        if not years:
            return f"{first} is {times} as old as {second}."
        start = f"{_when(years)[:1].upper()}{_when(years)[1:]}"
        return f"{start}, {first} {'was' if years < 0 else 'will be'} {times} as old as {second}."
    years, together = rest
    group = "Together they" if len(names) == 2 else "All three together"
    if not years:
        return f"{group} are {together} years old."
    return f"{_when(years)[:1].upper()}{_when(years)[1:]}, their ages will add up to {together} years."


def _asked_text(rng: random.Random, who: str, years: int) -> str:
    if not years:
        return rng.choice((f"How old is {who} now?", f"What is the age of {who} today, in years?"))
    return f"How old {'was' if years < 0 else 'will'} {who} {'' if years < 0 else 'be '}{_when(years)}?"


@family(
    name="ages",
    wordings=(
        "{facts} {asked}",
        "{people} compare their ages. {facts} {asked}",
        "At a birthday party somebody says this about {people}. {facts} {asked}",
        "{asked} You know the following about {people}: {facts}",
    ),
)
def ages(rng: random.Random, level: int) -> Problem:
    """Ages of two or three people from facts about now, the past and the future, worked with one unknown."""
    people = some_people(rng, 3 if level == 5 else 2)
    names = [who.name for who in people]
    facts, asked, lines = (_forward, _sum_and_times, _now_and_then, _then_and_sum, _three_people)[level - 1](
        rng, names
    )
    answer = lines.pop()
    return Problem(
        question=ages.ask(
            rng,
            facts=" ".join(_fact_text(rng, fact, names) for fact in facts),
            asked=_asked_text(rng, names[asked[0]], asked[1]),
            people=listing(names),
        ),
        answer=answer,
        spec=INTEGER,
        solution="\n".join([*lines, f"The answer in years is {boxed(answer)}"]),
        given={"people": len(people), "facts": [list(fact) for fact in facts], "asked": list(asked)},
        key=("ages", tuple(facts), asked),
    )


Told = tuple[list[Fact], tuple[int, int], list[str]]
"""The facts, who is asked for and when, and the lines of the solution, after them the answer."""


def _forward(rng: random.Random, names: list[str]) -> Told:
    first, gap, years = rng.randint(5, 60), rng.randint(1, 25), rng.choice((-1, 1)) * rng.randint(2, 15)
    older = rng.random() < 0.5 or first - gap < 3
    second = first + gap if older else first - gap
    years = abs(years) if second + years < 1 else years
    sign, back = "+" if older else "-", "-" if years < 0 else "+"
    lines = [
        f"{names[1]} is {first} {sign} {gap} = {second} years old now.",
        f"{_when(years)[:1].upper()}{_when(years)[1:]}: {second} {back} {abs(years)} = {second + years}.",
        str(second + years),
    ]
    return [("age", 0, first), ("older", 1, 0, gap) if older else ("older", 0, 1, gap)], (1, years), lines


def _sum_and_times(rng: random.Random, names: list[str]) -> Told:
    times = rng.randint(2, 6)
    young = rng.randint(3, 88 // times)
    together, who, years = young * (times + 1), rng.randint(0, 1), rng.randint(2, 12)
    now = young * times if who == 0 else young
    lines = [f"Let {names[1]} be x years old; then {names[0]} is {times}x years old."]
    lines += [f"x + {times}x = {times + 1}x = {together}, so x = {together}/{times + 1} = {young}."]
    lines += [f"{names[0]} is {times} * {young} = {now} years old now."] if who == 0 else []
    lines += [f"In {years} years {names[who]} will be {now} + {years} = {now + years}.", str(now + years)]
    return [("times", 0, 1, times, 0), ("sum", 0, together)], (who, years), lines


def _now_and_then(rng: random.Random, names: list[str]) -> Told:
    while True:
        times = rng.randint(3, 7)
        later = rng.randint(2, times - 1)
        young = rng.randint(2, 88 // times)
        years, rest = divmod(young * (times - later), later - 1)
        if not rest and young * times + years < 100:
            break
    who = rng.randint(0, 1)
    now = young * times if who == 0 else young
    lines = [
        f"Let {names[1]} be x years old; then {names[0]} is {times}x years old.",
        f"{_when(years)[:1].upper()}{_when(years)[1:]} the ages are x + {years} and {times}x + {years}.",
        f"{times}x + {years} = {later}(x + {years}) = {later}x + {later * years}",
        f"Taking {later}x and {years} from both sides: {'' if times - later == 1 else times - later}x = "
        f"{later * years} - {years} = {(later - 1) * years}, so x = {young}.",
    ]
    ahead = rng.randint(2, 15)
    lines += [f"{names[0]} is {times} * {young} = {now} years old."] if who == 0 else []
    lines += [f"In {ahead} years: {now} + {ahead} = {now + ahead}.", str(now + ahead)]
    return [("times", 0, 1, times, 0), ("times", 0, 1, later, years)], (who, ahead), lines


def _then_and_sum(rng: random.Random, names: list[str]) -> Told:
    while True:
        ago, times, young = rng.randint(2, 15), rng.randint(2, 7), rng.randint(2, 30)
        years, who = rng.randint(2, 20), rng.randint(0, 1)
        old = young * times + ago
        if old + years < 100:
            break
    together = old + young + ago + 2 * years
    back = together - 2 * years - 2 * ago
    now = old if who == 0 else young + ago
    lines = [
        f"Each of the two gets {years} years older until then, so now their ages add up to {together} - 2 "
        f"* {years} = {together - 2 * years}.",
        f"{counted(ago, 'year')} ago their ages added up to {together - 2 * years} - 2 * {ago} = {back}.",
        f"Let {names[1]} have been x years old then; {names[0]} was {times}x years old.",
        f"x + {times}x = {times + 1}x = {back}, so x = {back}/{times + 1} = {young}.",
        *([f"Then {names[0]} was {times} * {young} = {young * times} years old."] if who == 0 else []),
        f"Now {names[who]} is {now - ago} + {ago} = {now} years old.",
        str(now),
    ]
    return [("times", 0, 1, times, -ago), ("sum", years, together)], (who, 0), lines


def _three_people(rng: random.Random, names: list[str]) -> Told:
    while True:
        gap, ago, times = rng.randint(2, 20), rng.randint(2, 12), rng.randint(2, 5)
        young, years, later = rng.randint(2, 20), rng.randint(2, 15), rng.randint(2, 9)
        second = young + ago
        third = young * times + ago
        if third + years < 95 and second + gap < 90:
            break
    together = second + second + gap + third + 3 * years
    now = together - 3 * years
    back = now - 3 * ago
    who = rng.choice((0, 2))
    past = young + gap if who == 0 else young * times
    lines = [
        f"Each of the three gets {years} years older until then, so now their ages add up to {together} - "
        f"3 * {years} = {now}.",
        f"{counted(ago, 'year')} ago they added up to {now} - 3 * {ago} = {back}.",
        f"Let {names[1]} have been x years old then; {names[0]} was x + {gap} and {names[2]} was {times}x.",
        f"x + (x + {gap}) + {times}x = {times + 2}x + {gap} = {back}, so {times + 2}x = {back - gap} and x "
        f"= {young}.",
        f"Then {names[who]} was {f'{young} + {gap}' if who == 0 else f'{times} * {young}'} = {past}.",
        f"Now {names[who]} is {past} + {ago} = {past + ago}.",
        f"In {later} years: {past + ago} + {later} = {past + ago + later}.",
        str(past + ago + later),
    ]
    facts: list[Fact] = [("older", 0, 1, gap), ("times", 2, 1, times, -ago), ("sum", years, together)]
    return facts, (who, later), lines


@ages.proof
def _ages(given: Given) -> str:
    import sympy

    now = sympy.symbols(f"age:{given['people']}")
    equations = []
    for kind, *rest in given["facts"]:
        if kind == "age":
            equations.append(now[rest[0]] - rest[1])
        elif kind == "older":
            equations.append(now[rest[0]] - now[rest[1]] - rest[2])
        elif kind == "times":
            first, second, times, years = rest
            equations.append(now[first] + years - times * (now[second] + years))
        else:
            years, together = rest
            equations.append(sum(age + years for age in now) - together)
    ((*solution,),) = sympy.linsolve(equations, now)
    who, years = given["asked"]
    return str(solution[who] + years)


@ages.variants
def _ages_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The time forgotten, or counted in the wrong direction."""
    years = given["asked"][1]
    return [], [str(int(answer) - years), str(int(answer) - 2 * years)] if years else []
