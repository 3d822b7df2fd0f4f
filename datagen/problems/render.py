"""A problem row as other rows: an instruction to learn from, a prompt to be rewarded on, plain text to read.

Pure functions from one row to one row; each keeps in `meta` where the row came from.
"""

from __future__ import annotations

from datagen.problems.text import boxed
from schemas import Row, UserError

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"


def instruction_row(row: Row, think: bool = False) -> Row:
    """The prompt answered by the worked solution.

    With `think` the steps stand inside think tags and the boxed answer alone after them.
    """
    worked = _thought(row) if think else row["solution"]
    return {"messages": [*row["prompt"], {"role": "assistant", "content": worked}], "meta": _source(row)}


def _thought(row: Row) -> str:
    """Inside the tags the answer stands without its box: the verifier reads what comes after them."""
    box = boxed(row["answer"])
    solution: str = row["solution"]
    if not solution.endswith(box):
        mend = "make the problems again"
        raise UserError(f"the worked solution of {row['id']} does not end in its answer", mend=mend)
    steps = solution.removesuffix(box) + row["answer"]
    return f"{THINK_OPEN}\n{steps}\n{THINK_CLOSE}\n\n{box}"


def reward_row(row: Row) -> Row:
    """What GRPO needs: the prompt, and beside it the answer and its spec for the verifier's reward."""
    return {"prompt": row["prompt"], "answer": row["answer"], "spec": row["spec"], "meta": _source(row)}


def corpus_row(row: Row) -> Row:
    """The question and its worked solution as plain text, the answer without its box."""
    box = boxed(row["answer"])
    solution = (
        row["solution"].removesuffix(box) + row["answer"]
        if row["solution"].endswith(box)
        else row["solution"]
    )
    return {"text": f"{row['question']}\n{solution}", "meta": _source(row)}


RENDERINGS = ("problem", "instruction", "grpo", "corpus")
"""What a problem row can become, by the name the command line gives it."""


def render(row: Row, rendering: str, think: bool = False) -> Row:
    """The row as what `rendering` names: as it is, to learn from, to be rewarded on, or to read."""
    if rendering == "instruction":
        return instruction_row(row, think)
    return {"problem": lambda same: same, "grpo": reward_row, "corpus": corpus_row}[rendering](row)


def _source(row: Row) -> Row:
    named = {name: row[name] for name in ("id", "family", "level", "split", "fingerprint")}
    return {**row["meta"], **named}
