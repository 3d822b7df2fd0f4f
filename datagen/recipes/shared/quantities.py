"""The numbers that a text states, in digits and in words: what a story must tell, and what it must not."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\s*/\s*[1-9]\d*|\d+(?:\.\d+)?")
_WORD = re.compile(r"[a-z]+")
_UNITS = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_TIMES = {
    **{"twice": 2, "double": 2, "doubles": 2, "doubled": 2, "half": 2, "halves": 2, "couple": 2, "pair": 2},
    **{"thrice": 3, "triple": 3, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "dozen": 12},
}
_LARGE = {"hundred": 100, "thousand": 1000}


def numbers_in(text: str) -> set[Fraction]:
    """Every number of a text. "Twice" and "half" are a 2; a fraction in digits counts whole and in parts.

    >>> sorted(map(str, numbers_in("Twenty-one pens, 1,200 books, twice 2.5 and 3/4")))
    ['1200', '2', '21', '3', '3/4', '4', '5/2']
    """
    found: set[Fraction] = set()
    for written in _DIGITS.findall(text):
        above, slash, below = written.replace(",", "").replace(" ", "").partition("/")
        parts = [Fraction(above), *([Fraction(below), Fraction(above) / Fraction(below)] if slash else [])]
        found.update(parts)
    return found | _in_words(text.lower())


def _in_words(text: str) -> set[Fraction]:
    found: set[Fraction] = set()
    number: list[int] = []  # the thousands, then the rest, of the number being read; empty between numbers
    last = end = 0  # the value of its last word, and where that ends
    for match in _WORD.finditer(text.lower()):
        word, between = match.group(), text[end : match.start()].lower().strip(" -")
        if word == "and":
            continue
        small, large = _SMALL.get(word), _LARGE.get(word)
        goes_on = bool(number) and (
            (between == "" and small is not None and 0 < small < 10 and last in range(20, 100, 10))
            or (between in ("", "and") and small is not None and last in _LARGE.values())
            or (between == "" and large is not None and large > last)
        )
        if not goes_on and number:
            found.add(Fraction(sum(number)))
            number = []
        if large == 1000:
            number = [1000 * (sum(number) or 1), 0]
        elif large == 100:
            number = [number[0], (number[1] or 1) * 100] if number else [0, 100]
        elif small is not None:
            number = [number[0], number[1] + small] if number else [0, small]
        if word in _TIMES:
            found.add(Fraction(_TIMES[word]))
        last, end = small or large or 0, match.end()
    return found | ({Fraction(sum(number))} if number else set())
