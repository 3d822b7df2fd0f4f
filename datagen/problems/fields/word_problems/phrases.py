"""Amounts of money, time and clock readings in words, for the stories of this field."""

from __future__ import annotations

from datagen.problems.text import counted, listing

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June", "July", "August")
MONTHS += ("September", "October", "November", "December")


def dollars(cents: int) -> str:
    """`$12.50`, or `$12` where there are no cents.

    >>> dollars(1250), dollars(1200), dollars(5)
    ('$12.50', '$12', '$0.05')
    """
    whole, rest = divmod(cents, 100)
    return f"${whole}.{rest:02}" if rest else f"${whole}"


def duration(minutes: int) -> str:
    """`45 minutes`, `2 hours`, `1 hour 15 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] if hours else []
    return " ".join([*parts, *([counted(rest, "minute")] if rest or not hours else [])])


def clock(minutes: int) -> str:
    """The reading of a 24-hour clock so many minutes after midnight.

    >>> clock(545), clock(1450)
    ('09:05', '00:10')
    """
    hours, rest = divmod(minutes % 1440, 60)
    return f"{hours:02}:{rest:02}"


def total(parts: list[int], unit: str = "") -> str:
    """`3 + 4 = 7`, or the number alone where there is but one."""
    if len(parts) == 1:
        return f"{parts[0]}{unit}"
    return f"{' + '.join(map(str, parts))} = {sum(parts)}{unit}"


def enumerated(amounts: list[tuple[int, str]]) -> str:
    """`2 pens, 1 ruler and 3 books` of (number, noun)."""
    return listing([counted(number, noun) for number, noun in amounts])
