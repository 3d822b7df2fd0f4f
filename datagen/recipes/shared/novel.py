"""Is a new prompt like one that is there? ROUGE-L against a whole pool, decided in the order they come.

As `filters/rouge.py`, and besides: which text is the likest, and how like, for the `meta` of rows; texts that
are not compared with each other; other figures, other prompts. When it is asked is the affair of recipes.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from datagen.filters.ngrams import words_of
from datagen.filters.plain import plain_text
from datagen.filters.rouge import Word, common, counted, f_measure, masks_of
from datagen.runs.journal import Outcome
from schemas import Row

DUPLICATE, NEAR_DUPLICATE = "duplicate", "near duplicate"
NEAR = 0.7
"""The threshold of Self-Instruct."""
FIGURES = re.compile(r"\d+(?:[.,]\d+)*|[-+*/^=<>\u00d7\u00f7\u2212]")


class Pool:
    """Texts by id, and which of them is most like another one. Exact."""

    def __init__(self) -> None:
        self._words: list[list[str]] = []
        self._ids: list[str] = []
        self._groups: list[str | None] = []
        self._lengths = array("I")
        self._holders: dict[Word, array[int]] = defaultdict(lambda: array("I"))

    def add(self, name: str, text: str, group: str | None = None) -> None:
        """Put a text in; those of one `group` are not compared with each other."""
        words = words_of(text)
        for word in counted(words):
            self._holders[word].append(len(self._ids))
        self._ids.append(name)
        self._words.append(words)
        self._groups.append(group)
        self._lengths.append(len(words))

    def most_like(self, text: str, group: str | None = None) -> tuple[float, str]:
        """ROUGE-L with the likest text of another group, and its id; (0, "") when none has a common word."""
        words = words_of(text)
        looked_up = [held for word in counted(words) if (held := self._holders.get(word))]
        if not looked_up:
            return 0.0, ""
        found = np.concatenate([np.frombuffer(held, np.uint32) for held in looked_up])
        lengths = np.frombuffer(self._lengths, np.uint32)
        # No common subsequence is longer than the words that both have: most texts are never looked at.
        most = 2 * np.bincount(found, minlength=len(lengths)) / (lengths + len(words))
        masks, best, like = masks_of(words), 0.0, ""
        for number in np.argsort(-most, kind="stable").tolist():
            if most[number] <= best:
                break
            if group is not None and self._groups[number] == group:
                continue
            other = self._words[number]
            score = f_measure(common(masks, other), len(words), len(other))
            if score > best:
                best, like = score, self._ids[number]
        return best, like


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

    def know(self, name: str, text: str, group: str | None = None) -> None:
        """Put in what is there before the run."""
        self._seen.setdefault(plain_text(text) or text.strip(), name)
        self._pools[self._figures(text)].add(name, text, group)

    def __call__(self, outcome: Outcome) -> Outcome:
        """The outcome with its new rows; a rejection when there are none."""
        new, reason, like = [], DUPLICATE, ""
        for row in outcome.rows:
            text, group = self.text(row), self.group(row) if self.group else None
            if known := self._seen.get(plain_text(text) or text.strip()):
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
