"""Models of a hub: fetched once by the real client from a server on loopback, or one sentence why not."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hub_stand_in import COMMIT, Hub, serving
from odd_gguf import split
from tiny_gguf import write_tiny_gguf

from datagen.engines.files.hub import HubFile, parse
from schemas import UserError

# The client reads its settings when it is imported, so it runs in a process of its own.
FETCH = """
import sys
from datagen.engines.files.hub import fetch, parse
from schemas import UserError
try:
    print(fetch(parse(sys.argv[1]), offline="offline" in sys.argv))
except UserError as error:
    print(f"{type(error).__name__}: {error}")
"""
DEADLINE_S = 60


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("hub")
    whole = write_tiny_gguf(folder / "tiny-f16.gguf", dtype="f16")
    parts = split(write_tiny_gguf(folder / "tiny.gguf"), folder, "big")
    named = {path.name: path.read_bytes() for path in (whole, *parts)}
    return {**named, "q8/tiny-q8_0.gguf": whole.read_bytes(), "README.md": b"a model"}


@pytest.fixture
def hub(files):
    repositories = {"owner/tiny": files, "owner/secret": files, "owner/texts": {"a.txt": b"a"}}
    with serving(Hub(repositories, gated={"owner/secret"})) as running:
        yield running


def environment(hub: Hub, home: Path) -> dict[str, str]:
    named = {"HF_ENDPOINT": hub.url, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))
    }
    return {**kept, **named}


def fetch(hub: Hub, home: Path, model: str, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FETCH, model, *more],
        env=environment(hub, home),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def test_a_file_is_downloaded_once_and_nobody_is_asked_again(hub, files, tmp_path):
    path = fetch(hub, tmp_path, "owner/tiny/tiny-f16.gguf")
    assert Path(path).read_bytes() == files["tiny-f16.gguf"]
    assert hub.downloads == ["tiny-f16.gguf"]
    hub.asked.clear()
    assert fetch(hub, tmp_path, "owner/tiny/tiny-f16.gguf") == path
    assert fetch(hub, tmp_path, "owner/tiny/tiny-f16.gguf", "offline") == path
    assert hub.asked == []


def test_a_revision_and_a_folder_can_be_named(hub, files, tmp_path):
    path = fetch(hub, tmp_path, f"owner/tiny/q8/tiny-q8_0.gguf@{COMMIT}")
    assert Path(path).read_bytes() == files["q8/tiny-q8_0.gguf"]
    assert f"/snapshots/{COMMIT}/q8/" in path


def test_all_parts_of_a_split_model_are_fetched_into_one_folder(hub, files, tmp_path):
    path = Path(fetch(hub, tmp_path, "owner/tiny/big-00001-of-00003.gguf"))
    names = [f"big-0000{part}-of-00003.gguf" for part in (1, 2, 3)]
    assert [path.with_name(name).read_bytes() for name in names] == [files[name] for name in names]
    assert sorted(hub.downloads) == names


def test_a_download_that_broke_off_goes_on_where_it_was(hub, files, tmp_path):
    large = random.Random(0).randbytes(24 << 20)  # the client writes ten megabytes at a time
    hub.repositories["owner/tiny"] = {**files, "large.gguf": large}
    hub.cut_after = 15 << 20
    path = fetch(hub, tmp_path, "owner/tiny/large.gguf")
    assert Path(path).read_bytes() == large
    ranges = [asked for method, path, asked in hub.asked if method == "GET" and "resolve" in path]
    assert ranges == [None, f"bytes={10 << 20}-"]


def test_a_killed_download_is_made_whole_by_the_next(hub, files, tmp_path):
    large = random.Random(1).randbytes(24 << 20)
    hub.repositories["owner/tiny"] = {**files, "large.gguf": large}
    hub.stall_after = 15 << 20
    command = [sys.executable, "-c", FETCH, "owner/tiny/large.gguf"]
    with subprocess.Popen(command, env=environment(hub, tmp_path)) as killed:
        assert hub.stalled.wait(DEADLINE_S)
        killed.kill()
    hub.go_on.set()
    assert Path(fetch(hub, tmp_path, "owner/tiny/large.gguf")).read_bytes() == large


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("owner/tiny/tiny-f61.gguf", "no file 'tiny-f61.gguf'; did you mean 'tiny-f16.gguf'?"),
        ("owner/tiny/zzzzz.gguf", "it has big-00001-of-00003.gguf, big-00002-of-00003.gguf,"),
        ("owner/tiny", "no file of the repository is named; it has big-00001-of-00003.gguf,"),
        ("owner/texts/a.gguf", "it has no GGUF files at all"),
        ("owner/tinny/tiny.gguf", "has no repository 'owner/tinny'; check the name"),
        ("owner/secret/tiny.gguf", "the repository is gated; ask for it at http://127.0.0.1:"),
        ("owner/tiny/tiny-f16.gguf@v7", "the repository has no revision 'v7'"),
    ],
)
def test_what_the_hub_does_not_give_is_one_sentence(hub, tmp_path, model, words):
    told = fetch(hub, tmp_path, model)
    assert told.startswith(f"UserError: hf:{model}")
    assert words in told
    assert "\n" not in told


def test_offline_says_what_it_would_have_downloaded_and_asks_nobody(hub, tmp_path):
    told = fetch(hub, tmp_path, "owner/tiny/tiny-f16.gguf", "offline")
    assert told == (
        "LeavesMachineError: hf:owner/tiny/tiny-f16.gguf is not on this machine yet, and --offline forbids to"
        f" download it from {hub.url.removeprefix('http://')}; run it once without --offline"
    )
    assert hub.asked == []


def test_no_network_is_one_sentence_at_once(hub, tmp_path):
    with serving(Hub({})) as gone:
        pass
    told = fetch(gone, tmp_path, "owner/tiny/tiny-f16.gguf")
    host = gone.url.removeprefix("http://")
    assert told.startswith(f"UserError: hf:owner/tiny/tiny-f16.gguf: {host} cannot be reached (")
    assert "\n" not in told


@pytest.mark.parametrize("model", ["tiny.gguf", "owner", "owner/name/model.bin", "a/../b.gguf", "/x/y.gguf"])
def test_names_that_are_no_hub_models_are_refused(model):
    with pytest.raises(UserError, match=r"name it hf:OWNER/NAME/FILE\.gguf"):
        parse(model)


def test_a_name_is_repository_file_and_revision():
    assert parse("a/b/c.gguf") == HubFile("a/b", "c.gguf")
    assert parse("a/b/d/c.gguf@v1.0") == HubFile("a/b", "d/c.gguf", "v1.0")
    assert str(parse("a/b/d/c.gguf@v1.0")) == "hf:a/b/d/c.gguf@v1.0"


@pytest.mark.slow
def test_the_command_answers_with_a_hub_model_and_again_offline(hub, tmp_path):
    def datagen(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "datagen", *map(str, arguments)],
            env=environment(hub, tmp_path / "home"),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )

    problems = tmp_path / "problems.jsonl"
    assert datagen("problems", "--family", "addition", "--count", 2, "--out", problems).returncode == 0
    asking = ["attempts", "--problems", problems, "--engine", "hf:owner/tiny/big-00001-of-00003.gguf"]
    small = ["--samples", 1, "--max-tokens", 4, "--threads", 1, "--width", 2]
    refused = datagen(*asking, *small, "--out", tmp_path / "refused.jsonl", "--offline")
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        "error: hf:owner/tiny/big-00001-of-00003.gguf is not on this machine yet"
    )
    assert refused.stderr.count("\n") == 1
    assert hub.asked == []
    done = datagen(*asking, *small, "--out", tmp_path / "first.jsonl")
    assert done.returncode == 0, done.stderr
    hub.asked.clear()
    assert datagen(*asking, *small, "--out", tmp_path / "second.jsonl", "--offline").returncode == 0
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    assert hub.asked == []
