"""Plain prose without a meaning, of which `satisfy` and `violate` build their texts.

Every word is lower-case ASCII letters only, so whatever a constraint counts is there only where it was put.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = (
    "after again air animal answer apple arrow autumn away back bark beach bell below bird boat"
    " bottle bread bridge bright brown calm candle carry castle cat chair city clear cloud coal coast"
    " cold copper corn cross dance dark day deep dog door draw dream dry early earth east egg evening"
    " farm fast field fire fish flag flower fly forest fresh fruit garden gate glass gold grass green"
    " ground hair half hand harbour hat hill home horse house ice ink iron island jam jar joy judge"
    " jump key kind king kitchen lake lamp large leaf lemon light line lion long map market meadow"
    " milk mirror moon mouse music narrow near night north oak ocean old open orange oven paper path"
    " pearl pen piano pilot plain quick quiet quilt rain red river road roof root rose sail salt sand"
    " sea seed shadow ship silver sky small snow song south spoon star stone storm summer sun table"
    " tall tea tent tide train tree under valley van velvet vine violin voice wagon wall warm water"
    " wave west wheat wide wind window winter wolf wood wool yard year yellow yoke young zebra zinc"
    " zone"
)
POOL: tuple[str, ...] = tuple(_WORDS.split())
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Allows = Callable[[str], bool]


def any_word(_: str) -> bool:
    return True


def word(rng: random.Random, allows: Allows = any_word) -> str:
    """One word of the pool that `allows` accepts; after many refusals a made-up one, at last a dash."""
    for _ in range(30):
        if allows(found := rng.choice(POOL)):
            return found
    for _ in range(300):
        if allows(found := "".join(rng.choices(LETTERS, k=rng.randint(1, 9)))):
            return found
    return next(filter(allows, (*POOL, *LETTERS)), "-")


def words(rng: random.Random, count: int, allows: Allows = any_word) -> list[str]:
    return [word(rng, allows) for _ in range(count)]


def different(rng: random.Random, count: int) -> list[str]:
    """Words of which no two are equal, also beyond the size of the pool."""
    found = rng.sample(POOL, min(count, len(POOL)))
    return found + [f"x{number}" for number in range(count - len(found))]


def sentence(rng: random.Random, count: int | None = None, allows: Allows = any_word) -> str:
    """`count` words, three to nine by default, a capital first and a full stop."""
    return closed(words(rng, rng.randint(3, 9) if count is None else count, allows))


def closed(said: list[str]) -> str:
    """Words as one sentence."""
    if not said:
        return ""
    first = said[0][:1].upper()
    # The capital of `ß` is two letters, and would no longer be the word that was asked for.
    start = first + said[0][1:] if len(first) == 1 else said[0]
    return " ".join([start, *said[1:]]) + "."


def prose(rng: random.Random, count: int | None = None, allows: Allows = any_word) -> str:
    """`count` sentences, one to three by default."""
    return " ".join(sentence(rng, None, allows) for _ in range(rng.randint(1, 3) if count is None else count))


def words_as_prose(rng: random.Random, said: list[str]) -> str:
    """The words in sentences of at most a dozen; of no word a lone `...`."""
    parts: list[str] = []
    while said:
        size = rng.randint(4, 12)
        parts.append(closed(said[:size]))
        said = said[size:]
    return " ".join(parts) or "..."


def spread(rng: random.Random, said: list[str], pieces: list[str]) -> list[str]:
    """The words with the pieces put between them at random places, in their order."""
    places = sorted(rng.randint(0, len(said)) for _ in pieces)
    for shift, (place, piece) in enumerate(zip(places, pieces, strict=True)):
        said = [*said[: place + shift], piece, *said[place + shift :]]
    return said
