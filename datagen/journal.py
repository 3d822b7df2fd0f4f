"""The journal of a run: every completion and every outcome in one SQLite file, so that nothing is lost.

A completion is kept under the hash of everything that determined it, an outcome under that of everything
its recipe saw. It is the resume, the cache and the provenance at once. Who asks and when is `team.py`'s
and `run.py`'s affair.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from datagen.engines.engine import Sample
from schemas import Row, UserError

JOURNAL_VERSION = 1
# "HgJr": tells our files from other SQLite databases.
APPLICATION_ID = 0x48674A72
MEND_UNUSABLE = "see that its disk has space and its folder is yours to write, or choose another --journal"
TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE requests (id BLOB PRIMARY KEY, identity TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE samples (
    key BLOB PRIMARY KEY,
    request BLOB NOT NULL REFERENCES requests (id),
    seed INTEGER NOT NULL,
    sample TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    model TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE outcomes (
    key BLOB PRIMARY KEY,
    item TEXT NOT NULL,
    row TEXT,
    reason TEXT,
    detail TEXT NOT NULL,
    used TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX outcomes_by_item ON outcomes (item);
"""


@dataclass(frozen=True)
class Recorded:
    """A sample as the journal holds it, and what it cost when it was made."""

    sample: Sample
    prompt_tokens: int
    seconds: float
    model: str


@dataclass(frozen=True)
class Outcome:
    """What became of an item: a row or several, or a rejection with a short reason and a detail."""

    item: str
    row: Row | list[Row] | None
    reason: str | None = None
    detail: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the item became a row."""
        return self.row is not None

    @property
    def rows(self) -> list[Row]:
        """The rows the item became: none, one or several."""
        if self.row is None:
            return []
        return self.row if isinstance(self.row, list) else [self.row]


def digest(value: Any) -> bytes:
    """BLAKE2b-128 of a JSON-ready value (dataclasses too); the order of its keys does not count."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def completion_key(identity: Mapping[str, Any], seed: int) -> bytes:
    """The key of a sample. `identity`: everything but the seed that determines it (`Engine.identity`)."""
    return digest({"identity": identity, "seed": seed})


class Journal:
    """One SQLite file, held by one process at a time.

    What a method has returned from survives a kill of the process (write-ahead log, no fsync: after a power
    cut the last moments may be missing, the file is still whole). Raises `UserError` when the file is in use,
    no journal, from a newer version, damaged, or the disk is full.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock: int | None = _lock(self.path)
        try:
            with self._faults():
                # One loop at a time uses the journal, though it may run on a thread of its own.
                self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        application = self._db.execute("PRAGMA application_id").fetchone()[0]
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and tables:
            raise UserError("a database, but no journal", where=self.path, mend="choose another place")
        if version > JOURNAL_VERSION:
            what = f"the journal has version {version}, this program reads up to {JOURNAL_VERSION}"
            raise UserError(what, where=self.path, mend="upgrade homegrown-llm, or start a new run")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {JOURNAL_VERSION};"
            self._db.executescript(f"BEGIN; {TABLES} {marks} COMMIT;")

    def samples(self, keys: Sequence[bytes]) -> list[Recorded | None]:
        """The sample under each key, or None where there is none."""
        query = "SELECT sample, prompt_tokens, seconds, model FROM samples WHERE key = ?"
        with self._faults():
            found = [self._db.execute(query, (key,)).fetchone() for key in keys]
        return [None if row is None else Recorded(_sample(row[0]), *row[1:]) for row in found]

    def record_samples(
        self, identity: Mapping[str, Any], seeds: Sequence[int], made: Sequence[Recorded]
    ) -> None:
        """Keep the samples of one request, all or none. A key that is there already keeps what it has."""
        request = digest(identity)
        rows = [
            (
                completion_key(identity, seed),
                request,
                seed,
                orjson.dumps(asdict(recorded.sample)).decode(),
                recorded.prompt_tokens,
                recorded.seconds,
                recorded.model,
            )
            for seed, recorded in zip(seeds, made, strict=True)
        ]
        with self._transaction():
            text = orjson.dumps(identity).decode()
            known = "ON CONFLICT DO NOTHING"
            self._db.execute(f"INSERT INTO requests VALUES (?, ?) {known}", (request, text))
            self._db.executemany(f"INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?) {known}", rows)

    def outcome(self, key: bytes) -> Outcome | None:
        """What became of the item under `key`, or None when it is not finished."""
        query = "SELECT item, row, reason, detail FROM outcomes WHERE key = ?"
        with self._faults():
            found = self._db.execute(query, (key,)).fetchone()
        if found is None:
            return None
        item, row, reason, detail = found
        return Outcome(item, None if row is None else orjson.loads(row), reason, detail)

    def record_outcome(self, key: bytes, outcome: Outcome, used: Sequence[bytes]) -> Outcome:
        """Keep what became of an item, and the keys of the samples that went into it; as it is now held."""
        row = None if outcome.row is None else orjson.dumps(outcome.row).decode()
        lineage = orjson.dumps([sample.hex() for sample in used]).decode()
        values = (key, outcome.item, row, outcome.reason, outcome.detail, lineage)
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?)", values)
        return replace(outcome, row=None if row is None else orjson.loads(row))

    def lineage(self, item: str) -> list[dict[str, Any]]:
        """All outcomes of an item, each with the identity, seed and sample of every completion it used."""
        query = "SELECT row, reason, detail, used FROM outcomes WHERE item = ?"
        with self._faults():
            found = self._db.execute(query, (item,)).fetchall()
            return [
                {
                    "item": item,
                    "row": None if row is None else orjson.loads(row),
                    "reason": reason,
                    "detail": detail,
                    "completions": [self._origin(bytes.fromhex(key)) for key in orjson.loads(used)],
                }
                for row, reason, detail, used in found
            ]

    def _origin(self, key: bytes) -> dict[str, Any]:
        query = "SELECT identity, seed, sample FROM samples JOIN requests ON request = id WHERE key = ?"
        identity, seed, sample = self._db.execute(query, (key,)).fetchone()
        return {"identity": orjson.loads(identity), "seed": seed, "sample": orjson.loads(sample)}

    def count(self, table: str) -> int:
        """The number of `samples`, `requests` or `outcomes`."""
        if table not in ("samples", "requests", "outcomes"):
            raise ValueError(table)
        with self._faults():
            return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def claim(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep `value` (JSON-ready) as what the run is; `UserError` when the journal is another run's.

        A journal in which nothing is recorded yet belongs to whoever comes.
        """
        here = orjson.loads(orjson.dumps(value))
        there = self.meta(name)
        if there not in (None, here) and (self.count("samples") or self.count("outcomes")):
            differing = [key for key in {**there, **here} if there.get(key) != here.get(key)]
            told = "; ".join(
                f"{key} is {_shown(there, key)} there and {_shown(here, key)} here" for key in differing
            )
            mend = "set it back, choose another --journal, or delete the journal to start over"
            raise UserError(f"the journal belongs to another run ({told})", where=self.path, mend=mend)
        self.set_meta(name, here)

    def set_meta(self, name: str, value: Any) -> None:
        """Keep a JSON-ready value about the run, replacing the one of that name."""
        with self._transaction():
            text = orjson.dumps(value).decode()
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    def meta(self, name: str) -> Any:
        """The value kept under `name`, or None."""
        with self._faults():
            found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if found is None else orjson.loads(found[0])

    def close(self) -> None:
        """Close the file and let go of it. May be repeated."""
        if hasattr(self, "_db"):
            self._db.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """What SQLite complains about, as a sentence for the user."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            what = str(error)
            if "full" in what:
                mend = "free some space and run the same command again; everything recorded is safe"
                raise UserError("the disk is full", where=self.path, mend=mend) from error
            if "not a database" in what or "malformed" in what:
                mend = "restore it, or delete it to start over"
                raise UserError(f"not a journal, or damaged ({what})", where=self.path, mend=mend) from error
            if isinstance(error, sqlite3.OperationalError):
                raise UserError(
                    f"the journal cannot be used ({what})", where=self.path, mend=MEND_UNUSABLE
                ) from error
            raise


def _sample(text: str) -> Sample:
    """The sample that was recorded; lists were tuples. Journals of before a field was known lack it."""
    fields = {name: _as_tuples(value) for name, value in orjson.loads(text).items()}
    return Sample(**fields)


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _shown(values: Mapping[str, Any], key: str) -> str:
    """A value of a claim as a one-line message wants it."""
    value = values.get(key)
    text = "not set" if value is None else orjson.dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _lock(path: Path) -> int | None:
    """A file whose lock ends with this process, however it ends. (Without `fcntl` nothing is locked.)"""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        what = f"the journal cannot be used ({error.strerror})"
        raise UserError(what, where=path, mend=MEND_UNUSABLE) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        what = f"another process (id {holder}) works on this run"
        raise UserError(what, where=path, mend="wait for it or stop it") from None
    with contextlib.suppress(OSError):  # a full disk: the lock holds, and the first record will say it
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
