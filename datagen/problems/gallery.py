"""The gallery: a page a field with an example of every family, worked, and what its levels are like.

Pages hold nothing that depends on the machine, so the same families give the same pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from datagen.problems.family import Family
from datagen.problems.measures import LevelMeasure, accuracies, level_measures
from datagen.problems.register import FIELDS, families
from datagen.problems.streams import Stream
from schemas import Row, atomic_writer

SHOWN_LEVELS = (1, 4)
DRAWS = 20
Accuracies = Mapping[str, Mapping[int, tuple[int, int]]]


def write_gallery(folder: Path, attempts: Iterable[Row] = ()) -> list[Path]:
    """Write `README.md` and a page a field into `folder`; the pages' paths. `attempts` add accuracies."""
    right = accuracies(attempts)
    by_field: dict[str, list[Family]] = {field: [] for field in FIELDS}
    for family in families().values():
        by_field[family.field].append(family)
    pages = {f"{field}.md": field_page(field, held, right) for field, held in by_field.items() if held}
    pages = {"README.md": index_page(by_field), **pages}
    for name, text in pages.items():
        with atomic_writer(folder / name) as file:
            file.write(text.encode())
    return [folder / name for name in pages]


def index_page(by_field: Mapping[str, Sequence[Family]]) -> str:
    """The page that lists all families, field by field."""
    total = sum(map(len, by_field.values()))
    held = [field for field, members in by_field.items() if members]
    lines = [
        "# Families of problems",
        "",
        f"{total} families in {len(held)} fields, each with five levels, three or more phrasings, a worked "
        "solution, and an answer found by two independent routes. `datagen families --json` measures them, "
        "`datagen problems --family NAME` draws from one, and `datagen families --gallery FOLDER` writes "
        "these pages.",
        "",
    ]
    for field in held:
        lines += [f"## [{_title(field)}]({field}.md)", ""]
        lines += [f"- [`{each.name}`]({field}.md#{each.name}): {each.summary}" for each in by_field[field]]
        lines.append("")
    return "\n".join(lines)


def field_page(field: str, members: Sequence[Family], right: Accuracies) -> str:
    """All families of a field, each with worked examples and a table of its levels."""
    lines = [f"# {_title(field)}", "", f"{len(members)} families. [All fields](README.md)", ""]
    for family in members:
        lines += _entry(family, right.get(family.name, {}))
    return "\n".join(lines)


def _entry(family: Family, right: Mapping[int, tuple[int, int]]) -> list[str]:
    lines = [f"## {family.name}", "", family.summary, ""]
    for level in SHOWN_LEVELS:
        row = Stream(family, level, "train", 0).row(0)
        lines += [f"Level {level}:", "", "```text", row["question"], "", row["solution"], "```", ""]
    return [*lines, *_table(level_measures(family, DRAWS), right), ""]


def _table(measures: Sequence[LevelMeasure], right: Mapping[int, tuple[int, int]]) -> list[str]:
    rows: list[tuple[str, list[str]]] = [
        ("worked solution, characters", [f"{each.solution_characters:,}" for each in measures]),
        ("worked solution, lines", [f"{each.solution_lines:g}" for each in measures]),
        ("largest number asked", [f"{each.largest_number:,}" for each in measures]),
    ]
    if right:
        shares = [right.get(each.level) for each in measures]
        told = [f"{share[0] / share[1]:.0%} of {share[1]:,}" if share else "–" for share in shares]
        rows.append(("answers right", told))
    head = ["level", *(str(each.level) for each in measures)]
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows),
    ]


def _title(field: str) -> str:
    return field.replace("_", " ").capitalize()
