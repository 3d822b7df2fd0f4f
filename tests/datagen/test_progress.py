"""What is told of a run on the way: rates, time left, the bar, lines, JSON; by a clock of our own."""

from __future__ import annotations

import io
import json
import logging
import threading

import pytest

from datagen.runs.journal import Outcome
from datagen.runs.progress import EVERY_S, as_json, conclude, counted, duration, line, progress, summary
from datagen.runs.tally import Meter, Tally


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


ROW, TIE = Outcome("a", {"text": "x"}), Outcome("b", None, "tie")


def worked(seconds: int, clock: Clock, tally: Tally, tokens: int = 50, every: int = 4) -> None:
    """An item a second; each `every`-th is a tie."""
    tally.begin()
    for second in range(seconds):
        clock.now += 1
        tally.made_tokens.add(tokens)
        tally.add(TIE if second % every == every - 1 else ROW, replayed=False)


def test_a_rate_is_that_of_the_last_minute() -> None:
    clock = Clock()
    meter = Meter(clock)
    assert meter.rate() == 0
    for _ in range(200):
        clock.now += 1
        meter.add(10)
    assert meter.rate() == pytest.approx(10, rel=0.05)
    for _ in range(60):
        clock.now += 1
        meter.add(30)
    assert meter.rate() == pytest.approx(30, rel=0.05)
    clock.now += 600
    assert meter.rate() == 0
    assert meter.total == 200 * 10 + 60 * 30


def test_a_rate_begins_with_the_work_and_not_with_the_replay() -> None:
    clock = Clock()
    tally = Tally(1000, clock=clock)
    for _ in range(500):
        clock.now += 0.1
        tally.add(ROW, replayed=True)
    assert (tally.made_items.rate(), tally.eta_s) == (0, None)
    worked(20, clock, tally)
    assert tally.made_items.rate() == pytest.approx(1)
    assert tally.made_tokens.rate() == pytest.approx(50)
    assert tally.eta_s == pytest.approx(480)


def test_the_time_left_for_rows_asked_for_comes_from_the_yield() -> None:
    clock = Clock()
    tally = Tally(None, keep=90, clock=clock)
    worked(40, clock, tally)
    assert (tally.rows, tally.got, tally.asked) == (30, 30, 90)
    # Sixty rows at three of four items, an item a second.
    assert tally.eta_s == pytest.approx(80)


def test_an_endless_run_has_no_time_left_and_a_settled_duplicate_is_no_row() -> None:
    clock = Clock()
    tally = Tally(None, clock=clock)
    worked(4, clock, tally)
    assert tally.eta_s is None
    tally.settle(ROW, Outcome("a", None, "duplicate"))
    assert (tally.rows, tally.accepted, dict(tally.rejected)) == (2, 2, {"tie": 1, "duplicate": 1})


def test_the_summary_says_yield_rate_and_reasons_commonest_first() -> None:
    clock = Clock()
    tally = Tally(100, clock=clock)
    tally.add(ROW, replayed=True)
    worked(20, clock, tally)
    tally.settle(ROW, Outcome("a", None, "duplicate"))
    told = "15 of 21 accepted, 50 tokens/s, 1 from the journal, tie: 5, duplicate: 1"
    assert summary(tally) == told
    assert line(tally) == f"21 of 100, 1 min 19 s left: {told}"


def test_json_is_one_object_a_line_with_stable_names_and_ends_with_the_summary() -> None:
    stream, clock = io.StringIO(), Clock()
    tally = Tally(40, clock=clock)
    with progress("pairs", "json", stream) as report:
        report.note("going on")
        logging.getLogger("datagen.engines").warning("a notice")
        worked(20, clock, tally)
        report(tally)
    conclude("out.jsonl: 15 pairs", "json", stream)
    lines = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert lines[0] == {"note": "going on"}
    assert lines[1] == {"note": "a notice"}
    assert lines[-1] == {"summary": "out.jsonl: 15 pairs"}
    assert lines[-2] == {
        "command": "pairs", "got": 20, "asked": 40, "items": 20, "accepted": 15, "rows": 15, "yield": 0.75,
        "rejected": {"tie": 5}, "replayed": 0, "tokens": 1000, "tokens_per_s": 50.0, "items_per_s": 1.0,
        "eta_s": 20.0, "elapsed_s": 20.0, "finished": True,
    }  # fmt: skip
    assert as_json(Tally(None))["asked"] is None


def test_a_run_that_fails_is_not_finished() -> None:
    stream = io.StringIO()

    def fails() -> None:
        with progress("pairs", "json", stream) as report:
            report(Tally(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert json.loads(stream.getvalue())["finished"] is False


def test_quiet_tells_nothing_but_the_summary() -> None:
    stream = io.StringIO()
    with progress("pairs", "quiet", stream) as report:
        report.note("going on")
        report(Tally(3))
    conclude("done", "quiet", stream)
    assert stream.getvalue() == "done\n"


def test_lines_are_plain_text() -> None:
    stream = io.StringIO()
    with progress("pairs", "lines", stream) as report:
        report(Tally(3))
    assert stream.getvalue() == "pairs: 0 of 3: 0 of 0 accepted\n"


def test_auto_is_a_bar_on_a_terminal_and_silence_elsewhere() -> None:
    clock = Clock()
    tally = Tally(40, clock=clock)
    worked(20, clock, tally)
    drawn = {}
    for stream in (Terminal(), io.StringIO()):
        with progress("pairs", "auto", stream) as report:
            report(tally)
        drawn[type(stream)] = " ".join(stream.getvalue().split())
    assert drawn[io.StringIO] == ""
    assert "20/40" in drawn[Terminal]
    assert "15 of 20" in drawn[Terminal]


def test_silence_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script learns that a run is alive though nothing finishes."""
    monkeypatch.setitem(EVERY_S, "json", 0.01)
    told = threading.Event()

    class Counting(io.StringIO):
        def write(self, text: str) -> int:
            written = super().write(text)
            if self.getvalue().count("\n") >= 3:
                told.set()
            return written

    with progress("pairs", "json", Counting()) as report:
        report(Tally(3))
        assert told.wait(20)


def test_rows_are_counted_as_they_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(counted(range(130), "rows", 130)) == list(range(130))
    assert capsys.readouterr().err == ""


def test_durations_are_words() -> None:
    assert [duration(seconds) for seconds in (0.4, 59.4, 60, 7260)] == [
        "0 s",
        "59 s",
        "1 min 0 s",
        "2 h 1 min",
    ]
