"""Is this file a whole GGUF file? Read in Python, because a fault met inside ggml can abort the process.

Checks the header, the metadata, the tokens and that every tensor lies within the file. Leaves to others:
what the file is good for (`model_files.py`), loading it (`llama/binding.py`).
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import bisect
import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from schemas import UserError

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MOST_DIMENSIONS = 4
# Longer arrays (a vocabulary's) are only counted; one number a layer is kept.
LONGEST_KEPT_ARRAY = 1024
LONGEST_SHOWN = 60

# Value types of the metadata: struct code and size in bytes of those of fixed size.
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9

# Tensor types: (elements, bytes) of a block. From ggml's table; one newer than it reaches to the next tensor.
BLOCKS = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
}


# What else is downloaded or renamed to .gguf, by its first bytes.
FOREIGN = {
    b"lmgg": "an old ggml file",
    b"fmgg": "an old ggml file",
    b"tjgg": "an old ggml file",
    b"algg": "an old ggml LoRA adapter",
    b"PK\x03\x04": "a zip or PyTorch file",
    b"\x80\x02": "a Python pickle",
    b"version https://git-lfs": "a Git LFS pointer to the file",
    b"<": "a web page",
}


# A matrix of these crashes llama.cpp when it is multiplied.
INTEGERS, FLOAT64 = frozenset(range(24, 28)), 28


@dataclass(frozen=True)
class Tensor:
    """One array of weights: `shape` as ggml has it, the innermost dimension first; `size` in bytes; `kind` is
    ggml's number of its type."""

    name: str
    shape: tuple[int, ...]
    kind: int
    size: int

    @property
    def layer(self) -> int | None:
        """The number of the block it belongs to, or None."""
        head, _, rest = self.name.partition(".")
        number = rest.partition(".")[0]
        return int(number) if head == "blk" and number.isdecimal() else None


@dataclass(frozen=True)
class GgufFile:
    """What the header says: metadata by key (strings decoded, of long arrays the length), and the tensors."""

    path: Path
    metadata: dict[str, Any]
    tensors: tuple[Tensor, ...]

    @property
    def architecture(self) -> str:
        """The model's architecture, e.g. `llama`."""
        return str(self.metadata.get("general.architecture", "unknown"))

    def setting(self, name: str, default: Any = None) -> Any:
        """A value of the architecture's own, e.g. `block_count`."""
        return self.metadata.get(f"{self.architecture}.{name}", default)


def read_gguf(path: str | Path) -> GgufFile:
    """The header of a GGUF file, checked against the length of the file.

    Raises `UserError` when the file is missing, is something else, is truncated, was written by a newer
    GGUF version or on a big-endian machine, or names a token twice (which aborts llama.cpp).
    """
    path = Path(path)
    if not path.exists():
        raise UserError("no such model file", where=path, mend="check the path")
    if not path.is_file():
        raise UserError("not a file", where=path, mend="name a .gguf file")
    if path.stat().st_size < len(MAGIC):
        raise UserError(
            "not a GGUF model (the file is empty)", where=path, mend="download or export it again"
        )
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(path, data).read()
    except OSError as error:
        raise UserError(f"cannot read the model ({error.strerror})", where=path) from error


class _Reader:
    """A cursor over the bytes of one file."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path, self.data, self.at = path, data, 0

    def read(self) -> GgufFile:
        if self.data[: len(MAGIC)] != MAGIC:
            looks = foreign(self.data[:4096])
            what = "not a GGUF model" + (f" ({looks})" if looks else "")
            raise UserError(what, where=self.path, mend="export or convert it to GGUF, or download it again")
        self.at = len(MAGIC)
        version = self.scalar("I")
        if version not in VERSIONS:
            swapped = int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS
            what = "a big-endian GGUF model" if swapped else f"GGUF version {version}, known are 2 and 3"
            raise UserError(what, where=self.path, mend="convert the model again on this machine")
        tensors, keys = self.scalar("Q"), self.scalar("Q")
        # The smallest entry has a length, one more number and a type: more of them cannot fit.
        if tensors + keys > len(self.data) // 12:
            self.truncated("it announces more entries than it has bytes")
        metadata: dict[str, Any] = {}
        for _ in range(keys):
            key = self.string().decode("utf-8", errors="replace")
            metadata[key] = self.value(key)
        found = [self.tensor() for _ in range(tensors)]
        alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1:
            self.truncated(f"its alignment is {alignment!r}")
        start = -(-self.at // alignment) * alignment
        return GgufFile(self.path, metadata, self.measured(found, start))

    def measured(self, found: list[tuple[str, tuple[int, ...], int, int]], start: int) -> tuple[Tensor, ...]:
        """The tensors with their sizes; those of a type newer than our table reach to the next one."""
        end = len(self.data) - start
        offsets = sorted({offset for *_, offset in found} | {end})
        tensors = []
        for name, shape, kind, offset in found:
            if kind in BLOCKS:
                per_block, block_bytes = BLOCKS[kind]
                size = math.prod(shape) // per_block * block_bytes
            else:
                following = bisect.bisect_right(offsets, offset)
                size = offsets[following] - offset if following < len(offsets) else 0
            if offset + size > end:
                self.truncated(f"tensor {shown(name)} ends at byte {start + offset + size:,}")
            tensors.append(Tensor(name, shape, kind, size))
        return tuple(tensors)

    def value(self, key: str) -> Any:
        """One metadata value; of a long array only its length (they may have 150,000 entries)."""
        kind = self.scalar("I")
        if kind in SCALARS:
            return self.scalar(SCALARS[kind])
        if kind == STRING:
            return self.string().decode("utf-8", errors="replace")
        if kind != ARRAY:
            self.truncated(f"metadata {shown(key)} has unknown type {kind}")
        kind, length = self.scalar("I"), self.scalar("Q")
        if kind in SCALARS:
            start = self.take(struct.calcsize(SCALARS[kind]) * length)
            if length <= LONGEST_KEPT_ARRAY:
                return list(struct.unpack_from(f"<{length}{SCALARS[kind]}", self.data, start))
        elif kind == STRING:
            self.strings(key, length)
        else:
            self.truncated(f"metadata {shown(key)} is an array of unknown type {kind}")
        return length

    def strings(self, key: str, length: int) -> None:
        """Walk an array of strings; tokens must be distinct."""
        if length > len(self.data) // 8:
            self.truncated(f"metadata {shown(key)} announces {length:,} strings")
        if key != "tokenizer.ggml.tokens":
            for _ in range(length):
                self.take(self.scalar("Q"))
            return
        seen: set[bytes] = set()
        for index in range(length):
            token = self.string()
            if token in seen:
                text = token.decode("utf-8", errors="replace")
                what = f"token {index} has the same text as an earlier one ({shown(text)})"
                raise UserError(what, where=self.path, mend="export the model again with distinct tokens")
            seen.add(token)

    def tensor(self) -> tuple[str, tuple[int, ...], int, int]:
        """(name, shape, type, offset into the data) of the next tensor."""
        name = self.string().decode("utf-8", errors="replace")
        dimensions = self.scalar("I")
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            self.truncated(f"tensor {shown(name)} has {dimensions} dimensions")
        shape = tuple(self.scalar("Q") for _ in range(dimensions))
        return name, shape, self.scalar("I"), self.scalar("Q")

    def scalar(self, code: str) -> Any:
        size = struct.calcsize(code)
        start = self.take(size)
        return struct.unpack_from("<" + code, self.data, start)[0]

    def string(self) -> bytes:
        length = self.scalar("Q")
        start = self.take(length)
        return self.data[start : start + length]

    def take(self, size: int) -> int:
        """Step over `size` bytes; where they began."""
        start = self.at
        self.at += size
        if self.at > len(self.data):
            self.truncated("it ends inside the header")
        return start

    def truncated(self, why: str) -> NoReturn:
        what = f"the GGUF model is truncated or damaged at {len(self.data):,} bytes ({why})"
        raise UserError(what, where=self.path, mend="download or export it again")


def foreign(head: bytes) -> str | None:
    """What a file that is no GGUF seems to be, by its first bytes; None when there is no telling."""
    if head[8:10] in (b'{"', b"{ "):  # eight bytes of length, then a JSON object
        return "a safetensors file"
    return next((name for magic, name in FOREIGN.items() if head.startswith(magic)), None)


def shown(name: str) -> str:
    """A name of the file in quotes; a damaged one may be anything, of any length."""
    return repr(name if len(name) <= LONGEST_SHOWN else name[:LONGEST_SHOWN] + "...")
