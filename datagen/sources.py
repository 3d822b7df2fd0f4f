"""The rows that items of a run are made from: read from a file, each checked before anything is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from datagen.runs.journal import digest
from schemas import Row, UserError
from schemas.rows import numbered_rows, open_rows


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


ASKING_KINDS = ("problem", "instruction", "preference")


def asked(path: str | Path) -> list[Row]:
    """The distinct prompts of a file as items: our rows, each checked, or what `conversations` knows."""
    from schemas.check import kind_of

    path = Path(path)
    first = None if path.suffix == ".txt" else next((row for _, row in numbered_rows(path)), None)
    kind = None if first is None else kind_of(first)
    # A question with an answer may be anybody's; with a spec of the answer it is ours.
    if first is not None and kind in ASKING_KINDS and (kind != "problem" or "spec" in first):
        return prompts(checked_rows(path, ASKING_KINDS))
    return [{"id": row["id"], "prompt": row["messages"]} for row in conversations(path, answers=False)]


def conversations(path: str | Path, *, answers: bool = True) -> list[Row]:
    """Instruction rows from a file of any known format: each has `id`, `messages` and `meta`.

    Known are our own kinds, Alpaca (`instruction`, `input`, `output`), ShareGPT (`conversations`), the seed
    tasks of Self-Instruct, chats (`messages`), `prompt` or `question` with an answer, and text with a prompt
    a line. Without `answers` rows need none, and those there are are left out. Raises `UserError` naming file
    and line for a row of no known format, or without an answer where one is needed.
    """
    path = Path(path)
    numbered = _lines_of_text(path) if path.suffix == ".txt" else numbered_rows(path)
    found: dict[str, Row] = {}
    for line, row in numbered:
        where = f"{path}:{line}"
        turns = turns_of(row)
        if turns is None:
            mend = f"give rows with one of: {', '.join(KNOWN_COLUMNS)}"
            raise UserError("a row of no known format", where=where, mend=mend)
        answered = turns[-1]["role"] == "assistant"
        if answers and not answered:
            raise UserError("a row without an answer", where=where, mend="give rows that have one")
        if answered and not answers:
            turns = turns[:-1]
        if not turns or turns[-1]["role"] != ("assistant" if answers else "user"):
            raise UserError(
                "a row without a prompt", where=where, mend="end each prompt with the user's turn"
            )
        name = f"prompt-{digest(turns).hex()}"
        meta = {"source": path.name, "line": line}
        found.setdefault(name, {"id": name, "messages": turns, "meta": meta})
    if not found:
        raise UserError("the file has no rows", where=path, mend="give another file")
    return list(found.values())


KNOWN_COLUMNS = ("messages", "prompt", "instruction", "question", "conversations")
SPEAKERS = {"human": "user", "gpt": "assistant", "user": "user", "assistant": "assistant", "system": "system"}
ANSWERS = ("completion", "chosen", "response", "output", "answer", "solution")


def turns_of(row: Row) -> list[dict[str, str]] | None:
    """The turns of a row of any known format, an answer last where there is one; None for another."""
    if isinstance(row.get("messages"), list):
        return _turns(row["messages"], "role", "content")
    if isinstance(row.get("conversations"), list):
        return _turns(row["conversations"], "from", "value")
    if isinstance(instances := row.get("instances"), list) and instances:  # a seed task of Self-Instruct
        if not isinstance(instances[0], dict):
            return None
        row = {"instruction": row.get("instruction"), **instances[0]}
    for name in ("prompt", "instruction", "question"):
        asked = row.get(name)
        if isinstance(asked, list):
            turns = _turns(asked, "role", "content")
        elif isinstance(asked, str) and asked.strip():
            given = row.get("input") if name == "instruction" else None
            asked = (
                f"{asked.strip()}\n\n{given.strip()}" if isinstance(given, str) and given.strip() else asked
            )
            turns = [{"role": "user", "content": asked.strip()}]
        else:
            continue
        return None if turns is None else [*turns, *_answer(row)]
    return None


def _answer(row: Row) -> list[dict[str, str]]:
    for name in ANSWERS:
        answer = row.get(name)
        if isinstance(answer, list):
            return _turns(answer, "role", "content") or []
        if isinstance(answer, str) and answer.strip():
            return [{"role": "assistant", "content": answer.strip()}]
    return []


def _turns(turns: list[Any], speaker: str, said: str) -> list[dict[str, str]] | None:
    """Turns under our names; None when they are not turns."""
    if not turns or not all(isinstance(turn, dict) for turn in turns):
        return None
    found = [(SPEAKERS.get(str(turn.get(speaker))), turn.get(said)) for turn in turns]
    if not all(role and isinstance(text, str) for role, text in found):
        return None
    return [{"role": str(role), "content": str(text)} for role, text in found]


def _lines_of_text(path: Path) -> Iterator[tuple[int, Row]]:
    with open_rows(path) as file:
        for number, line in enumerate(file, 1):
            try:
                text = line.decode("utf-8").strip()
            except UnicodeDecodeError:
                raise UserError("not UTF-8 text", where=f"{path}:{number}", mend="save it as UTF-8") from None
            if text:
                yield number, {"prompt": text}


INPUTS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")


def row_files(path: Path) -> list[Path]:
    """The file itself, or the files of rows in a folder, by name."""
    if not path.is_dir():
        return [path]
    found = sorted(
        one for one in path.iterdir() if one.name.endswith(INPUTS) and not one.name.startswith(".")
    )
    if not found:
        raise UserError(
            "the folder has no files of rows", where=path, mend=f"they end in {', '.join(INPUTS)}"
        )
    return found
