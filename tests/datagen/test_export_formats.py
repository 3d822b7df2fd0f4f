"""Alpaca and ShareGPT: what is written is read back as it was, by us and by others' rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.export.formats import from_alpaca, from_sharegpt, to_alpaca, to_sharegpt
from datagen.sources import turns_of

texts = st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip()))


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, str]]:
    """An optional system turn, then one to three questions with their answers."""
    turns = [{"role": "system", "content": draw(texts)}] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        turns += [{"role": role, "content": draw(texts)} for role in ("user", "assistant")]
    return turns


@given(conversations())
def test_a_conversation_comes_back_from_alpaca(turns: list[dict[str, str]]) -> None:
    assert from_alpaca(to_alpaca(turns)) == turns


@given(conversations())
def test_a_conversation_comes_back_from_sharegpt(turns: list[dict[str, str]]) -> None:
    assert from_sharegpt(to_sharegpt(turns)) == turns


@given(conversations())
def test_other_readers_of_the_kit_read_sharegpt_likewise(turns: list[dict[str, str]]) -> None:
    assert turns_of(to_sharegpt(turns)) == turns


@given(st.builds(dict, instruction=texts, input=st.just("") | texts, output=texts))
def test_an_alpaca_row_comes_back_with_its_input_under_its_instruction(row: dict[str, str]) -> None:
    turns = from_alpaca(row)
    assert turns is not None
    again = to_alpaca(turns)
    asked = f"{row['instruction']}\n\n{row['input']}" if row["input"] else row["instruction"]
    assert again == {"instruction": asked, "input": "", "output": row["output"], "system": "", "history": []}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"instruction": "x"},
        {"instruction": "x", "output": 3},
        {"instruction": "", "output": "y"},
        {"conversations": []},
        {"conversations": [{"from": "tool", "value": "x"}]},
        {"conversations": [{"from": "human", "value": None}]},
        {"conversations": "x"},
    ],
)
def test_another_row_is_no_conversation(row: dict[str, Any]) -> None:
    assert from_alpaca(row) is None
    assert from_sharegpt(row) is None


def test_sharegpt_may_say_the_system_turn_beside_the_others() -> None:
    row = {"system": "Be brief.", "conversations": [{"from": "human", "value": "Hi"}]}
    assert from_sharegpt(row) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]
