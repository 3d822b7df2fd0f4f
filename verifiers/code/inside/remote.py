"""The judge's end: stand-ins for what lives in the program's process.

Plain results are the judge's own values, compared by the judge's own `==`. Of an object that is no plain
value there is a `Remote`, which passes on what tells the program nothing about what is expected: calls,
attributes, indexing, iteration, and operators between two such objects. Never `==`, `in` or arithmetic
with a plain value, because a program that sees the expected value can agree with it.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import operator
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from verifiers.code.inside import codec
from verifiers.code.inside.peer import EndedError, Peer

_MODULES = """
bisect cmath collections copy datetime decimal fractions functools heapq itertools json math operator random
re statistics string typing
"""
#: What a test may use by the name under which the program imported it; the judge imports it itself.
SAFE_MODULES = frozenset(_MODULES.split())
_UNARY = {"len": "length", "bool": "bool", "str": "str", "repr": "repr", "int": "int", "float": "float"}
_UNARY |= {name: name for name in ("abs", "neg", "pos", "iter", "next", "reversed", "round", "index")}
_OPERATORS = "add sub mul truediv floordiv mod pow matmul and_ or_ xor lt le gt ge eq ne"
_BINARY = {name: getattr(operator, name) for name in _OPERATORS.split()}


def _length(value: Any) -> int:
    return len(value)


#: The operators that the program's side carries out, by name.
OPERATORS: dict[str, Callable[..., Any]] = {
    **_BINARY,
    "length": _length,
    "bool": bool,
    "str": str,
    "repr": repr,
    "int": int,
    "float": float,
    "abs": abs,
    "neg": operator.neg,
    "pos": operator.pos,
    "iter": iter,
    "next": next,
    "reversed": reversed,
    "round": round,
    "index": operator.index,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "isinstance": isinstance,
}


class Remote:
    """An object of the program. Knows the peer and the object's number there, and nothing else."""

    __slots__ = ("_name", "_number", "_peer")

    def __init__(self, peer: Asker, number: int, name: str = "") -> None:
        for slot, value in (("_peer", peer), ("_number", number), ("_name", name)):
            object.__setattr__(self, slot, value)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._peer.call(self, self._name, list(arguments), named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__"):
            raise AttributeError(name)
        found = self._peer.ask("getattr", self, name)
        if isinstance(found, Remote) and not found._name:
            object.__setattr__(found, "_name", name)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        self._peer.ask("setattr", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._peer.ask("apply", "getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._peer.ask("apply", "setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._peer.ask("apply", "delitem", self, key)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, Remote) and bool(self._peer.ask("apply", "isinstance", value, self))

    def __hash__(self) -> int:
        return hash((id(self._peer), self._number))


def _unary(name: str) -> Callable[[Remote], Any]:
    def method(self: Remote) -> Any:
        return self._peer.ask("apply", name, self)

    return method


def _binary(name: str) -> Callable[[Remote, object], Any]:
    def method(self: Remote, other: object) -> Any:
        if not isinstance(other, Remote):
            return NotImplemented
        return self._peer.ask("apply", name, self, other)

    return method


for _short, _full in _UNARY.items():
    setattr(Remote, f"__{_short}__", _unary(_full))
for _short in _BINARY:
    setattr(Remote, f"__{_short.rstrip('_')}__", _binary(_short))


class Asker(Peer):
    """The judge's side of the pipes. Answers one question only: to call a function that it passed."""

    def __init__(self, reader: int, writer: int) -> None:
        super().__init__(reader, writer, {"call": _call_back})
        self.remotes: dict[int, Remote] = {}
        self.exceptions: dict[str, type[Exception]] = {}
        self.uncrossable: str | None = None
        self.used = False
        self.last: str | None = None

    def ask(self, operation: str, *operands: object) -> Any:
        try:
            return super().ask(operation, *operands)
        except codec.UncrossableError as error:
            # Kept, because test code may catch it. Of a call back it is not: the program chose what to pass.
            self.uncrossable = str(error)
            raise

    def call(self, function: Remote, name: str, arguments: list[Any], named: dict[str, Any]) -> Any:
        self.used = True
        self.last = f"{name or 'call'}({_shown(arguments)}) is still running"
        try:
            value = self.ask("call", function, arguments, named)
        except Exception as error:
            self.last = f"{name or 'call'}({_shown(arguments)}) raised {type(error).__name__}: {error}"[:500]
            raise
        # A repr of an object would be one more question to the program.
        shown = "an object" if isinstance(value, Remote) else _short_repr(value)
        self.last = f"{name or 'call'}({_shown(arguments)}) returned {shown}"
        return value

    def refer(self, value: object) -> Any:
        if isinstance(value, Remote):
            return {codec.TAG: "yours", "v": value._number}
        if not callable(value):
            raise codec.UncrossableError(f"the tests pass a {type(value).__name__} to the program")
        return super().refer(value)

    def resolve(self, tag: str, body: Any) -> Any:
        if tag == "theirs" and type(body) is int:
            return self.remotes.setdefault(body, Remote(self, body))
        return super().resolve(tag, body)

    def changed(self, operands: tuple[object, ...], news: Any) -> None:
        """Lists, sets and dictionaries that the program changed in place change here as well."""
        if not isinstance(news, list) or len(operands) < 2 or not isinstance(operands[1], list):
            return
        for old, new in zip(operands[1], codec.decode(news, self.resolve), strict=False):
            if type(old) is not type(new):
                continue
            if isinstance(old, (list, bytearray)):
                old[:] = new
            elif isinstance(old, (set, dict)):
                old.clear()
                old.update(new)

    def failure(self, message: Mapping[str, Any]) -> BaseException:
        names = message.get("raise")
        kind = self.exception(names if isinstance(names, list) else [])
        text = str(message.get("text"))
        for encoded in (message.get("with"), [text]):
            with contextlib.suppress(Exception):
                return kind(*codec.decode(encoded))
        return RuntimeError(f"{kind.__name__}: {text}")

    def exception(self, names: list[Any]) -> type[Exception]:
        """The class named first: a built-in one, or our own copy of one that the program defines."""
        if not names:
            return RuntimeError
        first = str(names[0])
        known = getattr(builtins, first, None)
        if isinstance(known, type) and issubclass(known, BaseException):
            return known if issubclass(known, Exception) else RuntimeError
        if first not in self.exceptions:
            self.exceptions[first] = type(first, (self.exception(names[1:]),), {})
        return self.exceptions[first]

    def globals(self, names: list[str]) -> dict[str, Any]:
        """Those of `names` that the program defines, as the test code is to see them; no other names."""
        self.write({"op": "globals", "with": [names]})
        message = self.read() or {}
        found = message.get("value")
        if not isinstance(found, dict):
            raise EndedError("no names")
        try:
            return {name: self._imported(name, found[name]) for name in names if name in found}
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise EndedError("not a name") from error

    def _imported(self, name: str, encoded: Any) -> Any:
        tag = encoded.get(codec.TAG) if isinstance(encoded, dict) else None
        if tag == "library":
            return self._counted(_library(*encoded["v"]))
        if tag == "exception":
            return self.exception(encoded["v"])
        value = codec.decode(encoded, self.resolve)
        if isinstance(value, Remote):
            object.__setattr__(value, "_name", name)
        else:
            self.used = True
        return value

    def _counted(self, value: Any) -> Any:
        """A function of the library may be all that the program offers: calling it is using the program."""
        if isinstance(value, (type, ModuleType)) or not callable(value):
            return value

        @functools.wraps(value)
        def counted(*arguments: Any, **named: Any) -> Any:
            self.used = True
            return value(*arguments, **named)

        return counted


def _call_back(function: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
    return function(*arguments, **named)


def _library(module: str, name: str | None) -> Any:
    """A module that is known to be harmless, or one of its public members, imported here."""
    if module not in SAFE_MODULES:
        raise ValueError("not a module of the library")
    found = importlib.import_module(module)
    if name is None:
        return found
    member = getattr(found, name)
    if name.startswith("_") or isinstance(member, ModuleType):
        raise ValueError("not a member for others")
    return member


def _shown(arguments: list[Any]) -> str:
    return ", ".join("an object" if isinstance(each, Remote) else _short_repr(each) for each in arguments)


def _short_repr(value: object) -> str:
    try:
        text = repr(value)
    except Exception:
        return type(value).__name__
    return text if len(text) <= 200 else text[:200] + "..."
