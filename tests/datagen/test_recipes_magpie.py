"""Magpie: where a user's turn begins and ends by the template of each family, and what is drawn there."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import killed_command
import pytest
from scripted_engine import ScriptedEngine
from tiny_gguf import write_tiny_gguf

from datagen.cli import program
from datagen.engines import Completion, Request, Sample, settings
from datagen.engines.chat_template import render_chat
from datagen.engines.llama.child import ChildEngine
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.recipes.magpie import Drawing, Turn, drawn, prompt_fault, turn_for, turn_of
from datagen.recipes.shared.sampling import Sampling
from datagen.runs.journal import Journal
from datagen.runs.run import run
from schemas import UserError
from schemas.command import run_app
from schemas.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}

TURNS = "{% for message in messages %}"
CHATML = (
    TURNS + "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n{% endif %}" + CHATML
)
LLAMA_3 = (
    "{{ bos_token }}" + TURNS + "<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n"
    "{{ message.content | trim }}<|eot_id|>{% endfor %}<|start_header_id|>assistant<|end_header_id|>\n\n"
)
MISTRAL = (
    "{{ bos_token }}"
    + TURNS
    + "{% if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}"
    "{% elif message.role == 'assistant' %}{{ message.content + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}" + TURNS + "<start_of_turn>{{ 'model' if message.role == 'assistant' else message.role }}\n"
    "{{ message.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
PHI_3 = (
    TURNS + "<|{{ message.role }}|>\n{{ message.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% else %}{{ eos_token }}{% endif %}"
)
ZEPHYR = (
    TURNS + "<|{{ message.role }}|>\n{{ message.content + eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
VICUNA = (
    TURNS + "{% if message.role == 'user' %}USER: {{ message.content }}\n"
    "{% elif message.role == 'assistant' %}ASSISTANT: {{ message.content }}</s>\n"
    "{% else %}{{ message.content }}\n\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
SYSTEM_IN_USER = (
    TURNS + "{% if message.role == 'user' %}[INST] {% if loop.index0 == 1 %}{{ messages[0].content }}\n\n"
    "{% endif %}{{ message.content }}[/INST]{% endif %}{% endfor %}"
)
BEGIN = {"bos_token": "<s>", "eos_token": "</s>"}
SYSTEM = [{"role": "system", "content": "You teach maths."}]
TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]


@pytest.mark.parametrize(
    ("template", "before", "prefix", "stop"),
    [
        (CHATML, [], "<|im_start|>user\n", "<|im_end|>"),
        (
            CHATML,
            SYSTEM,
            "<|im_start|>system\nYou teach maths.<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>",
        ),
        (
            CHATML,
            TALK,
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>",
        ),
        (
            QWEN,
            [],
            "<|im_start|>system\nYou are Qwen.<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>",
        ),
        (
            QWEN,
            SYSTEM,
            "<|im_start|>system\nYou teach maths.<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>",
        ),
        (
            LLAMA_3,
            [],
            "<s><|start_header_id|>user<|end_header_id|>\n\n",
            "<|eot_id|><|start_header_id|>assistant<|end_header_id|>",
        ),
        (MISTRAL, [], "<s>[INST]", "[/INST]"),
        (MISTRAL, TALK, "<s>[INST] Hi [/INST]Hello!</s>[INST]", "[/INST]"),
        (GEMMA, [], "<s><start_of_turn>user\n", "<end_of_turn>"),
        (PHI_3, [], "<|user|>\n", "<|end|>"),
        (PHI_3, SYSTEM, "<|system|>\nYou teach maths.<|end|>\n<|user|>\n", "<|end|>"),
        (ZEPHYR, [], "<|user|>\n", "</s>"),
        (VICUNA, [], "USER:", "ASSISTANT:"),
        (VICUNA, SYSTEM, "You teach maths.\n\nUSER:", "ASSISTANT:"),
        (SYSTEM_IN_USER, SYSTEM, "[INST] You teach maths.\n\n", "[/INST]"),
    ],
)
def test_the_user_s_turn_begins_and_ends_as_the_template_has_it(
    template: str, before: list[dict[str, str]], prefix: str, stop: str
) -> None:
    render = functools.partial(render_chat, template, special_tokens=BEGIN)
    assert turn_of(render, before) == Turn(prefix, stop)


@pytest.mark.parametrize(
    ("template", "before", "told"),
    [
        (GEMMA, SYSTEM, "System role not supported"),
        (MISTRAL, SYSTEM, "Only user and assistant roles"),
        ("Nothing", [], "writes the user's words 0 times"),
        (
            TURNS + "a {{ message.content }} {{ message.content }} b{% endfor %}",
            [],
            "writes the user's words 2 times",
        ),
        (TURNS + "USER: {{ message.content }}\n{% endfor %}", [], "puts nothing after"),
        (TURNS + "{{ message.content }} OK{% endfor %}", [], "puts nothing before"),
    ],
)
def test_a_template_without_a_user_s_turn_is_refused(
    template: str, before: list[dict[str, str]], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        turn_of(functools.partial(render_chat, template, special_tokens=BEGIN), before)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("magpie") / "tiny.gguf", seed=4)


@pytest.mark.parametrize("opened", [LlamaCppEngine, ChildEngine])
def test_the_turn_of_a_file_is_that_of_its_own_template(tiny: Path, opened: type) -> None:
    with opened(tiny, threads=1, width=2) as engine:
        turn = turn_for(engine)
        assert (turn.prefix, turn.stop) == ("<|im_start|>user\n", "<|im_end|>")
        assert engine.tokenize("<|im_end|>") == [turn.stop_token]


class BeginningEngine(LlamaCppEngine):
    """Puts its begin token before raw prompts, and in its template too, as Llama 3 and Mistral do."""

    def __init__(self, path: Path, *, adds: bool) -> None:
        super().__init__(path, threads=1, width=2)
        self.adds = adds
        (self.begin,) = self.tokenize("<|endoftext|>")
        self.metadata = {**self.metadata, "tokenizer.ggml.bos_token_id": self.begin}

    def render(self, messages, **options):  # type: ignore[no-untyped-def]
        return "<|endoftext|>" + super().render(messages, **options)

    async def count(self, request: Request) -> int:
        return len(self.tokenize(request.prompt or "")) + self.adds


@pytest.mark.parametrize("adds", [True, False])
def test_the_begin_token_stands_there_once(tiny: Path, adds: bool) -> None:
    with BeginningEngine(tiny, adds=adds) as engine:
        prefix = turn_for(engine).prefix
    assert prefix == ("" if adds else "<|endoftext|>") + "<|im_start|>user\n"


class HoldingEngine(ScriptedEngine):
    """Draws one prompt whose turn is closed by a control token that ends no answer, and goes on to answer."""

    def __init__(self) -> None:
        super().__init__({})

    async def generate(self, request: Request) -> Completion:
        self.requests.append(request)
        sample = Sample(" What is rain? Water.", (1, 2, 9, 3), "length")
        return Completion((sample,), prompt_tokens=1, completion_tokens=4, seconds=0.0, model=self.name)

    def identity(self, request: Request | None = None) -> dict:
        return {"engine": self.name, **({} if request is None else {"prompt": request.prompt})}

    def detokenize(self, tokens, special: bool = False) -> str:  # type: ignore[no-untyped-def]
        return "".join(
            {1: " What is", 2: " rain?", 3: " Water.", 9: "[/INST]" if special else ""}[t] for t in tokens
        )


def test_a_prompt_ends_where_its_turn_is_closed_though_the_model_goes_on(tmp_path: Path) -> None:
    engine = HoldingEngine()
    options = Drawing(Turn("[INST]", "[/INST]", 9), Sampling(1))
    with Journal(tmp_path / "a.journal") as journal:
        (outcome,) = run(drawn, [{"id": "a", "round": 1}], engine, journal, options=options)
    (row,) = outcome.rows
    assert (row["prompt"], row["ended"]) == ("What is rain?", True)
    assert (engine.requests[0].prompt, engine.requests[0].stop) == ("[INST]", ("[/INST]",))


@pytest.mark.parametrize(
    ("prompt", "ended", "fault"),
    [
        ("What is rain?", True, None),
        (" ", True, "empty"),
        ("What is", False, "never stopped"),
        ("word " * 51, True, "too long"),
        ("?!", True, "says nothing"),
        ("Hi<|im_start|>", True, "shows the template"),
        ("Sure! Here it is.", True, "speaks as the assistant"),
        ("I'm sorry, I can't do that.", True, "refusal"),
        ("I'm sorry, I can't do that. Is there anything else I can help you with?", True, "refusal"),
        ("I can't log into my account, what should I do?", True, None),
        ("Sorry, I can't see why: what is a monad?", True, None),
        ("Sure, but what is a monad?", True, None),
        ("Here is my code. Why does it fail?", True, None),
        ("\u4f60\u597d\u5417", True, None),
    ],
)
def test_what_is_no_prompt_is_named(prompt: str, ended: bool, fault: str | None) -> None:
    assert prompt_fault(prompt, 50, ended=ended) == fault


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def test_an_engine_that_does_not_show_its_template_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "open_engine", lambda *_, **__: ScriptedEngine({}))
    assert datagen("magpie", "--engine", "ollama:some", "--out", tmp_path / "out.jsonl") == 2
    told = capsys.readouterr().err
    assert told.startswith("error: scripted: this engine does not show how its model writes a user's turn")
    assert "--engine llama:FILE.gguf" in told
    assert told.count("\n") == 1


def test_a_subject_is_said_to_the_model_and_not_written_into_the_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from speaking_engine import SpeakingEngine

    engine = SpeakingEngine()
    monkeypatch.setattr(settings, "open_engine", lambda *_, **__: engine)
    out = tmp_path / "out.jsonl"
    assert datagen("magpie", "--about", "knots", "--keep", 5, "--turns", 2, "--out", out) == 0
    assert all(
        "guidance about knots" in (request.prompt or request.messages[0]["content"])  # type: ignore[index]
        for request in engine.requests
    )
    for row in read_rows(out):
        assert {turn["role"] for turn in row["messages"]} == {"user", "assistant"}
        assert "guidance about knots" in row["meta"]["system"]
    assert {row["meta"]["turns"] for row in read_rows(out)} <= {1, 2}
    assert max(len(row["messages"]) for row in read_rows(out)) == 4
    assert datagen("magpie", "--about", "knots", "--system", "Hi", "--out", out) == 2
    assert "--system: said twice" in capsys.readouterr().err


def test_the_embedded_model_speaks_as_the_assistant_and_the_account_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert datagen("magpie", "--keep", 5, "--threads", 1, "--out", out) == 0
    assert "speaks as the assistant: " in capsys.readouterr().err.splitlines()[-1]
    assert len(list(read_rows(out))) == 5


def test_a_real_model_killed_and_at_any_width_draws_the_same_bytes(tmp_path: Path) -> None:
    arguments = [
        "magpie",
        "--keep",
        "12",
        "--prompts-a-round",
        "64",
        "--turns",
        "2",
        "--threads",
        "1",
        "--out",
    ]
    for width in (1, 16):
        assert datagen(*arguments, tmp_path / f"{width}.jsonl", "--width", width) == 0
    whole = (tmp_path / "1.jsonl").read_bytes()
    assert whole == (tmp_path / "16.jsonl").read_bytes()
    out = tmp_path / "killed.jsonl"
    for items in (3, 40):
        command = [sys.executable, killed_command.__file__, "SIGKILL", str(items), *arguments, str(out)]
        killed = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False, timeout=60)
        assert killed.returncode == -9, killed.stderr
        assert not out.exists()
    assert datagen(*arguments, out) == 0
    assert out.read_bytes() == whole
