"""Textbook logic through the proofs of the field, and what its constructions rest on."""

from __future__ import annotations

import random

import pytest

from datagen.problems.fields.logic.formulas import columns, formula_text, holds, random_formula, truth_tables
from datagen.problems.fields.logic.houses import _clues, _settled, _solved
from datagen.problems.fields.logic.laws import mutated, normalized, rewritten
from datagen.problems.fields.logic.satisfiability import _clauses
from datagen.problems.fields.logic.satisfiability import _solved as _dpll
from datagen.problems.register import find

DE_MORGAN = ["if and only if", ["not", ["and", "p", "q"]], ["or", ["not", "p"], ["not", "q"]]]
EVERY_SOME = ["every", "x", [], ["some", "y", ["x"], ["likes", "x", "y"]]]
SOME_EVERY = ["some", "y", [], ["every", "x", ["y"], ["likes", "x", "y"]]]
CYCLE = {"Ann": ["Bob"], "Bob": ["Cleo"], "Cleo": ["Ann"]}
ONLY_IF_WET = {"rules": [[[0, True], [1, True]]]}  # if it rains, then the street is wet
FAMILY = {
    "facts": [
        ["Ann", "mother", "Bob"],
        ["Cleo", "sister", "Ann"],
        ["Dan", "son", "Cleo"],
        ["Eve", "daughter", "Dan"],
    ]
}


@pytest.mark.parametrize(
    ("name", "given", "answer"),
    [
        ("formula_equivalence", {"first": ["implies", "p", "q"], "second": ["or", ["not", "p"], "q"]}, "yes"),
        ("formula_equivalence", {"first": ["implies", "p", "q"], "second": ["implies", "q", "p"]}, "no"),
        ("tautology_kind", {"formula": DE_MORGAN}, "tautology"),
        ("tautology_kind", {"formula": ["and", "p", ["not", "p"]]}, "contradiction"),
        ("tautology_kind", {"formula": ["implies", "p", "q"]}, "contingent"),
        ("truth_table_count", {"formula": ["implies", "p", "q"]}, "3"),
        ("truth_table_count", {"formula": ["or", "p", ["and", "q", "r"]]}, "5"),
        ("satisfiability", {"letters": "AB", "clauses": [["A", "B"], ["not A"], ["not B"]]}, "no"),
        ("satisfiability", {"letters": "AB", "clauses": [["A", "B"], ["not A"]]}, "yes"),
        (
            "satisfying_assignment",
            {"letters": "AB", "clauses": [["A", "B"], ["not A"]]},
            "A = false, B = true",
        ),
        (
            "countermodel",
            {"letters": ["p", "q"], "premises": [["implies", "p", "q"], "q"], "conclusion": "p"},
            "p = false, q = true",
        ),
        ("quantified_statement", {"likes": CYCLE, "statement": EVERY_SOME}, "true"),
        ("quantified_statement", {"likes": CYCLE, "statement": SOME_EVERY}, "false"),
        (
            "logic_circuit",
            {"inputs": {"A": 1, "B": 1}, "gates": [["G1", "XOR", "A", "B"], ["G2", "AND", "A", "B"]]},
            "(0, 1)",
        ),
        ("conditional_chain", {**ONLY_IF_WET, "fact": [0, True], "asked": [1, True]}, "yes"),
        ("conditional_chain", {**ONLY_IF_WET, "fact": [1, False], "asked": [0, True]}, "no"),
        ("conditional_chain", {**ONLY_IF_WET, "fact": [1, True], "asked": [0, True]}, "unknown"),
        ("conditional_chain", {**ONLY_IF_WET, "fact": [0, False], "asked": [1, True]}, "unknown"),
        ("family_relations", {**FAMILY, "person": "Cleo", "of": "Bob"}, "aunt"),
        ("family_relations", {**FAMILY, "person": "Dan", "of": "Bob"}, "cousin"),
        ("family_relations", {**FAMILY, "person": "Eve", "of": "Cleo"}, "granddaughter"),
        (
            "truth_teller_count",
            {"people": ["Ann", "Bob"], "sayings": {"Ann": ["at least", 1], "Bob": ["exactly", 2]}},
            "1",
        ),
        (
            "ordering_by_comparison",
            {"people": ["Ann", "Bob", "Cleo"], "above": [["Bob", "Ann"], ["Ann", "Cleo"]], "asked": [0, 2]},
            "Bob, Cleo",
        ),
        (
            "set_operations",
            {"largest": 5, "sets": {"A": [1, 2], "B": [2, 3]}, "term": ["complement", ["union", "A", "B"]]},
            "{4, 5}",
        ),
        (
            "venn_survey",
            {
                "total": 30,
                "facts": [[[0], 18], [[1], 15], [[0, 1], 7]],
                "none": -1,
                "groups": 2,
                "asked": "none",
            },
            "4",
        ),
    ],
)
def test_the_proof_knows_textbook_examples(name, given, answer):
    assert find(name).prover(given) == answer


def test_a_zebra_puzzle_with_two_solutions_is_refused():
    given = {"houses": 2, "kinds": [["Ann", "Bob"], ["cat", "dog"]], "asked": ["cat"]}
    assert (
        find("zebra_puzzle").prover({**given, "clues": [["at", "Ann", 1], ["same", "Bob", "cat"]]}) == "Bob"
    )
    with pytest.raises(ValueError, match="unpack"):
        find("zebra_puzzle").prover({**given, "clues": [["at", "Ann", 1]]})


def test_no_clue_of_a_zebra_puzzle_can_be_left_out():
    for seed in range(10):
        rng = random.Random(seed)
        house = [place for _ in range(3) for place in rng.sample(range(4), 4)]
        clues = _clues(rng, house, 4, 3)
        assert _solved(clues, 4, 3) == [1 << place for place in house]
        for clue in clues:
            assert not _settled(_solved([other for other in clues if other != clue], 4, 3))


def test_laws_keep_the_truth_table_and_normal_forms_negate_letters_alone():
    tables, every = truth_tables("pqr")
    for seed in range(60):
        rng = random.Random(seed)
        formula = random_formula(rng, "pqr", 4)
        worlds = holds(formula, tables, every)
        assert all(holds(step, tables, every) == worlds for step, _ in rewritten(rng, formula, 4, 30))
        chain = normalized(["not", formula])
        assert all(holds(step, tables, every) == every ^ worlds for step, _ in chain)
        final = formula_text(chain[-1][0]) if chain else "not p"
        assert not any(word in final for word in ("implies", "if and only if", "not ("))
        assert mutated(rng, formula) != formula


def test_columns_are_in_the_order_of_truth_tables():
    assert columns(["implies", "p", "q"], "pq") == ["p: TTFF", "q: TFTF", "p implies q: TFTT"]


def test_the_search_for_an_assignment_agrees_with_the_truth_table():
    for seed in range(200):
        rng = random.Random(seed)
        clauses = _clauses(rng, 4, 12, 3, [])
        lines: list[str] = []
        found = _dpll(clauses, frozenset(), lines)
        satisfiable = any(
            all(any((world >> abs(x) & 1) == (x > 0) for x in clause) for clause in clauses)
            for world in range(0, 32, 2)
        )
        assert (found is not None) == satisfiable
        assert found is None or all(not found.isdisjoint(clause) for clause in clauses)
