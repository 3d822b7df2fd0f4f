"""An engine that says what it was told to say, for answers no random model gives. Not a test itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datagen.engines import Completion, Request, Sample

CUT_OFF = "<cut off>"


class ScriptedEngine:
    """Answers the last message of a chat with the answers scripted for it, the i-th to the i-th sample.

    An answer that ends in `CUT_OFF` comes without it, and with the finish reason "length". A token is a word.
    """

    name, model_hash, context = "scripted", "0" * 64, None

    def __init__(self, script: Mapping[str, Sequence[str]]) -> None:
        self.script = script
        self.requests: list[Request] = []

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        answers = self.script[request.messages[-1]["content"]]
        assert len(answers) == request.n
        samples = tuple(map(sample, answers))
        written = sum(len(found.tokens) for found in samples)
        return Completion(samples, prompt_tokens=1, completion_tokens=written, seconds=0.0, model=self.name)

    def identity(self, request: Request | None = None) -> dict:
        engine = {"engine": self.name, "model": self.model_hash}
        return engine if request is None else {**engine, "chat": request.messages, **request.sampling()}

    async def count(self, request: Request) -> None:
        return None

    def details(self) -> dict:
        return {}

    def close(self) -> None: ...

    def __enter__(self) -> ScriptedEngine:
        return self

    def __exit__(self, *error: object) -> None: ...

    async def __aenter__(self) -> ScriptedEngine:
        return self

    async def __aexit__(self, *error: object) -> None: ...


def sample(answer: str) -> Sample:
    """The sample that says `answer`."""
    text = answer.removesuffix(CUT_OFF)
    tokens = tuple(range(len(text.split())))
    return Sample(text, tokens, "length" if text != answer else "stop")
