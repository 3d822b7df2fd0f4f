"""Other ways to write an answer, and wrong answers close to it, by kind of answer.

Works on the answer's text alone and computes nothing, so that it cannot share a mistake with the verifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from verifiers import AnswerSpec

Variants = Callable[[str], list[str]]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")
_TERM = re.compile(r"([+-])?\s*([^\s+-]+)")


def spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The answer in other writings that mean the same; the answer itself comes first."""
    return list(dict.fromkeys([answer, *_SPELLINGS[spec.kind](answer)]))


def near_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """Answers that are wrong, each by one typical mistake; none of them is a spelling of the answer."""
    same = set(spellings(answer, spec))
    return [miss for miss in dict.fromkeys(_MISSES[spec.kind](answer)) if miss not in same]


def _number_spellings(answer: str) -> list[str]:
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


def _number_misses(answer: str) -> list[str]:
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


def _expression_spellings(answer: str) -> list[str]:
    """The terms in the other order, powers in LaTeX and in Python, explicit products."""
    terms = [(sign or "+", term) for sign, term in _TERM.findall(answer)]
    backwards = " ".join(f"{sign} {term}" for sign, term in reversed(terms)).removeprefix("+ ")
    latex = re.sub(r"\^(\d+)", r"^{\1}", answer)
    explicit = re.sub(r"(\d)([a-z])", r"\1*\2", answer)
    return [backwards, latex, explicit, explicit.replace("^", "**"), answer.replace(" ", "")]


def _expression_misses(answer: str) -> list[str]:
    """One term dropped, one sign turned, one number off by one, the variable renamed, all negated."""
    terms = [(sign or "+", term) for sign, term in _TERM.findall(answer)]
    made = []
    for place, (sign, term) in enumerate(terms):
        turned = [*terms[:place], ("-" if sign == "+" else "+", term), *terms[place + 1 :]]
        made += [_joined(turned), *([_joined(terms[:place] + terms[place + 1 :])] if len(terms) > 1 else [])]
    numbers = list(re.finditer(r"\d+", answer))
    made += [f"{answer[: n.start()]}{int(n.group()) + 1}{answer[n.end() :]}" for n in numbers]
    return [*made, answer.replace("x", "y")] if "x" in answer else made


def _joined(terms: list[tuple[str, str]]) -> str:
    return " ".join(f"{sign} {term}" for sign, term in terms).removeprefix("+ ")


def _items(answer: str) -> list[str]:
    return [item.strip() for item in answer[1:-1].split(",")]


def _tuple_spellings(answer: str) -> list[str]:
    items = _items(answer)
    return [f"({','.join(items)})", f"\\left({', '.join(items)}\\right)", f"( {' , '.join(items)} )"]


def _tuple_misses(answer: str) -> list[str]:
    items = _items(answer)
    swapped = items[::-1]
    return [
        *_with_one_wrong(items, "(", ")"),
        *([f"({', '.join(swapped)})"] if swapped != items else []),
        f"({items[0]})",
    ]


def _set_spellings(answer: str) -> list[str]:
    items = _items(answer)
    return [
        f"\\{{{', '.join(items)}\\}}",
        f"{{{', '.join(reversed(items))}}}",
        f"\\left\\{{{', '.join(items)}\\right\\}}",
    ]


def _set_misses(answer: str) -> list[str]:
    items = _items(answer)
    fewer = [f"{{{', '.join(items[:place] + items[place + 1 :])}}}" for place in range(len(items))]
    return [*_with_one_wrong(items, "{", "}"), *fewer, f"{{{', '.join([*items, '1000'])}}}"]


def _with_one_wrong(items: list[str], opening: str, closing: str) -> list[str]:
    """The list with each of its numbers replaced by a near miss, unless that is another of them."""
    made = []
    for place, item in enumerate(items):
        for miss in _number_misses(item)[:3]:
            if miss not in items:
                made.append(f"{opening}{', '.join([*items[:place], miss, *items[place + 1 :]])}{closing}")
    return made


def _truth_spellings(answer: str) -> list[str]:
    yes = answer.lower() in ("true", "yes")
    return [
        answer.upper(),
        answer.capitalize(),
        f"\\text{{{answer}}}",
        *(("true", "yes") if yes else ("false", "no")),
    ]


def _truth_misses(answer: str) -> list[str]:
    return (
        ["false", "no", "not true", "yes or no"]
        if answer.lower() in ("true", "yes")
        else ["true", "yes", "true or false"]
    )


def _text_spellings(answer: str) -> list[str]:
    return [answer.lower(), answer.upper(), f"\\text{{{answer}}}", f"{answer}."]


def _text_misses(answer: str) -> list[str]:
    """One word of a list changed, two neighbours swapped, one left out."""
    items = answer.split(", ")
    made = (
        [", ".join(items[:place] + items[place + 1 :]) for place in range(len(items))]
        if len(items) > 1
        else []
    )
    for place in range(len(items) - 1):
        swapped = [*items[:place], items[place + 1], items[place], *items[place + 2 :]]
        made += [", ".join(swapped)] if swapped != items else []
    return [*made, f"{answer}, {items[0]}", f"not {answer}"]


_SPELLINGS: dict[str, Variants] = {
    "integer": _number_spellings,
    "rational": _number_spellings,
    "decimal": _number_spellings,
    "expression": _expression_spellings,
    "tuple": _tuple_spellings,
    "set": _set_spellings,
    "truth": _truth_spellings,
    "text": _text_spellings,
}
_MISSES: dict[str, Variants] = {
    "integer": _number_misses,
    "rational": _number_misses,
    "decimal": _number_misses,
    "expression": _expression_misses,
    "tuple": _tuple_misses,
    "set": _set_misses,
    "truth": _truth_misses,
    "text": _text_misses,
}
