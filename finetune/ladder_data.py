"""The data a ladder eats: made once each, by the `datagen` commands, in the ladder's folder.

Problems of the test split, and text with their sums, are read by the suite alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.commands.attempts import Attempts, attempts
from datagen.commands.pairs import Pairs, pairs
from datagen.problems import generate
from datagen.recipes.corpus import documents
from datagen.recipes.harvest import proved_lessons, proved_pairs
from datagen.recipes.lessons import lessons
from datagen.recipes.shared.facts import FACTS
from finetune.presets import Preset
from finetune.suite import Suite
from schemas import Row, UserError, read_rows, write_rows

TOKENIZER_ROWS = 5_000
"""Rows of corpus and lessons each that the tokenizer is trained on; more would change next to nothing."""

FACT_QUESTIONS = 2
SUM_QUESTIONS = 3
PREFERENCE = "polite"
"""The stated rule that stands in for the person who would pick (see `datagen/recipes/shared/rules.py`)."""


class LadderData:
    """The files in `folder`; each method makes its file unless it is there, and returns its path."""

    def __init__(self, folder: Path, preset: Preset, seed: int) -> None:
        self.folder, self.preset, self.seed = folder, preset, seed

    def path(self, name: str) -> Path:
        """Where a file of data is."""
        return self.folder / name

    def corpus(self) -> Path:
        """Text to pretrain on."""
        return self._made("corpus.jsonl", documents(self.preset.corpus_rows, self.seed))

    def lessons(self) -> Path:
        """Questions with answers to tune on."""
        return self._made("lessons.jsonl", lessons(self.preset.lesson_rows, self.seed))

    def problems(self, split: str) -> Path:
        """Problems of one split; no problem is in two."""
        count = getattr(self.preset, f"{split}_problems")
        rows = generate([self.preset.family], [self.preset.level], count, self.seed, split)
        return self._made(f"problems-{split}.jsonl", rows)

    def tokenizer(self) -> Path:
        """A tokenizer trained on the corpus and the lessons."""
        from finetune.commands import TokenizerSettings, tokenizer

        folder = self.path("tokenizer")
        if not (folder / "tokenizer_config.json").exists():
            data = (self.corpus(), self.lessons())
            size = self.preset.vocab_size
            tokenizer(TokenizerSettings(data=data, out=folder, vocab_size=size, max_rows=TOKENIZER_ROWS))
        return folder

    def pairs(self, gguf: Path) -> tuple[Path, Path]:
        """Preference rows to train on and held-out ones: sampled from the model, picked by a stated rule.

        The held-out ones answer problems of the valid split, which no training pair can share.
        """
        asked = self._made("pairs-prompts.jsonl", lessons(self.preset.pair_prompts, self.seed + 1))
        return (
            self._pairs("pairs-train.jsonl", asked, gguf),
            self._pairs("pairs-held-out.jsonl", self.problems("valid"), gguf),
        )

    def _pairs(self, name: str, prompts: Path, gguf: Path) -> Path:
        path = self.path(name)
        if not path.exists():
            asked = self._generation(gguf)
            asked["engine"] = (asked["engine"],)  # several models may compete; here it is one
            pairs(Pairs(prompts=prompts, out=path, prefer=PREFERENCE, **asked))
        return path

    def round2(self, gguf: Path) -> tuple[Path, Path]:
        """What the model makes of new problems: lessons of its proved answers, pairs of right and wrong.

        Some of the first lessons come again among the new ones: reinforcement asked nothing but sums.
        """
        tried = self.path("round2-attempts.jsonl")
        if not tried.exists():
            names, levels = [self.preset.family], [self.preset.level]
            fresh = generate(names, levels, self.preset.round2_prompts, self.seed + 1, "train")
            problems = self._made("round2-problems.jsonl", fresh)
            attempts(Attempts(problems=problems, out=tried, **self._generation(gguf)))
        lessons, made = list(proved_lessons(read_rows(tried))), list(proved_pairs(read_rows(tried)))
        if not made:
            what = "the model solves each problem always or never, so no pair can be made"
            raise UserError(what, where=tried, mend="delete the folder and climb with another --seed")
        again = islice(filter(_is_full_fact, read_rows(self.lessons())), self.preset.round2_replay)
        return self._made("round2-lessons.jsonl", [*lessons, *again]), self._made("round2-pairs.jsonl", made)

    def suite(self) -> Suite:
        """Held-out text, test problems, and a few questions that every rung is asked."""
        held_out = documents(self.preset.test_texts, self.seed, "test")
        problems = list(read_rows(self.problems("test")))
        asked: list[Row] = [
            {"question": fact.question, "prompt": [{"role": "user", "content": fact.question}]}
            for fact in FACTS[:FACT_QUESTIONS]
        ]
        return Suite(
            texts=[row["text"] for row in read_rows(self._made("held-out.jsonl", held_out))],
            problems=problems,
            questions=asked + problems[:SUM_QUESTIONS],
            max_tokens=self.preset.max_tokens,
            seed=self.seed,
        )

    def _generation(self, gguf: Path) -> dict[str, Any]:
        """Settings of the commands that ask the model."""
        return {
            "engine": f"llama:{gguf}",
            "samples": self.preset.pair_samples,
            "seed": self.seed,
            "max_tokens": self.preset.max_tokens,
            "context": self.preset.shape.context,
        }

    def _made(self, name: str, rows: Iterable[Row]) -> Path:
        path = self.path(name)
        if not path.exists():
            write_rows(path, rows)
        return path


def _is_full_fact(lesson: Row) -> bool:
    """Whether a lesson explains a fact in whole sentences."""
    return bool(lesson["meta"]["manner"] == "full" and "\\boxed" not in lesson["messages"][-1]["content"])
