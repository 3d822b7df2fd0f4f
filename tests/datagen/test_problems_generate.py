"""Rows of problems: the same whatever is made beside them, never twice, never in two splits."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.problems import LEVELS, SPLITS, draw, families, fingerprint, generate, split_of
from datagen.problems.streams import Stream, item_name
from schemas import UserError, write_rows

NAMES = list(families())
ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
from datagen.problems import families, generate
from schemas import write_rows
write_rows(sys.argv[1], generate(families(), [1, 2, 3, 4, 5], 400, seed=3, split="valid"))
assert "sympy" not in sys.modules, "constructions must not load sympy"
"""


def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path):
    digests = set()
    for hash_seed in ("0", "1", "random"):
        out = tmp_path / f"{hash_seed}.jsonl"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", SCRIPT, str(out)], check=True, env=environment)
        digests.add(hashlib.sha256(out.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_a_row_does_not_depend_on_what_is_made_beside_it():
    mixed = list(generate(NAMES, LEVELS, 4 * len(NAMES) * len(LEVELS), seed=1))
    for name in NAMES:
        alone = list(generate([name], [4, 2], 8, seed=1))
        assert {row["id"]: row for row in alone}.items() <= {row["id"]: row for row in mixed}.items()


def test_drawing_one_row_gives_the_row_of_the_stream():
    rows = list(generate(["chain_sum"], [3], 20, seed=9))
    assert [draw("chain_sum", 3, "train", 9, index) for index in range(20)] == rows


def test_families_and_levels_take_turns():
    rows = list(generate(["addition", "division"], [2, 3], 8))
    assert [(row["family"], row["level"]) for row in rows] == 2 * [
        ("addition", 2),
        ("addition", 3),
        ("division", 2),
        ("division", 3),
    ]


def test_a_row_has_the_columns_of_a_problem():
    row = draw("addition", 2, "train", 7, 123)
    assert row["id"] == "addition-2-train-7-000123"
    assert list(row) == [
        "id",
        "family",
        "field",
        "level",
        "split",
        "prompt",
        "question",
        "answer",
        "spec",
        "solution",
        "given",
        "fingerprint",
        "meta",
    ]
    assert {"seed", "index", "version", "attempt"} <= set(row["meta"])


@pytest.mark.parametrize("name", NAMES)
def test_splits_share_no_problem(name):
    marks: dict[str, set[str]] = {split: set() for split in SPLITS}
    for split in SPLITS:
        for level in LEVELS:
            stream = Stream(families()[name], level, split, seed=2)
            for index in range(12):
                stream.seen.clear()
                row = stream.row(index)
                assert split_of(row["fingerprint"]) == split
                marks[split].add(row["fingerprint"])
    assert not marks["train"] & marks["test"]
    assert not marks["train"] & marks["valid"]
    assert not marks["valid"] & marks["test"]


def test_eight_in_ten_problems_are_for_training():
    splits = [split_of(f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}") for number in range(1, 20001)]
    assert abs(splits.count("train") - 16000) < 4 * 57  # four standard deviations of a binomial
    assert abs(splits.count("test") - 2000) < 4 * 43


def test_neighbouring_seeds_share_almost_nothing():
    one, other = ({row["fingerprint"] for row in generate(["chain_sum"], [4], 300, seed=s)} for s in (42, 43))
    assert not one & other


def test_item_names_differ_in_every_part_of_the_name():
    addition, division = families()["addition"], families()["division"]
    base = (addition, 1, "train", 0, 0, 0)
    others = [
        (division, *base[1:]),
        *((*base[:at], new, *base[at + 1 :]) for at, new in enumerate(("", 2, "test", 1, 1, 1)) if at),
    ]
    assert len({item_name(*arguments) for arguments in [base, *others]}) == 7


def test_no_problem_twice_within_a_call_whatever_its_wording():
    rows = list(generate(["multiplication"], [1], 40, seed=0))
    assert len({row["fingerprint"] for row in rows}) == 40


def test_an_exhausted_split_says_how_many_items_there_are():
    found = 0
    for split in SPLITS:
        stream = Stream(families()["addition"], 1, split, seed=0)
        with pytest.raises(UserError, match="ask for a smaller count") as error:
            list(map(stream.row, range(1000)))
        assert f"in the {split} split after {len(stream.seen)} distinct items" in str(error.value)
        found += len(stream.seen)
    assert found == 55  # unordered pairs of the digits 0 to 9


@pytest.mark.parametrize("name", NAMES)
def test_every_family_makes_a_thousand_problems_over_all_levels(name):
    rows = generate([name], LEVELS, 1000)
    assert len({row["fingerprint"] for row in rows}) == 1000
    assert all(level < 3 for level in (stream.level for stream in rows.dry))


def test_a_stream_that_runs_dry_is_left_out_and_the_others_go_on_as_they_were():
    alone = list(generate(["linear_equation"], [2], 150))
    rows = generate(["addition", "linear_equation"], [1, 2], 400)
    made = list(rows)
    assert [(stream.family.name, stream.level, len(stream.seen)) for stream in rows.dry] == [
        ("addition", 1, 46)
    ]
    assert len(made) == len({row["id"] for row in made}) == 400
    assert [row for row in made if row["id"].startswith("linear_equation-2-")] == alone[:118]
    assert made == list(generate(["addition", "linear_equation"], [1, 2], 400))
    assert made[:99] == list(generate(["addition", "linear_equation"], [1, 2], 99))


def test_when_all_are_dry_it_is_said_how_many_there_are_and_what_to_do():
    rows = generate(["addition", "subtraction"], [1], 100)
    made = []
    with pytest.raises(UserError) as error:
        made.extend(rows)
    assert len(made) == 89
    assert str(error.value) == (
        "there are only 89 of the 100 problems wanted (addition, subtraction at level 1, train);"
        " ask for a count of 89, or add levels or families"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((["additon"], [1], 1), "unknown family 'additon'; did you mean 'addition'?"),
        ((["addition"], [6], 1), "addition has no level 6; its levels are 1 to 5"),
        ((["addition"], [1], 0), "cannot make 0 problems; ask for a count of 1 or more"),
        (([], [1], 1), "no family or no level is chosen; name at least one of each"),
        ((["addition"], [1], 1, 0, "trian"), "unknown split 'trian'; did you mean 'train'?"),
    ],
)
def test_bad_arguments_are_one_sentence_before_the_first_row(arguments, sentence):
    with pytest.raises(UserError) as error:
        generate(*arguments)
    assert str(error.value) == sentence


def test_rows_survive_a_file(tmp_path):
    from schemas import read_rows

    rows = list(generate(NAMES, [1, 5], 2 * len(NAMES)))
    write_rows(tmp_path / "problems.jsonl", rows)
    assert list(read_rows(tmp_path / "problems.jsonl")) == rows


def test_the_fingerprint_knows_nothing_of_the_wording():
    import random

    addition = families()["addition"]
    marks = {fingerprint(addition(random.Random(seed), 1)) for seed in range(2000)}
    assert len(marks) == 55
