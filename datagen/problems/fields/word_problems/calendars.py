"""Stories about the calendar.

Constructions count days by hand, month by month; the proof is `datetime`'s.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import MONTHS, WEEKDAYS
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, TEXT
from datagen.problems.text import boxed, counted
from verifiers import AnswerSpec

Date = tuple[int, int, int]
"""Year, month from 1, day."""


def is_leap(year: int) -> bool:
    """Whether the year has a 29 February in the Gregorian calendar."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_days(year: int, month: int) -> int:
    """How many days the month has.

    >>> month_days(2024, 2), month_days(1900, 2), month_days(2023, 11)
    (29, 28, 30)
    """
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def day_number(date: Date) -> int:
    """Days since the last day before the year 1, which was a Sunday."""
    year, month, day = date
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400
    return 365 * before + leaps + sum(month_days(year, m) for m in range(1, month)) + day


def _written(date: Date) -> str:
    return f"{date[2]} {MONTHS[date[1] - 1]} {date[0]}"


def _iso(date: Date) -> str:
    return f"{date[0]}-{date[1]:02}-{date[2]:02}"


def _date(rng: random.Random, year: int) -> Date:
    """A date of that year that every year has."""
    month = rng.randint(1, 12)
    return year, month, rng.randint(1, 28 if month == 2 else month_days(year, month))


def _months_walk(start: Date, end: Date) -> tuple[list[str], int]:
    """The days from one date to a later one less than a year away, month by month."""
    (year, month, day), sizes = start, list[int]()
    parts: list[str] = []
    while (year, month) < (end[0], end[1]):
        rest = month_days(year, month) - (day if not parts else 0)
        parts.append(f"{rest} in {MONTHS[month - 1]}" + (f" {year}" if month in (1, 2) else ""))
        sizes.append(rest)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if not parts:
        return [f"{end[2]} - {day} = {end[2] - day} days."], end[2] - day
    sizes.append(end[2])
    shown = ", ".join([*parts, f"{end[2]} in {MONTHS[end[1] - 1]}"])
    lines = [
        f"Days after {day} {MONTHS[start[1] - 1]} {start[0]}: {shown}.",
        f"{' + '.join(map(str, sizes))} = {sum(sizes)}",
    ]
    return lines, sum(sizes)


def _years_walk(start: Date, end: Date) -> tuple[list[str], int]:
    """The days between two dates, first by whole years and then by months."""
    last = end[0] if end[1:] >= start[1:] else end[0] - 1
    years = last - start[0]
    if not years:
        return _months_walk(start, end)
    first_february = start[0] if start[1] <= 2 else start[0] + 1
    last_february = last if start[1] > 2 else last - 1
    leaps = [year for year in range(first_february, last_february + 1) if is_leap(year)]
    anniversary = (last, *start[1:])
    days = 365 * years + len(leaps)
    if not leaps:
        named = "no 29 February falls between"
    elif len(leaps) <= 3:
        named = f"29 February falls between in {', '.join(map(str, leaps))}"
    else:
        named = f"29 February falls between {len(leaps)} times, first in {leaps[0]}, last in {leaps[-1]}"
    lines = [
        f"From {_written(start)} to {_written(anniversary)} there are {counted(years, 'year')}; {named}.",
        f"{years} * 365{f' + {len(leaps)}' if leaps else ''} = {days} days.",
    ]
    if anniversary == end:
        return lines, days
    more, rest = _months_walk(anniversary, end)
    return [*lines, *more, f"{days} + {rest} = {days + rest} days in all."], days + rest


Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


@family(
    name="calendar_days",
    wordings=(
        "{story} {asked}",
        "{name} looks at a calendar. {story} {asked}",
        "Help {name} with a question about dates. {story} {asked}",
    ),
)
def calendar_days(rng: random.Random, level: int) -> Problem:
    """Weekdays and days between dates, leap years included, worked month by month and year by year."""
    make = (_weekday_later, _days_in_year, _days_over_years, _date_later, _weekday_of_date)[level - 1]
    story, asked, given, lines, answer, spec = make(rng)
    return Problem(
        question=calendar_days.ask(rng, story=story, asked=asked, name=someone(rng).name),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("calendar_days", *given.items()),
    )


def _weekday_later(rng: random.Random) -> Told:
    today, days, back = rng.randrange(7), rng.randint(8, 150), rng.random() < 0.4
    weeks, rest = divmod(days, 7)
    answer = WEEKDAYS[(today - rest if back else today + rest) % 7]
    lines = [f"{days} = 7 * {weeks} + {rest}, and after whole weeks the day is the same."]
    direction = "back" if back else "on"
    lines.append(f"{counted(rest, 'day')} {direction} from {WEEKDAYS[today]} is {answer}.")
    asked = f"What day of the week {f'was it {days} days ago' if back else f'will it be in {days} days'}?"
    given = {"weekday": WEEKDAYS[today], "days": -days if back else days}
    return f"Today is {WEEKDAYS[today]}.", asked, given, lines, answer, TEXT


def _days_in_year(rng: random.Random) -> Told:
    year = rng.choice([year for year in range(2001, 2040) if not is_leap(year)])
    start, end = sorted((_date(rng, year), _date(rng, year)))
    if start[1] == end[1]:
        start, end = (year, 2, start[2] % 28 + 1), (year, 9, end[2] % 30 + 1)
    lines, days = _months_walk(start, end)
    story = f"The year {year} is no leap year."
    asked = f"How many days after {_written(start)} is {_written(end)}?"
    return story, asked, {"from": _iso(start), "to": _iso(end)}, lines, str(days), INTEGER


def _days_over_years(rng: random.Random) -> Told:
    year = rng.randint(1995, 2035)
    start, end = _date(rng, year), _date(rng, year + rng.randint(2, 7))
    if start[1] == end[1]:
        end = (end[0], end[1] % 12 + 1, min(end[2], 28))
    lines, days = _years_walk(start, end)
    asked = f"How many days after {_written(start)} is {_written(end)}?"
    story = "Remember the leap years."
    return story, asked, {"from": _iso(start), "to": _iso(end)}, lines, str(days), INTEGER


def _date_later(rng: random.Random) -> Told:
    start, days = _date(rng, rng.randint(1995, 2035)), rng.randint(160, 300)
    (year, month, day), left = start, days
    lines: list[str] = []
    while left > month_days(year, month) - day:
        rest = month_days(year, month) - day
        name = f"{MONTHS[month - 1]} {year}"
        used = (
            f"After {day} {name} the month has {rest} more days" if not lines else f"{name} has {rest} days"
        )
        lines.append(f"{used}: {left} - {rest} = {left - rest}.")
        left -= rest
        year, month, day = (year, month + 1, 0) if month < 12 else (year + 1, 1, 0)
    end = (year, month, day + left)
    lines.append(f"Day {end[2]} of {MONTHS[month - 1]} {year} is reached.")
    asked = f"Which date is {days} days after {_written(start)}? Answer like 5 March 2024."
    given = {"from": _iso(start), "days": days}
    return "Remember the leap years.", asked, given, lines, _written(end), TEXT


def _weekday_of_date(rng: random.Random) -> Told:
    year = rng.randint(1880, 2090)
    start, end = _date(rng, year), _date(rng, year + rng.randint(12, 70))
    if start[1] == end[1]:
        end = (end[0], end[1] % 12 + 1, min(end[2], 28))
    lines, days = _years_walk(start, end)
    weekday = WEEKDAYS[(day_number(start) - 1) % 7]
    answer = WEEKDAYS[(WEEKDAYS.index(weekday) + days) % 7]
    lines.append(f"{days} = 7 * {days // 7} + {days % 7}")
    lines.append(f"{counted(days % 7, 'day')} on from {weekday} is {answer}.")
    story = f"In the Gregorian calendar {_written(start)} is a {weekday}."
    asked = f"On which day of the week does {_written(end)} fall?"
    given = {"known": _iso(start), "weekday": weekday, "date": _iso(end)}
    return story, asked, given, lines, answer, TEXT


@calendar_days.proof
def _calendar_days(given: Given) -> str:
    from datetime import date, timedelta

    if "known" in given:
        known, wanted = date.fromisoformat(given["known"]), date.fromisoformat(given["date"])
        if known.strftime("%A") != given["weekday"]:
            raise ValueError("the known weekday is not that of the calendar")
        return wanted.strftime("%A")
    if "to" in given:
        return str((date.fromisoformat(given["to"]) - date.fromisoformat(given["from"])).days)
    if "from" in given:
        end = date.fromisoformat(given["from"]) + timedelta(days=given["days"])
        return f"{end.day} {end:%B} {end.year}"
    today = date(2024, 1, 1)
    while today.strftime("%A") != given["weekday"]:
        today += timedelta(days=1)
    return (today + timedelta(days=given["days"])).strftime("%A")


@calendar_days.variants
def _calendar_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    """The other weekdays; the day before and after a date."""
    if answer in WEEKDAYS:
        return [], [day for day in WEEKDAYS if day != answer]
    if not answer.isdecimal():
        day, _, rest = answer.partition(" ")
        return [], [f"{int(day) + 1} {rest}", f"{int(day) - 1} {rest}"]
    return [], []
