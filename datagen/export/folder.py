"""The folder of an export: written whole beside its place, then put there; whose it is, its manifest says."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from schemas import UserError

MANIFEST = "export.json"


def refuse_taken(out: Path, inputs: Sequence[Path], *, overwrite: bool) -> None:
    """`UserError` when writing the folder would lose what no export has made, or an input."""
    if not out.exists():
        return
    if not out.is_dir():
        raise UserError("is a file", where=out, mend="give the name of a folder")
    place = out.resolve()
    needed = [path for path in inputs if path.exists() and path.resolve().is_relative_to(place)]
    if needed:
        what = f"the folder holds {needed[0].name}, which is read, and would be replaced"
        raise UserError(what, where=out, mend="give another --out")
    if Path.cwd().is_relative_to(place):
        raise UserError("this is the folder you work in", where=out, mend="give another --out")
    foreign = sorted({path.name for path in out.iterdir()} - _files_of(out))
    if foreign and not overwrite:
        what = f"the folder holds what no export has made ({', '.join(foreign[:3])})"
        raise UserError(what, where=out, mend="give another --out, or --overwrite to replace the folder")


def _files_of(folder: Path) -> set[str]:
    """The names of the files that an export wrote into a folder, by its manifest; none without one."""
    try:
        manifest: Any = orjson.loads((folder / MANIFEST).read_bytes())
        return {MANIFEST, *(file["name"] for file in manifest["files"])}
    except (OSError, ValueError, TypeError, KeyError):
        return set()


@contextlib.contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """An empty folder that becomes `out` when the block ends well, and vanishes when it does not."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        mend = "free some space or choose another place"
        raise UserError(f"cannot write ({error.strerror})", where=out, mend=mend) from error
    try:
        yield made
        made.chmod(0o777 & ~_mask())
        _put(made, out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put(made: Path, out: Path) -> None:
    """Two renames: nobody finds half a folder, though for an instant there may be none."""
    if not out.exists():
        made.rename(out)
        return
    old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.old."))
    out.rename(old / "old")
    try:
        made.rename(out)
    except OSError:
        (old / "old").rename(out)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
