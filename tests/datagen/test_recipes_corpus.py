"""Pretraining text: genres by rules, and passages a model writes to plans that visit everything in turn."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import killed_command
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_engine import ReadingEngine
from scripted_engine import CUT_OFF
from tiny_gguf import Shape, write_tiny_gguf

from datagen.cli import program
from datagen.commands.corpus import Corpus
from datagen.problems import split_of
from datagen.recipes.corpus import GENRES, MORE, documents, genres_named, text_mark
from datagen.recipes.passages import (
    PASSAGES,
    Plan,
    Writing,
    fault_of,
    forms,
    lines,
    occurs,
    passages,
    plans,
    repeated_share,
)
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.wording import wording
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas import UserError
from schemas.check import check_file, check_row
from schemas.command import run_app
from schemas.rows import dump_row, read_rows
from schemas.settings import about, fields_of

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
WORDS = wording("corpus")
MADE = list(documents(600, 3, "train", MORE))


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def texts(genre: str) -> list[str]:
    found = [row["text"] for row in MADE if row["meta"]["genre"] == genre]
    assert len(found) > 50
    return found


# ---- by rules ----


@pytest.mark.parametrize(
    ("seed", "split", "digest"),
    [
        (0, "train", "329d8c526bb7effb"),
        (7, "valid", "ed8b40fbc8a416aa"),
        (3, "test", "59dac418b1c9948f"),
    ],
)
def test_the_default_text_is_still_what_the_embedded_model_was_trained_on(seed, split, digest):
    # The bytes of the version that had four genres: other genres must not change what is drawn by default.
    made = b"".join(map(dump_row, documents(500, seed, split)))
    assert hashlib.blake2b(made, digest_size=8).hexdigest() == digest


def test_the_genres_that_are_asked_for_come_about_equally_often_and_hardly_repeat():
    counts = Counter(row["meta"]["genre"] for row in MADE)
    assert set(counts) == {genre.name for genre in MORE}
    assert all(abs(count - 100) < 5 * math.sqrt(100) for count in counts.values())
    assert len({row["text"] for row in MADE}) > 590
    assert [fault for row in MADE for fault in check_row(row, "corpus")] == []


@pytest.mark.parametrize("genre", [genre.name for genre in MORE if genre.name != "textbook"])
def test_no_text_is_in_two_splits(genre):
    for split in ("train", "valid"):
        for row in documents(30, 1, split, genres_named([genre])):
            assert split_of(text_mark(row["text"])) == split


def test_counting_counts():
    for text in texts("counting"):
        numbers = [int(n) for n in re.search(r": ([\d, ]+)\.", text)[1].split(", ")]
        start, step = map(int, re.search(r"from (\d+) in steps of (\d+)", text).groups())
        way = 1 if "Counting up" in text else -1
        assert numbers == [start + way * step * n for n in range(len(numbers))]
        assert text.endswith(f"That is {len(numbers)} numbers, and the last one is {numbers[-1]}.")


def test_twice_as_many_people_get_twice_as_much():
    for text in texts("recipe"):
        once = [int(n) for n in re.findall(r"^- (\d+) ", text, re.MULTILINE)]
        twice = [int(n) for n in re.findall(r"\d+", text.split("twice as much:")[1])]
        assert twice == [2 * n for n in once]


def test_an_article_fits_its_word():
    for row in MADE:
        assert not re.search(r"\ba [aeio]\w+\b", row["text"]), row["text"]
        assert not re.search(r"\ban [bcdfgjklmnpqrstvwxyz]", row["text"]), row["text"]


def test_a_textbook_ends_with_the_true_answer_of_its_split():
    from datagen.problems import prove
    from datagen.problems.generate import draw
    from datagen.recipes.genres import SUBJECTS

    for subject in SUBJECTS:
        for level in (1, 2):
            assert prove(draw(subject.family, level, "valid", 5, 0)).agrees
    for text in texts("textbook"):
        assert text.count("Example") >= 2
        assert "\\boxed" not in text


def test_genres_are_found_by_name_however_it_is_written():
    assert [genre.name for genre in genres_named(["Digit-Sums", "tale", "digit_sums"])] == [
        "digit sums",
        "tale",
    ]
    with pytest.raises(UserError, match=r"unknown genre 'tail'; did you mean 'tale'\?"):
        genres_named(["tail"])
    with pytest.raises(UserError, match="only the train split has texts of fact"):
        genres_named(["fact"], "valid")


def test_the_help_names_every_genre():
    told = about(fields_of(Corpus)["genres"]).help
    for name in (*(genre.name for genre in (*GENRES, *MORE)), *PASSAGES):
        assert name in told


# ---- by a model ----

STORY = (
    "Once there was a little girl who loved to climb. Every morning she climbed the old apple tree behind the"
    ' house and looked over the fields. One day she found a shiny bucket up there. "Who put you here?" she'
    " asked. Nobody answered, so she carried it home and filled it with apples for her grandmother."
)
PLAN = Plan(
    "story-1-1", "story", "baking bread", "a young child", ("climb", "bucket", "shiny"), ("dialogue",)
)
WRITING = Writing(WORDS, Sampling(1))


@given(
    st.lists(st.sampled_from(PASSAGES), min_size=1, max_size=4, unique=True),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 9),
)
def test_every_combination_comes_once_before_any_comes_again(genres, topics, readers, seed):
    given_topics, given_readers = [f"t{n}" for n in range(topics)], [f"r{n}" for n in range(readers)]
    size = sum(topics * (1 if genre == "story" else readers) for genre in genres)
    drawn = list(itertools.islice(plans(genres, given_topics, given_readers, WORDS, seed), 3 * size))
    rounds = [drawn[size * n : size * (n + 1)] for n in range(3)]
    seen = [Counter((plan.genre, plan.topic, plan.reader) for plan in one) for one in rounds]
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == size
    assert len({plan.id for plan in drawn}) == 3 * size
    again = plans(genres, given_topics, given_readers, WORDS, seed)
    assert drawn == list(itertools.islice(again, 3 * size))


def test_a_list_without_entries_is_named_with_its_wording():
    empty = replace(WORDS, prompts={**WORDS.prompts, "verbs": (("user", ""),)})
    with pytest.raises(UserError, match="the wording of 'corpus': the list 'verbs' is empty"):
        lines(empty, "verbs")


def test_stories_have_words_and_features_of_the_lists_and_others_have_none():
    drawn = list(itertools.islice(plans(PASSAGES, ["t"], ["r"], WORDS, 1), 700))
    stories = [plan for plan in drawn if plan.genre == "story"]
    kinds = [set(lines(WORDS, name)) for name in ("verbs", "nouns", "adjectives")]
    assert all(word in kind for plan in stories for word, kind in zip(plan.words, kinds, strict=True))
    assert len({plan.words for plan in stories}) > 95
    assert {len(plan.features) for plan in stories} == {0, 1, 2}
    assert all(plan.words == plan.features == () for plan in drawn if plan.genre != "story")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (STORY, None),
        (" ", "empty"),
        ("A shiny bucket. She climbs.", "too short"),
        (STORY.replace("bucket", "basket"), "words missing"),
        (STORY.replace("climb", "walk"), "words missing"),
        (STORY.replace('"', ""), "no dialogue"),
        (STORY + " And she went home to eat." * 20, "repeats"),
    ],
)
def test_a_text_is_kept_or_turned_down_for_a_reason(text, fault):
    assert fault_of(text, PLAN, 40) == fault


@pytest.mark.parametrize(
    ("word", "text", "there"),
    [
        ("carry", "She carried it.", True),
        ("stop", "It stopped.", True),
        ("hope", "Hoping for rain", True),
        ("tiny", "the tiniest bell", True),
        ("rope", "some ROPES", True),
        ("warm", "It swarmed.", False),
        ("bell", "a bellow", False),
        ("count", "the country", False),
    ],
)
def test_a_word_occurs_in_any_of_its_forms_but_not_inside_another(word, text, there):
    assert occurs(word, text) is there


def test_the_words_of_stories_are_regular_so_that_their_forms_are_known():
    irregular = {
        "run",
        "sing",
        "build",
        "fly",
        "catch",
        "find",
        "child",
        "foot",
        "good",
        "bad",
        "give",
        "take",
    }
    for name in ("verbs", "nouns", "adjectives"):
        assert len(lines(WORDS, name)) == len(set(lines(WORDS, name))) >= 20
        assert not irregular & set(lines(WORDS, name))
    assert {"whispered", "polishing"} <= forms("whisper") | forms("polish")


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_the_share_of_what_comes_again_lies_between_none_and_all(words):
    share = repeated_share(words)
    assert 0 <= share < 1
    assert repeated_share([*words, *words, *words]) >= share or len(words) < 5


def written(folder: Path, answers: list[str], plan: Plan = PLAN) -> tuple[Outcome, ReadingEngine]:
    engine = ReadingEngine(lambda text, request, number: answers[number])
    options = Writing(WORDS, Sampling(len(answers)))
    with Journal(folder / "journal") as journal:
        (outcome,) = run(passages, [plan], engine, journal, options=options)
    return outcome, engine


def test_whole_texts_are_rows_that_say_their_plan(tmp_path):
    outcome, engine = written(tmp_path, [STORY + CUT_OFF, STORY, "No."])
    (row,) = outcome.rows
    assert check_row(row, "corpus") == []
    assert row["text"] == STORY
    assert row["meta"]["sample"] == 1
    assert row["meta"]["seed"] == engine.requests[0].sample_seeds[1]
    assert (row["meta"]["topic"], row["meta"]["words"]) == ("baking bread", ["climb", "bucket", "shiny"])
    asked = engine.requests[0].messages[-1]["content"]
    for told in ('verb "climb"', 'noun "bucket"', 'adjective "shiny"', "The story contains dialogue."):
        assert told in asked


def test_a_plan_without_a_whole_text_is_rejected_with_the_commonest_reason(tmp_path):
    outcome, _ = written(tmp_path, [STORY + CUT_OFF, "No.", STORY + CUT_OFF])
    assert (outcome.rows, outcome.reason) == ([], "never stopped")


@pytest.mark.parametrize("genre", PASSAGES)
def test_every_genre_has_a_prompt_about_its_topic(genre):
    values = {"verb": "climb", "noun": "bell", "adjective": "tiny", "features": []}
    (message,) = WORDS.messages(genre, topic="glaciers", reader="a sailor", **values)
    assert "glaciers" in message["content"]
    assert genre == "story" or "a sailor" in message["content"]


# ---- the command ----


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", Shape(context=1024), seed=6)


def asking(model: Path, out: Path, *more: object) -> list[str]:
    arguments = ["corpus", "--engine", f"llama:{model}", "--out", out, "--threads", 1, "--min-words", 3]
    return [str(argument) for argument in (*arguments, "--genres", "textbook,letter", *more)]


def test_so_many_texts_are_written_and_what_was_rejected_is_told(model, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert datagen(*asking(model, out, "--count", 12, "--max-tokens", 150)) == 0
    checking = check_file(out)
    assert (list(checking), checking.kind, checking.rows) == ([], "corpus", 12)
    assert {row["meta"]["genre"] for row in read_rows(out)} == {"textbook", "letter"}
    told = capsys.readouterr().err
    assert re.match(rf"{out}: 12 texts from \d+ plans; rejected: never stopped: \d", told)


def test_own_topics_and_readers_are_what_is_written_about(model, tmp_path):
    (tmp_path / "topics.txt").write_text("knots\n\nknots\ntides\n")
    (tmp_path / "readers.txt").write_text("a diver\n")
    more = ["--topics", tmp_path / "topics.txt", "--readers", tmp_path / "readers.txt", "--count", 8]
    assert datagen(*asking(model, tmp_path / "out.jsonl", *more)) == 0
    rows = list(read_rows(tmp_path / "out.jsonl"))
    assert {row["meta"]["topic"] for row in rows} == {"knots", "tides"}
    assert {row["meta"]["reader"] for row in rows} == {"a diver"}


def test_killed_and_run_again_it_ends_in_the_same_bytes(model, tmp_path):
    more = ("--count", 15, "--max-tokens", 400)
    assert datagen(*asking(model, tmp_path / "whole.jsonl", *more)) == 0
    out = tmp_path / "out.jsonl"
    for items in ("2", "7"):
        command = [sys.executable, killed_command.__file__, "SIGKILL", items, *asking(model, out, *more)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False, timeout=120)
        assert done.returncode == -signal.SIGKILL
        assert not out.exists()
    assert datagen(*asking(model, out, *more, "--width", 3)) == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_the_embedded_model_ends_with_an_account(tmp_path, capsys):
    from datagen.engines import embedded_model

    out = tmp_path / "out.jsonl"
    arguments = ["corpus", "--engine", f"llama:{embedded_model()}", "--genres", "story", "--count", 20]
    assert datagen(*arguments, "--out", out, "--threads", 1) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.match(r"error: datagen corpus: none of \d+ prompts became a row \(", told)
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--topics", "t.txt"], "--topics: counts for nothing without --engine"),
        (["--temperature", 0.5], "--temperature: counts for nothing without --engine"),
        (["--keep", 5], "--keep: counts for nothing without --engine"),
        (["--against", "t.txt"], "--against: counts for nothing without --engine"),
        (["--rules", "t.yaml"], "--rules: counts for nothing without --engine"),
        (["--progress", "quiet"], "--progress: counts for nothing without --engine"),
        (["--genres", "tail"], "--genres: unknown genre 'tail'; did you mean 'tale'?"),
        (["--engine", "llama:x.gguf", "--split", "valid"], "--split: counts for nothing with --engine"),
        (["--engine", "llama:x.gguf", "--genres", "tale"], "--genres, with --engine: unknown genre 'tale'"),
        (["--engine", "llama:x.gguf", "--topics", "no.txt"], "--topics no.txt: cannot be read"),
    ],
)
def test_a_bad_request_is_one_sentence(tmp_path, more, told, capsys):
    assert datagen("corpus", "--out", tmp_path / "out.jsonl", *more) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"error: {told}")
    assert complaint.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
