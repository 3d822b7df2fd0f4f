"""Is a problem's answer true, and can the verifier tell it from a near miss?

`prove` finds the answer again by the family's independent route; `separable` asks the verifier about other
spellings of the answer, which it must accept, and about wrong answers close by, which it must refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datagen.problems.register import find
from datagen.problems.text import boxed
from datagen.problems.variants import near_misses, spellings
from schemas import Row, UserError
from verifiers import AnswerSpec, equivalent, verify


@dataclass(frozen=True, slots=True)
class Proof:
    """The independent route reached the row's answer; `method` is how the verifier compared the two."""

    id: str
    derived: str
    method: str

    agrees: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The independent route did not reach the row's answer, or the worked solution does not."""

    id: str
    claimed: str
    derived: str | None
    reason: str

    agrees: Literal[False] = False


@dataclass(frozen=True, slots=True)
class Separability:
    """How the verifier took the spellings and the near misses of one answer."""

    id: str
    spellings: int
    near_misses: int
    refused_spellings: tuple[str, ...]
    accepted_misses: tuple[str, ...]

    @property
    def asked(self) -> int:
        """How many answers the verifier was asked about."""
        return self.spellings + self.near_misses

    @property
    def separable(self) -> bool:
        return not self.refused_spellings and not self.accepted_misses


def prove(row: Row) -> Proof | Disagreement:
    """Derive the answer of a problem row from its `given` alone, and compare.

    The worked solution is checked too: as a response, the verifier must find it correct. Raises `UserError`
    for a row that is not a problem row, or of a family or version that is not known here.
    """
    if isinstance(row.get("meta"), dict) and row["meta"].get("recipe") == "given problems":
        what = f"the answer of {row.get('id')} came with its question: there is no second route to it"
        raise UserError(what, mend="leave out what proves it; `datagen check` checks its form")
    try:
        name, version, given = row["family"], row["meta"]["version"], row["given"]
        identity, answer, solution = row["id"], row["answer"], row["solution"]
        spec = AnswerSpec.from_dict(row["spec"])
    except (KeyError, TypeError) as error:
        raise UserError(
            f"not a problem row: {error} is missing", mend="give rows that datagen problems made"
        ) from None
    family = find(name)
    if version != family.version:
        mend = "make the problems again with this version"
        raise UserError(f"{identity} is of version {version} of {name}, not {family.version}", mend=mend)
    if family.prover is None:
        raise UserError(f"the family '{name}' has one route to its answers", mend="leave out what proves it")
    try:
        derived = family.prover(given)
    except Exception as error:
        return Disagreement(identity, answer, None, f"the proof failed: {type(error).__name__}: {error}")
    verdict = equivalent(answer, derived, spec)
    if not verdict.correct:
        return Disagreement(identity, answer, derived, f"{verdict.status}: {verdict.reason}")
    own = verify(boxed(answer), answer, spec)  # a checker has looked at the derived answer alone so far
    if not own.correct:
        return Disagreement(identity, answer, derived, f"the answer itself is {own.status}: {own.reason}")
    worked = verify(solution, answer, spec)
    if not worked.correct:
        return Disagreement(identity, answer, derived, f"worked solution {worked.status}: {worked.reason}")
    return Proof(identity, derived, verdict.method)


def separable(row: Row) -> Separability:
    """Whether the verifier accepts the answer in every equivalent spelling and refuses every near miss.

    Both come by the kind of the answer, and from the family where it knows better ones.
    """
    answer, spec = row["answer"], AnswerSpec.from_dict(row["spec"])
    varied = find(row["family"]).varied
    more_same, more_near = varied(row["given"], answer) if varied else ([], [])
    same = list(dict.fromkeys([*spellings(answer, spec), *more_same]))
    near = [miss for miss in dict.fromkeys([*near_misses(answer, spec), *more_near]) if miss not in same]
    refused = tuple(text for text in same if not verify(boxed(text), answer, spec).correct)
    accepted = tuple(text for text in near if verify(boxed(text), answer, spec).correct)
    return Separability(row["id"], len(same), len(near), refused, accepted)
