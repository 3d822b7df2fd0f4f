"""The servers of the tests of the Ollama engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ollama
import pytest
from ollama_asking import REAL_MODEL, SHAPE
from ollama_stand_in import StandIn
from ollama_stand_in_model import NEWEST
from tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("ollama") / "tiny.gguf", SHAPE)


@pytest.fixture(scope="module")
def child(tiny: Path) -> Iterator[StandIn]:
    models = ("--model", f"tiny={tiny}", "--model", f"thinker={tiny}", "--thinks", "thinker")
    with StandIn(*models, "--registry", f"far={tiny}") as server:
        yield server


@pytest.fixture
def stand_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in as new: nothing loaded, nothing asked, nothing wrong."""
    if REAL_MODEL:
        pytest.skip("needs the stand-in")
    child: StandIn = request.getfixturevalue("child")
    child.set(faults=[], era=NEWEST, load_s=0, most_context=2**20, forget=True)
    monkeypatch.setenv("OLLAMA_HOST", child.address)
    return child


@pytest.fixture
def model(request: pytest.FixtureRequest) -> str:
    """A model of the real server, where one is named, or of the stand-in."""
    if REAL_MODEL:
        return REAL_MODEL
    request.getfixturevalue("stand_in")
    return "tiny"


@pytest.fixture
def client(model: str) -> ollama.Client:
    return ollama.Client()
