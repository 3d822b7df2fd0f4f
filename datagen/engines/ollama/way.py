"""How a request is put to an Ollama server: what it can be asked in one call, what it takes two, what not.

Decided by the request and the model's abilities alone, never by answers. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from datagen.engines.engine import Request
from datagen.engines.ollama.model import ModelFacts
from schemas import UserError

MOST_ALTERNATIVES = 20


@dataclass(frozen=True)
class Way:
    """How a request is put to the server, decided by what is asked and what the model can, never by answers.

    `chat`: the server renders and answers. Otherwise it renders only, and the text is continued: so a prefix
    is continued, and a schema holds from the first token of the answer, which the chat of a thinking model
    drops while it waits for thoughts to end (ollama issues 10976, 14645, 14850). `thoughts`: let it think
    first, in a call of its own. `think` is what the server is told, None for nothing.
    """

    chat: bool
    thoughts: bool
    think: bool | None


def way_of(request: Request, facts: ModelFacts, where: str) -> Way:
    """How to ask; `UserError` names what neither this model nor Ollama can do."""
    if request.top_logprobs > MOST_ALTERNATIVES:
        raise _cannot(f"more than {MOST_ALTERNATIVES} top_logprobs", where, "ask for fewer")
    if request.think and not facts.thinks:
        raise _cannot("think with a model that does not reason", where, "leave think out")
    if request.messages is None:
        if request.think:
            raise _cannot("think on a raw prompt", where, "give messages")
        return Way(chat=False, thoughts=False, think=None)
    if request.messages[-1].get("role") == "assistant":
        raise _cannot(
            "a chat that ends with an answer, which Ollama may continue or not", where, "give it as prefix"
        )
    if not facts.thinks:
        return Way(chat=not request.prefix, thoughts=False, think=None)
    bound = request.schema is not None or request.json_object
    think = request.think
    if think is None and (bound or request.prefix):
        think = False  # both say how the answer begins, and so that no thought comes before it
    if think is False:
        return Way(chat=not (bound or request.prefix), thoughts=False, think=False)
    return _thinking(request, facts, bound, where)


def _thinking(request: Request, facts: ModelFacts, bound: bool, where: str) -> Way:
    """How to ask a model that may think first."""
    apart = bool(request.prefix or request.logprobs or request.top_logprobs or request.think_tokens)
    if not (apart or bound):
        return Way(chat=True, thoughts=False, think=request.think)
    if facts.think_tags is not None:
        return Way(chat=False, thoughts=True, think=True)
    if not apart:  # thoughts in another form than tags, as of gpt-oss: the server knows where they end
        return Way(chat=True, thoughts=False, think=True)
    wanted = "think_tokens, logprobs or a prefix together with reasoning that has no <think> tags"
    raise _cannot(wanted, where, "set think to False")


def _cannot(what: str, where: str, mend: str) -> UserError:
    return UserError(f"Ollama cannot do this: {what}", where=where, mend=mend)
