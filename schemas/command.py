"""The face of both programs: console commands made from settings, and every error as one sentence.

A command is a settings dataclass and a function that takes it. Options, help, `--config` and `--preset`
follow from the dataclass; nothing is declared twice. What a command does is the function's affair.

    app = new_app("finetune", "Train a model through all four stages.")
    app_command(app, Sft, run_sft, name="sft", examples=["finetune sft lessons.jsonl --out runs/sft"])
    run_app(app)
"""

from __future__ import annotations

import errno
import inspect
import os
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin

import typer
from typer.core import TyperGroup

from schemas.errors import UserError, unknown_name
from schemas.settings import about, fields_of, load, option_name, presets_of, types_of, without_none, word

T = TypeVar("T")

EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
METAVARS = {int: "INTEGER", float: "NUMBER", str: "TEXT", Path: "PATH"}


class Commands(TyperGroup):
    """The commands of a program; an unknown one is a `UserError` that names the nearest."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None:
            raise unknown_name("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def new_app(name: str, help: str, *, examples: Sequence[str] = ()) -> typer.Typer:
    """A program without commands yet. Called without arguments it shows its help and exits with code 2."""
    app = typer.Typer(
        name=name,
        cls=Commands,
        help=_help_text(help, (), examples),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )

    @app.callback(invoke_without_command=True)
    def show_help(
        context: typer.Context,
        version: bool = typer.Option(False, "--version", help="Show the version and exit."),
    ) -> None:
        if version:
            typer.echo(f"{name} {_version()}")
            raise typer.Exit()
        if context.invoked_subcommand is None:
            typer.echo(context.get_help(), err=True)
            raise typer.Exit(EXIT_USER_ERROR)

    return app


def app_command(
    app: typer.Typer,
    settings: type[T],
    function: Callable[[T], int | None],
    *,
    name: str,
    examples: Sequence[str],
    help: str | None = None,
) -> None:
    """Add a command whose options are the fields of `settings`; `function` gets the settings, checked.

    `help` is the function's docstring by default. What the function returns is the exit code (None is 0).
    """
    kinds = types_of(settings)
    extra = {"config": _extra_option("config", "FILE.yaml", "Settings from a file; options win over it.")}
    if presets_of(settings):
        known = ", ".join(presets_of(settings))
        extra["preset"] = _extra_option("preset", "NAME", f"Settings to start from: {known}.")

    def call(**given: Any) -> int | None:
        config = given.pop("config")
        preset = given.pop("preset", None) if presets_of(settings) else None
        said = {key: value for key, value in given.items() if value not in (None, [])}
        explicit = {key: _joined(value, kinds[key]) for key, value in said.items()}
        return function(load(settings, config, explicit, preset=preset))

    parameters = {key: _parameter(field, kinds[key]) for key, field in fields_of(settings).items()}
    if taken := parameters.keys() & extra:
        raise TypeError(f"{settings.__name__}: the setting {taken} would hide the option of that name")
    parameters |= extra
    # Typer reads a command's options from its signature: this is the signature the dataclass stands for.
    call.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    call.__annotations__ = {key: parameter.annotation for key, parameter in parameters.items()}
    text = inspect.cleandoc(help or function.__doc__ or "")
    arguments = [f"{word(f)}  {_help(f)}" for f in fields_of(settings).values() if about(f).positional]
    app.command(name, help=_help_text(text, arguments, examples), short_help=text.split("\n\n")[0])(call)


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a program and exit: the one place where exceptions become the user's sentence and an exit code.

    0 when all went well, or what the command returned; 2 for what the user can mend; 130 for Ctrl-C.
    """
    command = typer.main.get_command(app)
    name = app.info.name or "program"
    try:
        code = command.main(
            list(arguments) if arguments is not None else None, prog_name=name, standalone_mode=False
        )
        sys.stdout.flush()
    except UserError as error:
        code = _complain(str(error))
    except typer.Abort:
        code = EXIT_INTERRUPTED
    except OSError as error:
        code = _reader_is_gone() if error.errno == errno.EPIPE else _complain(_system_sentence(error))
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        code = _complain(_usage_sentence(error, name))
    if code == EXIT_INTERRUPTED:
        _complain("interrupted; run the same command again to go on")
    sys.exit(code or 0)


def _complain(sentence: str) -> int:
    typer.echo(f"error: {' '.join(sentence.split())}", err=True)
    return EXIT_USER_ERROR


def _reader_is_gone() -> int:
    """`| head` has read enough: no complaint, and none from the interpreter when it flushes at its exit."""
    _forget_output()
    return 1


def _forget_output() -> None:
    """Let what is still to be flushed to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _system_sentence(error: OSError) -> str:
    """What the operating system refused (a full disk, a forbidden file), in one sentence."""
    where = None if error.filename is None else os.fsdecode(error.filename)
    if where is None and error.errno in NO_SPACE and _output_is_stuck():
        where = "standard output"
        _forget_output()
    mend = "free some space or choose another place" if error.errno in NO_SPACE else None
    return str(UserError(error.strerror or str(error), where=where, mend=mend))


def _output_is_stuck() -> bool:
    """Whether standard output takes nothing: a device that refuses, or a file on a disk without space."""
    try:
        output = sys.stdout.fileno()
    except OSError:  # no file at all: somebody reads it in this process
        return False
    try:
        os.write(output, b"")
        return stat.S_ISREG(os.fstat(output).st_mode) and os.fstatvfs(output).f_bavail == 0
    except OSError:
        return True


def _usage_sentence(error: Any, program: str) -> str:
    """Typer's own complaint about the command line, in one sentence that ends in the mend."""
    context = error.ctx
    path = context.command_path if context else program
    if hasattr(error, "possibilities"):  # an option nobody knows
        parameters = context.command.get_params(context)
        names = [name for p in parameters for name in (*p.opts, *p.secondary_opts) if name[:2] == "--"]
        return str(unknown_name("option", error.option_name, names, where=path))
    sentence = error.format_message().rstrip(".")
    return f"{path}: {sentence[:1].lower()}{sentence[1:]}; see '{path} --help'"


def _parameter(field: Field[Any], annotation: Any) -> inspect.Parameter:
    """One option or argument. It takes text, or nothing: `load` converts, and knows the defaults."""
    known, kind = about(field), without_none(annotation)
    many = get_origin(kind) is tuple
    taken: Any = list[str] if many else bool if kind is bool else str
    declared: Any
    if known.positional:
        declared = typer.Argument(None, metavar=word(field), hidden=True)  # `_help_text` describes it
    else:
        option = option_name(field.name)
        names = [f"{option}/--no-{option[2:]}" if kind is bool else option]
        names += [known.short] if known.short else []
        metavar = None if kind is bool else known.metavar or _metavar(kind, known.unit)
        declared = typer.Option(None, *names, metavar=metavar, help=_help(field), show_default=False)
    return _keyword(field.name, declared, taken | None)


def _extra_option(name: str, metavar: str, help: str) -> inspect.Parameter:
    declared = typer.Option(None, option_name(name), metavar=metavar, help=help)
    return _keyword(name, declared, str | None)


def _keyword(name: str, declared: Any, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=declared, annotation=annotation)


def _joined(value: Any, kind: Any) -> Any:
    """`--stop a,b --stop c` as `a,b,c`, which is how the settings read a list; paths may hold commas."""
    return ",".join(value) if isinstance(value, list) and Path not in get_args(without_none(kind)) else value


def _metavar(kind: Any, unit: str | None) -> str:
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        return f"{_metavar(get_args(kind)[0], unit)},..."
    return unit.upper() if unit else METAVARS.get(kind, "VALUE")


def _help(field: Field[Any]) -> str:
    """The help of a setting with its bounds and its default."""
    known = about(field)
    bounds = {"at least": known.minimum, "at most": known.maximum, "above": known.above, "below": known.below}
    notes = [f"{words} {bound}" for words, bound in bounds.items() if bound is not None]
    if field.default is MISSING:
        notes.append("required")
    elif field.default is not None and field.default != ():
        notes.append(f"default: {_default(field.default)}")
    return known.help + (f" [{', '.join(notes)}]" if notes else "")


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _help_text(text: str, arguments: Sequence[str], examples: Sequence[str]) -> str:
    """Help with its arguments and examples, each on a line of its own (`\\b` keeps them unfilled)."""
    title_of_examples = "Examples" if len(examples) > 1 else "Example"
    for title, lines in (("Arguments", arguments), (title_of_examples, examples)):
        if lines:
            text += f"\n\n\b\n{title}:\n" + "\n".join(f"  {line}" for line in lines)
    return text


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("homegrown-llm")
    except PackageNotFoundError:
        return "(not installed)"
