"""The pool for many answers: what it says is what `verify` says, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from twins import TWINS

from verifiers import AnswerSpec, Policy, Pool, Verdict, equivalent, verify

#: Symbolic algebra that takes far longer than any deadline here, under a policy that would allow it.
STUCK = r"\sum_{k=1}^{n} \sqrt{k + \sqrt{k+1}} + " + " + ".join(
    f"gcd(x, {n}) sin({n} x)^{n}" for n in range(3, 30)
)
PATIENT = Policy(guard=False, deadline_s=60.0)
ITEMS = [
    (gold, predicted, AnswerSpec(kind) if kind else None)
    for kind, gold, *both in TWINS[::3]
    for predicted in both
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


def process_ids(pool: Pool) -> list[int]:
    return [worker.process.pid for worker in pool.workers if worker.process is not None]


def told(verdicts: list[Verdict]) -> list[tuple[str, str, str]]:
    return [(verdict.status, verdict.method, verdict.reason) for verdict in verdicts]


def test_verdicts_are_those_of_the_caller_s_own_process_in_order(pool: Pool) -> None:
    assert told(pool.equivalent_many(ITEMS)) == told([equivalent(*item) for item in ITEMS])


def test_whole_responses_are_verified_with_their_specifications(pool: Pool) -> None:
    items = [(rf"So \boxed{{{n}}}.", "7", AnswerSpec("integer")) for n in range(10)] + [("none", "7", None)]
    verdicts = pool.verify_many(items)
    assert told(verdicts) == told([verify(*item) for item in items])
    assert [verdict.correct for verdict in verdicts] == [n == 7 for n in range(10)] + [False]
    assert verdicts[7].steps[0] == "found: boxed"


def test_equal_items_are_judged_once(pool: Pool) -> None:
    first, *others = pool.equivalent_many([("x + x", "2 x", None)] * 500)
    assert all(other is first for other in others)
    assert pool.equivalent_many([("x + x", "2 x", None)])[0] is first


def test_a_stream_is_judged_in_order_with_a_bounded_number_in_hand(pool: Pool) -> None:
    asked = 0

    def endless() -> Iterator[tuple[str, str, None]]:
        nonlocal asked
        while True:
            asked += 1
            yield (str(asked % 7), "3", None)

    stream = pool.imap(endless(), full_response=False)
    assert [next(stream).correct for _ in range(100)] == [(n + 1) % 7 == 3 for n in range(100)]
    assert asked < 5000


def test_only_the_answer_that_is_stuck_times_out_and_the_worker_is_replaced() -> None:
    with Pool(1, deadline_s=0.5, policy=PATIENT) as pool:
        before = [(str(n), str(n), None) for n in range(40)]
        assert all(verdict.correct for verdict in pool.equivalent_many(before))
        (worker,) = process_ids(pool)
        items = [(f"{n} x", f"{n}*x", None) for n in range(1, 20)]
        items.insert(9, (r"\sum_{k=1}^{n} k", STUCK, None))
        verdicts = pool.equivalent_many(items)
        assert [place for place, verdict in enumerate(verdicts) if not verdict.correct] == [9]
        assert (verdicts[9].status, verdicts[9].reward) == ("timeout", None)
        assert "0.5 s" in verdicts[9].reason
        assert process_ids(pool) != [worker]
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_lost_from_outside_costs_no_verdict(sign: signal.Signals) -> None:
    with Pool(1, deadline_s=1.0) as pool:
        assert pool.equivalent_many([("1", "1", None)])[0].correct
        os.kill(process_ids(pool)[0], sign)
        assert all(v.correct for v in pool.equivalent_many([(str(n), str(n), None) for n in range(2, 90)]))


def test_running_out_of_memory_is_no_verdict_about_the_answer() -> None:
    with Pool(1, memory_bytes=120 << 20, deadline_s=10.0) as pool:
        huge = "9" * (60 << 20)
        hungry, honest = pool.verify_many([(huge, "9", None), (r"\boxed{9}", "9", None)])
        assert (hungry.status, hungry.reward) == ("timeout", None)
        assert honest.correct


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


def test_workers_end_when_their_parent_is_killed() -> None:
    program = (
        "import sys; from verifiers import Pool; pool = Pool(2)\n"
        "items = [(str(n), str(n), None) for n in range(300)]\n"
        "assert all(v.correct for v in pool.equivalent_many(items))\n"
        "print(*[w.process.pid for w in pool.workers if w.process], flush=True)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    children = list(map(int, parent.stdout.readline().split()))
    assert children
    parent.kill()
    parent.wait()
    limit = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < limit:
        os.sched_yield()
    assert not any(map(alive, children))


def alive(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_forked_child_has_workers_of_its_own(pool: Pool) -> None:
    pool.equivalent_many([("5", "5", None)])
    parents = set(process_ids(pool))
    read_end, write_end = os.pipe()
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
