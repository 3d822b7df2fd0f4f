"""The manifest of a run (`run.json`), and whose an output folder is.

A folder belongs to the first run that claims it: the same command with the same settings and inputs
claims it again and goes on; any other is refused before it can harm what is there. What a run does, and
how it goes on, is the run's affair.

    with claim(out, "finetune sft", settings, {"data": settings.data}) as run:
        ...
        run.finish(loss=0.41)
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson

from schemas.errors import UserError
from schemas.rows import atomic_writer
from schemas.settings import to_mapping

MANIFEST_NAME = "run.json"
MANIFEST_VERSION = 1
LOCK_NAME = "run.lock"
HASH_BLOCK_BYTES = 1 << 20

MOST_NAMED = 3
MOST_SHOWN = 60
"""Differences named in one sentence, and characters of a value in it."""

PACKAGES = (
    *("homegrown-llm", "llama-cpp-python", "sympy", "numpy", "jinja2", "orjson", "pyarrow", "rensa"),
    *(
        "torch",
        "transformers",
        "trl",
        "datasets",
        "peft",
        "accelerate",
        "tokenizers",
        "safetensors",
        "gguf",
        "unsloth",
        "bitsandbytes",
    ),
)
"""Distributions whose version may change what a run makes."""

Inputs = Mapping[str, "str | Path | Iterable[str | Path] | None"]


def claim(folder: str | Path, command: str, settings: Any, inputs: Inputs | None = None) -> Run:
    """The run that `folder` belongs to: a new one, or the same one to be resumed (`run.resumed`).

    `settings` is a settings dataclass or a mapping. `inputs` are the files and folders it reads, by the name
    of the setting that gives them: their content counts and not their place. Raises `UserError` when the
    folder belongs to another run (naming what differs), is not empty yet no run's, or is in use.
    """
    folder = Path(folder)
    hashed = {name: _digest(paths) for name, paths in (inputs or {}).items() if paths is not None}
    _make(folder)
    with contextlib.ExitStack() as undo:
        lock = _lock(folder)
        undo.callback(os.close, lock)
        old = read_manifest(folder)
        if old is None:
            manifest = _new_manifest(command, settings, hashed)
        else:
            _refuse_another(folder, old, command, settings, hashed)
            manifest = old if old["status"] == "finished" else _resumed(old)
        run = Run(folder, manifest, lock, resumed=old is not None)
        if not run.finished:
            run.write()
        undo.pop_all()
    return run


class Run:
    """A claimed folder, held until `finish`, `close` or the end of the `with` block.

    `resumed` says that somebody began this run before, `finished` that it is already done.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], lock: int, *, resumed: bool) -> None:
        self.folder, self.manifest, self.resumed = folder, manifest, resumed
        self._lock: int | None = lock

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end, now or earlier."""
        return bool(self.manifest["status"] == "finished")

    def write(self) -> None:
        """Write the manifest as it is now."""
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
        with atomic_writer(self.folder / MANIFEST_NAME) as file:
            file.write(orjson.dumps(self.manifest, default=str, option=option))

    def finish(self, **results: Any) -> None:
        """The run is complete; `results` (counts, figures, paths) go into the manifest."""
        self.manifest.pop("reason", None)
        self.manifest |= {"status": "finished", "finished": _now(), "results": results}
        self.write()
        self.close()

    def close(self) -> None:
        """Let go of the folder. A run that is not finished can be claimed again."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None and not self.finished:
            self.manifest |= {"status": "stopped", "reason": f"{type(error).__name__}: {error}"}
            with contextlib.suppress(UserError):  # a full disk must not hide what stopped the run
                self.write()
        self.close()


def read_manifest(folder: str | Path) -> dict[str, Any] | None:
    """The manifest of a folder, or None when it has none; `UserError` when it is not one we can read."""
    path = Path(folder) / MANIFEST_NAME
    try:
        manifest = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, orjson.JSONDecodeError) as error:
        raise UserError(
            f"not a readable manifest ({error})", where=path, mend="choose another --out"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("manifest") != MANIFEST_VERSION:
        what = f"not a manifest of version {MANIFEST_VERSION}"
        raise UserError(
            what, where=path, mend="choose another --out, or use the version of homegrown-llm that made it"
        )
    return manifest


def content_hash(path: str | Path) -> str:
    """BLAKE2b-256 of a file, or of names and contents of the files in a folder, in hexadecimal.

    The manifest of a folder is about its content and not part of it.
    """
    return str(_digest(path)["blake2b"])


def _digest(paths: str | Path | Iterable[str | Path]) -> dict[str, Any]:
    """Number of files, bytes and BLAKE2b-256 of files and folders. One file's hash is that of its content."""
    roots = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    files = [(file, file.relative_to(root).as_posix()) for root in roots for file in _files(root)]
    total = hashlib.blake2b(digest_size=32)
    size = 0
    for file, name in files:
        digest = _file_digest(file)
        size += file.stat().st_size
        if len(files) == 1 and name == ".":
            total = digest
        else:
            total.update(name.encode() + b"\0" + digest.digest())
    return {"files": len(files), "bytes": size, "blake2b": total.hexdigest()}


def _files(root: Path) -> list[Path]:
    if root.is_dir():
        return sorted(f for f in root.rglob("*") if f.is_file() and f.name not in (MANIFEST_NAME, LOCK_NAME))
    refuse_pipe(root)
    if not root.exists():
        raise UserError("no such file or folder", where=root, mend="check the path")
    return [root]


def refuse_pipe(path: Path) -> None:
    """`UserError` for an input that can be read only once: a run reads its inputs again when it goes on."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UserError("is a pipe or a device", where=path, mend="save its rows to a file and give that")


def _file_digest(path: Path) -> Any:
    digest = hashlib.blake2b(digest_size=32)
    try:
        with path.open("rb") as file:
            while block := file.read(HASH_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise UserError(f"cannot read ({error.strerror})", where=path, mend="check its permissions") from None
    return digest


def _make(folder: Path) -> None:
    """Make the folder; `UserError` when it cannot be, or holds files and no manifest."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in folder.iterdir()}
    except FileExistsError:
        raise UserError("is a file", where=folder, mend="give a folder as --out") from None
    except OSError as error:
        raise UserError(
            f"cannot be used ({error.strerror})", where=folder, mend="choose another --out"
        ) from None
    strangers = sorted(
        name for name in names if name != LOCK_NAME and not name.startswith(f".{MANIFEST_NAME}.")
    )
    if strangers and MANIFEST_NAME not in names:
        what = f"the folder is not empty and no run's (it holds '{strangers[0]}')"
        raise UserError(what, where=folder, mend="choose another --out, or delete the folder")


def _lock(folder: Path) -> int:
    """An open file whose lock ends with this process, however it ends (without `fcntl`, nothing is)."""
    path = folder / LOCK_NAME
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise UserError(
            f"cannot be used ({error.strerror})", where=folder, mend="choose another --out"
        ) from None
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return lock
    except OSError as error:
        holder = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        if not isinstance(error, BlockingIOError):
            raise UserError(
                f"cannot lock ({error.strerror})", where=path, mend="choose a local folder"
            ) from None
        mend = "wait for it, stop it, or choose another --out"
        raise UserError(
            f"another process (id {holder}) works in this folder", where=folder, mend=mend
        ) from None
    with contextlib.suppress(OSError):  # a full disk: the lock holds, and the manifest will say it
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _new_manifest(command: str, settings: Any, hashed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "manifest": MANIFEST_VERSION,
        "command": command,
        "settings": _mapping(settings),
        "inputs": dict(hashed),
        "packages": _package_versions(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "status": "running",
        "started": _now(),
        "resumed": [],
        "finished": None,
        "results": {},
    }


def _resumed(old: Mapping[str, Any]) -> dict[str, Any]:
    manifest = {**old, "status": "running", "resumed": [*old["resumed"], _now()]}
    manifest.pop("reason", None)
    return manifest


def _refuse_another(folder: Path, old: Mapping[str, Any], command: str, settings: Any, hashed: Any) -> None:
    """`UserError` that says how the run of a folder differs from the one that wants it, if it does."""
    differences = []
    if old["command"] != command:
        differences.append(f"the command is '{old['command']}' there and '{command}' here")
    else:
        here, there = _mapping(settings), old["settings"]
        passing = (_mapping(settings).keys() - _mapping(settings, identity=True).keys()) | hashed.keys()
        for name in [name for name in {**there, **here} if name not in passing]:
            for leaf, old_value, value in _leaves(name, there.get(name), here.get(name)):
                differences.append(f"'{leaf}' is {_shown(old_value)} there and {_shown(value)} here")
        for name in {**old["inputs"], **hashed}:
            if old["inputs"].get(name) != hashed.get(name):
                differences.append(f"the content of '{name}' is not the same")
    if differences:
        more = len(differences) - MOST_NAMED
        told = "; ".join(differences[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        what = f"the folder belongs to another run ({told})"
        raise UserError(what, where=folder, mend="choose another --out, or delete the folder to start over")


def _leaves(name: str, there: Any, here: Any) -> Iterator[tuple[str, Any, Any]]:
    """(dotted name, value there, value here) of every setting in which two values differ."""
    nested = [value for value in (there, here) if value is not None]
    if nested and all(isinstance(value, dict) for value in nested):
        there, here = there or {}, here or {}
        for key in {**there, **here}:
            yield from _leaves(f"{name}.{key}", there.get(key), here.get(key))
    elif there != here:
        yield name, there, here


def _mapping(settings: Any, *, identity: bool = False) -> dict[str, Any]:
    """Settings as the manifest holds them: what JSON makes of them."""
    plain = to_mapping(settings, identity=identity) if dataclasses.is_dataclass(settings) else dict(settings)
    mapping: dict[str, Any] = orjson.loads(orjson.dumps(plain, default=str))
    return mapping


def _package_versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def _shown(value: Any) -> str:
    text = "not set" if value is None else orjson.dumps(value).decode()
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
