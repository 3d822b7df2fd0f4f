"""Puzzles of moves: pouring water between jugs, and switches that change several lamps.

The construction of the jugs searches step by step from the start, that of the switches hides an order in
which they can be decided. The proofs correct distances until none is too long, and try all switches.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import combinations

from datagen.problems.family import Given, Problem, family
from datagen.problems.specs import INTEGER, SET
from datagen.problems.text import boxed, counted, listing

State = tuple[int, ...]
POURS = {1: (2, 4, 12), 2: (5, 7, 20), 3: (8, 11, 60), 4: (5, 8, 36), 5: (9, 14, 40)}
"""Per level: the least and the greatest number of steps, and the largest jug. 4 and 5: three jugs, no tap."""


@family(
    name="water_jugs",
    wordings=(
        "{start} In one step you can {moves}. What is the least number of steps after which one of the "
        "jugs holds exactly {target}?",
        "{start} You want exactly {target} in one of the jugs. A step is to {moves}. How many steps "
        "are needed at least?",
        "{start} The jugs have no marks, so a single step can only be to {moves}. Find the smallest number "
        "of steps that leads to exactly {target} in some jug.",
    ),
)
def water_jugs(rng: random.Random, level: int) -> Problem:
    """The least number of steps to measure an amount of water, from all states that can be reached."""
    least, most, largest = POURS[level]
    tap = level < 4
    while True:
        sizes = tuple(sorted(rng.sample(range(2 + level, largest + 1), 2 if tap else 3), reverse=True))
        layers = _layers(sizes, tap, most)
        first = _first_steps(layers)
        targets = [t for t, steps in first.items() if least <= steps <= most]
        if targets:
            break
    target = rng.choice(targets)
    steps = first[target]
    names = listing([str(size) for size in (sizes if not tap else sizes[::-1])])
    if tap:
        start = f"Two jugs, both empty, can hold {names} liters, and there is a tap."
        moves = "fill a jug to the brim from the tap, empty a jug completely"
        moves += ", or pour from one jug into the other until the first is empty or the second is full"
    else:
        start = (
            f"Three jugs can hold {names} liters. The one of {sizes[0]} liters is full, the others are empty."
        )
        moves = "pour from one jug into another until the first is empty or the second is full"
    return Problem(
        question=water_jugs.ask(rng, start=start, moves=moves, target=counted(target, "liter")),
        answer=str(steps),
        spec=INTEGER,
        solution=_layers_worked(layers, target, steps, sizes) + f"\nThe least number is {boxed(str(steps))}",
        given={"sizes": list(sizes), "tap": tap, "target": target},
        key=("water_jugs", sizes, tap, target),
    )


def _layers(sizes: State, tap: bool, most: int) -> list[dict[State, State]]:
    """The states that are first reached after 0, 1, 2, ... steps, each with the state before it."""
    start = (0,) * len(sizes) if tap else (sizes[0], *(0 for _ in sizes[1:]))
    layers: list[dict[State, State]] = [{start: start}]
    seen = {start}
    while layers[-1] and len(layers) <= most:
        layer: dict[State, State] = {}
        for state in layers[-1]:
            for after in _moves(state, sizes, tap):
                if after not in seen:
                    seen.add(after)
                    layer[after] = state
        layers.append(layer)
    return layers


def _moves(state: State, sizes: State, tap: bool) -> Iterator[State]:
    for i, amount in enumerate(state):
        if tap:
            yield (*state[:i], sizes[i], *state[i + 1 :])
            yield (*state[:i], 0, *state[i + 1 :])
        for j, other in enumerate(state):
            moved = min(amount, sizes[j] - other)
            if i != j and moved:
                after = list(state)
                after[i] -= moved
                after[j] += moved
                yield tuple(after)


def _first_steps(layers: Sequence[dict[State, State]]) -> dict[int, int]:
    first: dict[int, int] = {}
    for steps, layer in enumerate(layers):
        for state in layer:
            for amount in state:
                first.setdefault(amount, steps)
    return first


def _layers_worked(layers: Sequence[dict[State, State]], target: int, steps: int, sizes: State) -> str:
    shape = ", ".join(f"jug of {size}" for size in sizes)
    lines = [f"Write down what the jugs hold, as ({shape}), and after each step all states that are new."]
    for number, layer in enumerate(layers[: steps + 1]):
        states = [state for state in layer if number < steps or target in state]
        lines.append(f"{number}: {' '.join(map(_state_text, states))}")
    state = next(state for state in layers[steps] if target in state)
    path = [state]
    for layer in layers[steps:0:-1]:
        path.append(layer[path[-1]])
    lines.append(f"No state with {target} is reached before, and these steps lead to one:")
    lines.append(" -> ".join(map(_state_text, reversed(path))))
    return "\n".join(lines)


def _state_text(state: State) -> str:
    return f"({', '.join(map(str, state))})"


@water_jugs.proof
def _water_jugs(given: Given) -> str:
    sizes, tap = given["sizes"], given["tap"]
    start = [0] * len(sizes)
    if not tap:
        start[0] = sizes[0]
    distance = {tuple(start): 0}
    waiting = [start]
    while waiting:
        state = waiting.pop()
        steps = distance[tuple(state)] + 1
        afters = []
        for one in range(len(sizes)):
            if tap:
                afters += [
                    [full if jug == one else now for jug, now in enumerate(state)] for full in (0, sizes[one])
                ]
            for two in range(len(sizes)):
                if one != two:
                    both = state[one] + state[two]
                    after = list(state)
                    after[two] = min(both, sizes[two])
                    after[one] = both - after[two]
                    afters.append(after)
        for after in afters:
            if steps < distance.get(tuple(after), steps + 1):
                distance[tuple(after)] = steps
                waiting.insert(0, after)
    return str(min(steps for state, steps in distance.items() if given["target"] in state))


SWITCHES = {1: (4, 2), 2: (5, 2), 3: (6, 3), 4: (7, 3), 5: (9, 4)}
"""Per level: how many switches and lamps, and with how many others a switch shares a lamp at most."""


@family(
    name="lamp_switches",
    wordings=(
        "Pressing a switch changes each of its lamps from on to off or from off to on. {switches}. At the "
        "start {state}. Which switches must be pressed, each once, so that all lamps are off? Answer with "
        "the set of their numbers.",
        "There are {count} switches and {count} lamps. {switches}. A switch turns on those of its lamps "
        "that are off and turns off those that are on. Now {state}. Find the set of switches to press once "
        "each in order to turn off every lamp.",
        "{switches}. Each press of a switch reverses all of its lamps. In the beginning {state}. Give the "
        "set of the numbers of the switches that turn everything off when each of them is pressed once.",
    ),
)
def lamp_switches(rng: random.Random, level: int) -> Problem:
    """The switches that turn all lamps off, decided lamp by lamp."""
    count, most = SWITCHES[level]
    switches = rng.sample(range(1, count + 1), count)
    lamps = rng.sample("ABCDEFGHJ"[:count], count)
    changed = {
        lamp: {switches[place], *rng.sample(switches[:place], min(place, rng.randint(0, most)))}
        for place, lamp in enumerate(lamps)
    }
    while True:
        pressed = {switch for switch in switches if rng.random() < 0.5}
        on = {lamp for lamp in lamps if len(changed[lamp] & pressed) % 2}
        if len(pressed) > 1 and on:
            break
    answer = f"{{{', '.join(map(str, sorted(pressed)))}}}"
    numbers = range(1, count + 1)
    wiring = [(number, sorted(lamp for lamp in lamps if number in changed[lamp])) for number in numbers]
    return Problem(
        question=lamp_switches.ask(
            rng,
            count=count,
            switches="; ".join(
                f"{'Switch' if s == 1 else 'switch'} {s}: {_lamp_text(names)}" for s, names in wiring
            ),
            state=f"{_lamp_text(sorted(on))} {'is' if len(on) == 1 else 'are'} on"
            + (" and the others are off" if len(on) < count else ""),
        ),
        answer=answer,
        spec=SET,
        solution=_lamps_worked(lamps, switches, changed, on) + boxed(answer),
        given={"switches": list(map(list, wiring)), "on": sorted(on)},
        key=("lamp_switches", _wiring_shape(wiring, on)),
    )


def _lamp_text(lamps: Sequence[str]) -> str:
    return f"lamp{'s' if len(lamps) > 1 else ''} {listing(lamps)}"


def _lamps_worked(
    lamps: Sequence[str], switches: Sequence[int], changed: dict[str, set[int]], on: set[str]
) -> str:
    """Each lamp decides one more switch."""
    lines: list[str] = []
    pressed: set[int] = set()
    for lamp, switch in zip(lamps, switches, strict=True):
        known = sorted(changed[lamp] - {switch})
        before = sorted(set(known) & pressed)
        lit = lamp in on
        line = f"Lamp {lamp} is {'on' if lit else 'off'}"
        if known:
            several = f"switch{'es' if len(known) > 1 else ''} {listing(list(map(str, known)))}"
            done = (
                f"{len(before)} of them pressed" if len(known) > 1 else "pressed" if before else "not pressed"
            )
            line += f" and belongs to {several} ({done}) and to {switch}"
        else:
            line += f" and belongs only to switch {switch}"
        needed = lit != (len(before) % 2 == 1)
        if needed:
            pressed.add(switch)
        lines.append(f"{line}: {'press' if needed else 'do not press'} {switch}.")
    return "\n".join([*lines, "Pressed are "])


def _wiring_shape(wiring: Sequence[tuple[int, list[str]]], on: set[str]) -> tuple[object, ...]:
    """The same whatever the lamps are called, and for most problems whatever numbers the switches have."""
    by_lamp: dict[str, list[int]] = {}
    for switch, names in wiring:
        for name in names:
            by_lamp.setdefault(name, []).append(switch)
    kinds = {name: (len(members), name in on) for name, members in by_lamp.items()}
    order = sorted(wiring, key=lambda each: sorted(kinds[name] for name in each[1]))
    place = {switch: number for number, (switch, _) in enumerate(order)}
    return tuple(
        sorted((tuple(sorted(place[s] for s in members)), name in on) for name, members in by_lamp.items())
    )


@lamp_switches.proof
def _lamp_switches(given: Given) -> str:
    lamps = dict(given["switches"])
    found = []
    for size in range(len(lamps) + 1):
        for pressed in combinations(sorted(lamps), size):
            lit = set(given["on"])
            for switch in pressed:
                lit ^= set(lamps[switch])
            if not lit:
                found.append(f"{{{', '.join(map(str, pressed))}}}")
    (answer,) = found
    return answer
