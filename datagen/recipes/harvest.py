"""What verified attempts are good for: lessons from the proved ones, pairs of right and wrong.

Works on attempt rows, whoever made them; no engine is asked. Sources: rejection sampling as in Zelikman et
al. 2022, STaR (arXiv:2203.14465); pairs of a right and a wrong answer as in Pang et al. 2024
(arXiv:2404.19733).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, product

from schemas import Row


def proved_lessons(attempts: Iterable[Row]) -> Iterator[Row]:
    """An instruction row for each attempt that was verified right, equal ones once."""
    seen = set()
    for attempt in attempts:
        conversation = [*attempt["prompt"], *attempt["completion"]]
        if attempt["reward"] == 1.0 and repr(conversation) not in seen:
            seen.add(repr(conversation))
            yield {"messages": conversation, "meta": _origin("proved lessons", attempt)}


def proved_pairs(attempts: Iterable[Row]) -> Iterator[Row]:
    """A preference row for each problem that was solved and missed: the right answer over the wrong one.

    Of all such pairs of answers that came to an end, the one whose lengths differ least, so that length
    tells nothing. Attempts at one problem must stand together, as `datagen attempts` writes them.
    """
    for _, group in groupby(attempts, key=lambda attempt: attempt["id"]):
        ended = [attempt for attempt in group if attempt["meta"].get("finish_reason", "stop") == "stop"]
        right = [attempt for attempt in ended if attempt["reward"] == 1.0]
        wrong = [attempt for attempt in ended if attempt["reward"] == 0.0]
        if right and wrong:
            chosen, rejected = min(product(right, wrong), key=_difference_in_length)
            samples = {"samples": [chosen["sample"], rejected["sample"]]}
            passed = {"passed": len(right), "missed": len(wrong)}
            yield {
                "prompt": chosen["prompt"],
                "chosen": chosen["completion"],
                "rejected": rejected["completion"],
                "meta": {**_origin("proved pairs", chosen), **samples, **passed},
            }


def _difference_in_length(pair: tuple[Row, Row]) -> int:
    """Of the answers, in characters."""
    lengths = [sum(len(turn["content"]) for turn in attempt["completion"]) for attempt in pair]
    return abs(lengths[0] - lengths[1])


def _origin(recipe: str, attempt: Row) -> Row:
    origin = {
        name: attempt["meta"][name] for name in ("engine", "model_hash", "model") if name in attempt["meta"]
    }
    return {"recipe": recipe, "problem": attempt["id"], "sample": attempt["sample"], **origin}
