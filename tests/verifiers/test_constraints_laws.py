"""Laws of every constraint over random parameters: its own texts, its JSON form, its words, its conflicts."""

from __future__ import annotations

import json
import pickle
import random
import re
from itertools import combinations

import pytest

from schemas.errors import UserError
from verifiers.constraints import CONSTRAINTS, Constraint, check_all, constraint, sample

NAMES = sorted(CONSTRAINTS)
DRAWS = 40
_ONE_OF_MANY = re.compile(
    r"\b1 (?:\w+ )?(?:words|sentences|paragraphs|lines|items|sections|letters|occurrences)\b"
)


def drawn(name: str, count: int = DRAWS) -> list[tuple[Constraint, random.Random]]:
    rngs = [random.Random(f"{name}-{seed}") for seed in range(count)]
    return [(CONSTRAINTS[name].drawn(rng), rng) for rng in rngs]


@pytest.mark.parametrize("name", NAMES)
def test_satisfying_texts_are_correct_and_violating_ones_incorrect(name: str) -> None:
    for asked, rng in drawn(name):
        good, bad = asked.satisfy(rng), asked.violate(rng)
        assert asked.check(good).status == "correct", (asked, good, asked.check(good))
        assert asked.check(bad).status == "incorrect", (asked, bad, asked.check(bad))


@pytest.mark.parametrize("name", NAMES)
def test_json_form_and_pickle_give_the_same_constraint_back(name: str) -> None:
    for asked, _ in drawn(name):
        row = json.loads(json.dumps(asked.as_dict()))
        assert row["id"] == name
        assert constraint(row) == asked == pickle.loads(pickle.dumps(asked))
        assert Constraint.from_dict(row) == asked


@pytest.mark.parametrize("name", NAMES)
def test_description_is_a_sentence_with_right_numbers(name: str) -> None:
    for asked, _ in drawn(name):
        said = asked.describe()
        assert said[0].isupper()
        assert "  " not in said
        assert not _ONE_OF_MANY.search(said), said
        assert "less than" not in said


@pytest.mark.parametrize("name", NAMES)
def test_texts_depend_on_the_generator_alone(name: str) -> None:
    asked = CONSTRAINTS[name].drawn(random.Random(3))
    assert asked == CONSTRAINTS[name].drawn(random.Random(3))
    assert asked.satisfy(random.Random(5)) == asked.satisfy(random.Random(5))
    assert asked.violate(random.Random(5)) == asked.violate(random.Random(5))


@pytest.mark.parametrize("name", NAMES)
def test_a_constraint_goes_with_itself_and_permits_what_it_requires(name: str) -> None:
    for asked, _ in drawn(name):
        assert not asked.conflicts_with(asked)
        assert all(any(map(asked.permits, texts)) for texts in asked.required())


@pytest.mark.parametrize("name", NAMES)
def test_its_own_texts_are_within_the_ranges_and_hold_what_is_required(name: str) -> None:
    """`conflicts_with` is right only if what a constraint says of its responses is true of them."""
    measures = {
        key: CONSTRAINTS[f"length:{key}"].made({"relation": "at least", "count": 2})
        for key in ("words", "sentences", "paragraphs", "lines", "characters")
    }
    for asked, rng in drawn(name, 15):
        good = asked.satisfy(rng)
        for key, (low, high) in asked.ranges().items():
            if key in measures:
                found = measures[key].measure(good)  # type: ignore[attr-defined]
                assert low <= found, (asked, good, key)
                assert high is None or found <= high, (asked, good, key)
        for texts in asked.required():
            assert any(text in good for text in texts), (asked, good, texts)


def test_conflicts_are_symmetric() -> None:
    for seed in range(4):
        rng = random.Random(seed)
        every = [CONSTRAINTS[name].drawn(rng) for name in NAMES]
        for left, right in combinations(every, 2):
            assert left.conflicts_with(right) == right.conflicts_with(left), (left, right)


CONFLICTS = [
    (
        {"id": "length:words", "relation": "at most", "count": 5},
        {"id": "length:words", "relation": "at least", "count": 6},
    ),
    (
        {"id": "length:words", "relation": "at most", "count": 5},
        {"id": "length:sentences", "relation": "exactly", "count": 6},
    ),
    (
        {"id": "length:characters", "relation": "at most", "count": 9},
        {"id": "length:lines", "relation": "exactly", "count": 9},
    ),
    ({"id": "keywords:include", "keywords": ["Cat"]}, {"id": "keywords:exclude", "keywords": ["cat", "dog"]}),
    ({"id": "keywords:include", "keywords": ["big cat"]}, {"id": "keywords:exclude", "keywords": ["cat"]}),
    ({"id": "keywords:include", "keywords": ["eel"]}, {"id": "keywords:no_letter", "letter": "e"}),
    (
        {"id": "keywords:count", "relation": "at least", "count": 2, "word": "cat"},
        {"id": "keywords:no_repeats"},
    ),
    ({"id": "case:lower"}, {"id": "case:upper"}),
    ({"id": "case:lower"}, {"id": "case:title"}),
    ({"id": "case:lower"}, {"id": "format:sections", "relation": "exactly", "count": 2, "header": "Part"}),
    ({"id": "case:lower"}, {"id": "case:capital_words", "relation": "at least", "count": 1}),
    ({"id": "case:upper"}, {"id": "language:script", "language": "hi"}),
    ({"id": "language:script", "language": "ru"}, {"id": "keywords:include", "keywords": ["cat"]}),
    ({"id": "language:script", "language": "ru"}, {"id": "language:script", "language": "el"}),
    ({"id": "format:json"}, {"id": "format:title"}),
    ({"id": "start:phrase", "phrase": "a"}, {"id": "start:phrase", "phrase": "b"}),
    ({"id": "end:phrase", "phrase": "a"}, {"id": "format:postscript", "marker": "P.S."}),
    ({"id": "start:phrase", "phrase": "Well, yes"}, {"id": "punctuation:no_commas"}),
    ({"id": "content:no_digits"}, {"id": "format:numbered", "relation": "exactly", "count": 2}),
    (
        {"id": "punctuation:exclude", "marks": ["*"]},
        {"id": "format:highlights", "relation": "at least", "count": 1},
    ),
    ({"id": "wrap:quotation"}, {"id": "start:phrase", "phrase": "a"}),
    (
        {"id": "combination:options", "options": ["a", "b"]},
        {"id": "length:words", "relation": "at most", "count": 5},
    ),
]
CONFLICTS += [
    (
        {"id": "length:paragraph_sentences", "count": 2},
        {"id": "length:sentences", "relation": "exactly", "count": 3},
    ),
    (
        {"id": "start:repeat_prompt", "prompt": "Why? Say it."},
        {"id": "length:sentences", "relation": "exactly", "count": 1},
    ),
    ({"id": "keywords:phrase", "phrase": "one two three"}, {"id": "length:sentence_words", "most": 2}),
]
COMPATIBLE = [
    (
        {"id": "length:words", "relation": "at most", "count": 5},
        {"id": "length:words", "relation": "at least", "count": 5},
    ),
    (
        {"id": "length:words", "relation": "exactly", "count": 5},
        {"id": "length:sentences", "relation": "at most", "count": 9},
    ),
    ({"id": "keywords:include", "keywords": ["cat"]}, {"id": "keywords:exclude", "keywords": ["category"]}),
    ({"id": "keywords:include", "keywords": ["Cat"]}, {"id": "case:lower"}),
    ({"id": "case:upper"}, {"id": "case:title"}),
    ({"id": "format:json"}, {"id": "keywords:include", "keywords": ["cat"]}),
    ({"id": "language:script", "language": "ru"}, {"id": "case:lower"}),
    (
        {"id": "format:bullets", "relation": "exactly", "count": 3},
        {"id": "punctuation:exclude", "marks": ["-"]},
    ),
    ({"id": "start:phrase", "phrase": "a"}, {"id": "end:phrase", "phrase": "b"}),
]


@pytest.mark.parametrize(("left", "right"), CONFLICTS)
def test_what_nothing_can_follow_conflicts(left: dict[str, object], right: dict[str, object]) -> None:
    assert constraint(left).conflicts_with(constraint(right))


@pytest.mark.parametrize(("left", "right"), COMPATIBLE)
def test_what_a_text_can_follow_does_not_conflict(left: dict[str, object], right: dict[str, object]) -> None:
    assert not constraint(left).conflicts_with(constraint(right))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 6])
def test_samples_are_compatible_different_and_repeatable(count: int) -> None:
    for seed in range(40):
        chosen = sample(random.Random(seed), count)
        assert chosen == sample(random.Random(seed), count)
        assert len({each.id for each in chosen}) == count
        assert not any(left.conflicts_with(right) for left, right in combinations(chosen, 2))


def test_a_text_that_follows_two_constraints_shows_that_they_do_not_conflict() -> None:
    """Every satisfying text is tried with every other constraint: what both accept is compatible."""
    rng = random.Random(11)
    every = [CONSTRAINTS[name].drawn(rng) for name in NAMES for _ in range(2)]
    wrong = []
    for asked in every:
        text = asked.satisfy(rng)
        for other in every:
            if asked.conflicts_with(other) and check_all(text, [asked, other]).whole.correct:
                wrong.append((asked, other, text))
    # Only what decides a place or the whole response is kept apart although a text may follow both.
    apart = [each for each in wrong if not each[0].claims() & each[1].claims()]
    assert not [each for each in apart if each[0].beside is None and each[1].beside is None]


def test_sampling_from_named_kinds_and_from_too_few() -> None:
    kinds = ["case:lower", "case:upper", "length:words"]
    assert {each.id for each in sample(random.Random(1), 2, kinds)} <= set(kinds)
    with pytest.raises(UserError, match="go together"):
        sample(random.Random(1), 3, kinds)
    with pytest.raises(UserError, match="ask for fewer"):
        sample(random.Random(1), 4, kinds)
    with pytest.raises(UserError, match="did you mean 'case:lower'"):
        sample(random.Random(1), 1, ["case:lowr"])
