"""Every word that a recipe says to a model: one Markdown file a recipe, read and filled here.

A file has a part for each prompt, and in it a heading for each turn:

    # judge
    What the prompt is for; this line is for readers and is not sent.

    ## system
    You compare two answers.

    ## user
    {{ instruction }}

A line `# name` of one lower-case word begins a prompt, `## system`, `## user` or `## assistant` a turn; all
other headings belong to the text. Turns are Jinja templates, filled strictly: braces in what is filled in are
text, and a name that the recipe does not give is an error. A user's own file (`--wording FILE.md`) may hold a
few of the prompts; the others stay.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.engines.engine import Message
from schemas import UserError, unknown_name

FOLDER = Path(__file__).resolve().parent
PROMPT = re.compile(r"# ([a-z][a-z0-9_]*)\s*")
TURN = re.compile(r"## (system|user|assistant)\s*")

Turns = tuple[tuple[str, str], ...]
"""Role and template of each turn of a prompt."""


@dataclass(frozen=True)
class Wording:
    """The prompts of a recipe by name, JSON-ready: part of a recipe's options, so other words run again."""

    recipe: str
    prompts: Mapping[str, Turns]

    def messages(self, name: str, **values: Any) -> tuple[Message, ...]:
        """The turns of a prompt, filled in. A turn that comes out empty is left out.

        Raises `UserError` for a prompt there is not, and for a name in it that `values` lacks.
        """
        if name not in self.prompts:
            raise unknown_name("prompt", name, tuple(self.prompts), where=f"the wording of '{self.recipe}'")
        where = f"prompt '{name}' of '{self.recipe}'"
        filled = ((role, fill(template, values, where)) for role, template in self.prompts[name])
        return tuple({"role": role, "content": text} for role, text in filled if text)

    def text(self, name: str, **values: Any) -> str:
        """A prompt of one turn as plain text, for what is put before a model without a chat."""
        return "\n\n".join(message["content"] for message in self.messages(name, **values))


def wording(recipe: str, own: Path | None = None) -> Wording:
    """The prompts of a recipe; those in the user's `own` file instead of ours.

    Raises `UserError` for a file that cannot be read, for a prompt in it that the recipe does not have, and
    for a template that does not compile.
    """
    prompts = dict(_read(path_of(recipe)))
    if own is not None:
        for name, turns in _read(own).items():
            if name not in prompts:
                raise unknown_name("prompt", name, tuple(prompts), where=own)
            prompts[name] = turns
    return Wording(recipe, prompts)


def path_of(recipe: str) -> Path:
    """The file that holds the prompts of a recipe; `UserError` when it has none."""
    path = FOLDER / f"{recipe}.md"
    if not path.is_file():
        raise unknown_name("recipe", recipe, recipes(), where="prompts")
    return path


def recipes() -> tuple[str, ...]:
    """The recipes that say something to a model in words of ours."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


def fill(template: str, values: Mapping[str, Any], where: object) -> str:
    """A template with its names filled in, without spaces at either end."""
    from jinja2.exceptions import SecurityError, TemplateError, UndefinedError

    try:
        return _compiled(template).render(values).strip()  # type: ignore[no-any-return]
    except UndefinedError as error:
        mend = f"it may use: {', '.join(sorted(values)) or 'nothing'}"
        raise UserError(f"the wording uses what there is not ({error})", where=where, mend=mend) from None
    except (TemplateError, SecurityError, TypeError, ArithmeticError) as error:
        raise UserError(f"the wording cannot be filled in ({error})", where=where) from None


@functools.lru_cache(maxsize=256)
def _compiled(template: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    return environment.from_string(template)


def _read(path: Path) -> dict[str, Turns]:
    """The prompts of a file, every template of which compiles."""
    from jinja2 import TemplateSyntaxError

    prompts: dict[str, list[tuple[str, list[str]]]] = {}
    lines: list[str] | None = None
    name = ""
    for number, line in enumerate(_text(path).splitlines(), 1):
        if found := PROMPT.fullmatch(line):
            name, lines = found[1], None
            if name in prompts:
                what = f"prompt '{name}' comes a second time"
                raise UserError(what, where=f"{path}:{number}", mend="give each prompt once")
            prompts[name] = []
        elif found := TURN.fullmatch(line):
            if not name:
                what = "a turn before any prompt"
                raise UserError(what, where=f"{path}:{number}", mend="begin with a line '# name'")
            lines = []
            prompts[name].append((found[1], lines))
        elif lines is not None:
            lines.append(line)
    if not prompts or not all(prompts.values()):
        empty = next((f"prompt '{name}' has no turn" for name, turns in prompts.items() if not turns), None)
        mend = "write '# name', and under it '## user' and what is said"
        raise UserError(empty or "no prompt in this file", where=path, mend=mend)
    found_prompts = {
        name: tuple((role, "\n".join(text).strip()) for role, text in turns)
        for name, turns in prompts.items()
    }
    for name, turns in found_prompts.items():
        for role, template in turns:
            try:
                _compiled(template)
            except TemplateSyntaxError as error:
                what = f"the {role} turn of prompt '{name}' is no template ({error})"
                mend = "braces stand for names, as in {{ question }}"
                raise UserError(what, where=path, mend=mend) from None
    return found_prompts


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise UserError("no such file", where=path, mend="check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot be read as text ({error})", where=path) from None
