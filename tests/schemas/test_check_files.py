"""Files of rows as they come: odd bytes, compression, columns, several processes, writers, little memory."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.check import Fault, FileCheck, check_file, pointer, workers_for
from schemas.checking import processes
from schemas.checking.faults import MAX_REASON_CHARACTERS
from schemas.checking.judge import BLOCK_BYTES
from schemas.errors import UserError
from schemas.rows import read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 9}}, "required": ["n"]}


def numbers(folder: Path) -> Path:
    path = folder / "numbers.schema.json"
    path.write_text(json.dumps(NUMBERS))
    return path


def found(path: Path, **options: Any) -> list[tuple[int | None, str, str]]:
    return [(fault.line, fault.pointer, fault.reason) for fault in check_file(path, **options)]


def checked(folder: Path, content: bytes, name: str = "rows.jsonl") -> list[tuple[int | None, str, str]]:
    path = folder / name
    path.write_bytes(content)
    return found(path, schema=numbers(folder))


@pytest.mark.parametrize(
    "content",
    [
        b'{"n": 1}',
        b'{"n": 1}\n',
        b'{"n": 1}\r\n{"n": 2}\r\n',
        b'\n\r\n \t\n{"n": 1}\n\n',
        b'{"n": 1, "n": 2}\n',
        b'  {"n":\t1}  \n',
        b'{"n": 1, "x": "\\u2028\xe2\x80\xa8\\u0000"}\n',
        b'{"n": 1e0}\n{"n": 1.0}\n{"n": -0}\n',
    ],
)
def test_odd_lines_that_are_json_are_rows(tmp_path: Path, content: bytes) -> None:
    assert checked(tmp_path, content) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"n": 1} {"n": 2}', "not JSON ("),
        (b'{"n": 1}, {"n": 2}', "not JSON ("),
        (
            b'{"n": NaN}',
            "not JSON (unexpected character, expected a JSON value: line 1 column 7",
        ),
        (b'{"n": -Infinity}', "not JSON ("),
        (
            b'{"n": 1e400}',
            "not JSON (number is infinity when parsed as double: line 1 column 7",
        ),
        (b'{"n": 1, "x": "\\ud800"}', "not JSON (no low surrogate in string"),
        (b'{"n": 1, "x": "\xff"}', "not UTF-8 (byte 16 of the line)"),
        (b'\xef\xbb\xbf{"n": 1}', "not JSON (the line begins with a byte order mark"),
        (b'{"n": 1, "x": "\x01"}', "not JSON (unexpected control character in string"),
        (b"{'n': 1}", "not JSON ("),
        (b'{"n": 01}', "not JSON ("),
        (b"\x00", "not JSON ("),
        (b"[" * 2000 + b"]" * 2000, "not JSON ("),
    ],
)
def test_line_that_is_not_json_is_a_fault_of_that_line_alone(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    faults = checked(tmp_path, b'{"n": 1}\n' + line + b'\n{"n": 10}\n')
    assert [place[0] for place in faults] == [2, 3]
    assert faults[0][2].startswith(reason)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (b"18446744073709551617", "18446744073709551617 is greater than the maximum of 9"),
        (b"-123456789012345678901234567890", None),
        (b"9223372036854775808", "9223372036854775808 is greater than the maximum of 9"),
        (b"1e30", "1e+30 is greater than the maximum of 9"),
    ],
)
def test_long_integers_keep_all_their_digits(tmp_path: Path, number: bytes, reason: str | None) -> None:
    assert checked(tmp_path, b'{"n": %s}\n' % number) == ([(1, "/n", reason)] if reason else [])


def test_integer_of_more_digits_than_python_reads_is_still_judged(tmp_path: Path) -> None:
    (fault,) = checked(tmp_path, b'{"n": 1, "x": ' + b"7" * 200 + b"}\n" + b'{"n": ' + b"7" * 300 + b"}\n")
    assert fault[0] == 2
    too_long = checked(tmp_path, b'{"n": ' + b"7" * 5000 + b"}\n")  # not even a double
    assert too_long[0][2].startswith("not JSON (")


def test_every_line_of_a_file_of_nonsense_is_a_fault(tmp_path: Path) -> None:
    faults = checked(tmp_path, b"x\n" * (BLOCK_BYTES + 10))
    assert [line for line, _, _ in faults] == list(range(1, BLOCK_BYTES + 11))


def spoilt_file(path: Path, rows: int) -> None:
    """Rows of many lengths, with blank lines, faults and nonsense among them."""
    with path.open("wb") as file:
        for index in range(rows):
            n = 10 if index % 7 == 3 else index % 9
            file.write(json.dumps({"n": n, "pad": "x" * (index * 37 % 300)}).encode() + b"\n")
            if index % 50 == 20:
                file.write(b"\n" if index % 100 == 20 else b"nonsense\n")


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("stretch", [1, 64, 4096, 50_000])
def test_processes_find_what_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, stretch: int
) -> None:
    monkeypatch.setattr(processes, "STRETCH_BYTES", stretch)
    path, schema = tmp_path / "rows.jsonl", numbers(tmp_path)
    spoilt_file(path, 60 if stretch < 64 else 800)
    alone, together = check_file(path, schema=schema), check_file(path, schema=schema, workers=workers)
    assert list(alone) == list(together)
    for name in ("rows", "invalid", "bytes", "sorts", "kind"):
        assert getattr(alone, name) == getattr(together, name), name
    assert alone.invalid > 5
    assert alone.bytes == path.stat().st_size


@pytest.mark.parametrize("first", [b'{"text": "a"}\n', b"nonsense\n", b"\n", b'{"no": "kind"}\n'])
def test_processes_take_the_kind_from_the_first_row_that_shows_one(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(first + b'{"text": "b"}\n{"text": 5}\n')
    alone, together = check_file(path), check_file(path, workers=2)
    assert list(alone) == list(together)
    assert alone.kind == together.kind == "corpus"


def test_processes_share_a_parquet_file_by_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.Table.from_pylist([{"n": index % 12} for index in range(5000)])
    pq.write_table(table, path, row_group_size=700)
    alone, together = (
        check_file(path, schema=numbers(tmp_path)),
        check_file(path, schema=numbers(tmp_path), workers=2),
    )
    assert list(alone) == list(together)
    assert (alone.rows, together.rows) == (5000, 5000)
    assert alone.invalid == sum(index % 12 > 9 for index in range(5000))


def test_process_that_dies_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.jsonl"
    spoilt_file(path, 300)

    def kill(state: FileCheck) -> None:
        for child in processes.multiprocessing.active_children():
            child.kill()
            child.join()

    monkeypatch.setattr(processes, "STRETCH_BYTES", 256)
    with pytest.raises(UserError, match="a checking process was killed, perhaps for its memory"):
        list(check_file(path, schema=numbers(tmp_path), workers=2, report=kill))


def test_processes_end_with_the_check(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    spoilt_file(path, 300)
    checking = check_file(path, schema=numbers(tmp_path), workers=2)
    next(checking)
    started = processes.multiprocessing.active_children()
    assert len(started) == 2
    checking.close()
    assert processes.multiprocessing.active_children() == []


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.jsonl.zst"])
def test_compressed_lines_are_read_like_plain_ones(tmp_path: Path, name: str) -> None:
    plain, path = tmp_path / "rows.jsonl", tmp_path / name
    spoilt_file(plain, 900)
    compress(path, plain.read_bytes())
    schema = numbers(tmp_path)
    assert found(path, schema=schema, workers=2) == found(plain, schema=schema)
    compress(path, b'{"a": 1}\n\n{"a": 2}\n')
    assert list(read_rows(path)) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.jsonl.zst"])
def test_damaged_compression_is_one_sentence(tmp_path: Path, name: str) -> None:
    plain, path = tmp_path / "rows.jsonl", tmp_path / name
    spoilt_file(plain, 900)
    compress(path, plain.read_bytes())
    whole = path.read_bytes()
    for content in (whole[:-20], b"no compression", whole[: len(whole) // 2] + b"\0" * 99):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"rows\.jsonl\.\w+: not a (gzip|zstd) file, or a damaged one"):
            list(check_file(path, schema=numbers(tmp_path)))


def compress(path: Path, content: bytes) -> None:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as file:
            file.write(content)


def test_null_of_a_column_is_an_absent_key_unless_a_schema_wants_it(tmp_path: Path) -> None:
    path, schema = tmp_path / "rows.parquet", tmp_path / "schema.json"
    pq.write_table(pa.table({"a": ["x", None], "b": [{"c": 1}, {"c": None}]}), path)
    properties = {"a": {"type": ["string", "null"]}, "b": {"type": "object"}}
    schema.write_text(json.dumps({"properties": properties, "required": ["a"]}))
    assert found(path, schema=schema) == []
    schema.write_text(json.dumps({"properties": {"a": {"type": "string"}}}))
    assert found(path, schema=schema) == []
    schema.write_text(json.dumps({"properties": {"b": {"required": ["c"]}}}))
    assert found(path, schema=schema) == []
    schema.write_text(json.dumps({"properties": {"b": {"required": ["d"]}}}))
    assert [line for line, _, _ in found(path, schema=schema)] == [1, 2]


def test_column_of_what_json_does_not_have_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"n": [1, 2], "when": pa.array([0, 1], pa.timestamp("s")), "raw": [b"a", b"b"]})
    pq.write_table(table, path)
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"properties": {"when": {"type": "string"}}}))
    assert found(path, schema=schema)[0] == (
        1,
        "/when",
        "datetime.datetime(1970, 1, 1, 0, 0) is not of type 'string'",
    )


def test_file_that_changes_while_it_is_read_is_one_sentence(tmp_path: Path) -> None:
    path, sentence = (
        tmp_path / "rows.jsonl",
        r"rows\.jsonl: the file changed while it was read; check it again when",
    )
    for change in (b'{"n": 1}\n', None):
        spoilt_file(path, 900)
        checking = check_file(path, schema=numbers(tmp_path))
        next(checking)
        if change:
            with path.open("ab") as file:
                file.write(change)
        else:
            os.truncate(path, 1000)
        with pytest.raises(UserError, match=sentence):
            list(checking)


def test_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "rows"
    os.mkfifo(pipe)
    content = b'{"n": 1}\n{"n": 10}\n' * 500

    def write() -> None:
        with pipe.open("wb") as file:
            file.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    checking = check_file(pipe, schema=numbers(tmp_path), workers=2)
    assert [fault.line for fault in checking] == list(range(2, 1001, 2))
    writer.join()
    assert (checking.rows, checking.total_bytes) == (1000, None)


def test_faults_of_a_sort_are_counted_by_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    turns = [{"role": "bot", "content": "a"}, {"role": "cat", "content": ""}]
    write_rows(path, [{"messages": turns}] * 3 + [{"messages": turns[:1], "x": 1}])
    checking = check_file(path)
    assert len(list(checking)) == 3 * 3 + 2
    counts = {key: (sort.rows, sort.line) for key, sort in checking.sorts.items()}
    assert counts == {
        ("/messages/*/role", "enum"): (4, 1),
        ("/messages/*/content", "minLength"): (3, 1),
        ("", "additionalProperties"): (1, 4),
    }


def test_row_with_a_million_faults_has_its_first_hundred_explained(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"messages": [' + b",".join([b"1"] * 1_000_000) + b"]}\n")
    faults = list(check_file(path, "instruction"))
    assert len(faults) == 100
    row = json.loads(path.read_bytes())
    validator = jsonschema.Draft202012Validator(
        json.loads((ROOT / "schemas/instruction.schema.json").read_text())
    )
    first = [error for error, _ in zip(validator.iter_errors(row), range(100), strict=False)]
    assert {(f.pointer, f.reason) for f in faults} == {(pointer(e.absolute_path), e.message) for e in first}


def test_reason_that_quotes_a_huge_row_loses_its_middle(tmp_path: Path) -> None:
    path, schema = tmp_path / "rows.jsonl", tmp_path / "schema.json"
    path.write_text(json.dumps({"text": "x" * 1_000_000}))
    schema.write_text(json.dumps({"maxProperties": 0}))
    ((_, _, reason),) = found(path, schema=schema)
    assert len(reason) < MAX_REASON_CHARACTERS + 10
    assert reason.startswith("{'text': 'xxx")
    assert reason.endswith("xxx'} is expected to be empty")


def test_reports_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    spoilt_file(path, 5000)
    for workers in (1, 2):
        states: list[tuple[int, int]] = []
        checking = check_file(
            path,
            schema=numbers(tmp_path),
            workers=workers,
            report=lambda state, states=states: states.append((state.bytes, state.rows)),  # type: ignore[misc]
        )
        list(checking)
        assert states == sorted(states)
        assert states[-1] == (path.stat().st_size, checking.rows)


def test_small_files_are_not_worth_a_process(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "a"}\n')
    assert workers_for(path) == 1
    with path.open("ab") as file:
        file.truncate(1 << 30)
    assert workers_for(path) == min(processes.cores(), 16)


PEAK = """
import multiprocessing, os, sys
from pathlib import Path
from schemas.check import check_file

def peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def look(state):
    pids = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    peaks.append(sum(map(peak, pids)))

if __name__ == "__main__":
    peaks = []
    for fault in check_file(sys.argv[1], schema=sys.argv[2], workers=int(sys.argv[3]), report=look): pass
    print(max(peaks))
"""


@pytest.mark.parametrize(("suffix", "workers"), [(".jsonl", 1), (".jsonl", 2), (".parquet", 1)])
def test_memory_does_not_grow_with_rows_or_faults(tmp_path: Path, suffix: str, workers: int) -> None:
    """The peaks of a process of its own and of those it starts, together, in KiB."""
    program, peaks = tmp_path / "peak.py", []
    program.write_text(PEAK)
    for rows in (10_000, 40_000):
        path = tmp_path / f"{rows}{suffix}"
        faulty = [{"n": 100 + index, "pad": "x" * 80} for index in range(rows)]
        if suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist(faulty), path, row_group_size=5_000)
        else:
            write_rows(path, faulty)
        command = [sys.executable, str(program), str(path), str(numbers(tmp_path)), str(workers)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 5_000  # the faults of the second file alone would take 10 MB


def test_fault_says_what_it_is_about() -> None:
    fault = Fault("wrong", "/a", 3, "rows.jsonl", "enum", "/b worse")
    assert str(fault) == "rows.jsonl:3: /a wrong (nearest: /b worse)"
