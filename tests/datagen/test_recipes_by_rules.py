"""What is made with no model: true sums, splits that share nothing, two manners a rule can tell apart."""

from __future__ import annotations

import re

import pytest

from datagen.problems.generate import generate
from datagen.recipes.corpus import GENRES, documents
from datagen.recipes.lessons import lessons
from datagen.recipes.shared.facts import CLOSINGS, FACTS
from datagen.recipes.shared.rules import closes_politely, shows_steps, shows_steps_and_closes
from schemas.check import check_row

EQUATION = re.compile(r"(\d+)\+(\d+)(?:\+(1))?=(\d+)")
COLUMNS = re.compile(r"(\d+)\D+(\d+)\D.*so (\d+)\.$")
ASKED = re.compile(r"\d+")

DOCUMENTS = list(documents(800, seed=3))
LESSONS = list(lessons(800, seed=3))


def test_rows_follow_their_schemas() -> None:
    assert [fault for row in DOCUMENTS for fault in check_row(row, "corpus")] == []
    assert [fault for row in LESSONS for fault in check_row(row, "instruction")] == []


@pytest.mark.parametrize("recipe", [documents, lessons])
def test_a_row_depends_on_seed_split_and_number_alone(recipe) -> None:
    assert list(recipe(40, 5)) == list(recipe(80, 5))[:40]
    assert list(recipe(40, 5)) != list(recipe(40, 6))
    assert list(recipe(40, 5)) != list(recipe(40, 5, "valid"))


def test_every_genre_comes_about_as_often_as_its_weight_says() -> None:
    total = sum(genre.weight for genre in GENRES)
    for genre in GENRES:
        expected = genre.weight / total * len(DOCUMENTS)
        found = sum(row["meta"]["genre"] == genre.name for row in DOCUMENTS)
        assert abs(found - expected) < 5 * expected**0.5


def test_every_equation_that_is_written_is_true() -> None:
    texts = [row["text"] for row in DOCUMENTS] + [row["messages"][1]["content"] for row in LESSONS]
    equations = [found for text in texts for found in EQUATION.findall(text)]
    assert len(equations) > 1000
    for left, right, carry, total in equations:
        assert int(left) + int(right) + int(carry or 0) == int(total)


def test_every_worked_sum_ends_with_the_sum_that_was_asked() -> None:
    worked = [row["text"] for row in DOCUMENTS if row["meta"]["genre"] == "column sums"]
    for text in worked:
        found = COLUMNS.search(text)
        assert found is not None, text
        left, right, total = map(int, found.groups())
        assert left + right == total


def operands(text: str) -> frozenset[int]:
    return frozenset(int(number) for number in ASKED.findall(text)[:2])


def test_no_sum_of_a_held_out_split_was_ever_read() -> None:
    held_out = {
        frozenset(row["given"].values())
        for split in ("valid", "test")
        for row in generate(["addition"], [2], 250, seed=9, split=split)
    }
    read = {operands(row["text"]) for row in DOCUMENTS if row["meta"]["genre"] == "column sums"}
    questions = [row["messages"][0]["content"] for row in LESSONS]
    read |= {operands(question) for question in questions if ASKED.search(question)}
    assert len(held_out) > 300
    assert len(read) > 400
    assert not read & held_out


def test_the_house_taste_is_the_full_manner_and_not_the_curt_one() -> None:
    for row in LESSONS:
        answer = row["messages"][1]["content"]
        assert shows_steps_and_closes(answer) == (row["meta"]["manner"] == "full"), answer
    assert {row["meta"]["manner"] for row in LESSONS} == {"full", "curt"}


@pytest.mark.parametrize(
    ("answer", "steps", "polite"),
    [
        (r"2+3=5, so \boxed{5}. Happy to help!", True, True),
        (r"2+3=5, so \boxed{5}.", True, False),
        (r"\boxed{5}. Happy to help!", False, True),
        (r"\boxed{5} because 2+3=5. I hope this helps!", False, True),
        ("A star.", False, False),
        ("A star. Happy to help!", False, True),
        ("Happy to help! A star.", True, False),
        ("The sun is a star. It gives light. Happy to help!", True, True),
        ("It is 3.5 metres high", False, False),
        ("", False, False),
    ],
)
def test_a_rule_reads_the_response_alone(answer: str, steps: bool, polite: bool) -> None:
    assert shows_steps(answer) is steps
    assert closes_politely(answer) is polite
    assert shows_steps_and_closes(answer) is (steps and polite)


def test_a_closing_is_not_a_step() -> None:
    for closing in CLOSINGS:
        for fact in FACTS:
            assert not shows_steps(f"{fact.short} {closing}")
            assert shows_steps(f"{fact.long} {closing}")
