"""Numbers written out: integers, fractions, decimals, percentages, digits in a base, quantities."""

from __future__ import annotations

import re

from verifiers import AnswerSpec

_UNIT_OF = re.compile(r"(-?)(\$?)(\d[\d.,/]*) ?(.*)")


def spellings(answer: str, _spec: AnswerSpec | None = None) -> list[str]:
    """Spaces, dollar signs, a typographic minus; a fraction in LaTeX, a trailing zero, digits in groups."""
    made = [f" {answer} ", f"${answer}$", answer.replace("-", "−")]
    if "/" in answer:
        sign, (above, below) = "-" * answer.startswith("-"), answer.lstrip("-").split("/")
        return [
            *made,
            f"{sign}\\frac{{{above}}}{{{below}}}",
            f"{sign}\\dfrac{{{above}}}{{{below}}}",
            f"{answer.replace('/', ' / ')}",
        ]
    if "." in answer:
        return [*made, f"{answer}0"]
    return [*made, f"{int(answer):,}".replace(",", "{,}")]


def misses(answer: str, _spec: AnswerSpec | None = None) -> list[str]:
    """Off by one, sign, a factor of ten or a hundred, the fraction turned over."""
    minus = answer.startswith("-")
    bare = answer.lstrip("-")
    turned = bare if minus else f"-{bare}"
    if "/" in bare:
        above, below = map(int, bare.split("/"))
        sign = "-" * minus
        moved = [f"{sign}{above + 1}/{below}", f"{sign}{above}/{below + 1}", f"{sign}{above}"]
        return [turned, *moved, *([f"{sign}{below}/{above}"] if above != below else [])]
    if "." in bare:
        whole, places = bare.split(".")
        last = str(int(places) + 1).zfill(len(places))
        moved = [f"{whole}.{last}"] if len(last) == len(places) else []
        return [
            turned,
            whole,
            f"{whole}{places}",
            *(f"{'-' * minus}{text}" for text in [*moved, f"{whole}.0{places}"]),
        ]
    number = int(answer)
    tens = [f"{answer}0", f"{answer}00"] if number else []
    return [*([turned] if number else []), str(number + 1), str(number - 1), *tens, f"{answer}.5"]


def percentage_spellings(answer: str, _spec: AnswerSpec) -> list[str]:
    """The sign in LaTeX, at a distance, in words, and left out."""
    bare = answer.rstrip("% ")
    return [f"{bare}\\%", f"{bare} %", f"{bare} percent", bare]


def percentage_misses(answer: str, _spec: AnswerSpec) -> list[str]:
    """The misses of the number before the sign."""
    return [f"{miss}%" for miss in misses(answer.rstrip("% "))]


def quantity_spellings(answer: str, _spec: AnswerSpec) -> list[str]:
    """The unit as LaTeX text, the number in dollar signs."""
    sign, dollar, number, unit = _parts(answer)
    if dollar:
        return [f"{sign}\\${number}", f"{sign}{number} dollars"]
    return [
        f"{sign}{number}\\text{{ {unit}}}",
        f"{sign}{number}~\\mathrm{{{unit}}}",
        f"${sign}{number}$ {unit}",
    ]


def quantity_misses(answer: str, _spec: AnswerSpec) -> list[str]:
    """The misses of the number with the same unit; the number without its unit; the number with another."""
    sign, dollar, number, unit = _parts(answer)
    if dollar:
        return [f"${miss}" for miss in misses(number)]
    other = "m" if unit != "m" else "km"
    return [*(f"{miss} {unit}" for miss in misses(sign + number)), sign + number, f"{sign}{number} {other}"]


def _parts(answer: str) -> tuple[str, str, str, str]:
    """Sign, dollar sign, number and unit of a quantity."""
    found = _UNIT_OF.fullmatch(answer)
    if found is None:
        raise ValueError(f"{answer!r} is no number with a unit")
    sign, dollar, number, unit = found.groups()
    return sign, dollar, number, unit


def base_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The digits alone, and with the base below them."""
    digits = answer.partition("_")[0]
    return [digits, f"{digits}_{{{spec.base}}}", f"({digits})_{{{spec.base}}}"]


def base_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """The last digit changed, a digit too many, one too few, the digits backwards."""
    digits = answer.partition("_")[0]
    last = "1" if digits[-1] == "0" else "0"
    made = [f"{digits[:-1]}{last}", f"{digits}0", f"1{digits}", f"-{digits}"]
    backwards = digits[::-1].lstrip("0")
    return [*made, *([backwards] if backwards and backwards != digits else [])]
