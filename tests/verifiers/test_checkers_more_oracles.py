"""More checkers against independent sources: brute force, sympy, and counts from the OEIS."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.combinatorics import Permutation as SympyPermutation

from verifiers import parse
from verifiers.checkers import checker
from verifiers.checkers.dpll import satisfied
from verifiers.checkers.logic import holds
from verifiers.checkers.packing import best_value
from verifiers.checkers.permutations import longest_increasing
from verifiers.checkers.subspaces import rank
from verifiers.comparing.logic import letters

small = st.integers(-4, 4)


def _formula(rng: random.Random, depth: int, names: str) -> str:
    if not depth or rng.random() < 0.15:
        return rng.choice(names)
    sign = rng.choice(("~", " and ", " or ", " -> ", " <-> ", " xor "))
    if sign == "~":
        return f"~({_formula(rng, depth - 1, names)})"
    return f"({_formula(rng, depth - 1, names)}){sign}({_formula(rng, depth - 1, names)})"


@given(st.integers(0, 10**9))
@settings(max_examples=150, deadline=None)
def test_a_formula_is_satisfied_just_if_a_row_of_its_truth_table_is_true(seed: int) -> None:
    tree = parse(_formula(random.Random(seed), 4, "pqrst"))
    names = sorted(letters(tree))
    rows = [dict(zip(names, row, strict=True)) for row in itertools.product((False, True), repeat=len(names))]
    found = satisfied([tree])
    assert (found is not False) == any(holds(tree, row) for row in rows)
    assert found is not None
    assert found is False or holds(tree, {**dict.fromkeys(names, False), **found})


def test_pigeons_fit_into_as_many_holes_and_not_into_one_fewer() -> None:
    """The pigeonhole principle, a classic of unsatisfiable formulas."""

    def pigeons(holes: int, count: int) -> list:
        spot = {(p, h): f"x_{{{p * 10 + h}}}" for p in range(count) for h in range(holes)}
        somewhere = [" or ".join(spot[p, h] for h in range(holes)) for p in range(count)]
        alone = [
            f"~{spot[p, h]} or ~{spot[q, h]}"
            for h in range(holes)
            for p, q in itertools.combinations(range(count), 2)
        ]
        return [parse(text) for text in somewhere + alone]

    assert satisfied(pigeons(5, 5))
    assert satisfied(pigeons(4, 5)) is False
    assert satisfied(pigeons(9, 10), max_steps=1000) is None


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_entailment_is_what_the_truth_table_says(seed: int) -> None:
    rng = random.Random(seed)
    premises, conclusion = [_formula(rng, 2, "pqr") for _ in range(2)], _formula(rng, 2, "pqr")
    trees = [parse(text) for text in (*premises, conclusion)]
    names = sorted(set().union(*map(letters, trees)))
    rows = [dict(zip(names, row, strict=True)) for row in itertools.product((False, True), repeat=len(names))]
    refuting = [row for row in rows if [holds(tree, row) for tree in trees] == [True, True, False]]
    made = checker("entailment", {"premises": premises, "conclusion": conclusion})
    assert made.check("valid").same is (not refuting)
    for row in rows:
        text = ", ".join(f"{name} = {value}" for name, value in row.items())
        assert made.check(text).same is (row in refuting)


@given(st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_knights_and_knaves_are_the_assignments_that_make_every_biconditional_true(seed: int) -> None:
    rng, people = random.Random(seed), ("Ann", "Bob", "Cy")
    said = {}
    for person in people:
        text = _formula(rng, 2, "ABC")
        said[person] = text.replace("A", "Ann").replace("B", "Bob").replace("C", "Cy")
    simple = checker("knights_and_knaves", {"statements": said})
    general = checker("truth_tellers", {"statements": said})
    trees = {person: parse(text, frozenset(people)) for person, text in said.items()}
    for row in itertools.product((True, False), repeat=3):
        roles = dict(zip(people, row, strict=True))
        answer = ", ".join(f"{person} is a {'knight' if roles[person] else 'knave'}" for person in people)
        fits = all(holds(trees[person], roles) is roles[person] for person in people)
        assert simple.check(answer).same is fits
        assert general.check(answer).same is fits


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_eulerian_paths_are_the_orders_of_all_edges_that_join_up(edges: list[tuple[int, int]]) -> None:
    from schemas.errors import UserError

    walks = set()
    for order in itertools.permutations(edges):
        for turned in itertools.product((False, True), repeat=len(order)):
            steps = [step[::-1] if turn else step for step, turn in zip(order, turned, strict=True)]
            if all(a[1] == b[0] for a, b in itertools.pairwise(steps)):
                walks.add((steps[0][0], *(end for _, end in steps)))
    if not walks:
        with pytest.raises(UserError, match="every edge"):
            checker("eulerian_path", {"edges": list(map(list, edges))})
        return
    made = checker("eulerian_path", {"edges": list(map(list, edges))})
    for walk in sorted(walks)[:20]:
        assert made.check("-".join(map(str, walk))).same is True
        assert made.check("-".join(map(str, walk[:-1]))).same is False
    names = sorted({end for edge in edges for end in edge})
    for walk in itertools.islice(itertools.product(names, repeat=len(edges) + 1), 60):
        assert made.check("-".join(map(str, walk))).same is (walk in walks)


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_stable_matchings_are_those_without_a_blocking_pair(rng: random.Random) -> None:
    left, right = ["a", "b", "c"], ["x", "y", "z"]
    prefers = {p: rng.sample(right, 3) for p in left} | {p: rng.sample(left, 3) for p in right}
    made = checker(
        "stable_matching",
        {"left": {p: prefers[p] for p in left}, "right": {p: prefers[p] for p in right}},
    )
    stable = 0
    for partners in itertools.permutations(right):
        pairs = dict(zip(left, partners, strict=True)) | dict(zip(partners, left, strict=True))
        rank_of = {(p, q): prefers[p].index(q) for p in prefers for q in prefers[p]}
        blocked = any(
            rank_of[p, q] < rank_of[p, pairs[p]] and rank_of[q, p] < rank_of[q, pairs[q]]
            for p in left
            for q in right
        )
        answer = ", ".join(f"({p}, {pairs[p]})" for p in left)
        assert made.check(answer).same is not blocked
        stable += not blocked
    assert stable  # Gale and Shapley 1962


@given(st.lists(st.lists(small, min_size=4, max_size=4), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_bases_sympy_finds_are_accepted_and_no_smaller_ones(rows: list[list[int]]) -> None:
    theirs = sympy.Matrix(rows)
    assert rank([list(map(Fraction, row)) for row in rows]) == theirs.rank()
    spaces = {"null": theirs.nullspace(), "column": theirs.columnspace(), "row": theirs.rowspace()}
    for space, basis in spaces.items():
        made = checker("space_basis", {"matrix": rows, "space": space})
        vectors = [f"({', '.join(map(str, vector))})" for vector in basis]
        if len(rows) > 1 or space != "column":  # a vector of one entry is a number in brackets
            assert made.check(", ".join(vectors) or "{}").same is True
            assert made.check(", ".join(vectors[:-1]) or "{}").same is (not vectors)


@given(st.lists(small, min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_cross_product_is_orthogonal_to_both_its_factors(entries: list[int]) -> None:
    one, two = sympy.Matrix(entries[:3]), sympy.Matrix(entries[3:])
    made = checker("orthogonal_vector", {"vectors": [entries[:3], entries[3:]]})
    cross = one.cross(two)
    assert made.check(str(tuple(cross))).same is any(cross)
    assert made.check(str(tuple(cross + one))).same is False


@given(st.permutations(list(range(1, 7))))
@settings(max_examples=80, deadline=None)
def test_the_properties_of_a_permutation_are_those_sympy_finds(images: list[int]) -> None:
    theirs = SympyPermutation([image - 1 for image in images])
    cycles = [len(c) for c in theirs.full_cyclic_form]
    properties = {
        "order": int(theirs.order()),
        "parity": "even" if theirs.is_even else "odd",
        "cycle_type": cycles,
        "fixed_points": cycles.count(1),
        "inversions": int(theirs.inversions()),
        "descents": len(theirs.descents()),
        "increasing": longest_increasing(images),
    }
    made = checker("permutation", {"size": 6, **properties})
    assert made.check(" ".join(map(str, images))).same is True
    longest = max(
        size
        for size in range(1, 7)
        if any(list(part) == sorted(part) for part in itertools.combinations(images, size))
    )
    assert longest == longest_increasing(images)
    written = "".join(f"({' '.join(str(n + 1) for n in cycle)})" for cycle in theirs.full_cyclic_form)
    in_cycles = checker("permutation", {"size": 6, "notation": "cycles", **properties})
    assert in_cycles.check(written).same is True
    more = checker("permutation", {"size": 6, "inversions": properties["inversions"] + 1})
    assert more.check(" ".join(map(str, images))).same is False


@pytest.mark.parametrize(("size", "count"), [(3, 2), (4, 9), (5, 44)])
def test_there_are_as_many_derangements_as_is_known(size: int, count: int) -> None:
    """OEIS A000166."""
    made = checker("permutation", {"size": size, "fixed_points": 0})
    answers = (" ".join(map(str, each)) for each in itertools.permutations(range(1, size + 1)))
    assert sum(made.check(answer).same is True for answer in answers) == count


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6), st.integers(0, 25))
@settings(max_examples=80, deadline=None)
def test_the_best_knapsack_is_the_best_of_all_subsets(items: list[tuple[int, int]], capacity: int) -> None:
    subsets = [s for size in range(len(items) + 1) for s in itertools.combinations(range(len(items)), size)]
    light = [s for s in subsets if sum(items[i][0] for i in s) <= capacity]
    best = max(sum(items[i][1] for i in s) for s in light)
    assert best_value(tuple(items), capacity) == best
    named = {f"item{i}": list(pair) for i, pair in enumerate(items)}
    made = checker("knapsack", {"items": named, "capacity": capacity})
    for subset in subsets[1:]:
        good = subset in light and sum(items[i][1] for i in subset) == best
        assert made.check(", ".join(f"item{i}" for i in subset)).same is good


@given(st.integers(2, 60), st.integers(0, 59), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_modular_roots_are_the_residues_found_by_trying(m: int, a: int, k: int) -> None:
    roots = [x for x in range(m) if pow(x, k, m) == a % m]
    if not roots:
        return
    made = checker("modular_root", {"number": a, "modulus": m, "degree": k, "all": True})
    one = checker("modular_root", {"number": a, "modulus": m, "degree": k})
    assert made.check(", ".join(map(str, roots))).same is True
    assert made.check(", ".join(map(str, roots[1:])) or str(m + 1)).same is (roots == [1 % m])
    for x in range(m):
        assert one.check(str(x)).same is (x in roots)


@given(st.integers(1, 500), st.integers(1, 500))
@settings(max_examples=60, deadline=None)
def test_the_coefficients_sympy_finds_are_accepted_in_both_spellings(a: int, b: int) -> None:
    x, y, d = map(int, sympy.gcdex(sympy.Integer(a), sympy.Integer(b)))
    made = checker("extended_gcd", {"a": a, "b": b})
    assert made.check(f"d = {d}, x = {x}, y = {y}").same is True
    assert made.check(f"{d} = {a} * ({x}) + {b} * ({y})").same is True
    assert made.check(f"d = {d}, x = {x + 1}, y = {y}").same is False


@given(st.integers(0, 99_999), st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_the_shapes_of_numbers_are_those_of_their_definitions(n: int, offset: int) -> None:
    for value in (n, n * n + offset, n**3 + offset, n * (n + 1) // 2 + offset):
        root = round(value ** (1 / 3))
        shapes = {
            "prime": sympy.isprime(value),
            "square": math.isqrt(value) ** 2 == value,
            "cube": any(c**3 == value for c in (root - 1, root, root + 1)),
            "triangular": any(
                k * (k + 1) // 2 == value for k in (math.isqrt(2 * value), math.isqrt(2 * value) - 1)
            ),
        }
        for shape, expected in shapes.items():
            assert checker("digit_number", {"shape": shape}).check(str(value)).same is expected, (
                shape,
                value,
            )


def test_the_only_number_of_four_digits_that_is_quadrupled_when_reversed_is_2178() -> None:
    made = checker("digit_number", {"digits": 4, "reversal": 4})
    assert [n for n in range(1000, 10_000) if made.check(str(n)).same] == [2178]


@given(st.fractions(-5, 5, max_denominator=9), st.fractions(-5, 5, max_denominator=9))
@settings(max_examples=80, deadline=None)
def test_a_relation_holds_at_a_point_just_if_exact_arithmetic_says_so(x: Fraction, y: Fraction) -> None:
    relations = {
        "x^2 < y + 1": x * x < y + 1,
        "x y >= 2 x - 1": x * y >= 2 * x - 1,
        "x != y": x != y,
        "x = y": x == y,
        "-1 <= x < y < 3": -1 <= x < y < 3,
    }
    for text, true in relations.items():
        made = checker("inequality_witness", {"relations": [text], "variables": ["x", "y"]})
        assert made.check(f"({x}, {y})").same is true, text


@given(st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_of_all_ways_to_divide_numbers_those_with_equal_sums_are_accepted(rng: random.Random) -> None:
    numbers = [rng.randint(1, 6) for _ in range(5)]
    numbers.append(sum(numbers) % 2 + 2)
    made = checker("partition", {"numbers": numbers})
    for bits in range(1, 2**6 - 1):
        groups = [[n for i, n in enumerate(numbers) if bits >> i & 1 == side] for side in (0, 1)]
        text = ", ".join("{" + ", ".join(map(str, group)) + "}" for group in groups)
        assert made.check(text).same is (sum(groups[0]) == sum(groups[1]))


def test_the_shortest_ladder_is_the_shortest_of_all_walks_through_the_words() -> None:
    rng = random.Random(4)
    words = sorted({"".join(rng.choices("abc", k=3)) for _ in range(14)} | {"aaa", "ccc"})
    near = {(u, v) for u in words for v in words if sum(a != b for a, b in zip(u, v, strict=True)) == 1}
    least = next(
        size
        for size in range(2, 9)
        if any(
            all(step in near for step in itertools.pairwise(("aaa", *middle, "ccc")))
            for middle in itertools.permutations([w for w in words if w not in ("aaa", "ccc")], size - 2)
        )
    )
    made = checker("word_ladder", {"start": "aaa", "end": "ccc", "words": words, "shortest": True})
    others = [w for w in words if w not in ("aaa", "ccc")]
    for middle in itertools.permutations(others, least - 2):
        ladder = ("aaa", *middle, "ccc")
        fits = all(step in near for step in itertools.pairwise(ladder))
        assert made.check(" ".join(ladder)).same is fits
