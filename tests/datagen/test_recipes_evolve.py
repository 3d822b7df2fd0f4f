"""Evol-Instruct: what is no evolution and why, and where a chain goes on after a failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_engine import CUT_OFF, ScriptedEngine, sample

from datagen.cli import program
from datagen.engines import Completion, Request, settings
from datagen.engines.probing.card import RETRY
from datagen.recipes import evolve as module
from datagen.recipes.evolve import (
    OPERATORS,
    Chain,
    Evolving,
    evolve,
    evolved,
    evolved_answer_fault,
    items_of_generation,
)
from datagen.recipes.shared.sampling import Sampling
from datagen.recipes.wording import Wording, wording
from datagen.runs.account import account_of
from datagen.runs.journal import Journal, Outcome
from datagen.runs.run import run
from schemas.check import check_row
from schemas.command import run_app
from schemas.rows import read_rows

WORDS = Wording(
    "evolve",
    {"deepen": (("user", "deepen {{ instruction }}"),), "equal": (("user", "{{ before }} = {{ after }}?"),)},
)
ITEM = {
    "id": "p-g1",
    "chain": "p",
    "parent": "p",
    "before": [],
    "text": "Name three birds.",
    "operator": "deepen",
    "generation": 1,
    "steps": [],
}
BETTER = "Name three birds that cannot fly, and say why."


@pytest.fixture
def unprobed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts as JSON in an answer: a scripted engine has no answers for a probe."""
    real = module.structured_samples

    async def told(team, request, schema):  # type: ignore[no-untyped-def]
        return await real(team, request, schema, mode=RETRY, attempts=1)

    monkeypatch.setattr(module, "structured_samples", told)


class JudgingEngine(ScriptedEngine):
    """Answers a question of equality, however it is put, with what is scripted under "=?"."""

    async def generate(self, request: Request) -> Completion:
        assert request.messages is not None
        if " = " not in request.messages[-1]["content"]:
            return await super().generate(request)
        self.requests.append(request)
        answer = sample(self.script["=?"][0])
        return Completion((answer,), prompt_tokens=1, completion_tokens=1, seconds=0.0, model=self.name)


def step(answer: str, verdict: str, path: Path) -> tuple[Outcome, ScriptedEngine]:
    engine = JudgingEngine({f"deepen {ITEM['text']}": [answer], "=?": [verdict]})
    with Journal(path / "a.journal") as journal:
        (found,) = run(evolved, [ITEM], engine, journal, options=Evolving(WORDS, Sampling(1)))
    return found, engine


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        (BETTER, '{"equal": false}', None),
        (f"The harder instruction:\n{BETTER}", '{"equal": false}', None),
        (f'"{BETTER}"', '{"equal": false}', None),
        (BETTER, '{"equal": true}', "nothing gained"),
        (BETTER, "Hard to say.", "not judged"),
    ],
)
def test_whether_anything_was_gained_the_model_says(
    answer: str, verdict: str, reason: str | None, unprobed: None, tmp_path: Path
) -> None:
    found, engine = step(answer, verdict, tmp_path)
    assert found.reason == reason
    assert [row["text"] for row in found.rows] == ([BETTER] if reason is None else [])
    assert engine.requests[-1].temperature == 0


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('Name three birds that say "hello"', 'Name three birds that say "hello"'),
        ('"To be" and "or not": who wrote both?', '"To be" and "or not": who wrote both?'),
        ('"Name three birds of the sea."', "Name three birds of the sea."),
    ],
)
def test_only_quotation_marks_around_all_of_a_prompt_are_left_out(
    answer: str, text: str, unprobed: None, tmp_path: Path
) -> None:
    found, _ = step(answer, '{"equal": false}', tmp_path)
    assert [row["text"] for row in found.rows] == [text]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (f"Name three{CUT_OFF}", "never stopped"),
        ("", "empty"),
        ("I'm sorry, but I cannot rewrite that.", "refusal"),
        ("#Rewritten Prompt#: Name four birds.", "copies the rewriting prompt"),
        ("Name four birds as in the given prompt.", "copies the rewriting prompt"),
        ("Here is a better one: name four birds.", "speaks as the assistant"),
        ("name three birds!", "same prompt"),
        ("What is it that you do?", "only stop words"),
        ("Name birds. " * 60, "grew too long"),
    ],
)
def test_a_rewritten_prompt_that_is_none_is_named_and_no_verdict_is_asked(
    answer: str, reason: str, unprobed: None, tmp_path: Path
) -> None:
    found, engine = step(answer, '{"equal": false}', tmp_path)
    assert found.reason == reason
    assert len(engine.requests) == 1


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("Sorry, there is no such bird.", "says sorry"),
        ("Sorry if this is long. " + "word " * 80, None),
        ("It is as it is...", "only stop words"),
        ("No.", None),
        ("The emu.", None),
        (f"The emu{CUT_OFF}", "never stopped"),
        ("...", "only stop words"),
    ],
)
def test_an_answer_tells_that_evolving_has_failed(answer: str, fault: str | None) -> None:
    assert evolved_answer_fault(sample(answer), "Name a bird.") == fault


def test_a_row_tells_its_chain_and_keeps_what_came_before(tmp_path: Path) -> None:
    before = [{"role": "system", "content": "Be brief."}]
    item = {**ITEM, "before": before, "text": BETTER, "meta": {"words": 9}, "steps": [{"id": "p-g0"}]}
    with Journal(tmp_path / "a.journal") as journal:
        engine = ScriptedEngine({BETTER: ["The emu."]})
        (found,) = run(evolve, [item], engine, journal, options=Sampling(1))
    (row,) = found.rows
    assert check_row(row, "instruction") == []
    assert [turn["role"] for turn in row["messages"]] == ["system", "user", "assistant"]
    told = {
        name: row["meta"][name] for name in ("chain", "parent", "operator", "generation", "steps", "words")
    }
    assert told == {
        "chain": "p",
        "parent": "p",
        "operator": "deepen",
        "generation": 1,
        "steps": [{"id": "p-g0"}],
        "words": 9,
    }


def test_each_operator_has_its_turn_and_its_prompt() -> None:
    chains = [Chain(f"p{n}", (), "Name a bird.", f"p{n}") for n in range(120)]
    drawn = [item["operator"] for item in items_of_generation(1, chains, OPERATORS, 0)]
    assert set(drawn) == set(OPERATORS)
    assert drawn != [item["operator"] for item in items_of_generation(2, chains, OPERATORS, 0)]
    words = wording("evolve")
    for operator in OPERATORS:
        assert "Name a {{ bird }}." in words.text(operator, instruction="Name a {{ bird }}.")


class FailingEngine(ScriptedEngine):
    """Adds a word to a prompt a generation, and cannot answer prompts that hold "two"."""

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        assert request.messages is not None
        text = request.messages[-1]["content"]
        if request.schema is not None or " = " in text:
            answer = '{"equal": false}'
        elif text.startswith("deepen "):
            number = ("one", "two", "three", "four")[text.count("and")]
            answer = f"{text.removeprefix('deepen ')} and {number}"
        else:
            answer = "Sorry, no." if "two" in text else "The emu."
        done = (sample(answer),) * request.n
        return Completion(done, prompt_tokens=1, completion_tokens=1, seconds=0.0, model=self.name)


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def test_after_a_failure_a_chain_goes_on_from_its_last_good_prompt(
    tmp_path: Path, unprobed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "open_engine", lambda *_, **__: FailingEngine({}))
    own = tmp_path / "own.md"
    own.write_text(
        "# deepen\n## user\ndeepen {{ instruction }}\n# equal\n## user\n{{ before }} = {{ after }}\n"
    )
    (tmp_path / "prompts.txt").write_text("Name birds\n")
    out = tmp_path / "out.jsonl"
    more = ["--operators", "deepen", "--generations", 3, "--wording", own]
    assert datagen("evolve", "--prompts", tmp_path / "prompts.txt", *more, "--out", out) == 0
    rows = list(read_rows(out))
    # The second generation fails at its answer; the third gets the same prompt again, which was there.
    assert [row["messages"][0]["content"] for row in rows] == ["Name birds and one"]
    account = account_of(out)
    assert account is not None
    assert [(stage["recipe"], stage["items"], stage["rejected"]) for stage in account["stages"]] == [
        ("evolved", 3, {"duplicate": 1}),
        ("evolve", 2, {"says sorry": 1}),
    ]


@pytest.mark.parametrize(
    ("named", "told"),
    [("depen", "unknown operator 'depen'; did you mean 'deepen'?"), (",", "--operators: names none")],
)
def test_an_unknown_operator_is_one_sentence(
    named: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prompts.txt").write_text("Name birds\n")
    arguments = ["--prompts", tmp_path / "prompts.txt", "--operators", named, "--out", tmp_path / "o.jsonl"]
    assert datagen("evolve", *arguments) == 2
    assert told in capsys.readouterr().err
