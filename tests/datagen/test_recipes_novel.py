"""ROUGE-L against its definition, and what counts as new in the order in which prompts come."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.filters.rouge import RougeNovelty
from datagen.recipes.shared.novel import Novel, Pool
from datagen.runs.journal import Outcome

TEXTS = st.lists(st.sampled_from("abcd"), max_size=12)


def by_definition(left: Sequence[str], right: Sequence[str]) -> int:
    """The longest common subsequence by the recursion that defines it."""

    @functools.cache
    def longest(i: int, j: int) -> int:
        if not i or not j:
            return 0
        if left[i - 1] == right[j - 1]:
            return 1 + longest(i - 1, j - 1)
        return max(longest(i - 1, j), longest(i, j - 1))

    return longest(len(left), len(right))


def by_f_measure(left: Sequence[str], right: Sequence[str]) -> float:
    """ROUGE-L by precision and recall."""
    shared = by_definition(left, right)
    if not shared:
        return 0.0
    precision, recall = shared / len(left), shared / len(right)
    return 2 * precision * recall / (precision + recall)


@given(st.lists(TEXTS, max_size=12), TEXTS)
def test_the_likest_of_a_pool_is_the_likest_of_all(pool: list[list[str]], text: list[str]) -> None:
    held = Pool()
    for number, other in enumerate(pool):
        held.add(str(number), " ".join(other))
    score, like = held.most_like(" ".join(text))
    scores = {str(number): by_f_measure(text, other) for number, other in enumerate(pool)}
    assert score == pytest.approx(max(scores.values(), default=0))
    assert scores.get(like, 0) == pytest.approx(score)


@given(st.lists(TEXTS.filter(bool), max_size=12), st.sampled_from([0.3, 0.5, 0.7, 0.9]))
def test_without_groups_and_figures_it_decides_as_the_filter_of_novelty(
    texts: list[list[str]], threshold: float
) -> None:
    filters = RougeNovelty(threshold, lambda row: row["text"])
    novel = Novel(threshold, lambda row: row["text"])
    for number, text in enumerate(texts):
        outcome = said(str(number), " ".join(text))
        verdict = filters(outcome.rows[0])
        assert novel(outcome).accepted == (verdict is True)


def said(name: str, text: str, group: str = "") -> Outcome:
    return Outcome(name, {"text": text, "chain": group, "meta": {}})


def reasons(novel: Novel, *texts: str) -> list[str | None]:
    return [novel(said(str(number), text)).reason for number, text in enumerate(texts)]


def test_the_first_stays_and_its_likes_are_turned_down_with_a_reason() -> None:
    novel = Novel(0.7, lambda row: row["text"])
    novel.know("seed", "Name three birds of the sea.")
    assert reasons(
        novel,
        "name three birds of the sea",
        "Name three birds of the wide sea.",
        "Explain what a tide is.",
        "Explain what a TIDE is!",
    ) == ["duplicate", "near duplicate", None, "duplicate"]


def test_what_stays_says_what_it_is_most_like() -> None:
    novel = Novel(0.7, lambda row: row["text"])
    novel.know("seed", "one two three four")
    (row,) = novel(said("a", "one two five six")).rows
    assert row["meta"] == {"rouge_l": 0.5, "like": "seed"}


def test_other_figures_make_another_prompt_only_where_that_is_wished() -> None:
    sums = ("Work out 12 + 45.", "Work out 12 + 46.", "Work out 12 - 45.")
    assert reasons(Novel(0.7, lambda row: row["text"]), *sums) == [None, "near duplicate", "near duplicate"]
    assert reasons(Novel(0.7, lambda row: row["text"], figures=True), *sums) == [None, None, None]


def test_at_a_threshold_of_one_only_duplicates_go() -> None:
    assert reasons(Novel(1, lambda row: row["text"]), "a b c d", "a b c d e", "A b, c d") == [
        None,
        None,
        "duplicate",
    ]


def test_a_chain_is_not_compared_with_itself() -> None:
    novel = Novel(0.7, lambda row: row["text"], group=lambda row: row["chain"])
    long = "Name three birds of the sea and say what they eat"
    assert novel(said("1", long, "x")).reason is None
    assert novel(said("2", f"{long} in winter", "x")).reason is None
    assert novel(said("3", f"{long} in summer", "y")).reason == "near duplicate"
