"""Self-Instruct: lists read, tasks sifted, inputs made where they are missing, answers that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_engine import CUT_OFF, ScriptedEngine

from datagen.commands.instruct import seed_tasks
from datagen.recipes.instruct import (
    Instructing,
    Inventing,
    Task,
    instruct,
    listed,
    new_tasks,
    prompts_of_round,
    sifted_tasks,
    task_fault,
    wants_input,
)
from datagen.recipes.shared.personas import personas
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.wording import Wording, wording
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas import UserError
from schemas.check import check_row

ROOT = Path(__file__).resolve().parents[2]
WORDS = Wording(
    "instruct",
    {
        "tasks": (("user", "go on"),),
        "labels": (("user", "labels of {{ instruction }}"),),
        "input": (("user", "input of {{ instruction }} for {{ label }}"),),
        "follow_up": (("user", "next after {{ transcript }}"),),
    },
)


def outcome(recipe: object, item: dict, script: dict[str, list[str]], options: object, path: Path) -> Outcome:
    with Journal(path / "a.journal") as journal:
        (found,) = run(recipe, [item], ScriptedEngine(script), journal, options=options)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("text", "first", "tasks"),
    [
        ("9. Name a bird.\n10. Name a fish.", 9, ["Name a bird.", "Name a fish."]),
        ("1. Name a bird.\n2. Name a fish.", 9, ["Name a bird.", "Name a fish."]),
        ("Here they are:\n\n9) **Name a bird.**\n\n10) Name a fish.\n", 9, ["Name a bird.", "Name a fish."]),
        ("**9.** Name a bird.\n**10.** Name a fish.", 9, ["Name a bird.", "Name a fish."]),
        ("9. Sort:\n1. pear\n2. apple\n10. Name a fish.", 9, ["Sort:\n1. pear\n2. apple", "Name a fish."]),
        ("9. Add 2.5 and 3.\n11. Skipped.", 9, ["Add 2.5 and 3.\n11. Skipped."]),
        (
            "1. **Summarize:** Read it.\n**2. Name a bird.**\n3. Say **why**",
            1,
            ["Summarize: Read it.", "Name a bird.", "Say **why**"],
        ),
        ("No list at all.", 9, []),
        ("", 9, []),
    ],
)
def test_the_tasks_of_a_list_are_read(text: str, first: int, tasks: list[str]) -> None:
    assert listed(text, first) == tasks


@pytest.mark.parametrize(
    ("task", "fault"),
    [
        ("Name three birds.", "too short"),
        ("word " * 151, "too long"),
        ("Look at the picture and describe it.", "needs more than text"),
        ("Write a program that sorts a list.", "write a program"),
        ("- Name three birds of the sea.", "begins with a mark"),
        ("Here are some tasks for you:", "speaks as the assistant"),
        ('"To be or not to be": who said it?', None),
        ("\u4e09 \u79cd \u6d77 \u9e1f \u7684 \u540d\u5b57", None),
        ("Explain photography to a child.", None),
    ],
)
def test_what_is_no_task_is_named(task: str, fault: str | None) -> None:
    assert task_fault(task) == fault


@pytest.mark.parametrize(
    ("task", "wants"),
    [
        ("Summarise the following article.", True),
        ("Is this review positive or negative?", True),
        ("Translate into French:", True),
        ("Translate into French: The house is old.", False),
        ("Summarise the following article.\n\nIt rained all day.", False),
        ("What is the capital of France?", False),
        ('Which tense does the following use: "I had gone"?', False),
    ],
)
def test_a_task_without_the_text_it_speaks_of_is_known(task: str, wants: bool) -> None:
    assert wants_input(task) is wants


LIST = {"id": "round-1-1", "shown": [], "persona": "", "round": 1}


def test_the_last_task_of_an_answer_that_was_cut_off_is_no_task(tmp_path: Path) -> None:
    script = {"go on": [f"1. Name three big birds.\n2. Name three{CUT_OFF}"]}
    found = outcome(new_tasks, LIST, script, Inventing(WORDS, Sampling(1)), tmp_path)
    assert [(row["task"], row["cut_off"]) for row in found.rows] == [
        ("Name three big birds.", False),
        ("Name three", True),
    ]
    sifted = [
        outcome(sifted_tasks, {"id": str(n), **row}, {}, None, tmp_path) for n, row in enumerate(found.rows)
    ]
    assert [one.reason for one in sifted] == [None, "cut off"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("", "empty"), ("Birds?", "no numbered list"), (f"Let me{CUT_OFF}", "never stopped")],
)
def test_an_answer_without_a_list_is_counted(answer: str, reason: str, tmp_path: Path) -> None:
    assert (
        outcome(new_tasks, LIST, {"go on": [answer]}, Inventing(WORDS, Sampling(1)), tmp_path).reason
        == reason
    )


class SmallEngine(ScriptedEngine):
    """Has a context of 100 tokens, and counts a word as one."""

    context = 100

    async def count(self, request) -> int:  # type: ignore[no-untyped-def, override]
        return len(request.messages[-1]["content"].split())


@pytest.mark.parametrize(("length", "shown"), [(3, 8), (9, 4), (15, 2), (60, 2)])
def test_a_small_context_is_shown_fewer_tasks(length: int, shown: int, tmp_path: Path) -> None:
    words = Wording(
        "instruct",
        {
            "tasks": (("user", "long prompt {% for task in shown %}{{ task }} {% endfor %}"),),
            "tasks_short": (("user", "short {% for task in shown %}{{ task }} {% endfor %}"),),
        },
    )
    tasks = [{"id": f"seed-{n}", "text": " ".join(["bird"] * length)} for n in range(8)]
    kind = "short" if length == 60 else "long prompt"
    asked = f"{kind} " + " ".join(task["text"] for task in tasks[:shown])
    engine = SmallEngine({asked: [f"{shown + 1}. Name three big birds."]})
    with Journal(tmp_path / "a.journal") as journal:
        (found,) = run(
            new_tasks, [{**LIST, "shown": tasks}], engine, journal, options=Inventing(words, Sampling(1))
        )
    assert found.rows[0]["meta"]["shown"] == [f"seed-{n}" for n in range(shown)]


ITEM = {"id": "round-1-1-1", "task": "Name three big birds.", "meta": {"round": 1, "shown": ["seed-1"]}}


def options(**more: object) -> Instructing:
    return Instructing(WORDS, Sampling(1, 0.7), Sampling(1), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"A stork, a{CUT_OFF}", "never stopped"),
        ("  ", "empty"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("As an AI language model, I have no birds.", "refusal"),
        ("Name three big birds!", "repeats the prompt"),
        ("I'm sorry to say that all big birds are gone.", None),
        ("An ostrich, an emu, a swan.", None),
    ],
)
def test_an_answer_that_is_none_is_named(answer: str, reason: str | None, tmp_path: Path) -> None:
    found = outcome(instruct, ITEM, {ITEM["task"]: [answer]}, options(), tmp_path)  # type: ignore[dict-item]
    assert found.reason == reason
    for row in found.rows:
        assert check_row(row, "instruction") == []
        assert row["messages"][-1]["content"] == answer


def test_the_first_good_answer_of_several_is_kept_with_its_seed(tmp_path: Path) -> None:
    two = Instructing(WORDS, Sampling(2, 0.7), Sampling(1))
    script = {ITEM["task"]: ["", "An emu."]}
    found = outcome(instruct, ITEM, script, two, tmp_path)  # type: ignore[arg-type]
    (row,) = found.rows
    assert (row["messages"][-1]["content"], row["meta"]["sample"]) == ("An emu.", 1)


def test_a_missing_input_is_made_and_becomes_part_of_the_prompt(tmp_path: Path) -> None:
    task = "Summarise the following article."
    script = {
        f"input of {task} for": ["It rained all day."],
        f"{task}\n\nIt rained all day.": ["Rain."],
    }
    found = outcome(instruct, {**ITEM, "task": task}, script, options(), tmp_path)
    (row,) = found.rows
    assert row["messages"][0]["content"] == f"{task}\n\nIt rained all day."
    assert row["meta"]["input"] == "made"
    script[f"input of {task} for"] = [f"It rained{CUT_OFF}"]
    (tmp_path / "b").mkdir()
    assert outcome(instruct, {**ITEM, "task": task}, script, options(), tmp_path / "b").reason == "no input"


def test_a_task_that_sorts_gets_an_input_for_a_label_drawn_by_the_item(tmp_path: Path) -> None:
    task = "Decide whether the following review is positive or negative."
    script = {f"labels of {task}": ["- positive\n- negative"]}
    for label in ("positive", "negative"):
        script[f"input of {task} for {label}"] = [f"A {label} text."]
        script[f"{task}\n\nA {label} text."] = [label]
    drawn = set()
    for number in range(12):
        item = {**ITEM, "task": task, "id": f"round-1-1-{number}"}
        (row,) = outcome(instruct, item, script, options(), tmp_path).rows
        assert row["meta"]["label"] == row["messages"][-1]["content"]
        drawn.add(row["meta"]["label"])
    assert drawn == {"positive", "negative"}


def test_the_model_plays_the_user_and_a_failed_turn_ends_the_conversation(tmp_path: Path) -> None:
    first = f"User: {ITEM['task']}\n\nAssistant: An emu."
    second = f"{first}\n\nUser: How big?\n\nAssistant: Two metres."
    script = {
        str(ITEM["task"]): ["An emu."],
        f"next after {first}": ["User: How big?"],
        "How big?": ["Two metres."],
        f"next after {second}": ["How BIG"],
    }
    (row,) = outcome(instruct, ITEM, script, options(turns=4), tmp_path).rows
    assert [turn["content"] for turn in row["messages"]][1:] == ["An emu.", "How big?", "Two metres."]
    assert (row["meta"]["turns"], row["meta"]["ended"]) == (2, "said before")
    assert check_row(row, "instruction") == []


def test_a_round_shows_tasks_of_rounds_before_and_depends_on_nothing_else() -> None:
    seeds = [Task(f"seed-{n}", f"Seed task {n}") for n in range(20)]
    made = [Task(f"round-1-1-{n}", f"Made task {n}") for n in range(5)]
    items = prompts_of_round(2, 3, seeds, made, ["a nurse", "a baker"], 7)
    assert items == prompts_of_round(2, 3, seeds, made, ["a nurse", "a baker"], 7)
    assert items != prompts_of_round(2, 3, seeds, made, ["a nurse", "a baker"], 8)
    for item in items:
        names = [task["id"] for task in item["shown"]]
        assert len(names) == len(set(names)) == 8
        assert sum(name.startswith("round-1") for name in names) == 2
        assert item["persona"] in ("a nurse", "a baker")
    assert len(prompts_of_round(1, 1, seeds[:3], [], [], 7)[0]["shown"]) == 3


def test_a_long_seed_task_is_not_shown_where_there_are_others() -> None:
    seeds = [Task(f"seed-{n}", "short") for n in range(8)] + [Task("long", "word " * 101)]
    for number in range(1, 20):
        shown = prompts_of_round(number, 1, seeds, [], [], 0)[0]["shown"]
        assert "long" not in [task["id"] for task in shown]


def test_the_personas_are_those_of_the_wording_or_of_a_file(tmp_path: Path) -> None:
    words = wording("instruct")
    assert personas(None, words) == ()
    assert len(personas("built-in", words)) >= 20
    (tmp_path / "people.txt").write_text("a nurse\n\n a baker \na nurse\n")
    assert personas(str(tmp_path / "people.txt"), words) == ("a nurse", "a baker")
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(UserError, match="has no personas"):
        personas(str(tmp_path / "empty.txt"), words)


def test_the_sample_s_seed_tasks_are_read_with_their_input() -> None:
    tasks = dict(seed_tasks(ROOT / "samples" / "seeds" / "tasks.jsonl"))
    assert 20 <= len(tasks) <= 30
    assert tasks["seed-1"] == "Work out 12 + 45."
    assert tasks["seed-5"] == "Rewrite the sentence so that it is polite.\n\nSend me the report now."


def test_what_is_asked_for_lists_names_the_numbers_and_the_persona() -> None:
    asked = wording("instruct").messages(
        "tasks", shown=["Name a {{ bird }}.", "Add 2 and 3."], first=3, last=10, persona="a nurse"
    )[-1]["content"]
    assert "1. Name a {{ bird }}.\n2. Add 2 and 3.\n" in asked
    assert "write tasks 3 to 10" in asked
    assert "a nurse" in asked
