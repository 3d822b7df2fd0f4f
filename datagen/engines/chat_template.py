"""Chat messages to prompt text, by the model's own Jinja template, in a sandbox.

Renders as `transformers` does (same environment, same variables). Leaves tokenizing to the engine.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas import UserError

# A template may print the date. A run resumed tomorrow must render the prompts of today, so the date
# is a constant: the one Llama 3's own template falls back to.
RENDER_DATE = datetime.datetime(2024, 7, 26)


@functools.lru_cache(maxsize=32)
def _compile(template: str) -> Any:
    from jinja2 import TemplateSyntaxError
    from jinja2.exceptions import TemplateError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def raise_exception(message: str) -> None:
        raise TemplateError(message)

    def tojson(value: Any, **options: Any) -> str:
        return json.dumps(value, **{"ensure_ascii": False, **options})

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = RENDER_DATE.strftime
    try:
        return environment.from_string(template)
    except TemplateSyntaxError as error:
        raise UserError(f"the model's chat template does not compile ({error})") from None


def render_chat(
    template: str,
    messages: Sequence[Mapping[str, Any]],
    *,
    special_tokens: Mapping[str, str],
    add_generation_prompt: bool = True,
    prefix: str = "",
    think: bool | None = None,
) -> str:
    """The prompt text of `messages`, ready for the assistant to speak, then `prefix`.

    `special_tokens` gives `bos_token` and `eos_token`. Raises `UserError` when the template refuses the
    messages (many accept only alternating roles) or is broken. `think` is passed on as `enable_thinking`,
    which templates of reasoning models know.
    """
    from jinja2.exceptions import TemplateError

    compiled = _compile(template)
    try:
        text: str = compiled.render(
            messages=[dict(message) for message in messages],
            add_generation_prompt=add_generation_prompt,
            tools=None,
            documents=None,
            **({} if think is None else {"enable_thinking": think}),
            **special_tokens,
        )
    except (TemplateError, TypeError, KeyError, ValueError, ArithmeticError) as error:
        raise UserError(f"the model's chat template refuses the messages ({error})") from None
    return text + prefix
