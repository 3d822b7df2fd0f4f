"""`datagen pairs`: two answers to each prompt, one preferred. The recipe is in `datagen/recipes/pairs.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from datagen.engines import Engine
from datagen.runs.generation import Worded, generating, reasons, tell
from datagen.runs.journal import Outcome
from datagen.runs.progress import by_reason
from datagen.sources import asked, prompts
from schemas import UserError, unknown_name
from schemas.command import app_command
from schemas.run import refuse_pipe
from schemas.settings import checked, setting

if TYPE_CHECKING:
    from datagen.recipes.pairs import PairOptions
    from datagen.recipes.shared.judging import Judging

BY_RULE_SAMPLES = 8
SELF_JUDGED = (
    "the judge is one of the models that answer, and models prefer what they wrote themselves (Panickssery et"
    " al. 2024, arXiv:2404.13076); the rows say so in 'self_judged'"
)


@dataclass(frozen=True, kw_only=True)
class Judged(Worded):
    """Settings of the commands that have answers judged."""

    judge: str | None = setting(
        None,
        help="the model that judges; or reward:FOLDER, a reward model of `finetune reward`",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    judging: Literal["score", "choice", "critique", "aspects"] | None = setting(
        None,
        help="how it judges: 'score', one digit a look, of which the expected value is read from the"
        " probabilities (the default); 'choice', the probability of being called the best; 'critique', a"
        " written critique and then ratings; 'aspects', a score for each of UltraFeedback's aspects",
    )
    weights: tuple[str, ...] = setting(
        (),
        help="of the aspects, for example helpfulness=2,overall=0; each is 1 unless you say so",
        metavar="ASPECT=NUMBER,...",
    )
    min_margin: float | None = setting(
        None,
        help="by how much the better answer must be ahead, in the unit of the scores; by default 0.1, with"
        " 'critique' 0.5, with a reward model anything",
        minimum=0,
    )
    alike: float = setting(
        0.9, help="answers that share so much of their words count as the same one", above=0, maximum=1
    )
    lower: Literal["worst", "random"] = setting(
        "worst", help="which of several other answers is the rejected one: the worst, or any lower one"
    )
    together: Literal["auto", "yes", "no"] = setting(
        "auto",
        help="load all models at once, or one after the other, each once for all prompts;"
        " auto looks at the free memory",
        identity=False,
    )


@dataclass(frozen=True, kw_only=True)
class Pairs(Judged):
    """Settings of `datagen pairs`."""

    prompts: Path = setting(
        help="the prompts to answer: rows of any known format, or a .txt file with one a line", identity=False
    )
    engine: tuple[str, ...] = setting(  # type: ignore[assignment]  # more than one, where others have one
        (),
        help="who answers; give it once for each model that competes. Without it the small embedded model",
        metavar="llama:FILE.gguf",
        identity=False,
    )
    prefer: str | None = setting(
        None,
        help="without a judge, what makes an answer the better one: 'polite' (the default; shows its steps"
        " and closes politely) or 'correct' (verified; needs problem rows)",
        metavar="RULE",
    )
    samples: int | None = setting(  # type: ignore[assignment]
        None,
        help="answers of each model to a prompt; by default 8 where a rule picks two of them, and with a"
        " judge as many as make two in all",
        minimum=1,
    )
    temperature: float = setting(1.0, help="of sampling; answers must differ", above=0)


def pairs(settings: Pairs) -> None:
    """Let models answer prompts, and a judge that is none of them say which answer is better.

    The judge sees the answers in both orders: where its verdict turns with the order there is no pair.
    Without --judge a stated rule picks (--prefer). Of more than two answers the best is chosen, the worst
    rejected. Each prompt becomes a preference row, or is counted with the reason why not. Kill it anywhere
    and run it again: it goes on.
    """
    from datagen.given_problems import problems_of
    from datagen.recipes.pairs import CORRECT
    from datagen.recipes.pairs import pairs as recipe
    from datagen.recipes.shared.judging import JUDGE

    settings = complete(checked(settings))
    refuse_pipe(settings.prompts)
    options = options_of(settings)
    if options.prefer == CORRECT:
        items = prompts(problems_of(settings.prompts).rows, ["answer", "spec"])
    else:
        items = asked(settings.prompts)
    sources = [settings.prompts, *filter(None, [settings.wording])]
    with generating("pairs", settings, sources, roles=roles_of(settings), together=settings.together) as work:
        if self_judged(work.engines):
            work.report.note(SELF_JUDGED)
        outcomes = work.run(recipe, items, options, keep=settings.keep)
        work.finish(outcomes)
        names = {role: engine.name for role, engine in work.engines.items() if role != JUDGE}
    tell(settings, outcomes, summary(outcomes, names))


def complete(settings: Pairs) -> Pairs:
    """The settings with the number of samples that fits, where the user gave none; faults are `UserError`."""
    judge = settings.judge
    if judge and settings.prefer is not None:
        mend = "leave one of them out"
        raise UserError("with --judge the judge decides, not --prefer", where="--prefer", mend=mend)
    models = max(1, len(settings.engine))
    if settings.samples is None:
        settings = replace(settings, samples=max(1, 2 // models) if judge else BY_RULE_SAMPLES)
    assert settings.samples is not None
    if settings.samples * models < 2:
        raise UserError("one answer makes no pair", where="--samples", mend="give 2 or more")
    return settings


def options_of(settings: Pairs) -> PairOptions:
    """What the recipe is to do. Raises `UserError` for settings that do not go together."""
    from datagen.recipes.pairs import BY_JUDGE, PREFERENCES, PairOptions
    from datagen.recipes.shared.judging import CHOICE, MIN_MARGINS, MOST_SHOWN

    judging = judging_of(settings)
    if judging is None:
        prefer = settings.prefer or PREFERENCES[0]
        if prefer not in PREFERENCES:
            raise unknown_name("rule", prefer, PREFERENCES, where="--prefer")
        return PairOptions(settings.sampling, prefer)
    answers = (settings.samples or 1) * max(1, len(settings.engine))
    if judging.way == CHOICE and answers > MOST_SHOWN:
        what = f"{answers} answers cannot be told apart by one digit"
        raise UserError(what, where="--judging choice", mend="give fewer --samples, or --judging score")
    margin = MIN_MARGINS[judging.way] if settings.min_margin is None else settings.min_margin
    return PairOptions(settings.sampling, BY_JUDGE, judging, margin, settings.alike, settings.lower)


def judging_of(settings: Judged, *, alone: bool = False) -> Judging | None:
    """How the judge is asked; None where there is none. Raises `UserError` for what goes with no judge."""
    from datagen.recipes.shared.judging import ASPECTS, CHOICE, REWARD, SCORE, Judging, Way
    from datagen.recipes.wording import wording

    if settings.judge is None:
        for name in ("judging", "weights", "min_margin", "wording"):
            if getattr(settings, name) not in (None, ()):
                where, mend = f"--{name.replace('_', '-')}", "give --judge too"
                raise UserError("counts for nothing without a judge", where=where, mend=mend)
        return None
    way: Way = REWARD if settings.judge.startswith("reward:") else settings.judging or SCORE
    if way == REWARD and settings.judging:
        what = "a reward model has one way to judge"
        raise UserError(what, where="--judging", mend="leave it out, or give another --judge")
    if settings.weights and way != ASPECTS:
        raise UserError("only aspects have weights", where="--weights", mend="give --judging aspects")
    if way == REWARD:
        return Judging(way, None, {}, alone=True)
    weights = weights_of(settings.weights) if way == ASPECTS else {}
    # A choice is among several, always.
    return Judging(way, wording("pairs", settings.wording), weights, alone=alone and way != CHOICE)


def weights_of(given: Sequence[str]) -> dict[str, float]:
    """The weights of the aspects: 1, or what `given` says as NAME=NUMBER; those of 0 are left out."""
    from datagen.recipes.shared.judging import ASPECT_NAMES

    weights = dict.fromkeys(ASPECT_NAMES, 1.0)
    for one in given:
        name, _, number = one.partition("=")
        name = name.strip()
        if name not in weights:
            raise unknown_name("aspect", name, ASPECT_NAMES, where="--weights")
        try:
            weights[name] = float(number)
        except ValueError:
            weights[name] = -1.0
        if not 0 <= weights[name] < float("inf"):
            mend = f"write {name}=2"
            raise UserError(f"'{one}' is no weight of 0 or more", where="--weights", mend=mend)
    if not any(weights.values()):
        raise UserError("all aspects have weight 0", where="--weights", mend="leave one a weight")
    return {name: weight for name, weight in weights.items() if weight}


def roles_of(settings: Pairs) -> dict[str, str | None]:
    """Who plays what: the models that answer, and the judge if there is one."""
    from datagen.recipes.shared.answers import generator
    from datagen.recipes.shared.judging import JUDGE

    specs: Sequence[str | None] = settings.engine or (None,)
    roles = {generator(number): spec for number, spec in enumerate(specs)}
    return {**roles, JUDGE: settings.judge} if settings.judge else roles


def self_judged(engines: Mapping[str, Engine]) -> bool:
    """Whether the judge is one of the models that answer, by its content."""
    from datagen.recipes.shared.judging import JUDGE

    others = {engine.model_hash for role, engine in engines.items() if role != JUDGE}
    return JUDGE in engines and engines[JUDGE].model_hash in others


def summary(outcomes: Sequence[Outcome], engines: Mapping[str, str]) -> str:
    """How many prompts became a pair, why the others did not, and what is known of the judge."""
    from datagen.recipes.shared.contests import figures, in_words

    made = sum(outcome.accepted for outcome in outcomes)
    parts = [f"{made:,} pairs from {len(outcomes):,} prompts ({made / len(outcomes):.1%})"]
    if rejected := reasons(outcomes):
        parts.append(f"rejected: {by_reason(rejected)}")
    if any("judge" in row["meta"] for outcome in outcomes for row in outcome.rows):
        parts += in_words(figures(outcomes), engines)
    return "; ".join(parts)


def add(app: typer.Typer) -> None:
    """Add `pairs` to the program."""
    app_command(
        app,
        Pairs,
        pairs,
        name="pairs",
        examples=[
            "datagen pairs --prompts lessons.jsonl --engine llama:a.gguf --engine llama:b.gguf"
            " --judge llama:c.gguf --out pairs.jsonl",
            "datagen pairs --prompts lessons.jsonl --engine llama:model.gguf --out pairs.jsonl",
            "datagen pairs --prompts problems.jsonl --prefer correct --samples 16 --out pairs.jsonl",
        ],
    )
