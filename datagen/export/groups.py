"""Which rows belong together, and which are held out: no group is ever on both sides.

Rows belong together that have a prompt, a problem, a fingerprint or a document in common, or whose prompts
are near duplicates; and so on from row to row. A hash of the group decides its side, so that more rows later
move none of the others, unless they join two groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b

from datagen.filters.filter import question_of, texts_of
from datagen.filters.plain import plain_text
from schemas import Row

ALIKE = 0.8
"""Jaccard similarity of prompts that are near duplicates; numbers must be the same."""
LARGEST = float(1 << 64)


def group_names(rows: Sequence[Row]) -> list[str]:
    """The name of the group of each row, from what its rows have in common."""
    joined = _Joined()
    firsts = []
    for row in rows:
        keys = list(_keys(row))
        firsts.append(keys[0])
        for key in keys:
            joined.join(keys[0], key)
    _join_alike([key for key in dict.fromkeys(firsts) if key.startswith("asked ")], joined)
    smallest: dict[str, str] = {}
    for key in joined.parent:
        root = joined.root(key)
        smallest[root] = min(smallest.get(root, key), key)
    return [blake2b(smallest[joined.root(key)].encode(), digest_size=8).hexdigest() for key in firsts]


def held_out(names: Sequence[str], share: float, fixed: Mapping[str, bool]) -> set[str]:
    """The groups that are held out: those `fixed` so, and of the others about `share` of them.

    At least one of the others, and never all of them, where there are two.
    """
    found = {name for name, out in fixed.items() if out}
    free = sorted(set(names) - fixed.keys(), key=_draw)
    if share > 0 and len(free) > 1:
        drawn = sum(_draw(name) < share for name in free)
        found |= set(free[: min(max(1, drawn), len(free) - 1)])
    return found


def _draw(name: str) -> float:
    """A number from 0 to 1 that depends on the name alone."""
    return int.from_bytes(blake2b(b"held out " + name.encode(), digest_size=8).digest(), "big") / LARGEST


def _keys(row: Row) -> Iterator[str]:
    """All that a row may have in common with another; its prompt, or its text, first."""
    meta = row.get("meta") or {}
    asked = plain_text(question_of(row))
    yield f"asked {asked}" if asked else f"said {plain_text(' '.join(texts_of(row)))}"
    for earlier in _earlier_prompts(row):
        yield f"asked {plain_text(earlier)}"
    names = {
        "problem": meta.get("problem", row.get("id")),
        "fingerprint": row.get("fingerprint", meta.get("fingerprint")),
        "document": meta.get("document"),
    }
    for name, value in names.items():
        if isinstance(value, str) and value:
            yield f"{name} {value}"


def _earlier_prompts(row: Row) -> Iterator[str]:
    """What was asked before the last turn of a conversation: its answers are trained on, too."""
    said: list[str] = []
    turns = row["prompt"] if isinstance(row.get("prompt"), list) else row.get("messages", [])[:-1]
    for turn in turns[:-1]:
        if turn["role"] != "system":
            said.append(turn["content"])
            if turn["role"] == "user":
                yield "\n".join(said)


def _join_alike(keys: Sequence[str], joined: _Joined) -> None:
    """Join prompts that are near duplicates of an earlier one."""
    from datagen.filters.minhash import Index, sign

    index = Index(ALIKE, numbers=True)
    for number, key in enumerate(keys):
        signed = sign(key.removeprefix("asked "), ALIKE, numbers=True)
        like = index.like(signed)
        if like is None:
            index.add(signed, number)
        else:
            joined.join(keys[like], key)


class _Joined:
    """Sets that grow together (union-find)."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def root(self, key: str) -> str:
        self.parent.setdefault(key, key)
        while (up := self.parent[key]) != key:
            self.parent[key] = self.parent[up]
            key = up
        return key

    def join(self, left: str, right: str) -> None:
        self.parent[self.root(right)] = self.root(left)
