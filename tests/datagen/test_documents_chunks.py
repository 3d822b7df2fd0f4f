"""Cutting documents: nothing is lost, nothing is too long, and sentences, code and tables stay whole."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_gguf import write_tiny_gguf

from datagen.documents.chunks import Chunk, by_bytes, chunks_of, counts_of, sentence_ends, tokens_by_bytes
from datagen.documents.document import BETWEEN, Document, Section
from datagen.documents.reading import read_document, read_documents
from datagen.engines import Request, run_coroutine
from datagen.engines.llama.engine import LlamaCppEngine

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "documents"
HASH = "0123456789abcdef" * 4


def document(*texts: str, paths: list[tuple[str, ...]] | None = None) -> Document:
    paths = paths or [()] * len(texts)
    sections = [
        Section(path, text, f"page {n}") for n, (path, text) in enumerate(zip(paths, texts, strict=True), 1)
    ]
    return Document("d.pdf", HASH, tuple(sections))


def own(whole: Document, chunk: Chunk) -> str:
    return whole.text[chunk.start : chunk.end]


TEXTS = st.text(alphabet="ab .!?\n|`#-1é。“”A", max_size=300)
SECTIONS = st.lists(st.tuples(TEXTS, st.sampled_from([BETWEEN, " ", ""])), max_size=4)


@given(SECTIONS, st.integers(1, 30))
@settings(max_examples=300, deadline=None)
def test_the_pieces_one_after_the_other_are_the_text_and_none_is_too_long(parts, most):
    whole = document(*(text + end for text, end in parts))
    chunks = chunks_of(whole, by_bytes, most)
    assert "".join(own(whole, chunk) for chunk in chunks) == whole.text
    assert all(chunk.text == own(whole, chunk) for chunk in chunks)
    assert all(tokens_by_bytes(chunk.text) <= most or len(chunk.text) == 1 for chunk in chunks)


@given(SECTIONS, st.integers(4, 30), st.integers(1, 10))
@settings(max_examples=200, deadline=None)
def test_overlapping_pieces_repeat_text_and_still_none_is_lost_or_too_long(parts, most, overlap):
    whole = document(*(text + end for text, end in parts))
    chunks = chunks_of(whole, by_bytes, most, min(overlap, most // 2))
    assert "".join(own(whole, chunk) for chunk in chunks) == whole.text
    for chunk in chunks:
        assert chunk.begin <= chunk.start < chunk.end
        assert chunk.text == whole.text[chunk.begin : chunk.end]
        assert tokens_by_bytes(chunk.text) <= most or len(chunk.text) == 1


WORDS = st.lists(
    st.sampled_from(["tide", "harbour", "bell", "e.g. rope", "Dr. Ito", "3.5"]), min_size=1, max_size=9
)
SENTENCE = WORDS.map(lambda words: f"The {' '.join(words)} waits.")


@given(st.lists(st.lists(SENTENCE, min_size=1, max_size=6), min_size=1, max_size=4), st.integers(32, 80))
@settings(max_examples=200, deadline=None)
def test_a_sentence_that_fits_is_never_cut(paragraphs, most):
    whole = document("\n\n".join(" ".join(sentences) for sentences in paragraphs) + BETWEEN)
    assert all(tokens_by_bytes(sentence) <= most for sentences in paragraphs for sentence in sentences)
    for chunk in chunks_of(whole, by_bytes, most):
        assert own(whole, chunk).rstrip().endswith(" waits.")
        assert own(whole, chunk).startswith("The ")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. Then it stopped.", ["It rained. ", "Then it stopped."]),
        ("Dr. J. Ito paid 3.50 for No. 7. He left.", ["Dr. J. Ito paid 3.50 for No. 7. ", "He left."]),
        ("It was e.g. the bell, etc. and so on. Yes.", ["It was e.g. the bell, etc. and so on. ", "Yes."]),
        ('"Go!" she said. “Why?” He went.', ['"Go!" ', "she said. ", "“Why?” ", "He went."]),
        ("It was I. Then no more.", ["It was I. ", "Then no more."]),
        ("潮が満ちる。船が出る！", ["潮が満ちる。", "船が出る！"]),
        ("Wait... what? Right", ["Wait... what? ", "Right"]),
        ("no end", ["no end"]),
    ],
)
def test_sentences_end_where_a_reader_says(text, sentences):
    ends = sentence_ends(text)
    assert [text[a:b] for a, b in zip([0, *ends], ends, strict=False)] == sentences


CODE = "```python\n# a comment. Not a heading.\n\nfor n in range(9):\n    print(n)\n```"
TABLE = "| a | b |\n|---|---|\n| 1. One. | 2 |\n| 3 | 4 |"


@pytest.mark.parametrize("block", [CODE, TABLE])
def test_code_and_tables_stay_whole_where_they_fit(block):
    prose = "The bell rings. The tide turns. A boat comes in. " * 3
    whole = document(f"{prose}\n\n{block}\n\n{prose}{BETWEEN}")
    chunks = chunks_of(whole, by_bytes, tokens_by_bytes(block) + 4)
    assert len(chunks) > 3
    assert sum(block in chunk.text for chunk in chunks) == 1


@pytest.mark.parametrize("block", [CODE, TABLE])
def test_code_and_tables_that_do_not_fit_are_cut_between_lines(block):
    whole = document(block + BETWEEN)
    chunks = chunks_of(whole, by_bytes, 12)
    assert len(chunks) > 1
    assert all(chunk.text.endswith("\n") for chunk in chunks)


def test_short_sections_share_a_piece_and_its_headings_are_those_over_all_of_it():
    paths = [("Book", "One"), ("Book", "One", "Deep"), ("Book", "Two")]
    whole = document("# One\n\nA b c.\n\n", "## Deep\n\nD e f.\n\n", "# Two\n\nG h i.\n\n", paths=paths)
    assert [chunk.headings for chunk in chunks_of(whole, by_bytes, 100)] == [("Book",)]
    apart = chunks_of(whole, by_bytes, 6)
    assert [(chunk.headings, chunk.place) for chunk in apart] == [
        (("Book", "One"), "page 1"),
        (("Book", "One", "Deep"), "page 2"),
        (("Book", "Two"), "page 3"),
    ]


def test_a_heading_goes_with_what_it_is_over():
    whole = document("The bell rings at noon.\n\n# Fog\n\nThe signal sounds.\n\n")
    first, second = chunks_of(whole, by_bytes, 12)
    assert second.text.startswith("# Fog\n\nThe signal")
    assert "Fog" not in first.text


def test_a_sentence_over_the_end_of_a_page_is_one():
    whole = document("The lamp burns. The spare one ", "swings into its place. It is bright.\n\n")
    assert [chunk.text for chunk in chunks_of(whole, by_bytes, 20)] == [
        "The lamp burns. The spare one swings into its place. ",
        "It is bright.\n\n",
    ]


def test_pieces_say_where_they_are_from():
    whole = read_document(SAMPLES / "handbook.pdf")
    chunks = chunks_of(whole, by_bytes, 60)
    (found,) = [chunk for chunk in chunks if "colza" in chunk.text]
    assert (found.document, found.document_hash) == ("handbook.pdf", whole.hash)
    assert (found.headings, found.place) == (("The lamp",), "page 1")
    assert whole.text[found.start : found.end] == found.text
    assert len({chunk.id for chunk in chunks}) == len(chunks) > 8


def test_tokens_are_those_of_the_engine(tmp_path):
    model = write_tiny_gguf(tmp_path / "tiny.gguf")
    with LlamaCppEngine(model, threads=1) as engine:
        counts = counts_of(engine)
        for whole in read_documents([SAMPLES]).documents:
            chunks = chunks_of(whole, counts, 90)
            assert "".join(chunk.text for chunk in chunks) == whole.text
            for chunk in chunks:
                assert run_coroutine(engine.count(Request(prompt=chunk.text))) <= 90
            # Full pieces, and not crumbs: two neighbours of one section would not have fitted together.
            assert len(chunks) < 3 * sum(counts([whole.text])) / 90


def test_an_engine_that_cannot_count_is_estimated_by_bytes():
    class Mute:
        async def count(self, request):
            return None

    assert counts_of(Mute())(["The tide turns.", "é"]) == [5, 1]


def test_an_overlap_begins_with_a_sentence():
    whole = document("One bell rings. Two bells ring. Three bells ring. Four bells ring.\n\n")
    chunks = chunks_of(whole, by_bytes, 16, 6)
    assert len(chunks) > 2
    for before, chunk in pairwise(chunks):
        repeated = whole.text[chunk.begin : chunk.start]
        assert re.fullmatch(r"\w+ bells? rings?\. ", repeated)
        assert before.text.endswith(repeated)


def test_an_overlap_without_room_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        chunks_of(document("x"), by_bytes, 4, 4)
