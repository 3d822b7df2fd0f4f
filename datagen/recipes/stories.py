"""Word problems that a model tells about equations, kept when a reader finds the equations again.

The reader, another model or the same, sees the story alone. Whether what it read is the same system is proved
by sympy (`verifiers/symbolic/`); no text is ever evaluated.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from datagen.engines.engine import Request, Sample
from datagen.engines.probing.card import ENFORCED
from datagen.engines.probing.probe import card_for
from datagen.engines.probing.structured import structured
from datagen.problems.equations import LEVELS, System, drawn, worked
from datagen.problems.family import INSTRUCTION, Split
from datagen.recipes.shared.quantities import numbers_in
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.recipes.wording import Wording
from datagen.runs.run import Rejected
from datagen.runs.team import GENERATOR, Team
from schemas import Row

READER = "reader"
"""The role of a second model that reads the stories back; without one the writer does."""
READ_TOKENS = 400
"""Tokens of equations that are read back."""

NEVER_STOPPED, NO_QUESTION, AS_EQUATIONS = "never stopped", "no question", "told as equations"
NUMBERS_MISSING, GIVEN_AWAY = "numbers missing", "answer given away"
NOT_READ_BACK, EQUATIONS_DIFFER, ANSWER_DIFFERS = "not read back", "equations differ", "answer differs"
SOLVED = "solved, not read"
SOLUTION = re.compile(r"\s*[A-Za-z]\s*=\s*-?\d+(?:\s*/\s*\d+|\.\d+)?\s*")
"""An equation that says what an unknown is, and nothing of how the story tells it."""

READING = {
    "type": "object",
    "properties": {
        "unknowns": {
            "type": "array",
            "minItems": 1,
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-df-hj-z]$"},
                    "meaning": {"type": "string", "minLength": 1, "maxLength": 120},
                },
                "required": ["name", "meaning"],
                "additionalProperties": False,
            },
        },
        "equations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {"type": "string", "minLength": 3, "maxLength": 80},
        },
        "asked": {"type": "string", "minLength": 1, "maxLength": 40},
    },
    "required": ["unknowns", "equations", "asked"],
    "additionalProperties": False,
}
"""What a reader answers with. Letters that mean a constant (e, i) are no unknowns."""


@dataclass(frozen=True)
class Tale:
    """One story to be told: of which kind of equations, and how hard."""

    id: str
    kind: str
    level: int


@dataclass(frozen=True)
class StoryOptions:
    """How stories are sampled, in which words they are asked for, and the split their equations lie in."""

    sampling: Sampling
    wording: Wording
    split: Split


def tales(kinds: Sequence[str], levels: Sequence[int] = LEVELS) -> Iterator[Tale]:
    """Stories to be told without end, kinds and levels in turn."""
    turns = itertools.cycle(itertools.product(levels, kinds))
    return (Tale(f"story-{number}", kind, level) for number, (level, kind) in enumerate(turns, 1))


async def stories(tale: Tale, team: Team) -> Row | Rejected:
    """Equations are drawn, a model tells them as a story, and a reader who sees nothing else reads them back.

    Returns a `problem` row whose answer comes from the equations. Of several samples the first that holds is
    taken. Rejected for what most of them are: "never stopped"; "no question"; "told as equations"; "numbers
    missing" of those the equations state; "answer given away"; "solved, not read"; "not read back" as
    equations with a solution; "equations differ" in their solutions, whatever the unknowns are called;
    "answer differs" for what is asked.
    """
    options: StoryOptions = team.options
    system = drawn(random.Random(team.seed()), tale.kind, tale.level, options.split)
    completion = await team.chat(asked_for(system, options.wording), **options.sampling.fields())
    faults: list[Rejected] = []
    for index, sample in enumerate(completion.samples):
        story = sample.text.strip()
        fault = told_badly(sample, system)
        if fault is None:
            reading = await _read(story, options.wording, team)
            # On a thread: sympy may take its time, and the engine must not wait for it.
            fault = await asyncio.to_thread(read_otherwise, reading, system)
            if fault is None:
                return _row(tale, team, system, story, index, reading)
        faults.append(fault)
    commonest = Counter(fault.reason for fault in faults).most_common(1)[0][0]
    return next(fault for fault in faults if fault.reason == commonest)


def asked_for(system: System, wording: Wording) -> tuple[Any, ...]:
    """What the writer is told: all but the solution."""
    facts = list(itertools.zip_longest(system.facts, system.equations, fillvalue=""))
    return wording.messages("write", unknowns=system.unknowns, facts=facts, asked=system.meaning)


def told_badly(sample: Sample, system: System) -> Rejected | None:
    """What is wrong with a story by itself; None where a reader may look at it."""
    story = sample.text.strip()
    if not finished(sample):
        return Rejected(NEVER_STOPPED, f"cut off after {sample.token_count} tokens")
    if not story.endswith("?"):
        return Rejected(NO_QUESTION, f"it ends: {story[-60:]}")
    if "=" in story:
        return Rejected(AS_EQUATIONS)
    told, wanted = numbers_in(story), set(map(Fraction, system.numbers))
    if missing := wanted - told:
        return Rejected(NUMBERS_MISSING, ", ".join(map(str, sorted(missing))))
    if solved := told & set(system.values):
        return Rejected(GIVEN_AWAY, ", ".join(map(str, sorted(solved))))
    return None


async def _read(story: str, wording: Wording, team: Team) -> Row | None:
    """What a reader makes of the story; None where it is no equations at all."""
    role = READER if READER in team.engines else GENERATOR
    card = await card_for(team.engine(role), team.journal)
    request = Request(
        messages=wording.messages("read", story=story), temperature=0.0, max_tokens=READ_TOKENS, think=False
    )
    tries = 1 if card.mode(request.think) == ENFORCED else 2
    found = await structured(team, request, READING, card, attempts=tries, role=role)
    return found.value if found.ok else None


def read_otherwise(reading: Row | None, system: System) -> Rejected | None:
    """Why what was read back is not the system of the story; None where it is, as sympy proves."""
    from verifiers.symbolic.workers import shared_pool

    if reading is None:
        return Rejected(NOT_READ_BACK, "no equations")
    names = [unknown["name"] for unknown in reading["unknowns"]]
    told = f"{'; '.join(reading['equations'])}; asked: {reading['asked']}"
    if len(set(names)) < len(names):
        return Rejected(NOT_READ_BACK, f"two unknowns of one name: {told}")
    if all(map(SOLUTION.fullmatch, reading["equations"])):
        return Rejected(SOLVED, told)
    ours = shared_pool().solve(system.equations, system.names, system.asked, positive=True)
    theirs = shared_pool().solve(reading["equations"], names, reading["asked"], positive=True)
    if ours is None or theirs is None:
        return Rejected(NOT_READ_BACK, told)
    if not same_solutions(ours.values, theirs.values):
        return Rejected(EQUATIONS_DIFFER, told)
    if set(ours.asked) != set(theirs.asked):
        return Rejected(ANSWER_DIFFERS, told)
    return None


def same_solutions(ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]) -> bool:
    """Whether two sets of solutions are one, under some way to match the unknowns.

    Where one side has more unknowns, such as one for a total, those of the other must be among them.
    """
    if not ours or not theirs:
        return False
    fewer, more = sorted((ours, theirs), key=lambda rows: len(rows[0]))
    wanted = set(fewer)
    return any(
        {tuple(row[place] for place in places) for row in more} == wanted
        for places in itertools.permutations(range(len(more[0])), len(fewer[0]))
    )


def _row(tale: Tale, team: Team, system: System, story: str, sample: int, reading: Row | None) -> Row:
    answer = str(system.wanted)
    reader = team.provenance(READER if READER in team.engines else GENERATOR)
    return {
        "id": f"stories-{system.fingerprint}",
        "family": "stories",
        "field": "word_problems",
        "level": tale.level,
        "split": team.options.split,
        "prompt": [{"role": "user", "content": f"{story}\n{INSTRUCTION}"}],
        "question": story,
        "answer": answer,
        "spec": {"kind": "rational" if "/" in answer else "integer"},
        "solution": worked(system),
        "given": system.given,
        "fingerprint": system.fingerprint,
        "meta": {
            **origin(team, team.options.sampling),
            "version": 1,
            "kind": system.kind,
            "sample": sample,
            "read": reading,
            "reader": {name: reader[name] for name in ("engine", "model_hash")},
        },
    }
