"""The commands of `finetune`, each a settings class and a function; those of no stage are defined here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from finetune.dpo import DpoSettings, dpo
from finetune.grpo import GrpoSettings, grpo
from finetune.ladder import LadderSettings, ladder
from finetune.ppo import PpoSettings, ppo
from finetune.pretrain import PretrainSettings, pretrain
from finetune.progress import say
from finetune.reward_model import RewardSettings, reward
from finetune.sft import SftSettings, sft
from schemas.run import claim
from schemas.settings import setting


@dataclass(frozen=True)
class Command:
    """One command of the program."""

    name: str
    settings: type
    function: Callable[[Any], int | None]
    examples: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TokenizerSettings:
    """Train a byte-level BPE tokenizer on the texts of corpus and instruction rows."""

    data: tuple[Path, ...] = setting(help="files of corpus or instruction rows")
    out: Path = setting(help="folder for the tokenizer", identity=False)
    vocab_size: int = setting(8192, help="tokens, with the 256 bytes and the special ones", minimum=264)
    max_rows: int = setting(100_000, help="rows of each file that are read", minimum=1)


def tokenizer(settings: TokenizerSettings) -> None:
    """Train a tokenizer that llama.cpp imitates exactly: bytes, digits one by one, ChatML."""
    from finetune.tokenizer import train_tokenizer

    with claim(settings.out, "finetune tokenizer", settings, {"data": settings.data}) as run:
        if run.finished:
            say(f"{settings.out}: already trained")
            return
        report = train_tokenizer(tokenizer_texts(settings), settings.vocab_size, settings.out)
        run.finish(vocab_size=report.vocab_size, merges=report.learned, unused=report.unused)
    merges = f"{report.learned:,} of them merges, {report.unused:,} unused"
    say(f"{settings.out}: {report.vocab_size:,} tokens, {merges}")


def tokenizer_texts(settings: TokenizerSettings) -> Iterator[str]:
    """The texts of the rows: of a corpus its text, of a conversation what is said in it."""
    from itertools import islice

    from finetune.data import load_rows

    for path in settings.data:
        for row in islice(load_rows([path], ("corpus", "instruction"), "tokenizer"), settings.max_rows):
            if "text" in row:
                yield row["text"]
            else:
                yield from (message["content"] for message in row["messages"])


@dataclass(frozen=True, kw_only=True)
class ExportSettings:
    """Write a model folder as one GGUF file."""

    model: Path = setting(help="model folder in Hugging Face format", positional=True)
    gguf: Literal["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m"] = setting(
        "f16", help="how weights are stored"
    )
    out: Path = setting(help="the GGUF file to write")
    adapter: Path | None = setting(
        None, help="folder of a LoRA adapter of the model (in PEFT's format, or of a stage) to merge into it"
    )
    only_adapter: bool = setting(
        False, help="write the adapter alone, for `datagen ... --adapter` and llama.cpp's --lora: f32 or f16"
    )
    gate: bool = setting(True, help="compare the file with the model in llama.cpp before it is put in place")


def export(settings: ExportSettings) -> None:
    """Write a GGUF file, open it with llama.cpp and compare it with the model; a difference fails it."""
    from finetune.environment import quieten
    from finetune.export import export_adapter, export_gguf

    quieten()
    write = export_adapter if settings.only_adapter else export_gguf
    report = write(settings.model, settings.out, settings.gguf, gate=settings.gate, adapter=settings.adapter)
    say(f"{report.path}: {report.bytes:,} bytes, {report.quantization}")
    if settings.gate:
        say(
            f"largest logit difference {report.max_logit_difference:.2g}, mean KL {report.mean_kl:.2g} nats, "
            f"greedy tokens equal {report.greedy_agreement:.1%}, token ids and chat template equal"
        )
    for note in report.notes:
        say(f"note: {note}")


COMMANDS = (
    Command(
        "ladder",
        LadderSettings,
        ladder,
        ["finetune ladder --preset cpu --out runs/demo"],
    ),
    Command(
        "tokenizer",
        TokenizerSettings,
        tokenizer,
        ["finetune tokenizer --data corpus.jsonl --vocab-size 8192 --out runs/tokenizer"],
    ),
    Command(
        "pretrain",
        PretrainSettings,
        pretrain,
        ["finetune pretrain --tokenizer runs/tokenizer --data corpus.jsonl --steps 400 --out runs/pretrain"],
    ),
    Command(
        "sft", SftSettings, sft, ["finetune sft --model MODEL --data sft.jsonl --steps 200 --out runs/sft"]
    ),
    Command(
        "reward",
        RewardSettings,
        reward,
        ["finetune reward --model runs/sft --data pairs.jsonl --steps 100 --out runs/reward"],
    ),
    Command(
        "ppo",
        PpoSettings,
        ppo,
        ["finetune ppo --model runs/sft --reward-model runs/reward --data pairs.jsonl --out runs/ppo"],
    ),
    Command("dpo", DpoSettings, dpo, ["finetune dpo --model runs/sft --data pairs.jsonl --out runs/dpo"]),
    Command(
        "grpo",
        GrpoSettings,
        grpo,
        ["finetune grpo --model runs/dpo --data problems.jsonl --problems held-out.jsonl --out runs/grpo"],
    ),
    Command(
        "export",
        ExportSettings,
        export,
        [
            "finetune export runs/grpo --gguf q8_0 --out model.gguf",
            "finetune export MODEL --adapter runs/sft/adapter --only-adapter --out adapter.gguf",
        ],
    ),
)
