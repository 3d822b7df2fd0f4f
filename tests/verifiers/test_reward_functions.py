"""Rewards as TRL calls them: strings and chats, columns, None where nothing is known, picklable."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from schemas.errors import UserError
from verifiers import (
    STATUSES,
    AnswerSpec,
    Correctness,
    Length,
    Repetition,
    combine,
    correctness,
    formatted,
    thought_first,
)
from verifiers.reward import ThoughtFirst

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


def test_golds_may_be_what_json_holds_and_a_missing_one_is_skipped() -> None:
    golds = [4, 0.25, True, [3, 1], [[1, 2], [3, 4]], {"x": 1, "y": 2}, None]
    texts = ["4", r"\frac14", "true", "1, 3", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "y = 2, x = 1", "None"]
    boxes = [rf"\boxed{{{text}}}" for text in texts]
    assert correctness([""] * 7, boxes, answer=golds) == [1.0] * 6 + [None]


def test_a_chat_message_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": r"so \boxed"}, {"type": "text", "text": "{4}"}]
    assert correctness([""], [[{"role": "assistant", "content": parts}]], answer=["4"]) == [1.0]


def test_workers_give_the_same_rewards_and_survive_pickling() -> None:
    reward = pickle.loads(pickle.dumps(Correctness(workers=1)))
    completions = [rf"\boxed{{{n}}}" for n in range(20)] + ["none"]
    answer: list[str | None] = [str(n - n % 2) for n in range(20)] + [None]
    here = correctness([""] * 21, completions, answer=answer)
    assert reward([""] * 21, completions, answer=answer) == here
    assert reward == Correctness(workers=1)


def test_status_mix_counts_what_was_given_since_it_was_last_taken() -> None:
    reward = Correctness()
    reward([""] * 3, [RIGHT, WRONG, BARE], answer=["4"] * 3)
    reward([""] * 2, [RIGHT, r"\boxed{4 \text{ or } 5}"], answer=["4"] * 2)
    assert set(reward.mix.take().items()) >= {
        ("correct", 2),
        ("incorrect", 1),
        ("no_answer", 1),
        ("ambiguous", 1),
    }
    assert reward.mix.take() == dict.fromkeys(STATUSES, 0)


def test_status_mix_loses_nothing_between_threads() -> None:
    reward = Correctness()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: reward([""] * 9, [RIGHT] * 9, answer=["4"] * 9), range(50)))
    assert reward.mix.take()["correct"] == 450


def test_shares_of_statuses_go_to_the_trainer_s_log() -> None:
    logged: dict[str, float] = {}
    Correctness()([""] * 4, [RIGHT, RIGHT, WRONG, BARE], answer=["4"] * 4, log_metric=logged.__setitem__)
    assert logged.pop("verdicts/correct") == 0.5
    assert logged.pop("verdicts/no_answer") == 0.25
    assert sum(logged.values()) == 0.25
    assert len(logged) == len(STATUSES) - 2


THOUGHTS = [
    (r"<think>hm</think> \boxed{4}", 1.0),
    ("\n<think>\nhm\n</think>\n\n4\n", 1.0),
    ("hm</think> 4", 0.0),
    ("4", 0.0),
    ("<think></think> 4", 0.0),
    ("<think> \n</think> 4", 0.0),
    ("<think>hm</think>", 0.0),
    ("<think>hm</think>" + " " * 10**6, 0.0),
    ("<think>hm", 0.0),
    ("so <think>hm</think> 4", 0.0),
    ("<think>a</think> <think>b</think> 4", 0.0),
    ("<think>a <think>b</think> c</think> 4", 0.0),
    ("<think>a</think> 4 </think>", 0.0),
]


@pytest.mark.parametrize(("text", "reward"), THOUGHTS)
def test_one_thought_before_the_answer_is_rewarded(text: str, reward: float) -> None:
    assert thought_first(["", ""], [text, chat(text)]) == [reward, reward]


def test_a_thought_that_the_prompt_opened_only_ends() -> None:
    opened = ThoughtFirst(opened=True)
    texts = ["hm</think> 4", "<think>hm</think> 4", "</think> 4", "hm 4"]
    assert opened([""] * 4, texts) == [1.0, 0.0, 0.0, 0.0]


def test_length_is_free_up_to_the_buffer_and_then_falls_in_a_line() -> None:
    reward = Length(limit=100, buffer=20)
    lengths = [0, 80, 85, 90, 100, 1000]
    expected = [0.0, 0.0, -0.25, -0.5, -1.0, -1.0]
    assert reward([""] * 6, ["word " * n for n in lengths]) == pytest.approx(expected)
    assert reward([""] * 6, [""] * 6, completion_ids=[[7] * n for n in lengths]) == pytest.approx(expected)
    for limit, buffer in ((10, 0), (10, 11)):
        with pytest.raises(UserError, match="limit"):
            Length(limit, buffer)


def test_repetition_is_the_share_of_ngrams_that_came_before() -> None:
    reward = Repetition(n=2)
    texts = ["", "one", "a b c d", "a b a b", "again " * 101]
    assert reward([""] * 5, texts) == pytest.approx([0.0, 0.0, 0.0, 2 / 3 - 1, 1 / 100 - 1])
    with pytest.raises(UserError, match="n-grams"):
        Repetition(0)


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


@pytest.mark.parametrize(
    "function",
    [
        correctness,
        formatted,
        thought_first,
        Length(8, 4),
        Repetition(),
        combine({correctness: 1.0, formatted: 0.5}),
    ],
)
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
