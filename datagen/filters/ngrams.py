"""Fingerprints of an evaluation set: 64-bit hashes of its n-grams and of its questions, and none of its text.

A question of n words or more is known by any n words in a row, a shorter one by all its words. Reading sets
is `evaluation_sets.py`'s affair, judging rows `decontaminate.py`'s. Source of n = 13: Brown et al. 2020,
Language Models are Few-Shot Learners (arXiv:2005.14165), appendix C.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.filters.evaluation_sets import Item, items_of
from datagen.filters.plain import folded
from schemas import UserError
from schemas.rows import atomic_writer, open_rows

DEFAULT_N = 13
LEAST_N = 3
SUFFIX = ".ngrams"
MAGIC = b"homegrown ngrams\n"
VERSION = 1
"""Of the file and of what a word is: another version reads none of these."""
LEAST_CONTAINED = 5
"""Words of a short question that is also looked for inside longer texts; "Why?" would be everywhere."""
COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
# Chinese and Japanese put no spaces: there each character is a word.
IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(rf"[^\W_{IDEOGRAPH}]+|[{IDEOGRAPH}]")
# Of a formula the signs are words too: they tell 12 + 5 from 12 - 5.
WORD_OR_SIGN = re.compile(rf"{WORD.pattern}|[-+*/^=<>%×÷!](?=\s*(?:\d|[^\W\d_]\b|[(]))|(?<=\d)[%!]")
FACTOR = 0x9E3779B97F4A7C15
"""Odd, so that it has an inverse modulo 2^64."""
MOST_WORDS_KNOWN = 1 << 20
INSIDE = re.compile(r"(?<=[^\W_])[^\w\s]+(?=[^\W_])")
INSIDE_LETTERS = re.compile(r"(?<=[^\W\d_])[^\w\s]+(?=[^\W\d_])")
"""Marks within words: whoever strips punctuation may leave "babysitter" or "baby sitter" of "baby-sitter"."""

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.uint32]


def words_of(text: str, *, signs: bool = False) -> list[str]:
    """The words of a text: letters and digits in one case, and with `signs` those of formulas.

    >>> words_of("Don't pay $1,200 - 5!")
    ['dont', 'pay', '1200', '5']
    >>> words_of("12 - 5 = ?", signs=True)
    ['12', '-', '5']
    """
    text = folded(text)
    if "," in text:
        text = COMMA.sub("", text)
    if "'" in text:
        text = APOSTROPHE.sub("", text)
    return (WORD_OR_SIGN if signs else WORD).findall(text)


def readings(text: str, *, signs: bool = False) -> list[list[str]]:
    """The words of a text, and again with marks within words left out, where there are any.

    >>> readings("A baby-sitter")
    [['a', 'baby', 'sitter'], ['a', 'babysitter']]
    """
    inside = INSIDE_LETTERS if signs else INSIDE
    joined = inside.sub("", text)
    found = [words_of(text, signs=signs)]
    return found if joined == text else [*found, words_of(joined, signs=signs)]


def rolling(words: list[str]) -> Hashes:
    """Sums from which the hash of any words in a row follows (`windows`): [len(words) + 1]."""
    known = list(map(_word_hash, words))
    sums = np.zeros(len(words) + 1, np.uint64)
    np.cumsum(np.array(known, np.uint64) * _powers(len(words))[1], out=sums[1:])
    return sums


def windows(sums: Hashes, n: int) -> Hashes:
    """The hashes of all n words in a row; none of a shorter text."""
    count = max(0, len(sums) - n)
    found = (sums[n:] - sums[:count]) * _powers(count)[0]
    # A sum of products is too even in its lower bits to be found by them.
    found ^= found >> np.uint64(31)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(29)
    return found


def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The first powers of `FACTOR`, and of its inverse."""
    size = 1 << max(10, (count - 1).bit_length())
    powers, inverses = _power_tables(size)
    return powers[:count], inverses[:count]


@functools.cache
def _power_tables(size: int) -> tuple[Hashes, Hashes]:
    tables = []
    for factor in (FACTOR, pow(FACTOR, -1, 2**64)):
        table = np.full(size, factor, np.uint64)
        table[0] = 1
        tables.append(np.cumprod(table, dtype=np.uint64))
    return tables[0], tables[1]


@functools.lru_cache(MOST_WORDS_KNOWN)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True)
class Fingerprints:
    """What is known of a set `name` of `items` questions.

    `grams` are hashes of `n` words in a row, in order, and `owners` the number (from 0) of the first item
    that has each; `short` has the same by the length of questions of fewer words, signs counted as words.
    """

    name: str
    n: int
    items: int
    answers: bool
    grams: Hashes
    owners: Numbers
    short: dict[int, tuple[Hashes, Numbers]]

    def write(self, path: Path) -> None:
        """Write a file of `SUFFIX`."""
        arrays: list[npt.NDArray[Any]] = [self.grams, self.owners]
        for length in sorted(self.short):
            arrays += self.short[length]
        body = b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays)
        header = {
            "name": self.name,
            "version": VERSION,
            "n": self.n,
            "items": self.items,
            "answers": self.answers,
            "grams": len(self.grams),
            "short": {str(length): len(self.short[length][0]) for length in sorted(self.short)},
            "blake2b": hashlib.blake2b(body, digest_size=16).hexdigest(),
        }
        with atomic_writer(path) as file:
            file.write(MAGIC + json.dumps(header).encode() + b"\n" + body)


def fingerprints_of(name: str, items: Iterable[Item], n: int, *, answers: bool = False) -> Fingerprints:
    """The fingerprints of items; with `answers`, of their answers of n words or more, too."""
    if n < LEAST_N:
        raise UserError(f"{n} words in a row are in every text", mend=f"give at least {LEAST_N}")
    grams, owners = [np.empty(0, np.uint64)], [np.empty(0, np.uint32)]
    short: dict[int, dict[int, int]] = {}
    count = 0
    for number, item in enumerate(items):
        count += 1
        for text in (item.question, *(item.answers if answers else ())):
            for words in readings(text):
                found = windows(rolling(words), n)
                grams.append(found)
                owners.append(np.full(len(found), number, np.uint32))
        if len(words_of(item.question)) < n:
            for words in filter(None, readings(item.question, signs=True)):
                whole = int(windows(rolling(words), len(words))[0])
                short.setdefault(len(words), {}).setdefault(whole, number)
    whole_questions = {
        length: _in_order(np.array(list(known), np.uint64), np.array(list(known.values()), np.uint32))
        for length, known in short.items()
    }
    in_order = _in_order(np.concatenate(grams), np.concatenate(owners))
    return Fingerprints(name, n, count, answers, *in_order, whole_questions)


def _in_order(hashes: Hashes, owners: Numbers) -> tuple[Hashes, Numbers]:
    """Distinct hashes in order, each with its first owner."""
    distinct, first = np.unique(hashes, return_index=True)
    return distinct, owners[first]


def set_name(path: Path) -> str:
    """What a set is called: the name of its file without its endings."""
    return Path(path.name.removesuffix(".gz").removesuffix(".zst")).stem


def load_fingerprints(path: Path, n: int = DEFAULT_N, *, answers: bool = False) -> Fingerprints:
    """Fingerprints from a file of them, whose own n and answers count, or made now from a file of rows.

    Raises `UserError` when a file of fingerprints is damaged or of another version, and when a file has no
    items, or none with a word.
    """
    if path.suffix == SUFFIX:
        return _read(path)
    made = fingerprints_of(set_name(path), items_of(path), n, answers=answers)
    refuse_empty(made, path)
    return made


def refuse_empty(made: Fingerprints, path: Path) -> None:
    """`UserError` for a set that nothing could ever match."""
    if not made.items:
        raise UserError("the file has no questions", where=path, mend="give another file")
    if not len(made.grams) and not made.short:
        raise UserError("no question of the file has a word", where=path, mend="give another file")


def _read(path: Path) -> Fingerprints:
    with open_rows(path) as file:
        data = file.read()
    mend = "make it again with 'datagen fingerprints'"
    head, newline, body = data.removeprefix(MAGIC).partition(b"\n")
    if not data.startswith(MAGIC) or not newline:
        raise UserError("no file of fingerprints", where=path, mend=mend)
    try:
        header = json.loads(head)
        if header["version"] != VERSION:
            what = f"fingerprints of version {header['version']}, not {VERSION}"
            raise UserError(what, where=path, mend=mend)
        sizes = {int(length): int(size) for length, size in header["short"].items()}
        if hashlib.blake2b(body, digest_size=16).hexdigest() != header["blake2b"]:
            raise UserError("the fingerprints are damaged", where=path, mend=mend)
        pairs, start = [], 0
        for size in (int(header["grams"]), *sizes.values()):
            hashes = np.frombuffer(body, "<u8", size, start).astype(np.uint64)
            owners = np.frombuffer(body, "<u4", size, start + 8 * size).astype(np.uint32)
            pairs.append((hashes, owners))
            start += 12 * size
        short = dict(zip(sizes, pairs[1:], strict=True))
        name, n, items = str(header["name"]), int(header["n"]), int(header["items"])
        return Fingerprints(name, n, items, bool(header["answers"]), *pairs[0], short)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"not readable as fingerprints ({error})", where=path, mend=mend) from None
