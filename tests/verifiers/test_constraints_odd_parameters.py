"""Keywords, phrases and signs of every odd kind: a constraint that can be made keeps its laws."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from schemas.errors import UserError
from verifiers.constraints import RELATIONS, Constraint, constraint

WORDS = (
    "a a|-x-|C++|don't|don’t|天气|हिन्दी|3.14|*b*|a.b|The End.|x y x|I|A|ß|über|İ|https://a.b/c|e.g.|...a"
    "|[a]|not not"
)
KEYWORDS = [*WORDS.split("|"), "a|b"]
PHRASES = [*KEYWORDS, *'.!?*"', "“Hi”", "- x", "# a", "> q", "Any?", "...", "a-", "1.", "```", "1) x", "—"]
SIGNS = "e.#-!,|*ßİé天"


def with_keyword(word: str) -> list[dict[str, Any]]:
    return [
        {"id": "keywords:include", "keywords": [word]},
        {"id": "keywords:include", "keywords": [word, "b", "cat"]},
        {"id": "keywords:exclude", "keywords": [word]},
        {"id": "keywords:in_order", "keywords": [word, "zed"]},
        {"id": "keywords:in_order", "keywords": ["zed", word]},
        {"id": "keywords:each_sentence", "word": word},
        {"id": "keywords:nth_sentence", "nth": 2, "word": word},
        {"id": "start:paragraph", "nth": 2, "word": word},
        *({"id": "keywords:count", "relation": each, "count": 2, "word": word} for each in RELATIONS),
    ]


def with_phrase(phrase: str) -> list[dict[str, Any]]:
    return [
        {"id": "keywords:phrase", "phrase": phrase},
        {"id": "start:phrase", "phrase": phrase},
        {"id": "end:phrase", "phrase": phrase},
        {"id": "start:lines", "phrase": phrase},
        {"id": "start:repeat_prompt", "prompt": phrase},
        {"id": "format:postscript", "marker": phrase},
        {"id": "format:sections", "relation": "exactly", "count": 2, "header": phrase},
        {"id": "combination:options", "options": [phrase, "Maybe"]},
        {"id": "combination:options", "options": [phrase, f"{phrase} b"], "entire": False},
    ]


def with_sign(sign: str) -> list[dict[str, Any]]:
    return [
        *(
            {"id": "keywords:letter", "relation": "exactly", "count": count, "letter": sign}
            for count in (1, 3)
        ),
        *(
            {"id": "punctuation:count", "relation": "at most", "count": count, "mark": sign}
            for count in (1, 3)
        ),
        {"id": "keywords:no_letter", "letter": sign},
        {"id": "keywords:initials", "letter": sign},
        {"id": "punctuation:exclude", "marks": [sign]},
    ]


def made(rows: list[dict[str, Any]]) -> list[Constraint]:
    """Those that can be made; refusing an odd parameter is as good as keeping the laws with it."""
    found = []
    for row in rows:
        with suppress(UserError):
            found.append(constraint(row))
    return found


def keeps_its_laws(asked: Constraint) -> None:
    for seed in range(10):
        good, bad = asked.satisfy(random.Random(seed)), asked.violate(random.Random(seed))
        assert asked.check(good).correct, (asked, good, asked.check(good).reason)
        assert asked.check(bad).status == "incorrect", (asked, bad, asked.check(bad).reason)
    assert constraint(asked.as_dict()) == asked
    assert asked.describe()


@pytest.mark.parametrize("word", KEYWORDS)
def test_odd_keywords(word: str) -> None:
    found = made(with_keyword(word))
    assert len(found) >= 10
    for asked in found:
        keeps_its_laws(asked)


@pytest.mark.parametrize("phrase", PHRASES)
def test_odd_phrases(phrase: str) -> None:
    found = made(with_phrase(phrase))
    assert len(found) >= 5
    for asked in found:
        keeps_its_laws(asked)


@pytest.mark.parametrize("sign", SIGNS)
def test_odd_signs(sign: str) -> None:
    found = made(with_sign(sign))
    assert len(found) >= 5
    for asked in found:
        keeps_its_laws(asked)
