"""Graphs: known graphs through the proofs, and keys that know nothing of names."""

from __future__ import annotations

import random

import pytest

from datagen.problems import find
from datagen.problems.fields.graphs.graph import random_connected, shape
from datagen.problems.generate import draw
from datagen.problems.proof import prove

TRIANGLE = [["A", "B"], ["B", "C"], ["C", "A"]]
SQUARE = [["A", "B"], ["B", "C"], ["C", "D"], ["D", "A"]]
K4 = [["A", "B"], ["A", "C"], ["A", "D"], ["B", "C"], ["B", "D"], ["C", "D"]]
# Koenigsberg, with a vertex in the middle of one of each two bridges between the same banks.
BRIDGES = [["N", "W"], ["N", "X"], ["X", "W"], ["S", "W"], ["S", "Y"], ["Y", "W"]]
BRIDGES += [["N", "Z"], ["S", "Z"], ["W", "Z"]]
PETERSEN = [[str(i), str((i + 1) % 5)] for i in range(5)]
PETERSEN += [[str(i), str(i + 5)] for i in range(5)]
PETERSEN += [[str(i + 5), str((i + 2) % 5 + 5)] for i in range(5)]
ROADS = [["A", "B", 4], ["A", "C", 1], ["C", "B", 2], ["B", "D", 5], ["C", "D", 8]]
PIPES = [["S", "A", 3], ["S", "B", 2], ["A", "B", 1], ["A", "T", 2], ["B", "T", 3]]

FACTS = [
    ("shortest_path_length", {"edges": ROADS, "start": "A", "end": "D"}, "8"),
    ("shortest_path", {"edges": ROADS, "start": "A", "end": "D"}, "A-C-B-D"),
    ("spanning_tree_weight", {"edges": ROADS}, "8"),
    ("spanning_tree_count", {"edges": TRIANGLE}, "3"),
    ("spanning_tree_count", {"edges": K4}, "16"),  # Cayley: 4^2
    ("spanning_tree_count", {"edges": PETERSEN}, "2000"),
    ("euler_walk_exists", {"edges": SQUARE}, "yes"),
    ("euler_walk_exists", {"edges": K4}, "no"),
    ("euler_walk_exists", {"edges": BRIDGES}, "no"),
    ("connected_components", {"vertices": list("ABCDE"), "edges": TRIANGLE}, "3"),
    ("connected_components", {"vertices": list("ABCDE"), "edges": [["A", "B"], ["C", "D"], ["B", "D"]]}, "2"),
    ("bipartite_test", {"edges": SQUARE}, "yes"),
    ("bipartite_test", {"edges": PETERSEN}, "no"),
    ("graphical_sequence", {"degrees": [3, 3, 3, 3]}, "yes"),
    ("graphical_sequence", {"degrees": [3, 3, 3, 1]}, "no"),  # the sum is even
    ("chromatic_number", {"edges": SQUARE}, "2"),
    ("chromatic_number", {"edges": K4}, "4"),
    ("chromatic_number", {"edges": PETERSEN}, "3"),
    ("maximum_matching", {"edges": [["A", "P"], ["B", "P"], ["C", "P"], ["C", "Q"]]}, "2"),
    ("maximum_matching", {"edges": PETERSEN}, "5"),
    ("maximum_flow", {"edges": PIPES, "source": "S", "sink": "T"}, "5"),
]


@pytest.mark.parametrize(("name", "given", "answer"), FACTS)
def test_known_graphs_come_out_of_the_proofs(name, given, answer):
    assert find(name).prover(given) == answer


def test_proofs_of_problems_with_many_answers_find_one():
    path = find("hamiltonian_path").prover({"edges": PETERSEN}).split("-")
    assert sorted(path) == sorted(map(str, range(10)))
    walk = find("eulerian_path").prover({"edges": SQUARE}).split("-")
    assert len(walk) == 5
    assert walk[0] == walk[-1]
    assert find("topological_order").prover({"edges": [["B", "A"], ["C", "B"]]}) == "C, B, A"
    with pytest.raises(ValueError, match="no such walk"):
        find("eulerian_path").prover({"edges": K4})
    with pytest.raises(ValueError, match="no such colouring"):
        find("graph_colouring").prover({"edges": K4, "colours": 3})


def test_a_wrong_answer_is_a_disagreement():
    row = draw("maximum_flow", 3, "train", 1, 0)
    assert prove(row).agrees
    assert not prove({**row, "answer": str(int(row["answer"]) + 1)}).agrees


def test_the_shape_of_a_graph_does_not_change_with_its_names_but_with_its_edges():
    rng = random.Random(4)
    for _ in range(50):
        count = rng.randint(4, 9)
        edges = [(a, b, rng.randint(1, 3)) for a, b in random_connected(rng, count, count + 2)]
        order = rng.sample(range(count), count)
        renamed = [(order[b], order[a], weight) for a, b, weight in rng.sample(edges, len(edges))]
        assert shape(count, renamed) == shape(count, edges)
        heavier = [(*edges[0][:2], 9), *edges[1:]]
        assert shape(count, heavier) != shape(count, edges)
    path, star = [(0, 1), (1, 2), (2, 3)], [(0, 1), (0, 2), (0, 3)]
    assert shape(4, path) != shape(4, star)
    assert shape(4, path, [1, 0, 0, 0]) != shape(4, path, [0, 1, 0, 0])
    assert shape(3, [(0, 1), (0, 2)], directed=True) != shape(3, [(1, 0), (2, 0)], directed=True)
