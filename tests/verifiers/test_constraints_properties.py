"""Laws over arbitrary texts: relations agree, what no reader sees does not count, nothing raises."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import UserError
from verifiers.constraints import CONSTRAINTS, RELATIONS, Constraint, check_all, constraint, sample
from verifiers.constraints.counted import Counted
from verifiers.constraints.text import plain, sentences, visible, words

NAMES = sorted(CONSTRAINTS)
COUNTED = [name for name in NAMES if issubclass(CONSTRAINTS[name], Counted)]
#: A quadratic check of a megabyte takes an hour.
FAR_TOO_LONG_S = 20.0
#: Signs that mean something to one constraint or another.
SIGNS = "aAeé i\u0301\u200b\u00ad.!?,;:'\"“”|*#->[]<>{}()`1٣。天न्ि\n\n\r\t"
TEXTS = st.text(alphabet=st.sampled_from(SIGNS), max_size=80) | st.text(max_size=60)


def drawn(name: str, seed: int) -> Constraint:
    return CONSTRAINTS[name].drawn(random.Random(f"{name}-{seed}"))


@given(st.sampled_from(NAMES), st.integers(0, 99), TEXTS)
@settings(max_examples=600, deadline=None)
def test_any_text_is_judged_the_same_twice_and_never_raises(name: str, seed: int, text: str) -> None:
    asked = drawn(name, seed)
    verdict = asked.check(text)
    assert verdict.status in ("correct", "incorrect", "malformed")
    assert (verdict.status == "malformed") == (not visible(text).strip())
    assert verdict.method == name
    assert verdict.reason
    again = drawn(name, seed).check(text)
    assert (again.status, again.reason) == (verdict.status, verdict.reason)


@given(st.sampled_from(NAMES), st.integers(0, 99), st.integers(0, 99))
@settings(max_examples=400, deadline=None)
def test_own_texts_fall_on_their_sides(name: str, parameters: int, seed: int) -> None:
    asked = drawn(name, parameters)
    rng = random.Random(seed)
    good, bad = asked.satisfy(rng), asked.violate(rng)
    assert asked.check(good).correct, (asked, good)
    assert asked.check(bad).status == "incorrect", (asked, bad)
    assert constraint(asked.as_dict()) == asked


@given(st.sampled_from(COUNTED), st.integers(0, 99), TEXTS.filter(lambda text: bool(visible(text).strip())))
@settings(max_examples=300, deadline=None)
def test_relations_agree_with_each_other(name: str, seed: int, text: str) -> None:
    rest = {k: v for k, v in drawn(name, seed).as_dict().items() if k not in ("relation", "count", "most")}

    def follows(relation: str, count: int, **more: int) -> bool:
        row = {**rest, "relation": relation, "count": count, **more}
        return constraint(row).check(text).correct

    # Two faults of form make these incorrect whatever the number.
    if name in ("format:numbered", "length:divided_paragraphs") and not follows("between", 1, most=1000):
        return
    for count in (2, 3):
        assert follows("at least", count) != follows("less than", count)
        assert follows("at most", count) != follows("more than", count)
        assert follows("exactly", count) == (follows("at least", count) and follows("at most", count))
    assert follows("between", 2, most=4) == (follows("at least", 2) and follows("at most", 4))


@given(st.sampled_from(NAMES), st.integers(0, 99), st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_soft_hyphens_and_zero_width_spaces_change_no_verdict(name: str, seed: int, place: int) -> None:
    asked, rng = drawn(name, seed), random.Random(place)
    for text in (asked.satisfy(rng), asked.violate(rng)):
        at = place % (len(text) + 1)
        hidden = text[:at] + "\u00ad\u200b\ufeff" + text[at:]
        assert asked.check(hidden).status == asked.check(text).status


@pytest.mark.parametrize(
    "hidden", ["b\u200bad", "ba\u00add", "b\u200cad", "ｂａｄ", "𝐛𝐚𝐝", "b\u2060ad", "BAD"]
)
def test_a_forbidden_word_cannot_hide(hidden: str) -> None:
    assert constraint({"id": "keywords:exclude", "keywords": ["bad"]}).check(f"A {hidden} day").reward == 0.0
    assert constraint({"id": "keywords:no_letter", "letter": "b"}).check(f"A {hidden} day").reward == 0.0


def test_a_letter_is_the_same_composed_or_not() -> None:
    composed, apart = "café", "cafe\u0301"
    for keyword in (composed, apart):
        asked = constraint({"id": "keywords:include", "keywords": [keyword]})
        assert asked.check(f"a {composed}!").correct
        assert asked.check(f"a {apart}!").correct
    four = constraint({"id": "length:characters", "relation": "exactly", "count": 4})
    assert four.check(composed).correct
    assert four.check(apart).correct


def test_only_what_has_no_width_is_taken_out() -> None:
    persian = "می\u200cخواهم"
    assert visible(persian) == persian
    assert visible("👩\u200d👧 a\u200b\ufeff") == "👩\u200d👧 a"
    assert plain("① ｏｋ") == "1 ok"
    assert constraint({"id": "format:title"}).check("\u200b\u00ad").status == "malformed"


@pytest.mark.parametrize("name", ["length:words", "keywords:exclude", "keywords:no_letter", "case:lower"])
@pytest.mark.parametrize(
    "sign", ["\u0301\u0323", "e\u0301", "\u00ad", "\u200c", "a\u200c", "ｅ", "\u1e9b\u0323"]
)
def test_a_megabyte_of_marks_is_judged_in_linear_time(name: str, sign: str) -> None:
    """Composing a long run of combining marks takes quadratic time, so such a text is left as it is."""
    asked, text = drawn(name, 0), "a" + sign * (1_000_000 // len(sign)) + "a"
    started = time.perf_counter()
    assert asked.check(text).status in ("correct", "incorrect")
    assert time.perf_counter() - started < FAR_TOO_LONG_S


@pytest.mark.parametrize(
    ("text", "expected"),
    [("यह है। वह है।", 2), ("هل تعرف؟ نعم.", 2), ("یہ ہے۔ وہ ہے۔", 2), ("Սա է։ Դա է։", 2), ("ይህ ነው። ያ ነው።", 2)],
)
def test_scripts_with_stops_of_their_own(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected
    assert len(words(text)) == 4 - (text.startswith("هل"))


def test_a_postscript_may_say_its_piece_on_the_next_line() -> None:
    asked = constraint({"id": "format:postscript", "marker": "P.S."})
    assert asked.check("Bye.\n\n**P.S.**\nWrite soon!").correct
    assert not asked.check("Bye.\n\nP.S.\n***").correct


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"count": 3, "most": 5, "id": "length:words"}, "Your response must contain between 3 and 5 words."),
        ({"count": 0, "most": 1, "id": "length:words"}, "Your response must contain between 0 and 1 word."),
    ],
)
def test_between_is_described_with_both_limits(row: dict[str, Any], said: str) -> None:
    assert constraint({"relation": "between", **row}).describe() == said


@pytest.mark.parametrize(
    "row",
    [
        {"relation": "between", "count": 3},
        {"relation": "between", "count": 3, "most": 3},
        {"relation": "between", "count": 3, "most": 2},
        {"relation": "at most", "count": 3, "most": 5},
    ],
)
def test_most_belongs_to_between_and_lies_above_the_other_limit(row: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="'most' is"):
        constraint({"id": "length:words", **row})


def test_between_conflicts_where_the_ranges_are_apart() -> None:
    def between(low: int, high: int) -> Constraint:
        return constraint({"id": "length:words", "relation": "between", "count": low, "most": high})

    assert between(1, 3).conflicts_with(between(4, 9))
    assert not between(1, 3).conflicts_with(between(3, 9))


@pytest.mark.parametrize("name", COUNTED)
def test_a_prohibition_reads_as_one_and_is_never_drawn(name: str) -> None:
    for seed in range(60):
        asked = drawn(name, seed)
        assert isinstance(asked, Counted)
        assert asked.limits()[1] != 0
        assert asked.relation in RELATIONS
    rest = {k: v for k, v in drawn(name, 0).as_dict().items() if k not in ("relation", "count", "most")}
    if CONSTRAINTS[name].smallest == 0:  # type: ignore[attr-defined]
        said = {
            constraint({**rest, "relation": relation, "count": count}).describe()
            for relation, count in (("exactly", 0), ("at most", 0), ("less than", 1))
        }
        assert len(said) == 1
        assert " no " in said.pop().replace(" not ", " no ")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"id": "wrap:tag", "name": "air"}, {"id": "keywords:no_repeats"}),
        ({"id": "wrap:tag", "name": "Air"}, {"id": "keywords:exclude", "keywords": ["air"]}),
        (
            {"id": "wrap:tag", "name": "air"},
            {"id": "keywords:count", "relation": "exactly", "count": 1, "word": "air"},
        ),
        (
            {"id": "start:repeat_prompt", "prompt": "Go on. Why?"},
            {"id": "keywords:each_sentence", "word": "so"},
        ),
        ({"id": "keywords:initials", "letter": "a"}, {"id": "keywords:adjacent_initials"}),
        ({"id": "keywords:phrase", "phrase": "big bad"}, {"id": "keywords:adjacent_initials"}),
        (
            {"id": "keywords:include", "keywords": ["level"]},
            {"id": "keywords:palindromes", "relation": "exactly", "count": 0},
        ),
        (
            {"id": "keywords:phrase", "phrase": "one two three"},
            {"id": "length:paragraph_words", "most": 2},
        ),
    ],
)
def test_more_that_nothing_can_follow(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert constraint(left).conflicts_with(constraint(right))
    assert constraint(right).conflicts_with(constraint(left))


def test_a_sample_can_be_asked_for_and_judged_as_rows() -> None:
    for seed in range(30):
        rng = random.Random(seed)
        rows = [each.as_dict() for each in sample(rng, 3)]
        report = check_all(constraint(rows[0]).satisfy(rng), rows)
        assert report.each[0].correct
        assert report.whole.status in ("correct", "incorrect")
        assert report.share is not None
        assert 1 / 3 <= report.share <= 1
