"""`--offline`: nothing but this machine is connected to, whoever tries, and the sentence names the host."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import write_tiny_gguf

from datagen.engines import KINDS
from datagen.engines.offline import LeavesMachineError, is_local, refuse_remote

DEADLINE_S = 60
# Without the guard of the tests, which would refuse too: what is proved here is the program's own.
ROOT = Path(__file__).resolve().parent.parent.parent
BARE = {**os.environ, "PYTHONPATH": str(ROOT)}

ATTEMPT = """
import asyncio, socket, sys, urllib.request
from datagen.engines.offline import LeavesMachineError, enforce, relax
enforce()
address = ("192.0.2.1", 9)  # TEST-NET-1: belongs to nobody (RFC 5737)
def udp(send):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        getattr(sender, send)(*([b"x", address] if send == "sendto" else [[b"x"], [], 0, address]))
def tcp(connect):
    with socket.socket() as client:
        getattr(client, connect)(address)
def httpx_():
    import httpx
    httpx.get("http://192.0.2.1/")
ways = {
    "connect": lambda: tcp("connect"),
    "connect_ex": lambda: tcp("connect_ex"),
    "create": lambda: socket.create_connection(address, 1),
    "sendto": lambda: udp("sendto"),
    "sendmsg": lambda: udp("sendmsg"),
    "name": lambda: socket.getaddrinfo("192.0.2.1.example", 80),
    "host": lambda: socket.gethostbyname("192.0.2.1.example"),
    "asyncio": lambda: asyncio.run(asyncio.open_connection(*address)),
    "urllib": lambda: urllib.request.urlopen("http://192.0.2.1/"),
    "httpx": httpx_,
}
try:
    ways[sys.argv[1]]()
except LeavesMachineError as error:
    print(error)
"""

WITHIN = """
import asyncio, socket
from datagen.engines.offline import enforce
enforce()
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
    socket.create_connection(("localhost", server.getsockname()[1])).close()
first, second = socket.socketpair()
first.sendall(b"x")
asyncio.run(asyncio.sleep(0))
print(second.recv(1))
"""


def python(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**BARE, **environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )


@pytest.mark.parametrize(
    "way",
    ["connect", "connect_ex", "create", "sendto", "sendmsg", "name", "host", "asyncio", "urllib", "httpx"],
)
def test_every_way_off_the_machine_is_refused_by_name(way):
    told = python(ATTEMPT, way, http_proxy="http://127.0.0.1:9")
    assert told.stdout.startswith("this run would connect to 192.0.2.1"), told
    assert "--offline allows this machine only" in told.stdout


def test_this_machine_is_still_connected_to():
    told = python(WITHIN)
    assert (told.stdout, told.returncode) == ("b'x'\n", 0), told.stderr


OPENS = """
import asyncio, logging, os, sys
from datagen.engines import Request, generate_all, open_engine
with open_engine("llama:" + sys.argv[1], threads=1, width=2, offline=True) as engine:
    print(generate_all(engine, [Request(prompt="the", max_tokens=3)])[0].completion_tokens)
    print(os.environ["HF_HUB_OFFLINE"], os.environ["HF_HUB_DISABLE_TELEMETRY"], os.environ["DO_NOT_TRACK"])
    print(open(f"/proc/{engine.process_id}/environ").read().count("HF_HUB_OFFLINE=1"))
"""


def test_a_local_model_runs_offline_and_its_child_is_offline_too(tmp_path):
    told = python(OPENS, write_tiny_gguf(tmp_path / "tiny.gguf"))
    assert told.stdout == "3\n1 1 1\n1\n", told.stderr


@pytest.mark.parametrize(
    ("engine", "host"),
    [
        ("hf:owner/name/model.gguf", "huggingface.co"),
        ("openai:http://192.0.2.1/v1#model", "192.0.2.1"),
        ("openai:https://api.example.com/v1#model", "api.example.com"),
    ],
)
def test_the_command_refuses_engines_elsewhere_by_name_and_writes_nothing(engine, host, tmp_path):
    if engine.partition(":")[0] not in KINDS:
        pytest.skip("this kind of engine is not there")
    problems = tmp_path / "problems.jsonl"
    made = run("problems", "--family", "addition", "--count", 2, "--out", problems)
    assert made.returncode == 0, made.stderr
    out = tmp_path / "out.jsonl"
    refused = run("attempts", "--problems", problems, "--engine", engine, "--offline", "--out", out)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ")
    assert host in refused.stderr
    assert "--offline" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not out.exists()


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "datagen", *map(str, arguments)],
        env={**BARE, "HF_HOME": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )


@given(st.ip_addresses())
def test_an_address_is_local_exactly_when_it_cannot_leave(address):
    mapped = getattr(address, "ipv4_mapped", None) or address
    assert is_local(str(address)) == (mapped.is_loopback or mapped.is_unspecified)


def test_names_are_local_only_if_they_say_so():
    here = ["localhost", "LOCALHOST.", "model.localhost", "127.8.9.1", "[::1]", "::ffff:127.0.0.1"]
    elsewhere = ["localhost.example.com", "example.com", "10.0.0.1", "127.0.0.1.nip.io", "2130706433"]
    assert all(map(is_local, here))
    assert not any(map(is_local, elsewhere))
    with pytest.raises(LeavesMachineError, match=r"the server would connect to example.com"):
        refuse_remote("example.com", what="the server")
