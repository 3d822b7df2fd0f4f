"""Settings: the same value from Python, from YAML and back; and every mistake as one clear sentence."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UserError
from schemas.settings import checked, from_mapping, load, setting, to_mapping


@dataclass(frozen=True)
class Example:
    """One setting of each type there is."""

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "tiny": {"steps": 3, "rate": 0.5},
        "large": {"steps": 900},
    }

    name: str = setting(help="what it is called")
    steps: int = setting(10, help="optimizer steps", minimum=1, maximum=1000)
    rate: float = setting(1e-4, help="learning rate", above=0, below=1)
    shuffle: bool = setting(True, help="shuffle the rows")
    mode: Literal["fast", "exact"] = setting("fast", help="which way")
    out: Path | None = setting(None, help="where to", identity=False)
    seed: int | None = setting(None, help="random seed")
    stop: tuple[str, ...] = setting((), help="where to stop")
    sizes: tuple[int, ...] = setting((1, 2), help="layer sizes", minimum=1)
    betas: tuple[float, float] = setting((0.9, 0.99), help="momenta")


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
examples = st.builds(
    Example,
    name=words,
    steps=st.integers(1, 1000),
    rate=st.floats(0, 1, exclude_min=True, exclude_max=True),
    shuffle=st.booleans(),
    mode=st.sampled_from(["fast", "exact"]),
    out=st.none() | words.map(Path),
    seed=st.none() | st.integers(),
    stop=st.lists(words).map(tuple),
    sizes=st.lists(st.integers(min_value=1)).map(tuple),
    betas=st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2),
)


@given(examples)
def test_settings_come_back_equal_from_their_mapping(example: Example) -> None:
    assert from_mapping(Example, to_mapping(example)) == example


@given(examples)
def test_settings_come_back_equal_from_yaml(
    tmp_path_factory: pytest.TempPathFactory, example: Example
) -> None:
    path = tmp_path_factory.getbasetemp() / "example.yaml"
    path.write_text(yaml.safe_dump(to_mapping(example)))
    assert load(Example, path) == example


@given(examples)
def test_checking_changes_nothing_in_good_settings(example: Example) -> None:
    assert checked(example) == example


def test_text_is_read_as_what_it_spells() -> None:
    given = {
        "name": "n",
        "steps": "1e2",
        "rate": "1e-3",
        "shuffle": "no",
        "seed": "7",
        "stop": "a, b",
        "sizes": "3,4",
    }
    read = from_mapping(Example, given)
    assert (read.steps, read.rate, read.shuffle, read.seed) == (100, 1e-3, False, 7)
    assert (read.stop, read.sizes) == (("a", "b"), (3, 4))


def test_yaml_number_without_a_point_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: n\nrate: 1e-3\n")  # YAML 1.1 reads 1e-3 as text
    assert load(Example, path).rate == 1e-3


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("step", 3, "unknown setting 'step'; did you mean 'steps'?"),
        ("steps", "many", "steps: expected a whole number, got 'many'"),
        ("steps", 2.5, "steps: expected a whole number, got 2.5"),
        ("steps", True, "steps: expected a whole number, got True"),
        ("steps", 0, "steps: must be at least 1, got 0"),
        ("steps", 1001, "steps: must be at most 1000, got 1001"),
        ("steps", None, "steps: expected a whole number, got nothing"),
        ("rate", 0, "rate: must be above 0, got 0.0"),
        ("rate", 1.0, "rate: must be below 1, got 1.0"),
        ("rate", "nan", "rate: expected a finite number, got 'nan'"),
        ("rate", [1], "rate: expected a number, got [1]"),
        ("shuffle", 1, "shuffle: expected true or false, got 1"),
        ("mode", "exat", "mode: unknown choice 'exat'; did you mean 'exact'?"),
        ("name", 3, "name: expected text, got 3"),
        ("out", {"a": 1}, "out: expected a path, got a mapping"),
        ("sizes", [1, 0], "sizes: must be at least 1, got 0"),
        ("betas", [0.9], "betas: expected 2 values, got 1"),
        ("stop", 5, "stop: expected a list, got 5"),
    ],
)
def test_wrong_value_says_where_and_what_was_expected(key: str, value: object, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        from_mapping(Example, {"name": "n", key: value}, where=None)
    assert str(caught.value) == expected


def test_fault_in_a_file_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: n\n# a comment\nstepz: 4\n")
    with pytest.raises(UserError, match=r"c\.yaml:3: unknown setting 'stepz'; did you mean 'steps'\?"):
        load(Example, path)
    path.write_text("name: n\nsteps: [4]\n")
    with pytest.raises(UserError, match=r"c\.yaml:2: steps: expected a whole number"):
        load(Example, path)


def test_fault_in_an_option_names_the_option() -> None:
    with pytest.raises(UserError, match=r"^--steps: must be at least 1, got -5$"):
        load(Example, None, {"name": "n", "steps": "-5"})


def test_missing_setting_says_what_it_is_for_and_how_to_give_it() -> None:
    with pytest.raises(UserError) as caught:
        load(Example)
    expected = "'name' is missing (what it is called); give --name or write 'name: ...' in a --config file"
    assert str(caught.value) == expected


def test_option_wins_over_file_file_over_preset_preset_over_default(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: file\nrate: 0.25\n")
    read = load(Example, path, {"name": "option"}, preset="tiny")
    assert (read.name, read.rate, read.steps, read.mode) == ("option", 0.25, 3, "fast")


def test_file_may_name_its_preset_and_the_command_line_another(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("preset: tiny\nname: n\n")
    assert load(Example, path).steps == 3
    assert load(Example, path, preset="large").steps == 900
    with pytest.raises(UserError, match="--preset: unknown preset 'tinny'; did you mean 'tiny'"):
        load(Example, path, preset="tinny")


def test_none_on_the_command_line_takes_back_what_the_file_set(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("name: none\nseed: 5\n")
    read = load(Example, path, {"seed": "none"})
    assert (read.seed, read.name) == (None, "none")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"- a\n- b\n", "not a list of settings"),
        (b"name: n\nname: m\n", r"c\.yaml:2: 'name' is also set on line 1; keep one of them"),
        (b"name: [1\nsteps: 3\n", r"c\.yaml:2: not YAML"),
        (b"name: \xff\n", "not UTF-8"),
        (b"name: !!python/object:os.system x\n", "not YAML"),
        (b"when: 2024-99-99\n", "not YAML"),
    ],
)
def test_file_that_is_no_mapping_is_refused(tmp_path: Path, text: bytes, expected: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(text)
    with pytest.raises(UserError, match=expected):
        load(Example, path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.yaml: cannot read \(No such file"):
        load(Example, tmp_path / "none.yaml")


def test_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("# nothing yet\n")
    assert load(Example, path, {"name": "n"}) == Example(name="n")


def test_settings_made_in_python_are_checked_like_those_of_a_file() -> None:
    with pytest.raises(UserError, match="Example: steps: must be at least 1, got 0"):
        checked(Example(name="n", steps=0))


def test_identity_leaves_out_what_does_not_change_the_outcome() -> None:
    all_names = {field.name for field in fields(Example)}
    assert set(to_mapping(Example(name="n"), identity=True)) == all_names - {"out"}
