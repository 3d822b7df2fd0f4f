"""Is a new prompt like one that is there? ROUGE-L against a whole pool, decided in the order they come.

Exact: no pair above the threshold is missed. Which prompts are compared, and when, is the recipes' affair.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from datagen.journal import Outcome
from datagen.recipes.rows import DUPLICATE, NEAR_DUPLICATE, plain
from schemas import Row

NEAR = 0.7
"""The threshold of Self-Instruct."""
WORD = re.compile(r"[^\W_]+")
FIGURES = re.compile(r"\d+(?:[.,]\d+)*|[-+*/^=<>\u00d7\u00f7\u2212]")


def words(text: str) -> tuple[str, ...]:
    """The words of a text without case and marks, as ROUGE counts them, of any script.

    >>> words("Work out 12 + 45.")
    ('work', 'out', '12', '45')
    """
    return tuple(WORD.findall(text.casefold()))


def common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Length of the longest common subsequence, a word of `right` at a time over all of `left` at once.

    Source: Hyyr\u00f6 2004, Bit-parallel LCS-length computation revisited.

    >>> common_subsequence("the cat sat".split(), "a cat has sat".split())
    2
    """
    places: dict[str, int] = defaultdict(int)
    for place, word in enumerate(left):
        places[word] |= 1 << place
    every = (1 << len(left)) - 1
    open_places = every
    for word in right:
        if matched := open_places & places.get(word, 0):
            open_places = ((open_places + matched) | (open_places - matched)) & every
    return len(left) - open_places.bit_count()


def rouge_l(left: Sequence[str], right: Sequence[str]) -> float:
    """The F-measure of ROUGE-L of two sequences of words: 1 for equal ones, 0 for two without a common word.

    Source: Lin 2004, ROUGE, with precision and recall weighing the same.
    """
    if not left or not right:
        return 0.0
    return 2 * common_subsequence(left, right) / (len(left) + len(right))


class Pool:
    """Texts by id, and which of them is most like another one."""

    def __init__(self) -> None:
        self._words: list[tuple[str, ...]] = []
        self._ids: list[str] = []
        self._groups: list[str | None] = []
        # Under each word, and whether it is its first, second, ... place in a text: the texts that have it.
        self._holders: dict[tuple[str, int], list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, name: str, text: str, group: str | None = None) -> None:
        """Put a text in; those of one `group` are not compared with each other."""
        said = words(text)
        number = len(self._ids)
        self._ids.append(name)
        self._words.append(said)
        self._groups.append(group)
        for key in _numbered(said):
            self._holders[key].append(number)

    def most_like(self, text: str, group: str | None = None) -> tuple[float, str]:
        """ROUGE-L with the likest text of another group, and its id; (0, "") when none has a common word."""
        said = words(text)
        shared: Counter[int] = Counter()
        for key in _numbered(said):
            shared.update(self._holders.get(key, ()))
        # No common subsequence is longer than the words that both have: most texts are never looked at.
        most = {
            number: 2 * count / (len(said) + len(self._words[number])) for number, count in shared.items()
        }
        best, like = 0.0, ""
        for number in sorted(most, key=lambda number: (-most[number], number)):
            if most[number] <= best:
                break
            if group is not None and self._groups[number] == group:
                continue
            score = rouge_l(said, self._words[number])
            if score > best:
                best, like = score, self._ids[number]
        return best, like


def _numbered(said: Sequence[str]) -> list[tuple[str, int]]:
    seen: Counter[str] = Counter()
    keys = []
    for word in said:
        keys.append((word, seen[word]))
        seen[word] += 1
    return keys


class Novel:
    """Turns down what is like what came before; the rest joins the pool, with what it is most like in `meta`.

    "duplicate" when nothing but case, spaces and marks differs, "near duplicate" above `near` of ROUGE-L (1:
    none). With `figures`, texts with other numbers or signs in them are never alike. `text` is what of a row
    is compared, `group` whom it is not compared with.
    """

    def __init__(
        self,
        near: float,
        text: Callable[[Row], str],
        *,
        figures: bool = False,
        group: Callable[[Row], str] | None = None,
    ) -> None:
        self.near, self.text, self.figures, self.group = near, text, figures, group
        self._seen: dict[str, str] = {}
        self._pools: dict[tuple[str, ...], Pool] = defaultdict(Pool)

    def __len__(self) -> int:
        return len(self._seen)

    def know(self, name: str, text: str, group: str | None = None) -> None:
        """Put in what is there before the run."""
        self._seen.setdefault(plain({"text": text}), name)
        self._pools[self._figures(text)].add(name, text, group)

    def __call__(self, outcome: Outcome) -> Outcome:
        """The outcome with its new rows; a rejection when there are none."""
        new, reason, like = [], DUPLICATE, ""
        for row in outcome.rows:
            text, group = self.text(row), self.group(row) if self.group else None
            if known := self._seen.get(plain({"text": text})):
                like = known
                continue
            score, nearest = self._pools[self._figures(text)].most_like(text, group)
            if score > self.near:
                reason, like = NEAR_DUPLICATE, nearest
                continue
            self.know(outcome.item, text, group)
            told = {"rouge_l": round(score, 3), **({"like": nearest} if nearest else {})}
            new.append({**row, "meta": {**row["meta"], **told}})
        if not new:
            return Outcome(outcome.item, None, reason, f"like {like}")
        return replace(outcome, row=new if isinstance(outcome.row, list) else new[0])

    def _figures(self, text: str) -> tuple[str, ...]:
        return tuple(FIGURES.findall(text)) if self.figures else ()
