"""The file of a journal: its tables and versions, who may write it, and SQLite's complaints as sentences.

What the tables hold is `journal.py`'s affair, what they tell a reader `lineage.py`'s.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from schemas import UserError

JOURNAL_VERSION = 2
# "HgJr": tells our files from other SQLite databases.
APPLICATION_ID = 0x48674A72
WAL_PAGES = 4000
"""Pages of 4 KiB the write-ahead log may hold: the longer it is, the fewer scattered pages are moved."""
MEND_UNUSABLE = "see that its disk has space and its folder is yours to write, or choose another --journal"
# Rowid tables: rows of several hundred bytes are recorded in half the time of WITHOUT ROWID.
TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE requests (id BLOB PRIMARY KEY, identity TEXT NOT NULL);
CREATE TABLE samples (
    key BLOB PRIMARY KEY,
    request BLOB NOT NULL REFERENCES requests (id),
    seed INTEGER NOT NULL,
    sample TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    model TEXT NOT NULL
);
CREATE TABLE outcomes (
    key BLOB PRIMARY KEY,
    item TEXT NOT NULL,
    row TEXT,
    reason TEXT,
    detail TEXT NOT NULL,
    used TEXT NOT NULL
);
CREATE INDEX outcomes_by_item ON outcomes (item);
"""
# Version 1 had the tables above and no more; it becomes version 2 when somebody goes on with its run.
FROM_1_TO_2 = """
ALTER TABLE samples ADD COLUMN unlimited BLOB;
ALTER TABLE samples ADD COLUMN checksum BLOB;
ALTER TABLE outcomes ADD COLUMN situation BLOB;
ALTER TABLE outcomes ADD COLUMN checksum BLOB;
CREATE INDEX samples_by_unlimited ON samples (unlimited) WHERE unlimited IS NOT NULL;
CREATE TABLE situations (id BLOB PRIMARY KEY, situation TEXT NOT NULL);
CREATE TABLE settled (
    situation BLOB NOT NULL, item TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (situation, item)
) WITHOUT ROWID;
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The database, made or brought to this version; `UserError` when it is no journal, or a newer one."""
    # One loop at a time uses the journal, though it may run on a thread of its own.
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.text_factory = _text
    try:
        version = version_of(database, path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        if version < JOURNAL_VERSION:
            tables = (TABLES if version == 0 else "") + FROM_1_TO_2
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {JOURNAL_VERSION};"
            database.executescript(f"BEGIN IMMEDIATE; {tables} {marks} COMMIT;")
    except BaseException:
        database.close()
        raise
    return database


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The database of a journal, never written and never locked: another process may be at work on it.

    Raises `UserError` when there is none, it is something else, or from a newer version.
    """
    if not path.is_file():
        raise UserError("no such journal", where=path, mend="check the path, or give --journal")
    place = f"file:{quote(str(path.resolve()))}?mode=ro"
    # Without a log the file alone is everything, and nobody can be writing it: then SQLite needs no shared
    # memory beside it, which it would leave there, or could not put into a folder that is not ours.
    if not Path(f"{path}-wal").exists():
        place += "&immutable=1"
    database = sqlite3.connect(place, uri=True)
    try:
        version = version_of(database, path)
        database.text_factory = _text
        if version == 0:
            raise UserError("the journal is empty", where=path, mend="give the journal of a run")
    except BaseException:
        database.close()
        raise
    return database


def version_of(database: sqlite3.Connection, path: Path) -> int:
    """The version of a journal, 0 for an empty file; `UserError` for other databases and newer versions."""
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not tables:
        return 0
    if application != APPLICATION_ID:
        raise UserError("a database, but no journal", where=path, mend="choose another place")
    if version > JOURNAL_VERSION:
        what = f"the journal has version {version}, this program reads up to {JOURNAL_VERSION}"
        raise UserError(what, where=path, mend="upgrade homegrown-llm, or choose another --journal")
    return version


def _text(data: bytes) -> str:
    """Text as it is, even where the disk has damaged it: the checksum of its record will tell."""
    return data.decode("utf-8", errors="replace")


@contextlib.contextmanager
def faults(path: Path) -> Iterator[None]:
    """What SQLite complains about, as a sentence for the user."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        what = str(error)
        if "full" in what:
            mend = "free some space and run the same command again; everything recorded is safe"
            raise UserError("the disk is full", where=path, mend=mend) from error
        if "not a database" in what or "malformed" in what or "no such" in what:
            mend = "restore it, or move it away to start over; the same command makes the same rows again"
            raise UserError(f"not a journal, or damaged ({what})", where=path, mend=mend) from error
        if isinstance(error, sqlite3.OperationalError):
            raise UserError(f"the journal cannot be used ({what})", where=path, mend=MEND_UNUSABLE) from error
        raise


def lock(path: Path) -> int | None:
    """A file whose lock ends with this process, however it ends. (Without `fcntl` nothing is locked.)"""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        what = f"the journal cannot be used ({error.strerror})"
        raise UserError(what, where=path, mend=MEND_UNUSABLE) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(held, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(held)
        if not isinstance(error, BlockingIOError):
            what = f"the journal cannot be locked ({error.strerror})"
            raise UserError(what, where=path, mend="choose a --journal on a local disk") from None
        what = f"another process (id {holder}) works on this run"
        raise UserError(what, where=path, mend="wait for it or stop it") from None
    with contextlib.suppress(OSError):  # a full disk: the lock holds, and the first record will say it
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
    return held
