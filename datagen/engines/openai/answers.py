"""The answer of an OpenAI-compatible server, put together from its pieces into a `Sample`.

Reads chat and text completions, streamed or whole, and both ways of writing logprobs. What is asked is for
`flavours.py`, how it travels for `http_stream.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datagen.engines.engine import FinishReason, Request, Sample
from datagen.engines.openai.patience import Fault
from schemas import UserError

FINISHED: dict[str, FinishReason] = {
    **dict.fromkeys(("stop", "eos", "eos_token", "stop_sequence", "end_turn"), "stop"),
    **dict.fromkeys(("length", "max_tokens"), "length"),
}
BROKEN_OFF = ("abort", "aborted", "cancelled", "error")
THINK, THOUGHT = "<think>", "</think>"


@dataclass
class Answer:
    """What has come of one sample so far.

    `pieces` counts the parts that carried text; where a server reports no usage, they stand for tokens.
    """

    request: Request
    most_pieces: int | None
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    logprobs: list[tuple[str, float, tuple[tuple[str, float], ...], int | None]] = field(default_factory=list)
    finish: str | None = None
    usage: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    pieces: int = 0

    def add(self, event: Mapping[str, Any]) -> bool:
        """Take in a piece; whether it brought a token. Raises `Fault` when it makes no sense."""
        self.model = self.model or event.get("model")
        self.usage = event.get("usage") or self.usage
        choices = event.get("choices")
        if not isinstance(choices, list):
            raise Fault("an answer without choices", "bad")
        before = self.pieces
        for choice in choices:
            if not isinstance(choice, dict):
                raise Fault("an answer whose choice is no object", "bad")
            if choice.get("index", 0) == 0:
                self._choice(choice)
        if self.most_pieces is not None and self.pieces > self.most_pieces:
            what = (
                f"the stream goes on after {self.pieces:,} pieces; {self.request.max_tokens:,} were asked for"
            )
            raise Fault(what, "bad")
        return self.pieces > before

    def _choice(self, choice: Mapping[str, Any]) -> None:
        part = choice.get("delta") or choice.get("message") or choice
        text = part.get("content") if part is not choice else choice.get("text")
        thought = part.get("reasoning_content") or part.get("reasoning")
        for piece, parts in ((text, self.text), (thought, self.reasoning)):
            if piece is None:
                continue
            if not isinstance(piece, str):
                raise Fault("an answer whose text is no text", "bad")
            parts.append(piece)
            self.pieces += bool(piece)
        if choice.get("logprobs"):
            self.logprobs += read_logprobs(choice["logprobs"])
        self.finish = choice.get("finish_reason") or self.finish

    def sample(self, where: str) -> Sample:
        """The sample. Raises `Fault` when the answer is not whole, `UserError` when it never will be."""
        request = self.request
        text, reasoning = split_thought("".join(self.text), "".join(self.reasoning) or None, request)
        reason = self._finish_reason(where)
        if not (request.logprobs or request.top_logprobs):
            kept: list[Any] = []
        elif self.logprobs or not self.pieces:
            kept = self._whole_logprobs(where)
        else:
            raise UserError("the server reports no logprobs", where=where, mend="ask without logprobs")
        ids = tuple(token for *_, token in kept if token is not None)
        return Sample(
            text=whole_text(text),
            tokens=ids if len(ids) == len(kept) else (),
            finish_reason=reason,
            logprobs=tuple(entry[1] for entry in kept) if request.logprobs else None,
            top_logprobs=tuple(entry[2][: request.top_logprobs] for entry in kept)
            if request.top_logprobs
            else None,
            reasoning=None if reasoning is None else whole_text(reasoning),
            token_count=self.completion_tokens,
        )

    def _whole_logprobs(self, where: str) -> list[Any]:
        """The logprobs; `UserError` when there are fewer than tokens.

        llama-server reports none for a token that ends inside a character. The end token may be missing, and
        what belongs to a stop string.
        """
        reported = self.usage.get("completion_tokens")
        missing = reported - len(self.logprobs) if isinstance(reported, int) else 0
        if missing > 1 and not (self.request.stop and self.finish == "stop"):
            what = f"the server reports {len(self.logprobs):,} logprobs for {reported:,} tokens"
            raise UserError(what, where=where, mend="ask without logprobs, or use llama:FILE.gguf")
        return self.logprobs

    @property
    def completion_tokens(self) -> int:
        """What the server reports, else the number of logprobs, else of pieces."""
        reported = self.usage.get("completion_tokens")
        return reported if isinstance(reported, int) else len(self.logprobs) or self.pieces

    def _finish_reason(self, where: str) -> FinishReason:
        if self.finish is None:
            raise Fault("the answer broke off before its end", "gone")
        if self.finish in BROKEN_OFF:
            raise Fault(f"the server broke off the answer ('{self.finish}')", "gone")
        if self.finish not in FINISHED:
            what = f"the server ended an answer for a reason that makes it no sample ('{self.finish}')"
            raise UserError(what, where=where, mend="leave that prompt out, or ask another server")
        return FINISHED[self.finish]


def read_logprobs(
    given: Mapping[str, Any],
) -> list[tuple[str, float, tuple[tuple[str, float], ...], int | None]]:
    """(text, logprob, alternatives, token id or None) of each token.

    Two forms are about: that of chats, `{"content": [{"token", "logprob", "top_logprobs"}]}`, and that of
    texts, `{"tokens", "token_logprobs", "top_logprobs"}`.
    """
    try:
        if isinstance(given.get("content"), list):
            return [
                (
                    entry["token"],
                    float(entry["logprob"]),
                    _likeliest(entry.get("top_logprobs")),
                    entry.get("id"),
                )
                for entry in given["content"]
            ]
        texts, values = given.get("tokens") or [], given.get("token_logprobs") or []
        tops = given.get("top_logprobs") or [{}] * len(texts)
        return [
            (
                text,
                float(value),
                _likeliest([{"token": k, "logprob": v} for k, v in (top or {}).items()]),
                None,
            )
            for text, value, top in zip(texts, values, tops, strict=True)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Fault(f"logprobs that cannot be read ({error!r})", "bad") from None


def _likeliest(entries: Any) -> tuple[tuple[str, float], ...]:
    found = [(whole_text(entry["token"]), float(entry["logprob"])) for entry in entries or []]
    return tuple(sorted(found, key=lambda pair: -pair[1]))


def split_thought(text: str, reasoning: str | None, request: Request) -> tuple[str, str | None]:
    """(answer, reasoning). Where the server did not part them, `</think>` does.

    >>> split_thought("<think>2 and 2</think>\\n\\n4", None, Request(messages=({"role": "user"},)))
    ('4', '2 and 2')
    """
    if reasoning is not None or request.think is False or request.messages is None or request.prefix:
        return text, reasoning
    opened = text.lstrip().startswith(THINK)
    # A template may open the thought in the prompt: then only its end is in the text.
    if not opened and not (request.think and THOUGHT in text):
        return text, None
    thought, _, answer = text.partition(THOUGHT)
    return answer.lstrip("\n"), thought.lstrip().removeprefix(THINK).strip("\n")


def whole_text(text: str) -> str:
    """`text` without lone surrogates (what became of broken UTF-8): they are U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
