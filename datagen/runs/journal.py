"""The journal of a run: every completion and every outcome in one SQLite file, so that nothing is lost.

A completion is kept under the hash of everything that determined it, an outcome under that of everything
its recipe saw. It is the resume, the cache and the provenance at once, and belongs to no settings: what other
settings made lies beside it untouched. Who asks and when is `team.py`'s and `run.py`'s affair; the file
itself, its versions and its lock `journal_file.py`'s.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from datagen.engines.engine import Sample
from datagen.runs.journal_file import JOURNAL_VERSION, faults, lock, open_for_writing
from schemas import Row

FINISHED = "stop"
TABLES_TO_COUNT = ("samples", "requests", "outcomes", "settled", "situations")

log = logging.getLogger(__name__)


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
    dropped: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Why rows went that stood beside those that are left; found anew in each run, never recorded."""

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


def unlimited_key(identity: Mapping[str, Any], seed: int) -> bytes:
    """A key that all samples share which differ only in how many tokens they were allowed to have."""
    rest = {name: value for name, value in identity.items() if name not in ("max_tokens", "context")}
    return digest({"identity": rest, "seed": seed})


class Journal:
    """One SQLite file, held by one process at a time.

    What a method has returned from survives a kill of the process (write-ahead log, no fsync: after a power
    cut the last moments may be missing, the file is still whole). A record that no longer is what was
    written counts as never made. Raises `UserError` when the file is in use, no journal, from a newer
    version, damaged, or the disk is full.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock: int | None = lock(self.path)
        self._new = not self.path.exists()
        self._situations: dict[str, Mapping[str, Any]] = {}
        try:
            with faults(self.path):
                self._db = open_for_writing(self.path)
        except BaseException:
            self.close()
            raise

    def samples(self, keys: Sequence[bytes]) -> list[Recorded | None]:
        """The sample under each key, or None where there is none."""
        return [self._sample("key = ?", (key,))[1] for key in keys]

    def shorter_sample(self, unlimited: bytes, limit: int | None) -> tuple[bytes, Recorded | None]:
        """A sample that ended by itself within `limit` tokens, though it was allowed another number.

        With its key; (b"", None) when there is none. An engine that repeats itself would write it again.
        """
        # A little parsing of JSON only for the few samples that differ in nothing but their limit.
        query = (
            "unlimited = ? AND json_extract(sample, '$.finish_reason') = ?"
            " AND json_extract(sample, '$.token_count') <= ? ORDER BY key"
        )
        return self._sample(query, (unlimited, FINISHED, 2**62 if limit is None else limit))

    def _sample(self, where: str, values: Sequence[Any]) -> tuple[bytes, Recorded | None]:
        query = (
            f"SELECT key, checksum, sample, prompt_tokens, seconds, model FROM samples WHERE {where} LIMIT 1"
        )
        with faults(self.path):
            found = self._db.execute(query, values).fetchone()
        if found is None:
            return b"", None
        key, checksum, *written = found
        if checksum not in (None, checksum_of(written)):
            self._forget("samples", key)
            return b"", None
        return key, Recorded(sample_of(written[0]), *written[1:])

    def record_samples(
        self, identity: Mapping[str, Any], seeds: Sequence[int], made: Sequence[Recorded]
    ) -> None:
        """Keep the samples of one request, all or none. A key that is there already keeps what it has."""
        request = digest(identity)
        rows = []
        for seed, recorded in zip(seeds, made, strict=True):
            sample = orjson.dumps(recorded.sample).decode()
            written = [sample, recorded.prompt_tokens, recorded.seconds, recorded.model]
            keys = completion_key(identity, seed), request, seed
            rows.append((*keys, *written, unlimited_key(identity, seed), checksum_of(written)))
        with self._transaction():
            text = orjson.dumps(identity).decode()
            known = "ON CONFLICT DO NOTHING"
            self._db.execute(f"INSERT INTO requests VALUES (?, ?) {known}", (request, text))
            self._db.executemany(f"INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) {known}", rows)

    def outcome(self, key: bytes) -> Outcome | None:
        """What became of the item under `key`, or None when it is not finished."""
        query = "SELECT checksum, item, row, reason, detail, used FROM outcomes WHERE key = ?"
        with faults(self.path):
            found = self._db.execute(query, (key,)).fetchone()
        if found is None:
            return None
        checksum, *written = found
        if checksum not in (None, checksum_of(written)):
            self._forget("outcomes", key)
            return None
        item, row, reason, detail, _used = written
        return Outcome(item, None if row is None else orjson.loads(row), reason, detail)

    def record_outcome(
        self, key: bytes, outcome: Outcome, used: Sequence[bytes], situation: bytes | None = None
    ) -> Outcome:
        """Keep what became of an item, and the keys of the samples that went into it; as it is now held.

        `situation`: what `record_situation` gave for the settings it was made under.
        """
        row = None if outcome.row is None else orjson.dumps(outcome.row).decode()
        lineage = orjson.dumps([sample.hex() for sample in used]).decode()
        written = [outcome.item, row, outcome.reason, outcome.detail, lineage]
        values = (key, *written, situation, checksum_of(written))
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return replace(outcome, row=None if row is None else orjson.loads(row))

    def record_situation(self, situation: Mapping[str, Any]) -> bytes:
        """Keep what outcomes are made under (recipe, its version, options, seed, engines); its key.

        What was settled under it before is settled anew by whoever runs under it now.
        """
        key, text = digest(situation), orjson.dumps(situation).decode()
        with self._transaction():
            self._db.execute("DELETE FROM settled WHERE situation = ?", (key,))
            self._db.execute("INSERT OR IGNORE INTO situations VALUES (?, ?)", (key, text))
        # A command may run several recipes: the last settings of each are those of its
        # run.
        self._situations[str(situation.get("recipe"))] = situation
        self.set_meta("run", self._situations)
        return key

    def record_settled(self, situation: bytes, outcomes: Iterable[Outcome]) -> None:
        """Keep the rejections that were decided in the order of the items, after the recipes had spoken."""
        rows = [(situation, outcome.item, outcome.reason, outcome.detail) for outcome in outcomes]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?)", rows)

    def count(self, table: str) -> int:
        """The number of `samples`, `requests`, `outcomes`, `settled` rejections or `situations`."""
        if table not in TABLES_TO_COUNT:
            raise ValueError(table)
        with faults(self.path):
            return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def set_meta(self, name: str, value: Any) -> None:
        """Keep a JSON-ready value about the run, replacing the one of that name."""
        with self._transaction():
            text = orjson.dumps(value).decode()
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, text))

    def meta(self, name: str) -> Any:
        """The value kept under `name`, or None."""
        with faults(self.path):
            found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        with contextlib.suppress(orjson.JSONDecodeError):  # damaged on the disk: as if never said
            return None if found is None else orjson.loads(found[0])
        return None

    def close(self) -> None:
        """Close the file and let go of it; one that is new and holds nothing goes. May be repeated."""
        if hasattr(self, "_db"):
            unused = self._new and self._is_empty()
            self._db.close()
            if unused:
                self.path.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _is_empty(self) -> bool:
        """Whether nothing was ever kept; False where that cannot be told (closed, damaged)."""
        with contextlib.suppress(sqlite3.Error):
            tables = ("meta", "requests", "samples", "outcomes")
            held = [self._db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables]
            return not any(held)
        return False

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _forget(self, table: str, key: bytes) -> None:
        """Drop a record whose bytes have changed on the disk: it is made again."""
        log.warning("%s: a record was damaged on the disk and is made again", self.path)
        with self._transaction():
            self._db.execute(f"DELETE FROM {table} WHERE key = ?", (key,))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with faults(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def checksum_of(written: Sequence[Any]) -> bytes:
    """BLAKE2b-64 of the columns of a record."""
    return hashlib.blake2b(orjson.dumps(written), digest_size=8).digest()


def sample_of(text: str) -> Sample:
    """The sample that was recorded; lists were tuples. Journals of before a field was known lack it."""
    fields = {name: _as_tuples(value) for name, value in orjson.loads(text).items()}
    return Sample(**fields)


def _as_tuples(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    # Of tokens and logarithms there are thousands: what holds no lists needs no look at each.
    return (
        tuple(map(_as_tuples, value)) if any(isinstance(part, list) for part in value[:1]) else tuple(value)
    )


__all__ = [
    "JOURNAL_VERSION",
    "Journal",
    "Outcome",
    "Recorded",
    "completion_key",
    "digest",
    "sample_of",
    "unlimited_key",
]
