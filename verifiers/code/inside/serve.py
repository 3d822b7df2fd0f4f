"""The program's end: loads the program, then answers questions about it. Nothing secret comes here.

What a program does to this process (patching builtins, writing to the pipes, leaving early) changes only
the answers it gives, and those are compared elsewhere.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from verifiers.code.inside import codec, loader
from verifiers.code.inside.peer import EndedError, Peer, raised
from verifiers.code.inside.remote import OPERATORS, SAFE_MODULES

#: The program is not `__main__` here, so that what it guards as a script does not run.
NAME = "program"


class Answerer(Peer):
    """The program's side. With `plain` results that are no plain data are refused: nobody can ask on."""

    def __init__(self, reader: int, writer: int, module: ModuleType, plain: bool) -> None:
        operations: dict[str, Callable[..., Any]] = {
            "call": _call,
            "named": lambda path, arguments, named: _call(_named(module, path), arguments, named),
            "getattr": getattr,
            "setattr": setattr,
            "apply": lambda name, *operands: OPERATORS[name](*operands),
        }
        super().__init__(reader, writer, operations)
        self.module, self.plain = module, plain

    def refer(self, value: object) -> Any:
        if isinstance(value, _TheirFunction):
            return {codec.TAG: "yours", "v": value.number}
        return codec.refuse(value) if self.plain else super().refer(value)

    def resolve(self, tag: str, body: Any) -> Any:
        return _TheirFunction(self, body) if tag == "theirs" else super().resolve(tag, body)

    def failure(self, message: Mapping[str, Any]) -> BaseException:
        names = message.get("raise") or [""]
        kind = getattr(builtins, str(names[0]), RuntimeError)
        is_exception = isinstance(kind, type) and issubclass(kind, Exception)
        return RuntimeError(message.get("text")) if not is_exception else kind(message.get("text"))

    def news(self, operands: list[Any], before: list[Any]) -> dict[str, Any]:
        if len(operands) != 3 or not isinstance(operands[1], list):
            return {}
        after = codec.encode(operands[1], self.refer)
        return {} if after == before[1] else {"changed": after}

    def answer(self, message: Mapping[str, Any]) -> None:
        if message["op"] != "globals":
            super().answer(message)
            return
        found = vars(self.module)
        self.write({"value": {n: self.exported(found[n]) for n in message["with"][0] if n in found}})

    def exported(self, value: object) -> Any:
        """A global of the program: what comes from the library by its name, the rest as any value."""
        if isinstance(value, ModuleType) and value.__name__ in SAFE_MODULES:
            return {codec.TAG: "library", "v": [value.__name__, None]}
        home, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if home in SAFE_MODULES and isinstance(name, str) and getattr(sys.modules[home], name, None) is value:
            return {codec.TAG: "library", "v": [home, name]}
        if isinstance(value, type) and issubclass(value, Exception):
            return {codec.TAG: "exception", "v": [kind.__name__ for kind in value.__mro__]}
        return codec.encode(value, self.refer)


class _TheirFunction:
    """A function that the test code passed as an argument: calling it asks the judge."""

    def __init__(self, peer: Answerer, number: int) -> None:
        self.peer, self.number = peer, number

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.peer.ask("call", self, list(arguments), named)


def _call(function: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
    return function(*arguments, **named)


def _named(module: ModuleType, path: str) -> Any:
    """`f`, or `Solution.f` as a method of a fresh `Solution()`."""
    head, _, method = path.partition(".")
    if not hasattr(module, head):
        raise NameError(f"the program defines no '{head}'")
    found = getattr(module, head)
    return getattr(found() if isinstance(found, type) else found, method) if method else found


def serve(source: bytes, reader: int, writer: int, plain: bool) -> None:
    """Load the program and say how that went in one line; then answer until the other side closes."""
    text = loader.TextLoader(NAME, "program.py", source)
    problem = loader.syntax_problem(text)
    if problem is not None:
        _say(writer, {"syntax": problem})
        return
    module = loader.prepare(text)
    try:
        text.exec_module(module)
    except BaseException as error:  # also SystemExit: a program that leaves has answered nothing
        _say(writer, {"load": raised(error)})
        return
    _say(writer, {"ready": True})
    try:
        Answerer(reader, writer, module, plain).serve()
    except EndedError:
        return


def _say(writer: int, message: dict[str, Any]) -> None:
    os.write(writer, json.dumps(message).encode() + b"\n")
