"""A command's settings: one frozen dataclass, read from YAML, from the command line and from Python.

Every field is made by `setting`, which holds its help, unit and bounds; conversion and checks are here,
once, whoever asks. Knows nothing of Typer (see `command.py`) and nothing of what a setting is for.

    @dataclass(frozen=True)
    class Sft:
        data: Path = setting(help="instruction rows")
        learning_rate: float = setting(1e-4, help="peak learning rate", above=0)
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from schemas.errors import UserError, unknown_name

T = TypeVar("T")

COMMAND_LINE = "the command line"
"""The `where` of values given as options: their faults name the option, as in `--count`."""

TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class About:
    """What is known of one setting besides its type and default.

    `minimum` and `maximum` are allowed values, `above` and `below` are not. `positional` settings come
    without an option name. `metavar` is the word for the value in the help. A setting that is not part of
    the `identity` of a run (a folder to write to, a number of threads) may change between a run and its
    resume.
    """

    help: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    positional: bool = False
    metavar: str | None = None
    short: str | None = None
    identity: bool = True


def setting(default: Any = MISSING, *, help: str, **about: Any) -> Any:
    """A dataclass field that is a setting; without a default it is required. For `about` see `About`."""
    return dataclasses.field(default=default, metadata={"about": About(help, **about)})


def about(field: Field[Any]) -> About:
    """What `setting` recorded of a field."""
    known: About = field.metadata["about"]
    return known


def fields_of(settings: type | object) -> dict[str, Field[Any]]:
    """The settings of a class by name, in the order they were written."""
    return {field.name: field for field in dataclasses.fields(settings)}  # type: ignore[arg-type]


def types_of(settings: type) -> dict[str, Any]:
    """The type of each setting by name, with string annotations resolved."""
    return typing.get_type_hints(settings)


def presets_of(settings: type) -> dict[str, Mapping[str, Any]]:
    """The named presets of a class: its `PRESETS`, a `ClassVar[dict[str, dict[str, Any]]]`, or none."""
    return dict(getattr(settings, "PRESETS", {}))


def from_mapping(settings: type[T], mapping: Mapping[str, Any], where: object = None) -> T:
    """The settings that a mapping of plain values describes; `where` it came from goes into every error.

    Raises `UserError` for an unknown key (naming the nearest known one), a value of the wrong type or out
    of bounds, and a required setting that is missing.
    """
    return _complete(settings, _converted(settings, mapping, where), where)


def load(
    settings: type[T],
    path: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    preset: str | None = None,
    where: object = COMMAND_LINE,
) -> T:
    """Settings from all sources: overrides win over the YAML file, it over the preset, that over defaults.

    A file may name the preset it starts from under the key `preset`; `where` the overrides come from goes
    into their errors.
    """
    lines = {} if path is None else read_yaml(path)
    presets = presets_of(settings)
    if presets and "preset" in lines:
        line, named = lines.pop("preset")
        preset = preset or _known_preset(str(named), presets, f"{path}:{line}")
    values: dict[str, Any] = {}
    if preset is not None:
        chosen = presets[_known_preset(preset, presets, "--preset")]
        values |= _converted(settings, chosen, f"preset {preset}")
    for key, (line, value) in lines.items():
        values |= _converted(settings, {key: value}, f"{path}:{line}")
    values |= _converted(settings, overrides or {}, where)
    return _complete(settings, values, path or where)


def to_mapping(settings: object, *, identity: bool = False) -> dict[str, Any]:
    """Settings as plain JSON and YAML values; `from_mapping` reads them back to an equal value.

    With `identity`, only those that decide what a run makes.
    """
    return {
        name: _plain(getattr(settings, name))
        for name, field in fields_of(settings).items()
        if about(field).identity or not identity
    }


def checked(settings: T) -> T:
    """The same settings, checked like those of a file: for settings that were made by a Python call."""
    return from_mapping(type(settings), to_mapping(settings), type(settings).__name__)


def read_yaml(path: str | Path) -> dict[str, tuple[int, Any]]:
    """(line, value) by key of a YAML (or JSON) file that holds one mapping.

    Raises `UserError` when there is no such file, it is not YAML, not a mapping, or says a key twice.
    """
    import yaml

    with yaml_faults(path):
        loader = yaml.SafeLoader(Path(path).read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise UserError("not a list of settings", where=path, mend="write one `name: value` a line")
        found: dict[str, tuple[int, Any]] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = str(loader.construct_object(key_node, deep=True))
            if key in found:
                what = f"'{key}' is also set on line {found[key][0]}"
                raise UserError(what, where=f"{path}:{line}", mend="keep one of them")
            found[key] = line, loader.construct_object(value_node, deep=True)
        return found


@contextlib.contextmanager
def yaml_faults(path: object) -> Iterator[None]:
    """Turns what goes wrong with a YAML file into a `UserError` naming file and line."""
    import yaml

    try:
        yield
    except OSError as error:
        raise UserError(f"cannot read ({error.strerror})", where=path, mend="check the path") from None
    except UnicodeDecodeError:
        raise UserError("not UTF-8 text", where=path, mend="give a YAML file") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else path
        raise UserError(f"not YAML ({getattr(error, 'problem', error)})", where=place) from None


def option_name(name: str) -> str:
    """The option of a setting on the command line.

    >>> option_name("learning_rate")
    '--learning-rate'
    """
    return "--" + name.replace("_", "-")


def word(field: Field[Any]) -> str:
    """What a setting is called on the command line: its option, or the metavar of a positional one."""
    known = about(field)
    return known.metavar or field.name.upper() if known.positional else option_name(field.name)


def is_optional(kind: Any) -> bool:
    """Whether a type is `X | None`."""
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def without_none(kind: Any) -> Any:
    """X of `X | None`, and any other type as it is."""
    return next(k for k in get_args(kind) if k is not type(None)) if is_optional(kind) else kind


def _known_preset(name: str, presets: Iterable[str], where: object) -> str:
    if name not in presets:
        raise unknown_name("preset", name, presets, where=where)
    return name


def _converted(settings: type, mapping: Mapping[str, Any], where: object) -> dict[str, Any]:
    """The values of a mapping in the types of the settings; every fault is a `UserError`."""
    fields, kinds = fields_of(settings), types_of(settings)
    values = {}
    for key, value in mapping.items():
        if key not in fields:
            raise unknown_name("setting", str(key), fields, where=where)
        if where == COMMAND_LINE and value == "none" and is_optional(kinds[key]):
            value = None
        try:
            values[key] = _convert(value, kinds[key], about(fields[key]))
        except ValueError as error:
            raise UserError(str(error), where=_place(fields[key], where)) from None
    return values


def _complete(settings: type[T], values: Mapping[str, Any], where: object) -> T:
    """The settings with defaults for what `values` leave out; `UserError` when there is no default."""
    for name, field in fields_of(settings).items():
        if name not in values and field.default is MISSING and field.default_factory is MISSING:
            mend = f"give {word(field)} or write '{name}: ...' in a --config file"
            raise UserError(f"'{name}' is missing ({about(field).help})", where=_file(where), mend=mend)
    return settings(**values)


def _place(field: Field[Any], where: object) -> str:
    if where == COMMAND_LINE:
        return word(field)
    return field.name if where is None else f"{where}: {field.name}"


def _file(where: object) -> object:
    return None if where == COMMAND_LINE else where


def _convert(value: Any, kind: Any, bounds: About) -> Any:
    """`value` as a `kind`; `ValueError` says what was expected. Text is read as what it spells.

    (Text spells numbers on the command line, and in YAML too, whose `1e-4` is a string.)
    """
    if is_optional(kind):
        return None if value is None else _convert(value, without_none(kind), bounds)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _choice(value, arguments)
    if origin is tuple:
        return _tuple(value, arguments, bounds)
    if kind is bool:
        return _truth(value)
    if kind in (int, float):
        return _in_bounds(_whole(value) if kind is int else _number(value), bounds)
    if kind in (str, Path):
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(f"expected {'text' if kind is str else 'a path'}, got {_shown(value)}")
        return kind(value)
    raise TypeError(f"a setting cannot be of type {kind}")


def _choice(value: Any, choices: tuple[Any, ...]) -> Any:
    for choice in choices:
        if value == choice or (isinstance(value, str) and value == str(choice)):
            return choice
    raise ValueError(str(unknown_name("choice", str(value), map(str, choices))))


def _tuple(value: Any, arguments: tuple[Any, ...], bounds: About) -> tuple[Any, ...]:
    kind = arguments[0]
    if isinstance(value, str):
        value = [value] if kind is Path else [part.strip() for part in value.split(",")]
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, got {_shown(value)}")
    if arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            raise ValueError(f"expected {len(arguments)} values, got {len(value)}")
        return tuple(_convert(item, kind, bounds) for item, kind in zip(value, arguments, strict=True))
    return tuple(_convert(item, kind, bounds) for item in value)


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        value = TRUTHS.get(value.lower(), value)
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {_shown(value)}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"expected a number, got {_shown(value)}")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"expected a number, got {_shown(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number, got {_shown(value)}")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return int(value)
    try:
        number = _number(value)
    except ValueError:
        number = math.nan
    if not number.is_integer():
        raise ValueError(f"expected a whole number, got {_shown(value)}")
    return int(number)


def _in_bounds(number: float, bounds: About) -> float:
    tests = (
        ("at least", bounds.minimum, lambda bound: number >= bound),
        ("at most", bounds.maximum, lambda bound: number <= bound),
        ("above", bounds.above, lambda bound: number > bound),
        ("below", bounds.below, lambda bound: number < bound),
    )
    for words, bound, holds in tests:
        if bound is not None and not holds(bound):
            raise ValueError(f"must be {words} {bound}, got {number}")
    return number


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _shown(value: Any) -> str:
    """A value as the reader of a one-line message wants it."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
