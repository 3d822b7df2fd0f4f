"""The recipe `documents`: pairs by schema or by steps, kept when grounded, every piece visited in turn."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_engine import ReadingEngine, knows
from scripted_engine import CUT_OFF

from datagen.commands.documents import dropped, read_personas
from datagen.documents.chunks import Chunk
from datagen.recipes.documents import Asking, documents, first_line, question_key, visits
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.wording import wording
from datagen.runs.journal import Journal, Outcome
from datagen.runs.keeping import Distinct
from datagen.runs.run import run
from schemas import UserError
from schemas.check import check_row

TEXT = (
    "# The tower\n\nThe lighthouse was built in 1874 by Agnes Thorne. It has 168 steps to the lantern.\n"
    "The cistern holds 9,000 litres of rain water.\n\n"
)
PIECE = Chunk(
    "h-1", "handbook.pdf", "h" * 64, ("Light", "The tower"), "page 1", 100, 100, 100 + len(TEXT), TEXT
)
GOOD = {
    "quote": "the lighthouse was built in 1874 by agnes thorne",
    "question": "Who built the lighthouse?",
    "answer": "Agnes Thorne built it in 1874.",
}
STEPS = {
    "quote": "It has 168 steps to the lantern.",
    "question": "How many steps does the lighthouse have?",
    "answer": "It has 168 steps to the lantern.",
}
INVENTED = {**GOOD, "quote": "The lighthouse was painted red in 1901."}
LEANING = {**GOOD, "question": "Who built it according to the text?"}
ASKING = Asking(wording("documents"), Sampling(1))


def asked(folder: Path, answers: list[str], *facts: str, **options: object) -> tuple[Outcome, ReadingEngine]:
    """What becomes of the piece when these answers come, one after the other, the last again and again."""
    left = list(answers)
    engine = ReadingEngine(lambda text, request, number: left.pop(0) if len(left) > 1 else left[0])
    with Journal(folder / "journal") as journal:
        knows(journal, engine, *facts)
        (outcome,) = run(documents, [PIECE], engine, journal, options=replace(ASKING, **options))
    return outcome, engine


def said(*turns: dict[str, str]) -> str:
    return json.dumps({"pairs": turns})


def test_a_grounded_pair_is_a_row_that_says_where_its_quote_stands(tmp_path):
    outcome, engine = asked(tmp_path, [said(GOOD)], "schema")
    (row,) = outcome.rows
    assert check_row(row, "instruction") == []
    assert [turn["content"] for turn in row["messages"]] == [GOOD["question"], GOOD["answer"]]
    (quote,) = row["meta"]["quotes"]
    assert quote["text"] == "The lighthouse was built in 1874 by Agnes Thorne"
    start = PIECE.start + TEXT.index("The lighthouse")
    assert (quote["start"], quote["end"]) == (start, start + len(quote["text"]))
    assert row["meta"]["source"] == {
        "document": "handbook.pdf",
        "document_hash": "h" * 64,
        "headings": ["Light", "The tower"],
        "place": "page 1",
        "start": 100,
        "end": PIECE.end,
    }
    assert (row["meta"]["route"], row["meta"]["recipe"]) == ("schema", "documents")
    assert engine.requests[0].schema is not None
    assert row["meta"]["seed"] == engine.requests[0].sample_seeds[row["meta"]["sample"]]
    prompt = "\n".join(message["content"] for message in engine.requests[0].messages)
    assert TEXT.strip() in prompt
    assert "handbook.pdf (Light > The tower)" in prompt


def test_of_several_pairs_the_grounded_are_kept_and_the_others_counted(tmp_path):
    outcome, _ = asked(tmp_path, [said(GOOD, INVENTED, LEANING, STEPS, INVENTED)], "schema", pairs=5)
    assert [row["meta"]["question"] for row in outcome.rows] == [GOOD["question"], STEPS["question"]]
    assert dropped([outcome]) == {"quote not in the source": 2, "not self-contained": 1}


def test_a_piece_without_a_grounded_pair_is_rejected_with_the_commonest_reason(tmp_path):
    outcome, _ = asked(tmp_path, [said(LEANING, INVENTED, INVENTED)], "schema", route="schema")
    assert (outcome.rows, outcome.reason) == ([], "quote not in the source")
    assert dropped([outcome]) == Counter({"quote not in the source": 2, "not self-contained": 1})


def test_an_engine_without_schemas_is_told_the_schema_and_its_answer_checked_all_the_same(tmp_path):
    outcome, engine = asked(tmp_path, ["Sure!", f"Here: {said(GOOD, INVENTED)}"])
    (row,) = outcome.rows
    assert row["meta"]["seed"] == engine.requests[1].sample_seeds[0]
    assert engine.requests[0].schema is None
    assert '"quote"' in engine.requests[0].messages[-1]["content"]


def test_one_that_manages_no_schema_is_asked_step_by_step_about_a_sentence(tmp_path):
    def says(text, request, number):
        if "JSON" in text or "pairs" in text:
            return "I cannot do that."
        if "answered by this sentence: " in text:
            return "Question: How many steps does the lighthouse have?\nMore."
        return "Answer: It has 168 steps." if text.endswith("lighthouse have?") else "?"

    engine = ReadingEngine(says)
    with Journal(tmp_path / "journal") as journal:
        knows(journal, engine)
        (outcome,) = run(documents, [PIECE], engine, journal, options=ASKING)
    (row,) = outcome.rows
    assert [turn["content"] for turn in row["messages"]] == [STEPS["question"], "It has 168 steps."]
    assert row["meta"]["route"] == "steps"
    assert row["meta"]["quotes"][0]["text"] == "It has 168 steps to the lantern"
    assert dropped([outcome]) == {"not JSON": 1, "answer not supported": 2}  # of the other two sentences


def test_one_that_invents_all_its_quotes_is_asked_step_by_step_too(tmp_path):
    steps = ["How many steps are there?", "It has 168 steps."]
    outcome, _ = asked(tmp_path, [said(INVENTED), *steps * 3], "schema")
    (row,) = outcome.rows
    assert (row["meta"]["route"], row["meta"]["question"]) == ("steps", steps[0])
    assert dropped([outcome])["quote not in the source"] == 1


@pytest.mark.parametrize(
    ("route", "answers", "reason"),
    [
        ("schema", ["no"], "not JSON"),
        ("schema", ['{"pairs": ['], "not JSON"),
        ("schema", ['{"pairs": [{"quote": "The' + CUT_OFF], "cut off"),
        ("schema", ['{"pairs": [{"quote": "x"}]}'], "breaks the schema"),
        ("steps", ["What is that thing?" + CUT_OFF], "never stopped"),
        ("steps", [""], "empty"),
        ("steps", ["so it goes on"], "not a question"),
    ],
)
def test_answers_of_no_use_are_rejected_by_reason(tmp_path, route, answers, reason):
    outcome, _ = asked(tmp_path, answers, route=route)
    assert (outcome.rows, outcome.reason) == ([], reason)


def test_a_conversation_has_several_turns_each_with_its_quote(tmp_path):
    outcome, engine = asked(tmp_path, [said(GOOD, STEPS)], "schema", turns=2, pairs=2)
    first, second = outcome.rows
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant"] * 2
    assert [quote["text"][:6] for quote in first["meta"]["quotes"]] == ["The li", "It has"]
    assert engine.requests[0].n == 2
    assert check_row(first, "instruction") == []
    # Both asked the same: the run's settling keeps one.
    assert len(Distinct(question_key)(outcome).rows) == 1
    assert first["meta"]["question"] == second["meta"]["question"]


def test_a_conversation_ends_before_its_first_bad_turn_and_one_of_a_single_turn_is_none(tmp_path):
    outcome, _ = asked(tmp_path, [said(GOOD, STEPS, INVENTED)], "schema", turns=3, pairs=1)
    assert len(outcome.rows[0]["messages"]) == 4
    (tmp_path / "other").mkdir()
    outcome, _ = asked(tmp_path / "other", [said(GOOD, INVENTED)], "schema", turns=3, pairs=1, route="schema")
    assert outcome.reason == "quote not in the source"


def test_a_row_may_hold_its_source_and_then_speak_of_it(tmp_path):
    outcome, _ = asked(tmp_path, [said(LEANING)], "schema", with_context=True)
    question = outcome.rows[0]["messages"][0]["content"]
    assert question == f"{TEXT.strip()}\n\n{LEANING['question']}"


def test_a_row_may_answer_with_its_quote(tmp_path):
    outcome, _ = asked(tmp_path, [said(STEPS)], "schema", quote=True)
    answer = outcome.rows[0]["messages"][-1]["content"]
    assert answer == f"{STEPS['answer']}\n\n> It has 168 steps to the lantern"


def test_who_asks_is_drawn_from_the_personas_and_told(tmp_path):
    outcome, engine = asked(tmp_path, [said(GOOD)], "schema", personas=("a pilot", "a cook"))
    persona = outcome.rows[0]["meta"]["persona"]
    assert persona in ("a pilot", "a cook")
    assert f"The one who asks is {persona}." in engine.requests[0].messages[-1]["content"]


def test_personas_come_from_the_wording_or_from_a_file(tmp_path):
    words = wording("documents")
    assert read_personas(None, words) == ()
    assert len(read_personas("on", words)) > 4
    (tmp_path / "mine.txt").write_text("# those who ask\na pilot\n\n a cook \n")
    assert read_personas(str(tmp_path / "mine.txt"), words) == ("a pilot", "a cook")
    (tmp_path / "none.txt").write_text("# nobody\n")
    for name, told in {"none.txt": "names nobody", "missing.txt": "cannot be read"}.items():
        with pytest.raises(UserError, match=told):
            read_personas(str(tmp_path / name), words)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n 1. Question: **How high is it?**\nmore", "How high is it?"),
        ("Q: Why?", "Why?"),
        ("A lighthouse has steps?", "A lighthouse has steps?"),
        ("30 metres is how many feet?", "30 metres is how many feet?"),
        ('"Who came?"', "Who came?"),
        ('Who said "no"', 'Who said "no"'),
        ("**Question:** How high is it?", "How high is it?"),
        ("", ""),
    ],
)
def test_the_question_of_a_plain_answer_is_its_first_line_without_labels(text, line):
    assert first_line(text) == line


# ---- every piece is visited, in turn ----


def pieces(sizes: list[int]) -> dict[str, list[Chunk]]:
    return {
        f"{name:02}": [replace(PIECE, id=f"{name}-{n}", document=f"{name}.md") for n in range(size)]
        for name, size in enumerate(sizes)
    }


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 99))
def test_all_pieces_are_visited_once_and_no_document_is_ahead(sizes, seed):
    order = visits(pieces(sizes), seed)
    assert sorted(piece.id for piece in order) == sorted(
        p.id for held in pieces(sizes).values() for p in held
    )
    assert order == visits(pieces(sizes), seed)
    for count in range(len(order)):
        seen = Counter(piece.document for piece in order[:count])
        for name, size in enumerate(sizes):
            assert seen[f"{name}.md"] == size or seen[f"{name}.md"] >= max(seen.values(), default=0) - 1


def test_the_order_depends_on_the_seed_and_does_not_begin_with_beginnings():
    orders = {tuple(piece.id for piece in visits(pieces([9, 9, 9]), seed)[:3]) for seed in range(20)}
    assert len(orders) > 15
