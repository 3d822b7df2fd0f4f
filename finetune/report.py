"""Writes what a ladder's folder holds as one page to read: `report.html` and `report.md`, offline and whole.

Computes no figure of its own. The folder is read by `report_rungs`, its curves are drawn by `report_curves`,
numbers are written by `readable`; layout and wording live in the templates and the style beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune import readable
from finetune.readable import percent
from finetune.report_curves import climb, curves
from finetune.report_rungs import Answer, Rung, read_ladder
from schemas.rows import atomic_writer
from schemas.run import read_manifest

HTML_NAME = "report.html"
MARKDOWN_NAME = "report.md"
TEMPLATES = Path(__file__).parent

SMALL_PARAMETERS = 50_000_000
"""Under so many, a model is one of the kind that `SMALL_LIMITS` speaks of."""

SMALL_LIMITS = (
    "it is far smaller than the models people chat with. It can take the shape of its lessons: answer the "
    "kinds of problem it practised, on numbers it has not met, and keep a style it was taught. It cannot do "
    "more than that. What it says of the world it has learned by heart from a few templates; it knows no "
    "other facts, holds no conversation, follows no new kind of instruction, and is as fluent when wrong as "
    "when right. It shows that the whole way works, from random weights to a served model; for a useful "
    "model, take the same way with a larger one."
)
LIMITS = (
    "The figures are for problems from the same families as the lessons, and say nothing of any others. "
    "Differences smaller than the intervals may be chance, and one run says nothing of how another would end."
)


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, what it means in a few words, and how to write its cell."""

    heading: str
    meaning: str
    cell: Callable[[Rung], str]


def _accuracy(rung: Rung) -> str:
    share = percent(rung.figure("accuracy"))
    return f"{share} ({readable.share_range(rung.accuracy_ci)})" if rung.accuracy_ci else share


QUALITY = (
    Column(
        "Bits per byte",
        "how badly it predicts text it never saw; 8 is no idea at all",
        lambda rung: readable.decimal(rung.figure("bits_per_byte"), 3),
    ),
    Column(
        "Format",
        "answers with a final answer where it belongs",
        lambda rung: percent(rung.figure("format_rate")),
    ),
    Column("Accuracy", "held-out problems solved, with the 95% interval", _accuracy),
    Column("Problems", "problems asked", lambda rung: readable.count(rung.figure("accuracy_count"))),
    Column(
        "Preferred",
        "answers in the preferred style",
        lambda rung: percent(rung.figure("preferred_rate")),
    ),
    Column(
        "Pairs right",
        "held-out pairs whose better answer gets the higher reward",
        lambda rung: percent(rung.figure("reward_accuracy")),
    ),
    Column(
        "KL",
        "distance from the model it started from, in nats per response",
        lambda rung: readable.decimal(rung.figure("kl")),
    ),
    Column(
        "Forgetting",
        "bits per byte above those after pretraining",
        lambda rung: readable.signed(rung.figure("forgetting"), 3),
    ),
)

COST = (
    Column("Started from", "the rung whose weights it took", lambda rung: rung.started_from or "–"),
    Column(
        "Parameters", "weights of the model, all told", lambda rung: readable.count(rung.figure("parameters"))
    ),
    Column("Steps", "optimizer steps", lambda rung: readable.count(rung.figure("steps"))),
    Column("Training", "time spent training", lambda rung: readable.duration(rung.figure("seconds"))),
    Column("Tokens/s", "tokens per second", lambda rung: readable.count(rung.figure("tokens_per_s"))),
    Column("GGUF", "the exported file", lambda rung: rung.text("gguf") or "–"),
    Column("Size", "size of that file", lambda rung: readable.size(rung.figure("gguf_bytes"))),
    Column(
        "Logit difference",
        "largest between the trained model and its GGUF in llama.cpp",
        lambda rung: readable.small(rung.figure("gguf_max_logit_difference")),
    ),
)


def write_report(run: Path) -> tuple[Path, Path]:
    """Write `report.html` and `report.md` into a ladder's folder, each atomically; their paths.

    The ladder may be unfinished. Raises `UserError` when the folder holds no rung yet, or a line of it is
    not JSON.
    """
    run = Path(run)
    page = build_page(read_ladder(run), readable.visible_values(read_manifest(run)))
    paths = run / HTML_NAME, run / MARKDOWN_NAME
    for path, text in zip(paths, (render_html(page), render_markdown(page)), strict=True):
        with atomic_writer(path) as file:
            file.write(text.encode())
    return paths


def build_page(rungs: Sequence[Rung], manifest: Mapping[str, Any] | None) -> dict[str, Any]:
    """Everything that the two templates show, by the names they use."""
    return {
        "summary": summary(rungs),
        "rungs": rungs,
        "climb": climb(rungs),
        "tables": [("What it learned", filled(QUALITY, rungs)), ("What it cost", filled(COST, rungs))],
        "questions": questions(rungs),
        "curves": [(rung, pictures) for rung in rungs if (pictures := curves(rung))],
        "data": [(rung, file) for rung in rungs for file in rung.data],
        "manifest": manifest,
        "settings": flat(manifest["settings"]) if manifest else [],
        "limits": limits(last_figure(rungs, "parameters")),
    }


def summary(rungs: Sequence[Rung]) -> list[str]:
    """Two sentences with the headline figures, as far as the ladder has come."""
    return [_growth(rungs), _skill(rungs)]


def _growth(rungs: Sequence[Rung]) -> str:
    parameters = last_figure(rungs, "parameters")
    model = f"a model of {readable.count(parameters)} parameters" if parameters else "a model"
    steps = f"{len(rungs)} rungs" if len(rungs) > 1 else "one rung"
    seconds = sum(rung.figure("seconds") or 0.0 for rung in rungs)
    sentence = f"From random weights, {model} climbed {steps} in {readable.duration(seconds)} of training"
    bits = [figure for rung in rungs if (figure := rung.figure("bits_per_byte")) is not None]
    if len(bits) > 1:
        sentence += ", and pretraining took text it never saw from "
        sentence += f"{readable.decimal(bits[0], 3)} to {readable.decimal(bits[1], 3)} bits per byte"
    return f"{sentence}."


def _skill(rungs: Sequence[Rung]) -> str:
    judged = [rung for rung in rungs if rung.figure("accuracy") is not None]
    if not judged:
        return "Its answers have not been judged yet."
    last = judged[-1]
    asked = last.figure("accuracy_count")
    problems = f"{readable.count(asked)} held-out problems" if asked else "the held-out problems"
    interval = f" (95% interval {readable.share_range(last.accuracy_ci)})" if last.accuracy_ci else ""
    sentence = f"After the rung {last.name} it solves {percent(last.figure('accuracy'))}{interval}"
    sentence += f" of {problems}"
    if last.figure("preferred_rate") is not None:
        sentence += f", and {percent(last.figure('preferred_rate'))} of its answers have the preferred style"
    return f"{sentence}."


def limits(parameters: float | None) -> list[str]:
    """What the figures do not say, and what a model of this size cannot do, a paragraph each."""
    small = parameters is not None and parameters < SMALL_PARAMETERS
    return [f"With {readable.count(parameters)} parameters, {SMALL_LIMITS}", LIMITS] if small else [LIMITS]


def filled(columns: Sequence[Column], rungs: Sequence[Rung]) -> list[Column]:
    """The columns that have a figure for at least one rung."""
    return [column for column in columns if any(column.cell(rung) != readable.NO_FIGURE for rung in rungs)]


def questions(rungs: Sequence[Rung]) -> list[tuple[str, list[tuple[Rung, Answer]]]]:
    """Every question, in the order first asked, with each rung's answers to it."""
    asked: dict[str, list[tuple[Rung, Answer]]] = {}
    for rung in rungs:
        for answer in rung.answers:
            asked.setdefault(answer.question, []).append((rung, answer))
    return list(asked.items())


def marks(answer: Answer) -> list[tuple[str, str]]:
    """What is to be said of an answer beside it: (style, words), the words enough without the style."""
    found = []
    if answer.verdict is not None:
        sign = {"correct": "✓", "incorrect": "✗"}.get(answer.verdict, "○")
        style = "right" if answer.verdict == "correct" else "wrong"
        found.append((style, f"{sign} {answer.verdict.replace('_', ' ')}"))
    if answer.preferred is not None:
        found.append(("liked", "★ preferred") if answer.preferred else ("other", "☆ other style"))
    return found


def flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as (dotted name, value in words)."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict) and value:
            rows += flat(value, f"{prefix}{name}.")
        elif value is None:
            rows.append((f"{prefix}{name}", "not set"))
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            rows.append((f"{prefix}{name}", text))
    return rows


def last_figure(rungs: Sequence[Rung], name: str) -> float | None:
    """The figure of the last rung that has it."""
    known = [figure for rung in rungs if (figure := rung.figure(name)) is not None]
    return known[-1] if known else None


def render_html(page: Mapping[str, Any]) -> str:
    """The page as HTML: style and pictures inside, no script, nothing fetched. Every text is escaped."""
    from markupsafe import Markup

    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))
    return _render("report.html.jinja", page, autoescape=True, finalize=lambda value: value, style=style)


def render_markdown(page: Mapping[str, Any]) -> str:
    """The page as Markdown. Every text is escaped, but for what stands in a block of its own."""
    from markupsafe import Markup

    def escaped(value: Any) -> Any:
        return value if isinstance(value, Markup) else readable.markdown_text(str(value))

    return _render("report.md.jinja", page, autoescape=False, finalize=escaped)


def _render(
    template: str, page: Mapping[str, Any], *, autoescape: bool, finalize: Callable[[Any], Any], **more: Any
) -> str:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "svg": Markup,
        "block": lambda text: Markup(readable.markdown_block(text)),
        "pieces": readable.pieces,
        "marks": marks,
        "count": readable.count,
    }
    return environment.get_template(template).render(page, **more)
