"""Parts with a grammar: JSON, code blocks, tables, tags, quotations, check lists."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schemas.errors import UserError
from verifiers.constraints import fill
from verifiers.constraints.base import Constraint, Range, parameter
from verifiers.constraints.counted import Counted, plural
from verifiers.constraints.examples import draw_schema, fitting, unfitting
from verifiers.constraints.formats import Itemised
from verifiers.constraints.readers import keyword, mapping, one_of, whole
from verifiers.constraints.text import code_blocks

#: What may stand beside a response that is JSON: all else would have to live inside its strings.
BESIDE_JSON = frozenset({"format:json", "format:json_schema", "keywords:include", "keywords:exclude"})
_MAX_DIGITS = 4000
_KINDS: dict[str, type | tuple[type, ...]] = {"any": object, "object": dict, "array": list}


def read_json(response: str) -> Any:
    """The value of a response that is one JSON text, bare or in one Markdown fence.

    Raises `ValueError` for anything else; `NaN` and `Infinity` are no JSON (RFC 8259).
    """
    body = response.strip()
    if body.startswith("```") and body.endswith("```") and len(body) >= 6:
        first, _, rest = body[3:-3].partition("\n")
        body = rest if first.strip().lower() in ("json", "") and rest else body[3:-3].removeprefix("json")
    try:
        return json.loads(body, parse_constant=_refuse, parse_int=_whole)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _whole(digits: str) -> int:
    """Python refuses to read very long integers, which are JSON all the same: any huge one stands for it."""
    return int(digits[:_MAX_DIGITS])


@dataclass(frozen=True)
class Json(Constraint):
    """The entire response is JSON, bare or in one Markdown fence; `top` may ask for an object or array."""

    id = "format:json"
    beside = BESIDE_JSON
    top: str = parameter(one_of(*_KINDS), lambda rng: rng.choice(tuple(_KINDS)), "any")

    def describe(self) -> str:
        what = {"any": "valid JSON", "object": "a valid JSON object", "array": "a valid JSON array"}[self.top]
        return f"Your entire response must be {what}; you may put it in a Markdown code fence."

    def judge(self, response: str) -> tuple[bool, str]:
        try:
            value = read_json(response)
        except ValueError as error:
            return False, f"not JSON: {error}"
        found = (
            "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a value"
        )
        return isinstance(value, _KINDS[self.top]), f"JSON with {found} at the top, for {self.top}"

    def satisfy(self, rng: random.Random) -> str:
        value: Any = {fill.word(rng): rng.randint(0, 99), "text": fill.sentence(rng)}
        if self.top == "array":
            value = [value, fill.word(rng)]
        text = json.dumps(value, indent=rng.choice((None, 2)))
        return rng.choice((text, f"```json\n{text}\n```", f"```\n{text}\n```"))

    def violate(self, rng: random.Random) -> str:
        text = json.dumps([{fill.word(rng): fill.sentence(rng)}])
        return rng.choice(
            (text[:-1], f"Here it is: {text}", text.replace('"', "'"), "[NaN]", f"{text}\n{text}")
        )


@dataclass(frozen=True)
class JsonSchema(Constraint):
    """The entire response is JSON that is valid against a JSON Schema (draft 2020-12).

    Raises `UserError` for a schema that is invalid or refers to another document, because nothing is ever
    fetched. `satisfy` and `violate` raise one where no example can be made by the simple means of
    `examples.py`.
    """

    id = "format:json_schema"
    beside = BESIDE_JSON
    schema: Mapping[str, Any] = parameter(mapping, draw_schema, hashed=False)

    def validate(self) -> None:
        import jsonschema
        import jsonschema_rs

        try:
            _refuse_remote(self.schema)
            jsonschema.Draft202012Validator.check_schema(self.schema)
            _validator(json.dumps(self.schema))
        except (jsonschema.SchemaError, jsonschema_rs.ValidationError, TypeError, RecursionError) as error:
            raise ValueError(
                f"not a JSON Schema: {getattr(error, 'message', 'nested too deeply')}"
            ) from error

    def describe(self) -> str:
        schema = json.dumps(self.schema, ensure_ascii=False, sort_keys=True)
        return f"Your entire response must be JSON that is valid against this JSON Schema: {schema}"

    def _valid(self, value: Any) -> bool:
        return self._fault(value) is None

    def _fault(self, value: Any) -> str | None:
        import jsonschema_rs

        try:
            _validator(json.dumps(self.schema)).validate(value)
        except jsonschema_rs.ValidationError as error:
            return str(error.message)
        return None

    def judge(self, response: str) -> tuple[bool, str]:
        try:
            fault = self._fault(read_json(response))
        except (ValueError, RecursionError) as error:
            return False, f"not JSON: {error}"
        return fault is None, fault[:300] if fault else "valid against the schema"

    def satisfy(self, rng: random.Random) -> str:
        for value in fitting(self.schema, rng):
            if self._valid(value):
                return json.dumps(value)
        raise UserError("no example of the JSON schema could be made", mend="use a simpler schema")

    def violate(self, rng: random.Random) -> str:
        for value in unfitting(self.schema, rng):
            if not self._valid(value):
                return json.dumps(value)
        return '{"unfinished": '


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(json.loads(schema))


def _refuse_remote(part: Any) -> None:
    """`ValueError` for a reference that leaves the document."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
                raise ValueError(f"the schema refers to {value!r}; use references that start with #")
            _refuse_remote(value)
    elif isinstance(part, list):
        for value in part:
            _refuse_remote(value)


@dataclass(frozen=True)
class CodeBlocks(Counted):
    """The number of closed fenced code blocks, of one language where `language` says so."""

    id = "format:code_blocks"
    noun = "code block"
    usual = (1, 3)
    language: str | None = parameter(keyword, lambda rng: rng.choice((None, "python", "json", "c++")), None)

    def counted(self) -> str:
        return f"code block with the language {self.language}" if self.language else self.noun

    def describe(self) -> str:
        return super().describe()[:-1] + ", fenced by ```."

    def measure(self, response: str) -> int:
        found = code_blocks(response)
        return sum(1 for name, _ in found if self.language is None or name == self.language.lower())

    def draft(self, rng: random.Random, count: int) -> str:
        parts = [f"```{self.language or ''}\n{fill.word(rng)}\n```" for _ in range(count)]
        return "\n\n".join([fill.prose(rng), *parts])

    def ranges(self) -> dict[str, Range]:
        low, high = self.limits()
        found: dict[str, Range] = {f"code {self.language}": (low, high), "lines": (2 * low, None)}
        return found | {"code None": (low, None if self.language else high)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("```",),) if self.limits()[0] else ()


_BAR = re.compile(r"(?<!\\)\|")
_RULE_CELL = re.compile(r":?-+:?")


def _cells(line: str) -> list[str]:
    """The cells of a row of a Markdown table; empty for a line without a bar."""
    parts = _BAR.split(line.strip())
    if len(parts) < 2:
        return []
    return [part.strip() for part in parts[not parts[0] : len(parts) - (not parts[-1])]]


@dataclass(frozen=True)
class Table(Constraint):
    """There is a Markdown table of `columns` columns with at least `rows` rows below its header."""

    id = "format:table"
    columns: int = parameter(whole(1, 100), lambda rng: rng.randint(1, 5))
    rows: int = parameter(whole(1, 10_000), lambda rng: rng.randint(1, 5), 1)

    def describe(self) -> str:
        rows = plural(self.rows, "row")
        return (
            f"Your response must contain a Markdown table of {plural(self.columns, 'column')} with at least"
            f" {rows} below its header."
        )

    def judge(self, response: str) -> tuple[bool, str]:
        best, rows, header, inside = -1, 0, 0, False
        for cells in map(_cells, response.splitlines()):
            if inside and len(cells) == self.columns:
                rows += 1
            else:
                is_rule = bool(cells) and all(map(_RULE_CELL.fullmatch, cells))
                inside = is_rule and header == len(cells) == self.columns
                rows = 0
            header = len(cells)
            best = max(best, rows if inside else -1)
        if best < 0:
            return False, f"no table of {plural(self.columns, 'column')}"
        return best >= self.rows, f"a table with {plural(best, 'row')}, for at least {self.rows}"

    def _table(self, rng: random.Random, columns: int, rows: int) -> str:
        said = [fill.words(rng, columns) for _ in range(rows + 1)]
        lines = [f"| {' | '.join(row)} |" for row in said]
        return "\n".join([lines[0], "|" + " --- |" * columns, *lines[1:]])

    def satisfy(self, rng: random.Random) -> str:
        return f"{fill.prose(rng)}\n\n{self._table(rng, self.columns, self.rows + rng.randint(0, 2))}"

    def violate(self, rng: random.Random) -> str:
        fewer = self._table(rng, self.columns, self.rows - 1)
        wider = self._table(rng, self.columns + 1, self.rows)
        return f"{fill.prose(rng)}\n\n{rng.choice((fewer, wider))}"

    def ranges(self) -> dict[str, Range]:
        return {"lines": (self.rows + 2, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("|",), ("-",))


@dataclass(frozen=True)
class Quotes(Itemised):
    """The number of lines that begin with `>` and say something: a Markdown block quotation."""

    id = "format:quote_lines"
    noun = "line"
    usual = (1, 4)
    measured = "quote lines"
    mark = ">"

    def counted(self) -> str:
        return "line of block quotation"

    def describe(self) -> str:
        return super().describe()[:-1] + ", each starting with >."

    def measure(self, response: str) -> int:
        lines = (line.strip() for line in response.splitlines())
        return sum(1 for line in lines if line.startswith(">") and any(map(str.isalnum, line)))

    def draft(self, rng: random.Random, count: int) -> str:
        return "\n".join([fill.prose(rng), "", *(f"> {fill.sentence(rng)}" for _ in range(count))])


_TASK = re.compile(r"\s*[-*+]\s+\[[ xX]\]\s+\S.*")


@dataclass(frozen=True)
class Tasks(Itemised):
    """The number of check boxes of a Markdown task list: `- [ ] so` or `- [x] so`."""

    id = "format:tasks"
    noun = "entry"
    usual = (1, 5)
    measured = "tasks"

    def counted(self) -> str:
        return "entry with a check box"

    def describe(self) -> str:
        return super().describe()[:-1] + ", written as - [ ] or - [x]."

    def measure(self, response: str) -> int:
        return sum(1 for line in response.splitlines() if _TASK.fullmatch(line))

    def draft(self, rng: random.Random, count: int) -> str:
        tasks = (f"- [{rng.choice(' x')}] {fill.sentence(rng)}" for _ in range(count))
        return "\n".join([fill.prose(rng), "", *tasks])

    def ranges(self) -> dict[str, Range]:
        low = self.limits()[0]
        return super().ranges() | {"bullets": (low, None)}

    def required(self) -> tuple[tuple[str, ...], ...]:
        return (("- [ ] ", "- [x] "),) if self.limits()[0] else ()


KINDS: tuple[type[Constraint], ...] = (Json, JsonSchema, CodeBlocks, Table, Quotes, Tasks)
