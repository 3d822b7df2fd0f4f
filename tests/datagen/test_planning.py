"""`--dry-run`: what would be asked, what it would take, and nothing left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from scripted_engine import ScriptedEngine

from datagen.commands.attempts import Attempts, attempts
from datagen.engines import Request
from datagen.filters.in_runs import RunFilters
from datagen.problems.generate import draw
from datagen.runs.generation import Generation, generating
from datagen.runs.keeping import Distinct
from datagen.runs.planning import CALIBRATION
from datagen.runs.run import Rejected
from schemas.rows import write_rows

QUESTION = "Is {i} even?"


@dataclass(frozen=True, kw_only=True)
class Asking(Generation):
    """The settings of a command of two recipes."""


class CountingEngine(ScriptedEngine):
    """A scripted engine of 20 tokens of context, whose tokens are words."""

    context = 20

    async def count(self, request: Request) -> int:
        return sum(len(message["content"].split()) for message in request.messages or ())


async def even(item, team):
    done = await team.chat([{"role": "user", "content": item["text"]}], max_tokens=4)
    return {"text": done.text} if done.text == "yes" else Rejected("odd")


async def judged(item, team):
    return {"text": (await team.chat([{"role": "user", "content": "Good?"}], role="judge")).text}


def items(count: int) -> list[dict[str, str]]:
    long = " and so on" * 9
    return [
        {"id": f"item-{i}", "text": QUESTION.format(i=i) + (long if i == 7 else "")} for i in range(count)
    ]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A dry run of two roles, whose engines are scripted."""
    script = {QUESTION.format(i=i): ["yes" if i % 2 == 0 else "no"] for i in range(CALIBRATION)}
    engines = {"generator": CountingEngine(script), "judge": CountingEngine({"Good?": ["very"]})}

    class Opened:
        def __enter__(self):
            return engines

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr("datagen.runs.generation._engines", lambda *arguments: Opened())
    settings = Asking(out=tmp_path / "out.jsonl", dry_run=True)
    with generating("asking", settings, []) as found:
        found.engines = engines
        yield found


def test_a_dry_run_shows_the_prompts_of_the_first_item_and_counts_those_of_all(
    work, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = work.run(even, items(10))
    told = capsys.readouterr().out
    assert [outcome.accepted for outcome in outcomes] == [True, False, True, False, True]
    assert "[user] Is 0 even?\n-- answer, 1 tokens, stop\nyes\n" in told
    assert "Is 1 even?" not in told
    assert "3 of 5 became rows (odd: 2)" in told
    # The script's prompts count as one token each; ten items are twice the five that were done.
    assert "generator: an item reads 1 tokens and writes 1; 10 items: 10 and 10" in told
    assert "first prompts: 3 tokens, at most 30; 1 of 10 do not fit the context" in told


def test_the_stages_of_a_dry_run_pass_on_what_the_few_items_gave(
    work, capsys: pytest.CaptureFixture[str]
) -> None:
    first = work.run(even, items(10))
    work.run(judged, [{"id": f"row-{i}"} for i, outcome in enumerate(first) if outcome.accepted])
    told = capsys.readouterr().out
    assert "== judged: what the first item asks\n-- to the judge, 1 tokens\n[user] Good?" in told
    assert "== judged: 3 of 3 became rows" in told


def test_items_without_end_are_not_counted(work, capsys: pytest.CaptureFixture[str]) -> None:
    work.run(even, iter(items(CALIBRATION)))
    told = capsys.readouterr().out
    assert "items:" not in told
    assert "first prompts: 3 tokens, at most 3" in told


@pytest.mark.parametrize("endless", [False, True])
def test_the_rows_wanted_tell_how_many_items_there_will_be(
    work, endless: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    found = items(30)
    work.run(even, iter(found) if endless else found, keep=9)
    told = capsys.readouterr().out
    assert "9 rows take about 15 items\n" in told
    assert "writes 1; 15 items: 15 and 15" in told


def test_more_rows_than_the_items_give_are_told(work, capsys: pytest.CaptureFixture[str]) -> None:
    work.run(even, items(10), keep=9)
    told = capsys.readouterr().out
    assert "9 rows would take about 15 items, and there are 10\n" in told
    assert "10 items: 10 and 10" in told


def test_a_dry_run_turns_down_what_the_run_would(work, capsys: pytest.CaptureFixture[str]) -> None:
    work.filters = RunFilters({}, {"none": lambda row: (False, "not wanted")}, [])
    outcomes = work.run(even, items(10), settle=Distinct(lambda row: row["text"]), keep=9)
    assert [outcome.reason for outcome in outcomes] == ["not wanted", "odd", "duplicate", "odd", "duplicate"]
    told = capsys.readouterr().out
    assert "0 of 5 became rows (" in told
    assert "9 rows are wanted; how many items they take cannot be told from no row" in told


def test_a_dry_run_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problems = tmp_path / "problems.jsonl"
    write_rows(problems, [draw("addition", 2, "train", 0, i) for i in range(8)])
    attempts(Attempts(problems=problems, out=tmp_path / "out.jsonl", samples=2, dry_run=True))
    told = capsys.readouterr()
    assert "5 of 5 became rows" in told.out
    assert "8 items" in told.out
    assert told.err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["problems.jsonl"]
