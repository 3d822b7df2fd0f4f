"""Questions and answers between two processes, as lines of JSON, in either direction and nested.

Each side keeps its own objects and hands out numbers for them. Which questions a side answers is its own
decision: the judge only lets the functions it passed be called, the program's side answers everything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from verifiers.code.inside import codec

#: One line; a longer one is not read, so that neither side fills the other's memory.
MAX_LINE = 64 << 20


class EndedError(BaseException):
    """The other side is gone or does not speak the language. Not an `Exception`, so no test swallows it."""


class Peer:
    """One end of a pair of pipes. `operations` are the questions that this end answers."""

    def __init__(self, reader: int, writer: int, operations: Mapping[str, Callable[..., Any]]) -> None:
        self.reader, self.writer, self.operations = reader, writer, operations
        self.objects: list[object] = []
        self.numbers: dict[int, int] = {}
        self.buffer = bytearray()
        self.ended = False

    def refer(self, value: object) -> Any:
        """A reference to an object of ours. It is kept for good, so its number stays its own."""
        if id(value) not in self.numbers:
            self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)
        return {codec.TAG: "theirs", "v": self.numbers[id(value)]}

    def resolve(self, tag: str, body: Any) -> Any:
        """The object behind a reference; a subclass knows the references to the other side."""
        if tag == "yours" and type(body) is int and 0 <= body < len(self.objects):
            return self.objects[body]
        return codec.decode_exact(tag, body)

    def failure(self, message: Mapping[str, Any]) -> BaseException:
        """What to raise here for what was raised there."""
        raise NotImplementedError

    def write(self, message: Mapping[str, Any]) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        try:
            while data:
                data = data[os.write(self.writer, data) :]
        except OSError as error:
            self.ended = True
            raise EndedError(str(error)) from error

    def read(self) -> dict[str, Any] | None:
        """The next message, None at the end. Raises `EndedError` for what is not a message."""
        start = 0
        while (end := self.buffer.find(b"\n", start)) < 0:
            start = len(self.buffer)
            data = os.read(self.reader, 1 << 16)
            if not data or start > MAX_LINE:
                self.ended = True
                return None
            self.buffer += data
        line, self.buffer = self.buffer[:end], self.buffer[end + 1 :]
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            self.ended = True
            raise EndedError("not a message") from error
        if not isinstance(message, dict):
            self.ended = True
            raise EndedError("not a message")
        return message

    def ask(self, operation: str, *operands: object) -> Any:
        """The other side's answer; whatever it asks meanwhile is answered first."""
        encoded = [codec.encode(each, self.refer) for each in operands]
        self.write({"op": operation, "with": encoded})
        while (message := self.read()) is not None:
            if "op" in message:
                self.answer(message)
                continue
            if "raise" in message:
                raise self.failure(message)
            self.changed(operands, message.get("changed"))
            try:
                return codec.decode(message.get("value"), self.resolve)
            except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
                raise EndedError("not a value") from error
        raise EndedError("the other side is gone")

    def changed(self, operands: tuple[object, ...], news: Any) -> None:
        """Called with what the other side says became of the operands."""

    def answer(self, message: Mapping[str, Any]) -> None:
        """Carry out one question and reply with its value, or with what it raised."""
        reply: dict[str, Any]
        try:
            operation = self.operations[str(message["op"])]
            operands = [codec.decode(each, self.resolve) for each in message["with"]]
            reply = {"value": codec.encode(operation(*operands), self.refer)}
            reply |= self.news(operands, message["with"])
        except EndedError:
            raise
        except BaseException as error:  # a program may raise anything, and its reward depends on it
            reply = raised(error)
        self.write(reply)

    def news(self, operands: list[Any], before: list[Any]) -> dict[str, Any]:
        """What to tell of operands that the operation changed in place."""
        return {}

    def serve(self) -> None:
        """Answer until the other side closes."""
        while (message := self.read()) is not None:
            self.answer(message)


def raised(error: BaseException) -> dict[str, Any]:
    """An exception as names, nearest first, and arguments, as far as those are plain."""
    try:
        arguments = codec.encode(list(error.args))
    except Exception:
        arguments = [text_of(error)]
    names = [kind.__name__ for kind in type(error).__mro__]
    return {"raise": names, "with": arguments, "text": text_of(error)}


def text_of(value: object) -> str:
    """`str(value)`, also where a program made that fail."""
    try:
        return str(value)[:2000]
    except BaseException:
        return type(value).__name__
