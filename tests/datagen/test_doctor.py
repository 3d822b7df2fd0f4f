"""`datagen doctor`: what it finds on a machine, which versions it warns of, and what it says of an engine."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from tiny_gguf import write_tiny_gguf

from datagen.cli import program
from datagen.commands import doctor as command
from datagen.doctor.local_servers import cached_models, hub_folders, ollama_url, servers
from datagen.doctor.machine import cores, features, machine, memory, parse_nvidia
from datagen.doctor.versions import KNOWN_BAD, clashes, unmet
from datagen.engines.files.memory import devices
from datagen.engines.probing.facts import FACTS
from schemas.command import run_app

ROOT = Path(__file__).resolve().parents[2]
FINE = {"trl": "1.14.2", "transformers": "5.17.0", "datasets": "4.8.5", "gguf": "0.19.0"}
SERVER = """
import sys, threading, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.port = sys.argv[1], 256, 1, 0
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def datagen(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as exit:
        run_app(program(), [str(argument) for argument in arguments])
    assert isinstance(exit.value.code, int)
    return exit.value.code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", seed=4)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No servers and models but those of the test."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


# ---- versions ----


@pytest.mark.parametrize(
    ("installed", "gpu", "severity", "words"),
    [
        ({"llama-cpp-python": "0.3.16"}, False, "broken", "adapter call"),
        ({"llama_cpp_python": "0.3.16"}, True, "broken", "adapter call"),
        ({"trl": "1.15.0"}, False, "broken", "without Triton"),
        ({"trl": "1.12.0", "transformers": "5.1.0"}, False, "broken", "first two releases"),
        ({"trl": "1.16.0", "unsloth": "2026.10.9"}, True, "broken", "newer than Unsloth accepts"),
        ({"transformers": "5.23.0", "unsloth": "2026.10.9"}, True, "broken", "newer than Unsloth accepts"),
        ({"datasets": "5.0.0", "trl": "1.12.0"}, False, "broken", "datasets 5"),
        ({"datasets": "4.6.1", "trl": "1.12.0"}, False, "broken", "newer datasets"),
        ({"unsloth": "2026.10.7"}, False, "broken", "without a GPU"),
        ({"trl": "1.13.0"}, False, "caution", "PPOTrainer"),
        ({"gguf": "0.20.0"}, False, "caution", "gguf 0.19 alone"),
        ({"xgrammar": "0.2.8"}, False, "caution", "not used here"),
    ],
)
def test_known_bad_versions_are_named_with_their_mend(installed, gpu, severity, words) -> None:
    found = clashes(installed, gpu=gpu)
    assert [clash.severity for clash in found if words in clash.what] == [severity]
    assert all(clash.mend and clash.source for clash in found)


@pytest.mark.parametrize(
    ("installed", "gpu"),
    [
        ({"llama-cpp-python": "0.3.20"}, False),
        ({"llama-cpp-python": "0.3.36"}, False),
        ({"trl": "1.12.0", "transformers": "5.2.0", "datasets": "4.7.0"}, False),
        ({"transformers": "5.23.0"}, False),
        ({"datasets": "5.0.0"}, False),
        ({"unsloth": "2026.10.7"}, True),
        ({"unsloth": "2026.10.9", "transformers": "5.17.0"}, False),
        ({"gguf": "0.19.3"}, False),
        ({}, False),
    ],
)
def test_good_versions_are_not_complained_of(installed, gpu) -> None:
    assert clashes(installed, gpu=gpu) == []


@pytest.mark.parametrize("mended_by", [{"triton": "3.6.0"}, {"unsloth": "2026.10.9"}])
def test_what_mends_a_combination_silences_it(mended_by) -> None:
    assert not any("Triton" in clash.what for clash in clashes({"trl": "1.15.0", **mended_by}, gpu=False))


def test_the_combination_the_kit_asks_for_is_not_broken() -> None:
    assert all(clash.severity == "caution" for clash in clashes(FINE, gpu=False))


def test_every_line_of_the_table_can_be_met() -> None:
    """By some version of the first package that it names, with all the others installed."""
    for bad in KNOWN_BAD:
        others = {name.partition("<")[0].partition(">")[0]: "1.12" for name in bad.packages[1:]}
        tried = ("0.1", "1.14", "1.15.0", "2026.10.3", "4.5", "5.0", "5.1", "5.20", "99")
        first = min(
            (name for name in (bad.packages[0].replace(c, " ").split()[0] for c in "<>=!") if name), key=len
        )
        found = [clashes({first: each, **others}, gpu=False) for each in tried]
        assert any(clash.what == bad.what for each in found for clash in each), bad


def test_requirements_that_are_not_met_are_found() -> None:
    asked = ["orjson>=3.10", "rich>=13.9", "torch<2.15,>=2.6; extra == 'train'", "gone; python_version < '3'"]
    have = {"rich": "12.0", "torch": "2.20"}
    found = unmet(asked, have)
    assert [(clash.severity, clash.packages) for clash in found] == [
        ("broken", ("orjson",)),
        ("broken", ("rich 12.0",)),
        ("caution", ("torch 2.20",)),
    ]
    assert unmet(asked, {"orjson": "3.10", "Rich": "14.0"}) == []


# ---- the machine ----


def test_the_machine_is_what_the_system_says() -> None:
    here = machine()
    assert here["cores"] <= len(os.sched_getaffinity(0))
    assert here["memory_gib"] >= here["memory_available_gib"] > 0
    assert here["python"] == sys.version.split()[0]
    json.dumps(here)


def test_features_are_named_as_llama_cpp_names_them() -> None:
    arm = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm sve\n"
    assert features(arm) == ["NEON", "DOTPROD", "MATMUL_INT8", "SVE"]
    assert features("flags\t\t: fpu avx2 f16c avx512f avx512_bf16\n") == [
        "AVX2",
        "F16C",
        "AVX512",
        "AVX512_BF16",
    ]
    assert features("model name: none of it") == []


def test_the_limits_of_a_container_count(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/proc/meminfo": "MemTotal:  8388608 kB\nMemAvailable:  4194304 kB\n",
        "/sys/fs/cgroup/memory.max": f"{2 * 2**30}\n",
        "/sys/fs/cgroup/memory.current": f"{2**30}\n",
        "/sys/fs/cgroup/cpu.max": "50000 100000\n",
    }
    monkeypatch.setattr("datagen.doctor.machine._text", lambda path: files.get(path, ""))
    assert memory() == (2.0, 1.0)
    assert cores() == 0.5
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    files["/sys/fs/cgroup/cpu.max"] = "max 100000\n"
    assert memory() == (8.0, 4.0)
    assert cores() == len(os.sched_getaffinity(0))


def test_gpus_are_read_from_nvidia_smi(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H100 80GB HBM3, 81559, 81006, 550.54.15'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (gpu,) = machine()["gpus"]
    assert gpu == {
        "name": "NVIDIA H100 80GB HBM3",
        "memory_gib": 79.6,
        "memory_free_gib": 79.1,
        "driver": "550.54.15",
    }
    program.write_text("#!/bin/sh\nexit 9\n")
    assert machine()["gpus"] == []
    assert parse_nvidia("no devices were found\n") == []


def test_llama_cpp_sees_the_processor() -> None:
    *_, processor = devices()
    assert not processor.is_gpu
    assert processor.description
    assert processor.total > 2**28


# ---- other servers ----


OLLAMA_SAYS = {
    "/api/version": {"version": "0.13.0"},
    "/api/tags": {"models": [{"name": "qwen3:4b"}, {"name": "llama3.2:1b"}]},
}


class Ollama(http.server.BaseHTTPRequestHandler):
    """The two answers of an Ollama server that are looked at; everything else leads away."""

    def do_GET(self) -> None:
        found = OLLAMA_SAYS.get(self.path)
        self.send_response(200 if found else 302)
        if not found:
            self.send_header("Location", "http://192.0.2.1/")
        self.end_headers()
        self.wfile.write(json.dumps(found or {"data": [{"id": "trap"}]}).encode())

    def log_message(self, *arguments: object) -> None: ...


@contextlib.contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def test_an_ollama_server_is_found_with_its_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Ollama) as port:
        monkeypatch.setenv("OLLAMA_HOST", f"0.0.0.0:{port}")
        monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128")
        ollama, other = servers(ports={port: "something else"})
    assert (ollama["answers"], ollama["version"]) == (True, "0.13.0")
    assert ollama["models"] == ["qwen3:4b", "llama3.2:1b"]
    assert not other["answers"], "a redirection is no answer, and is not followed"


def test_a_real_llama_server_is_found(model: Path) -> None:
    pytest.importorskip("xllamacpp")
    child = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(model)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline().strip().rpartition(":")[2])
        _, found = servers(ports={port: "llama-server"})
    finally:
        child.communicate()
    assert found["answers"]
    assert found["models"] == [str(model)]


def test_nobody_answers_where_nobody_listens() -> None:
    assert [server["answers"] for server in servers(ports={9: "discard"})] == [False, False]


def test_offline_asks_no_ollama_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://192.0.2.1:11434")
    ollama = servers(offline=True, ports={})[0]
    assert not ollama["answers"]
    assert "192.0.2.1" in ollama["note"]
    assert "--offline" in ollama["note"]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        (":8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("http://box", "http://box:80"),
        ("https://box", "https://box:443"),
    ],
)
def test_ollama_host_is_read_as_ollamas_client_reads_it(host: str, url: str) -> None:
    from ollama._client import _parse_host

    assert ollama_url(host) == url == _parse_host(host)


def test_models_of_the_hub_cache_are_found(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    folder = tmp_path / "hub" / "models--me--tiny-GGUF" / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(b"GGUF")
    (folder / "README.md").write_text("no model")
    assert cached_models() == [str(folder / "tiny.gguf")]
    for variable in ("HF_HUB_CACHE", "HF_HOME", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    told = subprocess.run(
        [sys.executable, "-c", "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [str(path) for path in hub_folders()] == [told.stdout.strip()]
    assert constants.HF_HUB_CACHE


# ---- the command without an engine ----


def test_the_report_is_one_json_object_with_the_installed_versions() -> None:
    code, out, _ = datagen("doctor", "--json")
    report = json.loads(out)
    assert code == int(any(clash["severity"] == "broken" for clash in report["clashes"]))
    for name in ("llama-cpp-python", "orjson", "rich"):
        assert report["packages"][name] == version(name)
    assert {engine["kind"]: engine["usable"] for engine in report["engines"]}["llama"]
    assert report["next"][-1] == "see what an engine really does: datagen doctor llama:FILE.gguf"


def test_the_report_for_people_names_what_matters() -> None:
    _, out, _ = datagen("doctor")
    for words in ("processor", "GiB available", f"llama-cpp-python {version('llama-cpp-python')}", "next:"):
        assert words in " ".join(out.split()), words


def test_versions_that_clash_are_told_and_are_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "installed", lambda needed: {"trl": "1.15.0", "llama-cpp-python": "0.3.16"})
    monkeypatch.setattr(command, "requirements", lambda: [])
    code, out, _ = datagen("doctor")
    assert code == 1
    told = " ".join(out.split())
    assert "BROKEN: trl 1.15.0" in told
    assert "BROKEN: llama-cpp-python 0.3.16" in told
    assert "pip install 'trl>=1.14,<1.15'" in told.partition("next:")[2]


def test_cautions_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "installed", lambda needed: {"xgrammar": "0.2.8"})
    monkeypatch.setattr(command, "requirements", lambda: [])
    code, out, _ = datagen("doctor")
    assert code == 0
    assert "caution: xgrammar 0.2.8" in out


def test_a_report_needs_no_torch_and_opens_no_model() -> None:
    """In a process of its own, whose modules are those the command has imported."""
    code = (
        "import sys\nfrom datagen.commands.doctor import look\nlook()\n"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'pyarrow', 'sympy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def a_report(**changes) -> dict:
    here = {"features": ["AVX2"], "gpus": [], "disk_free_gib": 50.0, "memory_available_gib": 8.0}
    return {
        "machine": {**here, **changes.pop("machine", {})},
        "llama_cpp": {"features": ["AVX2"], "gpu_offload": False, "devices": []},
        "packages": {"llama-cpp-python": "0.3.36"},
        "clashes": [],
        "servers": [],
        "models": [],
        "engines": [{"kind": "llama", "usable": True, "why": ""}],
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"machine": {"gpus": [{"name": "H100"}]}}, "GGML_CUDA=on"),
        ({"machine": {"features": ["AVX2", "AVX512"]}}, "without AVX512"),
        ({"machine": {"disk_free_gib": 0.5}}, "make room"),
        ({"machine": {"memory_available_gib": 0.2}}, "GiB of memory are free"),
        ({"engines": [{"kind": "llama", "usable": False, "why": ""}]}, "no engine can be used"),
        ({"models": ["/hub/tiny.gguf"]}, "datagen doctor llama:/hub/tiny.gguf"),
        (
            {"servers": [{"engine": "ollama", "url": "u", "answers": True, "models": ["qwen3:4b"]}]},
            "datagen doctor ollama:qwen3:4b",
        ),
        (
            {"servers": [{"engine": "openai", "url": "http://x/v1", "answers": True, "models": ["m"]}]},
            "datagen doctor 'openai:http://x/v1#m'",
        ),
    ],
)
def test_what_to_do_next_follows_from_what_was_found(changes, words) -> None:
    assert any(words in line for line in command.advice(a_report(**changes)))
    if "doctor" not in words:
        assert not any(words in line for line in command.advice(a_report()))


def test_an_engine_whose_package_is_missing_cannot_be_used() -> None:
    (llama, *_) = command.usable(a_report(packages={}))
    assert (llama["kind"], llama["usable"], llama["why"]) == ("llama", False, "pip install llama-cpp-python")


# ---- the command with an engine ----


def test_an_engine_is_probed_and_timed(model: Path) -> None:
    code, out, _ = datagen("doctor", f"llama:{model}", "--threads", 1, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["details"]["trained_context"] == 512
    assert [fact["name"] for fact in report["card"]["facts"]] == list(FACTS)
    assert "Prompts over 512 tokens will be refused, never cut." in report["means"]
    assert all(rate > 0 for rate in report["pace"].values())
    assert set(report["modes"]) == {"none", "false", "true"}


def test_the_table_of_an_engine_names_every_fact(model: Path) -> None:
    code, out, _ = datagen("doctor", f"llama:{model}", "--threads", 1)
    assert code == 0
    for name in (*FACTS, "trained_context", "tokens/s", "will be refused, never cut"):
        assert name in out, name


def test_the_settings_of_the_engine_are_those_it_is_opened_with(model: Path) -> None:
    _, out, _ = datagen("doctor", f"llama:{model}", "--threads", 1, "--context", 200, "--json")
    report = json.loads(out)
    assert report["card"]["context"] == report["details"]["context"] == 200


@pytest.mark.parametrize(
    ("spec", "words"), [("llama:gone.gguf", "gone.gguf"), ("gone.gguf", "KIND:MODEL"), ("lama:x", "llama")]
)
def test_an_engine_that_cannot_be_opened_is_one_sentence(spec: str, words: str) -> None:
    code, out, err = datagen("doctor", spec, "--json")
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err
