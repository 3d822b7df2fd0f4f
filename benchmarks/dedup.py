"""Near-duplicates planted among distinct texts: how many are found, how fast, beside datasketch.

A planted text is an earlier one with words replaced until the exact Jaccard similarity of their shingles,
three words in a row, is some number from 0.7 to 0.95. datasketch gets the same shingles, ready made, and the
same number of hashes and bands, in its quickest way (`update_batch`) and in its usual one (`update`), both on
fewer texts. Asserts nothing about time.

    python benchmarks/dedup.py                           20,000 distinct texts and 1,000 planted ones
    python benchmarks/dedup.py --count 5000 --without-peer
    python benchmarks/dedup.py --texts FILE.jsonl        the `question`s of a file instead of made-up texts
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from datagen.filters.duplicate_files import deduplicate_files  # noqa: E402
from datagen.filters.duplicates import NearDuplicates  # noqa: E402
from datagen.filters.minhash import WORDS, Index, bands_for, shingles, signature  # noqa: E402
from datagen.filters.plain import plain_text  # noqa: E402
from schemas.rows import read_rows, write_rows  # noqa: E402

LOWEST, HIGHEST = 0.7, 0.95
ROUNDS = 3
PEER_TEXTS = 3000


@dataclass(frozen=True)
class Texts:
    """Texts in order; by the place of a planted one, that of its original and their similarity."""

    texts: list[str]
    planted: dict[int, tuple[int, float]]


def similarity(left: list[str], right: list[str]) -> float:
    """Exact Jaccard similarity of three words in a row, written down a second time."""
    a, b = ({tuple(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1)} for words in (left, right))
    return len(a & b) / len(a | b)


def made_up(count: int, rng: random.Random) -> list[str]:
    """Distinct texts of 30 to 90 words, the frequent ones as frequent as in a language."""
    letters = "etaoinshrdlu"
    words = sorted({"".join(rng.choices(letters, k=rng.randint(2, 8))) for _ in range(20_000)})
    words.sort(key=len)
    weights = [1 / (rank + 10) for rank in range(len(words))]
    return [" ".join(rng.choices(words, weights, k=rng.randint(30, 90))) for _ in range(count)]


def altered(words: list[str], wanted: float, rng: random.Random) -> tuple[list[str], float]:
    """The text with words replaced one by one as long as it stays at least as similar as wanted."""
    new, reached = list(words), 1.0
    for place in rng.sample(range(len(words)), len(words)):
        tried = [*new[:place], f"other{rng.randrange(10**6)}", *new[place + 1 :]]
        similar = similarity(words, tried)
        if similar >= wanted:
            new, reached = tried, similar
        if reached <= wanted + 0.01:
            break
    return new, reached


def planted(texts: list[str], count: int, rng: random.Random) -> Texts:
    """The texts, with altered ones at random places behind their originals."""
    long = [place for place, text in enumerate(texts) if len(plain_text(text).split()) >= 30]
    behind: dict[int, list[tuple[int, str, float]]] = {}
    for original in rng.sample(long, count):
        words = plain_text(texts[original]).split()
        reached = 1.0
        while not LOWEST <= reached <= HIGHEST:
            new, reached = altered(words, rng.uniform(LOWEST, HIGHEST), rng)
        behind.setdefault(rng.randrange(original, len(texts)), []).append((original, " ".join(new), reached))
    found, places, pairs = [], {}, {}
    for place, text in enumerate(texts):
        places[place] = len(found)
        found.append(text)
        for original, new, reached in behind.get(place, ()):
            pairs[len(found)] = places[original], reached
            found.append(new)
    return Texts(found, pairs)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def resident_mib() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def by_filter(texts: list[str], threshold: float) -> set[int]:
    """The places of the texts that the filter turns down."""
    looks = NearDuplicates(threshold)
    return {place for place, text in enumerate(texts) if looks({"question": text}) is not True}


def from_shingles(made: list[tuple[str, list[str]]], threshold: float) -> set[int]:
    """The same from ready shingles: signatures, bands, exact comparison."""
    index, found = Index(threshold), set()
    for place, (text, tokens) in enumerate(made):
        signed = [("words", *signature(text, tokens, threshold))]
        if index.like(signed) is None:
            index.add(signed, place)
        else:
            found.add(place)
    return found


def by_datasketch(made: list[tuple[str, list[str]]], threshold: float, *, batch: bool) -> set[int]:
    """The same by datasketch, without a comparison of what its bands find."""
    from datasketch import MinHash, MinHashLSH

    bands = bands_for(threshold)
    lsh = MinHashLSH(num_perm=bands.hashes, params=(bands.bands, bands.rows))
    found = set()
    for place, (_, tokens) in enumerate(made):
        minhash = MinHash(num_perm=bands.hashes, seed=1)
        if batch:
            minhash.update_batch([token.encode() for token in tokens])
        else:
            for token in tokens:
                minhash.update(token.encode())
        if lsh.query(minhash):
            found.add(place)
        else:
            lsh.insert(place, minhash)
    return found


def over_files(texts: list[str], threshold: float, workers: int | None) -> float:
    """Rows a second of `deduplicate_files`, from four files to four files."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{part}.jsonl" for part in range(4)]
        for part, path in enumerate(paths):
            write_rows(path, ({"question": text, "answer": ""} for text in texts[part::4]))
        took, done = seconds(
            lambda: deduplicate_files(paths, Path(folder) / "out", near=threshold, workers=workers)
        )
        return float(done.rows / took)


def told_by_similarity(given: Texts, found: set[int]) -> None:
    """Recall by how similar the pairs are."""
    for lower in (0.70, 0.75, 0.80, 0.85, 0.90):
        pairs = [place for place, (_, s) in given.planted.items() if lower <= s < lower + 0.05]
        hits = sum(place in found for place in pairs)
        print(f"  similarity {lower:.2f} to {lower + 0.05:.2f}     {hits:,} of {len(pairs):,} found")


def beside_peer(made: list[tuple[str, list[str]]], threshold: float) -> None:
    """Rates from the same shingles of fewer texts, in turns."""
    made = made[:PEER_TEXTS]
    ours, quick, usual = [], [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: from_shingles(made, threshold))[0])
        quick.append(seconds(lambda: by_datasketch(made, threshold, batch=True))[0])
    usual.append(seconds(lambda: by_datasketch(made, threshold, batch=False))[0])
    mine = statistics.median(ours)
    print(f"from the same shingles, {len(made):,} texts, rows a second")
    print(f"  ours: sign, look up, compare      {len(made) / mine:>9,.0f}")
    for name, times in (("update_batch", quick), ("update", usual)):
        theirs = statistics.median(times)
        print(
            f"  datasketch, {name:12}          {len(made) / theirs:>9,.0f}   ours {theirs / mine:.1f} times"
        )


def from_text(texts: list[str], threshold: float) -> None:
    """Rates from a text to a verdict: what comes before the hashes is the same for both, and counts."""
    texts = texts[:PEER_TEXTS]

    def peer(batch: bool) -> set[int]:
        made = [(text, dict(shingles(plain_text(text), threshold)).get("words", [])) for text in texts]
        return by_datasketch(made, threshold, batch=batch)

    mine = statistics.median(seconds(lambda: by_filter(texts, threshold))[0] for _ in range(ROUNDS))
    print(f"from text to verdict, {len(texts):,} texts, rows a second")
    print(f"  ours                              {len(texts) / mine:>9,.0f}")
    for name, batch in (("update_batch", True), ("update", False)):
        theirs = seconds(lambda batch=batch: peer(batch))[0]
        rate = f"{len(texts) / theirs:>9,.0f}   ours {theirs / mine:.1f} times"
        print(f"  datasketch, {name:12}          {rate}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20_000, help="distinct texts")
    parser.add_argument("--planted", type=int, help="near-duplicates among them; by default a twentieth")
    parser.add_argument("--threshold", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--texts", type=Path, help="rows whose `question` is a text")
    parser.add_argument("--workers", type=int, help="processes that read files; 1 for small ones")
    parser.add_argument("--without-peer", action="store_true")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    if given.texts:
        texts = list(dict.fromkeys(row["question"] for row in read_rows(given.texts)))[: given.count]
    else:
        texts = made_up(given.count, rng)
    have = planted(texts, given.planted or len(texts) // 20, rng)
    threshold, rows = given.threshold, len(have.texts)

    before = resident_mib()
    took, found = seconds(lambda: by_filter(have.texts, threshold))
    grown = resident_mib() - before
    expected = {place for place, (_, similar) in have.planted.items() if similar >= threshold}
    hits = len(found & expected)
    print(
        f"{len(texts):,} distinct texts, {len(have.planted):,} planted; {threshold}: {bands_for(threshold)}"
    )
    print(f"recall     {hits / len(expected):.4f}   ({hits:,} of {len(expected):,})")
    print(f"precision  {hits / max(1, len(found)):.4f}   ({len(found):,} turned down)")
    told_by_similarity(have, found)
    print(f"from texts to verdicts, one by one  {rows / took:>9,.0f} rows a second,", end="")
    print(f" {grown * 2**20 / rows:,.0f} bytes a row")
    rate = over_files(have.texts, threshold, given.workers)
    print(f"from files to files                 {rate:>9,.0f} rows a second")
    if not given.without_peer:
        made = [
            (plain, tokens)
            for plain in map(plain_text, have.texts)
            for kind, tokens in shingles(plain, threshold)
            if kind == "words"
        ]
        beside_peer(made, threshold)
        from_text(have.texts, threshold)


if __name__ == "__main__":
    main()
