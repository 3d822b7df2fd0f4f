"""The journal: one SQLite file that loses nothing, refuses to be shared, and says what is wrong."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.engines import Sample
from datagen.runs.journal import (
    JOURNAL_VERSION,
    Journal,
    Outcome,
    Recorded,
    completion_key,
    digest,
    unlimited_key,
)
from datagen.runs.journal_file import TABLES, open_for_reading
from schemas import UserError

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = {"model": "abc", "prompt": "2+2=", "temperature": 0.5}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
samples = st.builds(
    Sample,
    text=texts,
    tokens=st.lists(st.integers(0, 2**31 - 1)).map(tuple),
    finish_reason=st.sampled_from(["stop", "length"]),
    logprobs=st.none() | st.lists(st.floats(max_value=0, allow_nan=False, allow_infinity=False)).map(tuple),
)


def recorded(text: str = "4") -> Recorded:
    return Recorded(Sample(text, (1, 2), "stop"), prompt_tokens=3, seconds=0.5, model="m")


@settings(max_examples=50, deadline=None)
@given(st.lists(samples, min_size=1, max_size=4), st.dictionaries(texts, texts))
def test_what_is_recorded_comes_back_equal_after_reopening(tmp_path_factory, made, identity):
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    held = [Recorded(sample, prompt_tokens=7, seconds=0.25, model="m") for sample in made]
    seeds = list(range(2**63 - len(held), 2**63))
    with Journal(path) as journal:
        journal.record_samples(identity, seeds, held)
    with Journal(path) as journal:
        assert journal.samples([completion_key(identity, seed) for seed in seeds]) == held


def test_an_unknown_key_has_no_sample(tmp_path):
    with Journal(tmp_path / "journal") as journal:
        journal.record_samples(IDENTITY, [1], [recorded()])
        keys = [completion_key(IDENTITY, 2), completion_key(IDENTITY, 1)]
        assert journal.samples(keys) == [None, recorded()]


def test_anything_that_determines_a_completion_changes_its_key():
    key = completion_key(IDENTITY, 1)
    assert key == completion_key(dict(reversed(IDENTITY.items())), 1)
    others = [completion_key({**IDENTITY, name: "other"}, 1) for name in IDENTITY]
    assert len({key, completion_key(IDENTITY, 2), *others}) == 5


def test_the_first_sample_of_a_key_stays(tmp_path):
    with Journal(tmp_path / "journal") as journal:
        journal.record_samples(IDENTITY, [1], [recorded("first")])
        journal.record_samples(IDENTITY, [1, 2], [recorded("second"), recorded("third")])
        found = journal.samples([completion_key(IDENTITY, seed) for seed in (1, 2)])
    assert [held.sample.text for held in found] == ["first", "third"]


def test_outcomes_and_rejections_come_back(tmp_path):
    row = {"text": "½", "meta": {"n": 1, "list": [1.5, None]}}
    with Journal(tmp_path / "journal") as journal:
        journal.record_samples(IDENTITY, [1], [recorded()])
        used = [completion_key(IDENTITY, 1)]
        journal.record_outcome(digest("a"), Outcome("a", row), used)
        journal.record_outcome(digest("b"), Outcome("b", None, "tie", "0.1 apart"), [])
    with Journal(tmp_path / "journal") as journal:
        assert journal.outcome(digest("a")) == Outcome("a", row)
        assert journal.outcome(digest("b")) == Outcome("b", None, "tie", "0.1 apart")
        assert journal.outcome(digest("c")) is None


def test_a_second_process_is_refused_and_told_who_has_it(tmp_path):
    path = tmp_path / "journal"
    code = """
import sys
from pathlib import Path
from datagen.runs.journal import Journal
with Journal(sys.argv[1]):
    print("open", flush=True)
    input()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(UserError, match=rf"another process \(id {other.pid}\) works on this run"):
            Journal(path)
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
    # Killed, it left no lock behind.
    Journal(path).close()


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.set_meta("run", {"a": 1})
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {JOURNAL_VERSION + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match=f"version {JOURNAL_VERSION + 1}.*upgrade"):
        Journal(path)
    assert path.read_bytes() == before


def test_another_database_or_no_database_is_refused_and_left_alone(tmp_path):
    foreign = tmp_path / "foreign.sqlite"
    database = sqlite3.connect(foreign)
    database.execute("CREATE TABLE mine (x)")
    database.close()
    text = tmp_path / "text"
    text.write_text("not a database at all, " * 100)
    for path, words in ((foreign, "no journal"), (text, "not a journal")):
        before = path.read_bytes()
        with pytest.raises(UserError, match=words):
            Journal(path)
        assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be used"):
        Journal(tmp_path / "file" / "journal")


def test_a_full_disk_is_one_sentence_and_loses_nothing_recorded(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.record_samples(IDENTITY, [0], [recorded()])
        pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
        # SQLite's own "database or disk is full", with no disk to fill.
        journal._db.execute(f"PRAGMA max_page_count = {pages}")

        def fill() -> None:
            for seed in range(1, 1000):
                journal.record_samples(IDENTITY, [seed], [recorded("long " * 200)])

        with pytest.raises(UserError, match="the disk is full"):
            fill()
        kept = journal.count("samples")
        journal._db.execute("PRAGMA max_page_count = 100000")
        journal.record_samples(IDENTITY, [2000], [recorded()])
    with Journal(path) as journal:
        assert journal.count("samples") == kept + 1
        assert journal.samples([completion_key(IDENTITY, 0)]) == [recorded()]


FULL = """
import resource, sys
from datagen.runs.journal import Journal
from schemas import UserError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    Journal(sys.argv[1])
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize("space_bytes", [0, 5000])
def test_a_disk_too_full_for_a_journal_is_one_sentence_with_file_and_mend(tmp_path, space_bytes):
    command = [sys.executable, "-c", FULL, str(tmp_path / "journal"), str(space_bytes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{tmp_path}/journal: ")
    assert "; see that its disk has space" in done.stdout or "; free some space" in done.stdout
    assert done.stdout.count("\n") == 1


def test_the_samples_of_a_request_are_kept_all_or_none(tmp_path):
    with Journal(tmp_path / "journal") as journal:
        broken = Recorded(Sample("x", (1,), "stop"), prompt_tokens=1, seconds=None, model="m")
        with pytest.raises(sqlite3.IntegrityError):
            journal.record_samples(IDENTITY, [1, 2], [recorded(), broken])
        assert journal.count("samples") == journal.count("requests") == 0
        journal.record_samples(IDENTITY, [1, 2], [recorded(), recorded()])
        assert journal.count("samples") == 2


def test_a_record_that_changed_on_the_disk_counts_as_never_made(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.record_samples(IDENTITY, [1, 2], [recorded("spoilt"), recorded("whole")])
        journal.record_outcome(digest("a"), Outcome("a", {"text": "spoilt"}), [])
        journal.record_outcome(digest("b"), Outcome("b", {"text": "whole"}), [])
    data = path.read_bytes()
    assert data.count(b"spoilt") == 2
    path.write_bytes(data.replace(b"spoilt", b"sp\xffilt"))
    with Journal(path) as journal:
        keys = [completion_key(IDENTITY, seed) for seed in (1, 2)]
        assert journal.samples(keys) == [None, recorded("whole")]
        assert journal.outcome(digest("a")) is None
        assert journal.outcome(digest("b")) == Outcome("b", {"text": "whole"})
        journal.record_samples(IDENTITY, [1], [recorded("mended")])
        assert journal.samples(keys) == [recorded("mended"), recorded("whole")]


def test_a_sample_that_ended_by_itself_is_found_under_another_limit(tmp_path):
    short = Recorded(Sample("4", (1, 2), "stop"), prompt_tokens=3, seconds=0.5, model="m")
    cut_off = Recorded(Sample("4", (1,) * 8, "length"), prompt_tokens=3, seconds=0.5, model="m")
    with Journal(tmp_path / "journal") as journal:
        journal.record_samples({**IDENTITY, "max_tokens": 8}, [1, 2], [short, cut_off])

        def found(seed: int, limit: int | None) -> Recorded | None:
            key = unlimited_key({**IDENTITY, "max_tokens": limit}, seed)
            return journal.shorter_sample(key, limit)[1]

        assert [found(1, limit) for limit in (None, 100, 2, 1)] == [short, short, short, None]
        assert [found(2, limit) for limit in (None, 100, 8)] == [None, None, None]
        assert found(3, None) is None
        assert unlimited_key(IDENTITY, 1) != unlimited_key({**IDENTITY, "prompt": "other"}, 1)


def test_a_journal_of_version_1_goes_on(tmp_path):
    path = tmp_path / "journal"
    database = sqlite3.connect(path)
    database.executescript(TABLES + "PRAGMA application_id = 0x48674A72; PRAGMA user_version = 1;")
    sample = '{"text":"4","tokens":[1,2],"finish_reason":"stop","logprobs":null}'
    key = completion_key(IDENTITY, 1)
    database.execute("INSERT INTO requests VALUES (?, ?)", (digest(IDENTITY), "{}"))
    values = (key, digest(IDENTITY), 1, sample, 3, 0.5, "m")
    database.execute("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    database.execute(
        "INSERT INTO outcomes VALUES (?, 'a', '{\"text\":\"4\"}', NULL, '', '[]')", (digest("a"),)
    )
    database.commit()
    database.close()
    for _ in range(2):
        with Journal(path) as journal:
            assert journal.samples([key]) == [recorded()]
            assert journal.outcome(digest("a")) == Outcome("a", {"text": "4"})
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone()[0] == JOURNAL_VERSION
    database.close()


def test_a_new_journal_that_was_never_written_to_is_gone_when_it_closes(tmp_path):
    place = tmp_path / "run.journal"
    Journal(place).close()
    assert not place.exists()
    with Journal(place) as journal:
        journal.set_meta("run", {"recipe": "pairs"})
    Journal(place).close()
    with Journal(place) as journal:
        assert journal.meta("run") == {"recipe": "pairs"}


def test_reading_a_journal_that_nobody_writes_leaves_nothing_beside_it(tmp_path):
    place = tmp_path / "run.journal"
    with Journal(place) as journal:
        journal.set_meta("run", {"recipe": "pairs"})
    before = sorted(path.name for path in tmp_path.iterdir())
    database = open_for_reading(place)
    assert database.execute("SELECT count(*) FROM meta").fetchone() == (1,)
    database.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == before
