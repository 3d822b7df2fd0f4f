"""One audit: all figures of the rows of a source, and which of them are beyond their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datagen.audit.classes import classes_part
from datagen.audit.figure import Figure, Part
from datagen.audit.limits import Breach, Limits, breaches
from datagen.audit.pairs import pairs_part
from datagen.audit.source import Source
from datagen.audit.texts import texts_part
from schemas import Row


@dataclass(frozen=True)
class Audit:
    """What was found in a source, part by part; `breaches` are the figures beyond their limits."""

    source: Source
    parts: Sequence[Part]
    breaches: Sequence[Breach]

    @property
    def figures(self) -> list[Figure]:
        """The figures of all parts."""
        return [figure for part in self.parts for figure in part.figures]


def audit(source: Source, limits: Limits | None = None, count: Callable[[Row], int] | None = None) -> Audit:
    """The figures of a source. `count`: tokens of a row, where the target model is known."""
    parts = [pairs_part(source)] if source.kind == "preference" else []
    parts += [*texts_part(source, count), classes_part(source)]
    parts = [part for part in parts if part.figures or any(table.rows for table in part.tables)]
    figures = [figure for part in parts for figure in part.figures]
    return Audit(source, parts, [*breaches(figures, limits or Limits(), source.path)])
