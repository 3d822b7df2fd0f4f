"""Hostile programs: what each layer keeps them from, seen from inside and from outside."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from code_levels import BARE, LEVELS, at_level, isolation_of, output_of

import verifiers.code.sandbox as sandboxes
from schemas.errors import UserError
from verifiers.code import Isolation, Limits, probe, run_tests
from verifiers.code.sandbox import Job, Sandbox, SandboxError
from verifiers.verdict import Verdict

Run = Callable[..., Verdict]
#: Prints what came of one attempt: the error's name, or what it returned.
TRY = """
import os, sys
def attempt(what, *arguments, **named):
    try:
        print(what(*arguments, **named) or "done")
    except Exception as error:
        print(type(error).__name__)
"""
REFUSED = "PermissionError"


@pytest.fixture(params=LEVELS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at_level(request.param, monkeypatch)


@pytest.fixture(params=["L1", "L2"])
def shut_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at_level(request.param, monkeypatch)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Run:
    if not Path("/proc/self").exists():
        pytest.skip("without /proc a process that leaves its group is not found again")
    return at_level("bare", monkeypatch)


def tried(run: Run, *attempts: str, limits: Limits | None = None) -> list[str]:
    """What came of each attempt (the arguments of `attempt`, as source)."""
    program = TRY + "".join(f"attempt({each})\n" for each in attempts)
    return output_of(run, program, limits=limits).split("\n")


def test_other_files_cannot_be_read(shut_in: Run, tmp_path: Path) -> None:
    secret = tmp_path / "gold"
    secret.write_text("42")
    here = str(Path(__file__).resolve())
    places = [
        "/etc/passwd",
        "/etc/hosts",
        str(secret),
        here,
        "/proc/self/environ",
        "/proc/1/cmdline",
        "/dev/tty",
    ]
    found = tried(shut_in, *(f"open, {each!r}" for each in places))
    assert set(found) <= {REFUSED, "FileNotFoundError"}
    folders = [
        str(tmp_path),
        str(tmp_path.parent),
        "/proc",
        "/sys",
        str(Path(__file__).parent),
        "/var",
        "/boot",
    ]
    found = tried(shut_in, *(f"os.listdir, {each!r}" for each in folders))
    assert set(found) <= {REFUSED, "FileNotFoundError"}


def test_nothing_outside_can_be_written_or_changed(shut_in: Run, tmp_path: Path) -> None:
    victim = tmp_path / "rows"
    victim.write_text("kept")
    victim.chmod(0o640)
    before = os.stat(victim)
    target, library = str(victim), os.__file__
    found = tried(
        shut_in,
        f"open, {str(tmp_path / 'new')!r}, 'w'",
        f"open, {target!r}, 'a'",
        f"os.open, {target!r}, os.O_RDONLY | os.O_TRUNC",
        f"os.open, {library!r}, os.O_RDONLY | os.O_TRUNC",
        f"open, {library!r}, 'a'",
        f"os.truncate, {target!r}, 0",
        f"os.unlink, {target!r}",
        f"os.chmod, {target!r}, 0o777",
        f"os.chown, {target!r}, 1, 1",
        f"os.utime, {target!r}, (1, 1)",
        f"os.setxattr, {target!r}, 'user.x', b'1'",
        f"os.rename, {target!r}, 'mine'",
        f"os.link, {target!r}, 'mine'",
        f"os.mkdir, {str(tmp_path / 'folder')!r}",
        "open, '/dev/shm/note', 'w'",
        "open, '/tmp/note', 'w'",
    )
    assert set(found) <= {REFUSED, "FileNotFoundError", "OSError"}, found
    after = os.stat(victim)
    assert victim.read_text() == "kept"
    assert (before.st_mode, before.st_mtime_ns, before.st_uid) == (
        after.st_mode,
        after.st_mtime_ns,
        after.st_uid,
    )
    assert list(tmp_path.iterdir()) == [victim]


def test_the_network_is_refused(shut_in: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        found = tried(
            shut_in,
            "__import__('socket').socket",
            f"__import__('socket').create_connection, ('127.0.0.1', {port})",
            "__import__('socket').socket, __import__('socket').AF_UNIX",
            f"__import__('urllib.request').request.urlopen, 'http://127.0.0.1:{port}'",
        )
        assert found == [REFUSED] * 3 + ["URLError"]
        with pytest.raises(BlockingIOError):
            server.accept()


def test_other_processes_cannot_be_reached(shut_in: Run) -> None:
    found = tried(
        shut_in,
        f"os.kill, {os.getpid()}, 9",
        "os.kill, os.getppid(), 9",
        "os.kill, -1, 9",
        "os.killpg, 0, 9",
        f"os.setpriority, os.PRIO_PROCESS, {os.getpid()}, 19",
        f"__import__('resource').prlimit, {os.getpid()}, 7, (1, 1)",
        "os.sched_setaffinity, 0, [0]",
    )
    assert set(found) <= {REFUSED, "ProcessLookupError"}
    assert run_tests("print(1)", [{"output": "1"}]).correct


def test_new_processes_are_refused_and_threads_are_not(shut_in: Run) -> None:
    found = tried(
        shut_in,
        "os.fork",
        "os.system, 'true'",
        "__import__('subprocess').run, [sys.executable, '-c', '1']",
        "os.execv, sys.executable, ['python']",
        "os.posix_spawn, sys.executable, ['python'], {}",
    )
    assert found[0] == found[2] == found[3] == found[4] == REFUSED
    assert found[1] in ("-1", "32512", REFUSED)
    threads = "import threading\nt = threading.Thread(target=print, args=('ran',))\nt.start(); t.join()"
    assert output_of(shut_in, threads) == "ran"


def test_a_fork_bomb_does_not_go_off(shut_in: Run) -> None:
    assert tried(shut_in, "os.fork") == [REFUSED], "only a bomb that is known to be defused is lit"
    bomb = "import os\nn = 0\nfor _ in range(100):\n    try: os.fork()\n    except OSError: n += 1\nprint(n)"
    assert output_of(shut_in, bomb) == "100"


def test_system_calls_that_undo_a_layer_are_refused(shut_in: Run) -> None:
    call = "__import__('ctypes').CDLL(None).{}"
    found = tried(
        shut_in,
        *(
            call.format(name)
            for name in (
                "unshare, 0x10000000",
                "setns, 0, 0",
                "ptrace, 16, 1, 0, 0",
                "mount, b'x', b'/work', b'tmpfs', 0, None",
                "chroot, b'.'",
                "prctl, 1, 0, 0, 0, 0",
                "personality, 0",
                "shmget, 1, 4096, 0o1666",
            )
        ),
    )
    assert found == ["-1"] * 8


def test_its_own_folder_is_empty_private_and_bounded(run: Run) -> None:
    program = (
        "import os\nprint(os.listdir('.') or 'empty')\n"
        "try:\n    with open('big', 'wb') as f:\n        for _ in range(40): f.write(bytes(1 << 18))\n"
        "except OSError: print('full')"
    )
    tests = [{"output": "empty\nfull"}] * 2
    assert run(program, tests, Limits(disk_mib=4)).correct


def test_in_memory_the_folder_as_a_whole_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    run = at_level("L2", monkeypatch)
    program = (
        "try:\n    for n in range(40):\n        with open(str(n), 'wb') as f: f.write(bytes(1 << 18))\n"
        "except OSError: print('full')"
    )
    assert output_of(run, program, limits=Limits(disk_mib=4)) == "full"


@pytest.mark.parametrize("level", ["bare", "L1"])
def test_the_folder_is_gone_afterwards_however_it_was_left(
    level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = at_level(level, monkeypatch)
    program = """
import os
print(os.getcwd())
os.symlink("/", "root")
os.mkdir("locked", 0)
os.mkdir("empty"); open("empty/file", "w").close()
for _ in range(1500):
    os.mkdir("deep"); os.chdir("deep"); open("file", "w").close()
"""
    place = Path(output_of(run, program))
    assert place.is_absolute()
    assert not place.exists()
    assert Path("/etc").exists()


@pytest.mark.parametrize(
    "ending", ["while True: pass", "while True: print('x' * 1000)", "os.abort()", "1 / 0"]
)
def test_the_folder_is_gone_after_a_bad_end_too(bare: Run, ending: str) -> None:
    verdict = bare(
        f"import os\nprint(os.getcwd(), flush=True)\n{ending}", [{"output": ""}], Limits(time_s=0.2)
    )
    assert verdict.witness is not None
    place = Path(verdict.witness["got"].split()[0])
    assert place.is_absolute()
    assert not place.exists()


def test_a_child_that_leaves_its_group_does_not_outlive_its_test(bare: Run) -> None:
    program = """
import os, time
r, w = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.write(w, str(os.getpid()).encode())
    time.sleep(600)
print(os.read(r, 20).decode())
"""
    left = int(output_of(bare, program))
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


def test_children_of_a_program_out_of_time_do_not_outlive_it(bare: Run) -> None:
    program = """
import os, time
for _ in range(3):
    if os.fork() == 0:
        if _ % 2: os.setsid()
        print(os.getpid(), flush=True)
        time.sleep(600)
while True: pass
"""
    verdict = bare(program, [{"output": ""}], Limits(time_s=1.0))
    assert verdict.method == "code-timeout"
    assert verdict.witness is not None
    left = [int(each) for each in verdict.witness["got"].split()]
    assert len(left) == 3
    for each in left:
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)


def descendants(process_id: int) -> list[int]:
    parents = {}
    for each in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(each)] = int(Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [child for child, parent in parents.items() if parent == process_id]
    return [*found, *(deeper for child in found for deeper in descendants(child))]


def test_a_process_namespace_ends_with_all_its_processes() -> None:
    if "namespaces" not in isolation_of("L2").layers:
        pytest.skip("no namespaces here")
    program = b"import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nprint(os.getpid())"
    with Sandbox(("namespaces",)) as sandbox:
        ran = sandbox.run(Job("script", (program, b""), (100, 1000, 100), Limits(), 10.0))
        assert (ran.outputs[0], ran.ended, ran.status) == (b"1\n", "exit", 0)
        assert len(descendants(sandbox.process.pid)) == 1, "the keeper alone"


def gone(process_id: int) -> int:
    """A descriptor that is ready to read once the process has ended."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("this system does not tell when a process ends")
    return os.pidfd_open(process_id)


def ends(process_fd: int) -> bool:
    try:
        return bool(select.select([process_fd], [], [], 20.0)[0])
    finally:
        os.close(process_fd)


def test_a_sandbox_stopped_in_the_middle_takes_its_program_with_it(tmp_path: Path) -> None:
    fifo = tmp_path / "started"
    os.mkfifo(fifo)
    program = f"import os, time\nopen({str(fifo)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    sandbox = Sandbox(())
    failed: list[str] = []

    def run() -> None:
        try:
            sandbox.run(Job("script", (program.encode(), b""), (100, 100, 100), Limits(), 60.0))
        except SandboxError as error:
            failed.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    started = int(fifo.read_text())
    sandbox.process.kill()
    thread.join(timeout=20)
    assert failed == ["the keeper does not answer"]
    with contextlib.suppress(ProcessLookupError):
        assert ends(gone(started))


def test_a_killed_keeper_takes_its_namespaces_with_it() -> None:
    sandbox = Sandbox(isolation_of("L2").layers)
    (inner,) = descendants(sandbox.process.pid)
    waiting = gone(inner)
    sandbox.process.kill()
    assert ends(waiting)
    sandbox.stop()


@pytest.mark.parametrize("level", LEVELS)
def test_a_keeper_ends_when_its_caller_is_killed(level: str) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from verifiers.code.sandbox import Sandbox\n"
        "box = Sandbox(tuple(sys.argv[2:])); print(box.process.pid, flush=True); sys.stdin.read()"
    )
    root = str(Path(sandboxes.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", program, root, *isolation_of(level).layers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as caller:
        assert caller.stdout is not None
        keeper = gone(int(caller.stdout.readline()))
        caller.kill()
        assert ends(keeper)


def test_a_forked_copy_of_the_caller_starts_its_own_keepers() -> None:
    tests = [{"output": "1"}]
    assert run_tests("print(1)", tests).correct

    def check() -> None:
        os._exit(0 if not sandboxes._idle and run_tests("print(1)", tests).correct else 1)

    copy = multiprocessing.get_context("fork").Process(target=check)
    copy.start()
    copy.join(timeout=60)
    assert copy.exitcode == 0
    assert sandboxes._idle
    assert run_tests("print(1)", tests).correct


def test_no_descriptor_is_inherited(run: Run) -> None:
    secret = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        program = """
import os
for each in range(3, 200):
    try:
        os.fstat(each)
        print(each)
    except OSError:
        pass
print("end")
"""
        assert output_of(run, program) == "end"
    finally:
        os.close(secret)


def test_limits_cannot_be_raised_and_root_is_not_root(shut_in: Run) -> None:
    found = tried(
        shut_in,
        "__import__('resource').setrlimit, 9, (1 << 40, 1 << 40)",
        "os.setuid, 1",
        "__import__('time').clock_settime, 0, 0",
    )
    assert set(found) <= {"ValueError", REFUSED, "OSError"}


def test_no_program_sees_another(shut_in: Run) -> None:
    found = tried(shut_in, "os.listdir, '/proc'", "open, '/proc/self/maps'", "open, '/proc/self/mem', 'r+b'")
    assert set(found) <= {REFUSED, "FileNotFoundError"}


def test_the_level_reached_is_in_every_verdict(run: Run) -> None:
    for tests in ([{"output": ""}], [{"output": "1"}], [{"assert": "assert f"}], []):
        witness = run("pass", tests).witness
        assert witness is not None
        assert witness["isolation"] in ("L0", "L1", "L2")
        assert {"limits", "process"} <= set(witness["layers"])


def test_probing_reports_what_holds_and_why_not_more() -> None:
    best = probe()
    assert probe() is best
    for ceiling in ("L0", "L1"):
        found = probe(ceiling)
        assert found.level <= ceiling
    if best.level == "L2":
        assert "namespaces" in best.layers
        assert "seccomp" in best.described
    else:
        assert best.missing


def test_less_isolation_than_asked_for_is_refused_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    little = Isolation("L0", (), ("limits", "process"), ("landlock+seccomp: the kernel has none",))
    monkeypatch.setattr("verifiers.code.run.probe", lambda: little)
    with pytest.raises(UserError, match=r"L0 here, and L1 is required: .*has none; use Linux 5.13"):
        run_tests("print(1)", [{"output": "1"}], Limits(minimum_isolation="L1"))
    assert run_tests("print(1)", [{"output": "1"}], Limits(minimum_isolation="L0")).correct


def test_a_layer_that_cannot_be_put_on_stops_the_program_from_running(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    beyond = Isolation("L1", ("no such layer", "seccomp"), (), ())
    monkeypatch.setattr("verifiers.code.run.probe", lambda: beyond)
    monkeypatch.setattr(sandboxes, "_idle", [])
    mark = tmp_path / "ran"
    verdict = run_tests(f"open({str(mark)!r}, 'w')", [{"output": ""}])
    assert (verdict.status, verdict.method, verdict.reward) == ("timeout", "code-sandbox", None)
    assert not mark.exists()


def test_bare_is_what_it_says(bare: Run, tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_text("open to it")
    assert output_of(bare, f"print(open({str(note)!r}).read())") == "open to it"
    assert BARE.level == "L0"
    assert stat.S_ISREG(os.stat(note).st_mode)
