"""The rows that items of a run are made from: read from a file, each checked before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datagen.journal import digest
from schemas import Row, UserError
from schemas.rows import numbered_rows


def checked_rows(path: str | Path, kinds: Sequence[str]) -> list[Row]:
    """All rows of a file, which are of one of `kinds`: the kind that the first row is of.

    Raises `UserError` naming file and line when a row is of another kind or does not follow its schema.
    """
    from schemas.check import check_row, kind_of

    rows: list[Row] = []
    kind: str | None = None
    for line, row in numbered_rows(path):
        kind = kind or kind_of(row)
        if kind is None or kind not in kinds:
            what = f"{f'{kind} rows' if kind else 'rows of no known kind'}, not {' or '.join(kinds)} rows"
            raise UserError(what, where=f"{path}:{line}", mend="give another file")
        if isinstance(row.get("spec"), dict):
            _refuse_unknown_answer(row["spec"], f"{path}:{line}")
        if faults := check_row(row, kind):
            what = f"{faults[0].pointer or '/'} {faults[0].reason}"
            raise UserError(
                what, where=f"{path}:{line}", mend="mend the row; `datagen check` lists all faults"
            )
        rows.append(row)
    if not rows:
        raise UserError("the file has no rows", where=path, mend="generate it again")
    return rows


def _refuse_unknown_answer(spec: Row, where: str) -> None:
    """`UserError` when no verifier could read an answer as `spec` says: it names what was meant."""
    from verifiers import AnswerSpec

    try:
        AnswerSpec.from_dict(spec)
    except UserError as error:
        raise UserError(f"/spec {error.what}", where=where, mend=error.mend) from None


def prompts(rows: Sequence[Row], columns: Sequence[str] = ()) -> list[Row]:
    """The distinct prompts of problem, instruction or preference rows, in their order, as items of a run.

    An item is `id`, `prompt` and the `columns` asked for. The prompt of an instruction row is everything
    before its last turn.
    """
    items: dict[str, Row] = {}
    for row in rows:
        prompt = row["prompt"] if "prompt" in row else row["messages"][:-1]
        name = f"prompt-{digest(prompt).hex()}"
        items.setdefault(name, {"id": name, "prompt": prompt, **{key: row[key] for key in columns}})
    return list(items.values())
