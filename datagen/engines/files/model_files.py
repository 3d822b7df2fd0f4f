"""What is a GGUF file good for: a model that writes text, part of one, an adapter, or something else?

Said before llama.cpp sees it, from the headers alone (`gguf_file.py`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from datagen.engines.files.gguf_file import FLOAT64, GgufFile, read_gguf, shown
from schemas import UserError
from schemas.run import content_hash

PART = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")
# Architectures whose attention looks both ways: they make embeddings and no text.
ENCODERS = frozenset(
    {"bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3"}
    | {"eurobert", "gemma-embedding", "t5encoder", "wavtokenizer-dec"}
)


@dataclass(frozen=True)
class ModelFiles:
    """A model: its header, and all its files when it is split over several."""

    header: GgufFile
    files: tuple[Path, ...]

    @property
    def encodes(self) -> bool:
        """Whether it is an encoder, which makes embeddings and no text."""
        causal = self.header.setting("attention.causal", True)
        return self.header.architecture in ENCODERS or not causal


def read_model(path: str | Path) -> ModelFiles:
    """The model that `path` is, or is the first part of.

    Raises `UserError` for a damaged or missing file, and for a GGUF file that is no model.
    """
    files = part_files(Path(path))
    header = read_gguf(files[0])
    headers = [header, *(read_gguf(file) for file in files[1:])]
    _refuse_other_kinds(header)
    tensors = tuple(tensor for part in headers for tensor in part.tensors)
    if not tensors:
        mend = "download the model itself"
        raise UserError("the GGUF file has no tensors, so it is no model", where=header.path, mend=mend)
    odd = next((tensor.name for tensor in tensors if tensor.kind == FLOAT64), None)
    if odd is not None:
        what = f"tensor {shown(odd)} is of float64, which llama.cpp cannot multiply"
        raise UserError(what, where=header.path, mend="convert the model with float32 or float16")
    announced = header.metadata.get("split.count", 1)
    if isinstance(announced, int) and announced > len(files):
        what = f"the model is one of {announced} parts, and its name does not say which"
        mend = "give the parts their names back, e.g. model-00001-of-00003.gguf"
        raise UserError(what, where=header.path, mend=mend)
    return ModelFiles(GgufFile(header.path, header.metadata, tensors), files)


def part_files(path: Path) -> tuple[Path, ...]:
    """All files of the model whose first part is `path`; that one alone when it is not split."""
    names = part_names(path.name)
    if names[0] != path.name:
        mend = f"name the first part, {names[0]}"
        raise UserError("this is a later part of a split model", where=path, mend=mend)
    files = tuple(path.with_name(name) for name in names)
    missing = [file.name for file in files[1:] if not file.exists()]
    if missing and path.exists():
        what = f"{len(missing)} of the {len(files)} parts of the model are missing, first {missing[0]}"
        raise UserError(what, where=path, mend="put all parts into one folder")
    return files


def part_names(name: str) -> tuple[str, ...]:
    """The names of all parts of a split model, from that of any one.

    >>> part_names("m-00002-of-00003.gguf")
    ('m-00001-of-00003.gguf', 'm-00002-of-00003.gguf', 'm-00003-of-00003.gguf')
    >>> part_names("m.gguf")
    ('m.gguf',)
    """
    found = PART.match(name)
    if found is None:
        return (name,)
    stem, count = found["stem"], int(found["count"])
    return tuple(f"{stem}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)) or (name,)


def files_hash(files: tuple[Path, ...]) -> str:
    """Hash of the content of a model: of its file, or of the hashes of its parts."""
    hashes = [content_hash(file) for file in files]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.blake2b("\n".join(hashes).encode(), digest_size=32).hexdigest()


def files_stamp(files: tuple[Path, ...]) -> list[int]:
    """What changes when a file is written or replaced: its number, size and time."""
    statuses = [file.stat() for file in files]
    return [number for s in statuses for number in (s.st_ino, s.st_size, s.st_mtime_ns)]


def _refuse_other_kinds(header: GgufFile) -> None:
    kind = header.metadata.get("general.type", "model")
    if kind == "adapter":
        base = header.metadata.get("general.base_model.0.name", "its base model")
        what = "the file is a LoRA adapter, no model"
        mend = f"name {base} as the engine and this file with --adapter"
    elif kind == "mmproj" or header.architecture == "clip":
        what = "the file is the image or sound projector of a model (mmproj), no model"
        mend = "name the GGUF of the language model"
    elif kind == "imatrix":
        what, mend = "the file is an importance matrix, no model", "name the GGUF of the model"
    else:
        return
    raise UserError(what, where=header.path, mend=mend)


def unchanged_hash(files: tuple[Path, ...], stamp: list[int]) -> str:
    """Hash of the model's content; `UserError` when it is no longer what it was at `stamp`."""
    found = files_hash(files)
    if files_stamp(files) != stamp:
        mend = "open the engine again"
        raise UserError("the model file has changed since it was opened", where=files[0], mend=mend)
    return found


def no_generator(path: Path) -> UserError:
    """The sentence about an encoder."""
    mend = "name a model that writes text"
    return UserError("the model is no text generator (an encoder makes embeddings)", where=path, mend=mend)
