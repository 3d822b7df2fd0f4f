"""Many samples written at once: carries out the scheduler's moves on a llama.cpp context, draws the tokens.

Synchronous, for one thread. Leaves the bookkeeping to `schedule.py`, C to `llama_binding.py`, and
requests, futures and threads to `llama_cpp.py`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from datagen.engines.engine import FinishReason, Request, Sample
from datagen.engines.llama_binding import Context, Logits, Sampler
from datagen.engines.schedule import FEWEST_ROWS, Copy, Move, Prefill, Scheduler, Slot
from datagen.engines.stopping import Transcript
from datagen.engines.threads import ThreadTuner


@dataclass(eq=False)
class Draft:
    """One sample while it is being written: at most `limit` tokens, drawn with `seed`."""

    request: Request
    seed: int
    limit: int
    transcript: Transcript = field(init=False)
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    sampler: Sampler | None = None

    def __post_init__(self) -> None:
        self.transcript = Transcript(self.request.stop)

    def open(self) -> Sampler:
        """The sampler, made when the draft gets its slot, so that a long queue costs no memory."""
        if self.sampler is None:
            request = self.request
            self.sampler = Sampler(
                temperature=request.temperature,
                top_p=request.top_p,
                top_k=request.top_k,
                min_p=request.min_p,
                seed=self.seed,
            )
        return self.sampler

    def close(self) -> None:
        """Free the sampler."""
        if self.sampler is not None:
            self.sampler.close()
            self.sampler = None

    def sample(self) -> Sample:
        """The finished sample."""
        assert self.finish_reason is not None
        logprobs = tuple(self.logprobs) if self.request.logprobs else None
        return Sample(self.transcript.text(), tuple(self.tokens), self.finish_reason, logprobs)


def logprob(logits: Logits, token: int) -> float:
    """Natural logarithm of softmax(logits)[token], in float64. `logits`: [vocabulary]."""
    shifted = logits.astype(np.float64) - float(logits.max())
    return float(shifted[token] - np.log(np.exp(shifted).sum()))


class Decoder:
    """The samples of all requests on one context, one `llama_decode` a step."""

    def __init__(
        self, context: Context, *, width: int, context_tokens: int, tuners: tuple[ThreadTuner, ThreadTuner]
    ) -> None:
        """What sequences the context has beyond `width` hold heads; `tuners`: of steps and of prefills."""
        self._steps, self._prefills = tuners
        self.context, self.width = context, width
        can_trim = context.model.can_trim
        held = max(0, context.sequences - max(width, FEWEST_ROWS))
        self.scheduler: Scheduler[Draft] = Scheduler(width, context_tokens, can_trim=can_trim, held=held)

    @property
    def threads(self) -> int:
        """How many threads a step has at the moment."""
        return self._steps.current

    @property
    def idle(self) -> bool:
        """Nothing is left to write."""
        return self.scheduler.idle

    def add(self, prompt: Sequence[int], drafts: Sequence[Draft], *, cuts: Sequence[int] = ()) -> None:
        """Queue the drafts of one prompt, which is prefilled from cut to cut (`schedule.cuts_of`)."""
        self.scheduler.add(prompt, drafts, cuts=cuts)

    def drop(self, drafts: Iterable[Draft]) -> None:
        """Forget drafts nobody waits for."""
        drafts = list(drafts)
        self._perform(self.scheduler.drop({id(draft) for draft in drafts}))
        for draft in drafts:
            draft.close()

    def advance(self) -> list[Draft]:
        """Fill the free slots, decode one step; the drafts that are finished now."""
        finished: list[Draft] = []
        while (admitted := self.scheduler.admit()) is not None:
            slot, moves = admitted
            self._perform(moves)
            assert slot.sample is not None
            assert slot.prompt is not None
            # Drawn from logits kept from the prefill, for the first sample of a prompt as for the last.
            token = slot.sample.open().draw_from(slot.prompt.logits)
            self._accept(slot, token, slot.prompt.logits, finished)
        self._step(finished)
        return finished

    def _step(self, finished: list[Draft]) -> None:
        moves, rows = self.scheduler.rows()
        self._perform(moves)
        if not rows:
            return
        with self._timed(self._steps, len(rows)):
            self.context.step([r.slot for r in rows], [r.token for r in rows], [r.position for r in rows])
        self._perform(self.scheduler.stepped(rows))
        for index, row in enumerate(rows):
            slot = self.scheduler.slots[row.slot]
            if slot.sample is not None:
                token = slot.sample.open().draw(self.context, index)
                logits = self.context.rows(len(rows))[index] if slot.sample.request.logprobs else None
                self._accept(slot, token, logits, finished)

    def _accept(self, slot: Slot[Draft], token: int, logits: Logits | None, finished: list[Draft]) -> None:
        """Add a token to the slot's draft; when that ends it, free the slot."""
        draft, model = slot.sample, self.context.model
        assert draft is not None
        slot.token = token
        draft.tokens.append(token)
        if logits is not None and draft.request.logprobs:
            draft.logprobs.append(logprob(logits, token))
        if token in model.ends or draft.transcript.push(model.piece(token)):
            draft.finish_reason = "stop"
        elif len(draft.tokens) >= draft.limit:
            draft.finish_reason = "length"
        else:
            return
        draft.close()
        finished.append(draft)
        self._perform(self.scheduler.release(slot))

    def _perform(self, moves: Iterable[Move]) -> None:
        for move in moves:
            if isinstance(move, Prefill):
                prompt = move.prompt
                with self._timed(self._prefills, len(prompt.tokens) - move.start):
                    prompt.logits = self.context.prefill(
                        move.slot, prompt.tokens, start=move.start, cuts=prompt.cuts
                    )
            elif isinstance(move, Copy):
                self.context.copy(move.source, move.target, move.length)
            else:
                self.context.trim(move.slot, move.length)

    @contextlib.contextmanager
    def _timed(self, tuner: ThreadTuner, rows: int) -> Iterator[None]:
        """A decode with as many threads as its tuner says, and told how long it took."""
        self.context.set_threads(tuner.current)
        started = time.perf_counter()
        yield
        tuner.record(rows, time.perf_counter() - started)
