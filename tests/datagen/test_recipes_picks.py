"""Rows from people's picks: one for each pair, whoever picked and on whichever side; how people agree."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.cli import program
from datagen.recipes.picks import (
    BOTH_BAD,
    LEFT,
    MIRRORED,
    RIGHT,
    SKIP,
    TIE,
    Pick,
    between_people,
    read_picks,
    settled,
    with_judge,
)
from schemas import UserError
from schemas.check import check_file, check_row
from schemas.command import run_app
from schemas.rows import read_rows, write_rows

PROMPT = [{"role": "user", "content": "What is rain?"}]
CHOICES = (LEFT, RIGHT, TIE, BOTH_BAD, SKIP)


def pick(pick: str, who: str = "Ann", left: str = "Water.", right: str = "Cheese.", **more: Any) -> Pick:
    return Pick(PROMPT, left, right, pick, more.pop("line", 1), who, **more)


def mirrored(found: Pick) -> Pick:
    """The same pick with the answers on the other sides."""
    from dataclasses import replace

    margin = None if found.margin is None else -found.margin
    swapped = MIRRORED.get(found.pick, found.pick)
    return replace(found, left=found.right, right=found.left, pick=swapped, margin=margin)


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


# ---- rows ----


@pytest.mark.parametrize(
    ("choice", "chosen", "rejected"), [(LEFT, "Water.", "Cheese."), (RIGHT, "Cheese.", "Water.")]
)
def test_what_is_picked_is_chosen(choice: str, chosen: str, rejected: str) -> None:
    more: dict[str, Any] = {
        "when": "2026-11-02T10:00:00Z",
        "seconds": 4.5,
        "note": "clear",
        "meta": {"roles": ["a"]},
    }
    (outcome,) = settled([pick(choice, **more)])
    (row,) = outcome.rows
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (chosen, rejected)
    assert check_row(row, "preference") == []
    meta = row["meta"]
    assert (meta["who"], meta["when"], meta["seconds"]) == (["Ann"], ["2026-11-02T10:00:00Z"], [4.5])
    assert (meta["votes"], meta["notes"], meta["roles"]) == ([1, 0, 0], ["clear"], ["a"])


@pytest.mark.parametrize(
    ("picks", "reason"),
    [
        ([pick(TIE)], "tie"),
        ([pick(BOTH_BAD)], "both bad"),
        ([pick(SKIP)], "skipped"),
        ([pick(LEFT), pick(RIGHT, "Ben")], "conflict"),
        ([pick(LEFT), pick(TIE, "Ben")], "conflict"),
        ([pick(LEFT, right="Water. ")], "alike"),
    ],
)
def test_what_is_no_pair_has_a_reason(picks: list[Pick], reason: str) -> None:
    (outcome,) = settled(picks)
    assert (outcome.rows, outcome.reason) == ([], reason)


def test_people_who_agree_make_one_row_and_a_skip_counts_for_nothing() -> None:
    (outcome,) = settled([pick(LEFT), pick(LEFT, "Ben"), pick(SKIP, "Cem")])
    assert outcome.rows[0]["meta"]["who"] == ["Ann", "Ben"]
    assert outcome.rows[0]["meta"]["votes"] == [2, 0, 0]


def test_a_majority_is_more_than_half() -> None:
    two_of_three = [pick(LEFT), pick(RIGHT, "Ben"), pick(LEFT, "Cem")]
    assert settled(two_of_three)[0].reason == "conflict"
    (outcome,) = settled(two_of_three, "majority")
    assert outcome.rows[0]["meta"]["votes"] == [2, 1, 0]
    assert settled(two_of_three[:2], "majority")[0].reason == "conflict"
    two_of_four = [*two_of_three, pick(TIE, "Dia")]
    assert settled(two_of_four, "majority")[0].reason == "conflict"


def test_who_picks_again_has_thought_again() -> None:
    again = [pick(LEFT), pick(RIGHT, line=2)]
    assert settled(again)[0].rows[0]["chosen"][0]["content"] == "Cheese."
    dated = [pick(LEFT, when="2026-11-03"), pick(RIGHT, when="2026-11-02", line=2)]
    assert settled(dated)[0].rows[0]["chosen"][0]["content"] == "Water."


one_pick = st.builds(
    pick,
    st.sampled_from(CHOICES),
    st.sampled_from(["Ann", "Ben", "Cem"]),
    right=st.sampled_from(["Cheese.", "Air."]),
    margin=st.none() | st.floats(-4, 4),
)


@given(st.lists(one_pick, min_size=1, max_size=12), st.integers(0, 2**12))
def test_the_side_on_which_an_answer_was_shown_changes_nothing(picks: list[Pick], which: int) -> None:
    turned = [mirrored(found) if which >> i & 1 else found for i, found in enumerate(picks)]
    assert [_plain(one) for one in settled(turned)] == [_plain(one) for one in settled(picks)]
    assert repr(list(between_people(turned))) == repr(list(between_people(picks)))
    ours, theirs = with_judge(turned), with_judge(picks)
    assert (ours and (ours.pairs, ours.share)) == (theirs and (theirs.pairs, theirs.share))


def _plain(outcome: Any) -> Any:
    return outcome.item, outcome.reason, outcome.rows


@given(st.lists(one_pick, min_size=1, max_size=12))
def test_every_pair_is_a_row_or_has_a_reason(picks: list[Pick]) -> None:
    outcomes = settled(picks)
    assert {outcome.item for outcome in outcomes} == {found.pair for found in picks}
    assert all((len(outcome.rows) == 1) == (outcome.reason is None) for outcome in outcomes)
    for outcome in outcomes:
        # Who skips later takes nothing back.
        said = [found for found in picks if found.pair == outcome.item and found.pick != SKIP]
        votes = Counter({found.who: found.told for found in said}.values())
        # A row is what all say, and that is left or right.
        assert (outcome.reason is None) == (len(votes) == 1 and set(votes) <= {LEFT, RIGHT})


# ---- agreement ----


def test_the_agreement_of_two_is_over_the_pairs_both_decided() -> None:
    picks = []
    for number, (ann, ben) in enumerate(
        [(LEFT, LEFT), (LEFT, RIGHT), (RIGHT, RIGHT), (TIE, TIE), (SKIP, LEFT)]
    ):
        picks += [
            pick(ann, left=f"a{number}", right=f"b{number}"),
            pick(ben, "Ben", f"a{number}", f"b{number}"),
        ]
    (found,) = between_people([*picks, pick(LEFT, "Cem", "elsewhere", "there")])
    assert (found.names, found.pairs, found.share) == (("Ann", "Ben"), 4, 0.75)
    # By hand: chance is 2/4 * 1/4 + 1/4 * 2/4 + 1/4 * 1/4.
    assert found.kappa == pytest.approx((3 / 4 - 5 / 16) / (1 - 5 / 16))


def test_the_agreement_with_the_judge_leaves_out_ties_of_either() -> None:
    told = [(LEFT, 1.0), (RIGHT, -0.5), (LEFT, -2.0), (TIE, 3.0), (LEFT, 0.0), (RIGHT, None)]
    picks = [
        pick(choice, left=f"a{i}", right=f"b{i}", margin=margin) for i, (choice, margin) in enumerate(told)
    ]
    found = with_judge(picks)
    assert found is not None
    assert (found.pairs, found.share) == (3, pytest.approx(2 / 3))
    rows = [outcome.rows[0]["meta"] for outcome in settled(picks) if outcome.rows]
    assert [meta.get("judge_margin") for meta in rows] == [1.0, 0.5, -2.0, 0.0, None]
    assert with_judge([pick(LEFT)]) is None


# ---- files ----


def test_files_of_picks_become_rows_with_an_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(3)
    for who in ("ann", "ben"):
        rows = []
        for number in range(20):
            sides = [f"right {number}", f"wrong {number}"]
            rng.shuffle(sides)
            told = LEFT if sides[0].startswith("right") else RIGHT
            if who == "ben" and number % 5 == 0:
                told = MIRRORED[told]
            margin = 1 if sides[0].startswith("right") else -1
            asked = (
                f"Question {number}?"
                if who == "ann"
                else [{"role": "user", "content": f"Question {number}?"}]
            )
            row = {
                "prompt": asked,
                "left": sides[0],
                "right": sides[1],
                "pick": told,
                "who": who,
                "seconds": 3,
            }
            rows.append({**row, "meta": {"margin": margin}})
        write_rows(tmp_path / f"{who}.jsonl", rows)
    out = tmp_path / "pairs.jsonl"
    assert datagen("picks", tmp_path / "ann.jsonl", tmp_path / "ben.jsonl", "--out", out) == 0
    told = capsys.readouterr().err
    assert told.startswith(
        f"{out}: 16 pairs from 40 picks of 20 by 2 people; rejected: conflict: 4; ann and ben agree on 80.0%"
    )
    assert "people and the judge agree on 90.0% of 40" in told
    assert "3.0 s a pick" in told
    assert list(check_file(out)) == []
    assert all(row["chosen"][0]["content"].startswith("right") for row in read_rows(out))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pick": "lift"}, "unknown pick 'lift'; did you mean 'left'?"),
        ({"left": " "}, "no 'left'"),
        ({"right": None}, "no 'right'"),
        ({"prompt": None}, "no 'prompt'"),
        ({"prompt": [{"role": "assistant", "content": "Hi"}]}, "no 'prompt'"),
        ({"seconds": "long"}, "'seconds' is no number"),
        ({"meta": {"margin": "wide"}}, "'margin' is no number"),
        ({"meta": []}, None),
        ({"meta": [1]}, "'meta' is no object"),
    ],
)
def test_a_line_that_is_no_pick_is_named(tmp_path: Path, change: dict[str, Any], told: str | None) -> None:
    good = {"prompt": "Why?", "left": "So.", "right": "Because.", "pick": "left"}
    path = tmp_path / "picks.jsonl"
    write_rows(path, [good, {**good, **change}])
    if told is None:
        assert len(read_picks(path)) == 2
        return
    with pytest.raises(UserError) as error:
        read_picks(path)
    assert str(error.value).startswith(f"{path}:2: {told}")


def test_picks_without_a_winner_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "picks.jsonl", tmp_path / "pairs.jsonl"
    write_rows(path, [{"prompt": "Why?", "left": "So.", "right": "Because.", "pick": "tie"}])
    out.write_bytes(b"old")
    assert datagen("picks", path, "--out", out) == 2
    assert "none of 1 pairs became a row (tie: 1); nothing was written" in capsys.readouterr().err
    assert out.read_bytes() == b"old"
    assert datagen("picks", path, "--out", path) == 2
    assert "are one file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"prompt": [{"role": "user", "content": ""}]}, "'prompt' is no conversation"),
        ({"prompt": [*PROMPT, *PROMPT]}, "'prompt' is no conversation"),
        ({"when": "yesterday"}, "'when' is no time"),
        ({"seconds": -5}, "'seconds' is less than nothing"),
    ],
)
def test_what_would_make_a_broken_row_is_refused(tmp_path: Path, more: dict, told: str) -> None:
    row = {"prompt": PROMPT, "left": "Water.", "right": "Cheese.", "pick": "left", **more}
    write_rows(tmp_path / "picks.jsonl", [row])
    with pytest.raises(UserError) as error:
        read_picks(tmp_path / "picks.jsonl")
    assert told in str(error.value)


def test_the_last_pick_is_the_last_in_time_and_a_skip_takes_none_back() -> None:
    early = pick(LEFT, when="2026-11-20T10:00:00Z")
    late = pick(RIGHT, when="2026-11-20T09:59:00-05:00")
    for order in ([early, late], [late, early], [early, late, pick(SKIP, when="2026-11-21")]):
        (outcome,) = settled(order)
        assert outcome.rows[0]["chosen"][0]["content"] == "Cheese."
