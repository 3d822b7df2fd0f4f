"""New tasks from a few seed tasks, and their answers: the model goes on with a list of tasks it is shown.

Three steps: `new_tasks` asks for a list, `sifted_tasks` looks at each task of it, `instruct` answers those
that are left. Source: Wang et al. 2022, Self-Instruct (arXiv:2212.10560). Rounds and what counts as new are
the command's affair.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from datagen.engines.engine import Message, Request, derive_seed
from datagen.recipes.shared.answering import (
    ASSISTANT,
    EMPTY,
    NEVER_STOPPED,
    REFUSAL,
    asked_again,
    conversation,
    refuses,
    refuses_as_user,
    row,
    speaks_as_assistant,
    unwrapped,
)
from datagen.recipes.shared.sampling import Sampling, finished
from datagen.recipes.wording import Wording
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

NO_LIST, CUT_OFF = "no numbered list", "cut off"
SHOWN, SHOWN_GENERATED = 8, 2
"""Tasks that a prompt shows, and how many of them were made in rounds before."""
NUMBERS_SHOWN = (SHOWN, 4, 2)
"""Where the context is small, fewer."""
LONGEST_SHOWN = 100
"""Words of a seed task beyond which it is not shown, if there are enough others."""
FEWEST_WORDS, MOST_WORDS = 4, 150
MOST_LABELS, LONGEST_LABEL = 20, 8

NUMBERED = re.compile(r"^[ \t]*(?:\*\*|#+ *)?(?:Task +)?(\d{1,3})(?:[.):]\*{0,2}|\*\*[.:]?)[ \t]+", re.M)
UNREADABLE = re.compile(
    r"\b(?:images?|graphs?|pictures?|files?|maps?|draw|plot|go to|videos?|audio|music"
    r"|flowcharts?|diagrams?)\b",
    re.I,
)
"""What needs more than text. The list of the paper."""
PROGRAM = re.compile(r"write a program\b", re.I)
"""In the paper, what models put before other tasks without sense."""
REFERS = re.compile(
    r"\b(?:following|given|below|(?:this|these) (?:\w+ )?(?:text|article|paragraph|passage|sentences?|words?"
    r"|list|poem|story|email|letter|review|code|data|numbers|dialogue|conversation|document|essay|table))\b"
    r"|:\s*$",
    re.I,
)
CLASSIFIES = re.compile(
    r"\bclassif|\bcategori[sz]e|\blabel\b|\btrue or false\b|\bpositive or negative\b|\bsentiment\b"
    r"|\bwhich (?:category|class|type)\b|\b(?:decide|determine|tell|say) (?:whether|if)\b|\bspam\b",
    re.I,
)
SAID_BEFORE = "said before"
SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "System"}


@dataclass(frozen=True)
class Inventing:
    """Options of `new_tasks`: how lists are asked for and drawn, and how many tasks each is to have."""

    wording: Wording
    sampling: Sampling
    wanted: int = 8


@dataclass(frozen=True)
class Instructing:
    """Options of `instruct`: how answers are drawn, how inputs and follow-ups are, and how many turns."""

    wording: Wording
    sampling: Sampling
    prompting: Sampling
    turns: int = 1


@dataclass(frozen=True)
class Task:
    """A task of the pool: its `id`, and what it says."""

    id: str
    text: str


def prompts_of_round(
    number: int,
    count: int,
    seeds: Sequence[Task],
    made: Sequence[Task],
    people: Sequence[str],
    run_seed: int,
) -> list[Row]:
    """The items of a round: which tasks each prompt shows, of the seeds and of those made before."""
    short = [task for task in seeds if len(task.text.split()) <= LONGEST_SHOWN]
    seeds = short if len(short) >= SHOWN else seeds
    items = []
    for index in range(1, count + 1):
        rng = random.Random(derive_seed(run_seed, "instruct", "round", number, index))
        own = rng.sample(made, min(SHOWN_GENERATED, len(made)))
        shown = [*rng.sample(seeds, min(SHOWN - len(own), len(seeds))), *own]
        rng.shuffle(shown)
        persona = rng.choice(people) if people else ""
        told = [{"id": task.id, "text": task.text} for task in shown]
        items.append({"id": f"round-{number}-{index}", "shown": told, "persona": persona, "round": number})
    return items


async def new_tasks(item: Row, team: Team) -> list[Row] | Rejected:
    """The tasks that the model goes on with, one row each; the last of an answer that was cut off is marked.

    Where the prompt would take more than half of the context, it is a shorter one. Rejected as "empty", "no
    numbered list", or "never stopped" before there was one task.
    """
    options: Inventing = team.options
    shown, messages = await _fitting(item, team)
    made = await team.chat(messages, **options.sampling.fields())
    sample = made.samples[0]
    tasks = listed(sample.text, len(shown) + 1)
    if not tasks:
        empty = not sample.text.strip()
        return Rejected(EMPTY if empty else NO_LIST if finished(sample) else NEVER_STOPPED, sample.text[:80])
    meta = {"round": item["round"], "shown": [task["id"] for task in shown]}
    if item["persona"]:
        meta["persona"] = item["persona"]
    return [
        {"task": task, "cut_off": not finished(sample) and task is tasks[-1], "meta": meta} for task in tasks
    ]


async def _fitting(item: Row, team: Team) -> tuple[list[Row], tuple[Message, ...]]:
    """The fullest prompt that leaves half of the context for the answer, and the tasks it shows."""
    options: Inventing = team.options
    engine = team.engine()
    ways = [(name, count) for name in ("tasks", "tasks_short") for count in NUMBERS_SHOWN]
    for name, count in ways:
        shown = item["shown"][:count]
        first = len(shown) + 1
        messages = options.wording.messages(
            name,
            shown=[task["text"] for task in shown],
            first=first,
            last=first + options.wanted - 1,
            persona=item["persona"],
        )
        tokens = None if engine.context is None else await engine.count(Request(messages=messages))
        if tokens is None or engine.context is None or tokens <= engine.context // 2:
            break
    return shown, messages


def listed(text: str, first: int) -> list[str]:
    """The entries of a numbered list in a text, whose numbers go up by one from `first`, or else from 1.

    Numbers inside an entry that do not continue the list belong to the entry.

    >>> listed("Sure!\\n9. Name three birds.\\n10. Sort: 1. b\\n2. a", 9)
    ['Name three birds.', 'Sort: 1. b\\n2. a']
    """
    marks = list(NUMBERED.finditer(text))
    for expected in (first, 1):
        starts: list[re.Match[str]] = []
        for mark in marks:
            if int(mark[1]) == expected + len(starts):
                starts.append(mark)
        if starts:
            ends = [mark.start() for mark in starts[1:]] + [len(text)]
            pieces = (text[mark.end() : end] for mark, end in zip(starts, ends, strict=True))
            return [task for piece in pieces if (task := unstarred(piece))]
    return []


def unstarred(entry: str) -> str:
    """An entry without the stars of a bold beginning, or around all of it.

    >>> unstarred("**Summarize:** Read **all** of it."), unstarred("**Name three birds.**")
    ('Summarize: Read **all** of it.', 'Name three birds.')
    """
    return re.sub(r"^(\*{1,3})(?!\s)([^*]+)\1", r"\2", unwrapped(entry)).strip()


async def sifted_tasks(item: Row, team: Team) -> Row | Rejected:
    """A task as an item to be answered, or why it is none: the rules of the paper, and a few more."""
    if item["cut_off"]:
        return Rejected(CUT_OFF, item["task"][:80])
    if fault := task_fault(item["task"]):
        return Rejected(fault, item["task"][:80])
    return {"id": item["id"], "task": item["task"], "meta": item["meta"]}


def task_fault(task: str) -> str | None:
    """Why a text is no task for a model that reads and writes text, or None.

    >>> task_fault("Draw a map of your town."), task_fault("What is an LLM?")
    ('needs more than text', None)
    """
    count = len(task.split())
    checks = {
        "too short": count < FEWEST_WORDS,
        "too long": count > MOST_WORDS,
        "needs more than text": UNREADABLE.search(opening(task)) is not None,
        "write a program": PROGRAM.match(task) is not None,
        "begins with a mark": not (task[0].isalnum() or task[0] in "\"'\u201c\u2018\u00ab("),
        ASSISTANT: speaks_as_assistant(task),
    }
    return next((reason for reason, holds in checks.items() if holds), None)


def opening(task: str) -> str:
    """The first paragraph of a task: what is to be done, without the text that it is about."""
    return re.split(r"\n\s*\n", task.strip(), maxsplit=1)[0]


async def instruct(item: Row, team: Team) -> Row | Rejected:
    """A task with its input, where one is missing, and with its answer: an `instruction` row.

    A task that sorts gets its labels first, and an input to a label drawn from them, since inputs made up
    without one have nearly always the same label (the paper's output-first). Rejected as "no input", "never
    stopped", "empty", "refusal" or "repeats the prompt".
    """
    options: Instructing = team.options
    task, meta = item["task"], dict(item["meta"])
    if wants_input(task):
        label = await _label(task, team) if CLASSIFIES.search(task) else ""
        text = await _input(task, label, team)
        if not text:
            return Rejected("no input", task[:80])
        task = f"{task}\n\n{text}"
        meta |= {"input": "made", **({"label": label} if label else {})}

    async def follow_up(messages: Sequence[Message], team: Team) -> tuple[str, str | None]:
        return await _follow_up(messages, team, meta.get("persona", ""))

    found = await conversation(
        [{"role": "user", "content": task}],
        team,
        options.sampling,
        turns=options.turns,
        follow_up=follow_up,
    )
    return Rejected(found, task[:80]) if isinstance(found, str) else row(team, options.sampling, found, meta)


def wants_input(task: str) -> bool:
    """Whether a task speaks of a text that it does not hold.

    >>> wants_input("Summarise the following article."), wants_input("Sum up this text: It rained all day.")
    (True, False)
    """
    first = opening(task)
    if first != task.strip() or "\n" in first:  # a second paragraph, or lines: there it is
        return False
    _, colon, rest = first.partition(":")
    return REFERS.search(first) is not None and not (colon and rest.strip()) and '"' not in first


async def _label(task: str, team: Team) -> str:
    """One of the answers that the model names for a task that sorts; "" when it names none."""
    options: Instructing = team.options
    one = replace(options.prompting, samples=1)
    made = await team.chat(options.wording.messages("labels", instruction=task), **one.fields())
    lines = [
        re.sub(r"^(?:[-*\u2022]|\d+[.)])\s*", "", line).strip()
        for line in made.text.splitlines()
        if line.strip()
    ]
    labels = list(dict.fromkeys(line for line in lines if line and len(line.split()) <= LONGEST_LABEL))
    if not finished(made.samples[0]) or not 2 <= len(labels) <= MOST_LABELS:
        return ""
    return random.Random(team.seed()).choice(labels)


async def _input(task: str, label: str, team: Team) -> str:
    """The text that a task is about, made up; "" when none comes."""
    options: Instructing = team.options
    one = replace(options.prompting, samples=1)
    made = await team.chat(options.wording.messages("input", instruction=task, label=label), **one.fields())
    text = made.text.strip()
    good = finished(made.samples[0]) and not refuses(text) and not speaks_as_assistant(text)
    return text if good else ""


async def _follow_up(messages: Sequence[Message], team: Team, persona: str) -> tuple[str, str | None]:
    """What the user says next, by the model in the user's place; and why nothing."""
    options: Instructing = team.options
    transcript = "\n\n".join(f"{SPEAKERS[turn['role']]}: {turn['content']}" for turn in messages)
    asked = options.wording.messages("follow_up", transcript=transcript, persona=persona)
    made = await team.chat(asked, **replace(options.prompting, samples=1).fields())
    said = re.sub(r"^user:\s*", "", made.text.strip(), flags=re.I)
    return said, user_fault(said, messages, ended=finished(made.samples[0]))


def user_fault(said: str, messages: Sequence[Message], *, ended: bool) -> str | None:
    """Why something is nothing that the user would say next, or None."""
    checks = {
        NEVER_STOPPED: not ended,
        EMPTY: not said.strip(),
        ASSISTANT: speaks_as_assistant(said),
        REFUSAL: refuses_as_user(said),
        SAID_BEFORE: asked_again(said, messages),
    }
    return next((reason for reason, holds in checks.items() if holds), None)
