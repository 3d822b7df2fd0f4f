"""Runs a text as a module, from memory: there is no file that another process could read or change.

Reading it (a syntax error is found here) and running it are two steps, so that what is reported in between
was surely not written by the program.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import linecache
import sys
from types import CodeType, ModuleType


class TextLoader(importlib.machinery.SourceFileLoader):
    """The import system's own loader, given the text instead of a file."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self.source = source
        self.code: CodeType | None = None

    def get_data(self, path: str) -> bytes:
        return self.source

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError("no file, so nothing to cache")

    def get_code(self, fullname: str) -> CodeType:
        """Raises `SyntaxError`, `ValueError` for null bytes, and what a very deep text raises."""
        if self.code is None:
            code = super().get_code(fullname)
            assert code is not None
            self.code = code
        return self.code


def prepare(loader: TextLoader) -> ModuleType:
    """The empty module of a text, known to the import system under its name."""
    spec = importlib.util.spec_from_loader(loader.name, loader, origin=loader.path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = loader.path
    sys.modules[loader.name] = module
    linecache.lazycache(loader.path, module.__dict__)
    return module


def syntax_problem(loader: TextLoader) -> str | None:
    """What is wrong with the text's syntax, or None. Runs nothing of it."""
    try:
        loader.get_code(loader.name)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return f"{type(error).__name__}: {error}"
    return None
