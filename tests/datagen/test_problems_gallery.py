"""The gallery, and what is measured of levels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datagen.cli import program
from datagen.problems import LEVELS, draw, families
from datagen.problems.gallery import write_gallery
from datagen.problems.measures import accuracies, level_measures
from schemas import UserError, write_rows
from schemas.command import run_app


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def attempt(family: str, level: int, index: int, reward: float | None) -> dict:
    row = draw(family, level, "train", 0, index)
    verdict = {"status": "correct", "method": "exact", "reason": "made up"}
    return {
        **{name: row[name] for name in ("id", "prompt", "answer", "spec")},
        "completion": [{"role": "assistant", "content": "\\boxed{1}"}],
        "sample": 0,
        "verdict": verdict,
        "reward": reward,
        "meta": {},
    }


ATTEMPTS = [
    *(attempt("addition", 1, index, 1.0) for index in range(3)),
    *(attempt("addition", 2, index, float(index == 0)) for index in range(4)),
    attempt("addition", 2, 4, None),
]


def test_accuracy_is_counted_by_family_and_level_without_what_could_not_be_judged():
    assert accuracies(ATTEMPTS) == {"addition": {1: (3, 3), 2: (1, 4)}}


@pytest.mark.parametrize("name", ["mine", "a-b-c", "addition-x-train-0-1"])
def test_an_attempt_at_a_problem_of_somebody_else_is_refused_in_one_sentence(name):
    with pytest.raises(UserError, match=f"'{name}' is the id of no problem of ours; give attempts at what"):
        accuracies([{**ATTEMPTS[0], "id": name}])


def test_pages_show_every_family_with_its_levels_and_the_accuracies(tmp_path):
    pages = write_gallery(tmp_path, ATTEMPTS)
    texts = {path.name: path.read_text() for path in pages}
    for family in families().values():
        assert f"\n## {family.name}\n\n{family.summary}\n" in texts[f"{family.field}.md"]
        assert f"[`{family.name}`]({family.field}.md#{family.name})" in texts["README.md"]
    assert "| answers right | 100% of 3 | 25% of 4 | – | – | – |" in texts["arithmetic.md"]
    assert "answers right" not in texts["logic.md"]


def test_measures_of_levels_are_those_of_what_is_drawn():
    measures = level_measures(families()["addition"], draws=200)
    assert [each.level for each in measures] == list(LEVELS)
    assert [len(str(each.largest_number)) for each in measures] == [1, 2, 3, 4, 5]
    assert [each.solution_lines for each in measures] == [1] * 5
    lengths = [each.solution_characters for each in measures]
    assert lengths == sorted(set(lengths))


def test_the_list_shows_all_and_names_choose(capsys):
    assert datagen("families") == 0
    assert len(capsys.readouterr().out.splitlines()) == len(families())
    assert datagen("families", "addition", "logic") == 0
    told = capsys.readouterr().out
    assert "addition (arithmetic, version" in told
    assert "rows a second" in told
    assert "knights_and_knaves (logic" in told
    assert datagen("families", "addition", "--json") == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert {"name", "field", "levels", "example", "items_per_s", "distinct_items", "measures"} <= set(entry)
    assert datagen("families", "additon") == 2
    assert "unknown family 'additon'; did you mean 'addition'?" in capsys.readouterr().err


def test_levels_are_shown_with_accuracies(tmp_path, capsys):
    write_rows(tmp_path / "attempts.jsonl", ATTEMPTS)
    assert datagen("families", "addition", "--levels", "--attempts", tmp_path / "attempts.jsonl") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[1].endswith("100.0% of 3")
    assert lines[2].endswith("25.0% of 4")


def test_a_gallery_is_written_where_it_is_asked_for(tmp_path, capsys):
    assert datagen("families", "--gallery", tmp_path / "pages") == 0
    fields = {family.field for family in families().values()}
    assert {path.stem for path in (tmp_path / "pages").iterdir()} == {"README", *fields}
    assert f"{len(fields) + 1} pages" in capsys.readouterr().err


def test_the_pages_in_docs_are_what_the_families_are_now(tmp_path):
    pages = Path(__file__).resolve().parents[2] / "docs" / "families"
    write_gallery(tmp_path)
    assert {path.name for path in pages.iterdir()} == {path.name for path in tmp_path.iterdir()}
    stale = [path.name for path in tmp_path.iterdir() if path.read_text() != (pages / path.name).read_text()]
    assert stale == [], "write them again: datagen families --gallery docs/families"
