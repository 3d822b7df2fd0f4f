"""llama.cpp's sampler chain as a small Python object: what is truncated, what is penalised, what is drawn.

A sampler belongs to the thread of its context.
"""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.engines.llama.binding import Context, Logits, library

# Tokens this many times less likely than the likeliest are under the resolution of a float32 probability.
# Dropping them first spares the later samplers a sort of the whole vocabulary (50 times slower).
FLOAT32_RESOLUTION = 2.0**-24
# llama.cpp reads this seed as "choose one at random".
RANDOM_SEED = 0xFFFFFFFF


class Penalties(NamedTuple):
    """What tokens pay that the sample has written before; the names and order of llama.cpp's sampler."""

    vocabulary: int
    last: int
    repeat: float
    frequency: float
    presence: float


class Sampler:
    """llama.cpp's sampler chain for one sample: top-k, top-p, min-p, temperature, then a draw.

    The truncations look at the model's own distribution (after the penalties), before the temperature, as
    llama.cpp's default chain has it. `temperature` 0 takes the likeliest token. The same seed draws the same
    tokens.
    """

    def __init__(
        self,
        *,
        temperature: float,
        top_p: float,
        top_k: int,
        min_p: float,
        seed: int,
        penalties: Penalties | None = None,
    ) -> None:
        lib = self._lib = library()
        self.handle = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        self._remembers = penalties is not None
        if penalties is not None:
            self._add(lib.llama_sampler_init_penalties(*penalties))
        if temperature == 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        if top_k > 0:
            self._add(lib.llama_sampler_init_top_k(top_k))
        else:
            # Scaled, so that the floor lies at the same probability once the temperature has flattened it.
            self._add(lib.llama_sampler_init_min_p(FLOAT32_RESOLUTION ** max(1.0, temperature), 1))
        if top_p < 1:
            self._add(lib.llama_sampler_init_top_p(top_p, 1))
        if min_p > 0:
            self._add(lib.llama_sampler_init_min_p(min_p, 1))
        if temperature != 1:
            self._add(lib.llama_sampler_init_temp(temperature))
        self._add(lib.llama_sampler_init_dist(seed % RANDOM_SEED))

    def _add(self, sampler: Any) -> None:
        self._lib.llama_sampler_chain_add(self.handle, sampler)

    def draw(self, context: Context, row: int) -> int:
        """The next token, from row `row` of the last decode."""
        return int(self._lib.llama_sampler_sample(self.handle, context.handle, row))

    def take(self, token: int) -> None:
        """Note a token that was not drawn: the penalties look at it too."""
        if self._remembers:
            self._lib.llama_sampler_accept(self.handle, token)

    def draw_from(self, logits: Logits, tokens: npt.NDArray[np.int64] | None = None) -> int:
        """The next token, from logits kept from an earlier decode: of all tokens, or of these alone."""
        candidates = np.zeros(len(logits), dtype=[("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        candidates["id"] = np.arange(len(logits)) if tokens is None else tokens
        candidates["logit"] = logits
        array = self._lib.llama_token_data_array()
        array.data = ctypes.cast(candidates.ctypes.data, self._lib.llama_token_data_p)
        array.size, array.selected, array.sorted = len(logits), -1, False
        self._lib.llama_sampler_apply(self.handle, ctypes.byref(array))
        token = int(array.data[array.selected].id)
        self._lib.llama_sampler_accept(self.handle, token)
        return token

    def close(self) -> None:
        """Free the chain."""
        if self.handle:
            self._lib.llama_sampler_free(self.handle)
            self.handle = None
