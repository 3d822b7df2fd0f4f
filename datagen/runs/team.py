"""What a recipe has at hand for one item: engines by role, seeds, and a memory of every answer.

A completion the journal holds is replayed, any other is asked for and recorded before the recipe sees it.
Which items run, and when, is `run.py`'s affair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from datagen.engines.engine import Completion, Engine, Message, Request, derive_seed
from datagen.runs.journal import Journal, Recorded, completion_key, unlimited_key
from schemas import unknown_name

GENERATOR = "generator"
Listener = Callable[[str, str, Request, Completion], None]
"""Told the item, the role, the request and its completion."""
LIMIT_MATTERS = ("schema", "json_object", "think", "think_tokens")
"""What of a request may be written differently under another number of tokens, even if it ends in time."""


@dataclass
class Usage:
    """What one item took: keys of its samples, how many were made now, tokens made now and replayed."""

    keys: list[bytes] = field(default_factory=list)
    made: int = 0
    made_tokens: int = 0
    replayed_tokens: int = 0


@dataclass(frozen=True)
class Team:
    """The engines by role ("generator", "judge", ...), the recipe's own `options`, and this item's seeds."""

    recipe: str
    item: str
    run_seed: int
    engines: Mapping[str, Engine]
    journal: Journal
    options: Any = None
    usage: Usage = field(default_factory=Usage)
    spent: Callable[[int], None] = lambda tokens: None
    """Told how many tokens were made, as soon as they are."""
    heard: Listener | None = None
    """Told what was asked and answered, also when the journal answered."""

    def seed(self, sample: int = 0, attempt: int = 0) -> int:
        """A seed that depends on run seed, recipe, item, sample and attempt, and on nothing else."""
        return derive_seed(self.run_seed, self.recipe, self.item, sample, attempt)

    def engine(self, role: str = GENERATOR) -> Engine:
        """The engine that plays `role`; `UserError` when nobody does."""
        if role not in self.engines:
            raise unknown_name("role", role, self.engines, where=f"recipe '{self.recipe}'")
        return self.engines[role]

    async def chat(
        self, messages: Sequence[Message], *, role: str = GENERATOR, attempt: int = 0, **fields: Any
    ) -> Completion:
        """`generate` for chat messages; `fields` are those of `Request`."""
        return await self.generate(Request(messages=tuple(messages), **fields), role=role, attempt=attempt)

    async def generate(self, request: Request, *, role: str = GENERATOR, attempt: int = 0) -> Completion:
        """The samples of `request`, each from the journal if it is there.

        A request without seeds gets this item's. Asking the same thing again gives the same answer: give
        another `attempt` to get another one.
        """
        engine = self.engine(role)
        if request.seed is None and request.seeds is None:
            request = replace(request, seeds=tuple(self.seed(i, attempt) for i in range(request.n)))
        identity, seeds = engine.identity(request), request.sample_seeds
        recalled = [self._recall(engine, request, identity, seed) for seed in seeds]
        missing = [seed for seed, (_, held) in zip(seeds, recalled, strict=True) if held is None]
        made = await self._make(engine, request, identity, list(dict.fromkeys(missing)))
        if missing:
            # Read back even what was just made: a live answer and its replay are then equal by construction.
            recalled = [self._recall(engine, request, identity, seed) for seed in seeds]
        self.usage.keys.extend(key for key, _ in recalled)
        found = [held for _, held in recalled if held is not None]
        total = sum(held.sample.token_count for held in found)
        self.usage.made += len(set(missing))
        self.usage.made_tokens += made
        self.usage.replayed_tokens += max(0, total - made)
        completion = Completion(
            samples=tuple(held.sample for held in found),
            prompt_tokens=found[0].prompt_tokens,
            completion_tokens=total,
            seconds=max(held.seconds for held in found),
            model=found[0].model,
        )
        if self.heard is not None:
            self.heard(self.item, role, request, completion)
        return completion

    def _recall(
        self, engine: Engine, request: Request, identity: Mapping[str, Any], seed: int
    ) -> tuple[bytes, Recorded | None]:
        """The sample of one seed with its key, or None when the journal has none that is as good as new.

        An engine that repeats itself would end an answer at the same token under any limit it fits in, so
        one that ended by itself serves there too: only answers that were cut off are paid for again.
        """
        key = completion_key(identity, seed)
        held = self.journal.samples([key])[0]
        if held is None and repeats(engine) and not any(getattr(request, name) for name in LIMIT_MATTERS):
            other, shorter = self.journal.shorter_sample(unlimited_key(identity, seed), request.max_tokens)
            # Whether prompt and answer fit the context is for the engine to say.
            if shorter is not None and _fits(shorter.prompt_tokens, request.max_tokens, engine.context):
                return other, shorter
        return key, held

    async def _make(
        self, engine: Engine, request: Request, identity: Mapping[str, Any], seeds: Sequence[int]
    ) -> int:
        """Ask for the samples of `seeds` and record them; the number of tokens made."""
        if not seeds:
            return 0
        done = await engine.generate(replace(request, n=len(seeds), seeds=tuple(seeds), seed=None))
        made = [Recorded(sample, done.prompt_tokens, done.seconds, done.model) for sample in done.samples]
        self.journal.record_samples(identity, seeds, made)
        self.spent(done.completion_tokens)
        return done.completion_tokens

    def provenance(self, role: str = GENERATOR) -> dict[str, Any]:
        """Where a row comes from, for its `meta`: recipe, item, seed, engine and the hash of its model."""
        engine = self.engine(role)
        origin = {"recipe": self.recipe, "item": self.item, "run_seed": self.run_seed}
        return {**origin, "engine": engine.name, "model_hash": engine.model_hash}


def repeats(engine: Engine) -> bool:
    """Whether an engine gives the same tokens for the same seed whatever else it does (it says so)."""
    return bool(getattr(engine, "repeats", False))


def _fits(prompt_tokens: int, max_tokens: int | None, context: int | None) -> bool:
    """Whether the engine would take the request at all."""
    return context is None or prompt_tokens + (max_tokens or 1) <= context
