"""A reward function in TRL's shape for followed instructions. None means "skip this sample"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import UserError
from verifiers.constraints.checking import Asked, check_all
from verifiers.extract import after_reasoning
from verifiers.reward import Completion, Rewards, completion_text


@dataclass(frozen=True)
class Follows:
    """1.0 where a completion follows all its constraints, 0.0 where not, None where a constraint is broken.

    With `share` the share of them instead; with `loose` IFEval's loose judging. Reasoning between think
    tags is not judged, and a completion whose reasoning never ends follows nothing. A frozen value, so it
    pickles and is called from any thread.
    """

    share: bool = False
    loose: bool = False

    @property
    def __name__(self) -> str:  # TRL names its metrics after this
        return "follows_share" if self.share else "follows"

    def __call__(
        self,
        prompts: Any,
        completions: Sequence[Completion],
        *,
        constraints: Sequence[str | Sequence[Asked]],
        **columns: Any,
    ) -> Rewards:
        """`constraints` is the dataset's column: for each completion a list of rows, or its JSON text.

        An empty list asks nothing and gives 1.0 to every completion. Raises `UserError` when the columns
        differ in length or an entry is no list; a row in it of which no constraint can be made gives None.
        """
        if len(completions) != len(constraints):
            counts = f"{len(completions)} completions, {len(constraints)} lists of constraints"
            raise UserError(f"columns of different lengths: {counts}", mend="pass one entry a completion")
        return [
            self._reward(completion_text(completion), _rows(entry))
            for completion, entry in zip(completions, constraints, strict=True)
        ]

    def _reward(self, completion: str, rows: Sequence[Asked]) -> float | None:
        report = check_all(after_reasoning(completion) or "", rows, loose=self.loose)
        return report.share if self.share else report.whole.reward


def _rows(entry: Any) -> list[Asked]:
    if isinstance(entry, str):
        try:
            entry = json.loads(entry)
        except ValueError as error:
            raise UserError(f"the constraints are not JSON: {error}", mend="use a list of objects") from error
    if not isinstance(entry, (list, tuple)):
        raise UserError(f"the constraints are {entry!r}", mend="use a list of objects, [] for none")
    return list(entry)


#: All constraints or nothing.
follows = Follows()
