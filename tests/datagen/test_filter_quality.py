"""Quality filters: each turns down what it is for, and lets look-alikes be; shares agree with the "
"definitions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusal_examples import ANSWERS, REFUSALS

from datagen.filters.echoes import MetaTalk, TemplateEcho, WordingEcho
from datagen.filters.endings import Truncated, reached_limit
from datagen.filters.quality import Empty, Encoding, Length, Symbols
from datagen.filters.refusals import Refusal, is_refusal
from datagen.filters.register import default_filters
from datagen.filters.repetition import Loop, Repetition, loop_period, repeated_share, top_share
from datagen.problems import families, generate, instruction_row
from schemas import Row


def row(answer: str, question: str = "What do you think of it, and why?", **meta: Any) -> Row:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **({"meta": meta} if meta else {})}


def reason(verdict: Any) -> str | None:
    return None if verdict is True else verdict[1]


# Refusals


@pytest.mark.parametrize("answer", REFUSALS)
def test_a_refusal_is_one(answer: str) -> None:
    assert Refusal()(row(answer)) == (False, "refusal")


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_only_looks_like_a_refusal_is_kept(answer: str) -> None:
    assert Refusal()(row(answer)) is True


def test_there_are_enough_examples_of_both() -> None:
    assert len({*REFUSALS}) >= 100
    assert len({*ANSWERS}) >= 100
    assert not {*REFUSALS} & {*ANSWERS}


def test_an_answer_that_begins_like_a_refusal_and_then_answers_is_kept() -> None:
    begun = "As an AI language model, I don't have taste buds, but here is a recipe: "
    assert not is_refusal(begun + "boil the pasta, fry the garlic in oil, " * 8)
    assert not is_refusal("I'm sorry, but I can't run code. ```python\nprint(1)\n```")
    assert is_refusal("I'm sorry, but I can't help with that.")


def test_the_rejected_answer_of_a_pair_may_refuse_and_the_chosen_may_not() -> None:
    refusal, answer = ([{"role": "assistant", "content": text}] for text in (REFUSALS[0], "Paris."))
    prompt = [{"role": "user", "content": "Capital of France?"}]
    assert Refusal()({"prompt": prompt, "chosen": answer, "rejected": refusal}) is True
    assert Refusal()({"prompt": prompt, "chosen": refusal, "rejected": answer}) == (False, "refusal")


# Endings

CUT = {
    "The cat sat on the mat. Then it went to the": "cut off: no end of sentence",
    "It rained. The streets were empty and cold, and nobody wanted to leave home": "cut off: no end of "
    "sentence",
    "First we add 3 and 4, which gives 7, and then 7 + 5 =": "cut off: no end of sentence",
    "Use a loop:\n\n```python\nfor x in range(3):\n    print(x)": "cut off: open code fence",
    "So the answer is \\boxed{12": "cut off: open \\boxed{",
    "\\begin{aligned} x &= 1 \\\\ y &= 2": "cut off: open environment",
    "The result is\n\\[ x = 3": "cut off: open formula",
    "The result is\n$$\nx = 3": "cut off: open formula",
    '{"name": "Ann", "tags": ["a", "b"': "cut off: open bracket",
    "He said of the house they saw that it is a": "cut off: no end of sentence",
    "The result is\n\\\\\\[ x = 3": "cut off: open formula",
    "He sold them (all of the red ones and": "cut off: open bracket",
    "Half of 48 is <<48/2=2": "cut off: open bracket",
    "<think>Let me see. 3 + 4 is 7.": "cut off: open think tag",
}
WHOLE = (
    "Paris",
    "Apples, pears and plums",
    "The answer is 7.",
    "Natalia sold 24 clips in May.\n#### 72",
    "- one\n- two\n- three",
    "1. Boil water\n2. Add the pasta\n3. Wait for ten minutes and stir now and then",
    "x = 3",
    "The interval is [0, 1) and the other is (2, 3].",
    "I am happy :) and so is she ;-)",
    "a) red b) blue c) green",
    "```python\nprint('(')\n```",
    "Use `(` to open a group.",
    "Roses are red,\nViolets are blue,\nSugar is sweet\nAnd so are you",
    "So \\boxed{\\frac{1}{2}}",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "He said: \u201cCome in.\u201d",
    "今天天气很好。",
    "Dear Ann,\n\nThank you for the flowers.\n\nYours,\nBob",
    "def f(x):\n    return x + 1",
    "f(x) = (2x + 5)(3x - 8)",
    "It costs $$5 or so, he said.",
    "Write `\\[` or `\\(` before a formula, and `$$` too.",
    "```sh\nsed 's/\\[x/y/' file\necho $$\n```",
    "\\begin{aligned} x &= 1 \\\\[2pt] y &= 2 \\end{aligned}",
    "Of the four that are given the right one is option a",
    "The line through both of the points has the distance between x and y",
    "Every one of the elements of B is also in the set A",
)


@pytest.mark.parametrize(("answer", "why"), CUT.items())
def test_what_is_cut_off_is_turned_down(answer: str, why: str) -> None:
    assert Truncated()(row(answer)) == (False, why)


@pytest.mark.parametrize("answer", WHOLE)
def test_what_is_whole_is_kept(answer: str) -> None:
    assert Truncated()(row(answer)) is True


def test_an_answer_that_reached_its_limit_goes_wherever_meta_says_so() -> None:
    assert Truncated()(row("Paris.", finish_reason="length")) == (False, "cut off: reached its limit")
    assert Truncated(finish_reason=False)(row("Paris.", finish_reason="length")) is True
    assert Truncated()(row("Paris.", finish_reason="stop")) is True
    assert reached_limit({"answers": {"chosen": {"stop_reason": "max_tokens"}}})
    assert reached_limit({"finish_reason": ["stop", "length"]})


def test_a_question_for_a_boxed_answer_must_have_one() -> None:
    question = "What is 2 + 2? Put the answer in \\boxed{}."
    assert Truncated()(row("It is 4.", question)) == (False, "cut off: no \\boxed{}")
    assert Truncated()(row("It is \\boxed{4}.", question)) is True


def test_an_ending_that_every_answer_must_have() -> None:
    of_gsm8k = Truncated(ending="#### [0-9.,-]+$")
    assert of_gsm8k(row("It is 4.\n#### 4")) is True
    assert of_gsm8k(row("It is 4.")) == (False, "cut off: another ending")


def test_strict_asks_prose_for_a_full_stop() -> None:
    answer = "the quick brown fox jumps over the lazy dog"
    assert Truncated()(row(answer)) is True
    assert Truncated(strict=True)(row(answer)) == (False, "cut off: no end of sentence")


# Echoes

ECHOES = (
    "Paris.<|im_end|>",
    "<|im_start|>assistant\nParis.",
    "[INST] Capital? [/INST] Paris.",
    "### Response:\nParis.",
    "Paris.</s>",
    "<start_of_turn>model\nParis.",
    "<\uff5cAssistant\uff5c>Paris.",
    "Paris. <|eot_id|>",
    "Paris is it.\n\n### Instruction:\nWrite a poem.",
)
NO_ECHOES = (
    "Use `<|im_end|>` to end a turn.",
    "```\n<|im_start|>user\n```",
    "The old price <s>10 euros</s> is now 8.",
    "### Results\nAll is well.",
    "a[i] < s and s > t",
    "The matrix is [1, 2].",
)


@pytest.mark.parametrize("answer", ECHOES)
def test_turn_marks_of_chat_templates_are_turned_down(answer: str) -> None:
    assert TemplateEcho()(row(answer)) == (False, "chat template in the text")


@pytest.mark.parametrize("answer", NO_ECHOES)
def test_code_and_html_are_no_turn_marks(answer: str) -> None:
    assert TemplateEcho()(row(answer)) is True


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        ("Where is Rome?", "Assistant: In Italy.", "speakers in the answer"),
        ("Where is Rome?", "In Italy.\nUser: And Oslo?\nAssistant: In Norway.", "speakers in the answer"),
        ("Write a dialogue.", "User: Hi.\nAssistant: Hello.", None),
        ("Where is Rome?", "Dear [Your Name], in Italy.", "unfilled placeholder"),
        ("Where is Rome?", "It is in {{ country }}.", "unfilled placeholder"),
        ("Write a letter to my landlord.", "Dear [Landlord's Name], ... [Your Name]", None),
        ("How does Jinja print a name?", "With {{ name }}.", None),
        ("What is x?", "x^{{2}} and \\frac{{a}}{{b}}", None),
        ("How is it counted?", "It adds one to d[name] and values[position] each time.", None),
        ("What does it print?", "Output: 5", None),
        ("See here.", "It is [here](https://example.org).", None),
        ("Where is the city of Rome?", "where is the city of rome", "question as the answer"),
        ("Where is the city of Rome?", "The city of Rome is in Italy.", None),
    ],
)
def test_speakers_slots_and_repeated_questions(question: str, answer: str, why: str | None) -> None:
    assert reason(TemplateEcho()(row(answer, question))) == why


@pytest.mark.parametrize(
    "text",
    [
        "Here is the rewritten prompt: Who wrote Emma?",
        "Sure! Here's a more complex version of the question:\nWho wrote Emma?",
        "#Rewritten Prompt#: Who wrote Emma?",
        "Rewritten prompt: Who wrote Emma?",
        "Here are 5 new instructions:\n1. Sing.",
        "I have rewritten the prompt to be harder. Who wrote Emma?",
        "The winner is [[A]].",
    ],
)
def test_talk_about_the_task_is_turned_down_in_questions_and_answers(text: str) -> None:
    assert MetaTalk()(row("Jane Austen.", text)) == (False, "talk about the task")
    assert MetaTalk()(row(text, "Who wrote the novel Emma?")) == (False, "talk about the task")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Rewrite this prompt: Who wrote Emma?", "Here is the rewritten prompt: Which author wrote Emma?"),
        ("Who wrote Emma?", "Here is what I know: Jane Austen did."),
        ("Give the matrix.", "It is [[2, -1], [-1, 2]], and the other [[1]]."),
        ("Who wrote Emma?", "Here are the facts about the author: Jane Austen was born in 1775."),
    ],
)
def test_an_answer_that_was_asked_for_is_no_talk(question: str, answer: str) -> None:
    assert MetaTalk()(row(answer, question)) is True


def test_the_wording_of_a_recipe_in_an_answer_is_turned_down(tmp_path: Path) -> None:
    said = (
        "Rewrite the instruction below so that it is harder to follow, but do not make it longer than needed."
    )
    (tmp_path / "evolve.md").write_text(f"# evolve\n\n## user\n{said}\n\n{{{{ instruction }}}}\n")
    echo = WordingEcho(words=8, wording=tmp_path)
    assert echo(row(f"Sure. {said.upper()}")) == (False, "wording of a recipe")
    assert echo(row("Rewrite the instruction below.")) is True
    assert echo(row(said, question=said)) is True


# Repetition


@given(st.lists(st.sampled_from(["ab", "cd", "efg", "h"]), min_size=1, max_size=40), st.integers(2, 6))
def test_shares_of_phrases_agree_with_their_definitions(words: list[str], n: int) -> None:
    grams = [tuple(words[at : at + n]) for at in range(len(words) - n + 1)]
    total = sum(map(len, words))
    counts = Counter(grams)
    most = max(counts.values(), default=0)
    top = max((sum(map(len, gram)) * count for gram, count in counts.items() if count == most > 1), default=0)
    assert top_share(words, n) == pytest.approx(top / total)
    again = {place for at, gram in enumerate(grams) if gram in grams[:at] for place in range(at, at + n)}
    # A word that a counted n-gram has covered is not counted again; an n-gram that began before counts whole.
    assert repeated_share(words, n) == pytest.approx(sum(len(words[place]) for place in again) / total)


@given(st.text("abc ", min_size=1, max_size=12), st.integers(4, 30), st.integers(0, 11))
def test_a_loop_is_found_wherever_it_is_cut(unit: str, repeats: int, cut: int) -> None:
    text = f"Once upon a time. {unit * repeats}"
    text = text[: len(text) - cut % len(unit)].rstrip()
    looped = text[len("Once upon a time. ") :]
    found = loop_period(text, min_repeats=3, min_characters=12)
    if len(unit.strip()) and len(looped) >= max(12, 3 * len(unit)) and any(map(str.isalnum, unit)):
        assert 0 < found <= len(unit)


@given(st.text(max_size=400))
def test_what_is_called_a_loop_repeats(text: str) -> None:
    if period := loop_period(text):
        tail = text.rstrip()
        assert tail.endswith(tail[-period:] * 4)


def test_repetition_names_what_is_repeated() -> None:
    line = "The end is near and we all know it.\n"
    assert reason(Repetition()(row(line * 6))) == "repeated lines"
    assert reason(Loop()(row("I think that " + "it is so and " * 9))) == "loops at the end"
    one = " ".join(f"word{n} all the same" for n in range(40))
    assert reason(Repetition()(row(one))) in ("one phrase over and over", "repeated phrases")
    assert Repetition()(row(" ".join(f"word{n}" for n in range(200)))) is True
    assert Loop()(row("-" * 80)) is True


def test_code_and_numbers_may_repeat_themselves() -> None:
    closing = "    }\n    return;\n" * 6
    code = f"So it is done:\n```c\n{closing}\n```\nThat is all there is to it."
    assert Repetition()(row(code)) is True
    assert reason(Repetition()(row(closing))) == "repeated lines"
    comments = "It is done like this:\n" + "```python\n" + "# a\nx[...] = 1\n" * 12 + "```"
    assert Symbols()(row(comments)) is True
    assert Loop()(row("1/7 is 0." + "142857" * 14)) is True
    assert Loop()(row("The matrix is\n" + "0 0 0 0 0 0\n" * 6)) is True
    assert reason(Loop()(row("1/7 is 0." + "142857" * 90))) == "loops at the end"


# Measures


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (" ", "empty answer"),
        ("...", "empty answer"),
        ("N/A", "empty answer"),
        ("+", None),
        ("7", None),
        ("None of them.", None),
        ("👍", None),
        ("[]", None),
        ("*", None),
        ("---", "empty answer"),
    ],
)
def test_an_answer_must_say_something(answer: str, why: str | None) -> None:
    assert reason(Empty()(row(answer))) == why


def test_an_empty_question_goes_and_running_text_needs_none() -> None:
    assert Empty()(row("Yes.", " ")) == (False, "empty question")
    assert Empty()({"text": "Once."}) is True


def test_length_counts_what_it_is_told_to() -> None:
    assert reason(Length(min_answer=3)(row("Two words"))) == "answer too short"
    assert reason(Length(max_answer=2)(row("now three words"))) == "answer too long"
    assert reason(Length(min_question=20)(row("x"))) == "question too short"
    assert reason(Length(unit="characters", max_answer=3)(row("four"))) == "answer too long"
    assert reason(Length(unit="tokens", max_answer=5)(row("x" * 40))) == "answer too long"
    assert reason(Length(min_answer=5)({"text": "two words"})) == "text too short"
    assert Length(min_answer=4, max_answer=4)(row("你好世界")) is True


@pytest.mark.parametrize(
    "text", ["café", "naïve", "it’s", "“so”", "5 €", "Größe", "año", "Привет, мир", "你好"]
)
def test_utf8_read_as_another_encoding_is_found_and_the_text_itself_is_not(text: str) -> None:
    misread = text.encode().decode("cp1252", errors="ignore")
    assert Encoding()(row(f"So: {text}.")) is True
    assert reason(Encoding()(row(f"So: {misread}."))) in ("misread characters", "control characters")


@pytest.mark.parametrize(
    "text", ["“IRMÔ", "NÃO!", "São Tomé", "Ångström", "Â", "àâäæçéèêëîïôœùûüÿ ÀÂÄÆÇÉÈÊËÎÏÔŒÙÛÜŸ"]
)
def test_capital_letters_with_accents_are_not_damage(text: str) -> None:
    assert Encoding()(row(text)) is True


@pytest.mark.parametrize("bad", ["\ufffd", "\x00", "\x1b[0m", "(cid:12)", "\ue000", "\x85a\x90"])
def test_lost_and_control_characters_are_damage(bad: str) -> None:
    assert Encoding()(row(f"So {bad} it is")) is not True


def test_symbols_after_gopher() -> None:
    words = "so it goes on and on, "
    assert reason(Symbols()(row((words + "... ") * 8))) == "too many symbols"
    assert reason(Symbols(max_bullet_lines=0.9)(row("- so it goes on\n" * 10))) == "nothing but bullets"
    assert reason(Symbols(min_lettered=0.8)(row("1 2 3 4 5 6 7 8 9 10 " * 3))) == "too few words with letters"
    assert reason(Symbols()(row((words + words + "and then we...\n") * 6))) == "lines left open"
    assert (
        Symbols()(row("ln(1 + u) = u - u^2/2 + u^3/3 - ...\n" * 3 + "It is so and so it is, at last. " * 3))
        is True
    )


# All together


def test_our_own_problems_with_their_solutions_survive() -> None:
    rows = [instruction_row(problem) for problem in generate([*families()], [1, 2, 3, 4, 5], 2000, seed=11)]
    filters = default_filters("instruction")
    lost = [name for one in rows for name, looks in filters.items() if looks(one) is not True]
    assert Counter(lost).keys() <= {"repetition"}
    assert len(lost) <= 0.01 * len(rows)


@given(st.sampled_from(["corpus", "instruction"]), st.text(min_size=1, max_size=300))
def test_no_text_breaks_a_filter(kind: str, text: str) -> None:
    one = {"text": text} if kind == "corpus" else row(text, text[::-1])
    for looks in default_filters(kind).values():
        verdict = looks(one)
        assert verdict is True or (verdict[0] is False and verdict[1])


@pytest.mark.parametrize(
    "filler", ["(", "I can't ", "a ", "\\(", "`", "{{", "[[", "1 ", "<", "I'm sorry, but ", "- "]
)
def test_no_text_makes_a_filter_slow(filler: str) -> None:
    import time

    long = row(filler * (40_000 // len(filler)), filler * 4_000)
    started = time.process_time()
    for looks in default_filters("instruction").values():
        looks(long)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "other", [{"prompt": {"kind": "riddle"}, "city": "Rome"}, {"text": 5, "city": "Rome"}, {"city": "Rome"}]
)
def test_of_a_row_of_no_known_kind_all_texts_are_looked_at(other: Row) -> None:
    assert all(looks(other) is True for looks in default_filters("instruction").values())
    assert Empty()({"city": "..."}) == (False, "empty answer")
    echo = (False, "chat template in the text")
    assert (
        TemplateEcho()({**other, "name": "Ann <|im_end|>"}) == TemplateEcho()({"prompt": "[INST] Hi"}) == echo
    )
    assert Length(max_answer=1)({**other, "name": "Ann"}) == (
        False,
        f"{'text' if 'text' in other else 'answer'} too long",
    )
