"""Problems from files that people have, as problem rows: GSM8K, MATH, questions, programs.

`problems_of` is the one way in, also for files of our own problem rows. Every row is read or left out with a
reason that is counted. Programs are read in `given_programs.py`; nothing is asked of a model here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from math import isfinite
from pathlib import Path
from typing import Any

from datagen.filters.filter import strings_in
from datagen.problems.family import INSTRUCTION
from datagen.problems.text import boxed
from datagen.sources import checked_rows
from schemas import Row, UserError
from schemas.rows import numbered_rows

QUESTIONS = ("question", "problem", "prompt", "instruction", "query")
ANSWERS = ("answer", "final_answer", "expected_answer", "answerKey", "target")
SOLUTIONS = ("solution", "rationale", "output", "response", "completion")
OPTIONS = ("choices", "options")
LETTERS = "ABCDEFGHIJ"
OWN = frozenset({"spec", "fingerprint"})
"""Columns that our own rows have and those of others do not."""
LONGEST_TEXT = 60
"""Characters of an answer in words: nobody says the same longer one again."""
NO_QUESTION, NO_ANSWER, UNREADABLE = "no question", "no answer", "answer cannot be read"
NO_OPTIONS, DAMAGED = "options cannot be read", "text is damaged"
PROSE, DISAGREES, REPEATED = "answer is prose", "solution ends in another answer", "question comes again"
UNKNOWN_LEVEL = 3

_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_FINAL = re.compile(r"\n?\s*####\s*([^\n]*)\s*\Z")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_SPLITS = {"train": "train", "valid": "valid", "validation": "valid", "dev": "valid", "test": "test"}
_MORE_STEPS = ((2, 1), (3, 2), (4, 3), (6, 4))
"""(calculations at most, level) of a solution of GSM8K; more are of level 5."""


class NotUsableError(ValueError):
    """A row that cannot become a problem; the message is the reason that is counted."""


@dataclass(frozen=True)
class Given:
    """The problems of a file. `left_out` counts the rows that are none by reason, `first`: a line of each."""

    rows: list[Row]
    read: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    first: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> str:
        """What was left out and why, for a summary; empty where everything was taken."""
        reasons = ", ".join(
            f"{why}: {count:,} (first in line {self.first[why]})" for why, count in self.left_out.items()
        )
        left = sum(self.left_out.values())
        return f"{left:,} of {self.read:,} rows left out ({reasons})" if left else ""


@dataclass(frozen=True)
class Read:
    """What a row says: `answer` None where there is none. `steps` are calculations, where they are marked."""

    family: str
    question: str
    answer: str | None
    solution: str | None = None
    field: str = "given"
    level: int = UNKNOWN_LEVEL
    choices: tuple[str, ...] = ()


def problems_of(path: str | Path, *, answers: bool = True) -> Given:
    """The problem rows of a file of any known format; our own are checked and stay as they are.

    Known are GSM8K (`question`, `answer` with `#### 72`), MATH (`problem`, `solution` with `\\boxed`),
    one of `QUESTIONS` with one of `ANSWERS` or `SOLUTIONS`, options to choose from, and programs with tests
    (HumanEval, MBPP, `tests`). Without `answers` rows need none: such a one is `id`, `prompt`, `question`.
    Raises `UserError` for a file without a problem, naming the reasons, or of which the first row is of no
    known format.
    """
    path = Path(path)
    numbered = numbered_rows(path)
    first = next(iter(numbered), None)
    if first is None or OWN & first[1].keys() or _question_of(first[1]) is None:
        rows = checked_rows(path, ["problem"])
        return Given(rows, len(rows))
    return _given(path, answers)


def _given(path: Path, answers: bool) -> Given:
    rows: dict[str, Row] = {}
    left_out: Counter[str] = Counter()
    first: dict[str, int] = {}
    read = 0
    for line, row in numbered_rows(path):
        read += 1
        try:
            made = problem_of(row, path.name, line, answers=answers)
            if made["id"] in rows:
                raise NotUsableError(REPEATED)
            rows[made["id"]] = made
        except NotUsableError as error:
            left_out[str(error)] += 1
            first.setdefault(str(error), line)
    found = Given(list(rows.values()), read, dict(left_out.most_common()), first)
    if not rows:
        mend = "give questions with short answers, or rows that `datagen problems` made"
        raise UserError(f"no row can be used as a problem: {found.told()}", where=path, mend=mend)
    return found


def problem_of(row: Row, source: str, line: int, *, answers: bool = True) -> Row:
    """One row as a problem row. Raises `NotUsableError` with the reason when it cannot be one."""
    from datagen.given_programs import is_program, program_problem

    if any("\ud800" <= letter <= "\udfff" for text in strings_in(row) for letter in text):
        raise NotUsableError(DAMAGED)
    if is_program(row):
        return program_problem(row, source, line)
    read = _read(row)
    prompt = [{"role": "user", "content": asked(read.question)}]
    if read.answer is None:
        if answers:
            raise NotUsableError(NO_ANSWER)
        mark = mark_of(read.question)
        return {"id": f"{read.family}-{mark}", "prompt": prompt, "question": read.question}
    spec, answer = spec_of(read.answer, read.choices)
    return problem_row(
        read,
        prompt=prompt,
        answer=answer,
        spec=spec,
        solution=_proved_solution(read.solution, answer, spec),
        split=split_of(row, source),
        origin={"source": source, "line": line, **_named(row)},
    )


def problem_row(
    read: Read, *, prompt: list[Row], answer: str, spec: Row, solution: str, split: str, origin: Row
) -> Row:
    """The row as the schema wants it. The fingerprint is that of the question: there is no more."""
    mark = mark_of(read.question)
    return {
        "id": f"{read.family}-{mark}",
        "family": read.family,
        "field": read.field,
        "level": read.level,
        "split": split,
        "prompt": prompt,
        "question": read.question,
        "answer": answer,
        "spec": spec,
        "solution": solution,
        "given": {"source": origin["source"], "line": origin["line"]},
        "fingerprint": mark,
        "meta": {"recipe": "given problems", **origin},
    }


def mark_of(question: str) -> str:
    """16 hexadecimal digits of a question, whatever its case and spacing."""
    return blake2b(" ".join(question.casefold().split()).encode(), digest_size=8).hexdigest()


def asked(question: str) -> str:
    """What a model is asked: the question, and where to put the answer if it does not say so itself."""
    return question if "\\boxed" in question else f"{question}\n{INSTRUCTION}"


def spec_of(answer: str, choices: tuple[str, ...] = ()) -> tuple[Row, str]:
    """How an answer is to be compared, and the answer without commas in its thousands.

    Raises `NotUsableError` for one that the verifier does not find equal to itself, and for prose.
    """
    from verifiers import AnswerSpec, verify

    answer = answer.strip().strip("$").strip() if answer.count("$") in (1, 2) else answer.strip()
    answer = answer.replace(",", "") if _THOUSANDS.fullmatch(answer) else answer
    if choices:
        letter = answer.strip("() .").upper()
        if letter not in choices:
            raise NotUsableError("answer is none of the options")
        return AnswerSpec("choice", choices=choices).as_dict(), letter
    guess = AnswerSpec.infer(answer)
    # The kind alone, without the forgiving form of a guess: `2^3` is no answer where 8 is.
    spec = AnswerSpec(guess.kind, base=guess.base)
    if spec.kind == "text" and len(answer) > LONGEST_TEXT:
        raise NotUsableError(PROSE)
    if not verify(boxed(answer), answer, spec).correct:
        spec = AnswerSpec(guess.kind, form="any", base=guess.base)
        if not verify(boxed(answer), answer, spec).correct:
            raise NotUsableError(UNREADABLE)
    return spec.as_dict(), answer


def split_of(row: Row, source: str) -> str:
    """What the row says, else what the name of its file says, else train."""
    said = _SPLITS.get(str(row.get("split", "")).lower())
    named = (_SPLITS[word] for word in re.split(r"[^a-z]+", source.lower()) if word in _SPLITS)
    return said or next(named, "train")


def _read(row: Row) -> Read:
    question = _question_of(row)
    if not question:
        raise NotUsableError(NO_QUESTION)
    answer, solution = _text(row, ANSWERS), _text(row, SOLUTIONS)
    if answer is not None and (final := _FINAL.search(answer)):
        return _gsm8k(question, answer, final)
    family = "math" if "problem" in row and solution is not None and "\\boxed" in solution else "given"
    if answer is not None and "\\boxed" in answer:
        solution, answer = solution or answer, None
    if answer is None and solution is not None:
        answer = _final_of(solution)
    choices = _choices(row)
    return Read(
        family,
        f"{question}\n{_listed(choices)}" if choices else question,
        _letter(answer, choices, _is_index(row)),
        solution,
        _field(row),
        _level(row.get("level", row.get("difficulty"))),
        tuple(choices),
    )


def _gsm8k(question: str, answer: str, final: re.Match[str]) -> Read:
    body = answer[: final.start()]
    steps = len(_CALCULATOR.findall(body))
    level = next((level for most, level in _MORE_STEPS if steps <= most), 5) if steps else UNKNOWN_LEVEL
    return Read(
        "gsm8k", question, final[1].strip() or None, _CALCULATOR.sub("", body), "word_problems", level
    )


def _question_of(row: Row) -> str | None:
    """What is asked, with the input that an instruction comes with; the last turn of a chat."""
    for name in QUESTIONS:
        said = row.get(name)
        if isinstance(said, list) and said and isinstance(said[-1], dict):
            said = said[-1].get("content")
        if isinstance(said, str) and said.strip():
            more = row.get("input") if name == "instruction" else None
            parts = [said, more] if isinstance(more, str) else [said]
            return "\n\n".join(part.strip() for part in parts if part.strip())
    return str(row["text"]).strip() if "test_list" in row and row.get("text") else None


def _text(row: Row, names: tuple[str, ...]) -> str | None:
    """The first of these columns that says something, as text; a list of one is that one."""
    for name in names:
        value: Any = row.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (int, float)):
            if not isfinite(value):
                raise NotUsableError(UNREADABLE)
            return str(int(value)) if value == int(value) else str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _final_of(solution: str) -> str | None:
    """The answer that a solution commits to."""
    from verifiers import LENIENT, Candidate, extract

    if "\\boxed" not in solution and "####" not in solution:
        return solution if len(solution) <= LONGEST_TEXT else None
    found = extract(solution, LENIENT)
    if not isinstance(found, Candidate):
        return None
    return ", ".join(found.cluster) if found.cluster else found.text


def _choices(row: Row) -> dict[str, str]:
    """Options by letter; of lists, and of the columns `label` and `text` that ARC has."""
    found = next((row[name] for name in OPTIONS if row.get(name)), None)
    if isinstance(found, dict) and "text" in found:
        labels, texts = found.get("label", LETTERS), found["text"]
        if not isinstance(texts, list) or not isinstance(labels, (list, str)):
            raise NotUsableError(NO_OPTIONS)
        return dict(zip(map(str, labels), map(str, texts), strict=False))
    if isinstance(found, dict):
        return {str(letter): str(text) for letter, text in found.items()}
    return dict(zip(LETTERS, map(str, found), strict=False)) if isinstance(found, list) else {}


def _listed(choices: Mapping[str, str]) -> str:
    return "\n".join(f"({letter}) {text}" for letter, text in choices.items())


def _is_index(row: Row) -> bool:
    """Whether the answer is a number as such, which counts the options from 0: MMLU's, also where it is 0."""
    said = next((row[name] for name in ANSWERS if row.get(name) is not None), None)
    return isinstance(said, int) and not isinstance(said, bool)


def _letter(answer: str | None, choices: Mapping[str, str], is_index: bool = False) -> str | None:
    """The letter of the right option, where the answer is its number or its text."""
    if answer is None or not choices or (answer in choices and not is_index):
        return answer
    numbered = answer.isdecimal() and int(answer) < len(choices)
    # Labels that are numbers themselves, as some of ARC's, are what a number means.
    if is_index and numbered and answer not in choices:
        return list(choices)[int(answer)]
    letters = [letter for letter, text in choices.items() if text == answer]
    if not letters and numbered:
        letters = [list(choices)[int(answer)]]
    return letters[0] if len(letters) == 1 else answer


def _field(row: Row) -> str:
    said = next((row[name] for name in ("type", "subject", "field", "category") if row.get(name)), None)
    slug = re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_") if isinstance(said, str) else ""
    return slug or "given"


def _level(said: Any) -> int:
    """`Level 3` and 3 as they are; what is no level from 1 to 5 is not known."""
    found = re.fullmatch(r"(?:level\s*)?([1-5])", str(said).strip().lower())
    return int(found[1]) if found else UNKNOWN_LEVEL


def _proved_solution(solution: str | None, answer: str, spec: Row) -> str:
    """The worked solution, ending in the answer in a box, which the verifier finds right."""
    from verifiers import AnswerSpec, verify

    if solution is None or solution.strip() == answer:
        return boxed(answer)
    told = _FINAL.sub("", solution).strip()
    if "\\boxed" not in told:
        told = f"{told}\nThe answer is {boxed(answer)}".lstrip()
    if not verify(told, answer, AnswerSpec.from_dict(spec)).correct:
        raise NotUsableError(DISAGREES)
    return told


def _named(row: Row) -> Row:
    """The name that a row has where it comes from."""
    names = ("id", "task_id", "unique_id")
    return next(({"source_id": row[name]} for name in names if isinstance(row.get(name), (str, int))), {})
