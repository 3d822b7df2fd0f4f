"""Which language a text is in, and the filter by it.

py3langid tells (optional: `pip install 'homegrown-llm[languages]'`): 139 languages, the statistics within
the package, a fortieth of a millisecond a sentence. What it is shown, and when it is believed, is ours.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from datagen.filters.filter import Verdict
from datagen.filters.text import Texts, count_words, looked_at, without_code
from schemas import Row, UserError, unknown_name
from schemas.settings import setting

MOST_CHARACTERS = 4_000
"""So much of a text decides."""
NO_LANGUAGE = "zxx"
"""What ISO 639 has for text without any, such as code."""
NOT_PROSE = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]*\$|\\\[.*?\\\]|\\[a-zA-Z]+|<<[^>]*>>|https?://\S+|\S+@\S+|\[[A-Z_0-9]+\]|[\d=+*/^<>|_{}]+",
    re.DOTALL,
)
ALIKE = (
    *({"da", "no", "nb", "nn"}, {"hr", "bs", "sr"}, {"id", "ms"}, {"pt", "gl"}),
    *({"zh", "yue", "wuu"}, {"ar", "arz"}, {"en", "pcm"}),
)
"""Written nearly the same: who allows one of these does not lose a row for another."""


@dataclass(frozen=True)
class Guess:
    """The language of a text and how sure that is, 0 to 1; `words` of prose were looked at."""

    language: str
    confidence: float
    words: int


def language_of(text: str) -> Guess:
    """The most likely language of the prose in a text: code, formulas, numbers and addresses are left out.

    Raises `UserError` when py3langid is not installed.
    """
    prose = " ".join(NOT_PROSE.sub(" ", without_code(text[:MOST_CHARACTERS])).split())
    language, confidence = _identifier().classify(prose)
    return Guess(language, round(confidence, 3), count_words(prose))


@functools.cache
def _identifier() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        what = "telling languages apart needs py3langid, which is not installed"
        raise UserError(what, mend="pip install 'homegrown-llm[languages]'") from None
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@dataclass(frozen=True)
class Language:
    """Text in a language that is not allowed; what is too short or too unclear to tell is kept.

    Question and answer are judged apart, so a translation into a language that is not allowed goes, too.
    """

    allowed: tuple[str, ...] = setting(("en",), help="languages to keep, as ISO 639 codes: en,de")
    min_confidence: float = setting(
        0.8, help="how sure the guess must be to turn a row down", minimum=0, maximum=1
    )
    min_words: int = setting(6, help="texts with fewer words of prose are kept", minimum=1)
    texts: Texts = setting("all", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        allowed = _with_those_alike(self.allowed)
        for text in looked_at(row, self.texts):
            guess = language_of(text)
            if guess.words < self.min_words or guess.confidence < self.min_confidence:
                continue
            if guess.language not in allowed and guess.language != NO_LANGUAGE:
                return False, f"language: {guess.language}"
        return True


@functools.cache
def _with_those_alike(allowed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(allowed).union(*(alike for alike in ALIKE if alike.intersection(allowed)))


def check_languages(names: tuple[str, ...], where: object = None) -> None:
    """`UserError` for a language that nobody here knows, or for none."""
    if not names:
        raise UserError("no language is allowed", where=where, mend="name at least one, as en")
    known = {*_identifier().labels, "nb"}
    for name in names:
        if name not in known:
            raise unknown_name("language", name, known, where=where)
