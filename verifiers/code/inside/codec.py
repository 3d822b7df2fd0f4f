"""Plain values as JSON and back, with their types: nothing here runs or builds what a text says.

A tuple is not a list and True is not 1 on the way. What is no plain value is turned into a reference by
whoever encodes, or refused. Subclasses arrive as the plain type they extend, so none brings its own `==`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

TAG = "$"
#: Larger integers travel in hexadecimal, which takes linear time to read and has no digit limit.
_LARGE = 1 << 53


class UncrossableError(TypeError):
    """A value that cannot leave its process: it is neither plain data nor may be referred to."""


Refer = Callable[[object], Any]
Resolve = Callable[[str, Any], Any]


def refuse(value: object) -> Any:
    raise UncrossableError(f"a {type(value).__name__} is not plain data")


def encode(value: object, refer: Refer = refuse) -> Any:
    """What `json` can write. `refer` says what stands for an object that is not plain data.

    Raises `UncrossableError`, and `RecursionError` for a value that contains itself.
    """
    if value is None or type(value) in (bool, str, float):
        return value
    if isinstance(value, (int, float, str, complex)):
        return _encode_scalar(value)
    if type(value) is list:
        return [encode(each, refer) for each in value]
    if isinstance(value, list):
        return [encode(each, refer) for each in list.__iter__(value)]
    if isinstance(value, tuple):
        return {TAG: "tuple", "v": [encode(each, refer) for each in tuple.__iter__(value)]}
    if isinstance(value, dict):
        return {TAG: "dict", "v": [[encode(k, refer), encode(v, refer)] for k, v in dict.items(value)]}
    if isinstance(value, (set, frozenset)):
        name = "set" if isinstance(value, set) else "frozenset"
        return {TAG: name, "v": [encode(each, refer) for each in value]}
    if isinstance(value, (bytes, bytearray)):
        return {TAG: "bytes" if isinstance(value, bytes) else "bytearray", "v": bytes(value).hex()}
    if type(value) is Fraction:
        return {TAG: "Fraction", "v": [encode(value.numerator), encode(value.denominator)]}
    if type(value) is Decimal:
        return {TAG: "Decimal", "v": str(value)}
    return refer(value)


def _encode_scalar(value: int | float | str | complex) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__add__(value, 0)
        return number if -_LARGE < number < _LARGE else {TAG: "int", "v": hex(number)}
    if isinstance(value, float):
        return float.__pos__(value)
    return {TAG: "complex", "v": [value.real, value.imag]}


def unresolved(tag: str, body: Any) -> Any:
    raise ValueError(f"unexpected {tag}")


def decode(message: Any, resolve: Resolve = unresolved) -> Any:
    """The value of an encoded message. `resolve` is asked for every tag that is not a plain value's.

    Raises `ValueError`, `TypeError` or `RecursionError` for a message that nothing here wrote.
    """
    if isinstance(message, list):
        return [decode(each, resolve) for each in message]
    if not isinstance(message, dict):
        return message
    tag, body = message.get(TAG), message.get("v")
    if tag == "tuple":
        return tuple(decode(body, resolve))
    if tag == "dict":
        return {decode(key, resolve): decode(value, resolve) for key, value in _pairs(body)}
    if tag in ("set", "frozenset"):
        values = decode(body, resolve)
        return set(values) if tag == "set" else frozenset(values)
    if tag == "int":
        return int(str(body), 16)
    if tag in ("bytes", "bytearray"):
        data = bytes.fromhex(str(body))
        return data if tag == "bytes" else bytearray(data)
    if tag == "complex":
        real, imaginary = _pairs([body])[0]
        return complex(float(real), float(imaginary))
    return resolve(str(tag), body)


def decode_exact(tag: str, body: Any) -> Any:
    """Exact numbers, for a process with limits of its own: what is done with them may take long."""
    if tag == "Fraction":
        above, below = decode(body)
        return Fraction(int(above), int(below))
    if tag == "Decimal":
        return Decimal(str(body))
    return unresolved(tag, body)


def _pairs(body: Any) -> list[tuple[Any, Any]]:
    return [(left, right) for left, right in body]
