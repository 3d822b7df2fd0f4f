"""Rows to a file and back; and a write that fails leaves what was there."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UserError
from schemas.rows import JSON_TEXT, atomic_writer, read_rows, write_rows

ROOT = Path(__file__).resolve().parents[2]

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
rows = st.lists(st.dictionaries(texts, values, max_size=4), min_size=1, max_size=5)
turns = st.lists(st.fixed_dictionaries({"role": texts, "content": texts}), min_size=1, max_size=3)
typed_rows = st.lists(
    st.fixed_dictionaries(
        {"text": texts, "level": st.integers(-(2**63), 2**63 - 1), "messages": turns},
        optional={
            "score": st.floats(allow_nan=False),
            "meta": st.fixed_dictionaries({"seed": st.integers(0, 9)}),
        },
    ),
    min_size=1,
    max_size=5,
)


@given(rows)
def test_rows_come_back_equal_from_json_lines(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.jsonl"
    assert write_rows(path, rows) == len(rows)
    assert list(read_rows(path)) == rows


@given(typed_rows)
def test_rows_come_back_equal_from_parquet(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.parquet"
    assert write_rows(path, rows) == len(rows)
    assert list(read_rows(path)) == rows


def test_column_that_only_a_later_row_has_survives_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = [{"text": "a"}, {"text": "b", "meta": {"seed": 1}}, {"text": "c", "meta": {"recipe": "r"}}]
    write_rows(path, rows)
    assert list(read_rows(path)) == rows


objects = st.lists(st.fixed_dictionaries({"given": st.dictionaries(texts, values, max_size=3)}), min_size=1)


@given(objects)
def test_objects_of_no_one_type_come_back_from_parquet(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "objects.parquet"
    rows = [*rows, {"given": {"terms": [1, [2, "x"], {}]}}, {"text": "no given"}]
    assert write_rows(path, rows) == len(rows)
    assert list(read_rows(path)) == rows


def test_datasets_load_a_parquet_file_whose_objects_are_text(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path = tmp_path / "rows.parquet"
    rows = [{"text": "a", "given": {"x": 1}}, {"text": "b", "given": {"x": ["y"]}}]
    write_rows(path, rows)
    loaded = datasets.load_dataset(
        "parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded["text"] == ["a", "b"]
    assert [json.loads(text) for text in loaded["given"]] == [row["given"] for row in rows]


def test_text_that_stands_for_an_object_and_is_none_is_named(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    field = pa.field("given", pa.string(), metadata=JSON_TEXT)
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table([pa.array(["{}", "{"])], schema=pa.schema([field])), path)
    with pytest.raises(UserError, match=r"rows\.parquet:2, column 'given': not JSON"):
        list(read_rows(path))


@pytest.mark.parametrize("given", [[{"a": 1}, {"a": "x"}], [{"a": {"b": 2**70}}], [{"a": 2**70}]])
def test_rows_that_parquet_cannot_hold_are_refused_by_column(
    tmp_path: Path, given: list[dict[str, Any]]
) -> None:
    path = tmp_path / "rows.parquet"
    with pytest.raises(UserError, match=r"rows\.parquet: Parquet cannot hold .*'a'.*write a \.jsonl file"):
        write_rows(path, given)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file has no rows"),
        (b"\n \n", "the file has no rows"),
        (b'{"a": 1}\n\n{"a": }\n', r":3: not JSON"),
        (b'{"a": 1}\n[1]\n', r":2: not a JSON object"),
        (b'{"a": NaN}\n', r":1: not JSON"),
        (b'{"a": "\xff"}\n', r":1: not JSON"),
        (b'{"a": "\\ud800"}\n', r":1: not JSON"),
    ],
)
def test_malformed_line_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=expected):
        list(read_rows(path))


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.jsonl: no such file"):
        list(read_rows(tmp_path / "none.jsonl"))
    with pytest.raises(UserError, match="is a folder; give the name of a file in it"):
        list(read_rows(tmp_path))


def test_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b'{"a": 1}\n')
    with pytest.raises(UserError, match=r"rows\.parquet: not a Parquet file"):
        list(read_rows(path))


def test_failure_while_making_rows_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"old": 1}\n')

    def broken() -> Any:
        yield {"new": 1}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_rows(path, broken())
    assert path.read_bytes() == b'{"old": 1}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_trouble_with_another_file_is_not_called_a_failed_write(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_writer(tmp_path / "rows.jsonl"):
        (tmp_path / "other.jsonl").read_bytes()


FILL = """
import resource, sys
from schemas.errors import UserError
from schemas.rows import write_rows
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write_rows(sys.argv[1], ({"text": "x" * 1000} for _ in range(100)))
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_disk_that_fills_is_a_sentence_and_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    code = FILL.replace(
        '"x" * 1000', "__import__('random').randbytes(500).hex()"
    )  # Parquet would shrink the x
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{path}: cannot write (File too large); free some space or choose another place\n"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_in_place_of_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        write_rows(tmp_path, iter(lambda: pytest.fail("a row was made"), None))


def test_link_is_followed_and_permissions_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    target.write_bytes(b"")
    target.chmod(0o640)
    link.symlink_to(target)
    write_rows(link, [{"a": 1}])
    assert link.is_symlink()
    assert target.read_bytes() == b'{"a":1}\n'
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_new_file_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_rows(tmp_path / "rows.jsonl", [{"a": 1}])
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "rows.jsonl").stat().st_mode) == 0o640


def test_device_is_written_to_and_not_replaced() -> None:
    write_rows("/dev/null", [{"a": 1}])
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
