"""Programs with tests from files that people have, as problem rows: HumanEval, MBPP, and tests as data.

A reference program must pass its own tests, in the sandbox of `verifiers/code/`: never in this process.
"""

from __future__ import annotations

import json
from typing import Any

from datagen.given_problems import (
    DISAGREES,
    NO_ANSWER,
    NO_QUESTION,
    UNKNOWN_LEVEL,
    NotUsableError,
    Read,
    problem_row,
    split_of,
)
from datagen.recipes.wording import wording
from schemas import Row

PROGRAMS = ("canonical_solution", "code", "solution", "answer")
NO_TESTS = "no tests"


def is_program(row: Row) -> bool:
    """Whether a row asks for a program: it has tests."""
    return any(row.get(name) for name in ("test", "test_list", "tests"))


def program_problem(row: Row, source: str, line: int) -> Row:
    """A row of HumanEval, MBPP, or with `tests` (see `verifiers.code.cases`) as a problem row of kind `code`.

    Raises `NotUsableError` when there is no question, no reference program, or one that fails its tests.
    """
    from verifiers import AnswerSpec, equivalent

    question, program, tests = _parts(row)
    if not question:
        raise NotUsableError(NO_QUESTION)
    if not program:
        raise NotUsableError(NO_ANSWER)
    spec = AnswerSpec("code", parameters={"tests": tests})
    verdict = equivalent(program, program, spec)
    if verdict.status == "gold_error":
        raise NotUsableError("tests cannot be used")
    if not verdict.correct:
        raise NotUsableError(DISAGREES.replace("ends in another answer", "fails its own tests"))
    level = row["level"] if row.get("level") in (1, 2, 3, 4, 5) else UNKNOWN_LEVEL
    named = {"source_id": row["task_id"]} if "task_id" in row else {}
    return problem_row(
        Read("code", question, program, field="programming", level=level),
        prompt=[dict(turn) for turn in wording("programs").messages("program", question=question)],
        answer=program,
        spec=spec.as_dict(),
        solution=fenced(program),
        split=split_of(row, source),
        origin={"source": source, "line": line, **named},
    )


def fenced(program: str) -> str:
    """A program as an answer holds it."""
    return f"```python\n{program.rstrip()}\n```"


def _parts(row: Row) -> tuple[str, str, list[Row]]:
    """The question, the reference program, and the tests as data."""
    words = wording("programs")
    if row.get("test") and row.get("entry_point"):  # HumanEval
        head, name = str(row.get("prompt", "")), str(row["entry_point"])
        body = str(row.get("canonical_solution") or "")
        question = words.text("complete", head=fenced(head)) if head.strip() else ""
        tests = [{"assert": f"{row['test']}\ncheck({name})\n", "entry_point": name}]
        return question, f"{head}{body}" if body.strip() else "", tests
    asked = next((str(row[n]) for n in ("text", "question", "problem", "prompt") if row.get(n)), "").strip()
    program = next((str(row[name]) for name in PROGRAMS if row.get(name)), "")
    if row.get("test_list"):  # MBPP shows one of its tests: the name of the function stands nowhere else
        lines = [str(each) for each in row["test_list"]]
        imports = row.get("test_imports") or []  # of the sanitized MBPP
        setup = "\n".join([*map(str, imports), str(row.get("test_setup_code") or "")])
        return (
            words.text("pass", question=asked, test=lines[0]),
            program,
            [{"assert": f"{setup}\n{each}".strip()} for each in lines],
        )
    return asked, program, _listed(row.get("tests"))


def _listed(tests: Any) -> list[Row]:
    if isinstance(tests, str):
        try:
            tests = json.loads(tests)
        except ValueError:
            raise NotUsableError("tests cannot be used") from None
    if not isinstance(tests, list) or not tests or not all(isinstance(each, dict) for each in tests):
        raise NotUsableError(NO_TESTS)
    return tests
