"""Where a row comes from: its outcome and every completion behind it, read from a journal.

Never writes and never locks: the run may be under way. Making the records is `journal.py`'s affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from datagen.engines.engine import ALWAYS_NAMED, NAMED_WHEN_CHOSEN
from datagen.runs.journal import checksum_of
from datagen.runs.journal_file import faults, open_for_reading
from schemas import Row, UserError
from schemas.errors import nearest
from schemas.rows import numbered_rows

SQLITE_MAGIC = b"SQLite format 3\0"
PROMPTS = ("chat", "prompt", "messages", "prefix", "text")
"""Under which names an engine says what was asked, in the identity of a completion."""
MOST_COMPARED = 5_000
"""Names among which the nearest is looked for."""


@dataclass(frozen=True)
class Origin:
    """One completion: who wrote it, what was asked, how it was sampled, what came, and what it cost.

    `engine` are the settings of the engine beside its `name` and the hash of its `model`. `seconds` from
    being asked to the last token, `damaged` says that the record is no longer what was written.
    """

    engine: dict[str, Any]
    name: str
    model: str | None
    prompt: Any
    sampling: dict[str, Any]
    seed: int
    text: str
    reasoning: str | None
    tokens: list[int]
    token_count: int
    finish_reason: str
    prompt_tokens: int
    seconds: float
    damaged: bool


@dataclass(frozen=True)
class Lineage:
    """What became of an item under one recipe, version and settings, and from what.

    `settings` are those (recipe, version, seed, options, engines), None in journals of before they were kept.
    `current`: they are those of the last run. `reason` and `detail` of a rejection, and `settled` when it was
    not the recipe's, but decided in the order of the items.
    """

    item: str
    rows: list[Row]
    reason: str | None
    detail: str
    settled: bool
    current: bool
    settings: dict[str, Any] | None
    completions: list[Origin]


class Lineages:
    """A journal, to be read. Raises `UserError` when there is none, or it is damaged or a newer version's."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with faults(self.path):
            self._db = open_for_reading(self.path)
            columns = {row[1] for row in self._db.execute("PRAGMA table_info(outcomes)")}
        # A journal of version 1 does not say under which settings an outcome was made.
        self._situation = "situation" if "situation" in columns else "NULL"
        self._checksum = "checksum" if "checksum" in columns else "NULL"

    def of_item(self, item: str) -> list[Lineage]:
        """All that became of an item, that of the last run's settings first; nothing for an unknown one."""
        query = f"SELECT {self._situation}, row, reason, detail, used FROM outcomes WHERE item = ?"
        with faults(self.path):
            found = [self._lineage(item, *row) for row in self._db.execute(query, (item,)).fetchall()]
        return sorted(found, key=_not_current)

    def of_row(self, row: Row) -> list[Lineage]:
        """Where `row` comes from, as it stands in the output file; with no other rows of its item."""
        text = orjson.dumps(row).decode()
        items = self._items("row = ? OR instr(row, ?)", (text, text))
        if not items and isinstance(item := (row.get("meta") or {}).get("item"), str):
            return self.of_item(item)
        found = [lineage for item in items for lineage in self.of_item(item) if row in lineage.rows]
        return sorted((replace(lineage, rows=[row]) for lineage in found), key=_not_current)

    def of_row_id(self, name: str) -> list[Lineage]:
        """The lineages of the items with a row whose `id` is `name`."""
        one = "json_extract(row, '$.id') = ?"
        several = "EXISTS (SELECT 1 FROM json_each(row) WHERE json_extract(value, '$.id') = ?)"
        chosen = f"CASE json_type(row) WHEN 'array' THEN {several} ELSE {one} END"
        items = self._items(f"row IS NOT NULL AND {chosen}", (name, name))
        return [lineage for item in items for lineage in self.of_item(item)]

    def nearest(self, name: str) -> str | None:
        """The item whose name is most like `name`, or None."""
        with faults(self.path):
            query = "SELECT DISTINCT item FROM outcomes ORDER BY abs(length(item) - ?), item LIMIT ?"
            found = self._db.execute(query, (len(name), MOST_COMPARED)).fetchall()
        items = [item for (item,) in found]
        return nearest(name, items) or next(iter(get_close_matches(name, items, n=1, cutoff=0.0)), None)

    def meta(self, name: str) -> Any:
        """What the run keeps about itself under a name, or None."""
        with faults(self.path):
            query = "SELECT value FROM meta WHERE name = ?"
            return _loaded(self._db.execute(query, (name,)).fetchone())

    def _items(self, where: str, values: tuple[str, ...]) -> list[str]:
        with faults(self.path):
            found = self._db.execute(f"SELECT DISTINCT item FROM outcomes WHERE {where}", values).fetchall()
        return [item for (item,) in found]

    def _lineage(
        self, item: str, situation: bytes | None, row: str | None, reason: str | None, detail: str, used: str
    ) -> Lineage:
        made = [] if row is None else orjson.loads(row)
        settings, settled = None, None
        if situation is not None:
            query = "SELECT situation FROM situations WHERE id = ?"
            settings = _loaded(self._db.execute(query, (situation,)).fetchone())
            query = "SELECT reason, detail FROM settled WHERE situation = ? AND item = ?"
            settled = self._db.execute(query, (situation, item)).fetchone()
        last = self.meta("run") or {}
        if isinstance(last.get("recipe"), str):  # an older journal, of one recipe
            last = {last["recipe"]: last}
        return Lineage(
            item=item,
            rows=made if isinstance(made, list) else [made],
            reason=reason if settled is None else settled[0],
            detail=detail if settled is None else settled[1],
            settled=settled is not None,
            current=situation is None or settings in last.values(),
            settings=settings,
            completions=[self._origin(bytes.fromhex(key)) for key in orjson.loads(used)],
        )

    def _origin(self, key: bytes) -> Origin:
        columns = f"identity, seed, {self._checksum}, sample, prompt_tokens, seconds, model"
        query = f"SELECT {columns} FROM samples JOIN requests ON request = id WHERE key = ?"
        found = self._db.execute(query, (key,)).fetchone()
        if found is None:
            raise UserError("a completion of this row is missing", where=self.path, mend="run it again")
        identity, seed, checksum, *written = found
        sample = orjson.loads(written[0])
        told: dict[str, Any] = orjson.loads(identity)
        model = told.pop("model", None)
        asked = {name: told.pop(name) for name in PROMPTS if name in told}
        sampling = {name: told.pop(name) for name in (*ALWAYS_NAMED, *NAMED_WHEN_CHOSEN) if name in told}
        return Origin(
            engine=told,
            name=written[3],
            model=model if isinstance(model, str) else None,
            prompt=next(iter(asked.values())) if len(asked) == 1 else asked,
            sampling=sampling,
            seed=seed,
            text=sample["text"],
            reasoning=sample.get("reasoning"),
            tokens=sample["tokens"],
            token_count=sample.get("token_count", len(sample["tokens"])),
            finish_reason=sample["finish_reason"],
            prompt_tokens=written[1],
            seconds=written[2],
            damaged=checksum not in (None, checksum_of(written)),
        )

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Lineages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _not_current(lineage: Lineage) -> bool:
    return not lineage.current


def is_journal(path: Path) -> bool:
    """Whether a file is an SQLite database, and so no file of rows."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    except OSError:
        return False


def row_of_line(path: Path, line: int) -> Row:
    """The row on a line of a `.jsonl` file, or of that number in a `.parquet` file, counted from 1."""
    last = 0
    for number, row in numbered_rows(path):
        if number == line:
            return row
        last = number
    raise UserError(f"there is no row {line:,}", where=path, mend=f"the last one is {last:,}")


def _loaded(found: Mapping[int, str] | tuple[str] | None) -> Any:
    return None if found is None else orjson.loads(found[0])
