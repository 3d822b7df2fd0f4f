"""The pool for many answers: what it says is what `verify` says, whatever happens to its workers."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from twins import TWINS

from schemas.errors import UserError
from verifiers import AnswerSpec, Pool, Verdict, equivalent, verify
from verifiers import pool as pool_module

ITEMS = [
    (gold, predicted, AnswerSpec(kind) if kind else None)
    for kind, gold, *both in TWINS[::3]
    for predicted in both
]
#: A worker that is as good as ours, but for answers that say what it should suffer.
SUFFERING = """
import os
from verifiers import serving

honest = serving.equivalent

def suffering(gold, predicted, spec, policy):
    if predicted == "stuck":
        while True:
            pass
    if predicted == "dead":
        os._exit(1)
    if predicted == "hungry":
        hoard = []
        while True:
            hoard.append(bytearray(1 << 20))
    if predicted == "faulty":
        raise ZeroDivisionError
    return honest(gold, predicted, spec, policy)

serving.equivalent = suffering
serving.main(sys.argv[2])
"""
linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="watches processes as Linux lets one")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


@pytest.fixture
def suffering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """One worker that can be made to suffer."""
    monkeypatch.setattr(pool_module, "_PROGRAM", SUFFERING)
    with Pool(1, deadline_s=0.5, memory_bytes=200 << 20) as pool:
        yield pool


def process_ids(pool: Pool) -> list[int]:
    return [worker.process.pid for worker in pool.workers if worker.process is not None]


def told(verdicts: list[Verdict]) -> list[tuple[str, str, str]]:
    return [(verdict.status, verdict.method, verdict.reason) for verdict in verdicts]


def numbers(start: int, end: int) -> list[tuple[str, str, None]]:
    """Answers that are right and not to be found in any memory."""
    return [(f"{n} x", f"{n}*x", None) for n in range(start, end)]


def test_verdicts_are_those_of_the_caller_s_own_process_in_order(pool: Pool) -> None:
    assert len(ITEMS) > 200
    assert told(pool.equivalent_many(ITEMS)) == told([equivalent(*item) for item in ITEMS])


def test_whole_responses_are_verified_with_their_specifications(pool: Pool) -> None:
    items = [(rf"So \boxed{{{n}}}.", "7", AnswerSpec("integer")) for n in range(10)] + [("none", "7", None)]
    verdicts = pool.verify_many(items)
    assert told(verdicts) == told([verify(*item) for item in items])
    assert [verdict.correct for verdict in verdicts] == [n == 7 for n in range(10)] + [False]
    assert verdicts[7].steps[0] == "found: boxed"


def test_every_verdict_survives_a_line_of_json() -> None:
    for item in ITEMS:
        verdict = equivalent(*item)
        again = Verdict.from_dict(json.loads(json.dumps(verdict.as_dict())))
        assert again.as_dict() == verdict.as_dict()


def test_checkers_with_other_parameters_are_other_specifications(pool: Pool) -> None:
    specs = [
        AnswerSpec("checker", checker="root", parameters={"equation": f"x^2 = {n * n}", "symbol": "x"})
        for n in (2, 3)
    ]
    items = [(rf"\boxed{{{n}}}", "", spec) for spec in specs for n in (2, 3)]
    assert told(pool.verify_many(items)) == told([verify(*item) for item in items])


def test_loading_sympy_is_charged_to_no_answer() -> None:
    with Pool(1) as pool:
        (verdict,) = pool.equivalent_many([(r"\sum_{k=1}^{n} k", "n(n+1)/2", None)])
        assert (verdict.status, verdict.method) == ("correct", "sympy")


def test_equal_items_are_judged_once(pool: Pool) -> None:
    first, *others = pool.equivalent_many([("x + x", "2 x", None)] * 500)
    assert all(other is first for other in others)
    assert pool.equivalent_many([("x + x", "2 x", None)])[0] is first


def test_what_is_remembered_is_bounded(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MEMORY", 10)
    first, *_, last = pool.equivalent_many(numbers(0, 30))
    assert pool.equivalent_many(numbers(29, 30))[0] is last
    assert pool.equivalent_many(numbers(0, 1))[0] is not first


def test_a_stream_is_judged_in_order_with_a_bounded_number_in_hand(pool: Pool) -> None:
    asked = itertools.count()
    stream = pool.imap(((str(n % 7), "3", None) for n in asked), full_response=False)
    assert [next(stream).correct for _ in range(100)] == [n % 7 == 3 for n in range(100)]
    assert next(asked) < 5000


def test_what_a_stream_raises_is_raised() -> None:
    def broken() -> Iterator[tuple[str, str, None]]:
        yield ("1", "1", None)
        raise UserError("no more")

    with Pool(1) as pool, pytest.raises(UserError, match="no more"):
        list(pool.imap(broken()))


def test_only_the_answers_that_are_stuck_time_out_and_the_worker_is_replaced(suffering: Pool) -> None:
    assert all(verdict.correct for verdict in suffering.equivalent_many(numbers(0, 40)))
    (worker,) = process_ids(suffering)
    items = [*numbers(40, 50), ("7", "stuck", None), *numbers(50, 60), ("8", "stuck", None)]
    verdicts = suffering.equivalent_many(items)
    assert [place for place, verdict in enumerate(verdicts) if not verdict.correct] == [10, 21]
    assert (verdicts[10].status, verdicts[10].reward) == ("timeout", None)
    assert verdicts[10].reason == "no verdict within 0.5 s"
    assert process_ids(suffering) != [worker]
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


@pytest.mark.parametrize(
    ("suffers", "reason"),
    [
        ("dead", "its worker died"),
        ("hungry", "the worker's memory did not suffice"),
        ("faulty", "the verifier failed: ZeroDivisionError"),
    ],
)
def test_what_befalls_a_worker_befalls_one_answer(suffering: Pool, suffers: str, reason: str) -> None:
    verdicts = suffering.equivalent_many([*numbers(0, 9), ("7", suffers, None), *numbers(9, 18)])
    assert [place for place, verdict in enumerate(verdicts) if not verdict.correct] == [9]
    assert (verdicts[9].status, verdicts[9].reward) == ("timeout", None)
    assert verdicts[9].reason.startswith(reason)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_lost_from_outside_costs_no_verdict(sign: signal.Signals) -> None:
    with Pool(1, deadline_s=1.0) as pool:
        assert pool.equivalent_many([("1", "1", None)])[0].correct
        os.kill(process_ids(pool)[0], sign)
        assert all(verdict.correct for verdict in pool.equivalent_many(numbers(2, 90)))


def test_a_call_that_is_broken_off_leaves_no_verdicts_to_the_next(pool: Pool) -> None:
    worker = pool.workers[0]
    verdicts = worker.judge([("equivalent", "1", str(n), "") for n in range(200)])
    assert not next(verdicts).correct
    verdicts.close()
    assert worker.process is None
    assert all(verdict.correct for verdict in pool.equivalent_many(numbers(200, 500)))


def test_of_a_long_response_the_end_counts_and_its_neighbours_are_spared() -> None:
    with Pool(1, memory_bytes=200 << 20) as pool:
        items = [(rf"{'so ' * n}\boxed{{9}}", "9", None) for n in (1, 10**6, 2, 3 * 10**7, 3)]
        assert all(verdict.correct for verdict in pool.verify_many(items))


def test_deadlines_hold_off_the_main_thread_and_threads_share_the_workers(pool: Pool) -> None:
    found: dict[int, list[Verdict]] = {}

    def work(number: int) -> None:
        found[number] = pool.equivalent_many([(f"{number}+{n}", str(number + n), None) for n in range(150)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(found) == [0, 1, 2, 3]
    assert all(verdict.correct for verdicts in found.values() for verdict in verdicts)


PARENT = r"""
import sys, threading
from verifiers import Pool, pool as module

module._PROGRAM = sys.argv[1]
pool = Pool(1, deadline_s=600.0)
first = pool.equivalent_many([("1", "1", None), (r"\sum_{k=1}^{n} k", "n(n+1)/2", None)])
assert all(verdict.correct for verdict in first)
threading.Thread(target=pool.equivalent_many, args=([("1", "stuck", None)],), daemon=True).start()
print(pool.workers[0].process.pid, flush=True)
sys.stdin.read()
"""


@linux
@pytest.mark.parametrize("program", [pool_module._PROGRAM, SUFFERING], ids=["idle", "stuck"])
def test_workers_and_their_own_workers_end_when_the_parent_is_killed(program: str) -> None:
    command = [sys.executable, "-c", PARENT, program]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    watched = [os.pidfd_open(process) for process in (worker, *children(worker))]
    assert len(watched) == 2, "the worker and its sympy"
    parent.kill()
    parent.communicate()
    for descriptor in watched:
        assert select.select([descriptor], [], [], 60.0)[0], "still there"
        os.close(descriptor)


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_forked_child_has_workers_of_its_own_and_leaves_the_parent_s_alone(pool: Pool) -> None:
    pool.equivalent_many([("5", "5", None)])
    parents = set(process_ids(pool))
    read_end, write_end = os.pipe()
    with pool._lock:  # as another thread might hold it at that moment
        child = os.fork()
    if child == 0:
        try:
            right = pool.equivalent_many([("6", "6", None)])[0].correct
            os.write(write_end, b"1" if right and not parents & set(process_ids(pool)) else b"0")
            pool.close()
        finally:
            os._exit(0)
    os.close(write_end)
    assert os.read(read_end, 1) == b"1"
    os.close(read_end)
    os.waitpid(child, 0)
    assert pool.equivalent_many([("8", "8", None)])[0].correct
    assert parents <= set(process_ids(pool))


def test_modules_in_the_folder_of_the_caller_are_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "queue", "verifiers"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    with Pool(1) as pool:
        assert pool.equivalent_many([("1", "1", None)])[0].correct


@pytest.mark.parametrize("settings", [{"workers": 0}, {"deadline_s": 0.0}, {"memory_bytes": -1}])
def test_a_pool_that_could_do_nothing_is_refused(settings: dict) -> None:
    with pytest.raises(UserError, match="positive"):
        Pool(**settings)
