"""Continuous batching as pure bookkeeping: which sample sits in which slot, what to decode next.

Knows token ids, slots and positions; nothing of models, text or llama.cpp (see `llama_cpp.py`).
A slot is one sequence of the KV cache. A sample takes a free slot, gets its prompt there (kept from
before, copied from a slot that has it, or prefilled, at best from the end of its shared head on), then
one row of every step until it ends.

The rows of a step obey three rules, so that the tokens of a sample do not depend on what shares its
batch (a matrix product over one row or over several rounds differently):

1. every slot has a KV stream of its own (the binding's `kv_unified=False`);
2. a prompt is prefilled in a decode of its own; its shared head, which other prompts may begin with too,
   in another one, whether or not anybody shares it;
3. a step has at least two rows, on consecutive slots: gaps and lone rows are filled with idle rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

FEWEST_ROWS = 2
IDLE_TOKEN = 0

S = TypeVar("S")


@dataclass(eq=False)
class Prompt:
    """The tokens of one prompt and, once prefilled, the logits after its last token.

    The first `shared` tokens are its head. It must follow from the request alone and never from what the
    cache happens to hold, because the place of the cut changes the bits of what comes after.
    """

    tokens: tuple[int, ...]
    shared: int = 0
    logits: Any = None

    @property
    def head(self) -> tuple[int, ...]:
        """The tokens other prompts may begin with too."""
        return self.tokens[: self.shared]


@dataclass
class Slot(Generic[S]):
    """One KV sequence: positions `0..position-1` are filled, the first of them with `prompt`."""

    index: int
    prompt: Prompt | None = None
    position: int = 0
    sample: S | None = None
    token: int = IDLE_TOKEN


@dataclass(frozen=True)
class Prefill:
    """Decode the prompt into the slot from `start` (0, or the end of its head); keep the last logits."""

    slot: int
    prompt: Prompt
    start: int = 0


@dataclass(frozen=True)
class Copy:
    """Make `target` hold the first `length` positions of `source`, and nothing else."""

    source: int
    target: int
    length: int


@dataclass(frozen=True)
class Trim:
    """Forget the positions of a slot from `length` on."""

    slot: int
    length: int


Move = Prefill | Copy | Trim


@dataclass(frozen=True)
class Row:
    """One row of a step: decode `token` at `position` of `slot`."""

    slot: int
    token: int
    position: int


@dataclass
class Scheduler(Generic[S]):
    """Slots, the queue of samples that wait for one, and the rows of the next step.

    `width`: the number of slots (at least 2). `context`: positions a slot has.
    `can_trim`: whether the end of a slot can be forgotten; recurrent models cannot, so their slots are
    cleared, and their prompts copied only while nothing follows them.
    """

    width: int
    context: int
    can_trim: bool = True
    slots: list[Slot[S]] = field(init=False)
    queue: deque[tuple[Prompt, S]] = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        self.slots = [Slot(index) for index in range(max(self.width, FEWEST_ROWS))]

    @property
    def active(self) -> list[Slot[S]]:
        """The slots with a sample, in order."""
        return [slot for slot in self.slots if slot.sample is not None]

    @property
    def idle(self) -> bool:
        """Nothing runs and nothing waits."""
        return not self.queue and not self.active

    def add(self, tokens: Iterable[int], samples: Sequence[S], *, shared: int = 0) -> None:
        """Queue the samples of one prompt, whose head has `shared` tokens, behind all that wait."""
        prompt = Prompt(tuple(tokens), shared)
        self.queue.extend((prompt, sample) for sample in samples)

    def admit(self) -> tuple[Slot[S], list[Move]] | None:
        """Give the first waiting sample a slot, and say what brings its prompt there; None if none is free.

        After the moves the slot's `prompt.logits` are what the first token is drawn from.
        """
        free = [slot for slot in self.slots[: self.width] if slot.sample is None]
        if not self.queue or not free:
            return None
        prompt, sample = self.queue.popleft()
        target, moves = self._place(prompt, free)
        target.sample = sample
        target.position = len(prompt.tokens)
        return target, moves

    def _place(self, prompt: Prompt, free: list[Slot[S]]) -> tuple[Slot[S], list[Move]]:
        """The cheapest way to have `prompt` in a free slot: keep it, copy it, or prefill it."""
        for slot in free:
            if self._holds(slot, prompt):
                return slot, []
        # A slot the next in the queue could take as it is goes last; then the lowest, to keep rows close.
        coming = self.queue[0][0] if self.queue else prompt
        target = min(free, key=lambda slot: (self._holds(slot, coming), slot.index))
        source = next((slot for slot in self.slots if self._holds(slot, prompt)), None)
        if source is not None:
            target.prompt = source.prompt
            return target, [Copy(source.index, target.index, len(prompt.tokens))]
        moves = self._place_head(prompt, target)
        target.prompt = prompt
        return target, [*moves, Prefill(target.index, prompt, prompt.shared if moves else 0)]

    def _place_head(self, prompt: Prompt, target: Slot[S]) -> list[Move]:
        """What brings the head of `prompt` into `target`; nothing when no slot begins with it."""
        if not prompt.shared or not self.can_trim:
            return []
        if self._begins(target, prompt):
            return [Trim(target.index, prompt.shared)]
        source = next((slot for slot in self.slots if self._begins(slot, prompt)), None)
        return [] if source is None else [Copy(source.index, target.index, prompt.shared)]

    def _begins(self, slot: Slot[S], prompt: Prompt) -> bool:
        held = slot.prompt
        return held is not None and held.logits is not None and held.head == prompt.head

    def _holds(self, slot: Slot[S], prompt: Prompt) -> bool:
        held = slot.prompt
        if (
            held is None
            or held.logits is None
            or held.shared != prompt.shared
            or held.tokens != prompt.tokens
        ):
            return False
        return self.can_trim or slot.position == len(held.tokens)

    def rows(self) -> tuple[list[Move], list[Row]]:
        """What to do before the next step, and its rows; no rows when no slot is active."""
        active = self.active
        if not active:
            return [], []
        low, high = active[0].index, active[-1].index
        if low == high:
            low, high = (low, high + 1) if high + 1 < len(self.slots) else (low - 1, high)
        span = self.slots[low : high + 1]
        moves: list[Move] = []
        for slot in span:
            if slot.sample is None and slot.position >= self.context:
                moves.append(self._clear(slot))
        return moves, [Row(slot.index, slot.token, slot.position) for slot in span]

    def stepped(self, rows: Sequence[Row]) -> list[Move]:
        """Record that `rows` were decoded; the moves that undo the idle ones."""
        moves: list[Move] = []
        for row in rows:
            slot = self.slots[row.slot]
            if slot.sample is not None:
                slot.position += 1
            elif self.can_trim:
                moves.append(Trim(slot.index, slot.position))
            else:
                moves.append(self._clear(slot))
        return moves

    def release(self, slot: Slot[S]) -> list[Move]:
        """Free a slot whose sample has ended. Its prompt stays, for the next sample that wants it."""
        slot.sample, slot.token = None, IDLE_TOKEN
        if slot.prompt is None or (not self.can_trim and slot.position != len(slot.prompt.tokens)):
            return [self._clear(slot)]
        slot.position = len(slot.prompt.tokens)
        return [Trim(slot.index, slot.position)]

    def drop(self, unwanted: set[int]) -> list[Move]:
        """Forget the samples whose `id()` is in `unwanted`, waiting or running."""
        self.queue = deque(entry for entry in self.queue if id(entry[1]) not in unwanted)
        return [move for slot in self.active if id(slot.sample) in unwanted for move in self.release(slot)]

    def _clear(self, slot: Slot[S]) -> Move:
        slot.prompt, slot.position = None, 0
        return Trim(slot.index, 0)
