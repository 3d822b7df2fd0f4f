"""Independent trials: several different ones, many alike, and waiting for the first success.

Constructions use complements, the binomial and the geometric distribution; proofs go through every course of
the trials.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product
from math import comb, prod

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.probability.writing import LOWEST, final, plus, power, times, wrong
from datagen.problems.people import some_people
from datagen.problems.specs import LOWEST_TERMS
from datagen.problems.text import listing

SHOTS = {1: (2, ("all",)), 2: (2, ("at least one",)), 3: (3, ("none", "at least one"))}
SHOTS |= {4: (3, ("exactly one", "exactly two")), 5: (4, ("exactly two", "at least two"))}


def _chance(rng: random.Random, largest: int) -> Fraction:
    below = rng.randint(2, largest)
    return Fraction(rng.randint(1, below - 1), below)


@family(
    name="independent_events",
    wordings=(
        "{people} each take one shot at a target, independently of each other. {chances}. What is the "
        "probability "
        "that {event}? " + LOWEST,
        "{chances}, when each of them takes one shot at a target; the shots are independent. Find the "
        "probability "
        "that {event}. " + LOWEST,
        "Let {people} take one shot each, the results being independent. {chances}. How likely is it "
        "that {event}? " + LOWEST,
    ),
)
def independent_events(rng: random.Random, level: int) -> Problem:
    """Several people who hit with different probabilities: all, none, exactly or at least so many."""
    number, asked = SHOTS[level]
    people = [person.name for person in some_people(rng, number)]
    chances = [_chance(rng, 10 if number == 2 else 8 if number == 3 else 6) for _ in people]
    event = rng.choice(asked)
    value, lines = _shots(people, chances, event)
    text = {
        "all": "both hit it",
        "none": "not one of them hits it",
        "at least one": "at least one of them hits it",
        "exactly one": "exactly one of them hits it",
        "exactly two": "exactly two of them hit it",
        "at least two": "at least two of them hit it",
    }[event]
    parts = [f"{name} hits with probability {chance}" for name, chance in zip(people, chances, strict=True)]
    return Problem(
        question=independent_events.ask(rng, people=listing(people), chances=listing(parts), event=text),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"chances": [str(chance) for chance in chances], "event": event},
        key=("independent_events", event, *sorted((c.numerator, c.denominator) for c in chances)),
    )


def _shots(people: list[str], chances: list[Fraction], event: str) -> tuple[Fraction, list[str]]:
    if event == "all":
        value = prod(chances, start=Fraction(1))
        return value, [
            "The shots are independent, so the probabilities are multiplied.",
            final(times(chances), value),
        ]
    missed = [1 - chance for chance in chances]
    misses = listing([f"{name} misses with {miss}" for name, miss in zip(people, missed, strict=True)])
    lines = [f"{misses}."]
    nobody = prod(missed, start=Fraction(1))
    if event == "none":
        return nobody, [*lines, "The shots are independent, so multiply:", final(times(missed), nobody)]
    if event == "at least one":
        lines.append(f"All miss with probability {times(missed)} = {nobody}.")
        return 1 - nobody, [*lines, final(f"1 - {nobody}", 1 - nobody)]
    hits = {"exactly one": [1], "exactly two": [2], "at least two": list(range(2, len(people) + 1))}[event]
    parts = []
    for number in hits:
        for chosen in combinations(range(len(people)), number):
            factors = [chances[i] if i in chosen else missed[i] for i in range(len(people))]
            parts.append(prod(factors, start=Fraction(1)))
            names = listing([people[i] for i in chosen])
            lines.append(
                f"Only {names}: {times(factors)} = {parts[-1]}"
                if number < len(people)
                else f"All: {times(factors)} = {parts[-1]}"
            )
    value = sum(parts, start=Fraction(0))
    return value, [*lines, final(plus(parts), value)]


@independent_events.proof
def _independent_events(given: Given) -> str:
    """Person by person, the distribution of the number of hits."""
    hits = [Fraction(1)]
    for chance in map(Fraction, given["chances"]):
        missed = [*(hit * (1 - chance) for hit in hits), Fraction(0)]
        more = [Fraction(0), *(hit * chance for hit in hits)]
        hits = [a + b for a, b in zip(missed, more, strict=True)]
    wanted = {
        "all": hits[-1:],
        "none": hits[:1],
        "at least one": hits[1:],
        "exactly one": hits[1:2],
        "exactly two": hits[2:3],
        "at least two": hits[2:],
    }[given["event"]]
    return str(sum(wanted, start=Fraction(0)))


@independent_events.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    chances = [Fraction(chance) for chance in given["chances"]]
    return [], wrong(answer, prod(chances), sum(chances, start=Fraction(0)), 1 - Fraction(answer))


TRIALS = {1: (2, 3, 12), 2: (3, 4, 12), 3: (4, 6, 16), 4: (5, 6, 16), 5: (7, 8, 14)}
"""Per level: how many trials, from and to, and the largest denominator."""
SETTINGS = (
    (
        "A machine makes parts of which each is faulty with probability {p}, independently of the others",
        "{n} parts are checked",
        "{k} of them {is} faulty",
    ),
    (
        "A player wins each game with probability {p}, independently of the others",
        "{n} games are played",
        "{k} of them {is} won",
    ),
    (
        "A seed grows with probability {p}, independently of the others",
        "{n} seeds are sown",
        "{k} of them {grow}",
    ),
)


@family(
    name="binomial_distribution",
    wordings=(
        "{Setting}. {trials}. What is the probability that {event}? " + LOWEST,
        "{Setting}. If {trials_small}, find the probability that {event}. " + LOWEST,
        "How likely is it that {event} when {trials_small}? {Setting}. " + LOWEST,
    ),
)
def binomial_distribution(rng: random.Random, level: int) -> Problem:
    """Exactly, at least or at most so many successes in independent trials."""
    low, high, largest = TRIALS[level]
    n = rng.randint(low, high)
    p = _chance(rng, largest)
    relation = "exactly" if level in (1, 3) else rng.choice(("at least", "at most"))
    k = rng.randint(1, n - 1)
    if level == 2:
        k = n - 1 if relation == "at least" else 1
    elif level > 3:
        terms = rng.randint(2, 3) if level == 4 else rng.randint(3, 5)
        k = n - terms + 1 if relation == "at least" else terms - 1
    wanted = {"exactly": [k], "at least": list(range(k, n + 1)), "at most": list(range(k + 1))}[relation]
    value, lines = _binomial_text(n, p, wanted)
    setting, trials, event = rng.choice(SETTINGS)
    trials = trials.format(n=n)
    return Problem(
        question=binomial_distribution.ask(
            rng,
            Setting=setting.format(p=p),
            trials=trials,
            trials_small=trials,
            event=event.format(
                k=f"{relation} {k}", **{"is": "is" if k == 1 else "are"}, grow="grows" if k == 1 else "grow"
            ),
        ),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"n": n, "p": str(p), "relation": relation, "k": k},
        key=("binomial_distribution", n, p.numerator, p.denominator, relation, k),
    )


def _binomial_text(n: int, p: Fraction, wanted: list[int]) -> tuple[Fraction, list[str]]:
    q = 1 - p
    lines = [f"A trial succeeds with probability {p} and fails with probability {q}; there are {n} of them."]
    parts = []
    for k in wanted:
        parts.append(comb(n, k) * p**k * q ** (n - k))
        powers = [power(base, exponent) for base, exponent in ((p, k), (q, n - k)) if exponent]
        work = times([f"C({n}, {k})", *powers])
        numbers = times(
            [comb(n, k), *(f"{base**exponent}" for base, exponent in ((p, k), (q, n - k)) if exponent)]
        )
        lines.append(f"{k} of {n}: {work} = {numbers} = {parts[-1]}")
    value = sum(parts, start=Fraction(0))
    if n > 4 and len(parts) > 1:
        lines.append("The cases exclude each other, so their probabilities are added:")
    if len(parts) == 1:
        k = wanted[0]
        which = f"Choose which {k} of the {n} succeed: C({n}, {k}) = {comb(n, k)}."
        more = [
            f"Every such course has the probability {power(p, k)} * {power(q, n - k)}, as the trials "
            "are independent."
        ]
        return value, [lines[0], which, *more[: n > 3], final(lines[-1].partition(": ")[2], value)]
    return value, [*lines, final(plus(parts), value)]


@binomial_distribution.proof
def _binomial_distribution(given: Given) -> str:
    """Every course of the trials, success or failure each time, by its probability."""
    n, p = given["n"], Fraction(given["p"])
    good, below = p.numerator, p.denominator
    test = {"exactly": int.__eq__, "at least": int.__ge__, "at most": int.__le__}[given["relation"]]
    total = 0
    for course in product((0, 1), repeat=n):
        if test(sum(course), given["k"]):
            total += prod(good if success else below - good for success in course)
    return str(Fraction(total, below**n))


@binomial_distribution.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    n, p, k = given["n"], Fraction(given["p"]), given["k"]
    return [], wrong(answer, p**k, p**k * (1 - p) ** (n - k), 1 - Fraction(answer), Fraction(k, n))


WAITS = {
    1: (("on",), 2, 4, 8),
    2: (("within",), 2, 4, 9),
    3: (("between",), 2, 5, 12),
    4: (("multiple",), 0, 0, 25),
    5: (("duel",), 0, 0, 30),
}
"""Per level: what is asked, the number of tries, from and to, and the largest denominator."""


@family(
    name="first_success",
    wordings=(
        "{setting} What is the probability that {event}? " + LOWEST,
        "{setting} Find the probability that {event}. " + LOWEST,
        "{setting} How likely is it that {event}? " + LOWEST,
    ),
)
def first_success(rng: random.Random, level: int) -> Problem:
    """When the first success comes, and who has it, by the geometric distribution."""
    asked, low, high, largest = WAITS[level]
    event = rng.choice(asked)
    p, other = _chance(rng, largest), _chance(rng, largest)
    first, second = (person.name for person in some_people(rng, 2))
    setting = f"{first} tries again and again until {first} succeeds; each try succeeds with "
    setting += f"probability {p}, independently."
    numbers: list[int] = []
    if event == "duel":
        setting = f"{first} and {second} take turns, {first} first, until one of them hits a target. "
        setting += f"{first} hits with probability {p} and {second} with probability {other} each time, "
        setting += "independently."
        starts = rng.random() < 0.5
        event, text = ("duel first", first) if starts else ("duel second", second)
        text += " is the one who hits"
        value, lines = _duel(first, second, p, other, starts)
    elif event == "multiple":
        numbers = [rng.randint(2, 4)]
        numbers.append(rng.randint(0, numbers[0] - 1))
        value, text, lines = _every_so_often(p, *numbers)
    else:
        numbers = [rng.randint(low, high)]
        numbers += [numbers[0] + rng.randint(1, 4)] if event == "between" else []
        value, text, lines = _early(event, p, numbers)
    duel = [str(other)] if event.startswith("duel") else []
    return Problem(
        question=first_success.ask(rng, setting=setting, event=text),
        answer=str(value),
        spec=LOWEST_TERMS,
        solution="\n".join(lines),
        given={"event": event, "chances": [str(p), *duel], "numbers": numbers},
        key=("first_success", event, str(p), *duel, *numbers),
    )


def _early(event: str, p: Fraction, numbers: list[int]) -> tuple[Fraction, str, list[str]]:
    """The first success on a given try, up to one, or from one to another."""
    q, k = 1 - p, numbers[0]
    lines = [f"A try fails with probability {q}."]
    if event == "on":
        value = q ** (k - 1) * p
        lines.append(
            f"The first {k - 1} fail and then one succeeds:" if k > 2 else "One fails and one succeeds:"
        )
        return (
            value,
            f"the first success comes on try number {k}",
            [*lines, final(f"{power(q, k - 1)} * {p}", value)],
        )
    if event == "within":
        lines.append(f"All {k} of them fail with probability {power(q, k)} = {q**k}.")
        text = f"the first success comes within the first {k} tries"
        return 1 - q**k, text, [*lines, final(f"1 - {q**k}", 1 - q**k)]
    m = numbers[1]
    value = q ** (k - 1) - q**m
    before = f"{power(q, k - 1)} = {q ** (k - 1)}" if k > 2 else str(q)
    lines.append(
        f"The first {k - 1} must fail: {before}." if k > 2 else f"The first one must fail: {before}."
    )
    lines.append(f"Not all of the first {m} may fail: {power(q, m)} = {q**m}.")
    lines.append("The wanted cases are those where the first holds without the second:")
    text = f"the first success comes on one of the tries number {k} to {m}"
    return value, text, [*lines, final(f"{q ** (k - 1)} - {q**m}", value)]


def _every_so_often(p: Fraction, k: int, rest: int) -> tuple[Fraction, str, list[str]]:
    """The first success on a try whose number leaves the rest `rest` on division by `k`."""
    q, first = 1 - p, rest or k
    lead = q ** (first - 1) * p
    value = lead / (1 - q**k)
    text = (
        "the number of the first successful try "
        f"{'is divisible' if not rest else f'leaves the remainder {rest} when divided'} by {k}"
    )
    before = f"{power(q, first - 1)} * " if first > 1 else ""
    lines = [
        f"A try fails with probability {q}.",
        f"The tries that count are {first}, {first + k}, {first + 2 * k}, ...",
    ]
    lines.append(f"Try number {first} is the first success with probability {before}{p} = {lead}.")
    lines.append(f"Each later one needs {k} more failures: a geometric series with ratio ({q})^{k} = {q**k}.")
    lines.append(f"Its sum is {lead} / (1 - {q**k}) = {lead} / ({1 - q**k}).")
    return value, text, [*lines, final(f"{lead} * {1 / (1 - q**k)}", value)]


def _duel(first: str, second: str, p: Fraction, other: Fraction, starts: bool) -> tuple[Fraction, list[str]]:
    both = (1 - p) * (1 - other)
    start = p if starts else (1 - p) * other
    lines = [f"{first} misses with probability {1 - p}, {second} with probability {1 - other}."]
    lines.append(f"Both miss in a round with probability {1 - p} * {1 - other} = {both}.")
    if starts:
        lines.append(f"{first} hits in a given round with probability {p}, if it is reached.")
    else:
        lines.append(
            f"{second} hits in a round, if it is reached, with probability {1 - p} * {other} = {start}."
        )
    lines.append(
        f"Summing over the rounds gives the geometric series {start} + {start} * {both} + {start} * "
        f"({both})^2 + ..."
    )
    value = start / (1 - both)
    return value, [
        *lines,
        f"Its sum is {start} / (1 - {both}) = {start} / ({1 - both}).",
        final(f"{start} * {1 / (1 - both)}", value),
    ]


@first_success.proof
def _first_success(given: Given) -> str:
    """Try by try for a finite number; otherwise x = chance now + chance to come back to the start * x."""
    event, numbers = given["event"], given["numbers"]
    p, *others = map(Fraction, given["chances"])
    if event == "multiple":  # the same state comes back after so many failures
        every, rest = numbers
        wanted, going = Fraction(0), Fraction(1)
        for number in range(1, every + 1):
            wanted += going * p * (number % every == rest)
            going *= 1 - p
        return str(wanted / (1 - going))
    if others:
        wanted = p if event == "duel first" else (1 - p) * others[0]
        return str(wanted / (p + (1 - p) * others[0]))
    first = 1 if event == "within" else numbers[0]
    last = numbers[-1]
    going, total = Fraction(1), Fraction(0)
    for number in range(1, last + 1):
        if number >= first:
            total += going * p
        going -= going * p
    return str(total)


@first_success.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    p = Fraction(given["chances"][0])
    return [], wrong(answer, p, p * p, (1 - p) * p**2, 1 - Fraction(answer))
