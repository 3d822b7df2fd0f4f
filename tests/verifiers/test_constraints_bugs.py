"""One test for each fault that other implementations of these checks are known for."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import UserError
from verifiers.constraints import CONSTRAINTS, IFEVAL, check_all, constraint, ifeval_rows, variants


def status(row: dict[str, Any], response: str) -> str:
    return constraint(row).check(response).status


def test_language_is_deterministic_and_undetectable_text_does_not_pass() -> None:
    english = {"id": "language:response_language", "language": "en"}
    assert {status(english, "123 !?") for _ in range(5)} == {"incorrect"}
    assert {status(english, "Ok") for _ in range(20)} == {"correct"}
    with pytest.raises(UserError, match="use one of"):
        constraint({"id": "language:response_language", "language": "xx"})


def test_a_letter_that_is_none_is_counted_as_it_stands() -> None:
    """google-research/google-research#3427: it was replaced by a random letter."""
    row = {"id": "keywords:letter_frequency", "letter": "#", "let_relation": "at least", "let_frequency": 2}
    assert status(row, "# a #") == "correct"
    assert status(row, "# abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz") == "incorrect"


def test_blank_paragraphs_neither_count_nor_take_a_number() -> None:
    """sieval#104: counted in the filtered list, looked up in the unfiltered one."""
    row = {
        "id": "length_constraints:nth_paragraph_first_word",
        "num_paragraphs": 2,
        "nth_paragraph": 2,
        "first_word": "so",
    }
    assert status(row, "a\n\n\n\nSo it is") == "correct"
    assert status(row, "a\n\n   \n\nb") == "incorrect"


def test_an_id_that_comes_twice_is_judged_twice() -> None:
    """tinker-cookbook#894: verdicts kept in a dict by id."""
    rows = ifeval_rows(["keywords:existence"] * 2, [{"keywords": ["cat"]}, {"keywords": ["dog"]}])
    report = check_all("a dog", rows)
    assert [verdict.status for verdict in report.each] == ["incorrect", "correct"]
    assert not report.whole.correct
    assert report.share == 0.5


def test_unknown_ids_never_pass() -> None:
    """deepeval#3063, tinker-cookbook#899: an unknown instruction was taken as followed."""
    with pytest.raises(UserError, match="did you mean 'length:words'"):
        constraint({"id": "length:word"})
    for row in ({"id": "no:such"}, {"id": 7}, {}, None, "length:words", {"id": "length:words", "count": 1}):
        report = check_all("anything", [{"id": "format:title"}, row])  # type: ignore[list-item]
        assert report.each[1].status == "gold_error", row
        assert report.whole.status == "gold_error"
        assert report.whole.reward is None
        assert report.share is None


@pytest.mark.parametrize("name", sorted(IFEVAL))
def test_every_ifeval_id_can_fail(name: str) -> None:
    """18 of deepeval's 29 ids always passed."""
    import random

    asked = constraint({"id": name, **IFEVAL_ARGUMENTS[name]})
    for seed in range(10):
        rng = random.Random(seed)
        assert asked.check(asked.satisfy(rng)).correct
        assert asked.check(asked.violate(rng)).status == "incorrect"


@pytest.mark.parametrize(
    ("relation", "right", "wrong"),
    [
        ("less than", (1, 2), (3, 4)),
        ("at most", (2, 3), (4,)),
        ("exactly", (3,), (2, 4)),
        ("at least", (3, 4), (2,)),
        ("more than", (4, 5), (2, 3)),
    ],
)
def test_limits_are_exact(relation: str, right: tuple[int, ...], wrong: tuple[int, ...]) -> None:
    """`less than` was judged as `<=`."""
    for name, unit in (
        ("length:words", "word "),
        ("format:placeholders", "[x1] "),
        ("content:numbers", "7 "),
    ):
        row = {"id": name, "relation": relation, "count": 3}
        assert {status(row, unit * count) for count in right} == {"correct"}
        assert {status(row, unit * count) for count in wrong} == {"incorrect"}


def test_no_constraints_are_followed_and_divide_nothing_by_zero() -> None:
    """open-instruct#1655."""
    report = check_all("anything", [])
    assert report.whole.correct
    assert report.share == 1.0
    assert report.each == ()
    assert check_all("", [], loose=True).whole.correct


def test_missing_ifeval_arguments_are_an_error_and_not_random() -> None:
    for name, arguments in IFEVAL_ARGUMENTS.items():
        for key in arguments:
            rest = {**arguments, key: None}
            with pytest.raises(UserError, match=f"lacks '{key}'"):
                constraint({"id": name, **rest})
    with pytest.raises(UserError, match="did you mean 'num_words'"):
        constraint({"id": "length_constraints:number_words", "num_word": 3, "relation": "at least"})


def test_ifeval_table_covers_its_25_ids_and_reuses_no_name_of_ours_for_something_else() -> None:
    assert len(IFEVAL) == 25
    assert {ours for ours, _, _ in IFEVAL.values()} <= set(CONSTRAINTS)
    shared = IFEVAL.keys() & CONSTRAINTS.keys()
    assert all(IFEVAL[name] == (name, {}, {}) for name in shared)


def test_loose_is_the_eight_variants_and_strict_is_not() -> None:
    response = "Sure, here:\n* all *small*\nBye!"
    assert len(variants(response)) == 8
    row = {"id": "case:lower"}
    assert check_all(response, [row]).whole.status == "incorrect"
    assert check_all(response, [row], loose=True).whole.correct
    wrapped = 'Here it is:\n{"a": 1}\nHope it helps.'
    assert check_all(wrapped, [{"id": "format:json"}], loose=True).whole.correct
    # A variant that is blank follows nothing.
    assert not check_all("A, b", [{"id": "punctuation:no_commas"}], loose=True).whole.correct


IFEVAL_ARGUMENTS: dict[str, dict[str, Any]] = {
    "keywords:existence": {"keywords": ["cat", "cat", "dog"]},
    "keywords:frequency": {"keyword": "cat", "frequency": 2, "relation": "at least"},
    "keywords:forbidden_words": {"forbidden_words": ["cat"]},
    "keywords:letter_frequency": {"letter": "!", "let_frequency": 2, "let_relation": "less than"},
    "language:response_language": {"language": "kn"},
    "length_constraints:number_sentences": {"num_sentences": 3, "relation": "less than"},
    "length_constraints:number_paragraphs": {"num_paragraphs": 3},
    "length_constraints:number_words": {"num_words": 30, "relation": "at least"},
    "length_constraints:nth_paragraph_first_word": {
        "num_paragraphs": 3,
        "nth_paragraph": 1,
        "first_word": "a",
    },
    "detectable_content:number_placeholders": {"num_placeholders": 2},
    "detectable_content:postscript": {"postscript_marker": "P.P.S"},
    "detectable_format:number_bullet_lists": {"num_bullets": 2},
    "detectable_format:constrained_response": {},
    "detectable_format:number_highlighted_sections": {"num_highlights": 2},
    "detectable_format:multiple_sections": {"num_sections": 2, "section_spliter": "SECTION"},
    "detectable_format:json_format": {},
    "detectable_format:title": {},
    "combination:two_responses": {},
    "combination:repeat_prompt": {"prompt_to_repeat": "Why?\nSay it."},
    "startend:end_checker": {"end_phrase": "Any other questions?"},
    "startend:quotation": {},
    "change_case:capital_word_frequency": {"capital_frequency": 2, "capital_relation": "at least"},
    "change_case:english_capital": {},
    "change_case:english_lowercase": {},
    "punctuation:no_comma": {},
}
