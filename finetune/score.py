"""Scores of a reward model for whoever asks over a pipe: `python -m finetune.score FOLDER`

Reads one JSON array of chat turns a line from standard input, the answer last, and writes one JSON object a
line: first `{"context": tokens}` when the model is loaded, then for each chat `{"score": x, "tokens": n}` or
`{"too_long": n}`. A fault of the user's is `{"error": what, "where", "mend"}`, and the end. Ends when its
input does. Knows nothing of who asks, and nothing of training.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

import orjson

from finetune.environment import prepare, quieten, require_training_packages
from finetune.pairs import completion_ids
from schemas import UserError


class Scorer:
    """The reward model in `folder`, on the GPU where there is one. Raises `UserError` when it holds none."""

    def __init__(self, folder: Path) -> None:
        import torch

        from finetune.model import load_reward_model, load_tokenizer

        self.tokenizer = load_tokenizer(folder)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model: Any = load_reward_model(folder)
        self.model = model.to(device).eval()
        found = getattr(self.model.config, "max_position_embeddings", None)
        self.context: int | None = None if found is None else int(found)

    def ids(self, chat: list[dict[str, str]]) -> list[int]:
        """A chat as it was trained on: its prompt, and the answer up to and with the stop token."""
        prompt, completion = completion_ids(self.tokenizer, chat[:-1], chat[-1:])
        return prompt + completion

    def score(self, ids: list[int]) -> float:
        """The score of one sequence, alone in its batch: it does not depend on what else is asked."""
        import torch

        with torch.no_grad():
            given = torch.tensor([ids], device=self.model.device)
            return float(self.model(input_ids=given, attention_mask=torch.ones_like(given)).logits[0, 0])

    def answer(self, chat: list[dict[str, str]]) -> dict[str, Any]:
        """What is written for one chat."""
        ids = self.ids(chat)
        if self.context is not None and len(ids) > self.context:
            return {"too_long": len(ids)}
        return {"score": self.score(ids), "tokens": len(ids)}


def serve(folder: Path, asked: IO[bytes], told: IO[bytes]) -> None:
    """Answer every line of `asked` in `told`, in their order."""

    def tell(value: dict[str, Any]) -> None:
        told.write(orjson.dumps(value) + b"\n")
        told.flush()

    try:
        require_training_packages()
        quieten()
        scorer = Scorer(folder)
        tell({"context": scorer.context})
        for line in asked:
            tell(scorer.answer(orjson.loads(line)))
    except UserError as error:
        tell({"error": error.what, "where": error.where and str(error.where), "mend": error.mend})


def main(folder: str) -> None:
    """Serve until standard input ends."""
    prepare()
    # What libraries write to standard output must not be taken for an answer.
    with os.fdopen(os.dup(1), "wb") as told:
        os.dup2(2, 1)
        serve(Path(folder), sys.stdin.buffer, told)


if __name__ == "__main__":
    main(sys.argv[1])
