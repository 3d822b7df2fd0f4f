"""Stories about money kept: interest, and savings that grow week by week. Everything is in whole cents."""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import some_people, someone
from datagen.problems.specs import INTEGER, QUANTITY
from datagen.problems.text import boxed, counted
from verifiers import AnswerSpec

RATES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)


def _exact_unit(rate: int, years: int) -> int:
    """The cents of which every multiple stays in whole cents for that many years at that rate."""
    return (100 // gcd(100, rate)) ** years


@family(
    name="simple_and_compound_interest",
    wordings=(
        "{name} puts {start} into a savings account. {story} {asked} Answer in dollars, like $7.25.",
        "A bank offers {name} an account for {start}. {story} {asked} Answer in dollars, like $7.25.",
        "{asked} This is about an account into which {name} pays {start} at the beginning. {story} Answer "
        "in dollars, like $7.25.",
    ),
)
def simple_and_compound_interest(rng: random.Random, level: int) -> Problem:
    """Simple and compound interest in exact cents, the latter worked year by year."""
    start, rate, years, months, deposit = _account(rng, level)
    compound = level > 2
    if compound:
        lines, end = _yearly(start, rate, years, deposit)
    else:
        lines, end = _simple(start, rate, years, months)
    asks_interest = level in (1, 5) or (level == 4 and rng.random() < 0.5)
    paid = start + years * deposit
    cents = end - paid if asks_interest else end
    if deposit:
        lines.append(f"Paid in: {dollars(start)} + {years} * {dollars(deposit)} = {dollars(paid)}.")
    if asks_interest and compound:
        lines.append(f"The interest is {dollars(end)} - {dollars(paid)} = {dollars(cents)}.")
    story = f"Every year the account earns {rate}% interest"
    story += ", compounded once a year." if compound else " on the first deposit alone (simple interest)."
    time = counted(years, "year") if not months else counted(months, "month")
    if deposit:
        story += (
            f" At the end of each year, after the interest is added, {dollars(deposit)} more are paid in, "
            "also at the end of the last year."
        )
    asked = (
        f"How much interest is earned in {time} in all?"
        if asks_interest
        else f"What is the balance after {time}?"
    )
    answer = dollars(cents)
    return Problem(
        question=simple_and_compound_interest.ask(
            rng, name=someone(rng).name, start=dollars(start), story=story, asked=asked
        ),
        answer=answer,
        spec=QUANTITY,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given={
            "start": start,
            "rate": rate,
            "compound": compound,
            "months": months or 12 * years,
            "deposit": deposit,
            "asked": "interest" if asks_interest else "balance",
        },
        key=("interest", compound, start, rate, months or 12 * years, deposit, asks_interest),
    )


def _account(rng: random.Random, level: int) -> tuple[int, int, int, int, int]:
    """First deposit in cents, rate in percent, years, months (0 for whole years), yearly deposit in cents."""
    rate = rng.choice(RATES)
    if level == 1:
        return 1000 * rng.randint(20, 900), rate, rng.randint(2, 9), 0, 0
    if level == 2:
        months = rng.choice([months for months in range(2, 36) if months % 12])
        unit = lcm(1000, 1200 // gcd(1200, rate * months))
        return unit * rng.randint(max(1, 20000 // unit), 900000 // unit), rate, 0, months, 0
    years = 2 if level == 3 else 3
    while True:
        unit = lcm(100, _exact_unit(rate, years))
        if unit <= 200000:
            break
        rate = rng.choice(RATES)
    start = unit * rng.randint(max(1, 20000 // unit), max(2, 6000000 // unit))
    if level < 5:
        return start, rate, years, 0, 0
    step = lcm(1000, _exact_unit(rate, years - 1))
    return start, rate, years, 0, step * rng.randint(1, max(1, 300000 // step))


def _simple(start: int, rate: int, years: int, months: int) -> tuple[list[str], int]:
    if not months:
        year = start * rate // 100
        return [
            f"One year earns {rate}% of {dollars(start)}, which is {dollars(year)}.",
            f"{years} years: {years} * {dollars(year)} = {dollars(years * year)}.",
        ], start + years * year
    earned = start * rate * months // 1200
    return [
        f"{months} months are {Fraction(months, 12)} of a year.",
        f"The interest is {dollars(start)} * {rate}/100 * {months}/12 = {dollars(earned)}.",
        f"The balance is {dollars(start)} + {dollars(earned)} = {dollars(start + earned)}.",
    ], start + earned


def _yearly(start: int, rate: int, years: int, deposit: int) -> tuple[list[str], int]:
    lines, balance = [], start
    for year in range(1, years + 1):
        earned = balance * rate // 100
        line = f"Year {year}: {rate}% of {dollars(balance)} is {dollars(earned)}, and {dollars(balance)} + "
        line += dollars(earned)
        balance += earned
        if deposit:
            line += f" + {dollars(deposit)}"
            balance += deposit
        lines.append(f"{line} = {dollars(balance)}.")
    return lines, balance


@simple_and_compound_interest.proof
def _simple_and_compound_interest(given: Given) -> str:
    import sympy

    start, rate = sympy.Rational(given["start"], 100), sympy.Rational(given["rate"], 100)
    years, deposit = sympy.Rational(given["months"], 12), sympy.Rational(given["deposit"], 100)
    if given["compound"]:
        growth = (1 + rate) ** years
        end = start * growth + deposit * (growth - 1) / rate
    else:
        end = start * (1 + rate * years)
    cents = 100 * (end - start - deposit * years if given["asked"] == "interest" else end)
    if not cents.is_Integer:
        raise ValueError("not whole cents")
    return f"${int(cents) // 100}.{int(cents) % 100:02}"


GOALS = ("a bicycle", "a tent", "a telescope", "a school trip", "a camera", "a skateboard", "a violin")
Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


@family(
    name="savings_schedule",
    wordings=(
        "{story} {asked}",
        "{goal} {story} {asked}",
        "{asked} Here is the plan. {story}",
    ),
)
def savings_schedule(rng: random.Random, level: int) -> Problem:
    """Money put aside week by week, how much or how soon, worked with sums and the size of a round."""
    first, second = (who.name for who in some_people(rng, 2))
    if level == 5:
        story, asked, given, lines, answer, spec = _race(rng, first, second)
    else:
        make = (_steady, _until, _growing, _with_spending)[level - 1]
        story, asked, given, lines, answer, spec = make(rng, first)
    return Problem(
        question=savings_schedule.ask(
            rng, story=story, asked=asked, goal=f"{first} is saving for {rng.choice(GOALS)}."
        ),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("savings_schedule", *given.items()),
    )


def _steady(rng: random.Random, name: str) -> Told:
    start, weekly, weeks = rng.randint(3, 80), rng.randint(2, 40), rng.randint(3, 30)
    story = f"{name} has {dollars(100 * start)} and puts {dollars(100 * weekly)} aside every week."
    end = start + weekly * weeks
    lines = [
        f"{weeks} weeks: {weeks} * {weekly} = {weekly * weeks} dollars.",
        f"{start} + {weekly * weeks} = {end}",
    ]
    asked = f"How many dollars does {name} have after {weeks} weeks?"
    return (
        story,
        asked,
        {"kind": "steady", "start": start, "weekly": weekly, "weeks": weeks},
        lines,
        str(end),
        INTEGER,
    )


def _until(rng: random.Random, name: str) -> Told:
    start, earned = rng.randint(5, 90), rng.randint(12, 60)
    spent = rng.randint(2, earned - 3)
    gain = earned - spent
    goal = start + rng.randint(4 * gain, 40 * gain)
    weeks = -(-(goal - start) // gain)
    story = (
        f"{name} has ${start}, earns ${earned} every week and spends ${spent} of it; the rest is put aside "
        "at the end of the week."
    )
    lines = [
        f"Every week {earned} - {spent} = {gain} dollars are put aside.",
        f"{goal} - {start} = {goal - start} dollars are missing.",
        f"{weeks - 1} * {gain} = {(weeks - 1) * gain} is less than {goal - start}, and {weeks} * {gain} = "
        f"{weeks * gain} is enough.",
    ]
    asked = f"After how many weeks does {name} have at least ${goal} for the first time?"
    given = {"kind": "until", "start": start, "earned": earned, "spent": spent, "goal": goal}
    return story, asked, given, lines, str(weeks), INTEGER


def _growing(rng: random.Random, name: str) -> Told:
    start, first, more, weeks = rng.randint(5, 90), rng.randint(2, 20), rng.randint(1, 6), rng.randint(6, 40)
    last = first + more * (weeks - 1)
    story = (
        f"{name} has ${start} and puts ${first} aside in the first week, and in every later week ${more} "
        "more than in the week before."
    )
    double = weeks * (first + last)
    end = start + double // 2
    lines = [
        f"In week {weeks} {name} puts {first} + {weeks - 1} * {more} = {last} dollars aside.",
        f"First and last week together make {first} + {last} = {first + last}, and so do the second and "
        "the last but one, and so on.",
        f"All {weeks} weeks make {weeks} * {first + last}/2 = {double // 2}.",
        f"With the start: {start} + {double // 2} = {end}.",
    ]
    asked = f"How many dollars does {name} have after {weeks} weeks?"
    given = {"kind": "growing", "start": start, "first": first, "more": more, "weeks": weeks}
    return story, asked, given, lines, str(end), INTEGER


def _with_spending(rng: random.Random, name: str) -> Told:
    while True:
        start, weekly, every = rng.randint(5, 60), rng.randint(10, 50), rng.randint(3, 6)
        spent = rng.randint(weekly + 1, every * weekly - 5)
        gain = every * weekly - spent
        top = start + (every - 1) * weekly  # the most before the first spending
        goal = top + rng.randint(1, 12 * gain)
        rounds = -(-(goal - top) // gain)
        if 2 <= rounds <= 15:
            break
    begin = start + rounds * gain
    within = -(-(goal - begin) // weekly)
    weeks = rounds * every + within
    story = (
        f"{name} has ${start}. At the end of every week {name} adds ${weekly}, and at the end of every "
        f"{every}th week, after adding, spends ${spent} on a hobby.".replace(" 3th", " 3rd")
    )
    lines = [
        f"In a round of {every} weeks {every} * {weekly} - {spent} = {gain} dollars are gained.",
        f"The money is highest one week before the spending; in the first round that is {start} + "
        f"{every - 1} * {weekly} = {top}.",
        f"After {rounds - 1} full rounds it reaches {top} + {rounds - 1} * {gain} = "
        f"{top + (rounds - 1) * gain}, less than {goal}; after {rounds} it reaches {top + rounds * gain}, "
        "which is enough.",
        f"{rounds} full rounds are {rounds} * {every} = {rounds * every} weeks, with {start} + {rounds} * "
        f"{gain} = {begin} dollars at their end.",
        f"{goal} - {begin} = {goal - begin} more are needed: {counted(within, 'week')} of ${weekly}, since "
        f"{within} * {weekly} = {within * weekly}.",
        f"{rounds * every} + {within} = {weeks}",
    ]
    asked = f"After how many weeks does {name} have at least ${goal} for the first time?"
    given = {
        "kind": "spending",
        "start": start,
        "weekly": weekly,
        "every": every,
        "spent": spent,
        "goal": goal,
    }
    return story, asked, given, lines, str(weeks), INTEGER


def _race(rng: random.Random, first: str, second: str) -> Told:
    while True:
        ahead, behind = rng.randint(60, 400), rng.randint(5, 59)
        steady, start, more = rng.randint(5, 25), rng.randint(1, 10), rng.randint(1, 5)
        gap, slower = ahead - behind, steady - start
        if slower > 0:
            break
    weeks = 1
    while more * weeks * (weeks - 1) // 2 - slower * weeks <= gap:
        weeks += 1
    story = (
        f"{first} has ${ahead} and puts ${steady} aside every week. {second} has ${behind} and puts "
        f"${start} aside in the first week, and in every later week ${more} more than in the week before."
    )
    lines = [
        f"After n weeks {first} has {ahead} + {steady} * n.",
        f"{second} has {behind} + {start} * n + {more} * n(n - 1)/2, since the raises add up to {more} * "
        "(0 + 1 + ... + (n - 1)).",
        f"{second} has more when {more} * n(n - 1)/2 > {gap} + {slower} * n.",
    ]
    for n in (weeks - 1, weeks):
        raised, needed = more * n * (n - 1) // 2, gap + slower * n
        sign = ">" if raised > needed else "="
        sign = sign if raised >= needed else "<"
        lines.append(
            f"n = {n}: {more} * {n} * {n - 1}/2 = {raised} {sign} {gap} + {slower} * {n} = {needed}."
        )
    lines.append(
        f"From n to n + 1 the left side grows by {more} * n and the right side by {slower}, so the lead of "
        f"{first} first grows and then shrinks: it ends only once."
    )
    money = behind + start * weeks + more * weeks * (weeks - 1) // 2
    lines.append(
        f"After {weeks} weeks {second} has {behind} + {start} * {weeks} + {money - behind - start * weeks} "
        f"= {money}."
    )
    asked = (
        f"How many dollars does {second} have after the first week at whose end it is more than {first} has?"
    )
    given = {
        "kind": "race",
        "ahead": ahead,
        "behind": behind,
        "steady": steady,
        "first": start,
        "more": more,
    }
    return story, asked, given, lines, str(money), INTEGER


@savings_schedule.proof
def _savings_schedule(given: Given) -> str:
    kind, week = given["kind"], 0
    if kind == "race":
        one, other, step = given["ahead"], given["behind"], given["first"]
        while other <= one:
            one, other, step = one + given["steady"], other + step, step + given["more"]
        return str(other)
    money, step = (
        given["start"],
        given.get("weekly") or given.get("first") or given["earned"] - given["spent"],
    )
    while week < given["weeks"] if "weeks" in given else money < given["goal"]:
        week += 1
        money += step
        step += given.get("more", 0)
        if kind == "spending" and week % given["every"] == 0:
            money -= given["spent"]
    return str(money if "weeks" in given else week)
