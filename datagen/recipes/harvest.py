"""What verified attempts are good for: lessons of the proved, pairs of right and wrong, problems for GRPO.

Works on attempt rows, whoever made them; no engine is asked. Sources: rejection sampling as in Zelikman et
al. 2022, STaR (arXiv:2203.14465); pairs of a right and a wrong answer as in Pang et al. 2024
(arXiv:2404.19733); problems that are neither always nor never solved as in Yu et al. 2025, DAPO
(arXiv:2503.14476), where a group of equal rewards teaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import Literal

from datagen.recipes.shared.choosing import most_distinct
from datagen.recipes.shared.passing import passed_by_problem
from schemas import Row, UserError

Pick = Literal["first", "shortest", "distinct"]


def proved_lessons(
    attempts: Iterable[Row], *, most: int | None = None, pick: Pick = "first"
) -> Iterator[Row]:
    """An instruction row for each attempt that was verified right, equal ones once.

    At most `most` a problem, of attempts that stand together: the "first", the "shortest" in tokens, or those
    that differ most from each other ("distinct", by shared words). Raises `UserError` for another pick.
    """
    if pick not in ("first", "shortest", "distinct"):
        raise UserError(f"unknown way to pick: '{pick}'", mend="use first, shortest or distinct")
    seen = set()
    for _, group in groupby(attempts, key=lambda attempt: attempt["id"]):
        right = []
        for attempt in group:
            told = repr([*attempt["prompt"], *attempt["completion"]])
            if attempt["reward"] == 1.0 and told not in seen:
                seen.add(told)
                right.append(attempt)
        for attempt in _picked(right, most, pick):
            conversation = [*attempt["prompt"], *attempt["completion"]]
            yield {"messages": conversation, "meta": _origin("proved lessons", attempt)}


def proved_pairs(attempts: Iterable[Row], *, most: int = 1) -> Iterator[Row]:
    """Preference rows for each problem that was solved and missed: a right answer over a wrong one.

    Of all such pairs of answers that came to an end, the one whose lengths differ least, so that length
    tells nothing; then, up to `most`, the next such of answers that are in no pair yet. Lengths are tokens
    where both are known, else characters, and stand in `meta.lengths`. Attempts at one problem must stand
    together, as `datagen attempts` writes them.
    """
    for _, group in groupby(attempts, key=lambda attempt: attempt["id"]):
        ended = [attempt for attempt in group if attempt["meta"].get("finish_reason", "stop") == "stop"]
        right = [attempt for attempt in ended if attempt["reward"] == 1.0]
        wrong = [attempt for attempt in ended if attempt["reward"] == 0.0]
        for chosen, rejected in _matched(right, wrong, most):
            unit, *lengths = _lengths(chosen, rejected)
            yield {
                "prompt": chosen["prompt"],
                "chosen": chosen["completion"],
                "rejected": rejected["completion"],
                "meta": {
                    **_origin("proved pairs", chosen),
                    "samples": [chosen["sample"], rejected["sample"]],
                    "passed": len(right),
                    "missed": len(wrong),
                    "lengths": lengths,
                    "lengths_in": unit,
                },
            }


def graded_problems(
    attempts: Iterable[Row], problems: Iterable[Row], *, above: float = 0.0, below: float = 1.0
) -> Iterator[Row]:
    """The problems whose pass rate p lies in above < p < below, with `meta.pass_rate` and `meta.samples`.

    By default all that were both solved and missed: a group of equal rewards has no advantage to learn from.
    `samples` are those that a verifier could judge. Problems keep their order.
    """
    counts = passed_by_problem(attempts)
    for problem in problems:
        found = counts.get(problem["id"])
        if found is not None and found.judged and above < found.rate < below:
            graded = {"pass_rate": round(found.rate, 6), "samples": found.judged, "passed": found.right}
            yield {**problem, "meta": {**problem["meta"], **graded}}


def _picked(right: list[Row], most: int | None, pick: Pick) -> list[Row]:
    if most is None or len(right) <= most:
        return right if pick != "shortest" else sorted(right, key=_length)
    if pick == "distinct":
        return [right[place] for place in most_distinct(list(map(_text, right)), most)]
    return (sorted(right, key=_length) if pick == "shortest" else right)[:most]


def _matched(right: Sequence[Row], wrong: Sequence[Row], most: int) -> Iterator[tuple[Row, Row]]:
    """Pairs by rising difference in length, no answer twice; the earlier ones where differences are equal."""
    used: set[int] = set()
    made = 0
    for chosen, rejected in sorted(product(right, wrong), key=_difference):
        if made >= most:
            return
        if id(chosen) not in used and id(rejected) not in used:
            used |= {id(chosen), id(rejected)}
            made += 1
            yield chosen, rejected


def _difference(pair: tuple[Row, Row]) -> int:
    _, left, right = _lengths(*pair)
    return abs(left - right)


def _lengths(left: Row, right: Row) -> tuple[str, int, int]:
    """Of two answers, in tokens where both are known, else in characters."""
    if all("tokens" in attempt["meta"] for attempt in (left, right)):
        return "tokens", left["meta"]["tokens"], right["meta"]["tokens"]
    return "characters", len(_text(left)), len(_text(right))


def _length(attempt: Row) -> int:
    tokens: int | None = attempt["meta"].get("tokens")
    return len(_text(attempt)) if tokens is None else tokens


def _text(attempt: Row) -> str:
    return "".join(turn["content"] for turn in attempt["completion"])


def _origin(recipe: str, attempt: Row) -> Row:
    origin = {
        name: attempt["meta"][name] for name in ("engine", "model_hash", "model") if name in attempt["meta"]
    }
    return {"recipe": recipe, "problem": attempt["id"], "sample": attempt["sample"], **origin}
