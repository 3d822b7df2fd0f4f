"""What is turned down without a model: quotes not there, answers without ground, dangling questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.recipes.shared.grounding import (
    LEANS,
    content_words,
    fault_of,
    find_quote,
    is_question,
    numbers_in,
    sentences_of,
)

SOURCE = (
    "The lighthouse at Skerry Point was built in 1874 by the engineer Agnes Thorne. It is 31 metres tall.\n"
    "From the door to the lantern there are “168 steps” – all of granite. The lamp was changed to elec-\n"
    "tricity in 1958, and the cistern holds 9,000 litres. Two keepers live there."
)
QUOTE = "was built in 1874 by the engineer Agnes Thorne"
QUESTION = "Who built the lighthouse at Skerry Point?"
ANSWER = "It was built by the engineer Agnes Thorne."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        (QUOTE, QUOTE),
        ("  WAS built\nin 1874 ", "was built in 1874"),
        ('"It is 31 metres tall."', "It is 31 metres tall"),
        ('there are "168 steps" - all', "there are “168 steps” – all"),
        ("changed to electricity in 1958", "changed to elec-\ntricity in 1958"),
        ("changed to elec-tricity", "changed to elec-\ntricity"),
        ("built in 1875", None),
        ("ight house at Skerry", None),
        ("lighthouse at Sker", None),
        ("tall From the lantern", None),
        ("", None),
        ("...", None),
    ],
)
def test_a_quote_is_found_word_for_word_but_for_its_looks(quote, found):
    place = find_quote(quote, SOURCE)
    assert (place.text if place else None) == found
    if place:
        assert SOURCE[place.start : place.end] == found


@pytest.mark.parametrize(
    ("quote", "source", "found"),
    [
        ("about 5 degrees at night", "It was about -5 degrees at night.", False),
        ("some 1020 people came", "In all some 10-20 people came.", False),
        ("some 1020 people came", "In all some 10-\n20 people came.", False),
        ("the player resigned in May", "In fact the player re-signed in May.", False),
        ("a well-known electric bell", "It is a well-\nknown elec- tric bell.", True),
        ("an electric bell", "It is an elec\u00ad\ntric bell.", True),
        ("the caf\u00e9 is open", "Today the cafe\u0301 is open.", True),
    ],
)
def test_a_hyphen_is_only_missing_where_a_line_ends_and_an_accent_is_of_its_letter(quote, source, found):
    assert (find_quote(quote, source) is not None) is found


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_what_is_found_lies_where_it_says(source, start, length):
    place = find_quote(source[start : start + length], source)
    assert place is None or (place.text == source[place.start : place.end] and place.text.strip())


@given(st.lists(st.sampled_from(["tide", "Bell", "42", "well-known", "d’eau", "ÉTÉ"]), min_size=1), st.data())
def test_words_in_a_row_are_always_a_quote(words, data):
    source = "  ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    assert find_quote(" ".join(words[first:last]).upper(), source) is not None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"quote": "was built by Queen Mary in 1874"}, "quote not in the source"),
        ({"quote": "Agnes Thorne"}, "quote too short"),
        ({"answer": " "}, "empty"),
        ({"question": "Skerry Point"}, "not a question"),
        ({"question": "The lighthouse was built by Agnes Thorne."}, "not a question"),
        ({"question": "Name the engineer of the lighthouse."}, None),
        ({"question": "What does the passage say about the lighthouse?"}, "not self-contained"),
        ({"answer": "According to the text, Agnes Thorne built it."}, "not self-contained"),
        ({"answer": "Agnes Thorne built it in 1875."}, "number not in the source"),
        ({"answer": "Agnes Thorne built it; it is 31 metres tall."}, None),
        ({"answer": "Yes."}, "answer not supported"),
        ({"answer": "Penguins, mostly, and some whales near Norway."}, "answer not supported"),
        (
            {"answer": "An engineer of penguins, whales, glaciers, volcanoes and moons."},
            "answer not supported",
        ),
        ({"question": "When was the lighthouse built?", "answer": "1874"}, None),
        ({"answer": "Agnes Thorne was the one."}, None),
    ],
)
def test_a_pair_is_kept_or_turned_down_for_a_reason(changes, fault):
    pair = {"question": QUESTION, "answer": ANSWER, "quote": QUOTE, **changes}
    assert fault_of(pair["question"], pair["answer"], pair["quote"], SOURCE) == fault


def test_a_question_that_comes_with_its_source_may_speak_of_it():
    asked = ("What does the passage say about the engineer?", ANSWER, QUOTE, SOURCE)
    assert fault_of(*asked) == "not self-contained"
    assert fault_of(*asked, alone=False) is None


@pytest.mark.parametrize(
    "question",
    [
        "What is stated above?",
        "According to the passage, who came?",
        "Who is the main character in the text?",
        "What does the author think?",
        "What is mentioned in the document?",
        "As described above, what is it?",
        "What is this paragraph about?",
        "What does this section list?",
    ],
)
def test_questions_that_lean_on_their_source_are_known(question):
    assert LEANS.search(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the context window of a model?",
        "Who is the author of Hamlet?",
        "Which document must a pilot sign?",
        "What is an article of clothing?",
        "How do I passage a horse?",
        "In which text editor was it written?",
        "What lies above the clouds?",
    ],
)
def test_questions_that_only_sound_so_are_kept(question):
    assert not LEANS.search(question)


def test_numbers_are_compared_by_value():
    assert numbers_in("9,000 litres in two hours, 3.50 each on 1.2.2024, 007") == {
        *("9000", "2", "3.5", "1.2.2024", "7")
    }


def test_content_words_say_what_a_text_is_about():
    assert content_words("The keepers were keeping the lights.") == {"keep", "light"}
    assert content_words("灯台守") == {"灯台", "台守"}


def test_scripts_without_spaces_are_quoted_and_asked_in_too():
    source = "灯台は一八七四年に建てられ、高さは三十一メートルである。"
    assert find_quote("一八七四年に建てられ", source) is not None
    assert is_question("灯台の高さは？")
    assert (
        fault_of("灯台の高さはいくつ？", "高さは三十一メートルである。", "高さは三十一メートルである", source)
        is None
    )


def test_sentences_to_ask_about_are_those_of_paragraphs():
    text = "# A heading of several words\n\nIt is a long sentence. Short.\n\n| a | b |\n\n"
    text += "```\ncode is no sentence here\n```\n"
    assert sentences_of(text) == ["It is a long sentence."]
