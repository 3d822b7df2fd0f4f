"""From runs to a folder of training data: audit, convert, look whether it fits, hold out, write, describe.

Each step is a module of its own; here is their order, and what becomes of what they find.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from datagen.audit.audit import Audit, audit
from datagen.audit.limits import Limits
from datagen.audit.source import Source, read_source
from datagen.export.card import About, Config, card
from datagen.export.columns import COLUMNS, in_columns, stable_meta, write_parquet
from datagen.export.contract import Fit, fit
from datagen.export.convert import SCHEMAS, Draft, ExportKind, Known, convert, refuse_impossible
from datagen.export.folder import MANIFEST, refuse_taken, written_whole
from datagen.export.formats import FORMATS
from datagen.export.groups import group_names, held_out
from datagen.export.target import Target, counter
from datagen.given_problems import problems_of
from schemas import Row, UserError, write_rows
from schemas.run import content_hash

MOST_FAULTS = 10
TRAIN, TEST = "train", "test"


@dataclass(frozen=True)
class Wish:
    """What is to be exported, and how; `None` as a target looks at no tokens."""

    kinds: Sequence[ExportKind]
    out: Path
    parquet: bool = False
    share: float = 0.05
    layout: str = "trl"
    target: Target | None = None
    max_length: int | None = None
    drop_unfit: bool = False
    overwrite: bool = False
    license: str | None = None
    language: str | None = None
    place: str | None = None


class UnfitRowsError(UserError):
    """Rows that the target model cannot be trained on; `faults` has (place, reason) of each."""

    def __init__(self, faults: Sequence[tuple[str, str]], target: str) -> None:
        self.faults = list(faults)
        place, reason = faults[0]
        more = f", and {len(faults) - 1:,} more rows" if len(faults) > 1 else ""
        what = f"{len(faults):,} rows do not fit {target}: {place}: {reason}{more}"
        super().__init__(what, mend="mend them, or leave them out with --drop-unfit")


def audited(paths: Sequence[Path], limits: Limits, target: Target | None) -> tuple[list[Source], list[Audit]]:
    """The sources, read, and the audit of each."""
    sources = [read_source(path) for path in paths]
    count = None if target is None else counter(target)
    return sources, [audit(source, limits, count) for source in sources]


def known_problems(sources: Sequence[Source], given: Path | None) -> dict[str, Row]:
    """Problem rows by id: of the sources, of the file given, and of the files that attempts were made from.

    Those are found where their run found them, or beside its rows, by the hash of their content.
    """
    found: dict[str, Row] = {}
    if given is not None:
        found |= {row["id"]: row for row in problems_of(given).rows}
    for source in sources:
        if source.kind == "problem":
            found |= {row["id"]: row for row in source.rows}
        elif source.kind == "attempt":
            for path in _inputs(source):
                found = {row["id"]: row for row in problems_of(path).rows} | found
    return found


def _inputs(source: Source) -> list[Path]:
    found = []
    for known in (source.account or {}).get("inputs", ()):
        path = Path(known["path"])
        for place in (path, source.path.parent / path.name):
            if place.is_file() and content_hash(place) == known["hash"]:
                found.append(place)
                break
    return found


def export(wish: Wish, sources: Sequence[Source], audits: Sequence[Audit], known: Known) -> list[Config]:
    """Write the folder; what is in it. Raises `UserError` when a kind has no rows, or rows do not fit."""
    refuse_impossible(wish.kinds, sources)
    paths = [source.path for source in sources]
    refuse_taken(wish.out, paths, overwrite=wish.overwrite)
    made: dict[ExportKind, Sequence[Draft]] = {}
    left_out: dict[str, dict[str, int]] = {}
    for kind in wish.kinds:
        converted = convert(kind, sources, known)
        made[kind], left_out[kind] = converted.drafts, dict(converted.left_out)
    fits = _fitting(wish, made, left_out)
    for kind, drafts in made.items():
        if not drafts:
            reasons = ", ".join(f"{reason}: {count:,}" for reason, count in left_out[kind].items())
            what = f"no row can become {kind}" + (f" ({reasons})" if reasons else "")
            raise UserError(what, where=", ".join(path.name for path in paths), mend="leave it out of --kind")
    drafts = [draft for found in made.values() for draft in found]
    names = group_names([draft.row for draft in drafts])
    out = _sides(drafts, names, wish.share)
    configs, at = [], 0
    for kind, found in made.items():
        groups = names[at : at + len(found)]
        at += len(found)
        configs.append(_config(wish, kind, found, groups, out, fits.get(kind, ())))
    about = About(
        title=wish.out.resolve().name,
        place=wish.place or wish.out.name,
        license=wish.license,
        language=wish.language,
        parquet=wish.parquet,
        groups=len(set(names)),
        out_groups=len(out),
        left_out=left_out,
        target=wish.target.name if wish.target else None,
        max_length=wish.max_length,
    )
    _write(wish, configs, card(about, configs, sources, audits), sources)
    return configs


def _fitting(
    wish: Wish, made: dict[ExportKind, Sequence[Draft]], left_out: dict[str, dict[str, int]]
) -> dict[str, list[Fit]]:
    """How each row fits the target; those that do not are left out of `made`, or refused."""
    if wish.target is None:
        return {}
    fits: dict[str, list[Fit]] = {}
    faults: list[tuple[str, str]] = []
    for kind, drafts in made.items():
        found = [fit(wish.target, kind, draft.row, wish.max_length) for draft in drafts]
        unfit = [
            (f"{draft.where} ({kind})", one.fault)
            for draft, one in zip(drafts, found, strict=True)
            if one.fault
        ]
        faults += [(place, str(fault)) for place, fault in unfit]
        made[kind] = [draft for draft, one in zip(drafts, found, strict=True) if not one.fault]
        fits[kind] = [one for one in found if not one.fault]
        left_out[kind] |= Counter(_sort(str(fault)) for _, fault in unfit)
    if faults and not wish.drop_unfit:
        raise UnfitRowsError(faults, wish.target.name)
    return fits


def _sort(fault: str) -> str:
    """A fault without what is of one row alone, to be counted."""
    return "over --max-length" if "over --max-length" in fault else fault


def _sides(drafts: Sequence[Draft], names: Sequence[str], share: float) -> set[str]:
    """The groups that are held out; a group with a problem of another split than "train" is."""
    fixed: dict[str, bool] = {}
    for draft, name in zip(drafts, names, strict=True):
        if draft.split is not None:
            fixed[name] = fixed.get(name, False) or draft.split != TRAIN
    return held_out(names, share, fixed)


def _config(
    wish: Wish,
    kind: ExportKind,
    drafts: Sequence[Draft],
    groups: Sequence[str],
    out: set[str],
    fits: Sequence[Fit],
) -> Config:
    """The rows of a kind, as they are written, by split."""
    from schemas.check import check_row

    layout = wish.layout if kind == "sft" and wish.layout != "trl" else kind
    sides: dict[str, list[Row]] = {TRAIN: [], TEST: []}
    for draft, group in zip(drafts, groups, strict=True):
        row = {**draft.row, "meta": stable_meta(draft.row, kind, group, draft.file)}
        if faults := check_row(row, SCHEMAS[kind]):
            raise UserError(f"{faults[0].pointer or '/'} {faults[0].reason}", where=draft.where)
        if layout in FORMATS:
            row = {**FORMATS[layout](row["messages"]), "meta": row["meta"]}
        sides[TEST if group in out else TRAIN].append(in_columns(row, COLUMNS[layout]))
    if not sides[TRAIN]:
        what = f"every {kind} row is held out, by its own split or with its group"
        raise UserError(what, where=wish.out, mend="give rows to train on too")
    ending = "parquet" if wish.parquet else "jsonl"
    names = {TRAIN: f"{kind}.{ending}", TEST: f"{kind}-test.{ending}"}
    rows = {split: rows for split, rows in sides.items() if rows}
    return Config(kind, layout, {split: names[split] for split in rows}, rows, fits)


def _write(wish: Wish, configs: Sequence[Config], text: str, sources: Sequence[Source]) -> None:
    with written_whole(wish.out) as folder:
        files: list[dict[str, Any]] = []
        for config in configs:
            for split, name in config.files.items():
                rows = config.rows[split]
                if wish.parquet:
                    write_parquet(folder / name, rows, COLUMNS[config.layout])
                else:
                    write_rows(folder / name, rows)
                hashed = content_hash(folder / name)
                files.append({"name": name, "kind": config.name, "rows": len(rows), "blake2b": hashed})
        (folder / "README.md").write_text(text, encoding="utf-8")
        inputs = [{"name": source.path.name, "blake2b": content_hash(source.path)} for source in sources]
        manifest = {"made_by": "datagen export", "files": [*files, {"name": "README.md"}], "inputs": inputs}
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=option))
