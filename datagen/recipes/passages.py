"""Pretraining text from a model: plans of topic, genre and reader, each combination once before any again.

What is asked stands in `wording/corpus.md`; text from rules alone is the affair of `corpus.py`.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datagen.engines.engine import derive_seed
from datagen.recipes.rows import plain
from datagen.recipes.shared.grounding import most_common
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.recipes.wording import Wording
from datagen.runs.run import Rejected
from datagen.runs.team import Team
from schemas import Row, UserError, unknown_name

STORY = "story"
PASSAGES = (STORY, "textbook", "explanation", "dialogue", "article", "letter", "guide")
"""The genres a model can be asked for: each is a prompt of the wording."""
NEVER_STOPPED, EMPTY, SHORT, MISSING = "never stopped", "empty", "too short", "words missing"
NO_DIALOGUE, REPEATS = "no dialogue", "repeats"
DIALOGUE = "dialogue"
FEATURE_SHARE = 0.6
"""Share of the stories that have to have a feature; some of those have two."""
RUN, MOST_REPEATED = 5, 0.2
"""Share of a text's runs of five words that may have come before in it: prose has hardly any, loops many."""
SPEECH = re.compile(r"[\"“”„«»]|^\s*[-–—]\s*\w", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """One text to be written. `words` (verb, noun, adjective) and `features` are those of a story."""

    id: str
    genre: str
    topic: str
    reader: str
    words: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writing:
    """The recipe's options. A text of fewer than `least_words` words is turned down."""

    wording: Wording
    sampling: Sampling
    least_words: int = 40


async def passages(plan: Plan, team: Team) -> list[Row] | Rejected:
    """The texts a model writes to one plan, those that are whole and keep to it.

    Returns corpus rows; rejected as "never stopped", "empty", "too short", "words missing" (a story lacks a
    word it was to use), "no dialogue" (it was to have some), "repeats". Sources: Eldan and Li 2023,
    TinyStories (arXiv:2305.07759), for required words and features; Gunasekar et al. 2023, Textbooks Are All
    You Need (arXiv:2306.11644), for topic and reader as what makes texts differ.
    """
    writing: Writing = team.options
    told = dict(_told(writing.wording))
    named = dict(zip(("verb", "noun", "adjective"), plan.words, strict=False))
    values = {"topic": plan.topic, "reader": plan.reader, "features": [told[name] for name in plan.features]}
    messages = writing.wording.messages(plan.genre, **values, **named)
    made = await team.chat(messages, **writing.sampling.fields())
    rows, faults = [], []
    for number, sample in enumerate(made.samples):
        text = sample.text.strip()
        fault = NEVER_STOPPED if not finished(sample) else fault_of(text, plan, writing.least_words)
        if fault:
            faults.append(fault)
            continue
        described = {"genre": plan.genre, "topic": plan.topic, "reader": plan.reader}
        required = {"words": list(plan.words), "features": list(plan.features)} if plan.words else {}
        meta = {**origin(team, writing.sampling), **described, **required, "sample": number}
        meta["seed"] = team.seed(number)
        rows.append({"text": text, "meta": meta})
    return rows or Rejected(most_common(faults))


def fault_of(text: str, plan: Plan, least_words: int) -> str | None:
    """Why a text is turned down, or None."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text)
    if not words:
        return EMPTY
    if len(words) < least_words:
        return SHORT
    if any(not occurs(word, text) for word in plan.words):
        return MISSING
    if DIALOGUE in plan.features and SPEECH.search(text) is None:
        return NO_DIALOGUE
    return REPEATS if repeated_share(words) > MOST_REPEATED else None


def occurs(word: str, text: str) -> bool:
    """Whether a regular English word is in a text, in any of its forms.

    >>> occurs("carry", "She carried it."), occurs("plan", "a plane")
    (True, False)
    """
    return re.search(rf"\b(?:{'|'.join(forms(word))})\b", text, re.IGNORECASE) is not None


def forms(word: str) -> set[str]:
    """The forms of a regular word, and some that are none, which do no harm.

    >>> {"carried", "stopped", "hoping"} <= forms("carry") | forms("stop") | forms("hope")
    True
    """
    stems = {word}
    if re.fullmatch(r".*[^aeiou]y", word):
        stems.add(f"{word[:-1]}i")
    if word.endswith("e"):
        stems.add(word[:-1])
    if re.fullmatch(r".*[^aeiou][aeiou][^aeiouwxy]", word):
        stems.add(word + word[-1])
    endings = ("s", "es", "ed", "ing", "er", "est", "ly")
    return {word, *(re.escape(f"{stem}{ending}") for stem in stems for ending in endings)}


def repeated_share(words: Sequence[str]) -> float:
    """Share of the runs of five words that came before: 0 for a text without loops."""
    runs = [tuple(word.casefold() for word in words[i : i + RUN]) for i in range(len(words) - RUN + 1)]
    return 1 - len(Counter(runs)) / len(runs) if runs else 0.0


def text_key(row: Row) -> str:
    """What a text says, without case, spaces and punctuation."""
    return plain({"text": row["text"]})


def plans(
    genres: Sequence[str], topics: Sequence[str], readers: Sequence[str], words: Wording, seed: int
) -> Iterator[Plan]:
    """Plans without end: every combination once, shuffled, then every one once more in another order.

    A story is told for children, so that its readers are one; what makes its texts differ are three words
    and features, drawn anew each time. The same arguments give the same plans.
    """
    told = tuple(
        (genre, topic, reader)
        for genre in genres
        for topic in topics
        for reader in (("a young child",) if genre == STORY else readers)
    )
    lists = [lines(words, name) for name in ("verbs", "nouns", "adjectives")] if STORY in genres else []
    features = [name for name, _ in _told(words)]
    turn = 0
    while True:
        rng = random.Random(derive_seed(seed, "plans", turn))
        for place in rng.sample(range(len(told)), len(told)):
            genre, topic, reader = told[place]
            name = f"{genre}-{turn + 1}-{place + 1}"
            if genre != STORY:
                yield Plan(name, genre, topic, reader)
                continue
            drawn = random.Random(derive_seed(seed, name))
            count = 0 if drawn.random() >= FEATURE_SHARE else drawn.randint(1, min(2, len(features)))
            chosen = tuple(drawn.sample(features, count))
            yield Plan(name, genre, topic, reader, tuple(map(drawn.choice, lists)), chosen)
        turn += 1


def lines(words: Wording, name: str) -> tuple[str, ...]:
    """A list of the wording, one entry a line. Raises `UserError` when it has none."""
    found = tuple(line.strip() for line in words.text(name).splitlines() if line.strip())
    if not found:
        raise UserError(
            f"the list '{name}' is empty", where=f"the wording of '{words.recipe}'", mend="write one a line"
        )
    return found


def _told(words: Wording) -> list[tuple[str, str]]:
    """The name of each feature of a story, and what the model is told of it."""
    found = []
    for line in lines(words, "features"):
        name, colon, sentence = line.partition(":")
        found.append((name.strip(), sentence.strip() if colon else line))
    return found


def passages_named(names: Sequence[str]) -> tuple[str, ...]:
    """The genres of those names, each once. Raises `UserError` for one that no model is asked for."""
    for name in names:
        if name.casefold() not in PASSAGES:
            raise unknown_name("genre", name, PASSAGES, where="--genres, with --engine")
    return tuple(dict.fromkeys(name.casefold() for name in names))
