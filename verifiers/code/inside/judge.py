"""The judge's process: runs the test code, in which the program's names stand for questions to the program.

The program's process never sees this code or what it expects. Says what came of it in one line of JSON:
`passed`, `failed` (with the line), `broken` (the test code's own fault) or the program's opening line.
"""

from __future__ import annotations

import builtins
import json
import linecache
import os
import traceback
from collections.abc import Mapping
from types import CodeType
from typing import Any

from verifiers.code.inside import loader
from verifiers.code.inside.peer import EndedError, text_of
from verifiers.code.inside.remote import Asker

_FILE = "tests.py"


def judge(source: bytes, entry: str | None, report: int, reader: int, writer: int) -> None:
    """Run the test code against the program behind the pipes, and write the report."""
    outcome = _outcome(source, entry, Asker(reader, writer))
    os.write(report, json.dumps(outcome).encode() + b"\n")


def _outcome(source: bytes, entry: str | None, asker: Asker) -> dict[str, Any]:
    text = loader.TextLoader("__main__", _FILE, source)
    problem = loader.syntax_problem(text)
    try:
        # Read whatever the test code is like: the program's process may not have been forked before.
        opening = asker.read()
        if problem is not None:
            return {"broken": f"the test code is no Python: {problem}"}
        if opening is None or "ready" not in opening:
            return _unloaded(opening or {})
        names = [name for name in sorted(_names(text.get_code(text.name))) if _may_be_theirs(name, entry)]
        module = loader.prepare(text)
        vars(module).update(asker.globals(names))
        failed = _run(text, module)
    except EndedError:
        asker.ended, failed = True, None
    if asker.uncrossable is not None:
        return {"broken": asker.uncrossable + ", which cannot leave the tests' process"}
    if asker.ended:
        return {"failed": "the program ended before the tests did", "last": asker.last}
    if failed is not None:
        return failed | {"last": asker.last}
    return {"passed": True} if asker.used else {"broken": "the test code never used the program"}


def _unloaded(opening: Mapping[str, Any]) -> dict[str, Any]:
    """Why the program did not load. Rebuilt, never passed on: a program may have written this line itself."""
    if isinstance(opening.get("syntax"), str):
        return {"syntax": opening["syntax"]}
    if isinstance(opening.get("load"), dict):
        return {"load": {key: opening["load"].get(key) for key in ("raise", "text")}}
    return {"failed": "the program ended while it was loaded"}


def _run(text: loader.TextLoader, module: Any) -> dict[str, Any] | None:
    """None when the test code ran to its end; otherwise where and why it did not."""
    try:
        text.exec_module(module)
    except SystemExit as error:
        return {"failed": f"the tests ended with {error.code}"} if error.code else None
    except EndedError:
        raise
    except BaseException as error:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == _FILE]
        line = frames[-1].lineno if frames else None
        code = linecache.getline(_FILE, line or 0).strip()
        what = f"{type(error).__name__}: {text_of(error)}".removesuffix(": ")
        return {"failed": what, "line": line, "code": code[:300]}
    return None


def _names(code: CodeType) -> set[str]:
    """Every name that the code mentions, in functions and classes too."""
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _may_be_theirs(name: str, entry: str | None) -> bool:
    """A program must not replace `abs` or `set` in its tests, unless that is what it was asked to write."""
    return name == entry or not (name.startswith("__") or hasattr(builtins, name))
