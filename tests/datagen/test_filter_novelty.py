"""Novelty by ROUGE-L against a plain implementation, and rows of one meaning by embeddings."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import ScriptedEngine
from tiny_gguf import Shape, write_tiny_gguf

from datagen.engines.llama.engine import LlamaCppEngine
from datagen.filters.rouge import NOT_NOVEL, RougeNovelty, common, masks_of
from datagen.filters.semantic import SAME_MEANING, SemanticDuplicates
from datagen.runs.journal import Journal
from schemas import UserError

VOCABULARY = (
    *("the", "a", "of", "write", "list", "explain", "poem", "essay", "about", "cats", "dogs", "rivers"),
    *("history", "name", "three", "why", "how", "best"),
)


def asked(text: str) -> dict:
    return {"question": text}


def longest(left: list[str], right: list[str]) -> int:
    """The longest common subsequence by the textbook's table."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def rouge_l(left: list[str], right: list[str]) -> float:
    """F of precision and recall, as the paper has it."""
    length = longest(left, right)
    if not length:
        return 0.0
    precision, recall = length / len(right), length / len(left)
    return 2 * precision * recall / (precision + recall)


def verdicts_of_the_plain_way(texts: list[list[str]], threshold: float) -> list[bool]:
    kept: list[list[str]] = []
    verdicts = []
    for words in texts:
        new = all(rouge_l(words, other) <= threshold + 1e-12 for other in kept)
        verdicts.append(new)
        if new:
            kept.append(words)
    return verdicts


@given(st.lists(st.sampled_from("abcde"), max_size=70), st.lists(st.sampled_from("abcdef"), max_size=70))
def test_the_longest_common_subsequence_is_that_of_the_table(left, right):
    assert common(masks_of(left), right) == longest(left, right)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9])
def test_novelty_is_what_a_plain_implementation_says(threshold):
    rng = random.Random(int(threshold * 10))
    texts = [rng.choices(VOCABULARY, k=rng.randint(0, 14)) for _ in range(220)]
    for words in rng.sample(texts, 80):
        changed = list(words)
        for _ in range(rng.randint(0, 3)):
            changed.insert(rng.randint(0, len(changed)), rng.choice(VOCABULARY))
        texts.append(changed)
    looks = RougeNovelty(threshold)
    found = [looks(asked(" ".join(words) or "?")) is True for words in texts]
    assert found == verdicts_of_the_plain_way(texts, threshold)
    assert 0 < sum(found) < len(found)


def test_a_pool_is_there_before_the_first_row():
    looks = RougeNovelty(pool=["Write a poem about cats.", "Name three rivers."])
    assert looks(asked("write a short poem about cats")) == (False, NOT_NOVEL)
    assert looks.like == 0
    assert looks(asked("Explain how history is written.")) is True
    assert looks(asked("Explain how history is written!")) == (False, NOT_NOVEL)
    assert looks.like == 2


def test_what_is_just_at_the_threshold_is_new():
    # LCS 7 of 10 and 10 words: F is 0.7, and Self-Instruct turns down what is above.
    one = "a b c d e f g h i j"
    assert RougeNovelty(0.7, pool=[one])(asked("a b c d e f g x y z")) is True
    assert RougeNovelty(0.7, pool=[one])(asked("a b c d e f g h y z")) == (False, NOT_NOVEL)


def test_a_threshold_that_is_none_is_refused():
    with pytest.raises(UserError, match="give a threshold"):
        RougeNovelty(0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", Shape(context=64), seed=3)


TEXTS = [
    "the cat sat",
    "a dog ran far",
    "the cat sat",
    "The cat sat.",
    "",
    "one two three four",
    "the cat sat down",
]


def test_texts_of_one_meaning_are_those_whose_embeddings_are_close(model):
    with LlamaCppEngine(model, threads=1) as engine:
        vectors = asyncio.run(engine.embed([text for text in TEXTS if text]))
        cosines = vectors @ vectors.T
        threshold = float(np.sort(np.unique(cosines.round(4)))[-2])
        looks = SemanticDuplicates(engine, threshold)
        found = [looks(asked(text)) for text in TEXTS]
    kept: list[int] = []
    expected = []
    places = iter(range(len(vectors)))
    for text in TEXTS:
        if not text:
            expected.append(True)
            continue
        place = next(places)
        new = not any(cosines[place, other] >= threshold for other in kept)
        expected.append(new)
        if new:
            kept.append(place)
    assert [verdict is True for verdict in found] == expected
    assert found[2] == (False, SAME_MEANING)


def test_recorded_embeddings_are_used_again(model, tmp_path):
    with Journal(tmp_path / "a.journal") as journal, LlamaCppEngine(model, threads=1) as engine:
        first = SemanticDuplicates(engine, 0.9, journal=journal)
        verdicts = [first(asked(text)) for text in TEXTS]

        async def refuses(texts: list[str]) -> None:
            raise AssertionError("asked again")

        engine.embed = refuses  # type: ignore[method-assign, assignment]
        again = SemanticDuplicates(engine, 0.9, journal=journal)
        assert [again(asked(text)) for text in TEXTS] == verdicts


def test_a_text_too_long_to_embed_is_kept_and_counted(model):
    with LlamaCppEngine(model, threads=1) as engine:
        looks = SemanticDuplicates(engine, 0.99)
        long = asked("the cat sat " * 200)
        assert [looks(long), looks(long)] == [True, True]
        assert looks.not_compared == 2


def test_an_engine_without_embeddings_is_refused_by_name():
    with pytest.raises(UserError, match=r"engine 'scripted': this engine makes no embeddings"):
        SemanticDuplicates(ScriptedEngine({}))
