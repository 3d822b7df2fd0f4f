"""How a recipe draws from its model, and how that is written into the rows it makes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from datagen.engines.engine import Sample
from datagen.runs.team import Team

FINISHED = "stop"


@dataclass(frozen=True)
class Sampling:
    """`samples` answers to one prompt; `max_tokens` None lets each go on to the end of the context."""

    samples: int
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of one `Request`: the prompt is shared by all samples."""
        fields = asdict(self)
        return {"n": fields.pop("samples"), **fields}


def origin(team: Team, sampling: Sampling) -> dict[str, Any]:
    """The `meta` of a row: recipe, item, engine, hash of the model, and how it was sampled."""
    return {**team.provenance(), "sampling": asdict(sampling)}


def finished(sample: Sample) -> bool:
    """Whether an answer ended by itself, and was not cut off."""
    return sample.finish_reason == FINISHED
