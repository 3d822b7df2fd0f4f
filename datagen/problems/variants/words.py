"""Answers in words: true or false, a choice, a text or a list of them."""

from __future__ import annotations

from verifiers import AnswerSpec


def truth_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """Upper case, a capital, LaTeX's text, yes for true."""
    yes = answer.lower() in ("true", "yes")
    return [
        answer.upper(),
        answer.capitalize(),
        f"\\text{{{answer}}}",
        *(("true", "yes") if yes else ("false", "no")),
    ]


def truth_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """The opposite, and both at once."""
    return (
        ["false", "no", "not true", "yes or no"]
        if answer.lower() in ("true", "yes")
        else ["true", "yes", "true or false"]
    )


def choice_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """The letter in parentheses, with a full stop, in lower case."""
    return [f"({answer})", f"{answer}.", f"\\text{{{answer}}}", answer.lower()]


def choice_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """Every other letter, and two at once."""
    others = [letter for letter in spec.choices if letter != answer]
    return [*others, *(f"{answer} or {other}" for other in others[:1])]


def text_spellings(answer: str, spec: AnswerSpec) -> list[str]:
    """Other case, LaTeX's text, a full stop."""
    return [answer.lower(), answer.upper(), f"\\text{{{answer}}}", f"{answer}."]


def text_misses(answer: str, spec: AnswerSpec) -> list[str]:
    """One word of a list left out, two neighbours swapped, one too many, the opposite."""
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
