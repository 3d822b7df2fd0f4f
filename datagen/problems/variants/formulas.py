"""Formulas: expressions in variables and constants, equations, propositional formulas."""

from __future__ import annotations

import re

from datagen.problems.variants import numbers
from datagen.problems.variants.terms import CLOSING, OPENING, joined, one_more, terms
from verifiers import AnswerSpec

_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")
_FUNCTION = re.compile(r"\b(sin|cos|tan|ln|log|exp|arcsin|arccos|arctan)\(")


def spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The terms in the other order, LaTeX, Python's powers, explicit products, no spaces."""
    if _PLAIN.fullmatch(answer):
        return numbers.spellings(answer)
    summands = terms(answer)
    explicit = re.sub(r"(\d)([a-z(])", r"\1*\2", answer)
    made = [latex(answer), f"${answer}$", f"\\({answer}\\)", explicit, explicit.replace("^", "**")]
    made += [answer.replace(" ", "")]
    return [*([joined(summands[::-1])] if len(summands) > 1 else []), *made]


def misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One term dropped, one sign turned, one number off by one, the variable renamed, doubled, one more."""
    if _PLAIN.fullmatch(answer):
        return numbers.misses(answer)
    summands = terms(answer)
    made = []
    for place, (sign, term) in enumerate(summands):
        turned = [*summands[:place], ("-" if sign == "+" else "+", term), *summands[place + 1 :]]
        made += [joined(turned)]
        made += [joined(summands[:place] + summands[place + 1 :])] if len(summands) > 1 else []
    renamed = re.sub(r"(?<![a-z])x(?![a-z])", "y", answer)
    return [*made, *one_more(answer), f"{answer} + 1", *([renamed] if renamed != answer else [])]


def latex(text: str) -> str:
    r"""The formula in LaTeX.

    >>> latex("3*sqrt(2)/4 - e^(2*x)")
    '3 \\cdot \\sqrt{2}/4 - e^{2 \\cdot x}'
    """
    for command, before in ((r"\sqrt", "sqrt("), ("^", "^(")):
        while (start := text.find(before)) >= 0:
            end = closing(text, start + len(before) - 1)
            text = f"{text[:start]}{command}{{{text[start + len(before) : end]}}}{text[end + 1 :]}"
    text = re.sub(r"\^(-?\d+)", r"^{\1}", text)
    text = re.sub(r"(?<![\w}\])])(\d+)/(\d+)(?![\w({\[^])", r"\\frac{\1}{\2}", text)
    text = re.sub(r"(?<![a-z\\])(pi|theta)(?![a-z])", r"\\\1 ", text)
    return _FUNCTION.sub(r"\\\1(", text).replace("*", r" \cdot ").replace("  ", " ").strip()


def closing(text: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] in OPENING) - (text[place] in CLOSING)
        if not depth:
            return place
    raise ValueError(f"nothing closes the bracket at {start} of {text!r}")


def equation_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The sides the other way round, LaTeX, no spaces."""
    left, right = (side.strip() for side in answer.split("="))
    return [f"{right} = {left}", latex(answer), f"${answer}$", answer.replace(" ", "")]


def equation_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One number off by one, one side negated, one side alone."""
    left, right = (side.strip() for side in answer.split("="))
    return [
        *one_more(answer),
        f"{left} = {right} + 1",
        *([f"{left} = -({right})"] if right != "0" else []),
        right,
    ]


def proposition_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The connectives as signs, in LaTeX, and the formula in brackets."""
    signs = (("if and only if", "<->", r"\leftrightarrow"), ("implies", "->", r"\rightarrow"))
    more = (("and", "∧", r"\land"), ("or", "∨", r"\lor"), ("not", "¬", r"\neg"))
    ascii_text = latex_text = answer
    for word, sign, command in (*signs, *more):
        ascii_text = re.sub(rf"\b{word}\b", sign, ascii_text)
        latex_text = re.sub(rf"\b{word}\b", lambda _, command=command: command, latex_text)  # type: ignore[misc]
    return [f"({answer})", ascii_text, latex_text]


def proposition_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """The negation, and the formula with a name that is not in it."""
    return [f"not ({answer})", f"({answer}) and z", f"({answer}) or z"]
