"""Rows that mean the same as one before, in other words: by the cosine of embeddings that an engine makes.

For what `duplicates.py` cannot see. What "the same" is depends on the model: try the threshold on known rows.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.engines.engine import Engine, PromptTooLongError, run_coroutine
from datagen.filters.filter import Verdict, question_of
from datagen.filters.plain import Look, plain_text, said
from datagen.runs.journal import Journal, digest
from schemas import Row, UserError

SAME_MEANING = "same meaning"
THRESHOLD = 0.92

Vector = npt.NDArray[np.float32]


class SemanticDuplicates:
    """Turns down a row whose embedding has a cosine of `threshold` or more with that of a row kept before.

    `like` is then the number of the most similar row kept, `similarity` the cosine. With a `journal` each
    embedding is recorded there, so that a run that goes on decides by the same numbers. Texts too long for
    the model are kept and counted as `not_compared`. Takes 4 bytes a component of the embedding for each
    row kept, and time in proportion to their number. Raises `UserError` for an engine without embeddings.
    """

    def __init__(
        self,
        engine: Engine,
        threshold: float = THRESHOLD,
        text: Look = question_of,
        *,
        journal: Journal | None = None,
    ) -> None:
        if not 0 < threshold <= 1:
            mend = "give a threshold above 0 and up to 1"
            raise UserError(f"a cosine of {threshold} is none to filter by", where="same meaning", mend=mend)
        embed = getattr(engine, "embed", None)
        if embed is None:
            mend = "name an engine that does, llama:FILE.gguf, at best with a model made for embeddings"
            raise UserError("this engine makes no embeddings", where=f"engine '{engine.name}'", mend=mend)
        self.threshold, self.text = threshold, text
        self.like: int | None = None
        self.similarity = 0.0
        self.not_compared = 0
        self._embed: Callable[[list[str]], Awaitable[Any]] = embed
        self._model, self._journal = engine.model_hash, journal
        self._kept: Vector = np.zeros((0, 0), np.float32)
        self._count = 0

    def __call__(self, row: Row) -> Verdict:
        text = said(row, self.text).strip()
        self.like, self.similarity = None, 0.0
        if not plain_text(text):
            return True
        try:
            vector = self._vector(text)
        except PromptTooLongError:
            self.not_compared += 1
            return True
        if self._count:
            cosines = self._kept[: self._count] @ vector
            best = int(cosines.argmax())
            self.similarity = float(cosines[best])
            if self.similarity >= self.threshold:
                self.like = best
                return False, SAME_MEANING
        self._keep(vector)
        return True

    def _keep(self, vector: Vector) -> None:
        if self._count == len(self._kept):
            grown = np.zeros((max(256, 2 * self._count), len(vector)), np.float32)
            grown[: self._count] = self._kept[: self._count] if self._count else 0
            self._kept = grown
        self._kept[self._count] = vector
        self._count += 1

    def _vector(self, text: str) -> Vector:
        """The embedding of a text, of length 1: from the journal, or made now and recorded there."""
        name = f"embedding {digest({'model': self._model, 'text': text}).hex()}"
        held = self._journal.meta(name) if self._journal else None
        if held is None:
            made = np.asarray(run_coroutine(self._ask(text)), "<f4")[0]
            if self._journal is None:
                return made.astype(np.float32)
            held = base64.b64encode(made.tobytes()).decode()
            self._journal.set_meta(name, held)
        return np.frombuffer(base64.b64decode(held), "<f4").astype(np.float32)

    async def _ask(self, text: str) -> Any:
        return await self._embed([text])
