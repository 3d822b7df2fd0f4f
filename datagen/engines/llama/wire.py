"""What a parent and its engine's child process say to each other: frames of JSON over a pipe, no pickle.

A frame is four bytes of length (little-endian) and that many bytes of JSON. Numbers come back bit for bit,
errors as the class they were. Knows nothing of processes (`child.py`, `child_process.py`).
"""

from __future__ import annotations

import builtins
import json
import struct
import traceback
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

from datagen.engines.engine import (
    DEFAULTS,
    Completion,
    EngineClosedError,
    PromptTooLongError,
    Request,
    Sample,
)
from datagen.engines.offline import LeavesMachineError
from schemas import UserError

LENGTH = struct.Struct("<I")
USER_ERRORS = (UserError, PromptTooLongError, LeavesMachineError)

Message = dict[str, Any]


def frame(message: Mapping[str, Any]) -> bytes:
    """The bytes of one message. Raises `UserError` for text or values that JSON cannot carry."""
    import orjson

    try:
        body = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY, default=_plain)
    except TypeError as error:
        what = f"the request holds something that is no Unicode text, number or list ({error})"
        raise UserError(what, where="request") from None
    return LENGTH.pack(len(body)) + body


def read_frame(stream: IO[bytes]) -> Message | None:
    """The next message, or None where the stream ends, be it in the middle of a frame."""
    import orjson

    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return orjson.loads(body) if len(body) == length else None


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__}")


def request_to_wire(request: Request) -> Message:
    """The fields that are not at their default. Integers of any size go as text."""
    given = {
        name: value for name, default in DEFAULTS.items() if (value := getattr(request, name)) != default
    }
    given.pop("seed", None)
    given["seeds"] = [str(seed) for seed in request.sample_seeds]
    if request.schema is not None:
        # Its numbers may exceed 64 bits, and the order of its keys has a meaning.
        given["schema"] = json.dumps(request.schema)
    return given


def request_from_wire(given: Message) -> Request:
    """What `request_to_wire` took apart."""
    schema = {"schema": json.loads(given["schema"])} if "schema" in given else {}
    return Request(**{**given, **schema, "seeds": tuple(map(int, given["seeds"]))})


def completion_from_wire(given: Message) -> Completion:
    """A `Completion` from its fields (orjson takes dataclasses apart by itself)."""
    return Completion(**{**given, "samples": tuple(_sample(sample) for sample in given["samples"])})


def _sample(given: Message) -> Sample:
    known = {field.name: given[field.name] for field in fields(Sample)}
    known["tokens"] = tuple(known["tokens"])
    if known["logprobs"] is not None:
        known["logprobs"] = tuple(map(_number, known["logprobs"]))
    if known["top_logprobs"] is not None:
        known["top_logprobs"] = tuple(
            tuple((text, _number(value)) for text, value in likeliest) for likeliest in known["top_logprobs"]
        )
    return Sample(**known)


def _number(value: float | None) -> float:
    """JSON has no infinity; the only one a logprob can be is that of what cannot come."""
    return float("-inf") if value is None else value


def error_to_wire(error: BaseException) -> Message:
    """An exception as plain values."""
    if isinstance(error, UserError):
        where = None if error.where is None else str(error.where)
        return {"class": type(error).__name__, "what": error.what, "where": where, "mend": error.mend}
    trace = "".join(traceback.format_exception(error))
    return {"class": type(error).__name__, "what": str(error), "trace": trace}


def error_from_wire(given: Message) -> BaseException:
    """The exception again: one of ours or of Python's by its class, any other as a RuntimeError."""
    if "trace" not in given:
        kind: type[UserError] = {error.__name__: error for error in USER_ERRORS}.get(
            given["class"], UserError
        )
        return kind(given["what"], where=given["where"], mend=given["mend"])
    ours = {EngineClosedError.__name__: EngineClosedError}
    named = ours.get(given["class"]) or getattr(builtins, given["class"], None)
    error: BaseException
    if isinstance(named, type) and issubclass(named, Exception):
        try:
            error = named(given["what"])
        except TypeError:  # some need more than a text, UnicodeDecodeError for one
            error = RuntimeError(f"{given['class']}: {given['what']}")
    else:
        error = RuntimeError(f"{given['class']}: {given['what']}")
    error.__cause__ = RuntimeError(f"in the engine's process:\n{given['trace']}")
    return error
