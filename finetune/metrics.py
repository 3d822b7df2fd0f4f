"""metrics.jsonl: one line of figures a logged step; everything else (progress, plots, report) reads it.

Knows nothing of where the figures come from. A resumed run drops the lines after the step it resumes from,
so that every step is there once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

METRICS_NAME = "metrics.jsonl"


class Metrics:
    """The metrics file of one stage, open for appending from `step` on."""

    def __init__(self, folder: Path, *, resume_from_step: int = 0) -> None:
        self.path = folder / METRICS_NAME
        kept = [line for line in read_metrics(folder) if line["step"] <= resume_from_step]
        temporary = self.path.with_suffix(".tmp")
        temporary.write_bytes(b"".join(map(_dump, kept)))
        temporary.replace(self.path)

    def write(self, step: int, **figures: Any) -> None:
        """Append the figures of a step; a figure that is None is left out."""
        known = {name: value for name, value in figures.items() if value is not None}
        with self.path.open("ab") as file:
            file.write(_dump({"step": step, **known}))


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a stage's metrics in order; a last line that a kill cut short is left out."""
    path = folder / METRICS_NAME
    if not path.exists():
        return []
    lines = []
    for text in path.read_bytes().splitlines(keepends=True):
        if text.endswith(b"\n"):
            lines.append(orjson.loads(text))
    return lines


def _dump(line: dict[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
