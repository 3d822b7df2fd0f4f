"""The scheduler alone: laws that hold for any load, checked against a toy KV cache. No model."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.engines.llama.schedule import FEWEST_ROWS, SHORTEST_PIECE, Copy, Prefill, Row, Scheduler, cuts_of


@dataclasses.dataclass(frozen=True)
class Job:
    """One prompt, where it is cut, and how many tokens each of its samples writes."""

    tokens: tuple[int, ...]
    lengths: list[int]
    cuts: tuple[int, ...] = ()


class ToyCache:
    """What each slot's KV cache holds, by the rules llama.cpp has: positions follow one another."""

    def __init__(self, slots: int, context: int) -> None:
        self.cells: list[list[int]] = [[] for _ in range(slots)]
        self.context = context
        self.prefills: list[tuple[int, int]] = []

    def perform(self, moves) -> None:
        for move in moves:
            if isinstance(move, Prefill):
                tokens = list(move.prompt.tokens)
                assert move.start in (0, *move.prompt.cuts)
                assert self.cells[move.slot][: move.start] == tokens[: move.start], "the head is there"
                self.cells[move.slot] = tokens
                self.prefills.append((move.start, len(tokens)))
                move.prompt.logits = object()
            elif isinstance(move, Copy):
                assert move.source != move.target
                assert len(self.cells[move.source]) >= move.length
                self.cells[move.target] = self.cells[move.source][: move.length]
            else:
                assert len(self.cells[move.slot]) >= move.length
                del self.cells[move.slot][move.length :]

    def decode(self, rows) -> None:
        for row in rows:
            assert row.position == len(self.cells[row.slot]), "positions of a sequence follow one another"
            assert row.position < self.context
            self.cells[row.slot].append(row.token)


@dataclasses.dataclass
class Played:
    """What came of a load: each sample's cache when it ended, the (start, end) prefilled, the steps."""

    histories: dict[int, list[int]]
    prefills: list[tuple[int, int]]
    steps: list[list[Row]]


def token_of(sample: int, index: int) -> int:
    return 1000 + 100 * sample + index


def play(width: int, jobs: list[Job], *, can_trim: bool = True, context: int = 64, held: int = 0) -> Played:
    """Run the jobs to their end, as a decoder does, on a toy cache."""
    scheduler: Scheduler[list[int]] = Scheduler(width, context, can_trim=can_trim, held=held)
    cache = ToyCache(len(scheduler.slots), context)
    names: dict[int, int] = {}
    wanted: dict[int, int] = {}
    samples: list[list[int]] = []
    for job in jobs:
        drafts: list[list[int]] = [[] for _ in job.lengths]
        for draft, length in zip(drafts, job.lengths, strict=True):
            names[id(draft)], wanted[id(draft)] = len(samples), length
            samples.append(draft)
        scheduler.add(job.tokens, drafts, cuts=job.cuts)
    played = Played({}, cache.prefills, [])

    def take(slot) -> None:
        draft = slot.sample
        slot.token = token_of(names[id(draft)], len(draft))
        draft.append(slot.token)
        if len(draft) >= wanted[id(draft)]:
            played.histories[names[id(draft)]] = list(cache.cells[slot.index])
            cache.perform(scheduler.release(slot))

    while not scheduler.idle:
        while (admitted := scheduler.admit()) is not None:
            slot, moves = admitted
            cache.perform(moves)
            take(slot)
        moves, rows = scheduler.rows()
        cache.perform(moves)
        if rows:
            played.steps.append(rows)
            cache.decode(rows)
            cache.perform(scheduler.stepped(rows))
            for row in rows:
                if scheduler.slots[row.slot].sample is not None:
                    take(scheduler.slots[row.slot])
    return played


# Two letters and short prompts, so that prompts and heads often coincide.
prompts = st.lists(st.integers(1, 2), min_size=1, max_size=5).map(tuple)
lengths = st.lists(st.integers(1, 12), min_size=1, max_size=6)
jobs_of = st.builds(
    lambda tokens, lengths, cuts: Job(
        tokens, lengths, tuple(cut for cut in sorted(cuts) if cut < len(tokens))
    ),
    prompts,
    lengths,
    st.sets(st.integers(1, 4)),
)
loads = st.lists(jobs_of, min_size=1, max_size=8)
widths = st.integers(1, 9)


@settings(max_examples=300, deadline=None)
@given(widths, loads, st.booleans(), st.integers(0, 2))
def test_every_sample_sees_its_own_prompt_and_its_own_tokens_only(width, jobs, can_trim, held):
    played = play(width, jobs, can_trim=can_trim, held=held)
    flat = [(job.tokens, length) for job in jobs for length in job.lengths]
    assert len(played.histories) == len(flat)
    for sample, (tokens, length) in enumerate(flat):
        # The last token drawn is never decoded: nothing follows it.
        assert played.histories[sample] == [*tokens, *(token_of(sample, k) for k in range(length - 1))]


@settings(max_examples=300, deadline=None)
@given(widths, loads, st.booleans(), st.integers(0, 2))
def test_steps_have_two_rows_or_more_on_consecutive_slots(width, jobs, can_trim, held):
    for rows in play(width, jobs, can_trim=can_trim, held=held).steps:
        slots = [row.slot for row in rows]
        assert slots[-1] < max(width, FEWEST_ROWS)
        assert len(slots) >= FEWEST_ROWS
        assert slots == list(range(slots[0], slots[0] + len(slots)))


@settings(max_examples=200, deadline=None)
@given(widths, prompts, st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_samples_of_one_prompt_prefill_it_once(width, tokens, lengths):
    assert play(width, [Job(tokens, lengths)]).prefills == [(0, len(tokens))]


@settings(max_examples=200, deadline=None)
@given(widths, loads)
def test_a_prompt_is_prefilled_at_most_once_a_request(width, jobs):
    assert len(play(width, jobs).prefills) <= len(jobs)


@settings(max_examples=100, deadline=None)
@given(widths, lengths)
def test_a_head_shared_by_many_prompts_is_prefilled_once(width, lengths):
    head = (7, 7, 7, 7)
    jobs = [Job((*head, 10 + number), [length], cuts=(4,)) for number, length in enumerate(lengths)]
    assert play(width, jobs).prefills == [(0, 5), *[(4, 5)] * (len(jobs) - 1)]


def test_a_head_cut_elsewhere_is_another_head():
    tokens = (7, 7, 7, 7, 1)
    jobs = [Job(tokens, [3], cuts=(4,)), Job((*tokens, 2), [3], cuts=(3, 4)), Job(tokens, [3])]
    assert play(4, jobs).prefills == [(0, 5), (0, 6), (0, 5)]


def test_of_several_heads_held_the_longest_is_gone_on_from():
    jobs = [Job((1, 2, 3, 4, 5, 6), [9], cuts=(2, 4)), Job((1, 2, 8, 8), [9], cuts=(2,))]
    jobs.append(Job((1, 2, 3, 4, 7, 7, 7), [9], cuts=(2, 4, 6)))
    assert play(4, jobs).prefills == [(0, 6), (2, 4), (4, 7)]


def test_a_head_that_was_shared_outlives_the_prompts_that_pass_through_the_slots():
    # A document is asked about twice, then many other prompts follow, then it is asked about again.
    document = (7,) * 6
    jobs = [Job((*document, k), [2], cuts=(6,)) for k in (1, 2)]
    jobs += [Job((k, k, k), [2], cuts=(2,)) for k in range(20, 40)]
    jobs.append(Job((*document, 3), [2], cuts=(6,)))
    assert play(3, jobs, held=1).prefills[-1] == (6, 7)
    assert play(3, jobs, held=0).prefills[-1] == (0, 7)


def test_of_the_heads_put_aside_the_one_not_wanted_for_the_longest_time_goes_first():
    def asked(letter: int, *, times: int = 1) -> list[Job]:
        return [Job((letter,) * 6 + (100 + k,), [2], cuts=(6,)) for k in range(times)]

    others = [Job((k, k, k), [2], cuts=(2,)) for k in range(20, 40)]
    jobs = [*asked(7, times=2), *others, *asked(8, times=2), *others, *asked(9, times=2), *others]
    # Held are 8 and 9 by now, and 7 has to be read again.
    assert play(2, [*jobs, *asked(8)], held=2).prefills[-1] == (6, 7)
    assert play(2, [*jobs, *asked(7)], held=2).prefills[-1] == (0, 7)


@given(st.integers(1, 3000), st.integers(0, 3000), st.integers(16, 256))
def test_prompts_that_begin_alike_are_cut_alike(length, head, chunk):
    cuts = cuts_of(length, chunk, min(head, length - 1))
    longer = cuts_of(length + 77, chunk, min(head, length - 1))
    assert list(cuts) == sorted(set(cuts))
    assert all(0 < cut < length for cut in cuts)
    assert longer[: len(cuts)] == cuts
    pieces = [end - start for start, end in itertools.pairwise((0, *cuts, length))]
    assert max(pieces) < chunk + 2 * SHORTEST_PIECE
    if len(pieces) > 1:
        assert min(pieces) >= min(SHORTEST_PIECE, chunk) or min(pieces) == length - cuts[-1]


def test_an_idle_slot_full_to_the_brim_gives_up_its_prompt_to_be_filled_in():
    # The last job takes the slot of the second, fills it with its prompt, and ends at once; two go on beside.
    jobs = [Job((1,), [7]), Job((2,), [2]), Job((3,), [7]), Job((4,) * 8, [1])]
    played = play(3, jobs, context=8)
    assert played.histories[3] == [4] * 8
    assert [row.slot for row in played.steps[-1]] == [0, 1, 2]
    assert played.steps[-1][1].position == 0


def test_dropped_samples_leave_queue_and_slots():
    scheduler: Scheduler[str] = Scheduler(2, 64)
    kept, running, waiting = "kept", "running", "waiting"
    for tokens, sample in (((1,), kept), ((2,), running), ((3,), waiting)):
        scheduler.add(tokens, [sample])
    for _ in range(2):
        _, moves = scheduler.admit()
        for move in moves:
            move.prompt.logits = object()
    scheduler.drop({id(running), id(waiting)})
    assert [slot.sample for slot in scheduler.active] == [kept]
    assert not scheduler.queue


@pytest.mark.parametrize("width", [1, 2, 5])
def test_no_more_samples_run_than_the_width_says(width):
    played = play(width, [Job((1, 2), [5] * 12)])
    # 12 samples write 5 tokens each, the first of them before any step.
    assert len(played.steps) == -(-12 // width) * 4
    assert all(len(rows) == max(width, FEWEST_ROWS) for rows in played.steps[:4])
