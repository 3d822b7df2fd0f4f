"""Many samples written at once: carries out the scheduler's moves on a llama.cpp context, draws the tokens.

Synchronous, for one thread. Leaves the bookkeeping to `schedule.py`, C to `binding.py`, and
requests, futures and threads to `engine.py`.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from datagen.engines.constrained.constraint import Constraint, Masks
from datagen.engines.constrained.guide import Guide, Plan, choose
from datagen.engines.engine import FinishReason, Request, Sample
from datagen.engines.llama.binding import Context, Logits, Model
from datagen.engines.llama.sampler import Penalties, Sampler
from datagen.engines.llama.schedule import FEWEST_ROWS, Copy, Move, Prefill, Row, Scheduler, Slot
from datagen.engines.llama.stopping import Transcript
from datagen.engines.llama.threads import ThreadTuner


@dataclass(eq=False)
class Draft:
    """One sample while it is being written: at most `limit` tokens, drawn with `seed`."""

    request: Request
    seed: int
    limit: int
    plan: Plan | None = None
    transcript: Transcript = field(init=False)
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    top_logprobs: list[tuple[tuple[str, float], ...]] = field(default_factory=list)
    guide: Guide | None = None
    finish_reason: FinishReason | None = None
    sampler: Sampler | None = None

    def __post_init__(self) -> None:
        self.transcript = Transcript(self.request.stop)

    def open(self, vocabulary: int) -> Sampler:
        """The sampler, made with the guide when a slot is free, so that a long queue costs no memory."""
        if self.sampler is None:
            request = self.request
            self.sampler = Sampler(
                temperature=request.temperature,
                top_p=request.top_p,
                top_k=request.top_k,
                min_p=request.min_p,
                seed=self.seed,
                penalties=self._penalties(vocabulary),
            )
            self.guide = Guide(self.plan) if self.plan is not None else None
        return self.sampler

    @property
    def reports(self) -> bool:
        """Whether somebody wants to know what the model thought of the tokens."""
        return self.request.logprobs or self.request.top_logprobs > 0

    @property
    def looks(self) -> bool:
        """Whether the logits are needed here, and not only by the sampler."""
        return self.reports or self.guide is not None

    def close(self) -> None:
        """Free the sampler."""
        if self.sampler is not None:
            self.sampler.close()
            self.sampler = None

    def _penalties(self, vocabulary: int) -> Penalties | None:
        asked = self.request
        strengths = asked.repeat_penalty, asked.frequency_penalty, asked.presence_penalty
        return None if strengths == (1, 0, 0) else Penalties(vocabulary, self.limit, *strengths)

    def report(self, token: int, logits: Logits, model: Model) -> None:
        """Note what the model itself thought of `token` and of the likeliest. `logits`: [vocabulary]."""
        if self.request.logprobs:
            self.logprobs.append(logprob(logits, token))
        if self.request.top_logprobs:
            self.top_logprobs.append(top_logprobs(logits, self.request.top_logprobs, model))

    def push(self, token: int, model: Model) -> FinishReason | None:
        """Add a token; why the draft ends with it, or None."""
        self.tokens.append(token)
        guide = self.guide
        if guide is None or guide.push(token):
            if token in model.ends or self.transcript.push(model.piece(token)):
                return "stop"
            if guide is not None and guide.complete:
                return "stop"
        return "length" if len(self.tokens) >= self.limit else None

    def sample(self) -> Sample:
        """The finished sample."""
        assert self.finish_reason is not None
        text, reasoning, reason = self.transcript.text(), None, self.finish_reason
        if self.guide is not None and self.guide.plan.closing is not None:
            text, reasoning = text.lstrip(), self.guide.thought.decode("utf-8", errors="replace").strip()
        rule = None if self.plan is None else self.plan.rule
        if rule is not None and reason == "stop" and not rule.holds(self.request.prefix + text):
            reason = "invalid"
        return Sample(
            text,
            tuple(self.tokens),
            reason,
            tuple(self.logprobs) if self.request.logprobs else None,
            tuple(self.top_logprobs) if self.request.top_logprobs else None,
            reasoning,
        )


def logprob(logits: Logits, token: int) -> float:
    """Natural logarithm of softmax(logits)[token], in float64. `logits`: [vocabulary]."""
    shifted = logits.astype(np.float64) - float(logits.max())
    return float(shifted[token] - np.log(np.exp(shifted).sum()))


def top_logprobs(logits: Logits, count: int, model: Model) -> tuple[tuple[str, float], ...]:
    """(text, natural logarithm of the probability) of the likeliest tokens, likeliest first."""
    shifted = logits.astype(np.float64) - float(logits.max())
    normal = np.log(np.exp(shifted).sum())
    likeliest = np.argsort(-shifted, kind="stable")[:count]
    pieces = (model.piece(int(token), special=True).decode("utf-8", errors="replace") for token in likeliest)
    return tuple(
        (piece, float(shifted[token] - normal)) for piece, token in zip(pieces, likeliest, strict=True)
    )


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
        self._masks = Masks(max(width, FEWEST_ROWS), context.model)

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
            token = self._first(slot.sample, slot.prompt.logits)
            self._accept(slot, token, slot.prompt.logits, finished)
        self._step(finished)
        return finished

    def _step(self, finished: list[Draft]) -> None:
        moves, rows = self.scheduler.rows()
        self._perform(moves)
        if not rows:
            return
        self._masks.compute(self._constraints(rows))
        with self._timed(self._steps, len(rows)):
            self.context.step([r.slot for r in rows], [r.token for r in rows], [r.position for r in rows])
        self._perform(self.scheduler.stepped(rows))
        view = self.context.rows(len(rows))
        for index, row in enumerate(rows):
            slot = self.scheduler.slots[row.slot]
            if slot.sample is not None:
                logits = view[index] if slot.sample.looks else None
                kept = logits.copy() if logits is not None and slot.sample.reports else None
                token = self._next(slot.sample, index, logits)
                self._accept(slot, token, kept, finished)

    def _constraints(self, rows: Sequence[Row]) -> Iterable[tuple[int, Constraint]]:
        """The rows whose next token is drawn under a schema."""
        for index, row in enumerate(rows):
            draft = self.scheduler.slots[row.slot].sample
            if draft is not None and draft.guide is not None and draft.guide.mask is not None:
                yield index, draft.guide.mask

    def _first(self, draft: Draft, logits: Logits) -> int:
        """The first token, from logits that other samples share."""
        sampler = draft.open(len(logits))
        if draft.guide is not None and draft.guide.mask is not None:
            self._masks.compute([(0, draft.guide.mask)])
        draw = functools.partial(sampler.draw_from, logits)
        return choose(draft.guide, sampler, draw, self._masks, 0, logits, spare=False)

    def _next(self, draft: Draft, row: int, logits: Logits | None) -> int:
        """The next token, from a row of the step; its logits are nobody else's and may change."""
        sampler = draft.open(self.context.model.vocabulary_size)
        draw = functools.partial(sampler.draw, self.context, row)
        return choose(draft.guide, sampler, draw, self._masks, row, logits, spare=True)

    def _accept(self, slot: Slot[Draft], token: int, logits: Logits | None, finished: list[Draft]) -> None:
        """Add a token to the slot's draft; when that ends it, free the slot."""
        draft, model = slot.sample, self.context.model
        assert draft is not None
        slot.token = token
        if logits is not None:
            draft.report(token, logits, model)
        draft.finish_reason = draft.push(token, model)
        if draft.finish_reason is None:
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
