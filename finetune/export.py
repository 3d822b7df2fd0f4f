"""Export a trained model to one GGUF file, and let nothing out that llama.cpp would misread.

The order of things: check the folder, write the file beside its destination, pass it through the gate, put it
in place. How a tensor is stored is for `gguf_writer.py`; what the gate demands, for `parity.py`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from finetune.gguf_source import ModelSource, read_source
from finetune.gguf_vocabulary import Vocabulary, read_vocabulary
from finetune.gguf_writer import write_gguf
from finetune.parity import Parity, check_parity, reference_of
from schemas import UserError, unknown_name

Quantization = Literal["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m"]

Made = tuple[tuple[str, ...], "Parity | None"]
"""What came of writing a file: notes, and how near it is to the model."""

K_BLOCK = 256
"""Values in a block of the K formats; rows that do not divide into it are stored in another format."""


@dataclass(frozen=True)
class ExportReport:
    """The file that was written, and how far it is from the model (None where the gate was not asked for).

    Logit differences are absolute; KL is in nats a token; `sha` is SHA-256 in hexadecimal.
    """

    path: Path
    bytes: int
    sha: str
    quantization: str
    seconds: float
    notes: tuple[str, ...] = ()
    token_mismatches: int | None = None
    max_logit_difference: float | None = None
    mean_logit_difference: float | None = None
    mean_kl: float | None = None
    greedy_agreement: float | None = None
    template_equal: bool | None = None


def export_gguf(
    model_dir: Path, out: Path, quantization: Quantization, gate: bool = True, adapter: Path | None = None
) -> ExportReport:
    """Write the model in `model_dir` to the file `out`, whole and checked, or not at all.

    `adapter`: the folder of a LoRA adapter that is merged into the weights on the way.

    With `gate`, the weights are first written in float32 and compared strictly: a wrong rotation, a wrong
    tokenizer or a wrong template shows there however coarse the quantization is. Then the file itself is
    compared, within what its quantization costs. Needs room for both files beside `out` while it works.

    Raises `UserError` for a folder that cannot be exported, a failed check, or a full disk; whatever `out`
    held before is then still there.
    """
    start = time.perf_counter()
    if quantization not in get_args(Quantization):
        raise unknown_name("quantization", quantization, get_args(Quantization))
    out = Path(out)
    source = read_source(Path(model_dir), adapter)
    vocabulary = read_vocabulary(source.tokenizer, _rows(source), where=source.path)

    def make(file: Path) -> Made:
        exact = file if quantization == "f32" else file.with_name(f"{out.stem}-f32.gguf")
        notes = _write(source, vocabulary, file, exact, quantization, gate) + _tokenizer_notes(source)
        return notes, _gate(source, file, exact, quantization) if gate else None

    return _in_place(out, quantization, make, start)


def export_adapter(
    model_dir: Path, out: Path, quantization: str, gate: bool = True, adapter: Path | None = None
) -> ExportReport:
    """Write a LoRA adapter alone as GGUF, as llama.cpp puts one on its model; checked, or not at all.

    With `gate`, its model is written in float32 beside it, and both together are compared with what PEFT
    computes. Raises `UserError` as `export_gguf` does, and when there is no adapter.
    """
    from finetune.gguf_adapter import ADAPTER_TYPES, write_adapter_gguf

    start = time.perf_counter()
    if quantization not in ADAPTER_TYPES:
        raise unknown_name("type of an adapter", quantization, ADAPTER_TYPES, where="--gguf")
    source = read_source(Path(model_dir), adapter)
    if source.adapter is None:
        raise UserError("no adapter", where=model_dir, mend="name its folder with --adapter")
    vocabulary = read_vocabulary(source.tokenizer, _rows(source), where=source.path)

    def make(file: Path) -> Made:
        bare = write_adapter_gguf(source, file, quantization)
        if not gate:
            return (), None
        exact = file.with_name(f"{out.stem}-model-f32.gguf")
        write_gguf(bare, vocabulary, exact, "f32")
        return (), check_parity(exact, source, reference_of(source), quantization, adapter=file)

    return _in_place(Path(out), quantization, make, start)


def _in_place(out: Path, quantization: str, make: Callable[[Path], Made], start: float) -> ExportReport:
    """Have `make` write a file beside `out`, and put it there once it is whole and passed the gate."""
    try:
        with _workshop(out) as folder:
            file = folder / out.name
            notes, parity = make(file)
            size, sha = file.stat().st_size, _sha256(file)
            _flush(file)
            os.replace(file, out)
    except OSError as error:
        mend = "free some space or choose another place"
        raise UserError(f"cannot write ({error.strerror or error})", where=out, mend=mend) from error
    measured = asdict(parity) if parity else {}
    seconds = time.perf_counter() - start
    return ExportReport(out, size, sha, quantization, seconds=seconds, notes=notes, **measured)


@contextlib.contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out`, gone afterwards; what a killed export left in it is thrown away first."""
    folder = out.with_name(f".{out.name}.partial")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rows(source: ModelSource) -> int:
    name = "model.embed_tokens.weight"
    if name not in source.names:
        raise UserError(f"the model has no tensor {name}", where=source.path, mend="save it again")
    return source.shape(name)[0]


def _write(
    source: ModelSource, vocabulary: Vocabulary, file: Path, exact: Path, quantization: str, gate: bool
) -> tuple[str, ...]:
    """Write `file`, and `exact` (the same in float32) where the gate or llama.cpp's quantizer wants it."""
    by_llama_cpp = quantization == "q4_k_m"
    if exact != file and (gate or by_llama_cpp):
        write_gguf(source, vocabulary, exact, "f32")
    if by_llama_cpp:
        return _quantize_k(exact, file)
    return write_gguf(source, vocabulary, file, quantization)


def _tokenizer_notes(source: ModelSource) -> tuple[str, ...]:
    added = source.tokenizer("")["input_ids"]
    if not added:
        return ()
    names = " ".join(source.tokenizer.convert_ids_to_tokens(added))
    return (f"the tokenizer adds {names} to every text, the file leaves that to the chat template",)


def _quantize_k(exact: Path, file: Path) -> tuple[str, ...]:
    """Q4_K_M by llama.cpp's own quantizer, for `gguf` has none; notes on what it stored otherwise."""
    import ctypes

    from gguf import GGUFReader

    from datagen.engines.llama.binding import library

    llama_cpp = library()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
    if llama_cpp.llama_model_quantize(str(exact).encode(), str(file).encode(), ctypes.byref(params)) != 0:
        raise UserError("llama.cpp could not quantize the model", where=file.name, mend="is the disk full?")
    matrices = [tensor for tensor in GGUFReader(file).tensors if len(tensor.shape) > 1]
    other = Counter(t.tensor_type.name for t in matrices if not t.tensor_type.name.endswith("_K"))
    if not other:
        return ()
    stored = ", ".join(f"{count} as {name}" for name, count in sorted(other.items()))
    return (
        f"{other.total()} of {len(matrices)} matrices have rows that do not divide into {K_BLOCK}: {stored}",
    )


def _gate(source: ModelSource, file: Path, exact: Path, quantization: str) -> Parity:
    reference = reference_of(source)
    parity = check_parity(exact, source, reference, "f32")
    return parity if file == exact else check_parity(file, source, reference, quantization)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
