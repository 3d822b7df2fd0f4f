"""A disk that fills while weights are written, in one sentence, whichever library meets it first.

Rows and manifests have their own way (`schemas.rows.atomic_writer`); this is for what torch, safetensors and
transformers write themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas import UserError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns a write into `folder` that the system refused into a `UserError`; any other error passes."""
    try:
        yield
    except Exception as error:
        reason = _refusal(error)
        if reason is None:
            raise
        mend = "free some space and run the same command again"
        raise UserError(f"cannot write ({reason})", where=folder, mend=mend) from error


def _refusal(error: Exception) -> str | None:
    """Why the system refused to write, or None when the error is about something else."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    text = str(error).strip()
    # safetensors has its own exception and torch raises a RuntimeError: neither is an OSError.
    of_safetensors = type(error).__name__ == "SafetensorError" and "i/o error" in text.lower()
    of_torch = isinstance(error, RuntimeError) and ("PytorchStreamWriter" in text or "unexpected pos" in text)
    return text.splitlines()[0][:200] if of_safetensors or of_torch else None
