"""An engine's child process that aborts, as a failed assertion does, on a prompt "abort". Not a test.

One "fail" makes its thread fail in Python.
"""

from __future__ import annotations

import ctypes
import sys

from datagen.engines.llama import child_process
from datagen.engines.llama.binding import Context


def main() -> None:
    """The child, with the fault."""
    prefill = Context.prefill

    def faulty(self, sequence, tokens, **named):
        if b"".join(map(self.model.piece, tokens)).startswith(b"abort"):
            print("llama.cpp:17: GGML_ASSERT(prompt != abort) failed", file=sys.stderr, flush=True)
            ctypes.CDLL(None).abort()
        if b"".join(map(self.model.piece, tokens)).startswith(b"fail"):
            raise RuntimeError("llama_decode failed with status -3")
        return prefill(self, sequence, tokens, **named)

    Context.prefill = faulty  # type: ignore[method-assign]
    child_process.main()


if __name__ == "__main__":
    main()
