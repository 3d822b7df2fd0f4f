"""The dataset card: front matter that a hub and `datasets` understand, and all that is known of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from datagen.audit.audit import Audit
from datagen.audit.figure import percentiles
from datagen.audit.report import markdown
from datagen.audit.source import Source
from datagen.export.columns import COLUMNS, JSON, features
from datagen.export.contract import Fit
from datagen.runs.progress import by_reason
from schemas import Row

ABOUT = {
    "sft": "a conversation (`messages`)",
    "dpo": "a prompt with a better and a worse answer (`prompt`, `chosen`, `rejected`)",
    "kto": "an answer that is good or bad (`prompt`, `completion`, `label`)",
    "grpo": "a problem with its proved answer (`prompt`, `answer`, `spec`)",
    "corpus": "running text (`text`)",
    "alpaca": "a conversation (`instruction`, `input`, `output`, `system`, `history`)",
    "sharegpt": "a conversation (`conversations`)",
}
TRAINERS = {
    "sft": 'from trl import SFTTrainer\n\nSFTTrainer(MODEL, train_dataset=sft["train"]).train()',
    "dpo": 'from trl import DPOTrainer\n\nDPOTrainer(MODEL, train_dataset=dpo["train"]).train()',
    "kto": 'from trl import KTOTrainer\n\nKTOTrainer(MODEL, train_dataset=kto["train"]).train()',
    "grpo": "from trl import GRPOTrainer\nfrom verifiers import correctness  # of homegrown-llm\n\n"
    'GRPOTrainer(MODEL, reward_funcs=correctness, train_dataset=grpo["train"]).train()',
}
STAGES = ("sft", "dpo", "grpo")
"""The kinds that a stage of `finetune` of the same name reads."""
TAGS = {"dpo": "dpo", "kto": "kto", "grpo": "reinforcement-learning", "sft": "sft", "corpus": "pretraining"}
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
ORIGINS = {"recipe": "Recipes", "engine": "Engines", "model_hash": "Hashes of the models"}
LONGEST_SAMPLE = 3_000
LONGEST_SETTING = 80


@dataclass(frozen=True)
class Config:
    """One kind of training data in the folder: its files by split, and its rows there."""

    name: str
    layout: str
    """Its key in `COLUMNS`: the name, or another format."""
    files: Mapping[str, str]
    rows: Mapping[str, Sequence[Row]]
    fits: Sequence[Fit] = ()


@dataclass(frozen=True)
class About:
    """What a card tells besides the rows."""

    title: str
    place: str
    license: str | None
    language: str | None
    parquet: bool
    groups: int
    out_groups: int
    left_out: Mapping[str, Mapping[str, int]]
    target: str | None = None
    max_length: int | None = None


def card(about: About, configs: Sequence[Config], sources: Sequence[Source], audits: Sequence[Audit]) -> str:
    """The text of README.md."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters |= {"yields": _yields, "told": _told}
    template = environment.from_string(Path(__file__).with_name("card.md.jinja").read_text(encoding="utf-8"))
    text = template.render(
        front=_front(about, configs),
        title=about.title,
        place=about.place,
        configs=[_config(config, about) for config in configs],
        commands=[
            f"finetune {config.name} --model MODEL --data {config.files['train']} --out runs/{config.name}"
            for config in configs
            if config.name in STAGES and config.layout == config.name
        ],
        groups=about.groups,
        out_groups=about.out_groups,
        runs=[_run(source) for source in sources],
        left_out={kind: reasons for kind, reasons in about.left_out.items() if reasons},
        target=about.target,
        max_length=about.max_length,
        fits=[_fits(config) for config in configs if config.fits],
        audits=[_audit(audit) for audit in audits],
    )
    lines = (line.rstrip() for line in text.splitlines())
    return _without_gaps("\n".join(lines)) + "\n"


def _front(about: About, configs: Sequence[Config]) -> str:
    """The front matter, as YAML."""
    import yaml

    rows = sum(len(rows) for config in configs for rows in config.rows.values())
    tags = ["synthetic", "homegrown", *(TAGS[config.name] for config in configs)]
    front: dict[str, Any] = {"pretty_name": about.title}
    front |= {"license": about.license} if about.license else {}
    front |= {"language": [about.language]} if about.language else {}
    front |= {
        "size_categories": [size_category(rows)],
        "tags": list(dict.fromkeys(tags)),
        "configs": [
            {
                "config_name": config.name,
                "data_files": [{"split": split, "path": file} for split, file in config.files.items()],
                **({"default": True} if number == 0 else {}),
            }
            for number, config in enumerate(configs)
        ],
        "dataset_info": [
            {
                "config_name": config.name,
                "features": features(COLUMNS[config.layout], parquet=about.parquet),
                "splits": [{"name": split, "num_examples": len(rows)} for split, rows in config.rows.items()],
            }
            for config in configs
        ],
    }
    return str(yaml.safe_dump(front, sort_keys=False, allow_unicode=True))


def size_category(rows: int) -> str:
    """The size as hubs name it."""
    return next((name for most, name in SIZES if rows < most), "10M<n<100M")


def _config(config: Config, about: About) -> dict[str, Any]:
    sample = orjson.dumps(config.rows["train"][0], option=orjson.OPT_INDENT_2).decode()
    if len(sample) > LONGEST_SAMPLE:
        sample = sample[:LONGEST_SAMPLE] + "\n..."
    own = config.layout == config.name
    return {
        "name": config.name,
        "train": len(config.rows["train"]),
        "test": len(config.rows.get("test", ())),
        "about": ABOUT[config.layout],
        "trainer": TRAINERS.get(config.name) if own else None,
        "needs_json": JSON in COLUMNS[config.layout].values() and not about.parquet,
        # Three backticks in a row would end the block.
        "sample": sample.replace("```", "` ` `"),
    }


def _run(source: Source) -> dict[str, Any]:
    metas = [row.get("meta") or {} for row in source.rows]
    found = {
        title: Counter(str(meta[name]) for meta in metas if meta.get(name)) for name, title in ORIGINS.items()
    }
    return {
        "name": source.path.name,
        "kind": source.kind,
        "rows": len(source.rows),
        "account": source.account,
        "origins": {title: list(counts)[:5] for title, counts in found.items() if counts},
    }


def _audit(audit: Audit) -> str:
    """The audit, with the names of files: where they lie on this machine is nobody's affair."""
    source = audit.source.path
    return "\n".join(markdown(audit, level=2)).rstrip().replace(str(source), source.name)


def _fits(config: Config) -> dict[str, Any]:
    tokens = sum(fit.tokens for fit in config.fits)
    trained = sum(fit.trained for fit in config.fits)
    return {
        "name": config.name,
        "tokens": tokens,
        # Of a pair the answers of both sides are trained on; of a problem the model's own answer is.
        "trained": {"dpo": f"{trained:,} tokens", "grpo": "its own answers"}.get(
            config.name, f"{trained / tokens:.1%}"
        ),
        "percentiles": [f"{value:,}" for value in percentiles([fit.tokens for fit in config.fits])],
    }


def _yields(reasons: Mapping[str, int]) -> str:
    return by_reason(reasons) if reasons else "none"


def _told(settings: Mapping[str, Any]) -> str:
    """Settings of a run that were set, in one line; paths of the machine stay on it."""
    shown = []
    for name, value in settings.items():
        text = orjson.dumps(value, default=str).decode()
        if value is not None and "/" not in text and "\\" not in text and len(text) <= LONGEST_SETTING:
            shown.append(f"`{name}` {text.strip(chr(34))}")
    return ", ".join(shown) + "."


def _without_gaps(text: str) -> str:
    """At most one blank line in a row."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()
