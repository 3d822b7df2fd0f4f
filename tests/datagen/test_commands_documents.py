"""`datagen documents` from files to rows: coverage told, killed and resumed, weak models held to quotes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import killed_command
import pytest
from document_files import wrapped, write_pdf
from reading_engine import ReadingEngine, knows
from tiny_gguf import Shape, write_tiny_gguf

from datagen.cli import program
from datagen.documents.reading import read_documents
from datagen.engines import open_engine
from datagen.recipes.shared.grounding import find_quote
from datagen.runs.account import account_of
from datagen.runs.journal import Journal
from schemas.check import check_file
from schemas.command import run_app
from schemas.rows import read_rows

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "documents"
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
SENTENCE = re.compile(r"answered by this sentence: (.*)")


def datagen(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code


def clerk(text: str, request: object, number: int) -> str:
    """Answers well: by schema with the first and an invented sentence, by steps with the sentence itself."""
    if found := SENTENCE.search(text):
        return f"What is said about {found[1].split()[-1].strip('.')}, and why?"
    source = text.split("\n\nWrite ")[0]
    blocks = [block for block in source.split("\n\n") if not block.lstrip().startswith(("Source:", "#", "|"))]
    parts = [part.strip() for block in blocks for part in re.split(r"(?<=[.])\s+", block)]
    sentences = [part for part in parts if len(part.split()) > 4]
    if "pair" not in text:
        return sentences[0] if sentences else "nothing"
    quotes = [*sentences[:1], "This was never written anywhere in it."]
    pairs = [{"quote": q, "question": f"Why is it that {q[:60]}?", "answer": q} for q in quotes]
    return json.dumps({"pairs": pairs})


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> ReadingEngine:
    """The clerk plays every engine, and is known to enforce schemas."""
    engine = ReadingEngine(clerk)
    monkeypatch.setattr("datagen.engines.settings.open_engine", lambda spec, options: engine)
    opened = Journal.__enter__

    def entering(journal: Journal) -> Journal:
        held = opened(journal)
        knows(held, engine, "schema")
        return held

    monkeypatch.setattr(Journal, "__enter__", entering)
    return engine


def test_every_sample_becomes_rows_and_the_summary_tells_what_was_visited(answering, tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    assert datagen("documents", SAMPLES, "--out", out, "--chunk-tokens", 120) == 0
    checking = check_file(out)
    assert (list(checking), checking.kind) == ([], "instruction")
    rows = list(read_rows(out))
    assert {row["meta"]["source"]["document"] for row in rows} == {path.name for path in SAMPLES.iterdir()}
    texts = {document.name: document.text for document in read_documents([SAMPLES]).documents}
    for row in rows:
        for quote in row["meta"]["quotes"]:
            held = texts[row["meta"]["source"]["document"]][quote["start"] : quote["end"]]
            assert " ".join(held.split()) == quote["text"]
    note, told = capsys.readouterr().err.splitlines()
    assert note == "letter.txt: not UTF-8: read as cp1252"
    read = re.search(r"(\d+) rows from (\d+) of (\d+) pieces of 5 documents \((.*?)\); dropped: ", told)
    assert read is not None, told
    assert int(read[1]) == len(rows)
    assert read[2] == read[3]
    assert re.search(r"handbook.pdf (\d+)/\1\b", read[4])
    assert f"quote not in the source: {read[2]}" in told


def test_few_rows_come_from_all_documents_and_not_from_the_first(answering, tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    assert datagen("documents", SAMPLES, "--out", out, "--chunk-tokens", 60, "--keep", 5) == 0
    sources = [row["meta"]["source"] for row in read_rows(out)]
    assert len({source["document"] for source in sources}) >= 4
    assert any(source["start"] > 0 for source in sources)
    assert re.search(r"5 rows from \d of \d\d pieces of 5 documents", capsys.readouterr().err)


def test_questions_that_come_again_are_duplicates(answering, tmp_path, capsys):
    text = "The old bell rings at noon on every second day. {}\n\n"
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(text.format(f"File {name} ends."))
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    assert datagen("documents", *files, "--out", tmp_path / "rows.jsonl") == 0
    assert len(list(read_rows(tmp_path / "rows.jsonl"))) == 1
    assert "duplicate: 1" in capsys.readouterr().err


def test_a_dry_run_shows_a_prompt_and_writes_nothing(answering, tmp_path, capsys):
    assert datagen("documents", SAMPLES, "--out", tmp_path / "rows.jsonl", "--dry-run") == 0
    told = capsys.readouterr().out
    assert "copied word for word" in told
    assert "[held to a schema]" in told
    assert list(tmp_path.iterdir()) == []


def test_the_account_names_the_files_that_were_read(answering, tmp_path):
    assert datagen("documents", SAMPLES / "bees.md", "--out", tmp_path / "rows.jsonl") == 0
    account = account_of(tmp_path / "rows.jsonl")
    assert account is not None
    assert [Path(one["path"]).name for one in account["inputs"]] == ["bees.md"]


def test_own_prompts_and_personas_reach_the_model(answering, tmp_path):
    (tmp_path / "who.txt").write_text("a diver\n")
    (tmp_path / "own.md").write_text("# pairs\n## user\n{{ text }}\n\nWrite pair for {{ persona }}!\n")
    more = ["--wording", tmp_path / "own.md", "--personas", tmp_path / "who.txt"]
    assert datagen("documents", SAMPLES / "bees.md", "--out", tmp_path / "rows.jsonl", *more) == 0
    assert answering.requests[0].messages[-1]["content"].endswith("Write pair for a diver!")


def test_broken_files_stop_the_command_before_anything_is_asked_or_are_left_out(answering, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    write_pdf(
        folder / "a.pdf", [wrapped("The bell of the harbour rings at noon. It was cast in Bergen in 1911.")]
    )
    (folder / "b.docx").write_bytes(b"bad")
    assert datagen("documents", folder, "--out", tmp_path / "rows.jsonl") == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {folder}/b.docx: is no Word document")
    assert told.count("\n") == 1
    assert answering.requests == []
    assert datagen("documents", folder, "--out", tmp_path / "rows.jsonl", "--skip-broken") == 0
    assert f"left out: {folder}/b.docx: is no Word document" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--overlap-tokens", 40, "--chunk-tokens", 60], "--overlap-tokens: 40 tokens are more than half"),
        (["--chunk-tokens", 3], "--chunk-tokens: must be at least 16, got 3"),
        (["--personas", "nobody.txt"], "--personas nobody.txt: cannot be read"),
        (["--route", "steeps"], "--route: unknown choice 'steeps'; did you mean 'steps'?"),
        (["--out", SAMPLES / "bees.md"], f"{SAMPLES / 'bees.md'}: the input and --out are one file"),
    ],
)
def test_a_bad_request_is_one_sentence(answering, tmp_path, more, told, capsys):
    out = [] if "--out" in more else ["--out", tmp_path / "rows.jsonl"]
    assert datagen("documents", SAMPLES, *out, *more) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith(f"error: {told}")
    assert not (tmp_path / "rows.jsonl").exists()


# ---- real models, too weak for the task ----


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf", Shape(context=2048), seed=6)


def asking(model: Path, out: Path, *more: object) -> list[str]:
    arguments = ["documents", SAMPLES / "handbook.pdf", "--engine", f"llama:{model}"]
    arguments += ["--out", out, "--threads", 1, "--chunk-tokens", 80, "--pairs-per-chunk", 2, *more]
    return [str(argument) for argument in arguments]


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of question and answer, so that a random model passes; its quotes must still hold."""
    monkeypatch.setattr("datagen.recipes.shared.grounding.is_question", lambda text: True)
    monkeypatch.setattr("datagen.recipes.shared.grounding.numbers_in", lambda text: set())
    monkeypatch.setattr("datagen.recipes.shared.grounding.is_supported", lambda *asked: True)


def test_a_random_model_under_a_schema_gives_no_row_because_no_quote_holds(model, tmp_path, lenient, capsys):
    out = tmp_path / "rows.jsonl"
    assert (
        datagen(*asking(model, out, "--route", "schema", "--chunk-tokens", 400, "--pairs-per-chunk", 1)) == 2
    )
    told = capsys.readouterr().err
    assert re.search(r"none of \d+ prompts became a row \(quote not in the source: \d+", told)
    assert not out.exists()


def test_rows_of_a_random_model_by_steps_rest_on_sentences_of_the_source(model, tmp_path, lenient):
    out = tmp_path / "rows.jsonl"
    assert datagen(*asking(model, out, "--route", "steps", "--max-tokens", 300)) == 0
    rows = list(read_rows(out))
    assert rows
    texts = {document.name: document.text for document in read_documents([SAMPLES]).documents}
    for row in rows:
        assert find_quote(row["meta"]["quotes"][0]["text"], texts[row["meta"]["source"]["document"]])


LENIENT = (
    "import sys\n"
    "import datagen.recipes.shared.grounding as grounding\n"
    "grounding.is_question = grounding.is_supported = lambda *asked: True\n"
    "grounding.numbers_in = lambda text: set()\n"
)


def struck(items: int, arguments: list[str]) -> int:
    """The exit code of the command in a process of its own, killed after so many items; 0 kills nobody."""
    code = f"{LENIENT}sys.path.insert(0, {str(Path(killed_command.__file__).parent)!r})\n"
    code += f"from killed_command import *\nstrike_after({items}, signal.SIGKILL)\nmain()\n"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False, timeout=120)
    return done.returncode


def test_killed_and_run_again_it_ends_in_the_same_bytes(model, tmp_path):
    more = ("--route", "steps", "--max-tokens", 300)
    assert struck(0, asking(model, tmp_path / "whole.jsonl", *more)) == 0
    out = tmp_path / "out.jsonl"
    for items in (1, 4):
        assert struck(items, asking(model, out, *more)) == -9
        assert not out.exists()
    assert struck(0, asking(model, out, *more, "--width", 3)) == 0
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    with Journal(tmp_path / "out.journal") as killed, Journal(tmp_path / "whole.journal") as whole:
        assert killed.count("samples") == whole.count("samples")
        assert killed.count("outcomes") == whole.count("outcomes") > 8


def test_the_embedded_model_ends_with_an_account(tmp_path, capsys):
    with open_engine(None, threads=1) as engine:
        assert engine.context == 256  # far too small for the task: the hardest case there is
    assert datagen("documents", SAMPLES, "--out", tmp_path / "rows.jsonl", "--threads", 1) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert re.match(
        r"error: datagen documents: none of \d+ prompts became a row \(.*not a question: \d+", told
    )
