"""Known puzzles through the proofs of the field, and what its constructions rest on."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from datagen.problems.fields.puzzles.arithmetic_games import _any_expression, _leaves, _split
from datagen.problems.fields.puzzles.digit_grids import _filled, _latin
from datagen.problems.fields.puzzles.elimination import only_solution
from datagen.problems.register import find
from verifiers import AnswerSpec, verify
from verifiers.checkers import checker

WIKIPEDIA_SUDOKU = "530070000 600195000 098000060 800060003 400803001 700020006 060000280 000419005 000080079"
WIKIPEDIA_SOLUTION = (
    "534678912 672195348 198342567 859761423 426853791 713924856 961537284 287419635 345286179"
)


@pytest.mark.parametrize(
    ("name", "given", "answer"),  # None: not exactly one solution
    [
        ("sudoku", {"rows": WIKIPEDIA_SUDOKU.split()}, WIKIPEDIA_SOLUTION),
        ("latin_square", {"rows": ["123", "000", "000"]}, None),
        ("latin_square", {"rows": ["120", "030", "000"]}, "[[1, 2, 3], [2, 3, 1], [3, 1, 2]]"),
        (
            "magic_square",
            {"rows": [[2, 7, 0], [0, 5, 0], [0, 0, 8]], "total": 15, "normal": True},
            "[[2, 7, 6], [9, 5, 1], [4, 3, 8]]",
        ),
        ("cross_sums", {"rows": [[0, 0], [0, 0]], "across": [3, 4], "down": [3, 4]}, "[[2, 1], [1, 3]]"),
        ("cross_sums", {"rows": [[0, 0], [0, 0]], "across": [9, 9], "down": [9, 9]}, None),
        (
            "cryptarithm",
            {"words": ["SEND", "MORE", "MONEY"], "known": {}},
            "D = 7, E = 5, M = 1, N = 6, O = 0, R = 8, S = 9, Y = 2",
        ),
        ("water_jugs", {"sizes": [5, 3], "tap": True, "target": 4}, "6"),
        ("water_jugs", {"sizes": [8, 5, 3], "tap": False, "target": 4}, "6"),
        ("lamp_switches", {"switches": [[1, ["A", "B"]], [2, ["B"]]], "on": ["A"]}, "{1, 2}"),
        ("lamp_switches", {"switches": [[1, ["A"]], [2, ["A"]]], "on": ["A"]}, None),
        ("fewest_coins", {"coins": [1, 3, 4], "amount": 6}, "2"),
        ("fewest_coins", {"coins": [1, 5, 10, 25], "amount": 99}, "9"),
        ("knapsack_value", {"weights": [10, 20, 30], "values": [60, 100, 120], "capacity": 50}, "220"),
        ("number_pyramid", {"rows": [[20], ["?", "?"], [3, "x", 7]]}, "5"),
        ("number_pyramid", {"rows": [["x"], ["?", "?"], [3, "?", 7]]}, None),
        (
            "balance_scales",
            {"scales": [[{"cube": 2}, {"": 10}], [{"ring": 1, "cube": 1}, {"": 12}]], "asked": "ring"},
            "7 g",
        ),
    ],
)
def test_the_proof_solves_known_puzzles_and_refuses_those_without_one_solution(name, given, answer):
    prover = find(name).prover
    if answer is None:
        with pytest.raises(ValueError, match=r"solution|unpack"):
            prover(given)
    else:
        assert prover(given) == answer


@pytest.mark.parametrize(
    ("name", "given", "parameters"),
    [
        (
            "countdown",
            {"numbers": [25, 50, 75, 100, 3, 6], "target": 952},
            {"numbers": [25, 50, 75, 100, 3, 6], "target": 952, "whole": True, "positive": True},
        ),
        ("twenty_four", {"numbers": [4, 7, 8, 8]}, {"numbers": [4, 7, 8, 8], "target": 24, "use_all": True}),
        ("n_queens", {"size": 8, "placed": [[1, 1]]}, {"size": 8, "placed": [[1, 1]]}),
        (
            "subset_sum",
            {"numbers": [3, 34, 4, 12, 5, 2], "target": 9},
            {"numbers": [3, 34, 4, 12, 5, 2], "target": 9},
        ),
    ],
)
def test_the_checker_accepts_what_the_proof_finds(name, given, parameters):
    checker_name = {"twenty_four": "countdown"}.get(name, name)
    checker(checker_name, parameters)
    spec = AnswerSpec(kind="checker", checker=checker_name, parameters=parameters)
    found = find(name).prover(given)
    assert verify(f"\\boxed{{{found}}}", found, spec).correct


def test_the_24_game_without_a_solution_has_none():
    with pytest.raises(ValueError, match="no expression"):
        find("twenty_four").prover({"numbers": [1, 1, 1, 1]})


@pytest.mark.parametrize("seed", range(30))
def test_expressions_are_written_with_the_parentheses_they_need(seed):
    rng = random.Random(seed)
    for expression in (_any_expression(rng, rng.sample(range(1, 20), 5)), _split(rng, 24, 5, 30)):
        assert eval(expression.text()) == expression.value
        assert sorted(map(str, _leaves(expression))) == sorted(_numbers_in(expression.text()))


def _numbers_in(text: str) -> list[str]:
    return "".join(letter if letter.isdigit() else " " for letter in text).split()


@pytest.mark.parametrize("size", [4, 6, 9])
def test_solved_grids_are_sudokus(size):
    for seed in range(20):
        cells = _filled(random.Random(seed), size)
        rows = ["".join(map(str, cells[start : start + size])) for start in range(0, size * size, size)]
        givens = ["0" * size] * size
        spec = AnswerSpec(kind="checker", checker="sudoku", parameters={"givens": givens})
        assert verify(f"\\boxed{{{' '.join(rows)}}}", " ".join(rows), spec).correct


def test_latin_squares_repeat_nothing_in_a_line():
    for seed in range(20):
        cells = _latin(random.Random(seed), 7)
        rows = [cells[start : start + 7] for start in range(0, 49, 7)]
        assert all(len(set(line)) == 7 for line in [*rows, *zip(*rows, strict=True)])


def test_only_solution_refuses_systems_with_none_or_many():
    one = Fraction(1)
    assert only_solution([[one, one], [one, -one]], [Fraction(5), one]) == [3, 2]
    for equations, sides in (([[one, one]], [one]), ([[one], [one]], [one, 2 * one])):
        with pytest.raises(ValueError, match="solution"):
            only_solution(equations, sides)
