"""Textbook facts of linear algebra through the proofs, and the elimination that solutions are made of."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from datagen.problems import find
from datagen.problems.fields.linear_algebra import rows
from verifiers.checkers import checker

SINGULAR = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
SWAP = [[0, 1], [1, 0]]
FIBONACCI = [[1, 1], [1, 0]]


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        (
            "matrix_sum",
            {"factors": [2, -1], "matrices": [SWAP, FIBONACCI], "transposed": -1},
            "[[-1, 1], [1, 0]]",
        ),
        ("matrix_product", {"matrices": [[[1, 2], [3, 4]], SWAP]}, "[[2, 1], [4, 3]]"),
        ("matrix_power", {"matrix": FIBONACCI, "exponent": 10}, "[[89, 55], [55, 34]]"),
        ("inverse_matrix", {"matrix": [[1, 2], [3, 4]]}, "[[-2, 1], [3/2, -1/2]]"),
        ("determinant", {"matrix": SINGULAR}, "0"),
        ("determinant", {"matrix": [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]}, "1"),
        (
            "determinant_rules",
            {
                "size": 3,
                "scalar": -2,
                "values": {"A": 5, "B": 4},
                "factors": [["A", 1, True], ["B", -1, False]],
            },
            "-10",
        ),
        (
            "parameter_for_singularity",
            {"constants": [[0, 2], [8, 0]], "factors": [[1, 0], [0, 1]]},
            "{-4, 4}",
        ),
        ("linear_system_matrix", {"matrix": [[2, 1], [1, 3]], "right": [5, 10]}, "(1, 3)"),
        ("linear_system_kind", {"augmented": [[1, 1, 2], [2, 2, 4]]}, "C"),
        ("linear_system_kind", {"augmented": [[1, 1, 2], [2, 2, 5]]}, "A"),
        ("linear_system_kind", {"augmented": [[1, 1, 2], [1, -1, 0], [2, 0, 2]]}, "B"),
        ("matrix_rank", {"matrix": SINGULAR}, "2"),
        ("projection", {"vector": [3, 4], "span": [[1, 0]]}, "(3, 0)"),
        ("projection", {"vector": [1, 2, 3], "span": [[1, 1, 0], [0, 1, 1]]}, "(1/3, 8/3, 7/3)"),
        ("gram_schmidt", {"vectors": [[1, 1, 0], [1, 0, 1], [0, 1, 1]]}, "(-2/3, 2/3, 2/3)"),
        ("least_squares", {"matrix": [[1, 0], [1, 1], [1, 2]], "right": [6, 0, 0]}, "(5, -3)"),  # Strang
        ("change_of_basis", {"basis": [[1, 1], [1, -1]], "vector": [5, 1]}, "(3, 2)"),
        ("linear_map_image", {"inputs": [[1, 1], [1, -1]], "images": [[2], [4]], "vector": [3, 1]}, "(8)"),
        ("matrix_of_map", {"inputs": [[0, 1], [1, 0]], "images": [[3, 4], [1, 2]]}, "[[1, 3], [2, 4]]"),
        ("characteristic_polynomial", {"matrix": FIBONACCI}, "x^2 - x - 1"),
        ("eigenvalues", {"matrix": [[2, 1, 0], [0, 2, 0], [0, 0, 5]]}, "{2, 2, 5}"),
        ("matrix_from_eigenvectors", {"vectors": [[1, 1], [1, -1]], "values": [1, -1]}, "[[0, 1], [1, 0]]"),
        ("trace_of_power", {"trace": 1, "determinant": -1, "exponent": 7}, "29"),  # a Lucas number
    ],
)
def test_proofs_know_the_textbook(name, given, answer):
    prover = find(name).prover
    assert prover is not None
    assert prover(given) == answer


@pytest.mark.parametrize(
    ("name", "given", "judge", "parameters"),
    [
        ("null_vector", {"matrix": SINGULAR}, "null_vector", {"matrix": SINGULAR}),
        (
            "orthogonal_vector",
            {"vectors": [[1, 0, 0], [0, 1, 0]]},
            "orthogonal_vector",
            {"vectors": [[1, 0, 0], [0, 1, 0]]},
        ),
        ("eigenvector", {"matrix": SWAP, "value": -1}, "eigenvector", {"matrix": SWAP, "eigenvalue": "-1"}),
        (
            "space_basis",
            {"matrix": SINGULAR, "space": "row"},
            "space_basis",
            {"matrix": SINGULAR, "space": "row"},
        ),
    ],
)
def test_what_the_proof_finds_satisfies_the_checker(name, given, judge, parameters):
    prover = find(name).prover
    assert prover is not None
    assert checker(judge, parameters).check(prover(given)).same


def test_elimination_keeps_the_solution_and_makes_an_echelon():
    rng = random.Random(1)
    for _ in range(200):
        size = rng.randint(2, 4)
        matrix = rows.drawn(rng, size, size, 6)
        wanted = [rng.randint(-9, 9) for _ in range(size)]
        augmented = [[*row, rows.dot(row, wanted)] for row in matrix]
        echelon, pivots, _ = rows.eliminated(augmented, size)
        assert all(rows.dot(row[:size], wanted) == row[size] for row in echelon)
        assert all(not any(row[:pivot]) for row, pivot in zip(echelon, pivots, strict=False))
        if rows.determinant(matrix):
            assert rows.back_substituted(echelon, pivots, {})[0] == wanted
        else:
            assert len(pivots) < size


def test_unimodular_matrices_come_with_their_inverse():
    rng = random.Random(2)
    for size in (2, 3, 4):
        matrix, inverse = rows.unimodular(rng, size, 3 * size)
        assert rows.determinant(matrix) == 1
        assert rows.product(matrix, inverse) == rows.identity(size)


def test_null_solutions_are_whole_not_zero_and_mapped_to_zero():
    rng = random.Random(3)
    for _ in range(200):
        matrix = rows.drawn(rng, 2, 3, 7)
        vector, _ = rows.null_solution(matrix)
        assert any(vector)
        assert rows.applied(matrix, vector) == [0, 0]


def test_sums_of_products_are_written_with_their_signs_in_front():
    assert rows.dot_text([-2, 3, -1], [4, -5, -6]) == "-2*4 - 3*5 + 1*6"
    assert rows.quotient(6, 4) == Fraction(3, 2)
    assert isinstance(rows.quotient(6, 3), int)
