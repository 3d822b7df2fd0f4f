"""A program the run tests start and kill: 100 rows from a tiny model into a file. Not a test itself.

python run_recipe.py MODEL JOURNAL OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

from datagen.engines.llama.engine import LlamaCppEngine
from datagen.runs.journal import Journal
from datagen.runs.run import Rejected, run, write_outcomes

ROWS = 100


async def two_drafts(item, team):
    """Two samples, then one more that goes on from the longer; short ones are rejected."""
    drafts = await team.chat([{"role": "user", "content": item["text"]}], n=2, max_tokens=24)
    longer = max(drafts.samples, key=lambda sample: len(sample.text))
    more = await team.chat(
        [{"role": "user", "content": "go on"}], prefix=longer.text, max_tokens=12, temperature=0.8, attempt=1
    )
    if len(more.samples[0].tokens) < 3:
        return Rejected("short", f"{len(more.samples[0].tokens)} tokens")
    return {"text": longer.text + more.text, "meta": {"id": item["id"], **team.provenance()}}


def items():
    return [{"id": f"item-{index}", "text": "the stone " * (index % 7)} for index in range(ROWS)]


def main(model: str, journal: str, out: str) -> None:
    def report(tally) -> None:
        print(tally.done, flush=True)

    with LlamaCppEngine(Path(model), threads=1, width=4) as engine, Journal(journal) as held:
        outcomes = run(two_drafts, items(), engine, held, seed=11, concurrency=8, report=report)
    write_outcomes(out, outcomes)


if __name__ == "__main__":
    main(*sys.argv[1:])
