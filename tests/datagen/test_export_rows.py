"""What `datagen export` makes of each kind of row, and which rows are held out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_rows import attempt, chat, clean_pairs, keep_account, pair, problems, words

from datagen.audit.source import read_source
from datagen.cli import program
from datagen.export.columns import COLUMNS
from datagen.export.convert import CONVERSIONS, SCHEMAS, Known, convert
from datagen.export.groups import group_names, held_out
from datagen.given_problems import problems_of
from datagen.runs.journal import Journal
from schemas import Row, read_rows, write_rows
from schemas.check import check_file
from schemas.command import run_app
from schemas.run import content_hash


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def rows_of(folder: Path, name: str) -> list[Row]:
    """The rows of a kind, those held out too."""
    return [row for path in sorted(folder.glob(f"{name}*.*")) for row in read_rows(path)]


def converted(tmp_path: Path, kind: Any, rows: list[Row], known: list[Row] | None = None) -> list[Row]:
    """The rows made of others, without their `meta`."""
    write_rows(path := tmp_path / "rows.jsonl", rows)
    found = convert(kind, [read_source(path)], Known({row["id"]: row for row in known or []}))
    return [{name: value for name, value in draft.row.items() if name != "meta"} for draft in found.drafts]


def user(text: str) -> list[Row]:
    return [{"role": "user", "content": text}]


def said(text: str) -> list[Row]:
    return [{"role": "assistant", "content": text}]


# One table of conversions


def test_a_pair_becomes_each_kind(tmp_path: Path) -> None:
    rows = [pair("Why?", "Because.", "No.")]
    assert converted(tmp_path, "sft", rows) == [{"messages": [*user("Why?"), *said("Because.")]}]
    assert converted(tmp_path, "dpo", rows) == [
        {"prompt": user("Why?"), "chosen": said("Because."), "rejected": said("No.")}
    ]
    assert converted(tmp_path, "kto", rows) == [
        {"prompt": user("Why?"), "completion": said("Because."), "label": True},
        {"prompt": user("Why?"), "completion": said("No."), "label": False},
    ]


def tries(problem: Row, *tried: tuple[str, float | None]) -> list[Row]:
    return [attempt(problem, sample, text, reward) for sample, (text, reward) in enumerate(tried)]


def test_attempts_become_each_kind(tmp_path: Path) -> None:
    mixed, easy, hard = problems(3)
    rows = [
        *tries(mixed, ("It is 7, I think.", 1.0), ("It is 8, I think.", 0.0), ("No!", 0.0), ("?", None)),
        *tries(easy, ("2", 1.0), ("2", 1.0)),
        *tries(hard, ("3", 0.0), ("", 0.0)),
    ]
    rows.append(attempt(mixed, 4, "It is 8, I thi", 0.0, finish_reason="length"))
    known = [mixed, easy, hard]
    right = "It is 7, I think."
    assert converted(tmp_path, "sft", rows) == [
        {"messages": [*mixed["prompt"], *said(right)]},
        {"messages": [*easy["prompt"], *said("2")]},
    ]
    assert converted(tmp_path, "dpo", rows) == [
        {"prompt": mixed["prompt"], "chosen": said(right), "rejected": said("It is 8, I think.")}
    ]
    labels = [(row["completion"][0]["content"], row["label"]) for row in converted(tmp_path, "kto", rows)]
    assert labels == [(right, True), ("It is 8, I think.", False), ("No!", False), ("2", True), ("3", False)]
    assert [row["id"] for row in converted(tmp_path, "grpo", rows, known)] == [mixed["id"]]


def test_problems_to_practise_say_how_often_they_were_solved(tmp_path: Path) -> None:
    mixed, untried, easy = problems(3)
    write_rows(tmp_path / "problems.jsonl", [mixed, untried, easy])
    rows = tries(mixed, ("7", 1.0), ("8", 0.0), ("9", 0.0), ("?", None)) + tries(easy, ("2", 1.0))
    write_rows(tmp_path / "attempts.jsonl", rows)
    runs = [tmp_path / "problems.jsonl", tmp_path / "attempts.jsonl"]
    assert datagen("export", *runs, "--kind", "grpo", "--out", tmp_path / "data") == 0
    found = {row["id"]: row["meta"] for row in rows_of(tmp_path / "data", "grpo")}
    assert found.keys() == {mixed["id"], untried["id"]}
    assert (found[mixed["id"]]["pass_rate"], found[mixed["id"]]["samples"]) == (1 / 3, 3)
    assert found[untried["id"]]["pass_rate"] is None
    assert "solved every time: 1" in (tmp_path / "data" / "README.md").read_text()


def test_the_problems_of_attempts_are_found_by_what_their_run_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = problems(1)[0]
    write_rows(tmp_path / "tried.jsonl", [mixed])
    write_rows(path := tmp_path / "attempts.jsonl", tries(mixed, ("7", 1.0), ("8", 0.0)))
    order = ["export", path, "--kind", "grpo", "--out", tmp_path / "data"]
    assert datagen(*order) == 2
    assert "give --problems, the file they were tried from" in capsys.readouterr().err
    known = {"path": "gone/tried.jsonl", "hash": content_hash(tmp_path / "tried.jsonl")}
    keep_account(path, inputs=[known], engines={}, stages=[])
    assert datagen(*order) == 0
    write_rows(tmp_path / "tried.jsonl", [mixed | {"answer": "changed"}])
    assert datagen(*order) == 2
    assert datagen(*order, "--problems", tmp_path / "tried.jsonl") == 0


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_every_conversion_gives_valid_rows_that_check_and_others_know(tmp_path: Path, kind: str) -> None:
    from schemas.check import kind_of, schema

    for name in CONVERSIONS[kind]:  # type: ignore[index]
        row = schema(name)["examples"][0]
        rows = (
            [row, {**row, "sample": 1, "reward": 0.0, "completion": said("4")}]
            if name == "attempt"
            else [row]
        )
        write_rows(path := tmp_path / f"{name}.jsonl", rows)
        write_rows(tmp_path / "known.jsonl", schema("problem")["examples"])
        out = tmp_path / f"from-{name}"
        order = ["export", path, "--kind", kind, "--out", out, "--audit", "off"]
        for ending in ("jsonl", "parquet"):
            assert datagen(*order, "--to", ending, "--problems", tmp_path / "known.jsonl") == 0
            checking = check_file(out / f"{kind}.{ending}")
            assert [str(fault) for fault in checking] == []
            assert (checking.kind, checking.rows > 0) == (SCHEMAS[kind], True)
        (first, *_) = read_rows(out / f"{kind}.parquet")
        assert kind_of(first) == SCHEMAS[kind]


def test_both_ways_of_writing_hold_the_same_rows(tmp_path: Path) -> None:
    from schemas.rows import nulls_dropped

    write_rows(path := tmp_path / "problems.jsonl", problems(6))
    for ending in ("jsonl", "parquet"):
        assert datagen("export", path, "--kind", "sft,grpo", "--to", ending, "--out", tmp_path / ending) == 0
    for kind in ("sft", "grpo"):
        plain = [nulls_dropped(row) for row in rows_of(tmp_path / "jsonl", kind)]
        assert plain == rows_of(tmp_path / "parquet", kind)


def test_every_row_of_a_kind_has_the_same_columns_whatever_its_meta(tmp_path: Path) -> None:
    rows = [chat("One?", "1"), {**chat("Two?", "2"), "meta": {"seed": "x", "item": 3}}, chat("Three?", "3")]
    rows[2]["meta"] = {"seed": 4, "deep": {"a": [1, None]}}
    write_rows(path := tmp_path / "rows.jsonl", rows)
    assert datagen("export", path, "--kind", "sft", "--out", tmp_path / "data", "--held-out", 0) == 0
    found = rows_of(tmp_path / "data", "sft")
    assert {tuple(row) for row in found} == {tuple(COLUMNS["sft"])}
    assert {tuple(row["meta"]) for row in found} == {tuple(COLUMNS["sft"]["meta"])}
    assert {type(value) for row in found for value in row["meta"].values()} == {str}
    assert [orjson.loads(row["meta"]["more"]) for row in found] == [row["meta"] for row in rows]


def test_what_teaches_nothing_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [pair("Why?", "A.", "B."), pair("Why?", "A.", "B."), pair("How?", "Same.", "Same.")]
    write_rows(path := tmp_path / "pairs.jsonl", rows)
    order = ["export", path, "--kind", "dpo", "--out", tmp_path / "data", "--held-out", 0]
    assert datagen(*order) == 1
    assert datagen(*order, "--audit", "warn") == 0
    assert len(rows_of(tmp_path / "data", "dpo")) == 1
    card = (tmp_path / "data" / "README.md").read_text()
    assert "said twice: 1" in card
    assert "both answers the same: 1" in card


@pytest.mark.parametrize(
    ("rows", "kind", "expected"),
    [
        ([chat("a", "b")], "dpo", "instruction rows cannot become dpo; they can become sft"),
        ([{"text": "Once."}], "sft,dpo", "corpus rows cannot become sft or dpo; they can become corpus"),
        ([chat("a", "b")], "sft,dpo", "--kind: there are instruction rows, and none of them can become dpo"),
        ([chat("a", "b")], "sfd", "--kind: unknown choice 'sfd'"),
    ],
)
def test_what_cannot_be_made_is_one_sentence_that_says_what_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[Row], kind: str, expected: str
) -> None:
    write_rows(path := tmp_path / "rows.jsonl", rows)
    assert datagen("export", path, "--kind", kind, "--out", tmp_path / "data") == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


# Groups, and what is held out


def mixed_sources(tmp_path: Path) -> list[Path]:
    """Pairs, conversations and attempts that share prompts, near duplicates among them."""
    draw = random.Random(5)
    pairs = clean_pairs(60)
    lessons = [chat(row["prompt"][0]["content"], words(draw, 9)) for row in pairs[::2]]
    lessons += [chat(f"{row['prompt'][0]['content']}!", words(draw, 9)) for row in pairs[1::2]]
    known = problems(30)
    tried = [row for one in known for row in tries(one, (words(draw, 5), 1.0), (words(draw, 5), 0.0))]
    paths = [tmp_path / f"{name}.jsonl" for name in ("pairs", "lessons", "attempts")]
    for path, rows in zip(paths, (pairs, lessons, tried), strict=True):
        write_rows(path, rows)
    return paths


def test_no_prompt_is_both_trained_on_and_held_out_in_any_file(tmp_path: Path) -> None:
    from datagen.filters.filter import question_of
    from datagen.filters.plain import plain_text

    out = tmp_path / "data"
    assert (
        datagen("export", *mixed_sources(tmp_path), "--kind", "sft,dpo,kto", "--held-out", 0.2, "--out", out)
        == 0
    )
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    groups: dict[bool, set[str]] = {True: set(), False: set()}
    for path in out.glob("*.jsonl"):
        held = path.stem.endswith("-test")
        for row in read_rows(path):
            sides[held].add(plain_text(question_of(row)))
            groups[held].add(row["meta"]["group"])
    assert not sides[True] & sides[False]
    assert not groups[True] & groups[False]
    assert 0.1 < len(sides[True]) / 90 < 0.3


def test_near_duplicates_and_rows_of_one_document_are_one_group() -> None:
    long = "Tell me in a few plain words how a small model of language learns from many examples, and why it"
    rows = [chat(f"{long} forgets", "a"), chat(f"{long} stops", "b"), chat("Another thing entirely?", "c")]
    first, second, third = group_names(rows)
    assert first == second != third
    told = [chat("What is said on page 1?", "a"), chat("Who is meant by it?", "b")]
    assert len(set(group_names(told))) == 2
    for row in told:
        row["meta"] = {"document": "book.pdf"}
    assert len(set(group_names(told))) == 1


def test_questions_about_other_numbers_are_not_one_group() -> None:
    rows = [
        chat(f"What do you get when you add the number {n} to the number {2 * n}?", "x") for n in range(20)
    ]
    assert len(set(group_names(rows))) == 20


def test_the_order_of_the_rows_does_not_move_them() -> None:
    rows = [chat(words(random.Random(number), 5), "x") for number in range(100)]
    names = group_names(rows)
    assert group_names(rows[::-1]) == names[::-1]
    assert held_out(names, 0.2, {}) == held_out(names[::-1], 0.2, {})


@given(st.sets(st.text("abc", min_size=1), min_size=1, max_size=40), st.floats(0, 0.99))
def test_something_is_held_out_and_something_is_left(names: set[str], share: float) -> None:
    found = held_out(sorted(names), share, {})
    assert found < names
    assert bool(found) == (share > 0 and len(names) > 1)


@given(st.sets(st.integers(0, 10**6), min_size=60, max_size=60), st.floats(0.1, 0.9))
def test_more_rows_later_move_none_of_the_others(numbers: set[int], share: float) -> None:
    names = [f"group {number}" for number in sorted(numbers)]
    few, many = held_out(names[:30], share, {}), held_out(names, share, {})
    if 1 < len(few) < 29:  # else one was taken, or left, so that there is one
        assert few == many & set(names[:30])


def test_problems_keep_their_split(tmp_path: Path) -> None:
    rows = problems(20) + problems(5, "test")
    write_rows(path := tmp_path / "problems.jsonl", rows)
    assert datagen("export", path, "--kind", "sft,grpo", "--out", tmp_path / "data", "--held-out", 0.5) == 0
    for kind in ("sft", "grpo"):
        assert len(list(read_rows(tmp_path / "data" / f"{kind}.jsonl"))) == 20
        assert len(list(read_rows(tmp_path / "data" / f"{kind}-test.jsonl"))) == 5


def test_attempts_at_problems_held_out_are_held_out(tmp_path: Path) -> None:
    known = problems(3) + problems(2, "test")
    write_rows(tmp_path / "problems.jsonl", known)
    rows = [row for one in known for row in tries(one, ("7", 1.0), ("8", 0.0))]
    write_rows(path := tmp_path / "attempts.jsonl", rows)
    order = ["--kind", "sft,dpo,grpo", "--problems", tmp_path / "problems.jsonl"]
    assert datagen("export", path, *order, "--out", tmp_path / "data") == 0
    for kind in ("sft", "dpo", "grpo"):
        assert len(list(read_rows(tmp_path / "data" / f"{kind}-test.jsonl"))) == 2


def gsm8k(folder: Path) -> tuple[Path, list[Row]]:
    """Problems in GSM8K's form and attempts at them (2, 1 and 4 of 4 right), as their run left them."""
    source, out = folder / "gsm8k.jsonl", folder / "attempts.jsonl"
    write_rows(
        source, [{"question": f"What is {n} + 1?", "answer": f"Add.\n#### {n + 1}"} for n in (4, 5, 6)]
    )
    attempts = []
    for problem, right in zip(problems_of(source).rows, (2, 1, 4), strict=True):
        for sample in range(4):
            good = sample < right
            said = f"Step {'so ' * sample}{problem['answer'] if good else 0}"
            attempts.append(
                {
                    "id": problem["id"],
                    "prompt": problem["prompt"],
                    "completion": [{"role": "assistant", "content": said}],
                    "answer": problem["answer"],
                    "spec": problem["spec"],
                    "sample": sample,
                    "verdict": {"status": "correct" if good else "incorrect", "method": "m", "reason": "r"},
                    "reward": 1.0 if good else 0.0,
                    "meta": {"finish_reason": "stop"},
                }
            )
    write_rows(out, attempts)
    with Journal(folder / "attempts.journal") as journal:
        inputs = [{"path": str(source), "hash": content_hash(source)}]
        account = {"command": "attempts", "settings": {}, "inputs": inputs, "engines": {}, "stages": []}
        journal.set_meta("account", {**account, "rows": 12, "answers": 12, "tokens": 60, "out": out.name})
    return out, attempts


def test_problems_in_the_form_they_were_given_in_are_found_for_grpo(tmp_path: Path) -> None:
    out, _ = gsm8k(tmp_path)
    assert datagen("export", out, "--kind", "grpo", "--held-out", 0, "--out", tmp_path / "data") == 0
    rows = list(read_rows(tmp_path / "data" / "grpo.jsonl"))
    assert [(row["answer"], row["meta"]["pass_rate"]) for row in rows] == [("5", 0.5), ("6", 0.25)]
    assert not list(check_file(tmp_path / "data" / "grpo.jsonl"))


def test_how_hard_problems_are_and_how_many_answers_of_each_can_be_chosen(tmp_path: Path) -> None:
    out, _ = gsm8k(tmp_path)
    options = ["--above", 0.3, "--most", 1, "--pick", "shortest", "--held-out", 0, "--audit", "off"]
    assert datagen("export", out, "--kind", "grpo,sft", *options, "--out", tmp_path / "data") == 0
    assert [row["answer"] for row in read_rows(tmp_path / "data" / "grpo.jsonl")] == ["5"]
    said = [row["messages"][-1]["content"] for row in read_rows(tmp_path / "data" / "sft.jsonl")]
    assert said == ["Step 5", "Step 6", "Step 7"]
    assert "solved too rarely: 1" in (tmp_path / "data" / "README.md").read_text()


def test_a_folder_that_holds_the_problems_of_a_run_is_not_replaced(tmp_path: Path) -> None:
    out, _ = gsm8k(tmp_path)
    (tmp_path / "data").mkdir()
    held = tmp_path / "data" / "problems.jsonl"
    held.write_bytes((tmp_path / "gsm8k.jsonl").read_bytes())
    options = ["--problems", held, "--kind", "sft", "--audit", "off", "--overwrite"]
    assert datagen("export", out, *options, "--out", tmp_path / "data") == 2
    assert held.read_bytes() == (tmp_path / "gsm8k.jsonl").read_bytes()


def test_the_beginning_of_a_longer_conversation_is_on_the_same_side() -> None:
    short = chat("Why is the sky blue on a clear day?", "Air scatters blue light.")
    long = {"messages": [*short["messages"], *chat("And at dusk?", "Red is left.")["messages"]], "meta": {}}
    other = chat("How deep is the deepest lake of all?", "About a mile.")
    first, second, third = group_names([short, long, other])
    assert first == second != third


def test_an_export_of_exported_rows_keeps_documents_together(tmp_path: Path) -> None:
    rows = [
        {
            **chat(f"What does part {n} of the report say about {n * 7}?", f"It says {n}."),
            "meta": {"document": f"doc-{n // 8}", "recipe": "documents"},
        }
        for n in range(32)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    first, second = tmp_path / "first", tmp_path / "second"
    options = ["--kind", "sft", "--held-out", 0.3, "--audit", "off"]
    assert datagen("export", tmp_path / "rows.jsonl", *options, "--out", first) == 0
    both = [row for name in ("sft", "sft-test") for row in read_rows(first / f"{name}.jsonl")]
    write_rows(tmp_path / "again.jsonl", both)
    assert datagen("export", tmp_path / "again.jsonl", *options, "--out", second) == 0
    sides = [
        {orjson.loads(row["meta"]["more"])["document"] for row in read_rows(second / f"{name}.jsonl")}
        for name in ("sft", "sft-test")
    ]
    assert sides[1]
    assert not sides[0] & sides[1]


def test_answers_of_nothing_and_answers_both_good_and_bad_are_left_out(tmp_path: Path) -> None:
    good, middling, bad = (said(text) for text in ("Good.", "Middling.", "Bad."))
    pairs = [
        {"prompt": user("How is it?"), "chosen": good, "rejected": middling},
        {"prompt": user("How is it?"), "chosen": middling, "rejected": bad},
    ]
    found = converted(tmp_path, "kto", pairs)
    assert [(row["completion"], row["label"]) for row in found] == [(good, True), (bad, False)]
    blank = chat("Why?", "  ")
    (kept,) = converted(tmp_path, "sft", [blank, chat("Why not?", "So.")])
    assert kept["messages"][-1]["content"] == "So."
