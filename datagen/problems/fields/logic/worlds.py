"""Statements with "everyone" and "somebody" about a few people of whom all is known.

The construction looks for witnesses and counterexamples, as the solution does; the proof turns each part of
the statement into the set of all choices that make it true.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from datagen.problems.canonical import canonical
from datagen.problems.family import Given, Problem, family
from datagen.problems.people import some_people
from datagen.problems.specs import PAIR, TRUTH
from datagen.problems.text import boxed, listing

#: ["likes", x, y] | ["not", f] | ["and", f, g] | ["implies", f, g] | ["every" or "some", x, others, f],
#: where x is none of the others.
Statement = list[Any]
Likes = Mapping[str, Sequence[str]]


def _every(name: str, others: str, inner: Statement) -> Statement:
    return ["every", name, list(others), inner]


def _some(name: str, others: str, inner: Statement) -> Statement:
    return ["some", name, list(others), inner]


def _likes(pair: str) -> Statement:
    return ["likes", *pair]


def _all_of(*parts: Statement) -> Statement:
    return parts[0] if len(parts) == 1 else ["and", parts[0], _all_of(*parts[1:])]


def _statements() -> dict[int, list[tuple[str, Statement]]]:
    """What may be claimed, by level (5 is like 4 with more people)."""
    return {
        1: [
            ("everyone likes somebody else", _every("x", "", _some("y", "x", _likes("xy")))),
            ("somebody likes everyone else", _some("x", "", _every("y", "x", _likes("xy")))),
            ("everyone is liked by somebody else", _every("y", "", _some("x", "y", _likes("xy")))),
            ("there is somebody whom everyone else likes", _some("y", "", _every("x", "y", _likes("xy")))),
        ],
        2: [
            (
                "whenever one person likes another, the other likes that person too",
                _every("x", "", _every("y", "x", ["implies", _likes("xy"), _likes("yx")])),
            ),
            (
                "everyone likes somebody who does not like them back",
                _every("x", "", _some("y", "x", ["and", _likes("xy"), ["not", _likes("yx")]])),
            ),
            (
                "there is somebody who likes everyone by whom they are liked",
                _some("x", "", _every("y", "x", ["implies", _likes("yx"), _likes("xy")])),
            ),
            (
                "there is somebody who likes nobody by whom they are liked",
                _some("x", "", _every("y", "x", ["implies", _likes("yx"), ["not", _likes("xy")]])),
            ),
        ],
        3: [
            (
                "for any two different people there is a third person whom both of them like",
                _every("x", "", _every("y", "x", _some("z", "xy", _all_of(_likes("xz"), _likes("yz"))))),
            ),
            (
                "somebody likes two different people who like each other",
                _some(
                    "x",
                    "",
                    _some("y", "x", _some("z", "xy", _all_of(*map(_likes, ("xy", "xz", "yz", "zy"))))),
                ),
            ),
            (
                "if a person likes a second one, and the second one likes a third one, then the first "
                "always likes the third (where the three are different people)",
                _every(
                    "x",
                    "",
                    _every(
                        "y",
                        "x",
                        _every("z", "xy", ["implies", _all_of(_likes("xy"), _likes("yz")), _likes("xz")]),
                    ),
                ),
            ),
            (
                "everyone likes somebody who likes a third person",
                _every("x", "", _some("y", "x", _some("z", "xy", _all_of(_likes("xy"), _likes("yz"))))),
            ),
        ],
        4: [
            (
                "everyone likes somebody whom all the others like as well",
                _every("x", "", _some("y", "x", ["and", _likes("xy"), _every("z", "xy", _likes("zy"))])),
            ),
            (
                "there is somebody with whom each of the others has a third person in common whom both like",
                _some("x", "", _every("y", "x", _some("z", "xy", _all_of(_likes("xz"), _likes("yz"))))),
            ),
            (
                "for everyone there is another person whom they do not like although both like the same "
                "third person",
                _every(
                    "x",
                    "",
                    _some(
                        "y",
                        "x",
                        ["and", ["not", _likes("xy")], _some("z", "xy", _all_of(_likes("xz"), _likes("yz")))],
                    ),
                ),
            ),
            (
                "for any two different people, in either order, the first likes a third person who likes "
                "the second",
                _every("x", "", _every("y", "x", _some("z", "xy", _all_of(_likes("xz"), _likes("zy"))))),
            ),
        ],
    }


STATEMENTS = _statements()
WORLDS = {1: 4, 2: 4, 3: 5, 4: 6, 5: 8}  # people


@family(
    name="quantified_statement",
    wordings=(
        "{facts} Nobody likes anyone beyond that. Is it true that {claim}? Answer true or false.",
        "In a group of {count} people, {facts} These are all who like somebody else. Claim: {claim}. Is "
        "the claim true or false?",
        "Here is who likes whom, and there is nothing more: {facts} Is this true or false: {claim}?",
    ),
)
def quantified_statement(rng: random.Random, level: int) -> Problem:
    """Whether a statement with "everyone" and "somebody" is true, by witnesses and counterexamples."""
    count = WORLDS[level]
    people = [person.name for person in some_people(rng, count)]
    wanted = rng.random() < 0.5
    while True:
        claim, statement = rng.choice(STATEMENTS[min(level, 4)])
        density = rng.uniform(0.25, 0.9)
        likes = {a: [b for b in people if b != a and rng.random() < density] for a in people}
        true, lines = _explained(statement, {}, likes)
        if true == wanted and len(lines) <= 6 * count:
            break
    answer = "true" if wanted else "false"
    facts = [f"{name} likes {listing(others) if others else 'nobody'}." for name, others in likes.items()]
    edges = [(a, b) for a, others in likes.items() for b in others]
    whole = f"In letters: {_in_letters(statement)}."
    return Problem(
        question=quantified_statement.ask(rng, facts=" ".join(facts), count=count, claim=claim),
        answer=answer,
        spec=TRUTH,
        solution="\n".join([whole, *lines, f"So the statement is {boxed(answer)}"]),
        given={"likes": likes, "statement": statement},
        key=(
            "quantified_statement",
            count,
            claim,
            canonical(people, lambda place: _edge_shape(edges, place)),
        ),
    )


def _edge_shape(edges: Sequence[tuple[str, str]], place: Any) -> Any:
    return tuple(sorted((place(a), place(b)) for a, b in edges))


def _explained(statement: Statement, chosen: dict[str, str], likes: Likes) -> tuple[bool, list[str]]:
    """Whether the statement is true for the people chosen so far, and the lines that decide it."""
    if statement[0] not in ("every", "some"):
        return _decided(statement, chosen, likes)
    kind, name, others, inner = statement
    lines: list[str] = []
    for person in likes:
        if person not in (chosen[other] for other in others):
            true, more = _explained(inner, chosen | {name: person}, likes)
            if true == (kind == "some"):
                return true, more
            lines += more
    return kind == "every", lines


def _decided(statement: Statement, chosen: dict[str, str], likes: Likes) -> tuple[bool, list[str]]:
    """`_explained` for a statement that does not begin with a quantifier."""
    kind = statement[0]
    if kind == "likes":
        a, b = chosen[statement[1]], chosen[statement[2]]
        people = ", ".join(f"{name} = {person}" for name, person in chosen.items())
        true = b in likes[a]
        return true, [f"{people}: {a} {'likes' if true else 'does not like'} {b}"]
    first, lines = _explained(statement[1], chosen, likes)
    if kind == "not":
        return not first, lines
    if not first:
        return kind == "implies", lines
    second, more = _explained(statement[2], chosen, likes)
    return second, _together(lines, more) if second or kind == "implies" else more


def _together(lines: list[str], more: list[str]) -> list[str]:
    """Two reasons in one line where they are about the same people."""
    if len(lines) == len(more) == 1 and lines[0].partition(":")[0] == more[0].partition(":")[0]:
        return [f"{lines[0]} and{more[0].partition(':')[2]}"]
    return [*lines, *more]


def _in_letters(statement: Statement) -> str:
    """The statement with the letters x, y and z for people."""
    kind = statement[0]
    if kind == "likes":
        return f"{statement[1]} likes {statement[2]}"
    if kind == "not":
        return f"not ({_in_letters(statement[1])})"
    if kind == "and":
        return f"{_in_letters(statement[1])} and {_in_letters(statement[2])}"
    if kind == "implies":
        return f"if {_in_letters(statement[1])}, then {_in_letters(statement[2])}"
    _, name, others, inner = statement
    apart = f" other than {listing(others)}" if others else ""
    if kind == "every":
        return f"for every {name}{apart}: {_in_letters(inner)}"
    return f"there is {name}{apart} such that {_in_letters(inner)}"


@quantified_statement.proof
def _quantified_statement(given: Given) -> str:
    people = sorted(given["likes"])
    choices = set(product(people, repeat=3))  # who is x, y and z
    places = {"x": 0, "y": 1, "z": 2}

    def projected(found: set[tuple[str, ...]], place: int) -> set[tuple[str, ...]]:
        """The choices that are in `found` once one person in them is changed."""
        rests = {(*choice[:place], *choice[place + 1 :]) for choice in found}
        return {choice for choice in choices if (*choice[:place], *choice[place + 1 :]) in rests}

    def holding(statement: Statement) -> set[tuple[str, ...]]:
        kind = statement[0]
        if kind == "likes":
            a, b = places[statement[1]], places[statement[2]]
            return {choice for choice in choices if choice[b] in given["likes"][choice[a]]}
        if kind == "not":
            return choices - holding(statement[1])
        if kind == "and":
            return holding(statement[1]) & holding(statement[2])
        if kind == "implies":
            return (choices - holding(statement[1])) | holding(statement[2])
        _, name, others, inner = statement
        place = places[name]
        apart = {c for c in choices if all(c[place] != c[places[other]] for other in others)}
        if kind == "some":
            return projected(apart & holding(inner), place)
        return choices - projected(apart - holding(inner), place)

    return "true" if holding(given["statement"]) == choices else "false"


CIRCUITS = {1: (3, 3), 2: (3, 5), 3: (4, 7), 4: (5, 10), 5: (6, 14)}  # inputs, gates
GATES = ("AND", "OR", "XOR", "NAND", "NOR", "NOT")


@family(
    name="logic_circuit",
    wordings=(
        "A circuit has the inputs {inputs} and the gates {gates}. Which values do the outputs {first} and "
        "{second} have? Answer as a pair ({first}, {second}) of 0 and 1.",
        "Given {inputs}, let {gates}. Compute the pair ({first}, {second}).",
        "The signals {inputs} enter a circuit of logic gates: {gates}. Find the output pair ({first}, "
        "{second}), each 0 or 1.",
    ),
)
def logic_circuit(rng: random.Random, level: int) -> Problem:
    """The two outputs of a circuit of gates, gate by gate."""
    inputs, count = CIRCUITS[level]
    values = {name: int(rng.random() < 0.5) for name in "ABCDEF"[:inputs]}
    given_inputs = dict(values)
    unused = list(values)
    gates: list[list[str]] = []
    lines = []
    for number in range(1, count + 1):
        kind = rng.choice(GATES)
        one = (
            unused.pop(rng.randrange(len(unused))) if unused and number < count else rng.choice(list(values))
        )
        two = rng.choice([name for name in values if name != one])
        parts = [one] if kind == "NOT" else [one, two]
        if two in unused and kind != "NOT":
            unused.remove(two)
        name = f"G{number}"
        value = _gate(kind, [values[part] for part in parts])
        lines.append(
            f"{_gate_text(name, kind, parts)} = {_gate_value_text(kind, [values[p] for p in parts])} = "
            f"{value}"
        )
        values[name] = value
        unused.append(name)
        gates.append([name, kind, *parts])
    outputs = [f"G{count - 1}", f"G{count}"]
    answer = f"({values[outputs[0]]}, {values[outputs[1]]})"
    return Problem(
        question=logic_circuit.ask(
            rng,
            inputs=listing([f"{name} = {value}" for name, value in given_inputs.items()]),
            gates=", ".join(_gate_text(name, kind, parts) for name, kind, *parts in gates),
            first=outputs[0],
            second=outputs[1],
        ),
        answer=answer,
        spec=PAIR,
        solution="\n".join([*lines, f"The outputs are {boxed(answer)}"]),
        given={"inputs": given_inputs, "gates": gates},
        key=(
            "logic_circuit",
            count,
            tuple(given_inputs.values()),
            tuple((g[1], *sorted(g[2:])) for g in gates),
        ),
    )


def _gate(kind: str, values: Sequence[int]) -> int:
    if kind == "NOT":
        return 1 - values[0]
    a, b = values
    value = a & b if kind.endswith("AND") else a ^ b if kind == "XOR" else a | b
    return 1 - value if kind.startswith("N") else value


def _gate_text(name: str, kind: str, parts: Sequence[str]) -> str:
    return f"{name} = NOT {parts[0]}" if kind == "NOT" else f"{name} = {parts[0]} {kind} {parts[1]}"


def _gate_value_text(kind: str, values: Sequence[int]) -> str:
    return f"NOT {values[0]}" if kind == "NOT" else f"{values[0]} {kind} {values[1]}"


@logic_circuit.proof
def _logic_circuit(given: Given) -> str:
    gates = {name: (kind, parts) for name, kind, *parts in given["gates"]}
    polynomials: dict[str, Any] = {
        "AND": lambda a, b: a * b,
        "OR": lambda a, b: a + b - a * b,
        "XOR": lambda a, b: a + b - 2 * a * b,
        "NAND": lambda a, b: 1 - a * b,
        "NOR": lambda a, b: (1 - a) * (1 - b),
        "NOT": lambda a: 1 - a,
    }

    def value(name: str) -> int:
        if name in given["inputs"]:
            return int(given["inputs"][name])
        kind, parts = gates[name]
        return int(polynomials[kind](*map(value, parts)))

    first, second = list(gates)[-2:]
    return f"({value(first)}, {value(second)})"


@logic_circuit.variants
def _logic_circuit_variants(given: Given, answer: str) -> tuple[list[str], list[str]]:
    return [], [pair for pair in ("(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)") if pair != answer]
