"""Rule files: a YAML list of filters with their options, each with examples that prove it does what is meant.

    - filter: refusal
      max_words: 80
      examples:
        - {question: How old is Rome?, answer: I'm sorry, but I can't help with that., keep: false}
        - {text: "I'm sorry I'm late.", keep: true}

Examples are run before any row is looked at; a rule whose own example fails is a `UserError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.filters.filter import Edit, Filter
from datagen.filters.register import EDITS, check, named
from schemas import Row, UserError, unknown_name
from schemas.settings import fields_of, from_mapping, types_of, without_none, yaml_faults

EXAMPLE_KEYS = ("row", "text", "question", "answer", "keep", "reason", "becomes")
RULE_KEYS = ("filter", "name", "examples")
SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Example:
    """A row and what the rule must do with it: keep it or not (for a reason), or make it `becomes`."""

    row: Row
    line: int
    keep: bool = True
    reason: str | None = None
    becomes: str | Row | None = None


@dataclass(frozen=True)
class Rule:
    """One rule of a file: what it is called there, the filter or the edit, and its examples."""

    name: str
    looks: Any
    is_edit: bool
    line: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Tried:
    """An example that was run: what the rule did, in words, and whether that is what was meant."""

    rule: Rule
    example: Example
    did: str
    right: bool


def filters_from(path: Path) -> tuple[dict[str, Filter], list[Edit]]:
    """The filters of a rule file by name, in its order, and its edits; their examples hold.

    Raises `UserError` naming file and line for an unknown filter or option, a value that cannot be meant, a
    file without rules, and an example that its rule fails.
    """
    rules = read_rules(path)
    check_examples(rules, path)
    filters = {rule.name: rule.looks for rule in rules if not rule.is_edit}
    return filters, [rule.looks for rule in rules if rule.is_edit]


def check_examples(rules: Sequence[Rule], path: Path) -> None:
    """Raises `UserError` for the first example that its rule fails."""
    for tried in try_examples(rules):
        if not tried.right:
            did = f"it {tried.did}, {wanted(tried.example)} was meant"
            what = f"the rule '{tried.rule.name}' fails its example: {did}"
            where = f"{path}:{tried.example.line}"
            raise UserError(what, where=where, mend="mend the rule or the example")


def try_examples(rules: Sequence[Rule]) -> Iterator[Tried]:
    """Every example of the rules, run by its rule alone."""
    for rule in rules:
        for example in rule.examples:
            if rule.is_edit:
                made = rule.looks(example.row)
                expected = example.row if example.becomes is None else _as_row(example.becomes, example.row)
                yield Tried(rule, example, f"makes it {_shown(made)}", made == expected)
                continue
            verdict = rule.looks(example.row)
            kept = verdict is True
            reason = None if kept else verdict[1]
            right = kept == example.keep and (example.reason is None or example.reason == reason)
            yield Tried(rule, example, "keeps it" if kept else f"turns it down as '{reason}'", right)


def wanted(example: Example) -> str:
    """What an example wants, in words."""
    if example.becomes is not None:
        return _shown(_as_row(example.becomes, example.row))
    if example.keep:
        return "keeping it"
    return f"turning it down as '{example.reason}'" if example.reason else "turning it down"


def _as_row(value: str | Row, row: Row) -> Row:
    """A text that stands for the answer of the row that it came from."""
    if not isinstance(value, str):
        return value
    if "text" in row:
        return {**row, "text": value}
    return {**row, "messages": [*row["messages"][:-1], {**row["messages"][-1], "content": value}]}


def _shown(row: Row) -> str:
    text = str(row["text"] if "text" in row else row.get("messages", [row])[-1])
    return f"'{text}'" if len(text) <= SHOWN_CHARACTERS else f"'{text[: SHOWN_CHARACTERS - 3]}...'"


def read_rules(path: Path) -> list[Rule]:
    """The rules of a file, in its order; their examples are not run yet. Raises `UserError` with the line."""
    rules: dict[str, Rule] = {}
    for line, entries in _entries(path):
        rule = _rule(path, line, entries, rules)
        rules[rule.name] = rule
    if not rules:
        raise UserError(
            "the file has no rules", where=path, mend="write '- filter: NAME'; see datagen filter --list"
        )
    return list(rules.values())


Entries = dict[str, tuple[int, Any]]


def _rule(path: Path, line: int, entries: Entries, before: dict[str, Rule]) -> Rule:
    """One rule of (line, value) by key."""
    where = f"{path}:{line}"
    if "filter" not in entries:
        raise UserError("a rule without a filter", where=where, mend="begin it with '- filter: NAME'")
    filter_line, kind_name = entries["filter"]
    kind = named(str(kind_name), f"{path}:{filter_line}")
    options = {key: pair for key, pair in entries.items() if key not in RULE_KEYS}
    values: dict[str, Any] = {}
    known = {name for name, field in fields_of(kind).items() if "about" in field.metadata}
    for key, (at, value) in options.items():
        if key not in known:
            raise unknown_name("option", key, {*known, "name", "examples"}, where=f"{path}:{at}")
        read: Any = from_mapping(kind, {key: value}, f"{path}:{at}")
        values[key] = getattr(read, key)
        if "Path" in str(without_none(types_of(kind)[key])) and values[key] is not None:
            values[key] = path.parent / values[key]
    looks = kind(**values)
    check(str(kind_name), looks, where)
    name = str(entries["name"][1]) if "name" in entries else _free(str(kind_name), before)
    if name in before:
        raise UserError(f"a rule '{name}' stands before", where=where, mend="give one another name")
    is_edit = kind_name in EDITS
    shown = entries.get("examples", (line, []))
    return Rule(name, looks, is_edit, line, tuple(_examples(path, shown, is_edit)))


def _free(name: str, taken: dict[str, Rule]) -> str:
    """The name, with a number after it where it is taken.

    >>> _free("regex", {"regex": None, "regex 2": None})
    'regex 3'
    """
    if name not in taken:
        return name
    return next(f"{name} {number}" for number in range(2, len(taken) + 3) if f"{name} {number}" not in taken)


def _examples(path: Path, shown: tuple[int, Any], is_edit: bool) -> Iterator[Example]:
    line, nodes = shown
    if not isinstance(nodes, list):
        raise UserError(
            "examples are a list", where=f"{path}:{line}", mend="write '- text: ...' lines under it"
        )
    for at, entries in nodes:
        where = f"{path}:{at}"
        for key in entries:
            if key not in EXAMPLE_KEYS:
                raise unknown_name("key of an example", key, EXAMPLE_KEYS, where=where)
        row = _example_row(entries, where)
        if is_edit:
            yield Example(row, at, becomes=_becomes(entries.get("becomes"), row, where))
            continue
        keep = entries.get("keep", "reason" not in entries if "reason" in entries else None)
        if not isinstance(keep, bool):
            raise UserError(
                "the example does not say whether to keep it", where=where, mend="add 'keep: true' or false"
            )
        reason = entries.get("reason")
        if keep and reason is not None:
            raise UserError("a row that is kept has no reason", where=where, mend="leave one of them out")
        yield Example(row, at, keep, None if reason is None else str(reason))


def _example_row(entries: dict[str, Any], where: str) -> Row:
    """The row of an example: a whole one, running text, or a question with its answer."""
    if "row" in entries:
        return _checked_row("row", entries["row"], where)
    if "text" in entries:
        return {"text": str(entries["text"])}
    if "answer" not in entries:
        raise UserError("the example has no row", where=where, mend="give text, question and answer, or row")
    asked = {"role": "user", "content": str(entries.get("question", "?"))}
    return {"messages": [asked, {"role": "assistant", "content": str(entries["answer"])}]}


def _checked_row(key: str, row: Any, where: str) -> Row:
    from schemas.check import check_row, kind_of

    kind = kind_of(row) if isinstance(row, dict) else None
    if kind is None:
        raise UserError(f"`{key}` is no row of a known kind", where=where, mend="see docs/rows.md")
    if faults := check_row(row, kind):
        what = f"`{key}` is no {kind} row: {faults[0].pointer or '/'} {faults[0].reason}"
        raise UserError(what, where=where, mend="see docs/rows.md")
    return dict(row)


def _becomes(value: Any, row: Row, where: str) -> str | Row | None:
    """What an edit makes of an example: a row, or a text in place of its text or its last turn."""
    if value is None or (isinstance(value, str) and ("text" in row or "messages" in row)):
        return value
    if isinstance(value, str):
        mend = "give the whole row that it becomes"
        raise UserError("`becomes` is a text, and the row has several", where=where, mend=mend)
    return _checked_row("becomes", value, where)


def _entries(path: Path) -> Iterator[tuple[int, Entries]]:
    """(line, {key: (line, value)}) of each rule; examples come as a list of (line, mapping)."""
    import yaml

    with yaml_faults(path):
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if root is not None and not isinstance(root, yaml.SequenceNode):
            raise UserError("not a list of rules", where=path, mend="begin each rule with '- filter: NAME'")
        for node in root.value if root is not None else ():
            line = node.start_mark.line + 1
            if not isinstance(node, yaml.MappingNode):
                raise UserError("not a rule", where=f"{path}:{line}", mend="begin it with '- filter: NAME'")
            yield line, _mapping(path, node, loader)


def _mapping(path: Path, node: Any, loader: Any) -> Entries:
    import yaml

    found: Entries = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(loader.construct_object(key_node, deep=True))
        if key in found:
            raise UserError(
                f"'{key}' is also on line {found[key][0]}", where=f"{path}:{line}", mend="keep one"
            )
        value = loader.construct_object(value_node, deep=True)
        if key == "examples" and isinstance(value_node, yaml.SequenceNode):
            lines = [item.start_mark.line + 1 for item in value_node.value]
            for at, example in zip(lines, value, strict=True):
                if not isinstance(example, dict):
                    raise UserError("not an example", where=f"{path}:{at}", mend="write '- text: ...'")
            value = list(zip(lines, value, strict=True))
        found[key] = line, value
    return found
