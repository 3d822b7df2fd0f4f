"""The scheduler alone: laws that hold for any load, checked against a toy KV cache. No model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.engines.schedule import FEWEST_ROWS, Copy, Prefill, Scheduler


class ToyCache:
    """What each slot's KV cache holds, by the rules llama.cpp has: positions follow one another."""

    def __init__(self, slots: int, context: int) -> None:
        self.cells: list[list[int]] = [[] for _ in range(slots)]
        self.context = context

    def perform(self, moves) -> None:
        for move in moves:
            if isinstance(move, Prefill):
                self.cells[move.slot] = list(move.prompt.tokens)
                move.prompt.logits = object()
            elif isinstance(move, Copy):
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


def simulate(
    width: int, jobs: list[tuple[tuple[int, ...], list[int]]], *, can_trim: bool = True, context: int = 64
):
    """Run samples that want given numbers of tokens; token k of sample s is (s, k) as 1000 + 100 s + k.

    Returns what each sample had in its cache when it ended, the number of prefills, and all steps.
    """
    scheduler: Scheduler[list[int]] = Scheduler(width, context, can_trim=can_trim)
    cache = ToyCache(len(scheduler.slots), context)
    names: dict[int, int] = {}
    wanted: dict[int, int] = {}
    samples = []
    for tokens, lengths in jobs:
        drafts = [[] for _ in lengths]
        for draft, length in zip(drafts, lengths, strict=True):
            names[id(draft)], wanted[id(draft)] = len(samples), length
            samples.append(draft)
        scheduler.add(tokens, drafts)
    prefills, steps, histories = 0, [], {}

    def take(slot) -> None:
        draft = slot.sample
        slot.token = 1000 + 100 * names[id(draft)] + len(draft)
        draft.append(slot.token)
        if len(draft) >= wanted[id(draft)]:
            histories[names[id(draft)]] = list(cache.cells[slot.index])
            cache.perform(scheduler.release(slot))

    while not scheduler.idle:
        while (admitted := scheduler.admit()) is not None:
            slot, moves = admitted
            prefills += sum(isinstance(move, Prefill) for move in moves)
            cache.perform(moves)
            take(slot)
        moves, rows = scheduler.rows()
        cache.perform(moves)
        if rows:
            steps.append(rows)
            cache.decode(rows)
            cache.perform(scheduler.stepped(rows))
            for row in rows:
                if scheduler.slots[row.slot].sample is not None:
                    take(scheduler.slots[row.slot])
    return histories, prefills, steps


prompts = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)
loads = st.lists(
    st.tuples(prompts, st.lists(st.integers(1, 12), min_size=1, max_size=6)), min_size=1, max_size=8
)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 9), loads, st.booleans())
def test_every_sample_sees_its_own_prompt_and_its_own_tokens_only(width, jobs, can_trim):
    histories, _, _ = simulate(width, jobs, can_trim=can_trim)
    flat = [(tokens, length) for tokens, lengths in jobs for length in lengths]
    assert len(histories) == len(flat)
    for name, (tokens, length) in enumerate(flat):
        # The last token drawn is never decoded: nothing follows it.
        assert histories[name] == [*tokens, *(1000 + 100 * name + k for k in range(length - 1))]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 9), loads, st.booleans())
def test_steps_have_two_rows_or_more_on_consecutive_slots(width, jobs, can_trim):
    _, _, steps = simulate(width, jobs, can_trim=can_trim)
    for rows in steps:
        slots = [row.slot for row in rows]
        assert len(slots) >= FEWEST_ROWS
        assert slots == list(range(slots[0], slots[0] + len(slots)))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), prompts, st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_samples_of_one_prompt_prefill_it_once(width, tokens, lengths):
    _, prefills, _ = simulate(width, [(tokens, lengths)])
    assert prefills == 1


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), loads)
def test_a_prompt_is_prefilled_at_most_once_a_request(width, jobs):
    _, prefills, _ = simulate(width, jobs)
    assert prefills <= len(jobs)


def test_an_idle_slot_full_to_the_brim_gives_up_its_prompt_to_be_filled_in():
    # The second job's prompt fills its slot; it ends at once and lies between two that go on.
    jobs = [((1,), [7]), ((2,) * 8, [1]), ((3,), [7])]
    histories, _, steps = simulate(4, jobs, context=8)
    assert len(histories) == 3
    assert steps


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
    _, _, steps = simulate(width, [((1, 2), [5] * 12)])
    assert max(len({row.slot for row in rows}) for rows in steps) == max(width, FEWEST_ROWS)
    assert all(row.slot < max(width, FEWEST_ROWS) for rows in steps for row in rows)
