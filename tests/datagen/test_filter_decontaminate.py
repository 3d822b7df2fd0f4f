"""Decontamination: planted questions are found whatever was done to them, and nothing else is."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.cli import program
from datagen.filters.decontaminate import CONTAMINATED, Contamination, contamination_filter
from datagen.filters.evaluation_sets import Item, answers_in, items_of, question_in
from datagen.filters.ngrams import (
    fingerprints_of,
    load_fingerprints,
    rolling,
    windows,
    words_of,
)
from schemas import UserError
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

NOUNS = ("apples", "boats", "coins", "dogs", "eggs", "flowers", "goats", "hats", "inks", "jars", "kites")
NAMES = ("Ann", "Ben", "Cleo", "Dov", "Eve", "Finn", "Gia", "Hugo", "Iris", "Jan", "Kim", "Leo", "Mia", "Ned")
VERBS = ("buys", "sells", "finds", "loses", "paints", "borrows", "counts", "hides", "lends", "mends", "packs")


def question(rng: random.Random) -> str:
    """A made-up word problem of 25 to 40 words."""
    parts = [
        f"{rng.choice(NAMES)} {rng.choice(VERBS)} {rng.randrange(2, 99)} {rng.choice(NOUNS)}"
        f" and {rng.choice(VERBS)} {rng.randrange(2, 99)} {rng.choice(NOUNS)}"
        for _ in range(rng.randint(2, 3))
    ]
    asked = f"How many {rng.choice(NOUNS)} has {rng.choice(NAMES)} at {rng.randint(1, 12)}:30?"
    return f"{', then '.join(parts)}. {asked}"


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


CHANGES = {
    "verbatim": lambda text: text,
    "other case": str.upper,
    "no punctuation": lambda text: re.sub(r"[^\w\s]", "", text),
    "other punctuation": lambda text: re.sub(r"[.,?]", " -", text),
    "other spaces": lambda text: re.sub(" ", "\n  ", text),
    "embedded": lambda text: f"Here is what I was asked yesterday: {text} I could not say. Can you?",
    "prefix": lambda text: f"Question 12. {text}",
    "suffix": lambda text: f"{text}\nLet us think step by step.",
    "typographic": lambda text: f"“{text}”".replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("n", [13, 8])
def test_200_planted_questions_are_found_among_20000(n):
    rng = random.Random(n)
    tested = [question(rng) for _ in range(1000)]
    looks = Contamination([fingerprints_of("test", map(Item, tested), n)])
    others = [question(rng) for _ in range(19_800)]
    known = {gram for text in tested for gram in grams(text, n)}
    innocent = [text for text in others if not known & grams(text, n)]
    assert len(innocent) > (19_000 if n == 13 else 10_000)
    changes = list(CHANGES.values())
    planted = [changes[place % len(changes)](text) for place, text in enumerate(rng.sample(tested, 200))]
    found = [text for text in planted if looks({"question": text}) == (False, CONTAMINATED)]
    assert found == planted
    assert [text for text in innocent if looks({"question": text}) is not True] == []


def grams(text: str, n: int) -> set[tuple[str, ...]]:
    """Written without what it checks."""
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.integers(1, 12))
@settings(deadline=None)
def test_hashes_are_equal_exactly_where_words_are(words, n):
    hashes = windows(rolling(words), n).tolist()
    expected = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    assert len(hashes) == len(expected)
    assert len(set(hashes)) == len(set(expected))
    assert len(set(zip(hashes, expected, strict=True))) == len(set(expected))
    if hashes:
        assert hashes[-1] == windows(rolling(list(expected[-1])), n).tolist()[0]


def test_the_match_says_the_set_the_item_and_the_words():
    asked = "Ann has three red apples and Ben has four green ones how many have they together?"
    first = fingerprints_of("first", [Item("Nothing like it at all.")], 13)
    second = fingerprints_of("second", [Item("Also nothing."), Item(asked)], 13)
    looks = Contamination([first, second])
    assert looks({"question": f"Well: {asked}"}) == (False, "contaminated")
    words = "ann has three red apples and ben has four green ones how many"
    assert str(looks.match) == f"second item 2, 13-gram '{words}'"
    assert looks({"question": "Who else?"}) is True
    assert looks.match is None
    assert looks.counts == {"second": 1}


@pytest.mark.parametrize(
    ("asked", "row", "found"),
    [
        ("What is 12 + 5?", "what is 12 + 5", True),
        ("What is 12 + 5?", "What is 12 - 5?", False),
        ("What is 12 + 5?", "Tell me, what is 12 + 5, please?", True),
        ("What is 12 + 5?", "What is 12?", False),
        ("Who was Ada?", "who was ada", True),
        ("Who was Ada?", "I wonder who was Ada in that tale.", False),  # under five words: only as a whole
        ("What is 5!?", "What is 5?", False),
        ("Compute 5².", "Compute 52.", False),
        ("日本の首都はどこですか", "質問: 日本の首都はどこですか？", True),
        ("Is a baby-sitter well paid?", "is a babysitter well paid", True),
        ("Is a baby-sitter well paid?", "Is a baby sitter well paid", True),
    ],
)
def test_short_questions_are_matched_whole(asked, row, found):
    looks = Contamination([fingerprints_of("short", [Item(asked)], 13)])
    assert (looks({"question": row}) is not True) == found


def test_answers_are_looked_at_when_asked_for():
    answer = "First he sells twenty of the old boats and then he buys two new ones for it."
    rows = [
        {
            "prompt": [{"role": "user", "content": "Hm?"}],
            "completion": [{"role": "assistant", "content": answer}],
        },
        {"messages": [{"role": "user", "content": "Hm?"}, {"role": "assistant", "content": answer}]},
        {"question": "Hm?", "answer": "3", "solution": answer},
    ]
    for answers in (False, True):
        known = fingerprints_of("set", [Item("A question?", (answer,))], 13, answers=answers)
        looks = Contamination([known], answers=answers)
        assert [looks(row) is not True for row in rows] == [answers] * 3


def test_running_text_is_always_looked_at():
    asked = " ".join(f"word{number}" for number in range(20))
    looks = Contamination([fingerprints_of("set", [Item(asked)], 13)])
    assert looks({"text": f"Once upon a time {asked} and so on"}) is not True


ANSWER = {"role": "assistant", "content": "A"}
FORMATS = [
    ({"question": "Q?", "answer": "A #### 3"}, "Q?", ["A #### 3"]),  # GSM8K
    ({"problem": "Q?", "level": "5", "solution": "A"}, "Q?", ["A"]),  # MATH
    ({"question": "Q?", "choices": ["a", "b"], "answer": 1}, "Q?", []),  # MMLU
    ({"question": {"stem": "Q?", "choices": []}, "answerKey": "A"}, "Q?", []),  # ARC
    (
        {"task_id": "x", "prompt": "def f():", "canonical_solution": "return"},
        "def f():",
        ["return"],
    ),  # HumanEval
    ({"instruction": "Do", "input": "this", "output": "A"}, "Do\nthis", ["A"]),  # Alpaca
    ({"instruction": "Do", "instances": [{"input": "", "output": "A"}]}, "Do", ["A"]),  # Self-Instruct
    ({"conversations": [{"from": "human", "value": "Q?"}, {"from": "gpt", "value": "A"}]}, "Q?", ["A"]),
    ({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q?"}]}, "Q?", []),
    (
        {"prompt": [{"role": "user", "content": "Q?"}], "chosen": [{"role": "assistant", "content": "A"}]},
        "Q?",
        ["A"],
    ),
    ({"text": "Q?"}, "Q?", []),
]


@pytest.mark.parametrize(("row", "asked", "answered"), FORMATS, ids=lambda value: str(value)[:30])
def test_questions_and_answers_are_found_in_any_format(row, asked, answered):
    assert (question_in(row), list(answers_in(row))) == (asked, answered)


def test_sets_are_read_from_any_kind_of_file(tmp_path):
    rows = [{"question": "One two three four five?"}, {"question": "Six seven eight nine ten?"}]
    write_rows(tmp_path / "a.jsonl", rows)
    write_rows(tmp_path / "b.parquet", rows)
    (tmp_path / "c.txt").write_text("\n".join(row["question"] for row in rows) + "\n\n")
    with gzip.open(tmp_path / "d.jsonl.gz", "wt") as file:
        file.write("\n".join(map(json.dumps, rows)))
    for name in ("a.jsonl", "b.parquet", "c.txt", "d.jsonl.gz"):
        assert [item.question for item in items_of(tmp_path / name)] == [row["question"] for row in rows]
        looks = contamination_filter([tmp_path / name])
        assert looks({"question": "Six, seven, eight, nine, ten"}) is not True
        assert looks.match is not None
        assert (looks.match.name, looks.match.item) == (name[0], 2)


def test_a_folder_of_sets_is_all_sets_in_it(tmp_path):
    sets, rows = tmp_path / "sets", tmp_path / "rows.jsonl"
    sets.mkdir()
    (sets / "a.txt").write_text("One two three four five?\n")
    assert datagen("fingerprints", sets, "--out", tmp_path / "all.ngrams") == 0
    assert load_fingerprints(tmp_path / "all.ngrams").items == 1
    write_rows(sets / "b.jsonl", [{"question": "Six seven eight nine ten?"}])
    texts = "One two three four five", "Six seven eight nine ten", "Rome."
    write_rows(rows, [{"text": text} for text in texts])
    assert datagen("filter", rows, "--no-quality", "--against", sets, "--out", tmp_path / "out.jsonl") == 0
    assert [row["text"] for row in read_rows(tmp_path / "out.jsonl")] == ["Rome."]


def test_a_set_of_nothing_but_marks_is_refused(tmp_path, capsys):
    (tmp_path / "marks.txt").write_text("\u200b\n")
    with pytest.raises(UserError, match="no question of the file has a word"):
        contamination_filter([tmp_path / "marks.txt"])
    assert datagen("fingerprints", tmp_path / "marks.txt", "--out", tmp_path / "a.ngrams") == 2
    assert "no question of the file has a word" in capsys.readouterr().err


def test_a_file_of_fingerprints_finds_what_the_questions_would_and_holds_none_of_them(tmp_path, capsys):
    rng = random.Random(5)
    asked = [question(rng) for _ in range(200)] + ["Who painted the seven blue owls?", "What is 7 * 8?"]
    write_rows(tmp_path / "secret_test.jsonl", ({"question": text} for text in asked))
    out = tmp_path / "secret_test.ngrams"
    assert datagen("fingerprints", tmp_path / "secret_test.jsonl", "--out", out) == 0
    assert "202 items" in capsys.readouterr().err
    data = out.read_bytes()
    header, body = data.split(b"\n", 2)[1:]
    assert json.loads(header)["name"] == "secret_test"
    for text in asked:
        for word in words_of(text):
            if len(word) > 4:
                assert word.encode() not in body.lower()
                assert word.encode() not in header
    direct, by_file = contamination_filter([tmp_path / "secret_test.jsonl"]), contamination_filter([out])
    for text in [*asked, *(question(rng) for _ in range(300)), "Please: what is 7 * 8?", "What is 7 / 8?"]:
        assert direct({"question": text}) == by_file({"question": text})
        assert direct.match == by_file.match
    # The same questions give the same bytes.
    assert (
        datagen(
            "fingerprints",
            tmp_path / "secret_test.jsonl",
            "--out",
            tmp_path / "again.ngrams",
            "--name",
            "secret_test",
        )
        == 0
    )
    assert (tmp_path / "again.ngrams").read_bytes() == data


def test_files_of_fingerprints_keep_their_own_n(tmp_path):
    words = [f"word{number}" for number in range(30)]
    write_rows(tmp_path / "a.jsonl", [{"question": " ".join(words)}])
    assert datagen("fingerprints", tmp_path / "a.jsonl", "--n", 8, "--out", tmp_path / "a.ngrams") == 0
    row = {"question": " ".join(words[5:13])}
    assert contamination_filter([tmp_path / "a.ngrams"])(row) is not True
    assert contamination_filter([tmp_path / "a.jsonl"])(row) is True


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-4], "damaged"),
        (lambda data: data[:-9] + b"\1" + data[-8:], "damaged"),
        (lambda data: data.replace(b'"version": 1', b'"version": 2'), "version 2, not 1"),
        (lambda data: b"not it\n" + data, "no file of fingerprints"),
        (lambda data: data.replace(b'"grams"', b'"gram"'), "not readable"),
        (lambda data: b"", "no file of fingerprints"),
    ],
)
def test_a_damaged_file_of_fingerprints_is_refused(damage, said, tmp_path):
    path = tmp_path / "a.ngrams"
    fingerprints_of("a", [Item("One two three?"), Item(" ".join("abcdefghijklmnopq"))], 13).write(path)
    assert load_fingerprints(path).items == 2
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=said):
        contamination_filter([path])


def test_what_is_no_set_of_questions_is_refused_and_nothing_is_written(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text('{"question": "Well?"}\n{"quetsion": "Well?"}\n')
    assert datagen("fingerprints", tmp_path / "a.jsonl", "--out", tmp_path / "a.ngrams") == 2
    assert "a.jsonl:2: no question in the columns quetsion" in capsys.readouterr().err
    assert datagen("fingerprints", tmp_path / "b.jsonl", "--out", tmp_path / "a.ngrams") == 2
    assert "no such file" in capsys.readouterr().err
    assert datagen("fingerprints", tmp_path / "a.jsonl", "--out", tmp_path / "a.txt") == 2
    assert "call it a.ngrams" in capsys.readouterr().err
    (tmp_path / "c.txt").write_text("\n")
    assert datagen("fingerprints", tmp_path / "c.txt", "--out", tmp_path / "a.ngrams") == 2
    assert "the file has no questions" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "c.txt"]
    with pytest.raises(UserError, match="no evaluation set is given"):
        contamination_filter([])
    with pytest.raises(UserError, match="in every text"):
        contamination_filter([tmp_path / "a.jsonl"], n=2)


def test_hashes_do_not_depend_on_the_process(tmp_path):
    """They are in files that are carried about: these were computed by hand from the definition."""
    import hashlib

    factor = 0x9E3779B97F4A7C15
    total = 0
    for place, word in enumerate(["one", "two", "three"]):
        digest = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        total += digest * pow(factor, -place, 2**64)
    value = total % 2**64
    value ^= value >> 31
    value = value * 0xBF58476D1CE4E5B9 % 2**64
    value ^= value >> 29
    assert windows(rolling(["one", "two", "three"]), 3).tolist() == [value]
    assert windows(rolling(["one", "two"]), 3).dtype == np.uint64


def test_the_seed_tasks_kind_of_path_is_a_path(tmp_path: Path):
    (tmp_path / "math.test.jsonl").write_text('{"problem": "Find the value of x in it"}\n')
    looks = contamination_filter([tmp_path / "math.test.jsonl"])
    assert looks({"problem": "find the value of X in it"}) is not True
    assert looks.match is not None
    assert looks.match.name == "math.test"
