"""`datagen stories`: a story is kept when a reader who sees nothing else finds the same equations in it."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import telling_engine
from scripted_engine import CUT_OFF
from telling_engine import TellingEngine, card, read_back, told

from datagen.problems import prove, separable
from datagen.problems.equations import KINDS, LEVELS, drawn, solution_of, worked
from datagen.problems.family import split_of
from datagen.recipes import stories as recipe
from datagen.recipes.shared.quantities import numbers_in
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.stories import StoryOptions, Tale, same_solutions, stories, tales
from datagen.recipes.wording import wording
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas.check import check_file, check_row
from schemas.rows import read_rows
from verifiers import AnswerSpec, parse, verify
from verifiers.parsing.tree import Relation
from verifiers.symbolic.child import build

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
OPTIONS = StoryOptions(Sampling(1), wording("stories"), "train")


@pytest.fixture(autouse=True)
def told_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine of which it is known that it enforces nothing."""
    monkeypatch.setattr(recipe, "card_for", card)


def outcome(folder: Path, engine: TellingEngine, kind: str = "ages", samples: int = 1) -> Outcome:
    options = StoryOptions(Sampling(samples), wording("stories"), "train")
    with Journal(folder / "journal") as journal:
        (found,) = run(stories, [Tale("story-1", kind, 2)], engine, journal, options=options)
    return found


# ---- the equations ----

EVERY = [(kind, level) for kind in KINDS for level in LEVELS]


@pytest.mark.parametrize(("kind", "level"), EVERY)
def test_the_solution_drawn_is_the_one_that_sympy_finds_and_no_number_of_the_story(
    kind: str, level: int
) -> None:
    for seed in range(2):
        system = drawn(random.Random(seed), kind, level, "train")
        assert solution_of(**_asked(system.given)) == str(system.wanted)
        assert not set(system.values) & set(map(Fraction, system.numbers))
        assert split_of(system.fingerprint) == "train"
        in_equations = {Fraction(n) for text in system.equations for n in re.findall(r"\d+", text)}
        assert set(map(Fraction, system.numbers)) <= in_equations


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("equations", "unknowns", "asked", "positive")}


@pytest.mark.parametrize(("kind", "level"), EVERY)
def test_every_linear_equation_of_a_worked_solution_holds_at_the_solution(kind: str, level: int) -> None:
    import sympy

    for seed in range(4):
        system = drawn(random.Random(seed), kind, level, "train")
        text = worked(system)
        values = {
            sympy.Symbol(name, real=True): sympy.Rational(value.numerator, value.denominator)
            for name, value in zip(system.names, system.values, strict=True)
        }
        seen = 0
        for line in text.splitlines()[1:-1]:
            if system.kind == "rectangle" and line.startswith("So x"):
                continue  # one of its two roots is not the solution
            for part in re.split(r"; |, so |: |(?<!\d)\.$|\.$", re.sub(r"\(\d\) ", "", line)):
                if "=" not in part:
                    continue
                tree = parse(part.removeprefix("The discriminant is ").strip(), frozenset(system.names))
                assert isinstance(tree, Relation), part
                sides = [build(side).subs(values) for side in tree.operands]
                assert len(set(map(sympy.nsimplify, sides))) == 1, part
                seen += 1
        assert seen >= 2
        assert verify(text, str(system.wanted)).correct


def test_kinds_and_levels_take_turns() -> None:
    first = [tale for tale, _ in zip(tales(["ages", "mixture"], [1, 2]), range(5), strict=False)]
    assert [(tale.kind, tale.level) for tale in first] == [
        *(("ages", 1), ("mixture", 1), ("ages", 2), ("mixture", 2), ("ages", 1)),
    ]


# ---- the numbers of a text ----


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Twenty-one pens, 1,200 books, twice 2.5 and 3/4", {"21", "1200", "2", "5/2", "3/4", "3", "4"}),
        ("two hundred and five apples and seven pears", {"205", "7"}),
        ("two thousand three hundred and forty-one", {"2341"}),
        ("nineteen twenty", {"19", "20"}),
        ("sixty minutes and three", {"60", "3"}),
        ("half of a dozen", {"2", "12"}),
        ("Nobody ate anything.", set()),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(text: str, numbers: set[str]) -> None:
    assert set(map(str, numbers_in(text))) == numbers


def test_every_number_below_a_thousand_is_read_in_words() -> None:
    def in_words(n: int) -> str:
        small = (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        )
        small = [*small.split(), "sixteen", "seventeen", "eighteen", "nineteen"]
        tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
        if n < 20:
            return small[n]
        if n < 100:
            return tens[n // 10] + (f"-{small[n % 10]}" if n % 10 else "")
        return f"{small[n // 100]} hundred" + (f" and {in_words(n % 100)}" if n % 100 else "")

    for n in range(1000):
        assert numbers_in(f"They saw {in_words(n)} geese.") == {Fraction(n)}, in_words(n)


# ---- what becomes of a story ----


@pytest.mark.parametrize("kind", KINDS)
def test_a_story_read_back_under_other_letters_is_a_valid_problem_that_prove_derives(
    tmp_path: Path, kind: str
) -> None:
    (row,) = outcome(tmp_path, TellingEngine(), kind).rows
    assert check_row(row, "problem") == []
    assert prove(row).agrees
    assert separable(row).separable
    assert verify(row["solution"], row["answer"], AnswerSpec.from_dict(row["spec"])).correct
    assert row["meta"]["kind"] == kind
    assert row["meta"]["read"]["equations"]


def test_the_writer_is_not_told_the_answer_and_the_reader_sees_the_story_alone(tmp_path: Path) -> None:
    engine = TellingEngine()
    (row,) = outcome(tmp_path, engine).rows
    write, read = (request.messages for request in engine.requests)
    assert write is not None
    assert read is not None
    assert Fraction(row["answer"]) not in numbers_in(write[-1]["content"])
    assert read[-1]["content"].startswith(row["question"])
    assert not any(equation in read[-1]["content"] for equation in row["given"]["equations"])


def drop(*words: str) -> Any:
    def story(prompt: str) -> str:
        text = told(prompt)
        for word in words:
            text = re.sub(word, "", text)
        return text

    return story


def misread(change: Any) -> Any:
    def read(story: str) -> str:
        reading = json.loads(read_back(story))
        change(reading)
        return json.dumps(reading)

    return read


def solved(prompt: str) -> str:
    """The ages are given away: both solve the equations that are told."""
    system = drawn(random.Random(telling_seed(prompt)), "ages", 2, "train")
    return f"{system.wanted} years. {told(prompt)}"


SEED: dict[str, int] = {}


def telling_seed(_prompt: str) -> int:
    return SEED["ages"]


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        (TellingEngine(lambda prompt: told(prompt) + CUT_OFF), "never stopped"),
        (TellingEngine(lambda prompt: told(prompt).rstrip("?") + "."), "no question"),
        (TellingEngine(lambda prompt: ""), "no question"),
        (TellingEngine(lambda prompt: told(prompt).replace("equals", "=")), "told as equations"),
        (TellingEngine(drop(r"\d+")), "numbers missing"),
        (TellingEngine(solved), "answer given away"),
        (TellingEngine(read=lambda story: "I cannot."), "not read back"),
        (TellingEngine(read=lambda story: '{"unknowns": [], "equations": [], "asked": ""}'), "not read back"),
        (TellingEngine(read=misread(lambda r: r["equations"].pop())), "not read back"),
        (TellingEngine(read=misread(lambda r: r.update(asked="w"))), "not read back"),
        (TellingEngine(read=misread(lambda r: r["unknowns"].append(r["unknowns"][0]))), "not read back"),
        (
            TellingEngine(read=misread(lambda r: r["equations"].__setitem__(0, "p = __import__('os')"))),
            "not read back",
        ),
        (
            TellingEngine(read=misread(lambda r: r["equations"].__setitem__(0, "p + q = 3"))),
            "equations differ",
        ),
        (TellingEngine(read=misread(lambda r: r.update(asked="p + q"))), "answer differs"),
        (
            TellingEngine(read=misread(lambda r: r.update(equations=["p = 31", "q = -7/2"]))),
            "solved, not read",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_story_that_does_not_hold_is_rejected_with_the_reason(
    tmp_path: Path, engine: TellingEngine, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datagen.engines.engine import derive_seed

    SEED["ages"] = derive_seed(0, "stories", "story-1", 0, 0)
    assert outcome(tmp_path, engine).reason == reason


def test_of_several_tellings_the_first_that_holds_is_taken(tmp_path: Path) -> None:
    tellings = iter([lambda p: "Why?", told, told])
    engine = TellingEngine(lambda prompt: next(tellings)(prompt))
    (row,) = outcome(tmp_path, engine, samples=3).rows
    assert row["meta"]["sample"] == 1


def test_an_equation_that_takes_for_ever_ends_the_reading_and_not_the_run(tmp_path: Path) -> None:
    tower = "p^64 + p^63*q + q^64 = p*q^31 + 7"
    read = misread(lambda r: r["equations"].__setitem__(slice(None), [tower, tower.replace("p", "q")]))
    assert outcome(tmp_path, TellingEngine(read=read)).reason == "not read back"


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ([("3", "5")], [("5", "3")], True),
        ([("3", "5")], [("5", "8", "3")], True),
        ([("3", "5", "8")], [("8", "3")], True),
        ([("3", "5")], [("3",)], True),
        ([("3", "5")], [("3", "4")], False),
        ([("3", "5")], [("5", "9", "4")], False),
        ([("3", "5"), ("5", "3")], [("3", "5")], False),
        ([("3",)], [], False),
    ],
)
def test_solutions_are_the_same_up_to_names_and_further_unknowns(ours: Any, theirs: Any, same: bool) -> None:
    assert same_solutions(ours, theirs) is same
    assert same_solutions(theirs, ours) is same


# ---- the command ----


def datagen(out: Path, *more: object, kill: int = 0) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, telling_engine.__file__, "SIGKILL", kill]
    command = [*program, "stories", "--keep", 16, "--out", out, "--progress", "quiet", *more]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120
    )


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    whole = datagen(tmp_path / "whole.jsonl")
    assert whole.returncode == 0, whole.stderr
    assert "16 stories from " in whole.stderr
    assert "each read back and proved" in whole.stderr
    for items in (3, 7):
        assert datagen(tmp_path / "out.jsonl", kill=items).returncode == -9
        assert not (tmp_path / "out.jsonl").exists()
    assert datagen(tmp_path / "out.jsonl").returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    rows = list(read_rows(tmp_path / "out.jsonl"))
    assert list(check_file(tmp_path / "out.jsonl")) == []
    assert len({row["fingerprint"] for row in rows}) == 16


def test_a_dry_run_shows_the_prompts_and_writes_nothing(tmp_path: Path) -> None:
    done = datagen(tmp_path / "out.jsonl", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "What is true:" in done.stdout
    assert "You turn word problems into equations." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--kind", "age"), "--kind: unknown kind of story 'age'; did you mean 'ages'?"),
        (("--level", "1-5"), "--level: there is no level 4 of stories; levels are 1 to 3"),
    ],
)
def test_a_bad_request_is_one_sentence(tmp_path: Path, more: tuple[str, ...], sentence: str) -> None:
    done = datagen(tmp_path / "out.jsonl", *more)
    assert (done.returncode, done.stderr) == (2, f"error: {sentence}\n")


def test_a_model_that_tells_no_stories_ends_with_the_reasons_and_writes_nothing(tmp_path: Path) -> None:
    from tiny_gguf import Shape, write_tiny_gguf

    model = write_tiny_gguf(tmp_path / "tiny.gguf", Shape(context=4096), seed=4)
    command = [sys.executable, "-m", "datagen", "stories", "--engine", f"llama:{model}", "--max-tokens", "16"]
    command += ["--novelty-window", "8", "--out", str(tmp_path / "out.jsonl"), "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120)
    assert done.returncode == 2
    assert "error: datagen stories: none of 8 prompts became a row (" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()
