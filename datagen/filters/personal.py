"""Personal data in rows: found, and masked (`Mask`, an `Edit`) or turned down (`Personal`, a filter).

E-mail addresses, phone numbers, IP addresses, card numbers, IBANs, US social security numbers, credentials
in addresses, keys and tokens; street addresses if asked. Names of persons are not looked for: no pattern can
tell Rose the person from the flower. `personal_finders.py` knows what each looks like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.filters.filter import Verdict, is_known
from datagen.filters.personal_finders import FINDERS, USUAL, Found, found_in
from datagen.filters.text import Texts, looked_at
from schemas import Row, UserError, unknown_name
from schemas.settings import setting

TEXT_COLUMNS = ("text", "question", "solution", "answer")
TURN_COLUMNS = ("messages", "prompt", "completion", "chosen", "rejected")
NAMES = {
    "email": "e-mail address",
    "phone": "phone number",
    "ip": "IP address",
    "card": "card number",
    "iban": "IBAN",
    "ssn": "social security number",
    "credentials": "credentials",
    "key": "key or token",
    "address": "street address",
}
"""What a kind is called in a reason."""


@dataclass(frozen=True)
class Personal:
    """A row with personal data in it: e-mail, phone, IP address, card, IBAN, SSN, credentials, keys."""

    kinds: tuple[str, ...] = setting(USUAL, help=f"what to look for, of {', '.join(FINDERS)}")
    texts: Texts = setting("all", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        for text in looked_at(row, self.texts):
            if found := found_in(text, self.kinds):
                return False, f"personal data: {NAMES[found[0].kind]}"
        return True


@dataclass
class Mask:
    """Masks personal data as `[EMAIL]`, `[PHONE]` and so on; `counts` has how many of each kind.

    With `numbered`, the same value has the same number throughout a row, as `[EMAIL_1]`. A masked row holds
    nothing more to mask.
    """

    kinds: tuple[str, ...] = setting(USUAL, help=f"what to mask, of {', '.join(FINDERS)}")
    numbered: bool = setting(False, help="[EMAIL_1], [EMAIL_2]: the same number for the same value of a row")
    counts: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

    def __call__(self, row: Row) -> Row:
        masked, counts = masked_row(row, self.kinds, self.numbered)
        self.counts.update(counts)
        return masked


def masked_row(row: Row, kinds: Iterable[str] = USUAL, numbered: bool = False) -> tuple[Row, Counter[str]]:
    """The row with its texts masked, and how many values of each kind there were. `meta` is let be.

    Of a row of no known kind all texts are masked.
    """
    numbers: dict[tuple[str, str], int] = {}
    counts: Counter[str] = Counter()
    kinds = tuple(kinds)

    def masked(text: Any) -> Any:
        if isinstance(text, list):
            return [masked(part) for part in text]
        if isinstance(text, dict):
            return {name: masked(part) for name, part in text.items()}
        if not isinstance(text, str):
            return text
        found = found_in(text, kinds)
        counts.update(one.kind for one in found)
        return replaced(text, found, numbers if numbered else None)

    changed: Row = {}
    known = is_known(row)
    for column, value in row.items():
        if column in TEXT_COLUMNS or (not known and column != "meta"):
            changed[column] = masked(value)
        elif column in TURN_COLUMNS and isinstance(value, list):
            changed[column] = [{**turn, "content": masked(turn["content"])} for turn in value]
        else:
            changed[column] = value
    return (changed if counts else row), counts


def masked_text(text: str, kinds: Iterable[str] = USUAL) -> str:
    """One text, masked.

    >>> masked_text("Write to ann@example.org or call +44 20 7946 0958.")
    'Write to [EMAIL] or call [PHONE].'
    """
    return replaced(text, found_in(text, tuple(kinds)))


def replaced(text: str, found: Iterable[Found], numbers: dict[tuple[str, str], int] | None = None) -> str:
    """The text with what was found replaced by marks; `numbers` are those given so far."""
    parts, place = [], 0
    for one in found:
        mark = one.kind.upper()
        if numbers is not None:
            key = one.kind, text[one.start : one.end].lower()
            same_kind = sum(kind == one.kind for kind, _ in numbers)
            mark += f"_{numbers.setdefault(key, same_kind + 1)}"
        parts += [text[place : one.start], f"[{mark}]"]
        place = one.end
    return "".join([*parts, text[place:]]) if parts else text


def check_kinds(kinds: Iterable[str], where: object = None) -> None:
    """`UserError` for a kind nobody here looks for, or for none."""
    kinds = tuple(kinds)
    if not kinds:
        raise UserError("nothing is looked for", where=where, mend=f"name kinds of {', '.join(FINDERS)}")
    for kind in kinds:
        if kind not in FINDERS:
            raise unknown_name("kind of personal data", kind, FINDERS, where=where)


def in_words(counts: Mapping[str, int]) -> str:
    """Counts by kind in words, the most first.

    >>> in_words({"email": 2, "iban": 1})
    'e-mail address: 2, IBAN: 1'
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{NAMES[kind]}: {count:,}" for kind, count in ordered)
