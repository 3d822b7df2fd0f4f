"""Stories about fences around fields: lengths, costs, posts and areas.

The proofs try every width, or walk along the fence metre by metre.
"""

from __future__ import annotations

import random

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.word_problems.phrases import dollars
from datagen.problems.people import someone
from datagen.problems.specs import INTEGER, QUANTITY
from datagen.problems.text import boxed, counted, linear
from verifiers import AnswerSpec

FIELDS = ("field", "garden", "playground", "paddock", "orchard", "schoolyard", "meadow")
Told = tuple[str, str, Given, list[str], str, AnswerSpec]
"""The story, its question, the data, the steps, the answer and its kind."""


@family(
    name="fencing",
    wordings=(
        "{story} {asked}",
        "{name} is planning a fence. {story} {asked}",
        "{asked} This is what is known. {story}",
    ),
)
def fencing(rng: random.Random, level: int) -> Problem:
    """The length, cost or posts of a fence, or the area it encloses, worked with the perimeter."""
    make = (_around, _cost, _area_from_perimeter, _posts, _pens)[level - 1]
    story, asked, given, lines, answer, spec = make(rng, rng.choice(FIELDS))
    return Problem(
        question=fencing.ask(rng, story=story, asked=asked, name=someone(rng).name),
        answer=answer,
        spec=spec,
        solution="\n".join([*lines, f"The answer is {boxed(answer)}"]),
        given=given,
        key=("fencing", *_fence_key(given)),
    )


def _fence_key(given: Given) -> tuple[object, ...]:
    """The numbers of `given`, the two sides of a rectangle in order of size where both are told."""
    sides = sorted(given[name] for name in ("length", "width") if name in given)
    return (*sides, *(item for item in given.items() if item[0] not in ("length", "width")))


def _around(rng: random.Random, what: str) -> Told:
    width, gate = rng.randint(8, 120), rng.randint(2, 6)
    length = width + rng.randint(1, 60)
    around = 2 * (length + width)
    story = (
        f"A rectangular {what} is {length} m long and {width} m wide. A fence runs all around it, except "
        f"for a gate that is {gate} m wide."
    )
    lines = [
        f"The perimeter is 2 * ({length} + {width}) = {around} m.",
        f"{around} - {gate} = {around - gate}",
    ]
    given = {"length": length, "width": width, "gate": gate}
    return story, "How many metres of fence are needed?", given, lines, str(around - gate), INTEGER


def _cost(rng: random.Random, what: str) -> Told:
    width, gate = rng.randint(8, 120), rng.randint(2, 6)
    length = width + rng.randint(1, 60)
    price, gate_price = 25 * rng.randint(16, 160), 100 * rng.randint(60, 400)
    around = 2 * (length + width)
    fence = (around - gate) * price
    answer = dollars(fence + gate_price)
    story = (
        f"A rectangular {what} that is {length} m long and {width} m wide gets a fence all around. The "
        f"fence costs {dollars(price)} per metre. A gate of {gate} m, where there is no fence, costs "
        f"{dollars(gate_price)}."
    )
    lines = [
        f"The perimeter is 2 * ({length} + {width}) = {around} m, and the fence is {around} - {gate} = "
        f"{around - gate} m long.",
        f"It costs {around - gate} * {dollars(price)} = {dollars(fence)}.",
        f"With the gate: {dollars(fence)} + {dollars(gate_price)} = {answer}.",
    ]
    given = {
        "length": length,
        "width": width,
        "gate": gate,
        "cents_per_metre": price,
        "gate_cents": gate_price,
    }
    asked = "What do fence and gate cost together? Answer in dollars, like $725.50."
    return story, asked, given, lines, answer, QUANTITY


def _area_from_perimeter(rng: random.Random, what: str) -> Told:
    width, times, more = rng.randint(8, 90), rng.randint(1, 4), rng.randint(2, 40)
    length = times * width + more
    around = 2 * (length + width)
    than = "the width" if times == 1 else f"{times} times the width"
    story = (
        f"A fence of {around} m encloses a rectangular {what} completely. The length is {more} m more than "
        f"{than}."
    )
    lines = [
        f"Let the width be x m, so the length is {linear([(times, 'x'), (more, '')])} m.",
        f"Length and width together are {around}/2 = {around // 2} m.",
        f"x + {linear([(times, 'x'), (more, '')])} = {linear([(times + 1, 'x'), (more, '')])} = "
        f"{around // 2}, so {times + 1}x = {around // 2 - more} and x = {width}.",
        f"The length is {f'{times} * ' if times > 1 else ''}{width} + {more} = {length} m.",
        f"The area is {length} * {width} = {length * width}.",
    ]
    given = {"fence": around, "times": times, "more": more, "free_sides": 0, "inner": 0}
    asked = f"What is the area of the {what}? Answer in m^2, like 120 m^2."
    return story, asked, given, lines, f"{length * width} m^2", QUANTITY


def _posts(rng: random.Random, what: str) -> Told:
    gap, along, across = rng.randint(2, 8), rng.randint(5, 30), rng.randint(4, 25)
    length, width = gap * max(along, across), gap * min(along, across)
    wires = rng.randint(2, 5)
    post_price, wire_price = 25 * rng.randint(12, 80), 5 * rng.randint(8, 60)
    around = 2 * (length + width)
    posts = around // gap
    cost = posts * post_price + wires * around * wire_price
    story = (
        f"A rectangular {what} is {length} m long and {width} m wide. Along its edge stand posts, one at "
        f"every corner and the others so that the distance from each post to the next is {gap} m. Around "
        f"the whole {what} run {wires} wires. A post costs {dollars(post_price)} and a metre of wire "
        f"{dollars(wire_price)}."
    )
    lines = [
        f"The perimeter is 2 * ({length} + {width}) = {around} m.",
        f"Around a closed line there are as many posts as gaps: {around}/{gap} = {posts} posts.",
        f"The posts cost {posts} * {dollars(post_price)} = {dollars(posts * post_price)}.",
        f"The wires have {wires} * {around} = {wires * around} m in all.",
        f"They cost {wires * around} * {dollars(wire_price)} = {dollars(wires * around * wire_price)}.",
        f"{dollars(posts * post_price)} + {dollars(wires * around * wire_price)} = {dollars(cost)}",
    ]
    given = {
        "length": length,
        "width": width,
        "gap": gap,
        "wires": wires,
        "post_cents": post_price,
        "wire_cents": wire_price,
    }
    asked = "What do posts and wires cost together? Answer in dollars, like $725.50."
    return story, asked, given, lines, dollars(cost), QUANTITY


def _pens(rng: random.Random, what: str) -> Told:
    width, times, more = rng.randint(8, 60), rng.randint(2, 5), rng.randint(2, 40)
    inner, price = rng.randint(1, 4), rng.randint(4, 30)
    length = times * width + more
    across = inner + 2
    fence = length + across * width
    x = linear([(times, "x"), (more, "")])
    story = (
        f"A rectangular {what} lies with one of its long sides at a river, where no fence is needed. The "
        f"three other sides are fenced, and {counted(inner, 'more fence')} parallel to the short sides "
        f"{'divides' if inner == 1 else 'divide'} the {what} into {inner + 1} parts. The long side is "
        f"{more} m more than {times} times the short side. The fences cost {dollars(100 * price)} per "
        f"metre, {dollars(100 * price * fence)} in all."
    )
    lines = [
        f"All fences together are {price * fence}/{price} = {fence} m long.",
        f"Let the short side be x m, so the long side is {x} m.",
        f"There is 1 fence along the long side and 2 + {inner} = {across} fences along the short side.",
        f"{x} + {across}x = {fence}",
        f"{linear([(times + across, 'x'), (more, '')])} = {fence}, so {times + across}x = {fence} - {more} "
        f"= {fence - more} and x = {fence - more}/{times + across} = {width}.",
        f"The long side is {times} * {width} + {more} = {length} m.",
        f"Check: {length} + {across} * {width} = {length} + {across * width} = {fence}.",
        f"The area is {length} * {width} = {length * width}.",
    ]
    given = {
        "cost": price * fence,
        "dollars_per_metre": price,
        "times": times,
        "more": more,
        "free_sides": 1,
        "inner": inner,
    }
    asked = f"What is the area of the whole {what}? Answer in m^2, like 120 m^2."
    return story, asked, given, lines, f"{length * width} m^2", QUANTITY


def _edge(length: int, width: int) -> list[tuple[int, int]]:
    """The whole-metre points of the edge of a rectangle, each once, in order."""
    bottom = [(x, 0) for x in range(length)]
    right = [(length, y) for y in range(width)]
    top = [(x, width) for x in range(length, 0, -1)]
    left = [(0, y) for y in range(width, 0, -1)]
    return bottom + right + top + left


@fencing.proof
def _fencing(given: Given) -> str:
    if "times" in given:
        fence = given["fence"] if "fence" in given else given["cost"] // given["dollars_per_metre"]
        for width in range(1, fence):
            length = given["times"] * width + given["more"]
            if (2 - given["free_sides"]) * length + (2 + given["inner"]) * width == fence:
                return f"{sum(width for _ in range(length))} m^2"
        raise ValueError("no width fits")
    edge = _edge(given["length"], given["width"])
    if "gap" in given:
        posts = edge[:: given["gap"]]
        corners = {(0, 0), (given["length"], 0), (given["length"], given["width"]), (0, given["width"])}
        if not corners <= set(posts):
            raise ValueError("there is a corner without a post")
        cents = len(posts) * given["post_cents"]
        cents += sum(given["wire_cents"] for _ in range(given["wires"]) for _ in edge)
        return f"${cents // 100}.{cents % 100:02}"
    fenced = edge[given["gate"] :]
    if "cents_per_metre" not in given:
        return str(len(fenced))
    cents = given["gate_cents"] + sum(given["cents_per_metre"] for _ in fenced)
    return f"${cents // 100}.{cents % 100:02}"
