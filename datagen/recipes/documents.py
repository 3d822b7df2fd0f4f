"""Questions and answers that rest on documents: every answer has a quote, and the quote is in the source.

Cutting documents is `datagen/documents/`'s affair, judging a pair `grounding.py`'s, and which pairs are new
is decided in their order by the run.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from datagen.documents.chunks import Chunk
from datagen.engines.engine import PromptTooLongError, Request, derive_seed
from datagen.engines.probing.card import ENFORCED
from datagen.engines.probing.probe import card_for
from datagen.engines.probing.structured import structured_samples
from datagen.recipes.rows import plain
from datagen.recipes.shared.answering import unwrapped
from datagen.recipes.shared.grounding import fault_of, find_quote, most_common, sentences_of
from datagen.recipes.shared.sampling import Sampling, finished, origin
from datagen.recipes.wording import Wording
from datagen.runs.progress import by_reason
from datagen.runs.run import TOO_LONG, Rejected
from datagen.runs.team import Team
from schemas import Row

Route = Literal["auto", "schema", "steps"]
SCHEMA, STEPS = "schema", "steps"
TRIES = 2
"""How often an engine that does not enforce schemas is asked before the route by steps is taken."""
NEVER_STOPPED, TOO_FEW_TURNS, NO_SENTENCE = "never stopped", "too few turns", "no sentence to ask about"
LONGEST = {"quote": 400, "question": 300, "answer": 800}
"""Characters: a model that rambles comes to an end."""
LABEL = re.compile(
    r"^[-*#>\s]*(?:\*\*)?(?:(?:question|answer|q|a)\s*\d*\s*[:)]|\d{1,2}[.)])(?:\*\*)?\s+", re.IGNORECASE
)


@dataclass(frozen=True)
class Asking:
    """The recipe's options. `personas` are those who ask; none asks for the model's own way.

    `with_context` puts the piece into the prompt of the row, `quote` the quote into its answer.
    """

    wording: Wording
    sampling: Sampling
    pairs: int = 3
    turns: int = 1
    personas: tuple[str, ...] = ()
    with_context: bool = False
    quote: bool = False
    route: Route = "auto"


@dataclass(frozen=True)
class Turn:
    """A question, its answer, and the words of the source it rests on."""

    quote: str
    question: str
    answer: str


@dataclass(frozen=True)
class Made:
    """The turns of one answer, and by which sample and attempt of the prompt they came."""

    turns: list[Turn]
    sample: int = 0
    attempt: int = 0


async def documents(piece: Chunk, team: Team) -> list[Row] | Rejected:
    """Pairs, or a conversation of several turns, about one piece of a document; the grounded ones are rows.

    Asks for them under a JSON Schema. Where no row comes of it, asks step by step in plain words: a question
    about a sentence that is chosen, then its answer. Returns instruction rows; rejected with the reason that
    came most often the last way, one of `grounding.py`, "cut off", "not JSON", "breaks the schema",
    "never stopped", "prompt too long".
    """
    asking: Asking = team.options
    persona = random.Random(team.seed()).choice(asking.personas) if asking.personas else ""
    rows: list[Row] = []
    before: list[str] = []
    faults: list[str] = []
    for route, ask in ROUTES.items():
        if rows or asking.route not in ("auto", route):
            continue
        before += faults
        made, faults = await ask(piece, team, persona)
        for one in made:
            good, fault = grounded(one.turns, piece.text, alone=not asking.with_context)
            if fault is None or (asking.turns > 1 and len(good) > 1):
                rows.append(_row(piece, team, replace(one, turns=good), persona, route))
            else:
                faults.append(fault)
    if not rows:
        return Rejected(most_common(faults), by_reason(Counter([*before, *faults])))
    for row in rows:
        row["meta"]["dropped"] = dict(Counter([*before, *faults]))
    return rows


def grounded(turns: Sequence[Turn], source: str, *, alone: bool) -> tuple[list[Turn], str | None]:
    """The turns before the first that is turned down, and why it was."""
    for number, turn in enumerate(turns):
        fault = fault_of(turn.question, turn.answer, turn.quote, source, alone=alone)
        if fault is not None:
            return list(turns[:number]), fault
    return list(turns), None


async def _by_schema(piece: Chunk, team: Team, persona: str) -> tuple[list[Made], list[str]]:
    """What came of asking under a schema, and why answers were of no use."""
    asking: Asking = team.options
    name = "pairs" if asking.turns == 1 else "conversation"
    messages = asking.wording.messages(
        name, **_values(piece, persona), count=asking.pairs, turns=asking.turns
    )
    fields = asking.sampling.fields()
    if asking.turns > 1:
        fields["n"] *= asking.pairs
    card = await card_for(team.engine(), team.journal)
    tries = 1 if card.mode() == ENFORCED else TRIES
    request = Request(messages=messages, **fields)
    try:
        found = await structured_samples(team, request, schema_of(asking), card, attempts=tries)
    except PromptTooLongError:
        return [], [TOO_LONG]
    faults = [str(answer.reason) for answer in found if not answer.ok]
    made = [
        Made([Turn(**one) for one in answer.value["pairs"]], number, answer.tries - 1)
        for number, answer in enumerate(found)
        if answer.ok
    ]
    if asking.turns == 1:
        return [replace(one, turns=[turn]) for one in made for turn in one.turns], faults
    return made, faults


def schema_of(asking: Asking) -> dict[str, Any]:
    """What the answer to a piece looks like: the quote first, so that a model asks about what it copied."""
    texts = {name: {"type": "string", "minLength": 1, "maxLength": most} for name, most in LONGEST.items()}
    turn = {"type": "object", "properties": texts, "required": list(texts), "additionalProperties": False}
    least, most = (1, asking.pairs) if asking.turns == 1 else (2, asking.turns)
    pairs = {"type": "array", "items": turn, "minItems": least, "maxItems": most}
    return {
        "type": "object",
        "properties": {"pairs": pairs},
        "required": ["pairs"],
        "additionalProperties": False,
    }


async def _by_steps(piece: Chunk, team: Team, persona: str) -> tuple[list[Made], list[str]]:
    """One pair after the other in plain words, each about another sentence, which is its quote."""
    asking: Asking = team.options
    sentences = sentences_of(piece.text)
    if not sentences:
        return [], [NO_SENTENCE]
    random.Random(team.seed(attempt=1)).shuffle(sentences)
    made: list[Turn] = []
    faults: list[str] = []
    values = _values(piece, persona)
    fields = {**asking.sampling.fields(), "n": 1}
    for sentence in sentences[: asking.pairs]:
        try:
            asked = await team.chat(asking.wording.messages("ask", **values, sentence=sentence), **fields)
            question = first_line(asked.text)
            if not finished(asked.samples[0]) or not question:
                faults.append(NEVER_STOPPED if question else "empty")
                continue
            answered = await team.chat(
                asking.wording.messages("answer", **values, question=question), **fields
            )
        except PromptTooLongError:
            faults.append(TOO_LONG)
            continue
        if finished(answered.samples[0]):
            made.append(Turn(sentence, question, without_label(answered.text)))
        else:
            faults.append(NEVER_STOPPED)
    if asking.turns == 1:
        return [Made([turn]) for turn in made], faults
    return ([Made(made)], faults) if len(made) > 1 else ([], [*faults, TOO_FEW_TURNS])


ROUTES = {SCHEMA: _by_schema, STEPS: _by_steps}


def first_line(text: str) -> str:
    """The first line that says something, without a label and the marks around it.

    >>> first_line('Question: "How high is it?"\\nIt is high.')
    'How high is it?'
    """
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return unwrapped(without_label(unwrapped(line)))


def without_label(text: str) -> str:
    """A text without the number and the "Question:" that models put before it."""
    return LABEL.sub("", LABEL.sub("", f"{text.strip()} ")).strip()


def _values(piece: Chunk, persona: str) -> dict[str, str]:
    return {
        "text": piece.text.strip(),
        "document": piece.document,
        "headings": " > ".join(piece.headings),
        "persona": persona,
    }


def _row(piece: Chunk, team: Team, made: Made, persona: str, route: str) -> Row:
    asking: Asking = team.options
    messages = []
    quotes = []
    for number, turn in enumerate(made.turns):
        question, answer = turn.question.strip(), turn.answer.strip()
        found = find_quote(turn.quote, piece.text)
        assert found is not None  # it is grounded
        quote = " ".join(found.text.split())
        quotes.append({"text": quote, "start": piece.begin + found.start, "end": piece.begin + found.end})
        if asking.with_context and number == 0:
            question = asking.wording.text("context", text=piece.text.strip(), question=question)
        if asking.quote:
            answer = asking.wording.text("quoted", answer=answer, quote=quote)
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    source = {
        "document": piece.document,
        "document_hash": piece.document_hash,
        "headings": list(piece.headings),
        "place": piece.place,
        "start": piece.start,
        "end": piece.end,
    }
    asked = {"question": made.turns[0].question.strip(), "quotes": quotes, "persona": persona, "route": route}
    drawn = {"sample": made.sample, "seed": team.seed(made.sample, made.attempt)}
    return {
        "messages": messages,
        "meta": {**origin(team, asking.sampling), "source": source, **asked, **drawn},
    }


def question_key(row: Row) -> str:
    """What a row asks, without case, spaces and punctuation: rows that ask the same are duplicates."""
    return plain({"question": row["meta"]["question"]})


def visits(pieces: Mapping[str, Sequence[Chunk]], seed: int) -> list[Chunk]:
    """All pieces, the documents taking turns and each one's pieces shuffled: the same for the same seed.

    So a run that stops early has seen something of every document, and not only how each begins.
    """
    names = sorted(pieces)
    random.Random(derive_seed(seed, "documents")).shuffle(names)
    queues = []
    for name in names:
        queue = list(pieces[name])
        random.Random(derive_seed(seed, "pieces", name)).shuffle(queue)
        queues.append(queue)
    return list(_in_turn(queues))


def _in_turn(queues: Sequence[Sequence[Chunk]]) -> Iterator[Chunk]:
    for number in range(max(map(len, queues), default=0)):
        for queue in queues:
            if number < len(queue):
                yield queue[number]
