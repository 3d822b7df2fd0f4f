"""Things put into boxes: alike things (stars and bars), different things, and the drawer principle.

Constructions use gaps, inclusion and exclusion, and cases; proofs fill the boxes one by one or try all draws.
"""

from __future__ import annotations

import random
from itertools import combinations, product
from math import comb, factorial

from datagen.problems.family import Given, Problem, family
from datagen.problems.fields.combinatorics.writing import choosing, multinomial, plus, times, wrong
from datagen.problems.people import some_people
from datagen.problems.specs import INTEGER
from datagen.problems.text import boxed, counted, listing

NAMES = ("x", "y", "z", "u", "v", "w")
SHARES = {1: (2, 5, 3, 15), 2: (3, 4, 8, 25), 3: (5, 6, 10, 24), 4: (3, 5, 8, 20), 5: (3, 4, 9, 20)}
"""Per level: how many unknowns, from and to, and their sum, from and to."""


def _drawn_shares(rng: random.Random, level: int) -> tuple[int, list[int], list[int | None]]:
    """The sum, the least value of each unknown, and the greatest or None."""
    few, many, low, high = SHARES[level]
    while True:
        unknowns, total = rng.randint(few, many), rng.randint(low, high)
        least = [0] * unknowns
        most: list[int | None] = [None] * unknowns
        if level == 2:
            least = [rng.randint(1, 5)] * unknowns
        elif level > 2:
            least = [rng.randint(0, 4) for _ in range(unknowns)]
        if level > 3:
            for place in rng.sample(range(unknowns), 1 if level == 4 else rng.randint(2, 3)):
                most[place] = least[place] + rng.randint(2, 6)
        free = total - sum(least)
        caps = _caps(least, most)
        fits = free >= 2 and (level < 3 or level > 3 or len(set(least)) > 1)
        if fits and all(cap <= free for _, cap in caps) and _share_count(free, unknowns, caps)[0] > 0:
            return total, least, most


def _share_count(free: int, unknowns: int, caps: list[tuple[str, int]]) -> tuple[int, list[str]]:
    """Solutions in non-negative integers with some unknowns below their caps, by inclusion and exclusion."""
    last = unknowns - 1
    every = comb(free + last, last)
    lines = [f"All, without upper limits: {choosing(free + last, last)} solutions."] if caps else []
    terms = [f"{every}"]
    count = every
    for number in range(1, len(caps) + 1):
        for chosen in combinations(caps, number):
            left = free - sum(cap for _, cap in chosen)
            if left < 0:
                continue
            ways = comb(left + last, last)
            over = listing([f"{name} >= {cap}" for name, cap in chosen])
            lines.append(f"Those with {over}: {left} to share, {choosing(left + last, last)}.")
            terms.append(f"{'-' if number % 2 else '+'} {ways}")
            count += -ways if number % 2 else ways
    if caps:
        lines.append(f"{' '.join(terms)} = {count}")
    return count, lines


def _caps(least: list[int], most: list[int | None]) -> list[tuple[str, int]]:
    """The unknowns with an upper limit, each with the first value too large once the least is taken away."""
    named = zip(NAMES, least, most, strict=False)
    return [(name, top - low + 1) for name, low, top in named if top is not None]


@family(
    name="stars_and_bars",
    wordings=(
        "Given that {limits}, how many solutions in integers does {equation} have?",
        "Find the number of tuples of integers ({names}) with {equation}, where {limits}.",
        "In how many ways can integers {names} with {limits} be chosen so that {equation}?",
    ),
)
def stars_and_bars(rng: random.Random, level: int) -> Problem:
    """Solutions of a sum in integers from given bounds on, by stars and bars and inclusion and exclusion."""
    total, least, most = _drawn_shares(rng, level)
    names = NAMES[: len(least)]
    limits = [
        f"{low} <= {name} <= {top}" if top is not None else f"{name} >= {low}"
        for name, low, top in zip(names, least, most, strict=True)
    ]
    free = total - sum(least)
    caps = _caps(least, most)
    count, more = _share_count(free, len(least), caps)
    lines = []
    if any(least):
        lowered = listing([f"{low} from {name}" for name, low in zip(names, least, strict=True) if low])
        lines.append(
            f"Take away {lowered}: {total} - {sum(least)} = {free}, to be shared by "
            f"{len(least)} unknowns >= 0."
        )
    last = len(least) - 1
    lines.append(
        f"Sharing {free} among {len(least)} unknowns means placing {free} stars and "
        f"{counted(last, 'bar')} in a row."
    )
    if any(least) and caps:
        lines.append(f"The upper limits become {listing([f'{name} <= {cap - 1}' for name, cap in caps])}.")
    lines += more or [f"{choosing(free + last, last)}"]
    return Problem(
        question=stars_and_bars.ask(
            rng,
            equation=f"{plus(names)} = {total}",
            names=", ".join(names),
            limits=listing(limits),
        ),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join([*lines[:-1], f"{lines[-1].rpartition(' = ')[0]} = {boxed(str(count))}"]),
        given={"sum": total, "least": least, "most": most},
        key=(
            "stars_and_bars",
            total,
            *sorted((low, top if top is not None else -1) for low, top in zip(least, most, strict=True)),
        ),
    )


@stars_and_bars.proof
def _stars_and_bars(given: Given) -> str:
    """The coefficient of x^sum in the product of one sum of powers for each unknown."""
    total = given["sum"]
    series = [1] + [0] * total
    for low, top in zip(given["least"], given["most"], strict=True):
        values = range(low, (total if top is None else min(top, total)) + 1)
        series = [sum(series[power - v] for v in values if v <= power) for power in range(total + 1)]
    return str(series[total])


@stars_and_bars.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    total, unknowns = given["sum"], len(given["least"])
    return [], wrong(
        answer, comb(total + unknowns, unknowns), comb(total + unknowns - 1, unknowns), unknowns**total
    )


TASKS = {1: (2, 9), 2: (2, 2), 3: (3, 3), 4: (3, 4), 5: (4, 5)}  # workers, from and to
CASES = {2: (2, 4), 3: (2, 5), 4: (6, 8), 5: (9, 14)}  # cases in the solution, from and to


def _drawn_tasks(rng: random.Random, level: int) -> tuple[int, list[list[int]]]:
    low, high = TASKS[level]
    while True:
        workers = rng.randint(low, high)
        if level == 1:
            tasks = rng.randint(2, 8)
            return tasks, [[0, tasks]] * workers
        least = [rng.randint(0, 4 if level < 4 else 3) for _ in range(workers)]
        bounds = sorted([few, few + rng.randint(level == 2 or not few, 3)] for few in least)
        tasks = rng.randint(sum(least), sum(most for _, most in bounds))
        if 3 <= tasks <= 12 and CASES[level][0] <= len(_loads(tasks, bounds)) <= CASES[level][1]:
            return tasks, bounds


def _loads(tasks: int, bounds: list[list[int]]) -> list[tuple[int, ...]]:
    ranges = (range(few, most + 1) for few, most in bounds)
    return [load for load in product(*ranges) if sum(load) == tasks]


@family(
    name="tasks_for_workers",
    wordings=(
        "{tasks} different tasks are given to {workers}, each task to one person. {limits} In how many ways "
        "can this be done?",
        "In how many ways can {workers} share out {tasks} different tasks among themselves, when each task "
        "goes to one person? {limits}",
        "Each of {tasks} different tasks is done by exactly one of {workers}. {limits} Count the possible "
        "assignments.",
    ),
)
def tasks_for_workers(rng: random.Random, level: int) -> Problem:
    """Different tasks for different people who take so many at least and at most, case by case."""
    tasks, bounds = _drawn_tasks(rng, level)
    names = [person.name for person in some_people(rng, len(bounds))]
    if level == 1:
        count = len(names) ** tasks
        lines = [f"Each task can go to any of the {len(names)} people, independently of the others."]
        lines.append(f"{times([len(names)] * tasks)} = {len(names)}^{tasks} = {boxed(str(count))}")
        limits = "Some people may get no task at all."
    else:
        count, lines = _loads_text(tasks, bounds, names)
        wants = [
            f"{name} takes {_from_to(few, most)}" for name, (few, most) in zip(names, bounds, strict=True)
        ]
        limits = f"{listing(wants)}."
    return Problem(
        question=tasks_for_workers.ask(rng, tasks=tasks, workers=listing(names), limits=limits),
        answer=str(count),
        spec=INTEGER,
        solution="\n".join(lines),
        given={"tasks": tasks, "bounds": bounds},
        key=("tasks_for_workers", tasks, *map(tuple, bounds)),
    )


def _from_to(few: int, most: int) -> str:
    if few == most:
        return f"exactly {counted(few, 'task')}" if few else "no task"
    return f"{few} {'or' if most == few + 1 else 'to'} {counted(most, 'task')}"


def _loads_text(tasks: int, bounds: list[list[int]], names: list[str]) -> tuple[int, list[str]]:
    lines = [f"How many tasks {listing(names)} can take, in this order, and in how many ways:"]
    ways = []
    for load in _loads(tasks, bounds):
        ways.append(multinomial(load))
        below = times(f"{some}!" for some in load if some > 1)
        below = f"({below})" if "*" in below else below
        lines.append(f"({', '.join(map(str, load))}): {tasks}!{f'/{below}' if below else ''} = {ways[-1]}")
    return sum(ways), [*lines, f"{plus(ways)} = {boxed(str(sum(ways)))}"]


@tasks_for_workers.proof
def _tasks_for_workers(given: Given) -> str:
    """Person by person: the next one picks any number of the tasks that are left."""
    left = {given["tasks"]: 1}
    for few, most in given["bounds"]:
        after: dict[int, int] = {}
        for tasks, ways in left.items():
            for taken in range(few, min(most, tasks) + 1):
                after[tasks - taken] = after.get(tasks - taken, 0) + ways * comb(tasks, taken)
        left = after
    return str(left.get(0, 0))


@tasks_for_workers.variants
def _(given: Given, answer: str) -> tuple[list[str], list[str]]:
    tasks, people = given["tasks"], len(given["bounds"])
    return [], wrong(
        answer, people**tasks + 1, tasks**people, comb(tasks + people - 1, people - 1), factorial(tasks)
    )
