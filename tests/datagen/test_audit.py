"""`datagen audit`: each planted fault is found and breaks its own limit, and clean rows break none."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rows import HASHES, attempt, chat, clean_pairs, keep_account, pair, problems, words

from datagen.audit.audit import audit
from datagen.audit.figure import Figure, length_auc, percentiles, wilson
from datagen.audit.limits import Limits, breaches
from datagen.audit.source import Source
from datagen.cli import program
from datagen.engines import embedded_model
from schemas import Row, write_rows
from schemas.command import run_app


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def source(rows: list[Row], kind: str, account: dict[str, Any] | None = None) -> Source:
    return Source(Path(f"{kind}.jsonl"), kind, rows, list(range(1, len(rows) + 1)), account)


def broken(rows: list[Row], kind: str = "preference", **limits: float) -> list[str]:
    """The figures beyond their limits."""
    return [breach.figure.name for breach in audit(source(rows, kind), Limits(**limits)).breaches]


def figure(rows: list[Row], name: str, kind: str = "preference", **account: Any) -> Figure:
    return {one.name: one for one in audit(source(rows, kind, **account)).figures}[name]


# Each fault, planted into clean rows


def identical(rows: list[Row]) -> None:
    said = rows[3]["chosen"][0]["content"]
    rows[3]["rejected"] = [{"role": "assistant", "content": f"{said.upper()}."}]


def contradicted_by_a_pair(rows: list[Row]) -> None:
    rows.append({**rows[5], "chosen": rows[5]["rejected"], "rejected": rows[5]["chosen"], "meta": {}})


def contradicted_by_its_scores(rows: list[Row]) -> None:
    rows[7]["meta"]["scores"].reverse()


def contradicted_by_a_verifier(rows: list[Row]) -> None:
    rows[7]["meta"]["rewards"] = [0.0, 1.0]


def judged_by_a_writer(rows: list[Row]) -> None:
    rows[2]["meta"]["judge_hash"] = HASHES["right"]


def longer_is_better(rows: list[Row]) -> None:
    for row in rows:
        row["chosen"][0]["content"] += " " + words(random.Random(repr(row)), 16)


def shorter_is_better(rows: list[Row]) -> None:
    for row in rows:
        row["rejected"][0]["content"] += " " + words(random.Random(repr(row)), 16)


def first_is_better(rows: list[Row]) -> None:
    for row in rows:
        row["meta"]["orders"] = [[9.0, 2.0], [6.0, 5.9]]


def one_beginning(rows: list[Row]) -> None:
    for row in rows[::4] + rows[1::4] + rows[2::4]:
        row["chosen"][0]["content"] = "Sure, here is a " + row["chosen"][0]["content"]


def one_end(rows: list[Row]) -> None:
    for row in rows[::4] + rows[1::4] + rows[2::4]:
        row["chosen"][0]["content"] += " Let me know if you need more."


def one_template(rows: list[Row]) -> None:
    for number, row in enumerate(rows):
        for side in ("chosen", "rejected"):
            said = row[side][0]["content"].split()
            cut = number % 5 + 1
            said[cut:cut] = ["as", "a", "large", "language", "model", "I", "cannot", "have"]
            row[side][0]["content"] = " ".join(said)


def rows_again(rows: list[Row]) -> None:
    rows += rows[:20]


FAULTS: dict[Callable[[list[Row]], None], str] = {
    identical: "identical",
    contradicted_by_a_pair: "swapped",
    contradicted_by_its_scores: "swapped",
    contradicted_by_a_verifier: "swapped",
    judged_by_a_writer: "self_judged",
    longer_is_better: "length_auc",
    shorter_is_better: "length_auc",
    first_is_better: "position_bias",
    one_beginning: "same_start",
    one_end: "same_end",
    one_template: "repeated",
    rows_again: "duplicate_rows",
}


def test_clean_pairs_break_no_limit() -> None:
    assert broken(clean_pairs(200)) == []


@pytest.mark.parametrize("plant", FAULTS)
def test_a_planted_fault_breaks_its_own_limit_and_no_other(plant: Callable[[list[Row]], None]) -> None:
    rows = clean_pairs(200)
    plant(rows)
    assert broken(rows) == [FAULTS[plant]]


@pytest.mark.parametrize("plant", FAULTS)
def test_a_higher_limit_lets_it_pass(plant: Callable[[list[Row]], None]) -> None:
    rows = clean_pairs(200)
    plant(rows)
    assert broken(rows, **{f"most_{FAULTS[plant]}": 1.0}) == []


def test_the_place_of_a_fault_is_named() -> None:
    rows = clean_pairs(30)
    contradicted_by_a_pair(rows)
    assert figure(rows, "swapped").examples == (
        "preference.jsonl:6, which contradicts line 31",
        "preference.jsonl:31, which contradicts line 6",
    )


def test_what_few_rows_show_may_be_chance() -> None:
    rows = clean_pairs(4)
    longer_is_better(rows)
    assert figure(rows, "longer_chosen").value == 1.0
    assert broken(rows) == []


@pytest.mark.parametrize(
    ("rejected", "expected"),
    [
        ({"flip": 12, "tie": 8}, []),
        ({"flip": 70, "tie": 8}, ["flips"]),
        ({"flip": 12, "tie": 150}, ["ties"]),
        ({"unfinished": 500}, []),
    ],
)
def test_flips_and_ties_are_those_of_the_run(rejected: dict[str, int], expected: list[str]) -> None:
    stages = [
        {"recipe": "answers", "items": 900, "accepted": 900, "rows": 900, "rejected": {}},
        {"recipe": "pairs", "items": 100, "accepted": 60, "rows": 60, "rejected": rejected},
    ]
    account = {"engines": {"judge": {}, "left": {}}, "stages": stages}
    found = audit(source(clean_pairs(60), "preference", account))
    assert [breach.figure.name for breach in found.breaches] == expected
    by_name = {one.name: one for one in found.figures}
    judged = 60 + rejected.get("flip", 0) + rejected.get("tie", 0)
    assert by_name["flips"].value == rejected.get("flip", 0) / judged
    assert by_name["ties"].of == judged


def test_without_a_judge_there_are_no_flips() -> None:
    account = {"engines": {"generator": {}}, "stages": []}
    assert "flips" not in {one.name for one in audit(source(clean_pairs(9), "preference", account)).figures}


# Other kinds


def test_duplicate_prompts_and_rows_of_conversations_are_counted() -> None:
    rows = [chat(f"What is {number % 10}?", f"It is {number}.") for number in range(100)]
    assert figure(rows, "duplicate_prompts", "instruction").value == 0.9
    assert figure(rows, "duplicate_rows", "instruction").value == 0.0
    assert broken([*rows, *rows[:50]], "instruction") == ["duplicate_rows"]


def test_attempts_of_one_text_are_no_duplicates() -> None:
    problem = problems(1)[0]
    rows = [attempt(problem, sample, "It is so.", 0.0) for sample in range(50)]
    assert broken(rows, "attempt") == []
    assert figure(rows, "duplicate_rows", "attempt").value == 0.0


def test_questions_that_hardly_differ_break_the_least_variety_allowed() -> None:
    draw = random.Random(3)
    rows = [chat(f"Tell me about the number {number}.", words(draw, 20)) for number in range(100)]
    assert broken(rows, "instruction") == []
    assert broken(rows, "instruction", least_distinct=0.9) == ["distinct"]


def test_distinct_pairs_of_words_are_counted_as_by_hand() -> None:
    rows = [chat("one two three", "a"), chat("one two four", "b")]
    found = figure(rows, "distinct", "instruction")
    assert (found.value, found.of) == (3 / 4, 4)  # one two, two three, two four


def test_labels_that_are_nearly_all_alike_break_the_limit() -> None:
    def row(number: int, label: bool) -> Row:
        turns = pair(f"Question {number}?", f"Answer {number}.", "-")
        return {"prompt": turns["prompt"], "completion": turns["chosen"], "label": label}

    assert broken([row(number, number % 4 > 0) for number in range(100)], "kto") == []
    assert broken([row(number, number > 0) for number in range(100)], "kto") == ["one_label"]


# Statistics


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=30))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_auc_of_length_is_that_of_a_classifier_shown_each_pair_both_ways(differences: list[int]) -> None:
    positives, negatives = differences, [-difference for difference in differences]
    wins = [(p > n) + (p == n) / 2 for p in positives for n in negatives]
    auc, low, high = length_auc(differences)
    assert auc == pytest.approx(sum(wins) / len(wins))
    assert 0 <= low <= auc + 1e-9 <= high + 2e-9 <= 1 + 3e-9


@pytest.mark.parametrize(("shift", "count"), [(0.0, 40), (0.5, 40), (1.0, 100)])
def test_the_interval_of_the_auc_holds_the_truth_about_as_often_as_it_says(shift: float, count: int) -> None:
    from statistics import NormalDist

    draw = random.Random(1)
    truth = NormalDist().cdf(
        2 * shift / 2**0.5
    )  # of two differences around `shift`, that their sum is over 0
    held = 0
    for _ in range(400):
        _, low, high = length_auc([draw.gauss(shift, 1) for _ in range(count)])
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 1.0


@pytest.mark.parametrize(
    ("count", "of", "expected"),
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_intervals_of_shares_are_those_that_were_published(
    count: int, of: int, expected: tuple[float, float]
) -> None:
    """Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3."""
    assert wilson(count / of, of) == pytest.approx(expected, abs=6e-5)


def test_percentiles_are_values_that_are_there() -> None:
    assert percentiles(range(1, 101)) == (1, 5, 25, 50, 75, 95, 100)
    assert percentiles([7]) == (7,) * 7


def test_a_sentence_names_figure_limit_and_option() -> None:
    one = Figure("same_end", 0.8, "answers that end in 'x'", 100, 0.7, 0.9)
    (breach,) = breaches([one], Limits(), "pairs.jsonl")
    assert breach.sentence == (
        "pairs.jsonl: answers that end in 'x': 80.0% (70.0% to 90.0%), over the most allowed, 50.0%; "
        "mend the rows, or raise --most-same-end"
    )


# The command


def test_the_command_tells_figures_and_fails_with_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = clean_pairs(60)
    write_rows(path := tmp_path / "pairs.jsonl", rows)
    keep_account(path)
    assert datagen("audit", path) == 0
    told = capsys.readouterr().out
    assert "judged pairs whose winner changed with the order" in told
    assert "estimated" in told
    longer_is_better(rows)
    write_rows(path, rows)
    assert datagen("audit", path) == 1
    told = capsys.readouterr().out
    assert "raise --most-length-auc" in told.splitlines()[-1]
    assert datagen("audit", path, "--most-length-auc", 1) == 0


def test_the_journal_of_a_run_stands_for_its_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(path := tmp_path / "pairs.jsonl", clean_pairs(20))
    journal = keep_account(path)
    assert datagen("audit", journal, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["rows"], found["figures"]["flips"]["value"]) == ("preference", 20, 0.12)
    path.unlink()
    assert datagen("audit", journal) == 2
    assert "the rows of this run, pairs.jsonl, are not beside its journal" in capsys.readouterr().err


def test_the_report_is_written_and_never_over_the_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(path := tmp_path / "pairs.jsonl", clean_pairs(20))
    assert datagen("audit", path, "--out", tmp_path / "report.md") == 0
    report = (tmp_path / "report.md").read_text()
    assert report.startswith("# Audit of pairs.jsonl: 20 preference rows\n")
    assert "| pairs whose chosen answer is the longer one |" in report
    before = path.read_bytes()
    assert datagen("audit", path, "--out", path) == 2
    assert path.read_bytes() == before


def test_tokens_are_those_of_the_model_where_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from datagen.engines.llama.vocabulary import LlamaVocabulary

    row = chat("What is 3 + 5?", "3 + 5 = 8")
    write_rows(path := tmp_path / "chat.jsonl", [row])
    assert datagen("audit", path, "--json", "--tokenizer", embedded_model()) == 0
    found = json.loads(capsys.readouterr().out)
    lengths = next(table for table in found["tables"] if "tokens)" in table["title"])
    vocabulary = LlamaVocabulary(embedded_model(), gpu_layers=0)
    text = vocabulary.render(row["messages"], add_generation_prompt=False)
    count = len(vocabulary.tokenize(text))
    vocabulary.close()
    assert lengths["rows"][-1] == ["row, tokens in the model's chat template", *[count] * 7]


def test_a_row_of_no_kind_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "odd.jsonl").write_text('{"colour": "red"}\n')
    assert datagen("audit", tmp_path / "odd.jsonl") == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {tmp_path / 'odd.jsonl'}:1: a row of no known kind")


def test_a_report_never_replaces_what_is_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows("pairs.jsonl", clean_pairs(20))
    before = Path("pairs.jsonl").read_bytes()
    assert datagen("audit", "pairs.jsonl", "--out", tmp_path / "pairs.jsonl") == 2
    assert Path("pairs.jsonl").read_bytes() == before
    Path("pairs.journal").write_bytes(b"")
    assert datagen("audit", "pairs.jsonl", "--out", "pairs.journal") == 2


def test_what_a_terminal_would_obey_is_shown_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = clean_pairs(40)
    for row in rows:
        row["chosen"][0]["content"] += " and \x1b[31mred\x1b[0m it is"
    write_rows(tmp_path / "pairs.jsonl", rows)
    datagen("audit", tmp_path / "pairs.jsonl")
    assert "\x1b" not in capsys.readouterr().out


def test_exported_pairs_are_audited_as_before(tmp_path: Path) -> None:
    rows = clean_pairs(40)
    contradicted_by_its_scores(rows)
    write_rows(tmp_path / "pairs.jsonl", rows)
    options = ["--kind", "dpo", "--audit", "off", "--held-out", 0, "--out", tmp_path / "data"]
    assert datagen("export", tmp_path / "pairs.jsonl", *options) == 0
    told = [datagen("audit", tmp_path / name) for name in ("pairs.jsonl", "data/dpo.jsonl")]
    assert told == [1, 1]
