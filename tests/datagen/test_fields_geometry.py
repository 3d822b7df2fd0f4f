"""Geometry: textbook facts through the families' proofs, and the helpers that constructions rest on."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from datagen.problems import find
from datagen.problems.fields.geometry.figures import added, expressions, pi_times, root, slope_form
from datagen.problems.fields.geometry.polygons import _star, _strip_area
from datagen.problems.fields.geometry.trigonometry import WHOLE_TRIPLES
from verifiers import AnswerSpec, equivalent

REAL = AnswerSpec(kind="real")

FACTS = [
    ("triangle_angles", {"kind": "third", "angles": [60, 60]}, "60"),
    ("triangle_angles", {"kind": "bisectors", "angles": [60, 60]}, "120"),
    ("triangle_angles", {"kind": "altitude_bisector", "angles": [50, 70]}, "10"),
    ("polygon_angles", {"kind": "interior", "sides": 6}, "120"),
    ("polygon_angles", {"kind": "interior", "sides": 7}, "900/7"),
    ("inscribed_angles", {"kind": "minor", "angle": 120}, "120"),
    ("inscribed_angles", {"kind": "outside", "arcs": [40, 100]}, "30"),
    ("pythagoras", {"kind": "hypotenuse", "sides": [3, 4], "unit": "cm"}, "5 cm"),
    ("law_of_cosines", {"kind": "cosine", "sides": [3, 4, 5], "unit": "m"}, "0"),
    ("law_of_cosines", {"kind": "side", "sides": [3, 5], "angle": 120, "unit": "m"}, "7 m"),
    ("lattice_polygon", {"kind": "inside", "corners": [[0, 0], [4, 0], [0, 4]]}, "3"),
    ("lattice_polygon", {"kind": "boundary", "corners": [[0, 0], [4, 0], [4, 4], [0, 4]]}, "16"),
    ("polygon_area_shoelace", {"corners": [[0, 0], [4, 0], [1, 1], [0, 4]]}, "4"),
    ("triangle_area_coordinates", {"kind": "lines", "lines": [[1, 0], [-1, 0], [2, 3]]}, "3"),
    ("composite_area", {"kind": "union", "rectangles": [[0, 0, 2, 2], [1, 1, 3, 3]], "unit": "m"}, "7 m^2"),
    ("line_intersection", {"kind": "circumcentre", "points": [[0, 0], [6, 0], [0, 8]]}, "(3, 4)"),
    ("line_intersection", {"kind": "orthocentre", "points": [[0, 0], [6, 0], [0, 8]]}, "(0, 0)"),
    (
        "point_transformations",
        {"point": [1, 0], "steps": [{"kind": "rotate", "turn": 90, "about": [0, 0]}]},
        "(0, 1)",
    ),
    ("vector_angle", {"kind": "angle", "u": [1, 0, 1], "v": [0, 1, 1]}, "60"),
    ("cross_product", {"kind": "cross", "u": [1, 0, 0], "v": [0, 1, 0]}, "(0, 0, 1)"),
    ("cross_product", {"kind": "tetrahedron", "points": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "1/6"),
    ("solid_volume", {"kind": "cylinder_height", "volume": "36", "known": 3, "unit": "m"}, "4 m"),
    ("cuboid_diagonal", {"kind": "diagonal", "edges": [2, 3, 6], "unit": "m"}, "7 m"),
]

EXACT_FACTS = [
    ("law_of_sines", {"kind": "side", "angles": [30, 45], "square": 16, "unit": "m"}, "4*sqrt(2)"),
    ("special_right_triangles", {"kind": "hexagon_area", "square": 1, "unit": "m"}, "3*sqrt(3)/2"),
    ("circle_area_circumference", {"kind": "path", "inner": 3, "width": 2, "unit": "m"}, "16*pi"),
    ("circle_area_circumference", {"kind": "equilateral", "side": 6, "inscribed": True, "unit": "m"},
     "9*sqrt(3) - 3*pi"),
    ("sector_and_arc", {"kind": "segment", "square": 4, "angle": 90, "unit": "m"}, "pi - 2"),
    ("tangent_or_chord_length", {"kind": "both", "radii": [5, 5], "distance": 6, "unit": "m"}, "8"),
    ("tangent_or_chord_length",
     {"kind": "common", "radii": [3, 1], "distance": 5, "outer": False, "unit": "m"}, "3"),
    ("distance_point_line", {"kind": "plane", "plane": [1, 1, 1, 3], "point": [0, 0, 0]}, "sqrt(3)"),
    ("triangle_area", {"kind": "heron", "sides": [13, 14, 15], "above": 0, "unit": "m"}, "84"),
    ("triangle_area", {"kind": "inradius", "sides": [3, 4, 5], "above": 0, "unit": "m"}, "1"),
    ("quadrilateral_area", {"kind": "right", "lengths": [3, 4, 4, 3], "unit": "m"}, "12"),
    ("solid_volume", {"kind": "sphere", "numbers": [3], "unit": "m"}, "36*pi"),
    ("solid_volume", {"kind": "frustum", "numbers": [2, 1, 3], "unit": "m"}, "7*pi"),
    ("solid_surface", {"kind": "cone_open", "numbers": [3, 4], "unit": "m"}, "15*pi"),
    ("solid_surface", {"kind": "pyramid", "numbers": [6, 4], "unit": "m"}, "96"),
    ("cuboid_diagonal", {"kind": "ant", "edges": [1, 1, 1], "unit": "m"}, "sqrt(5)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "answer"), FACTS)
def test_a_proof_finds_the_textbook_answer(name, given, answer):
    assert find(name).prover(given) == answer


@pytest.mark.parametrize(("name", "given", "answer"), EXACT_FACTS)
def test_a_proof_finds_the_exact_textbook_value(name, given, answer):
    assert equivalent(answer, find(name).prover(given), REAL).correct


def test_proofs_refuse_figures_that_do_not_exist():
    with pytest.raises(ValueError, match="no triangle"):
        find("triangle_angles").prover({"kind": "largest", "terms": [[1, 200], [1, -50], [2, -10]]})
    with pytest.raises(ValueError, match="does not return"):
        find("composite_area").prover({"kind": "walk", "moves": [["north", 2], ["east", 1]], "unit": "m"})


def test_whole_triples_satisfy_the_law_of_cosines():
    for angle, sign in ((60, -1), (120, 1)):
        assert len(WHOLE_TRIPLES[angle]) > 10
        assert all(c * c == a * a + b * b + sign * a * b for a, b, c in WHOLE_TRIPLES[angle])


def test_star_polygons_do_not_cross_themselves():
    """A polygon that crosses itself has another area by strips than by the shoelace formula."""
    for seed in range(60):
        corners = _star(random.Random(seed), 3 + seed % 6, 12)
        sides = zip(corners, [*corners[1:], corners[0]], strict=True)
        doubled = sum(a * d - c * b for (a, b), (c, d) in sides)
        assert _strip_area(list(corners)) == Fraction(doubled, 2) > 0


def test_expressions_take_the_given_values_at_x():
    for seed in range(50):
        values = [20 + seed, 90, 200 - seed]
        x, terms = expressions(random.Random(seed), values)
        assert [p * x + q for p, q in terms] == values


def test_numbers_are_written_in_the_simplest_way():
    assert root(Fraction(725, 2)) == "5*sqrt(58)/2"
    assert (pi_times(1), pi_times(Fraction(-5, 4)), pi_times(3)) == ("pi", "-5*pi/4", "3*pi")
    assert added("-2", "0", "-sqrt(3)", "pi") == "-2 - sqrt(3) + pi"
    assert slope_form(Fraction(-3, 4), 2) == "y = -3/4*x + 2"
