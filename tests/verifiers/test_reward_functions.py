"""Rewards as TRL calls them: strings and chats, columns, None where nothing is known, picklable."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.errors import UserError
from verifiers import AnswerSpec, combine, correctness, formatted

RIGHT, WRONG, BARE = r"so \boxed{4}", r"so \boxed{5}", "so 4"


def chat(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_strings_and_chats_get_the_same_rewards() -> None:
    texts = [RIGHT, WRONG, BARE]
    prompts = ["2+2?"] * 3
    answer = ["4"] * 3
    assert correctness(prompts, texts, answer=answer) == [1.0, 0.0, 0.0]
    assert correctness(prompts, [chat(t) for t in texts], answer=answer) == [1.0, 0.0, 0.0]
    assert formatted(prompts, texts) == [1.0, 1.0, 0.0]
    assert formatted(prompts, [chat(t) for t in texts]) == [1.0, 1.0, 0.0]


def test_last_message_of_a_chat_counts_and_an_empty_one_earns_nothing() -> None:
    turns = [*chat(WRONG), {"role": "user", "content": "sure?"}, *chat(RIGHT)]
    empty = [{"role": "assistant", "content": None}]
    assert correctness([""] * 3, [turns, [], empty], answer=["4"] * 3) == [1.0, 0.0, 0.0]


def test_spec_column_may_hold_dicts_specs_or_nothing() -> None:
    specs = [
        {"kind": "integer", "form": None},
        AnswerSpec("integer"),
        None,
        {"kind": "decimal", "tolerance": 0.5},
    ]
    completions = [r"\boxed{2+2}", r"\boxed{2+2}", r"\boxed{2+2}", r"\boxed{4.4}"]
    rewards = correctness([""] * 4, completions, answer=["4"] * 4, spec=specs, level=[1] * 4)
    assert rewards == [0.0, 0.0, 0.0, 1.0]


def test_a_broken_gold_answer_is_skipped_and_not_punished() -> None:
    assert correctness(["", ""], [RIGHT, RIGHT], answer=["", "4"]) == [None, 1.0]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(UserError, match="different lengths"):
        correctness([""], [RIGHT], answer=["4", "5"])


def test_unknown_spec_key_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'tolerance'"):
        correctness([""], [RIGHT], answer=["4"], spec=[{"kind": "decimal", "tolerence": 1}])
    with pytest.raises(UserError, match="did you mean 'integer'"):
        AnswerSpec("intger")


def test_combined_reward_weighs_its_parts_and_passes_none_on() -> None:
    both = combine({correctness: 1.0, formatted: 0.25})
    rewards = both(["", "", "", ""], [RIGHT, WRONG, BARE, RIGHT], answer=["4", "4", "4", ""])
    assert rewards == [1.25, 0.25, 0.0, None]
    assert both.__name__ == "correctness+formatted"


def test_combining_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="no reward function"):
        combine({})


@pytest.mark.parametrize("function", [correctness, formatted, combine({correctness: 1.0, formatted: 0.5})])
def test_reward_functions_survive_pickling(function) -> None:
    copy = pickle.loads(pickle.dumps(function))
    assert copy([""], [RIGHT], answer=["4"]) == function([""], [RIGHT], answer=["4"])


def test_many_threads_agree_with_one() -> None:
    completions = [rf"\boxed{{{n % 7}}}" for n in range(100)]
    answer = [str(n % 5) for n in range(100)]
    alone = correctness([""] * 100, completions, answer=answer)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: correctness([""] * 100, completions, answer=answer), range(8)))
    assert all(rewards == alone for rewards in together)
    assert alone == [1.0 if n % 7 == n % 5 else 0.0 for n in range(100)]


def test_specs_survive_a_json_row() -> None:
    for spec in (
        AnswerSpec("integer"),
        AnswerSpec("decimal", tolerance=0.1),
        AnswerSpec("choice", choices=("A", "B")),
    ):
        assert AnswerSpec.from_dict(spec.as_dict()) == spec


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("42", "integer"),
        ("-7", "integer"),
        ("1,234", "integer"),
        ("3/4", "rational"),
        (r"2\frac12", "rational"),
        ("0.5", "rational"),
        ("25%", "percentage"),
        (r"\sqrt2", "real"),
        ("2pi", "real"),
        ("x+1", "expression"),
        ("y=x", "equation"),
        ("{1,2}", "set"),
        ("1, 2", "set"),
        (r"1\pm\sqrt2", "set"),
        ("(1,2)", "tuple"),
        ("[1,2]", "interval"),
        ("(1,2]", "interval"),
        (r"(0,\infty)", "interval"),
        ("x>3", "interval"),
        ("True", "truth"),
        ("no", "truth"),
        ("p and q", "proposition"),
        ("C", "choice"),
        ("(B)", "choice"),
        ("x", "expression"),
        ("no solution", "text"),
        ("((", "text"),
    ],
)
def test_kind_is_inferred_from_a_bare_gold_answer(answer: str, kind: str) -> None:
    assert AnswerSpec.infer(answer).kind == kind
