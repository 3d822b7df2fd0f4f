"""The four floors: a folder imports only from the floors below it, and nothing heavy before it is needed.

The rules are functions over a tree of source files, so that each can be shown to fail on a small bad tree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("schemas", "verifiers", "datagen", "finetune")

TRAINING = {
    "torch",
    "transformers",
    "trl",
    "datasets",
    "peft",
    "accelerate",
    "tokenizers",
    "unsloth",
    "safetensors",
}
HEAVY = TRAINING | {"llama_cpp", "gguf", "sympy", "pyarrow", "jsonschema", "rich"}
SERVING = {"http", "socketserver", "aiohttp", "httpx", "requests", "ollama", "openai"}
EVALUATING = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "sympify",
    "parse_expr",
    "parse_latex",
    "lambdify",
    "literal_eval",
}


@dataclass(frozen=True)
class Module:
    """One parsed source file; `floor` is the folder under the root that it lies in."""

    path: Path
    floor: str
    tree: ast.Module


@dataclass(frozen=True)
class Import:
    """One imported top-level name; `early` when it runs as soon as the module is imported."""

    name: str
    line: int
    early: bool


def modules(root: Path) -> list[Module]:
    paths = [(floor, path) for floor in FLOORS for path in sorted((root / floor).rglob("*.py"))]
    return [Module(path.relative_to(root), floor, ast.parse(path.read_bytes())) for floor, path in paths]


def imports(node: ast.AST, early: bool = True) -> Iterator[Import]:
    """Every import under `node`. What is in a function, or `if TYPE_CHECKING`, is not early."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name.split(".")[0], child.lineno, early) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield Import(child.module.split(".")[0], child.lineno, early)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from imports(ast.Module(child.body, []), False)
            yield from imports(ast.Module(child.orelse, []), early)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from imports(child, early and not inside)


def dynamic_imports(tree: ast.AST) -> Iterator[Import]:
    """`import_module("torch...")` and `__import__("torch")` with a name that is, or begins with, a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in ("import_module", "__import__") and node.args:
            text = next((n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)), "")
            yield Import(str(text).split(".")[0], node.lineno, False)


def called(node: ast.Call) -> str:
    """The last name of what is called: `sympify` of `sympy.sympify(text)`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def upward_imports(tree: Iterable[Module]) -> list[str]:
    """Imports of a floor from one below it."""
    return [
        f"{module.path}:{found.line} imports {found.name}"
        for module in tree
        for found in [*imports(module.tree), *dynamic_imports(module.tree)]
        if found.name in FLOORS and FLOORS.index(found.name) > FLOORS.index(module.floor)
    ]


def early_heavy_imports(tree: Iterable[Module]) -> list[str]:
    """Heavy packages imported with the module, where only `finetune` may import those of training."""
    return [
        f"{module.path}:{found.line} imports {found.name}"
        for module in tree
        for found in imports(module.tree)
        if found.early
        and found.name in (HEAVY - TRAINING - {"gguf"} if module.floor == "finetune" else HEAVY)
    ]


def imports_from(tree: Iterable[Module], floors: Iterable[str], forbidden: set[str]) -> list[str]:
    """Imports of `forbidden` packages, anywhere in `floors`."""
    return [
        f"{module.path}:{found.line} imports {found.name}"
        for module in tree
        if module.floor in floors
        for found in [*imports(module.tree), *dynamic_imports(module.tree)]
        if found.name in forbidden
    ]


def relative_imports(tree: Iterable[Module]) -> list[str]:
    """Relative imports, which would hide the floor they come from."""
    return [
        f"{module.path}:{node.lineno}"
        for module in tree
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def evaluations(tree: Iterable[Module]) -> list[str]:
    """Calls and mentions in `verifiers` of what would run, or let sympy run, the text of an answer."""
    found = []
    for module in tree:
        for node in ast.walk(module.tree) if module.floor == "verifiers" else ():
            name = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.id
                if isinstance(node, ast.Name)
                else ""
            )
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else [name]
            is_pattern = isinstance(node, ast.Attribute) and ast.unparse(node) == "re.compile"
            if EVALUATING & set(names) and not is_pattern:
                found.append(f"{module.path}:{getattr(node, 'lineno', 0)}")
    return found


def undescribed(tree: Iterable[Module]) -> list[str]:
    """Modules that do not open by saying what they are for."""
    return [str(module.path) for module in tree if not (ast.get_docstring(module.tree) or "").strip()]


@pytest.fixture(scope="module")
def ours() -> list[Module]:
    tree = modules(ROOT)
    assert {module.floor for module in tree} == set(FLOORS)
    return tree


def test_a_floor_imports_only_from_floors_below(ours: list[Module]) -> None:
    assert upward_imports(ours) == []


def test_nothing_heavy_is_imported_before_it_is_needed(ours: list[Module]) -> None:
    assert early_heavy_imports(ours) == []


def test_no_torch_below_the_floor_that_trains(ours: list[Module]) -> None:
    assert imports_from(ours, ("schemas", "verifiers", "datagen"), {"torch", "transformers", "trl"}) == []


def test_training_knows_nothing_of_http(ours: list[Module]) -> None:
    assert imports_from(ours, ("finetune",), SERVING) == []


def test_imports_say_the_floor_they_come_from(ours: list[Module]) -> None:
    assert relative_imports(ours) == []


def test_verifiers_run_no_text(ours: list[Module]) -> None:
    assert evaluations(ours) == []


def test_every_module_says_what_it_is_for(ours: list[Module]) -> None:
    assert undescribed(ours) == []


BAD = {
    "schemas/a.py": "def f():\n    import datagen.cli\n",
    "schemas/b.py": "from .a import f\n",
    "verifiers/a.py": '"""Reads answers."""\nimport sympy\n\ndef f(text):\n    return sympy.sympify(text)\n',
    "verifiers/b.py": '"""Runs answers."""\nfrom sympy import parse_expr\nrun = eval\n',
    "datagen/a.py": '"""Makes text."""\nfrom importlib import import_module\nimport_module("finetune.sft")\n',
    "datagen/b.py": '"""Makes text."""\ntry:\n    import torch\nexcept ImportError:\n    pass\n',
    "finetune/a.py": '"""Trains."""\nimport http.server, llama_cpp\n',
}

GOOD = {
    "schemas/a.py": '"""Rows."""\nimport re\nWORD = re.compile("x")\n',
    "verifiers/a.py": '"""Answers."""\nfrom schemas import a\n\ndef f():\n    import sympy\n',
    "datagen/a.py": '"""Text."""\nimport verifiers.a\nif TYPE_CHECKING:\n    import llama_cpp\n',
    "finetune/a.py": '"""Trains."""\nimport torch\nimport datagen.a\n',
}


def built(root: Path, files: dict[str, str]) -> list[Module]:
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return modules(root)


def test_the_rules_find_what_is_wrong_in_a_bad_tree(tmp_path: Path) -> None:
    bad = built(tmp_path, BAD)
    assert upward_imports(bad) == ["schemas/a.py:2 imports datagen", "datagen/a.py:3 imports finetune"]
    assert early_heavy_imports(bad) == [
        "verifiers/a.py:2 imports sympy",
        "verifiers/b.py:2 imports sympy",
        "datagen/b.py:3 imports torch",
        "finetune/a.py:2 imports llama_cpp",
    ]
    assert imports_from(bad, ("datagen",), {"torch"}) == ["datagen/b.py:3 imports torch"]
    assert imports_from(bad, ("finetune",), SERVING) == ["finetune/a.py:2 imports http"]
    assert relative_imports(bad) == ["schemas/b.py:1"]
    assert evaluations(bad) == ["verifiers/a.py:5", "verifiers/b.py:2", "verifiers/b.py:3"]
    assert undescribed(bad) == ["schemas/a.py", "schemas/b.py"]


def test_the_rules_find_nothing_in_a_good_tree(tmp_path: Path) -> None:
    good = built(tmp_path, GOOD)
    for rule in (upward_imports, early_heavy_imports, relative_imports, evaluations, undescribed):
        assert rule(good) == []
