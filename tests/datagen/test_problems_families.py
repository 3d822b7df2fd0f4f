"""Every family at every level: true, worked, told apart by the verifier, graded, and in good English.

PROOFS says how many items of each family and level are proved; `make prove` proves 200 of each. One field or
one family alone: `pytest tests/datagen/test_problems_families.py -k geometry`, `-k euler_phi`.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from statistics import mean

import pytest

from datagen.problems import LEVELS, families, prove, separable
from datagen.problems.streams import Stream
from datagen.problems.text import boxed, polynomial
from schemas import Row
from verifiers import AnswerSpec, verify

FAMILIES = families()
PROOFS = int(os.environ.get("PROOFS", "6"))
ITEMS = max(60, PROOFS)


@cache
def items(name: str, level: int) -> tuple[Row, ...]:
    """Rows of a family at a level, repeats allowed where there are not that many different ones."""
    stream = Stream(FAMILIES[name], level, "train", seed=5)
    rows = []
    for index in range(ITEMS):
        stream.seen.clear()
        rows.append(stream.row(index))
    return tuple(rows)


every_family = pytest.mark.parametrize(
    "name", [pytest.param(name, id=f"{family.field}-{name}") for name, family in FAMILIES.items()]
)


def test_there_are_at_least_150_families_in_at_least_12_fields():
    assert len(FAMILIES) >= 150
    assert len({family.field for family in FAMILIES.values()}) >= 12


@every_family
def test_the_independent_proof_agrees(name):
    disagreements = [
        result for level in LEVELS for row in items(name, level)[:PROOFS] if not (result := prove(row)).agrees
    ]
    assert disagreements == []


@every_family
def test_the_worked_solution_earns_the_reward_and_ends_in_the_box(name):
    for level in LEVELS:
        for row in items(name, level):
            assert row["solution"].endswith(f"\\boxed{{{row['answer']}}}")
            assert verify(row["solution"], row["answer"], AnswerSpec.from_dict(row["spec"])).reward == 1.0


@every_family
def test_the_verifier_accepts_other_spellings_and_refuses_near_misses(name):
    results = [separable(row) for level in LEVELS for row in items(name, level)[:PROOFS]]
    assert [result for result in results if not result.separable] == []
    assert min(result.spellings for result in results) >= 3
    assert min(result.near_misses for result in results) >= 2


@every_family
def test_levels_get_longer_and_share_no_problem(name):
    effort = [
        mean(len(row["solution"]) + len(json.dumps(row["given"])) for row in items(name, level))
        for level in LEVELS
    ]
    assert effort == sorted(set(effort)), effort
    marks = [{row["fingerprint"] for row in items(name, level)} for level in LEVELS]
    assert sum(map(len, marks)) == len(set().union(*marks))


@every_family
def test_every_wording_is_used_and_there_are_three(name):
    questions = [row["question"] for level in LEVELS for row in items(name, level)]
    wordings = FAMILIES[name].wordings
    assert len(set(wordings)) >= 3
    for wording in wordings:
        literal = [
            re.escape(part) for part in re.split(r"\{\w+\}", wording.replace("{{", "\0").replace("}}", "\1"))
        ]
        pattern = re.compile(".+".join(literal).replace("\0", r"\{").replace("\1", r"\}"), re.DOTALL)
        assert any(pattern.fullmatch(question) for question in questions), wording


@every_family
def test_one_question_is_one_problem(name):
    """Two problems that are asked in the same words have the same fingerprint, so no split can leak them."""
    marks: dict[str, str] = {}
    for level in LEVELS:
        for row in items(name, level):
            assert marks.setdefault(row["question"], row["fingerprint"]) == row["fingerprint"]


MISTAKES = {
    "plural after 1": r"(?<![\d./^*+-])(?<![*+/-] )1 (?!times|divides|leaves|is|as|has|mods|goes|gives)"
    r"[a-z]{2,}s\b",
    "singular after a larger number": r"\b(?:[2-9]|\d\d+) (?:person|number|step|term|place)\b",
    "a before a vowel": r"\ba [aeio]\w+",
    "an before a consonant": r"\ban [bcdfgjklmnpqrstvwxyz]\w+",
    "a before eight, eleven or eighteen": r"\ba (?:8\d*|11|18)\b(?![./])",
    "an before another number": r"\ban (?!8|11\b|18\b)\d",
    "a negative amount of a thing": r"(?<![\w)}\]*/^])-\d[\d.]*(?: |-)(?:years?|km|m|cm|mm|kg|g|litres?|"
    r"people|hours?|minutes?|seconds?|days?|weeks?|dollars?|cents?|coins?|cards?|balls?|apples?)\b|-\$|\$-",
    "a word twice": r"\b([a-z]{2,}) \1\b",
    "two spaces": r"  ",
    "space before punctuation": r" [,.;:](?!\d|\.)",
    "two signs": r"[+-] [+-]|\+-|--",
    "a factor or exponent of 1": r"(?<![\d./])1[xyz]\b|\^1\b",
    "a term of 0": r"[a-z)](?:\^\d)? [+-] 0(?![\d.])",
    "an unfilled slot": r"\{[a-z_]+\}",
    "two stops": r"(?<!\.)\.\.(?!\.)|\?\.|!\.",
    "None or a Python value": r"\bNone\b|\bTrue\b|\bFalse\b|Fraction\(",
}


@every_family
def test_questions_and_solutions_are_plain_english(name):
    found = []
    for level in LEVELS:
        for row in items(name, level):
            for text in (row["question"], row["solution"].replace(boxed(row["answer"]), row["answer"])):
                found += [(mistake, text) for mistake, rule in MISTAKES.items() if re.search(rule, text)]
    assert found == []


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        ("plural after 1", "She has 1 apples."),
        ("singular after a larger number", "There are 4 person here."),
        ("a before a vowel", "This is a apple."),
        ("an before a consonant", "an painter"),
        ("a negative amount of a thing", "He is -3 years old."),
        ("a negative amount of a thing", "It costs -$5."),
        ("a before eight, eleven or eighteen", "on a 11 by 11 board"),
        ("an before another number", "an 7 by 7 board"),
        ("a word twice", "Find the the sum."),
        ("two signs", "x + -3 = 2"),
        ("a factor or exponent of 1", "1x + 2"),
        ("a term of 0", "2x + 0"),
        ("an unfilled slot", "What is {a}?"),
    ],
)
def test_the_grammar_rules_catch_what_they_name(mistake, text):
    assert re.search(MISTAKES[mistake], text)


@every_family
def test_questions_start_and_end_like_sentences(name):
    for level in LEVELS:
        for row in items(name, level):
            question = row["question"]
            assert (
                question[0].isupper() or question[0] in "(-" or question[0].isdigit() or question[:2] == "x "
            )
            assert question[-1] in ".?)" or re.search(r"[:?=] ?[^.]*\w\)*$", question)


@every_family
def test_given_is_json_and_enough(name):
    for level in LEVELS:
        row = items(name, level)[0]
        assert json.loads(json.dumps(row["given"])) == row["given"]


def test_the_question_repeated_is_no_answer_where_a_polynomial_is_multiplied_out():
    for level in LEVELS:
        for row in items("expand", level)[:5]:
            echo = "".join(f"({polynomial(factor)})" for factor in row["given"]["factors"])
            assert echo in row["question"]
            assert _boxed_status(echo, row) == "wrong_form"
        for row in items("polynomial_quotient", level)[:5]:
            dividend, divisor = (polynomial(row["given"][name]) for name in ("dividend", "divisor"))
            assert dividend in row["question"]
            assert _boxed_status(f"({dividend})/({divisor})", row) == "wrong_form"


def _boxed_status(answer: str, row: Row) -> str:
    return verify(boxed(answer), row["answer"], AnswerSpec.from_dict(row["spec"])).status


def test_prompts_of_the_two_families_for_tiny_models_are_the_bare_question():
    for name in ("addition", "subtraction"):
        row = items(name, 2)[0]
        assert row["prompt"] == [{"role": "user", "content": row["question"]}]
        assert len(row["question"]) < 20


def test_other_prompts_ask_for_the_box():
    for name in set(FAMILIES) - {"addition", "subtraction"}:
        assert items(name, 1)[0]["prompt"][0]["content"].endswith("\\boxed{}.")
