"""Words, sentences and paragraphs by our own rules: abbreviations, decimals, URLs, CJK stops, Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.constraints.matching import occurrences, occurs
from verifiers.constraints.scripts import LANGUAGES, SAMPLES, script, share_of
from verifiers.constraints.text import code_blocks, lines, paragraphs, sentences, words

WORDS = [
    ("Don't stop", ["Don't", "stop"]),
    ("a well-known fact", ["a", "well-known", "fact"]),
    ("pi is 3.14, not 1,000", ["pi", "is", "3.14", "not", "1,000"]),
    ("e.g. the U.S.A.", ["e.g", "the", "U.S.A"]),
    ("see https://a.b/c?d=e,f now", ["see", "https://a.b/c?d=e,f", "now"]),
    ("apple,banana;cherry/date", ["apple", "banana", "cherry", "date"]),
    ("yes—no ... really--why", ["yes", "no", "really", "why"]),
    ("**bold** _it_ `x`", ["bold", "it", "x"]),
    ("* - # > | ---", []),
    ("我爱 Python。", ["我", "爱", "Python"]),
    ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
    ("한국어 문장", ["한국어", "문장"]),
    ("C++ and C#", ["C", "and", "C"]),
    ("at 12:30 on 2020-01-02", ["at", "12:30", "on", "2020-01-02"]),
    ("", []),
]
SENTENCES = [
    ("One. Two! Three? Four…", 4),
    ("Dr. Smith met Mr. Jones at 5 p.m. today.", 1),
    ("He came at 5 p.m. Then he left.", 2),
    ("J. R. R. Tolkien wrote it. So did I. Really.", 3),
    ("Plan B. It works. Vitamin C. Then D. H. Lawrence.", 4),
    ("Use tools, e.g. a saw, i.e. cut. Done.", 2),
    ("Apples, pears, etc. are fruit. Also figs, etc. They are sweet.", 3),
    ("It costs 3.50 euros. See fig. 3 and No. 7.", 2),
    ("Just say no. Then go.", 2),
    ("Visit https://a.org/x.html?q=1. Then www.b.com now!", 2),
    ('"Really?" she asked. "Yes!" He left.', 3),
    ("Wait... what? Oh... No.", 3),
    ("all small. no capitals. still three.", 3),
    ("你好。今天天气很好！对吗？", 3),
    ("彼は「行く。」と言った。", 2),
    ("A title\n\nA sentence without a stop\n\nAnother", 3),
    ("A line\nthat goes on. And ends.", 2),
    ("# Heading\nText here.\n- item one\n- item two\n1. first\n2. second", 6),
    ("***\n---\n...", 0),
    ("What?! No way!!!", 2),
    ("", 0),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences(text: str, expected: int) -> None:
    assert len(sentences(text)) == expected, sentences(text)


def test_paragraphs_and_lines_leave_out_the_blank() -> None:
    text = "\n\n a \nb\n \t\n\n\nc\n\n"
    assert paragraphs(text) == ["a \nb", "c"]
    assert lines(text) == ["a", "b", "c"]


def test_code_blocks_are_closed_and_know_their_language() -> None:
    text = "```Python\nx\n```\n~~~\n```\n~~~\n````c++\n```\n````\n```open"
    assert code_blocks(text) == [("python", "x"), ("", "```"), ("c++", "```")]


def test_keywords_are_whole_words_in_any_case() -> None:
    assert occurrences("cat", "Cat, CAT's cat-like; category concat") == 3
    assert occurs("don't", "DON’T")
    assert occurs("new york", "New\n York")
    assert occurs("C++", "in c++.")
    assert not occurs("C", "CC")
    assert occurs("天气", "今天天气很好")
    assert not occurs("हिन्द", "हिन्दी")


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_a_blank_line_always_divides(left: str, right: str) -> None:
    both = f"{left}\n\n{right}"
    assert words(both) == words(left) + words(right)
    assert len(sentences(both)) == len(sentences(left)) + len(sentences(right))


@given(st.text(alphabet="aB.!? \n\"'-*1", max_size=60))
@settings(max_examples=200, deadline=None)
def test_sentences_lose_no_word(text: str) -> None:
    joined = [word for sentence in sentences(text) for word in words(sentence)]
    assert len(joined) <= len(words(text))
    # Only the number of a list item is left out of its sentence.
    assert [word for word in joined if not word.isdigit()] == [w for w in words(text) if not w.isdigit()]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_samples_are_in_the_script_they_stand_under(name: str) -> None:
    assert share_of(" ".join(SAMPLES[name]), [name]) == 1.0


def test_every_language_has_known_scripts() -> None:
    assert all(set(of) <= SAMPLES.keys() for _, of in LANGUAGES.values())
    assert script("ａ") == "LATIN"
    assert script("ー") == "KATAKANA"
    assert script("3") is None
    assert share_of("123", ["LATIN"]) == 0.0
