"""Worked solutions sampled from a model and kept when they are right: verified, or agreed on by many.

Programs are right when they pass their tests, in a sandbox; see `verifiers/code/`. Sources: rejection
sampling as in Zelikman et al. 2022, STaR (arXiv:2203.14465); where no answer is known, the majority as in
Wang et al. 2022, Self-Consistency (arXiv:2203.11171), of answers that a verifier finds equal, whatever their
spelling.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from datagen.engines.engine import Sample
from datagen.problems.render import THINK_CLOSE, THINK_OPEN
from datagen.problems.text import boxed
from datagen.recipes.attempts import judged
from datagen.recipes.shared.choosing import most_central, most_distinct
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row

NEVER_STOPPED, NOT_SOLVED, UNDECIDED = "never stopped", "none is right", "undecided"
TOO_FEW, NO_AGREEMENT, LOST = "too few answers", "no agreement", "cannot be written so"
PICKS = ("shortest", "first", "central", "distinct")
"""How the solutions to keep are picked of those that are right."""

Numbered = tuple[int, Sample]
"""A sample, and which of the samples of its prompt it is."""
_TAGS = re.compile(r"</?\s*(?:think|thinking|reasoning|thought)\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class SolutionOptions:
    """`most` solutions a problem, picked by one of `PICKS`, their steps in think tags or not.

    Where no answer is known, at least `least` samples must have one, and `agreement` is the share of all
    samples that must agree.
    """

    sampling: Sampling
    most: int = 1
    pick: str = "shortest"
    form: Literal["boxed", "think"] = "boxed"
    agreement: float = 0.5
    least: int = 3


@dataclass(frozen=True)
class Vote:
    """An answer that samples agree on, in the spelling that most of them use, and who gave it."""

    answer: str
    voters: tuple[Numbered, ...]


async def solutions(problem: Row, team: Team) -> list[Row] | Rejected:
    """Solutions to one problem: those that the verifier finds right, or of the answer that most agree on.

    `problem` holds `id` and `prompt`, and where the answer is known `answer` and `spec`. Returns
    `instruction` rows. Only answers that ended by themselves count. Rejected as "never stopped" when none
    did; "none is right" or "undecided" by the verifier; without a known answer as "too few answers" or "no
    agreement"; "cannot be written so" when a right one is no longer right in the form asked for.
    """
    options: SolutionOptions = team.options
    completion = await team.chat(problem["prompt"], **options.sampling.fields())
    ended = [found for found in enumerate(completion.samples) if finished(found[1])]
    if not ended:
        return Rejected(NEVER_STOPPED)
    # On a thread: a verdict may take its time, and the engine must not wait for it.
    by = _proved if "answer" in problem else _agreed
    found = await asyncio.to_thread(by, problem, ended, len(completion.samples), options)
    if isinstance(found, Rejected):
        return found
    right, told = found
    return [
        {
            "messages": [*problem["prompt"], {"role": "assistant", "content": content}],
            "meta": {
                **origin(team, options.sampling),
                "problem": problem["id"],
                "sample": index,
                "seed": team.seed(index),
                "tokens": sample.token_count,
                **told,
                **(
                    {}
                    if options.form == "think" or not _parts(sample)[0]
                    else {"reasoning": _parts(sample)[0]}
                ),
            },
        }
        for (index, sample), content in right
    ]


Found = tuple[list[tuple[Numbered, str]], dict[str, Any]]
"""The solutions to keep, each with what the row says, and what their `meta` tells of the choice."""


def _proved(
    problem: Row, ended: Sequence[Numbered], asked: int, options: SolutionOptions
) -> Found | Rejected:
    rewards = [judged(problem, sample)[1] for _, sample in ended]
    right = [found for found, reward in zip(ended, rewards, strict=True) if reward == 1.0]
    if not right:
        undecided = all(reward is None for reward in rewards)
        return Rejected(UNDECIDED if undecided else NOT_SOLVED, f"of {len(ended)} that ended")
    told = {"checked": "verified", "answer": problem["answer"], "passed": len(right), "asked": asked}

    def holds(content: str) -> bool:
        return judged(problem, Sample(content, (), "stop"))[1] == 1.0

    code = problem["spec"]["kind"] == "code"
    kept = _written(right, options, holds, None if code else problem["answer"])
    return (kept, told) if kept else Rejected(LOST)


def _agreed(
    problem: Row, ended: Sequence[Numbered], asked: int, options: SolutionOptions
) -> Found | Rejected:
    votes = ballots(ended)
    answered = sum(len(vote.voters) for vote in votes)
    if answered < options.least:
        return Rejected(TOO_FEW, f"{answered} of {asked}")
    first, *others = votes
    counts = [[vote.answer, len(vote.voters)] for vote in votes]
    tied = bool(others) and len(others[0].voters) == len(first.voters)
    if tied or len(first.voters) / asked < options.agreement:
        return Rejected(NO_AGREEMENT, ", ".join(f"{answer}: {count}" for answer, count in counts[:4]))
    agreement = round(len(first.voters) / asked, 4)
    told = {
        "checked": "agreed",
        "answer": first.answer,
        "agreement": agreement,
        "votes": counts,
        "asked": asked,
    }

    def holds(content: str) -> bool:
        answer = _answer(content)
        return answer is not None and _same(first.answer, answer)

    kept = _written(first.voters, options, holds, first.answer)
    return (kept, told) if kept else Rejected(LOST)


def ballots(samples: Sequence[Numbered]) -> list[Vote]:
    """The answers of the samples, those that are equal as one, by falling number of voters.

    A sample without one clear answer has no vote. Equal is what `verifiers.equivalent` finds so: 1/2 and 0.5.
    50 % equals both 1/2 and 50, which differ: an answer joins only those that it equals one and all, and the
    spellings have their turn by how many use them, so that the order of the samples changes nothing.
    """
    answers = [(answer, one) for one in samples if (answer := _answer(one[1].text)) is not None]
    spellings = Counter(answer for answer, _ in answers)
    groups: list[list[str]] = []
    for spelling in sorted(spellings, key=lambda spelling: (-spellings[spelling], spelling)):
        group = next((group for group in groups if all(_same(one, spelling) for one in group)), None)
        if group is None:
            groups.append([spelling])
        else:
            group.append(spelling)
    votes = []
    for group in groups:
        given = [(answer, one) for answer, one in answers if answer in group]
        spelling = Counter(answer for answer, _ in given).most_common(1)[0][0]
        votes.append(Vote(spelling, tuple(one for _, one in given)))
    return sorted(votes, key=lambda vote: -len(vote.voters))


def _answer(text: str) -> str | None:
    """The one answer that a text commits to."""
    from verifiers import Candidate, extract

    found = extract(text)
    return found.text if isinstance(found, Candidate) and not found.others else None


def _same(left: str, right: str) -> bool:
    from verifiers import SYMMETRIC, equivalent

    return left == right or equivalent(left, right, policy=SYMMETRIC).correct


def _written(
    right: Sequence[Numbered], options: SolutionOptions, holds: Any, answer: str | None
) -> list[tuple[Numbered, str]]:
    """The solutions to keep in the form asked for, no text twice, each of which still `holds`."""
    texts: dict[str, Numbered] = {}
    for numbered in right:
        content = as_thought(numbered[1], answer) if options.form == "think" else _parts(numbered[1])[1]
        if content not in texts and holds(content):
            texts[content] = numbered
    contents = list(texts)
    places = {
        "first": lambda: list(range(len(contents))),
        "shortest": lambda: sorted(
            range(len(contents)), key=lambda place: texts[contents[place]][1].token_count
        ),
        "central": lambda: most_central(contents, options.most),
        "distinct": lambda: most_distinct(contents, options.most),
    }[options.pick]()
    return [(texts[contents[place]], contents[place]) for place in places[: options.most]]


def as_thought(sample: Sample, answer: str | None) -> str:
    """The steps inside think tags, and after them the answer alone; a program after what is said about it."""
    thought, text = _parts(sample)
    if not thought and answer is None:
        said, fence, program = text.partition("```python")
        thought, text = said.strip(), f"{fence}{program}"
    elif not thought:
        own = _answer(text) or ""
        # The verifier reads what comes after the tags: inside them the answer stands without its box.
        thought, text = text.replace(boxed(own), own), boxed(own)
    return f"{THINK_OPEN}\n{thought}\n{THINK_CLOSE}\n\n{text}"


def _parts(sample: Sample) -> tuple[str, str]:
    """What was thought and what was answered, however the engine gives the two."""
    from verifiers.extract import after_reasoning

    if sample.reasoning:
        return sample.reasoning.strip(), sample.text.strip()
    told = after_reasoning(sample.text)
    if told is None or told == sample.text:
        return "", sample.text.strip()
    return _TAGS.sub("", sample.text.removesuffix(told)).strip(), told.strip()
