"""What a row, a run and a setting may look like: floor 1, which knows nothing of the floors above.

errors.py    the one exception a user can cause
rows.py      reading rows, writing them atomically
check.py     files of rows against the JSON Schemas beside it, or the user's
checking/    one schema, ready to judge a row; the user's own schema; files shared among processes
settings.py  one typed dataclass a command: read from YAML, from the command line, from Python
command.py   a console command made from such a dataclass
run.py       the manifest of a run, and whose a folder is
"""

from typing import TYPE_CHECKING, Any

from schemas.errors import UserError, nearest, unknown_name

if TYPE_CHECKING:
    from schemas.rows import Row, atomic_writer, read_rows, write_rows

HOMEGROWN = "homegrown-llm"

__all__ = [
    "HOMEGROWN",
    "Row",
    "UserError",
    "atomic_writer",
    "nearest",
    "read_rows",
    "unknown_name",
    "write_rows",
]

_OF_ROWS = frozenset({"Row", "atomic_writer", "read_rows", "write_rows"})


def __getattr__(name: str) -> Any:
    """Rows bring libraries with them; whoever needs only the errors (the verifiers) needs only Python."""
    if name in _OF_ROWS:
        from schemas import rows

        return getattr(rows, name)
    raise AttributeError(f"module 'schemas' has no attribute {name!r}")
