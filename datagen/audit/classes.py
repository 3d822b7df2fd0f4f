"""How rows are spread over labels, verdicts, levels, families and whatever else they say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from operator import itemgetter

from datagen.audit.figure import Figure, Part, Table, share
from datagen.audit.source import Source
from schemas import Row

COLUMNS = ("field", "family", "level", "split")
SAYINGS = ("recipe", "engine", "manner", "prefer", "family", "field", "level", "language")
"""Keys of `meta` whose values sort rows into classes."""
MOST_CLASSES = 50
MOST_SHOWN = 10


def classes_part(source: Source) -> Part:
    """Tables of all that sorts the rows, and a figure for labels."""
    found = [_table(source, name, look) for name, look in _looks(source)]
    return Part("Classes", [*_labels(source)], [table for table in found if table is not None])


def _looks(source: Source) -> Iterator[tuple[str, Callable[[Row], object]]]:
    if source.kind == "attempt":
        yield "verdict", lambda row: row["verdict"]["status"]
        yield "reward", lambda row: "not judged" if row["reward"] is None else f"{row['reward']:g}"
    if source.kind == "kto":
        yield "label", lambda row: str(row["label"]).lower()
    if source.kind == "problem":
        for column in COLUMNS:
            yield column, itemgetter(column)
    for name in SAYINGS:
        yield f"meta.{name}", _saying(name)


def _saying(name: str) -> Callable[[Row], object]:
    return lambda row: (row.get("meta") or {}).get(name)


def _table(source: Source, name: str, look: Callable[[Row], object]) -> Table | None:
    """How many rows are of each class; None where there are no classes, or as good as one for each row."""
    values = [look(row) for row in source.rows]
    counts = Counter(value for value in values if isinstance(value, str | int))
    if not counts or len(counts) > MOST_CLASSES:
        return None
    shown = [
        (str(value), times, f"{times / len(values):.1%}") for value, times in counts.most_common(MOST_SHOWN)
    ]
    if rest := counts.total() - sum(times for _, times, _ in shown):
        shown.append((f"{len(counts) - MOST_SHOWN} more", rest, f"{rest / len(values):.1%}"))
    return Table(f"Rows by {name}", (name, "rows", "share"), tuple(shown))


def _labels(source: Source) -> Iterator[Figure]:
    """Of rows with a label, how many have the commoner one."""
    if source.kind == "kto":
        true = sum(row["label"] for row in source.rows)
        count = len(source.rows)
        label = "true" if true * 2 >= count else "false"
        yield share("one_label", max(true, count - true), count, f"rows whose label is {label}")
    if source.kind == "attempt":
        judged = [row["reward"] for row in source.rows if row["reward"] is not None]
        if judged:
            yield share(
                "right", judged.count(1.0), len(judged), "judged attempts that are right", limited=False
            )
