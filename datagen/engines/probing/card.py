"""What is known of an engine from having asked it: facts with their evidence, and what follows for a run.

Leaves the asking to `probe.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datagen.engines.engine import Engine
    from datagen.runs.journal import Journal

CARD_VERSION = 1
META = "card"
"""The journal's name for the cards of a run: each under the digest of what its engine was."""

Verdict = Literal["yes", "no", "refused", "unknown"]
Mode = Literal["enforced", "json", "retry"]
ENFORCED: Mode = "enforced"
JSON_MODE: Mode = "json"
RETRY: Mode = "retry"

SCHEMA_FACT = {None: "schema", False: "schema_think_off", True: "schema_think_on"}
"""Which fact says whether schemas are enforced, by `Request.think`: servers differ between the three."""


@dataclass(frozen=True)
class Fact:
    """One thing that was tried: what was `asked`, what `came`, and the `verdict` that follows.

    "refused" is an engine that says it cannot; "no" is one that took the request and did something else;
    "unknown" could not be told, and `came` says why. `value` is a number where there is one.
    """

    name: str
    verdict: Verdict
    asked: str
    came: str
    seconds: float = 0.0
    tokens: int = 0
    value: int | None = None


@dataclass(frozen=True)
class Card:
    """All facts about an engine; `context` is what it declares. Ready for JSON both ways."""

    engine: str
    context: int | None
    facts: tuple[Fact, ...]
    version: int = CARD_VERSION

    def fact(self, name: str) -> Fact | None:
        """The fact of that name, or None when it was not asked for."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def holds(self, name: str) -> bool:
        """Whether a fact was tried and found true."""
        fact = self.fact(name)
        return fact is not None and fact.verdict == "yes"

    def mode(self, think: bool | None = None) -> Mode:
        """How to ask for a value of a schema, for requests with this `think`."""
        if self.holds(SCHEMA_FACT[think]):
            return ENFORCED
        return JSON_MODE if self.holds("json_mode") else RETRY

    @property
    def seconds(self) -> float:
        """What the asking took."""
        return sum(fact.seconds for fact in self.facts)

    @property
    def tokens(self) -> int:
        """What the engine wrote for it."""
        return sum(fact.tokens for fact in self.facts)

    def as_dict(self) -> dict[str, Any]:
        """The card as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Card:
        """The card that `as_dict` made; `KeyError` or `TypeError` for anything else."""
        facts = tuple(Fact(**fact) for fact in values["facts"])
        return cls(values["engine"], values["context"], facts, values["version"])


def held_card(engine: Engine, journal: Journal) -> Card | None:
    """The card the journal keeps of an engine as it is now: another file or setting is another engine."""
    held = (journal.meta(META) or {}).get(_identity(engine))
    return None if held is None or held.get("version") != CARD_VERSION else Card.from_dict(held)


def keep_card(card: Card, engine: Engine, journal: Journal) -> None:
    """Keep a card with the run, beside those of its other engines."""
    journal.set_meta(META, {**(journal.meta(META) or {}), _identity(engine): card.as_dict()})


def _identity(engine: Engine) -> str:
    from datagen.runs.journal import digest

    return digest(engine.identity()).hex()


def in_words(card: Card) -> list[str]:
    """What the facts mean for a run, a sentence each; what works as it should and goes without saying is left
    out."""
    said = [_of_schemas(card), *_of_thinking(card), _of_context(card)]
    for name, sentence in UNLESS.items():
        fact = card.fact(name)
        if fact is not None and fact.verdict in ("no", "refused"):
            said.append(sentence)
    return [sentence for sentence in said if sentence]


UNLESS = {
    "json_mode": "There is no JSON mode.",
    "n": "Several samples of one prompt do not come back from one request: each has to be asked for.",
    "seeds": "A seed does not bring the same text again: only the journal repeats an answer.",
    "logprobs": "Logprobs are missing or wrong: nothing that weighs answers by them will work.",
    "top_logprobs": "There are no alternatives to each token to be had.",
    "stop": "Stop strings do not work: answers may run on.",
    "max_tokens": "The limit on tokens is not kept: answers may be longer than asked for.",
    "prefix": "An answer cannot be begun for the model.",
    "system": "System messages do not reach the model: put them into the first message of the user.",
    "schema_ranges": "Bounds of numbers are not enforced: such values are checked and asked for again.",
}


def _of_schemas(card: Card) -> str:
    if card.fact("schema") is None:
        return ""
    said = {
        ENFORCED: "Schemas are enforced while the answer is written.",
        JSON_MODE: "Schemas are not enforced: answers come in JSON mode, are checked and asked for again.",
        RETRY: "Schemas are not enforced: they are said in words, answers are checked and asked for again.",
    }
    usual = card.mode()
    parts = [said[usual]]
    for think, words in ((False, "with thinking off"), (True, "after thinking")):
        fact = card.fact(SCHEMA_FACT[think])
        other = card.mode(think)
        if fact is not None and fact.verdict in ("yes", "no") and (other == ENFORCED) != (usual == ENFORCED):
            parts.append(f"But {words} they are{' not' if usual == ENFORCED else ''}.")
    return " ".join(parts)


def _of_thinking(card: Card) -> list[str]:
    said = []
    if card.holds("thinks"):
        apart = card.fact("thinks").value  # type: ignore[union-attr]
        said.append(
            "The model thinks before it answers"
            + (", and its thoughts come apart." if apart else ", and its thoughts are part of its text.")
        )
        if not card.holds("think_off"):
            said.append("Its thinking cannot be switched off: leave room for it in --max-tokens.")
    return said


def _of_context(card: Card) -> str:
    fact = card.fact("context")
    if fact is None or card.context is None:
        return "" if fact is None else "How long a prompt may be is not known."
    if fact.verdict == "yes":
        return f"Prompts over {card.context:,} tokens will be refused, never cut."
    if fact.verdict == "no":
        return f"Prompts over {card.context:,} tokens are NOT refused: {fact.came}."
    return f"The context is {card.context:,} tokens, by its own account."
