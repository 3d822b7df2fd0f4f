"""A foreign package under one of our names is found before it is imported, and named with the mend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.shadow import MARKER, PACKAGES, Shadow, shadowed_imports

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = "raise SystemExit('the foreign package was imported')\n"


def run(path: list[Path], cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def foreign(folder: Path, package: str, distribution: str | None = None) -> Path:
    """A package of that name in `folder`, and what pip leaves beside it when it installs a distribution."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(FOREIGN)
    if distribution:
        metadata = folder / f"{distribution}-9.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 9.0\n")
        (metadata / "top_level.txt").write_text(f"{package}\n")
    return (folder / package).resolve()


def test_our_own_packages_are_let_through() -> None:
    assert shadowed_imports() == []


def test_installed_distribution_that_shadows_is_named_with_the_mend(tmp_path: Path) -> None:
    place = foreign(tmp_path / "site", "verifiers", "verifiers")
    done = run([tmp_path / "site", ROOT], tmp_path, "-m", "datagen", "families")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: {place}: this 'verifiers' is not the one of homegrown-llm "
        "but of the distribution 'verifiers', which installs the same name; "
        "pip uninstall verifiers and reinstall homegrown-llm, "
        "or use a fresh virtual environment\n"
    )


def test_package_in_the_folder_one_runs_from_is_named(tmp_path: Path) -> None:
    place = foreign(tmp_path, "schemas")
    done = run([ROOT], tmp_path, "-m", "datagen", "families")
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {place}: this 'schemas' is not the one of homegrown-llm and is found before it; "
        f"run from another folder than {place.parent}, "
        f"take {place.parent} out of PYTHONPATH, or rename schemas\n"
    )


def test_folder_without_code_shadows_nothing(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "person.json").write_text("{}")
    done = run([ROOT], tmp_path, "-m", "datagen", "--help")
    assert (done.returncode, done.stderr) == (0, "")


LOADED_BY_PATH = f"""
from importlib import util
spec = util.spec_from_file_location("shadow", {str(ROOT / "datagen" / "shadow.py")!r})
shadow = util.module_from_spec(spec)
import sys; sys.modules["shadow"] = shadow
spec.loader.exec_module(shadow)
shadow.refuse_shadowed_imports()
"""


def test_shadowed_datagen_is_found_by_who_loads_the_check_by_its_path(tmp_path: Path) -> None:
    place = foreign(tmp_path / "site", "datagen", "datagen-tools")
    done = run([tmp_path / "site", ROOT], tmp_path, "-c", LOADED_BY_PATH)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {place}: this 'datagen' is not the one of homegrown-llm")
    assert "pip uninstall datagen-tools" in done.stderr


def installed(home: Path) -> None:
    for package in PACKAGES:
        (home / package).mkdir()
        (home / package / "__init__.py").write_text(f'"""Ours."""\n\n{MARKER}\n')


def find_in(folder: Path) -> list[Shadow]:
    from importlib.machinery import PathFinder

    return shadowed_imports(lambda name: PathFinder.find_spec(name, [str(folder)]), folder)


def test_package_that_was_overwritten_in_place_is_found(tmp_path: Path) -> None:
    installed(tmp_path)
    assert find_in(tmp_path) == []
    (tmp_path / "verifiers" / "__init__.py").write_text('__version__ = "0.1"\n')
    assert find_in(tmp_path) == [Shadow("verifiers", tmp_path / "verifiers")]


def test_package_that_is_missing_or_a_module_is_found(tmp_path: Path) -> None:
    installed(tmp_path)
    for package in ("finetune", "schemas"):
        (tmp_path / package / "__init__.py").unlink()
        (tmp_path / package).rmdir()
    (tmp_path / "schemas.py").write_text(MARKER)
    assert find_in(tmp_path) == [Shadow("schemas", tmp_path / "schemas.py"), Shadow("finetune", None)]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_carries_the_marker(package: str) -> None:
    assert MARKER in (ROOT / package / "__init__.py").read_text().splitlines()
