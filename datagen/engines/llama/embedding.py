"""Texts to vectors, by the model of a GGUF file: encoders and generators alike, pooled as the file says.

Beside `binding.py` the only place that talks to llama.cpp. One text a decode, so that a vector does
not depend on the texts asked with it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.engines.engine import PromptTooLongError
from datagen.engines.llama.binding import Model, library
from schemas import UserError

Vectors = npt.NDArray[np.float32]

UNSPECIFIED, NONE, MEAN, RANK = -1, 0, 1, 4


def embed(
    model: Model,
    texts: Sequence[str],
    *,
    name: str,
    metadata: dict[str, Any],
    threads: int,
    normalized: bool = True,
    stopped: Callable[[], bool] = lambda: False,
) -> Vectors:
    """Vectors [len(texts), size], of length 1 if `normalized`. `stopped` is asked before each text.

    Pooled over a text's tokens as the file says, by their mean where it does not. Raises `UserError` when
    the model has no vectors, and `PromptTooLongError` when a text exceeds what it was trained for.
    """
    pooling = metadata.get(f"{metadata.get('general.architecture')}.pooling_type", NONE)
    if pooling == RANK:
        raise UserError("the model ranks texts and has no embeddings of them", where=name)
    tokens = [model.tokenize(text, beginning=True, special=False) for text in texts]
    empty = next((index for index, found in enumerate(tokens) if not found), None)
    if empty is not None:
        raise UserError(f"text {empty} to embed is empty", where=name, mend="leave it out")
    longest = max(map(len, tokens), default=0)
    if longest > model.trained_context:
        what = f"a text of {longest:,} tokens to embed exceeds the {model.trained_context:,} of the model"
        raise PromptTooLongError(what, where=name, mend="split it")
    size = int(library().llama_model_n_embd_out(model.handle))
    vectors = np.zeros((len(texts), size), np.float32)
    if not len(texts):
        return vectors
    context = _Context(model, longest, threads, MEAN if pooling == NONE else UNSPECIFIED)
    try:
        for index, found in enumerate(tokens):
            if stopped():
                break
            vectors[index] = context.embed(found, size)
    finally:
        context.close()
    if normalized:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1)
    return vectors


class _Context:
    """A llama.cpp context that gives one pooled vector a decode."""

    def __init__(self, model: Model, tokens: int, threads: int, pooling: int) -> None:
        lib = self._lib = library()
        params = lib.llama_context_default_params()
        # A text is pooled within one chunk, so the chunk holds the longest.
        params.n_ctx = params.n_batch = params.n_ubatch = tokens
        params.n_seq_max = 1
        params.n_threads = params.n_threads_batch = threads
        params.embeddings, params.pooling_type = True, pooling
        self.handle = lib.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise UserError(f"no room to embed texts of {tokens:,} tokens", mend="split the longest texts")
        if model.adapter is not None:
            adapters = (lib.llama_adapter_lora_p_ctypes * 1)(model.adapter)
            lib.llama_set_adapters_lora(self.handle, adapters, 1, (ctypes.c_float * 1)(1.0))
        self._memory = lib.llama_get_memory(self.handle)  # none in an encoder

    def embed(self, tokens: list[int], size: int) -> Vectors:
        """The vector of one text [size]."""
        if self._memory:
            self._lib.llama_memory_clear(self._memory, True)
        array = (self._lib.llama_token * len(tokens))(*tokens)
        status = self._lib.llama_decode(self.handle, self._lib.llama_batch_get_one(array, len(tokens)))
        if status != 0:
            raise RuntimeError(f"llama_decode failed with status {status}")
        pointer = self._lib.llama_get_embeddings_seq(self.handle, 0)
        if not pointer:
            raise UserError("the model gives no embeddings")
        return np.ctypeslib.as_array(pointer, shape=(size,)).copy()

    def close(self) -> None:
        if self.handle:
            self._lib.llama_free(self.handle)
            self.handle = None
