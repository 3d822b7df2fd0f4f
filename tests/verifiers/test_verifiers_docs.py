"""What docs/verifiers.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import verifiers
from verifiers.answer import DOMAINS, FORMS, KINDS
from verifiers.verdict import STATUSES

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "verifiers.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^(\S.*\))(?:\.(\w+))\s+# (.+)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("call", "field", "value"), SHOWN)
def test_call_in_the_documentation_returns_what_stands_beside_it(call: str, field: str, value: str) -> None:
    found = eval(call, {"verify": verifiers.verify, "equivalent": verifiers.equivalent})
    assert repr(getattr(found, field)) == value


def test_documentation_shows_calls_and_names_every_kind_form_and_status() -> None:
    assert len(SHOWN) >= 4
    missing = [name for name in (*KINDS, *FORMS, *STATUSES) if f"`{name}`" not in TEXT]
    assert missing == []
    assert all(name in TEXT for name in DOMAINS)
