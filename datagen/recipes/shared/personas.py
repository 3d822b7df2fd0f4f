"""Whom new tasks are made up for: people in a line each, from a file or from the wording of a recipe.

Source: Ge et al. 2024, Scaling Synthetic Data Creation with 1,000,000,000 Personas (arXiv:2406.20094).
"""

from __future__ import annotations

from pathlib import Path

from datagen.recipes.wording import Wording
from schemas import UserError
from schemas.rows import open_rows

BUILT_IN = "built-in"


def personas(named: str | None, own: Wording) -> tuple[str, ...]:
    """The personas that `named` means: none, those of the wording ("built-in"), or a file's, one a line.

    Raises `UserError` for a file that cannot be read or has none.
    """
    if named is None:
        return ()
    if named == BUILT_IN:
        return _lines(own.text("personas"))
    with open_rows(Path(named)) as file:
        try:
            found = _lines(file.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise UserError("not UTF-8 text", where=named, mend="save it as UTF-8") from None
    if not found:
        raise UserError("the file has no personas", where=named, mend="write one a line")
    return found


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
