"""The one place that talks to llama.cpp: model, context and batch as small Python objects.

Over llama-cpp-python's low-level API. Knows nothing of requests or scheduling (`schedule.py`,
`engine.py`), and leaves the drawing to `sampler.py`. A `Context` belongs to one thread; a `Model` may be
shared.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import logging
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from schemas import UserError

log = logging.getLogger(__name__)

KvType = Literal["f16", "f32", "f16/bf16"]
Logits = npt.NDArray[np.float32]

GGML_LOG_LEVEL_ERROR = 4
GGML_TYPES = {"f32": 0, "f16": 1, "bf16": 30}


@functools.lru_cache(maxsize=1)
def library() -> Any:
    """The `llama_cpp` module, loaded once, its log routed to `logging` (level DEBUG)."""
    # OpenMP threads that spin while they wait make a busy machine up to a thousand times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import llama_cpp
    except ImportError as error:
        mend = "pip install llama-cpp-python (needs a C++ compiler)"
        raise UserError(f"llama-cpp-python cannot be imported ({error})", mend=mend) from error
    llama_cpp.llama_log_set(_log_callback(llama_cpp), ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    return llama_cpp


_recent_errors: deque[str] = deque(maxlen=4)


@functools.lru_cache(maxsize=1)  # The cache keeps the callback alive for as long as C may call it.
def _log_callback(llama_cpp: Any) -> Any:
    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def callback(level: int, text: bytes, _user_data: object) -> None:
        line = " ".join(text.decode("utf-8", errors="replace").split())
        if level == GGML_LOG_LEVEL_ERROR and line:
            _recent_errors.append(line)
        if line:
            log.debug("%s", line)

    return callback


class Model:
    """Weights and vocabulary of one GGUF file."""

    def __init__(
        self, path: Path, *, gpu_layers: int = -1, adapter: Path | None = None, vocabulary_only: bool = False
    ) -> None:
        """Load the weights, and a LoRA adapter that its contexts then use. `gpu_layers` -1: all that a GPU
        build can take. Raises `UserError`."""
        self._lib = library()
        params = self._lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        params.vocab_only = vocabulary_only
        _recent_errors.clear()
        self.handle = self._lib.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            why = next(iter(_recent_errors), "llama.cpp gives no reason")
            raise UserError(f"llama.cpp cannot load the model ({why})", where=path)
        self.adapter = self._load_adapter(adapter) if adapter else None
        self._vocab = self._lib.llama_model_get_vocab(self.handle)
        self.vocabulary_size = int(self._lib.llama_vocab_n_tokens(self._vocab))
        self.parameters = int(self._lib.llama_model_n_params(self.handle))
        # A vocabulary alone leaves the hyperparameters unread.
        trained = int(self._lib.llama_model_n_ctx_train(self.handle))
        self.trained_context = trained or self._whole_number("context_length")
        self._pieces: dict[bool, dict[int, bytes]] = {False: {}, True: {}}
        # The tokens that end a generation.
        self.ends = frozenset(
            token for token in range(self.vocabulary_size) if self._lib.llama_vocab_is_eog(self._vocab, token)
        )

    def _load_adapter(self, path: Path) -> Any:
        _recent_errors.clear()
        adapter = self._lib.llama_adapter_lora_init(self.handle, str(path).encode())
        if not adapter:
            why = next(iter(_recent_errors), "llama.cpp gives no reason")
            self.close()
            raise UserError(f"llama.cpp cannot load the adapter ({why})", where=path)
        return adapter

    def _whole_number(self, name: str) -> int:
        """A hyperparameter from the metadata of the file; 0 when it is not there."""
        architecture = self._metadata("general.architecture")
        found = self._metadata(f"{architecture}.{name}")
        return int(found) if found.isdigit() else 0

    def _metadata(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(128)
        self._lib.llama_model_meta_val_str(self.handle, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", errors="replace")

    @property
    def can_trim(self) -> bool:
        """Whether a sequence can forget its end (attention can, recurrent states cannot)."""
        recurrent = self._lib.llama_model_is_recurrent(self.handle)
        return not (recurrent or self._lib.llama_model_is_hybrid(self.handle))

    @property
    def generates(self) -> bool:
        """Whether this is a decoder (and not an encoder, or a diffusion model)."""
        handle, lib = self.handle, self._lib
        odd = lib.llama_model_has_encoder(handle) or lib.llama_model_is_diffusion(handle)
        return bool(lib.llama_model_has_decoder(handle)) and not odd

    @property
    def vocab(self) -> Any:
        """The vocabulary's handle; RuntimeError once the model is closed, where C would crash."""
        if not self.handle:
            raise RuntimeError("the model is closed")
        return self._vocab

    @functools.cached_property
    def special_tokens(self) -> dict[str, str]:
        """Text of the beginning and end tokens, under the names chat templates use."""
        found = {
            "bos_token": self._lib.llama_vocab_bos(self.vocab),
            "eos_token": self._lib.llama_vocab_eos(self.vocab),
        }
        pieces = {name: self.piece(token, special=True) for name, token in found.items() if token >= 0}
        return {name: piece.decode("utf-8", errors="replace") for name, piece in pieces.items()}

    @functools.cached_property
    def chat_template(self) -> str | None:
        """The Jinja template of the file's metadata, or None."""
        assert self.vocab
        template = self._lib.llama_model_chat_template(self.handle, None)
        return template.decode("utf-8", errors="replace") if template else None

    def tokenize(self, text: str, *, beginning: bool, special: bool) -> list[int]:
        """Token ids. `beginning`: add the begin token if the model wants one. `special`: text of control
        tokens counts as those tokens."""
        data = text.encode()
        capacity = len(data) + 8
        while True:
            buffer = (ctypes.c_int32 * capacity)()
            count = self._lib.llama_tokenize(
                self.vocab, data, len(data), buffer, capacity, beginning, special
            )
            if count >= 0:
                return list(buffer[:count])
            capacity = -count

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes a token stands for; none for control tokens unless `special`."""
        known = self._pieces[special]
        if token not in known:
            known[token] = self._read_piece(token, special)
        return known[token]

    def _read_piece(self, token: int, special: bool) -> bytes:
        capacity = 64
        while True:
            buffer = ctypes.create_string_buffer(capacity)
            count = self._lib.llama_token_to_piece(self.vocab, token, buffer, capacity, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            capacity = -count

    def close(self) -> None:
        """Free the weights. Contexts made from this model must be closed before."""
        if self.handle:
            self._lib.llama_model_free(self.handle)
            self.handle = None


class Batch:
    """A `llama_batch` over numpy arrays: filled in place, no copy on the way to C."""

    def __init__(self, lib: Any, capacity: int, sequences: int) -> None:
        self.capacity = capacity
        self.tokens = np.zeros(capacity, np.int32)
        self.positions = np.zeros(capacity, np.int32)
        self.wanted = np.zeros(capacity, np.int8)
        self._counts = np.ones(capacity, np.int32)
        self._ids = np.arange(sequences, dtype=np.int32)
        # seq_id is an array of pointers: row i points at the number of its sequence.
        self._id_addresses = self._ids.ctypes.data + 4 * np.arange(sequences, dtype=np.uintp)
        self._id_pointers = np.zeros(capacity, np.uintp)
        self.struct = lib.llama_batch()
        fields: dict[str, npt.NDArray[Any]] = {
            "token": self.tokens,
            "pos": self.positions,
            "n_seq_id": self._counts,
        }
        fields |= {"seq_id": self._id_pointers, "logits": self.wanted}
        kinds = dict(lib.llama_batch._fields_)
        for name, array in fields.items():
            setattr(self.struct, name, ctypes.cast(array.ctypes.data, kinds[name]))

    def fill(self, tokens: Sequence[int], positions: Sequence[int] | range, sequences: Sequence[int]) -> Any:
        """The struct for these rows; which logits are wanted is left to the caller (`wanted`)."""
        count = len(tokens)
        self.tokens[:count] = tokens
        self.positions[:count] = positions
        self._id_pointers[:count] = self._id_addresses[sequences]
        self.struct.n_tokens = count
        return self.struct


def chunks(start: int, cuts: Sequence[int], end: int, size: int) -> list[tuple[int, int]]:
    """Ranges of at most `size` that cover `start..end`, none of them across a cut.

    >>> chunks(0, (5,), 12, 4)
    [(0, 4), (4, 5), (5, 9), (9, 12)]
    """
    bounds = [start, *(cut for cut in cuts if start < cut < end), end]
    return [
        (at, min(at + size, stop))
        for begin, stop in itertools.pairwise(bounds)
        for at in range(begin, stop, size)
    ]


class Context:
    """KV streams for `sequences` sequences of up to `context` tokens each, and the decode call."""

    def __init__(
        self,
        model: Model,
        *,
        sequences: int,
        context: int,
        threads: int,
        flash_attention: bool = True,
        kv_type: KvType = "f16",
        chunk: int = 512,
    ) -> None:
        """Reserve the memory; `UserError` when there is not enough.

        `kv_type`: of keys and values, or of keys / of values. `chunk`: most rows of a decode.
        """
        lib = self._lib = library()
        params = lib.llama_context_default_params()
        params.n_ctx = context * sequences
        params.n_seq_max = sequences
        params.n_batch = params.n_ubatch = max(chunk, sequences)
        params.n_threads = params.n_threads_batch = threads
        enabled = lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.flash_attn_type = enabled if flash_attention else lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        key, _, value = kv_type.partition("/")
        params.type_k, params.type_v = GGML_TYPES[key], GGML_TYPES[value or key]
        params.kv_unified = False
        params.swa_full = True
        _recent_errors.clear()
        self.handle = lib.llama_init_from_model(model.handle, params)
        if not self.handle:
            why = next(iter(_recent_errors), "llama.cpp gives no reason")
            what = f"no context of {sequences} sequences of {context} tokens ({why})"
            raise UserError(what, mend="choose a smaller width or context")
        if model.adapter is not None:
            adapters = (lib.llama_adapter_lora_p_ctypes * 1)(model.adapter)
            if lib.llama_set_adapters_lora(self.handle, adapters, 1, (ctypes.c_float * 1)(1.0)) != 0:
                raise UserError("llama.cpp refuses the adapter for this model")
        self.model, self.chunk, self.sequences, self._threads = model, chunk, sequences, threads
        self._memory = lib.llama_get_memory(self.handle)
        self._batch = Batch(lib, max(chunk, sequences), sequences)

    def step(self, sequences: Sequence[int], tokens: Sequence[int], positions: Sequence[int]) -> None:
        """Decode one row a sequence; row i's logits are then `self.row(i)`."""
        struct = self._batch.fill(tokens, positions, sequences)
        # Idle rows too: leaving them out would narrow the last matrix product and change its bits.
        self._batch.wanted[: len(tokens)] = 1
        self._decode(struct)

    def prefill(
        self,
        sequence: int,
        tokens: Sequence[int],
        *,
        start: int = 0,
        cuts: Sequence[int] = (),
        every: bool = False,
    ) -> Logits:
        """Decode `tokens` from `start` on into a sequence, alone, in chunks that begin anew at each cut.

        What the sequence held from `start` on is forgotten. Returns a copy of the logits after the last
        token [vocabulary], or, with `every`, after each token [tokens - start, vocabulary].
        """
        self.trim(sequence, start)
        kept: list[Logits] = []
        for begin, end in chunks(start, cuts, len(tokens), self.chunk):
            part = tokens[begin:end]
            struct = self._batch.fill(part, range(begin, end), [sequence] * len(part))
            self._batch.wanted[: len(part)] = every
            self._batch.wanted[len(part) - 1] = every or end == len(tokens)
            self._decode(struct)
            if every:
                kept.append(self.rows(len(part)).copy())
        return np.concatenate(kept) if every else self.rows(1)[0].copy()

    def _decode(self, struct: Any) -> None:
        status = self._lib.llama_decode(self.handle, struct)
        if status != 0:
            why = next(iter(_recent_errors), "no reason given")
            raise RuntimeError(f"llama_decode failed with status {status} ({why})")

    def rows(self, count: int) -> Logits:
        """A view of the logits of the last decode [count, vocabulary], valid until the next one."""
        size = self.model.vocabulary_size
        pointer = self._lib.llama_get_logits(self.handle)
        address = ctypes.cast(pointer, ctypes.c_void_p).value
        flat = (ctypes.c_float * (count * size)).from_address(address or 0)
        return np.ctypeslib.as_array(flat).reshape(count, size)

    def copy(self, source: int, target: int, length: int) -> None:
        """Make `target` equal to the first `length` positions of `source`."""
        # A copy between streams is whole or it aborts: clear, copy all, cut the end.
        self.trim(target, 0)
        self._copy_all(source, target)
        if self._lib.llama_memory_seq_pos_max(self._memory, target) >= length:
            self.trim(target, length)

    def _copy_all(self, source: int, target: int) -> None:
        self._lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def trim(self, sequence: int, length: int) -> None:
        """Forget the positions from `length` on."""
        if not self._lib.llama_memory_seq_rm(self._memory, sequence, length, -1):
            raise RuntimeError(f"llama.cpp cannot forget positions {length}.. of sequence {sequence}")

    def set_threads(self, threads: int) -> None:
        """Change the number of threads; the tokens stay the same."""
        if threads != self._threads:
            self._lib.llama_set_n_threads(self.handle, threads, threads)
            self._threads = threads

    def close(self) -> None:
        """Free the KV cache and the buffers."""
        if self.handle:
            self._lib.llama_free(self.handle)
            self.handle = None
