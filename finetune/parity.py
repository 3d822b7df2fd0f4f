"""The gate: does llama.cpp, given this file, read and speak as the Hugging Face model does?

Compares token ids, the rendered chat template, the stop token, the logits and the greedy tokens, and names
the check that fails. Writing the file is for `export.py`; how good the model is, for `evaluate.py`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.engines.chat_template import RENDER_DATE
from datagen.engines.llama.engine import LlamaCppEngine
from finetune.gguf_source import ModelSource
from finetune.gguf_vocabulary import CONTROL, USER_DEFINED, turn_end
from finetune.parity_texts import AWKWARD_TEXTS, CONVERSATIONS, generated_texts, probe_prompts
from schemas import UserError

if TYPE_CHECKING:
    import numpy as np

PROBE_TOKENS = 96
"""Length of a probed prompt: far enough for a wrong rotation to add up, short enough for seconds."""

DECISIVE = 0.05
"""Another greedy token matters when the model itself finds it less likely by this much probability."""


@dataclass(frozen=True)
class Limits:
    """What a healthy file keeps within, on the probed prompts."""

    mean_kl: float
    """Mean KL(model || file) in nats a token."""
    decisive: float
    """Share of positions with another greedy token that is less likely by `DECISIVE` or more."""
    max_spreads: float = math.inf
    """Largest logit difference, in standard deviations of the model's logits at that position."""


LIMITS = {
    # Same numbers, another order of sums: healthy files measure up to 3e-4 spreads. A missing rotary
    # permutation measures 6 in a model that attends sharply and 0.1 in one at its initialization.
    "f32": Limits(mean_kl=1e-5, decisive=0.01, max_spreads=5e-3),
    # Rounded numbers. These only say that the rounding is bearable: in an untrained model Q8_0 costs as
    # much as a missing permutation (0.1 spreads), so structure is judged on the same file in F32.
    # Trained models measure 1e-7 (f16), 1e-5 (bf16), 1e-4 to 1e-2 (q8_0), 5e-2 (q4_0) nats.
    "f16": Limits(mean_kl=0.01, decisive=0.02),
    "bf16": Limits(mean_kl=0.1, decisive=0.05),
    "q8_0": Limits(mean_kl=0.1, decisive=0.1),
    "q4_k_m": Limits(mean_kl=0.5, decisive=0.3),
    "q4_0": Limits(mean_kl=0.8, decisive=0.4),
}


@dataclass(frozen=True)
class Parity:
    """What the gate measured. Logit differences are absolute; KL is in nats a token."""

    token_mismatches: int
    template_equal: bool
    max_logit_difference: float
    mean_logit_difference: float
    mean_kl: float
    greedy_agreement: float


@dataclass(frozen=True)
class Reference:
    """What the Hugging Face model says: prompts, and its float32 logits [tokens, vocabulary] for each."""

    prompts: tuple[tuple[int, ...], ...]
    logits: tuple[np.ndarray, ...]


def reference_of(source: ModelSource) -> Reference:
    """Run the Hugging Face model in float32 over the probed prompts; `UserError` when it does not load.

    An adapter is left to PEFT to compute, beside the weights and not in them: a second opinion on merging.
    """
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    try:
        with _no_progress_bar():
            model: Any = AutoModelForCausalLM.from_pretrained(
                source.path, dtype=torch.float32, attn_implementation="eager", local_files_only=True
            )
            if source.adapter is not None:
                model = PeftModel.from_pretrained(model, source.adapter, local_files_only=True)
            model.eval()
    except (OSError, RuntimeError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise UserError(f"transformers cannot load the model ({why})", where=source.path) from error
    length = min(PROBE_TOKENS, source.config.max_position_embeddings)
    prompts = tuple(probe_prompts(source.tokenizer, length))
    with torch.inference_mode():
        logits = tuple(model(torch.tensor([prompt])).logits[0].numpy() for prompt in prompts)
    return Reference(prompts, logits)


@contextlib.contextmanager
def _no_progress_bar() -> Iterator[None]:
    from transformers.utils import logging

    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()


def open_exactly(path: Path, adapter: Path | None = None) -> LlamaCppEngine:
    """The file in llama.cpp at its most exact: on the CPU, a float32 cache, attention unrounded.

    On one thread: two that wait for each other on a busy machine measured eight times slower.
    """
    return LlamaCppEngine(
        path,
        context=PROBE_TOKENS,
        width=1,
        threads=1,
        flash_attention=False,
        kv_type="f32",
        gpu_layers=0,
        adapter=adapter,
    )


def check_parity(
    path: Path, source: ModelSource, reference: Reference, quantization: str, adapter: Path | None = None
) -> Parity:
    """Compare the file with the model in `source`; `UserError` names the check that fails, and where.

    `adapter`: a LoRA adapter as GGUF, put on the file by llama.cpp.
    """
    with open_exactly(path, adapter) as engine:
        _check_special_tokens(engine, source.tokenizer)
        mismatches = _check_token_ids(engine, source.tokenizer)
        _check_stop_token(engine, source)
        _check_chat_template(engine, source.tokenizer)
        measured = [
            compare_logits(ours, engine.logits(prompt))
            for prompt, ours in zip(reference.prompts, reference.logits, strict=True)
        ]
    _check_logits(adapter or path, measured, quantization)
    return Parity(
        token_mismatches=mismatches,
        template_equal=True,
        max_logit_difference=max(m.max_difference for m in measured),
        mean_logit_difference=_mean(m.mean_difference for m in measured),
        mean_kl=_mean(m.mean_kl for m in measured),
        greedy_agreement=_mean(m.greedy_agreement for m in measured),
    )


def _failure(check: str, what: str, path: Path, mend: str = "report it with the model's config") -> UserError:
    return UserError(f"the parity gate fails at the {check}: {what}", where=path.name, mend=mend)


def _first_difference(ours: Sequence[Any], theirs: Sequence[Any]) -> int:
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(ours), len(theirs)))


def _check_token_ids(engine: LlamaCppEngine, tokenizer: Any) -> int:
    """Every text must get the same ids from both; the number that do not (0, for otherwise it raises)."""
    texts = [*AWKWARD_TEXTS, *generated_texts(tokenizer)]
    wrong = []
    for text in texts:
        ours, theirs = tokenizer(text, add_special_tokens=False)["input_ids"], engine.tokenize(text)
        if ours != theirs:
            wrong.append((text, ours, theirs))
    if wrong:
        text, ours, theirs = wrong[0]
        at = _first_difference(ours, theirs)
        raise _failure(
            "token ids",
            f"{len(wrong)} of {len(texts)} texts differ, first {text!r} at token {at}: "
            f"{ours[at : at + 3]} in the model's tokenizer, {theirs[at : at + 3]} in llama.cpp",
            engine.path,
        )
    return len(wrong)


def _check_special_tokens(engine: LlamaCppEngine, tokenizer: Any) -> None:
    """What is special for one is CONTROL in the other, or a user could type the end of a turn.

    Read from the file: llama.cpp mends the type of some tokens it knows by name, other readers may not.
    """
    from gguf import GGUFReader

    types = GGUFReader(engine.path).fields["tokenizer.ggml.token_type"].contents()
    for index, token in tokenizer.added_tokens_decoder.items():
        if types[index] != (CONTROL if token.special else USER_DEFINED):
            wanted = "CONTROL" if token.special else "USER_DEFINED"
            what = f"{token.content!r} (id {index}) is typed {types[index]}, not {wanted}"
            raise _failure("special tokens", what, engine.path)


def _check_stop_token(engine: LlamaCppEngine, source: ModelSource) -> None:
    """Generation must stop where the template ends an assistant's turn, and at the tokenizer's EOS."""
    recorded = {engine.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("eos", "eot")}
    for index in {turn_end(source.tokenizer, where=source.path), source.tokenizer.eos_token_id} - {None}:
        if index not in recorded or index not in engine.model.ends:
            token = source.tokenizer.convert_ids_to_tokens(index)
            raise _failure("stop token", f"generation would run past {token!r} (id {index})", engine.path)


def _check_chat_template(engine: LlamaCppEngine, tokenizer: Any) -> None:
    """Both must render each conversation to the same bytes; one that the template refuses is left out."""
    from jinja2 import TemplateError

    for messages in CONVERSATIONS:
        for prompt in (True, False):
            try:
                ours = tokenizer.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=prompt, strftime_now=RENDER_DATE.strftime
                )
            except TemplateError:
                continue
            theirs = engine.render(messages, add_generation_prompt=prompt)
            if ours != theirs:
                at = _first_difference(ours, theirs)
                shown = f"{ours[at : at + 20]!r} by the model's, {theirs[at : at + 20]!r} by the file's"
                raise _failure("chat template", f"renderings part at character {at}: {shown}", engine.path)


@dataclass(frozen=True)
class LogitComparison:
    """Two models' logits over one prompt; `at` is the position of the largest difference."""

    max_difference: float
    mean_difference: float
    max_spreads: float
    mean_kl: float
    greedy_agreement: float
    decisive: float
    at: int


def compare_logits(ours: np.ndarray, theirs: np.ndarray) -> LogitComparison:
    """Compare logits [positions, vocabulary] of the model (`ours`) and of the file (`theirs`)."""
    import numpy as np

    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    difference = np.abs(ours - theirs)
    spread = np.maximum(ours.std(axis=1), np.finfo(np.float32).tiny)
    log_p, log_q = _log_softmax(ours), _log_softmax(theirs)
    p = np.exp(log_p)
    greedy = theirs.argmax(axis=1)
    lost = p.max(axis=1) - p[np.arange(len(p)), greedy]
    return LogitComparison(
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        max_spreads=float((difference.max(axis=1) / spread).max()),
        mean_kl=float((p * (log_p - log_q)).sum(axis=1).mean()),
        greedy_agreement=float((greedy == ours.argmax(axis=1)).mean()),
        decisive=float((lost >= DECISIVE).mean()),
        at=int(difference.max(axis=1).argmax()),
    )


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    import numpy as np

    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _check_logits(path: Path, measured: Sequence[LogitComparison], quantization: str) -> None:
    limits = LIMITS[quantization]
    worst = max(measured, key=lambda m: m.max_spreads)
    figures = (
        ("largest difference in spreads", worst.max_spreads, limits.max_spreads),
        ("mean KL", _mean(m.mean_kl for m in measured), limits.mean_kl),
        ("share of other greedy tokens", _mean(m.decisive for m in measured), limits.decisive),
    )
    for name, value, limit in figures:
        if not value <= limit:  # so that NaN fails too
            where = f"worst in prompt {measured.index(worst)} at token {worst.at}"
            what = f"{name} {value:.3g}, over the limit {limit:.3g} ({where})"
            if quantization == "f32":
                raise _failure("logits", what, path)
            raise _failure("logits", what, path, mend="choose a finer quantization")


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return sum(numbers) / len(numbers)
