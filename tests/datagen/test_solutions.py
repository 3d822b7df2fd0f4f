"""`datagen solutions`: what is kept is right, by the verifier, by tests in a sandbox, or by agreement."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import telling_engine
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_engine import CUT_OFF, ScriptedEngine, sample

from datagen.engines import Completion, Request, Sample
from datagen.given_problems import problem_of
from datagen.problems.generate import draw, generate
from datagen.recipes.shared.choosing import most_central, most_distinct
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.solutions import SolutionOptions, as_thought, ballots, solutions
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas.check import check_file, check_row
from schemas.rows import Row, read_rows, write_rows
from verifiers import AnswerSpec, verify
from verifiers.code import probe

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
PROBLEM = draw("addition", 2, "train", 7, 0)
RIGHT, WRONG = (f"It is \\boxed{{{int(PROBLEM['answer']) + more}}}." for more in (0, 1))
QUESTION = {"id": "q", "prompt": [{"role": "user", "content": "How much?"}], "question": "How much?"}


def solved(folder: Path, problem: Row, answers: list[str], engine: Any = None, **more: Any) -> Outcome:
    engine = engine or ScriptedEngine({problem["prompt"][-1]["content"]: answers})
    options = SolutionOptions(Sampling(len(answers)), **more)
    with Journal(folder / "journal") as journal:
        (found,) = run(solutions, [problem], engine, journal, options=options)
    return found


def said(found: Outcome) -> list[str]:
    return [row["messages"][-1]["content"] for row in found.rows]


# ---- with a known answer ----


def test_the_shortest_right_solution_is_kept_and_says_how_it_was_found(tmp_path: Path) -> None:
    longer = f"Let me see, carefully. {RIGHT}"
    found = solved(tmp_path, PROBLEM, [longer, WRONG, RIGHT, RIGHT + CUT_OFF])
    assert said(found) == [RIGHT]
    (row,) = found.rows
    assert check_row(row, "instruction") == []
    assert row["messages"][:-1] == PROBLEM["prompt"]
    told = {"checked": "verified", "answer": PROBLEM["answer"], "passed": 2, "asked": 4, "sample": 2}
    assert {**row["meta"], **told} == row["meta"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([RIGHT + CUT_OFF, WRONG + CUT_OFF], "never stopped"),
        ([WRONG, "I do not know."], "none is right"),
    ],
)
def test_a_problem_without_a_right_solution_is_rejected(
    tmp_path: Path, answers: list[str], reason: str
) -> None:
    assert solved(tmp_path, PROBLEM, answers).reason == reason


def test_an_answer_that_nobody_can_judge_is_undecided(tmp_path: Path) -> None:
    assert solved(tmp_path, {**PROBLEM, "answer": "1/0"}, [RIGHT]).reason == "undecided"


def test_so_many_are_kept_as_are_wanted_no_text_twice(tmp_path: Path) -> None:
    answers = [f"a b c {RIGHT}", f"a b c d {RIGHT}", f"x y z {RIGHT}", f"a b c {RIGHT}"]
    picked = {
        pick: said(solved(tmp_path / pick, PROBLEM, answers, most=2, pick=pick))
        for pick in ("first", "shortest", "central", "distinct")
        if (tmp_path / pick).mkdir() is None
    }
    assert picked["first"] == [answers[0], answers[1]]
    assert picked["shortest"] == [answers[0], answers[2]]
    assert picked["central"] == [answers[0], answers[1]]
    assert picked["distinct"] == [answers[0], answers[2]]
    assert len(solved(tmp_path, PROBLEM, answers, most=9).rows) == 3


@given(st.lists(st.text("abc ", max_size=12), min_size=1, max_size=6), st.integers(1, 7))
def test_what_is_picked_is_so_many_of_the_texts_each_once(texts: list[str], most: int) -> None:
    for pick in (most_central, most_distinct):
        places = pick(texts, most)
        assert len(places) == len(set(places)) == min(most, len(texts))
        assert set(places) <= set(range(len(texts)))


# ---- think tags ----


def test_every_worked_solution_stays_right_in_think_tags() -> None:
    from datagen.problems import families

    for problem in generate(families(), [2], len(families()), seed=3):
        if problem["spec"]["kind"] == "checker":
            continue
        text = as_thought(sample(problem["solution"]), problem["answer"])
        assert text.startswith("<think>\n")
        assert "\\boxed" not in text.partition("</think>")[0]
        assert verify(text, problem["answer"], AnswerSpec.from_dict(problem["spec"])).correct


class Thinking(ScriptedEngine):
    """An engine that gives its reasoning apart."""

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        samples = tuple(Sample(RIGHT, (1, 2), "stop", reasoning="First the ones.") for _ in range(request.n))
        return Completion(samples, 1, 2, 0.0, self.name)


@pytest.mark.parametrize("inline", [False, True])
def test_reasoning_is_kept_in_the_tags_or_in_meta(tmp_path: Path, inline: bool) -> None:
    engine = None if inline else Thinking({})
    answers = [f"<think>First the ones.</think>\n{RIGHT}"]
    thought = solved(tmp_path, PROBLEM, answers, engine, form="think")
    assert thought.reason is None
    assert said(thought) == [f"<think>\nFirst the ones.\n</think>\n\n{RIGHT}"]
    assert "reasoning" not in thought.rows[0]["meta"]
    plain = solved(tmp_path, PROBLEM, answers, engine)
    assert said(plain) == [RIGHT]
    assert plain.rows[0]["meta"]["reasoning"] == "First the ones."


def test_attempts_keep_the_reasoning_too(tmp_path: Path) -> None:
    from datagen.recipes.attempts import attempts

    with Journal(tmp_path / "journal") as journal:
        (found,) = run(attempts, [PROBLEM], Thinking({}), journal, options=Sampling(1))
    (row,) = found.rows
    assert row["completion"][0]["content"] == f"<think>\nFirst the ones.\n</think>\n\n{RIGHT}"
    assert row["reward"] == 1.0


# ---- by agreement ----


def test_equal_answers_are_one_whatever_their_spelling(tmp_path: Path) -> None:
    answers = [r"\boxed{1/2}", r"so \boxed{\frac{2}{4}}", r"\boxed{0.5}", r"\boxed{2}", "what?"]
    found = solved(tmp_path, QUESTION, answers, agreement=0.6)
    (row,) = found.rows
    assert row["messages"][-1]["content"] in answers[:3]
    told = {"checked": "agreed", "agreement": 0.6, "asked": 5, "votes": [["1/2", 3], ["2", 1]]}
    assert {**row["meta"], **told} == row["meta"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([r"\boxed{1}", r"\boxed{1}", "no", "no"], "too few answers"),
        ([r"\boxed{1}", r"\boxed{1}", r"\boxed{2}", r"\boxed{2}"], "no agreement"),
        ([r"\boxed{1}", r"\boxed{1}", r"\boxed{2}", r"\boxed{3}", "no"], "no agreement"),
        ([r"\boxed{1}" + CUT_OFF] * 3, "never stopped"),
        # Those that never stopped count among the samples that must agree.
        ([r"\boxed{1}"] * 3 + [r"\boxed{1}" + CUT_OFF] * 4, "no agreement"),
    ],
)
def test_without_agreement_nothing_is_kept(tmp_path: Path, answers: list[str], reason: str) -> None:
    assert solved(tmp_path, QUESTION, answers).reason == reason


@given(st.permutations([r"\boxed{1/2}", r"\boxed{0.5}", r"\boxed{50\%}", r"\boxed{3}", r"\boxed{3.0}", "?"]))
@settings(max_examples=30)
def test_the_order_of_the_samples_does_not_change_who_agrees_with_whom(texts: list[str]) -> None:
    votes = ballots(list(enumerate(map(sample, texts))))
    groups = {frozenset(found.text for _, found in vote.voters) for vote in votes}
    assert frozenset({r"\boxed{3}", r"\boxed{3.0}"}) in groups
    assert sum(map(len, groups)) == 5


@given(st.permutations([r"\boxed{50\%}", r"\boxed{50}", r"\boxed{\frac12}", r"\boxed{50}", r"\boxed{1/2}"]))
@settings(max_examples=30, deadline=None)
def test_what_equals_two_answers_that_differ_does_not_make_them_one(texts: list[str]) -> None:
    votes = ballots(list(enumerate(map(sample, texts))))
    halves = {r"\boxed{\frac12}", r"\boxed{1/2}"}
    assert [{found.text for _, found in vote.voters} - halves for vote in votes] == [
        {r"\boxed{50}", r"\boxed{50\%}"},
        set(),
    ]
    assert [len(vote.voters) for vote in votes] == [3, 2]


# ---- programs ----

CODE = {
    "question": "Write a function twice(n) that doubles a number.",
    "solution": "def twice(n):\n    return 2 * n\n",
    "tests": [{"call": "twice", "args": [n], "expected": 2 * n} for n in (1, 5, -2)],
}


@pytest.mark.skipif(probe().level == "L0", reason="programs of a model need L1")
def test_programs_are_kept_when_they_pass_their_tests(tmp_path: Path) -> None:
    def program(body: str) -> str:
        return f"Add it.\n```python\ndef twice(n):\n    {body}\n```"

    thief = "open('/tmp/owned', 'w').write('x')"
    answers = [program(thief), program("return n * n"), program("while True: pass"), program("return n + n")]
    problem = problem_of(CODE, "code.jsonl", 1)
    found = solved(tmp_path, problem, answers)
    assert said(found) == [answers[3]]
    assert found.rows[0]["meta"]["passed"] == 1
    assert not Path("/tmp/owned").exists()
    (tmp_path / "think").mkdir()
    thought = solved(tmp_path / "think", problem, answers[3:], form="think")
    assert said(thought) == [
        "<think>\nAdd it.\n</think>\n\n" + program("return n + n").removeprefix("Add it.\n")
    ]


# ---- the command ----


def datagen(problems: Path, out: Path, *more: object, kill: int = 0) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, telling_engine.__file__, "SIGKILL", kill, "solutions", "--problems", problems]
    command = [*program, "--out", out, "--progress", "quiet", *more]
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=ENVIRONMENT, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty sums, with answers and as bare questions."""
    folder = tmp_path_factory.mktemp("sums")
    rows = [draw("addition", 2, "train", 1, index) for index in range(30)]
    write_rows(folder / "known.jsonl", rows)
    write_rows(folder / "bare.jsonl", [{"question": row["question"]} for row in rows])
    return folder


@pytest.mark.parametrize("name", ["known", "bare"])
def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(sums: Path, tmp_path: Path, name: str) -> None:
    problems = sums / f"{name}.jsonl"
    whole = datagen(problems, tmp_path / "whole.jsonl", "--format", "think")
    assert whole.returncode == 0, whole.stderr
    for items in (4, 11):
        assert datagen(problems, tmp_path / "out.jsonl", "--format", "think", kill=items).returncode == -9
        assert not (tmp_path / "out.jsonl").exists()
    assert datagen(problems, tmp_path / "out.jsonl", "--format", "think").returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert list(check_file(tmp_path / "out.jsonl")) == []
    truth = {row["prompt"][-1]["content"]: row["answer"] for row in read_rows(sums / "known.jsonl")}
    rows = list(read_rows(tmp_path / "out.jsonl"))
    right = sum(
        verify(
            row["messages"][-1]["content"], truth[row["messages"][0]["content"].partition("\n")[0]]
        ).correct
        for row in rows
    )
    # Agreement is no proof: this engine errs one time of five, and now and then most samples err alike.
    assert right >= len(rows) * (1 if name == "known" else 0.85)
    assert {row["meta"]["checked"] for row in rows} == {"verified" if name == "known" else "agreed"}


def test_a_dry_run_shows_the_first_prompt_and_writes_nothing(sums: Path, tmp_path: Path) -> None:
    done = datagen(sums / "known.jsonl", tmp_path / "out.jsonl", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "== solutions: what the first item asks\n-- to the generator" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_rows_that_cannot_be_used_are_told_in_the_summary(sums: Path, tmp_path: Path) -> None:
    rows = [*read_rows(sums / "bare.jsonl"), {"question": ""}]
    write_rows(tmp_path / "more.jsonl", rows)
    done = datagen(tmp_path / "more.jsonl", tmp_path / "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert "1 of 31 rows left out (no question: 1 (first in line 31))" in done.stderr


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--temperature", 0), "--temperature: at temperature 0 all 8 answers to a problem are the same"),
        (("--samples", 2), "--least: 3 answers of 2 samples can never be"),
    ],
)
def test_a_bad_request_is_one_sentence(
    sums: Path, tmp_path: Path, more: tuple[object, ...], sentence: str
) -> None:
    done = datagen(sums / "bare.jsonl", tmp_path / "out.jsonl", *more)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {sentence}")
