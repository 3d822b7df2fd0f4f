"""The choice of a thread count, on a machine made of a few lines: what a row costs with how many threads."""

from __future__ import annotations

import random

import pytest

from datagen.engines.llama.threads import ThreadTuner, candidates

ROWS = 16


class Machine:
    """`cores` cores, `foreign` of them taken by others; a row costs 1 ms of one core, and threads wait for
    the slowest of them: those that share a core with others take twice as long, and then some."""

    def __init__(self, cores: int, seed: int = 0) -> None:
        self.cores, self.foreign = cores, 0
        self.noise = random.Random(seed)

    def seconds(self, rows: int, threads: int) -> float:
        crowded = threads > self.cores - self.foreign
        return rows * 1e-3 / threads**0.9 * (8 if crowded else 1) * self.noise.uniform(0.95, 1.05)

    def run(self, tuner: ThreadTuner, seconds: float, rows: int = ROWS) -> list[int]:
        """Work for so long; the counts used, one a step."""
        used = []
        while seconds > 0:
            used.append(tuner.current)
            took = self.seconds(rows, tuner.current)
            tuner.record(rows, took)
            seconds -= took
        return used


@pytest.mark.parametrize("cores", [2, 4, 8])
def test_a_free_machine_is_used_whole(cores):
    machine, tuner = Machine(cores), ThreadTuner(candidates(cores))
    used = machine.run(tuner, 30)
    assert tuner.current == cores
    assert used.count(cores) > 0.8 * len(used)


def test_goes_down_when_another_process_takes_the_cores_and_up_when_they_are_free_again():
    machine, tuner = Machine(4), ThreadTuner(candidates(4))
    machine.run(tuner, 10)
    assert tuner.current == 4
    machine.foreign = 2
    machine.run(tuner, 3)
    assert tuner.current == 2
    machine.foreign = 3
    machine.run(tuner, 3)
    assert tuner.current == 1
    machine.foreign = 0
    machine.run(tuner, 12)
    assert tuner.current == 4


def test_a_choice_that_stays_right_is_put_to_the_test_ever_more_seldom():
    machine, tuner = Machine(2), ThreadTuner(candidates(2))
    machine.run(tuner, 60)
    early = tuner.trials
    machine.run(tuner, 60)
    assert early >= 2
    assert tuner.trials - early < early


def test_a_count_that_is_hopeless_is_tried_once_a_trial():
    machine, tuner = Machine(2), ThreadTuner((1, 2))
    machine.foreign = 2
    machine.seconds = lambda rows, threads: rows * (1e-3 if threads == 1 else 1.0)  # as when threads spin
    used = machine.run(tuner, 20)
    assert tuner.current == 1
    assert used.count(2) == 1


def test_no_thread_is_taken_for_nothing():
    machine, tuner = Machine(2), ThreadTuner((1, 2))
    machine.seconds = lambda rows, threads: rows * (1.00e-3 if threads == 1 else 0.98e-3)
    machine.run(tuner, 5)
    assert tuner.current == 1


def test_a_trial_compares_steps_of_the_same_size_only():
    machine, tuner = Machine(2), ThreadTuner((1, 2))
    # Alternating widths: a narrow step costs more a row, whatever the threads.
    for step in range(40):
        rows = 4 if step % 2 else 32
        tuner.record(rows, machine.seconds(rows, tuner.current))
    assert tuner.trying
    machine.run(tuner, 5)
    assert not tuner.trying


def test_a_single_count_is_honoured_and_never_tried_against_others():
    tuner = ThreadTuner((3,))
    assert set(Machine(8).run(tuner, 5)) == {3}
    assert tuner.trials == 0
