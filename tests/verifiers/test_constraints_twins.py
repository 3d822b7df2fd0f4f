"""Every constraint accepts a response and rejects its near miss, both written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from verifiers.constraints import CONSTRAINTS, constraint


def counted(name: str, relation: str, count: int, **rest: Any) -> dict[str, Any]:
    return {"id": name, "relation": relation, "count": count, **rest}


TABLE = "| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |"
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}, "name": {"type": "string"}},
    "required": ["x"],
    "additionalProperties": False,
}

#: A row, a response that follows it, and a near miss that does not.
TWINS: list[tuple[dict[str, Any], str, str]] = [
    # lengths
    (counted("length:words", "at least", 3), "Don't well-known 3.14", "Don't well-known"),
    (counted("length:words", "at most", 3), "one two three", "one two three four"),
    (counted("length:words", "less than", 3), "one two", "one two three"),
    (counted("length:words", "more than", 3), "one two three four", "one two three"),
    (counted("length:words", "between", 2, most=3), "one two three", "one two three four"),
    (counted("length:words", "between", 2, most=3), "one two", "one"),
    (counted("length:words", "exactly", 4), "我爱北京", "我爱北京。你"),
    (
        counted("length:sentences", "exactly", 2),
        "Dr. Smith paid $3.50. He left.",
        "He paid. He left. He won.",
    ),
    (counted("length:paragraphs", "exactly", 2), "a\n \n\nb", "a\nb"),
    (counted("length:lines", "at most", 2), "a\n\nb\n", "a\nb\nc"),
    (counted("length:characters", "exactly", 5), " añb c\n", "ab c"),
    (counted("length:different_words", "less than", 3), "The the THE cat", "The cat sat"),
    ({"id": "length:sentence_words", "most": 3}, "One two three. Four five.", "One two three four. Five."),
    ({"id": "length:paragraph_words", "most": 2}, "One two.\n\nThree four.", "One two.\nThree four."),
    ({"id": "length:paragraph_sentences", "count": 2}, "We go. Who? \n\nMe! Yes", "We go. So.\n\nYes."),
    ({"id": "length:word_letters", "most": 5}, "Short words, only!", "Longer words"),
    (counted("length:divided_paragraphs", "exactly", 2), "a\n\n***\n\nb", "a\n\n***\n\n***\n\nb"),
    # keywords
    (
        {"id": "keywords:include", "keywords": ["cat", "big dog"]},
        "A Cat-like BIG\ndog.",
        "A category; big cat, dog.",
    ),
    ({"id": "keywords:exclude", "keywords": ["cat"]}, "A category.", "No Cat's here."),
    (counted("keywords:count", "exactly", 2, word="cat"), "Cat, cat, concat", "cat"),
    ({"id": "keywords:in_order", "keywords": ["one", "two"]}, "two, one, then two", "two and then one"),
    ({"id": "keywords:each_sentence", "word": "cat"}, "A cat. My cat!", "A cat. A category."),
    ({"id": "keywords:nth_sentence", "nth": 2, "word": "cat"}, "Dog. Cat.", "Cat. Dog."),
    # letters
    (counted("keywords:letter", "at least", 3, letter="E"), "Eel eye", "Eel"),
    (counted("keywords:letter", "exactly", 1, letter="#"), "a # b", "## b"),
    ({"id": "keywords:no_letter", "letter": "e"}, "A lipogram is fun", "THE END"),
    ({"id": "keywords:initials", "letter": "s"}, "Silly songs - 'so' sad", "Silly old songs"),
    ({"id": "keywords:adjacent_initials"}, "The cat saw the Dog.", "The cat saw the Tall dog."),
    (counted("keywords:palindromes", "exactly", 2), "Madam, a Kayak!", "Madam, a canoe I saw"),
    ({"id": "keywords:no_repeated_lines"}, "La la\n\nla la la\n---\n---", "La la\nso\n\n  la la"),
    ({"id": "keywords:no_repeats"}, "The cat saw a dog", "The cat saw the dog"),
    ({"id": "keywords:phrase", "phrase": "Time flies"}, "He said: Time\nflies.", "He said: time flies."),
    # formats
    (counted("format:bullets", "exactly", 2), "So:\n* a\n  - b\n---", "* a\n-b\n* * *"),
    (counted("format:numbered", "exactly", 2), "1. a\n\n2) b\n\nin 2020. Or", "1. a\n3. b"),
    (counted("format:highlights", "at least", 2), "*a* and **b c**", "* a\n* b\n5 * 3 * 2 ****"),
    ({"id": "format:title"}, "<<Ode>>\nbody", "<< >>\n<Ode>"),
    (
        counted("format:sections", "at least", 2, header="Section"),
        "## Section 1\na\nSection 2: b",
        "Section 1\nsee Section 2",
    ),
    (counted("format:headings", "exactly", 1, level=2), "## A\n### B", "##A\n# B"),
    (
        counted("format:placeholders", "at least", 2),
        "[name] of [home address]",
        "[name] [] [link](http://x) - [x]",
    ),
    (
        {"id": "format:postscript", "marker": "P.S."},
        "Bye.\n\nP. S. Write!\n\nP.P.S. Soon",
        "P.S. Hi.\n\nBye.",
    ),
    ({"id": "format:postscript", "marker": "P.P.S"}, "Bye.\n\np.p.s. Write!", "Bye.\n\nP.S. Write"),
    # structured
    ({"id": "format:json"}, '```json\n{"a": [1, null]}\n```', '{"a": [1, null],}'),
    ({"id": "format:json", "top": "object"}, "{}", "[]"),
    ({"id": "format:json_schema", "schema": POINT}, '{"x": 1}', '{"x": "1"}'),
    (counted("format:code_blocks", "exactly", 1, language="python"), "```Python\nx\n```", "```python\nx"),
    ({"id": "format:table", "columns": 2, "rows": 2}, f"So:\n\n{TABLE}", TABLE.rpartition("\n")[0]),
    (counted("format:quote_lines", "at least", 1), "> so", ">\na > b"),
    (counted("format:tasks", "exactly", 2), "- [ ] a\n* [X] b", "- [ ] a\n- [] b"),
    # language and case
    ({"id": "language:script", "language": "ja"}, "猫がテーブルにいる。", "猫在桌子上。"),
    (
        {"id": "language:script", "language": "ru"},
        "Я пишу программы на Python каждый день",
        "Ya pishu каждый",
    ),
    ({"id": "case:lower"}, "all small, 3 of them", "all Small"),
    ({"id": "case:upper", "language": "en"}, "ALL BIG", "ВСЁ БОЛЬШОЕ"),
    (counted("case:capital_words", "exactly", 2), "I like NASA Very much", "I like Nasa"),
    ({"id": "case:title"}, "The 3rd Man", "The third Man"),
    # places
    ({"id": "start:phrase", "phrase": "As I see it"}, "as I  see it, yes", "As I see italics"),
    ({"id": "end:phrase", "phrase": "The end."}, 'It is over. "The End."', "The end. Really"),
    ({"id": "start:paragraph", "nth": 2, "word": "so", "paragraphs": 2}, "a\n\n**So**, b", "a\n\nsome b"),
    ({"id": "start:lines", "phrase": "I"}, "I am\n\ni was", "I am\nIt was"),
    ({"id": "start:repeat_prompt", "prompt": "Why is it so?"}, "why is it so? Because.", "Why is it so?"),
    ({"id": "wrap:quotation"}, '"He said "no" to me."', '"Yes" and "no"'),
    ({"id": "wrap:quotation"}, "„Ja“", "'Ja'"),
    ({"id": "wrap:tag", "name": "note"}, " <note>hi</note>\n", "<note>hi</note>!"),
    # punctuation
    ({"id": "punctuation:no_commas"}, "so; and so", "1,000"),
    ({"id": "punctuation:exclude", "marks": ["!", "?"]}, "so.", "so?"),
    (counted("punctuation:count", "at most", 1, mark="!"), "so!", "so!!"),
    ({"id": "punctuation:sentence_ends", "mark": "?"}, 'Who? "Me?"', "Who? Me."),
    ({"id": "content:no_digits"}, "three", "٣"),
    (counted("content:numbers", "exactly", 2), "1,000.5 at 12:30", "1 2 3"),
    # the whole
    ({"id": "combination:two_responses"}, "a\n******\nb", "a\n******\nA"),
    ({"id": "combination:options", "options": ["Yes.", "No."]}, "yes", "Yes and no."),
    ({"id": "combination:options", "options": ["yes", "no"], "entire": False}, "I say yes!", "yes or no"),
]


@pytest.mark.parametrize(("row", "accepted", "rejected"), TWINS)
def test_accepts_the_response_and_rejects_its_twin(row: dict[str, Any], accepted: str, rejected: str) -> None:
    asked = constraint(row)
    right, wrong = asked.check(accepted), asked.check(rejected)
    assert right.status == "correct", right
    assert wrong.status == "incorrect", wrong
    assert right.method == wrong.method == row["id"]
    assert right.reason
    assert wrong.reason


def test_every_constraint_has_a_twin() -> None:
    assert {row["id"] for row, _, _ in TWINS} == set(CONSTRAINTS)
    assert len(CONSTRAINTS) >= 40


@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_an_empty_response_follows_nothing(name: str) -> None:
    asked = next(constraint(row) for row, _, _ in TWINS if row["id"] == name)
    assert {asked.check(text).status for text in ("", " \n\t ")} == {"malformed"}
