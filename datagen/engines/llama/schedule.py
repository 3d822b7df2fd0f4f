"""Continuous batching as pure bookkeeping: which sample sits in which slot, what to decode next.

Knows token ids, slots and positions; nothing of models, text or llama.cpp (see `engine.py`).
A slot is one sequence of the KV cache. A sample takes a free slot, gets its prompt there (kept from
before, copied from a slot that has it, or prefilled, at best from the end of a head on that some slot
still holds), then one row of every step until it ends.

The rows of a step obey three rules, so that the tokens of a sample do not depend on what shares its
batch (a matrix product over one row or over several rounds differently):

1. every slot has a KV stream of its own (the binding's `kv_unified=False`);
2. a prompt is prefilled in decodes of its own, one from each of its cuts to the next, whether or not
   anybody shares what lies before a cut;
3. a step has at least two rows, on consecutive slots: gaps and lone rows are filled with idle rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

FEWEST_ROWS = 2
IDLE_TOKEN = 0
SHORTEST_PIECE = 32
"""A decode of fewer prompt tokens costs more than sharing what lies before it saves."""

S = TypeVar("S")


def cuts_of(length: int, chunk: int, head: int = 0) -> tuple[int, ...]:
    """Where a prompt of `length` tokens is cut: every `chunk` tokens, and at the end of its `head`, if any.

    It follows from the request alone and never from what the cache happens to hold, because the place of a
    cut changes the bits of what comes after. Two prompts that begin alike are cut alike as far as they do
    (but for the last cut of a short one), so each can go on from what the other has computed.

    >>> cuts_of(300, 128), cuts_of(140, 128), cuts_of(300, 128, head=100), cuts_of(300, 128, head=10)
    ((128, 256), (), (100, 256), (128, 256))
    """
    shortest = min(SHORTEST_PIECE, chunk)
    grid = range(chunk, length - shortest + 1, chunk)
    if not shortest <= head < length:
        return tuple(grid)
    return (
        *(cut for cut in grid if cut <= head - shortest),
        head,
        *(cut for cut in grid if cut >= head + shortest),
    )


@dataclass(eq=False)
class Prompt:
    """The tokens of one prompt, where it is cut, and, once prefilled, the logits after its last token.

    Its first `popular` tokens have been begun with by another prompt too.
    """

    tokens: tuple[int, ...]
    cuts: tuple[int, ...] = ()
    logits: Any = None
    popular: int = 0
    keys: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        # One number for all that lies before each cut, the earlier cuts included.
        keys, begin = [0], 0
        for cut in self.cuts:
            keys.append(hash((keys[-1], self.tokens[begin:cut])))
            begin = cut
        self.keys = tuple(keys[1:])

    def common(self, other: Prompt) -> int:
        """The last cut up to which both have the same tokens, cut in the same places; 0 if there is none."""
        head = 0
        for cut, ours, theirs in zip(self.cuts, self.keys, other.keys, strict=False):
            if ours != theirs:
                break
            head = cut
        return head


@dataclass
class Slot(Generic[S]):
    """One KV sequence: positions `0..position-1` are filled, the first of them with `prompt`.

    `used` grows with the admissions: the slot with the smallest has not been wanted for the longest time.
    """

    index: int
    prompt: Prompt | None = None
    position: int = 0
    sample: S | None = None
    token: int = IDLE_TOKEN
    used: int = 0


@dataclass(frozen=True)
class Prefill:
    """Decode the prompt into the slot from `start` (0, or one of its cuts); keep the last logits."""

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

    `width`: the number of slots (at least 2). `context`: positions a slot has. `held`: slots beside these
    that no sample gets: a head goes there when the last slot with it is filled anew, in place of the one
    not wanted for the longest time; those that other prompts have begun with stay before those that none has.
    `can_trim`: whether the end of a slot can be forgotten; recurrent models cannot, so their slots are
    cleared, and their prompts copied only while nothing follows them.
    """

    width: int
    context: int
    can_trim: bool = True
    held: int = 0
    slots: list[Slot[S]] = field(init=False)
    queue: deque[tuple[Prompt, S]] = field(default_factory=deque, init=False)
    _admitted: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.slots = [Slot(index) for index in range(self.rows_at_most + self.held)]

    @property
    def rows_at_most(self) -> int:
        """How many slots can be rows of a step."""
        return max(self.width, FEWEST_ROWS)

    @property
    def active(self) -> list[Slot[S]]:
        """The slots with a sample, in order."""
        return [slot for slot in self.slots if slot.sample is not None]

    @property
    def idle(self) -> bool:
        """Nothing runs and nothing waits."""
        return not self.queue and not self.active

    def add(self, tokens: Iterable[int], samples: Sequence[S], *, cuts: Sequence[int] = ()) -> None:
        """Queue the samples of one prompt, prefilled from cut to cut, behind all that wait."""
        prompt = Prompt(tuple(tokens), tuple(cuts))
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
        self._admitted += 1
        target.sample, target.used = sample, self._admitted
        target.position = len(prompt.tokens)
        return target, moves

    def _place(self, prompt: Prompt, free: list[Slot[S]]) -> tuple[Slot[S], list[Move]]:
        """The cheapest way to have `prompt` in a free slot: keep it, copy it, or prefill it."""
        for slot in free:
            if self._holds(slot, prompt):
                return slot, []
        source = next((slot for slot in self.slots if self._holds(slot, prompt)), None)
        if source is not None:
            target = min(free, key=self._regret)
            moves = self._put_aside(target, prompt, source)
            target.prompt, source.used = source.prompt, self._admitted
            return target, [*moves, Copy(source.index, target.index, len(prompt.tokens))]
        head, source = self._longest_head(prompt)
        if source is not None and source.prompt is not None:
            source.prompt.popular = prompt.popular = max(head, source.prompt.popular)
        target = min(free, key=self._regret)
        if source in free and self._regret(source)[0] <= self._regret(target)[0]:
            target = source
        moves = self._put_aside(target, prompt, source)
        if source is target:
            moves.append(Trim(target.index, head))
        elif source is not None:
            source.used = self._admitted
            moves.append(Copy(source.index, target.index, head))
        target.prompt = prompt
        return target, [*moves, Prefill(target.index, prompt, head)]

    def _put_aside(self, slot: Slot[S], coming: Prompt, source: Slot[S] | None) -> list[Move]:
        """Hold the head of a slot that `coming` is to fill from `source`, if no other slot has it; a head
        nobody has shared so far takes no popular one's place."""
        prompt = slot.prompt
        head = 0 if prompt is None else prompt.popular or max(prompt.cuts, default=0)
        if prompt is None or not head or not self.can_trim:
            return []
        others = (other.prompt for other in self.slots if other is not slot and other.prompt is not None)
        if any(other.common(prompt) >= head for other in (coming, *others)):
            return []
        aside = [
            held
            for held in self.slots[self.rows_at_most :]
            if held is not source and (prompt.popular or held.prompt is None or not held.prompt.popular)
        ]
        if not aside:
            return []
        oldest = min(aside, key=lambda held: (held.prompt is not None and held.prompt.popular > 0, held.used))
        kept = tuple(cut for cut in prompt.cuts if cut <= head)
        oldest.prompt = Prompt(prompt.tokens[:head], kept, logits=(), popular=prompt.popular)
        oldest.position, oldest.used = head, self._admitted
        return [Copy(slot.index, oldest.index, head)]

    def _longest_head(self, prompt: Prompt) -> tuple[int, Slot[S] | None]:
        """The last cut of `prompt` up to which a slot holds it, and that slot; 0 and None if none does."""
        if not prompt.cuts or not self.can_trim:
            return 0, None
        found = [
            (slot.prompt.common(prompt), slot)
            for slot in self.slots
            if slot.prompt and slot.prompt.logits is not None
        ]
        head, source = max(found, key=lambda pair: pair[0], default=(0, None))
        if source is None or source.prompt is None or source.prompt.tokens[:head] != prompt.tokens[:head]:
            return 0, None
        return (head, source) if head else (0, None)

    def _regret(self, slot: Slot[S]) -> tuple[bool, int, int, int]:
        """How much would be missed if a free slot were filled anew: the prompt that comes next, then heads
        that no other slot holds, then what was wanted last. Equal ones: the lowest, to keep rows close."""
        coming = self.queue[0][0] if self.queue else None
        wanted = coming is not None and self._holds(slot, coming)
        held, lost = slot.prompt, 0
        if held is not None and held.cuts and self.can_trim:
            others = (other.prompt for other in self.slots if other is not slot and other.prompt is not None)
            lost = held.cuts[-1] - max((held.common(other) for other in others), default=0)
        return wanted, lost, slot.used if lost else 0, slot.index

    def _holds(self, slot: Slot[S], prompt: Prompt) -> bool:
        held = slot.prompt
        if held is None or held.logits is None or held.cuts != prompt.cuts or held.tokens != prompt.tokens:
            return False
        return self.can_trim or slot.position == len(held.tokens)

    def rows(self) -> tuple[list[Move], list[Row]]:
        """What to do before the next step, and its rows; no rows when no slot is active."""
        active = self.active
        if not active:
            return [], []
        low, high = active[0].index, active[-1].index
        if low == high:
            low, high = (low, high + 1) if high + 1 < self.rows_at_most else (low - 1, high)
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
