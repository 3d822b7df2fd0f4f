"""Numbers and text as a reader wants them: percents, durations, sizes, and any text made harmless to show.

Knows nothing of pages: HTML is escaped by its template; Markdown, which has no such help, is escaped here.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

NO_FIGURE = "–"
"""Stands where a figure has no meaning."""

UNSHOWABLE = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"])
"""Unicode categories that show nothing: controls, direction marks, surrogates, line separators."""

SHOWN_CONTROL = re.compile("(‹[0-9A-F]{2,6}›)")
"""What `visible` leaves in the place of a character that cannot be seen."""

MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|~&$#!]|:(?=//))")
"""What may open mark-up in the middle of a line, where all our text stands."""


def number(value: Any) -> float | None:
    """The number that `value` is, or None: text, truth values and nothing at all are no figures."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def percent(value: float | None) -> str:
    """A share as a percent with one decimal: 0.785 is '78.5%'."""
    return _figure(value, lambda share: f"{100 * share:.1f}%")


def decimal(value: float | None, places: int = 2) -> str:
    """A number with a fixed number of decimals: 1234.5 is '1,234.50'."""
    return _figure(value, lambda number: f"{number:,.{places}f}")


def signed(value: float | None, places: int = 2) -> str:
    """The same with its sign, for a difference."""
    return _figure(value, lambda number: f"{number:+,.{places}f}")


def count(value: float | None) -> str:
    """A number of things, with thousands separators."""
    return _figure(value, lambda number: f"{number:,.0f}")


def duration(seconds: float | None) -> str:
    """Seconds as '4.2 s', '8 min 12 s' or '1 h 04 min'."""
    return _figure(seconds, _duration)


def size(bytes_: float | None) -> str:
    """Bytes as '588 kB' or '1.2 MB' (powers of ten)."""
    return _figure(bytes_, _size)


def small(value: float | None) -> str:
    """A small number by its two leading digits: '0.0031', '2.4 × 10⁻⁵'."""
    return _figure(value, _small)


def share_range(interval: tuple[float, float] | None) -> str:
    """An interval of shares in percent: '72.3–83.6%'."""
    if interval is None or not all(map(math.isfinite, interval)):
        return NO_FIGURE
    return f"{100 * interval[0]:.1f}–{percent(interval[1])}"


def visible(text: str) -> str:
    """`text` with its number in the place of every character that cannot be seen; line feeds stay.

    >>> visible("a\\x00b\\tc\\u202ed")
    'a‹00›b‹09›c‹202E›d'
    """
    return "".join(character if _shows(character) else f"‹{ord(character):02X}›" for character in text)


def visible_values(value: Any) -> Any:
    """The same for every text, at any depth, in what JSON can hold."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(name): visible_values(item) for name, item in value.items()}
    return [visible_values(item) for item in value] if isinstance(value, list) else value


def pieces(text: str) -> list[tuple[str, bool]]:
    """Visible text in pieces: (text, whether it stands for a character that cannot be seen)."""
    parts = SHOWN_CONTROL.split(text)
    return [(part, index % 2 == 1) for index, part in enumerate(parts) if part]


def markdown_text(text: str) -> str:
    """`text` on one line of Markdown, also in a table, with no sign of it taken for mark-up."""
    return MARKDOWN_SIGNS.sub(r"\\\1", text.replace("\n", " ↵ "))


def markdown_block(text: str) -> str:
    """`text` as a fenced block that nothing in it can close."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _figure(value: float | None, form: Any) -> str:
    if value is None:
        return NO_FIGURE
    return str(form(value)).replace("-", "−") if math.isfinite(value) else "not finite"


def _duration(seconds: float) -> str:
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _size(bytes_: float) -> str:
    if bytes_ < 1000:
        return f"{bytes_:.0f} bytes"
    return f"{bytes_ / 1e3:,.0f} kB" if bytes_ < 999_500 else f"{bytes_ / 1e6:,.1f} MB"


def _small(value: float) -> str:
    if value == 0 or 1e-4 <= abs(value) < 100:
        return f"{float(f'{value:.2g}'):f}".rstrip("0").rstrip(".")
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _shows(character: str) -> bool:
    return character == "\n" or unicodedata.category(character) not in UNSHOWABLE
