"""The one exception a user can cause, and the nearest known name for a misspelt one.

Knows nothing of what went wrong: every floor raises `UserError`, and the command line alone
turns it into one sentence and exit code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something the user can mend: what is wrong, where, and the mend, in one sentence.

    Anything else that is raised is a bug and may show its traceback.

    >>> print(UserError("the row has no 'answer'", where="problems.jsonl:3", mend="add the column"))
    problems.jsonl:3: the row has no 'answer'; add the column
    """

    def __init__(self, what: str, *, where: object = None, mend: str | None = None) -> None:
        self.what, self.where, self.mend = what, where, mend
        sentence = what if where is None else f"{where}: {what}"
        super().__init__(sentence if mend is None else f"{sentence}; {mend}")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name a reader most likely meant by `name`, or None when nothing is close.

    >>> nearest("Additon", ["addition", "division"])
    'addition'
    >>> nearest("gcd", ["greatest_common_divisor", "division"])
    'greatest_common_divisor'
    """
    by_lower = {k.lower(): k for k in known}
    initials = {"".join(word[:1] for word in k.replace("-", "_").split("_")): k for k in by_lower}
    matches = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    guess = matches[0] if matches else initials.get(name.lower()) if len(name) > 1 else None
    return None if guess is None else by_lower[guess]


def unknown_name(noun: str, name: str, known: Iterable[str], *, where: object = None) -> UserError:
    """The `UserError` for a name nobody knows: names the nearest one, or lists them all.

    >>> print(unknown_name("family", "additon", ["addition", "gcd"]))
    unknown family 'additon'; did you mean 'addition'?
    """
    known = sorted(known)
    guess = nearest(name, known)
    mend = f"did you mean '{guess}'?" if guess else f"known: {', '.join(known)}"
    return UserError(f"unknown {noun} '{name}'", where=where, mend=mend)
