"""The runner: outcomes in order, nothing paid for twice, the same bytes however often it is killed."""

from __future__ import annotations

import asyncio
import dataclasses
import random

import orjson
import pytest
from tiny_gguf import write_tiny_gguf

from datagen.engines import PromptTooLongError
from datagen.engines.llama.engine import LlamaCppEngine
from datagen.runs.journal import Journal
from datagen.runs.keeping import DUPLICATE, Distinct, Novelty
from datagen.runs.progress import summary
from datagen.runs.run import TOO_LONG, Rejected, run, write_outcomes
from datagen.runs.tally import Tally
from schemas import UserError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", seed=4)


class Counting:
    """A real engine that counts what it is asked."""

    def __init__(self, engine: LlamaCppEngine) -> None:
        self.engine, self.samples = engine, 0

    def __getattr__(self, name: str):
        return getattr(self.engine, name)

    async def generate(self, request):
        self.samples += request.n
        return await self.engine.generate(request)


@pytest.fixture
def engine(model):
    with LlamaCppEngine(model, threads=1, width=4) as engine:
        yield Counting(engine)


@dataclasses.dataclass(frozen=True)
class Sum:
    id: str
    left: int
    right: int


SUMS = [Sum(f"sum-{i}", i, i + 1) for i in range(12)]


async def write_sum(item, team):
    completion = await team.chat([{"role": "user", "content": f"{item.left}+{item.right}"}], max_tokens=8)
    return {"text": completion.text, "seed": team.seed()}


def test_outcomes_come_in_the_order_of_the_items(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(write_sum, SUMS, engine, journal)
    assert [outcome.item for outcome in outcomes] == [item.id for item in SUMS]
    assert len({outcome.row["seed"] for outcome in outcomes}) == len(SUMS)


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_rows_do_not_depend_on_concurrency_or_the_order_of_items(engine, tmp_path, concurrency):
    shuffled = random.Random(concurrency).sample(SUMS, len(SUMS))
    with Journal(tmp_path / "a") as journal:
        expected = {o.item: o.row for o in run(write_sum, SUMS, engine, journal)}
    with Journal(tmp_path / "b") as journal:
        found = {o.item: o.row for o in run(write_sum, shuffled, engine, journal, concurrency=concurrency)}
    assert found == expected


def test_a_finished_run_asks_for_nothing_again(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        first = run(write_sum, SUMS, engine, journal)
    asked = engine.samples
    assert asked == len(SUMS)
    with Journal(tmp_path / "journal") as journal:
        assert run(write_sum, SUMS, engine, journal) == first
    assert engine.samples == asked


def test_changed_parsing_runs_again_from_the_journal_and_decodes_nothing(engine, tmp_path):
    async def uppercase(item, team):
        return {"text": (await write_sum(item, team))["text"].upper()}

    uppercase.__name__ = write_sum.__name__
    with Journal(tmp_path / "journal") as journal:
        before = run(write_sum, SUMS, engine, journal)
        asked = engine.samples
        after = run(uppercase, SUMS, engine, journal)
    assert engine.samples == asked
    assert [o.row["text"] for o in after] == [o.row["text"].upper() for o in before]


@pytest.mark.parametrize("change", ["seed", "options", "item", "model"])
def test_whatever_determines_a_row_makes_a_new_one(engine, tmp_path, change):
    async def with_options(item, team):
        fields = {"max_tokens": 8, **(team.options or {})}
        return {"text": (await team.chat([{"role": "user", "content": str(item.left)}], **fields)).text}

    with Journal(tmp_path / "journal") as journal:
        run(with_options, SUMS[:2], engine, journal)
        asked = engine.samples
        if change == "seed":
            run(with_options, SUMS[:2], engine, journal, seed=1)
        elif change == "options":
            run(with_options, SUMS[:2], engine, journal, options={"temperature": 0.5})
        elif change == "item":
            run(with_options, [dataclasses.replace(s, left=90) for s in SUMS[:2]], engine, journal)
        else:
            other = write_tiny_gguf(tmp_path / "other.gguf", seed=9)
            with LlamaCppEngine(other, threads=1, width=2) as another:
                counting = Counting(another)
                run(with_options, SUMS[:2], counting, journal)
                asked -= counting.samples
    assert engine.samples == asked + 2


def test_more_samples_of_a_request_pay_only_for_the_new_ones(engine, tmp_path):
    def sampler(count):
        async def several(item, team):
            found = await team.chat([{"role": "user", "content": str(item.left)}], n=count, max_tokens=8)
            return {"texts": [sample.text for sample in found.samples]}

        return several

    with Journal(tmp_path / "journal") as journal:
        few = run(sampler(3), SUMS[:1], engine, journal, version="3")
        many = run(sampler(8), SUMS[:1], engine, journal, version="8")
    assert engine.samples == 8
    assert many[0].row["texts"][:3] == few[0].row["texts"]


def test_rejections_are_recorded_with_their_reason_and_not_tried_again(engine, tmp_path):
    async def odd_only(item, team):
        completion = await team.chat([{"role": "user", "content": str(item.left)}], max_tokens=4)
        return {"text": completion.text} if item.left % 2 else Rejected("even", str(item.left))

    tallies = []
    with Journal(tmp_path / "journal") as journal:
        for _ in range(2):
            outcomes = run(odd_only, SUMS, engine, journal, report=tallies.append)
    assert engine.samples == len(SUMS)
    assert [o.reason for o in outcomes] == ["even", None] * 6
    assert outcomes[2].detail == "2"
    assert tallies[-1].replayed == 12
    assert "6 of 12 accepted" in summary(tallies[-1])
    assert "even: 6" in summary(tallies[-1])


def test_a_prompt_over_the_context_is_a_rejection(engine, tmp_path):
    async def shout(item, team):
        found = await team.chat([{"role": "user", "content": "x" * item.left * 200}], max_tokens=4)
        return {"text": found.text}

    with Journal(tmp_path / "journal") as journal:
        outcomes = run(shout, SUMS[:5], engine, journal)
    assert [o.reason for o in outcomes] == [None, None, None, TOO_LONG, TOO_LONG]
    assert "do not fit 512 of context" in outcomes[3].detail


def endless():
    number = 0
    while True:
        yield Sum(f"sum-{number}", number, 0)
        number += 1


async def thirds(item, team):
    # Of very different lengths, so that they end in another order than they began.
    completion = await team.chat([{"role": "user", "content": str(item.left)}], max_tokens=1 + item.left % 9)
    return Rejected("third") if item.left % 3 == 0 else {"text": completion.text, "tens": item.left // 10}


async def twins(item, team):
    row = await thirds(item, team)
    return row if isinstance(row, Rejected) else [{**row, "twin": twin} for twin in range(2)]


def by_tens():
    return Distinct(lambda row: row["tens"])


@pytest.mark.parametrize(
    ("recipe", "settings", "rows"),
    [
        (thirds, {"keep": 7}, 7),
        (twins, {"keep": 7}, 7),
        (thirds, {"keep": 4, "settle": by_tens}, 4),
        (thirds, {"settle": by_tens, "novelty": Novelty(12, 0.15)}, 2),
    ],
    ids=["keep", "keep several rows", "keep distinct", "novelty"],
)
def test_what_is_kept_is_the_same_for_any_concurrency_and_after_an_interruption(
    engine, tmp_path, recipe, settings, rows
):
    def kept(journal, **more):
        fresh = {name: value() if name == "settle" else value for name, value in settings.items()}
        return run(recipe, endless(), engine, journal, **fresh, **more)

    with Journal(tmp_path / "one") as journal:
        one = kept(journal, concurrency=1)
    with Journal(tmp_path / "many") as journal:
        assert kept(journal, concurrency=16) == one

    def interrupt(tally):
        if tally.done >= 5:
            raise KeyboardInterrupt

    with Journal(tmp_path / "interrupted") as journal:
        with pytest.raises(KeyboardInterrupt):
            kept(journal, concurrency=4, report=interrupt)
        assert kept(journal, concurrency=3) == one
    assert sum(len(outcome.rows) for outcome in one) == rows
    assert len({outcome.item for outcome in one}) == len(one)


def test_the_rows_kept_are_the_first_ones(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(thirds, endless(), engine, journal, keep=7, concurrency=16)
        assert [o.item for o in outcomes if o.accepted] == [f"sum-{i}" for i in (1, 2, 4, 5, 7, 8, 10)]
        assert [o.item for o in outcomes] == [f"sum-{i}" for i in range(11)]
        assert outcomes.stopped is None


def test_little_is_begun_that_nobody_will_need(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        run(thirds, endless(), engine, journal, keep=100, concurrency=64)
        # Two of three become rows: 149 items for 100 rows, and at the end no 64 more at once.
        assert journal.count("outcomes") <= 160


def test_more_rows_of_the_same_run_pay_only_for_the_new_ones(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        few = run(thirds, endless(), engine, journal, keep=5, concurrency=1)
        asked = engine.samples
        many = run(thirds, endless(), engine, journal, keep=9, concurrency=1)
    assert list(many)[: len(few)] == list(few)
    assert engine.samples == len(many)
    assert asked == len(few)


def test_duplicates_are_turned_down_in_the_order_of_the_items_and_recorded(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(thirds, endless(), engine, journal, keep=3, settle=by_tens(), concurrency=16)
        accepted = [o.item for o in outcomes if o.accepted]
        assert accepted == ["sum-1", "sum-10", "sum-20"]
        duplicates = [o for o in outcomes if o.reason == DUPLICATE]
        assert [o.item for o in duplicates][:3] == ["sum-2", "sum-4", "sum-5"]
        assert {o.detail for o in duplicates} == {"like sum-1", "like sum-10"}
        assert journal.count("settled") == len(duplicates)


def test_a_run_gives_up_when_hardly_anything_new_comes(engine, tmp_path):
    tallies = []
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(
            thirds, endless(), engine, journal,
            keep=50, settle=by_tens(), novelty=Novelty(12, 0.15), report=tallies.append,
        )  # fmt: skip
    assert outcomes.stopped == "1 of the last 12 items became rows (duplicate: 7, third: 4)"
    assert sum(o.accepted for o in outcomes) < 50
    assert tallies[-1].rejected[DUPLICATE] >= sum(o.reason == DUPLICATE for o in outcomes)


def test_too_few_items_for_the_rows_asked_for_are_told(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(thirds, SUMS, engine, journal, keep=50)
    assert outcomes.stopped == "all 12 items are used"
    assert sum(o.accepted for o in outcomes) == 8


def test_longer_answers_pay_only_for_those_that_were_cut_off(tmp_path):
    model = write_tiny_gguf(tmp_path / "ends.gguf", seed=6)

    def answers(limit):
        async def answer(item, team):
            found = await team.chat([{"role": "user", "content": str(item.left)}], n=8, max_tokens=limit)
            return {"texts": [sample.text for sample in found.samples]}

        return answer

    with LlamaCppEngine(model, threads=1, width=4) as engine, Journal(tmp_path / "journal") as journal:
        counting = Counting(engine)
        run(answers(12), SUMS[:3], counting, journal, version="12")
        asked = counting.samples
        long = run(answers(40), SUMS[:3], counting, journal, version="40")
        again = counting.samples - asked
        with Journal(tmp_path / "fresh") as fresh:
            assert run(answers(40), SUMS[:3], counting, fresh, version="40") == list(long)
        # Too long for the context: refused as a fresh run would, whatever the journal holds.
        refused = run(answers(510), SUMS[:3], counting, journal, version="510")
        assert {outcome.reason for outcome in refused} == {TOO_LONG}
    assert asked == 24
    assert 0 < again < 24


def test_an_error_stops_the_run_and_what_was_done_stays_done(engine, tmp_path):
    async def fails(item, team):
        row = await write_sum(item, team)
        if item.left == 9:
            raise ZeroDivisionError("a bug in the recipe")
        return row

    with Journal(tmp_path / "journal") as journal:
        with pytest.raises(ZeroDivisionError):
            run(fails, SUMS, engine, journal, concurrency=2, version="1")
        done = journal.count("outcomes")
        assert done >= 8
        asked = engine.samples
        run(fails, SUMS[:9], engine, journal, version="1")
    assert engine.samples == asked


def test_a_recipe_that_returns_something_else_is_named(engine, tmp_path):
    async def forgets(item, team):
        return None

    with (
        Journal(tmp_path / "journal") as journal,
        pytest.raises(TypeError, match="'forgets' returned NoneType"),
    ):
        run(forgets, SUMS, engine, journal)


def test_items_need_an_id_of_their_own(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        with pytest.raises(UserError, match="two items have the id 'sum-0'"):
            run(write_sum, [SUMS[0], SUMS[0]], engine, journal)
        with pytest.raises(UserError, match="without an id"):
            run(write_sum, [{"left": 1}], engine, journal)


def test_a_role_nobody_plays_is_named(engine, tmp_path):
    async def judged(item, team):
        await team.chat([{"role": "user", "content": "?"}], role="juge", max_tokens=2)

    engines = {"generator": engine, "judge": engine}
    with Journal(tmp_path / "journal") as journal, pytest.raises(UserError, match="did you mean 'judge'"):
        run(judged, SUMS, engines, journal)


def test_a_run_works_inside_a_running_loop(engine, tmp_path):
    async def notebook():
        with Journal(tmp_path / "journal") as journal:
            return run(write_sum, SUMS[:2], engine, journal)

    assert len(asyncio.run(notebook())) == 2


def test_rows_are_written_atomically_in_order(engine, tmp_path):
    with Journal(tmp_path / "journal") as journal:
        outcomes = run(write_sum, SUMS, engine, journal)
    out = tmp_path / "rows.jsonl"
    assert write_outcomes(out, outcomes) == 12
    assert [orjson.loads(line) for line in out.read_bytes().splitlines()] == [o.row for o in outcomes]


def test_too_long_is_a_user_error():
    assert issubclass(PromptTooLongError, UserError)
    assert Tally(total=None).done == 0


def test_an_item_may_become_several_rows(engine, tmp_path):
    async def each_letter(item, team):
        text = (await write_sum(item, team))["text"]
        return [{"text": letter} for letter in text] or Rejected("empty")

    tallies = []
    for _ in range(2):
        with Journal(tmp_path / "journal") as journal:
            outcomes = run(each_letter, SUMS[:3], engine, journal, report=tallies.append)
        texts = ["".join(row["text"] for row in outcome.rows) for outcome in outcomes]
    with Journal(tmp_path / "other") as journal:
        assert texts == [o.row["text"] for o in run(named(write_sum, each_letter), SUMS[:3], engine, journal)]
    out = tmp_path / "rows.jsonl"
    assert write_outcomes(out, outcomes) == sum(map(len, texts)) == tallies[-1].rows
    assert "".join(orjson.loads(line)["text"] for line in out.read_bytes().splitlines()) == "".join(texts)
    assert (tallies[-1].accepted, tallies[-1].replayed) == (sum(map(bool, texts)), 3)


def named(recipe, other):
    """`recipe` under the name of `other`, which decides its seeds."""

    async def same(item, team):
        return await recipe(item, team)

    same.__name__ = other.__name__
    return same


def test_a_recipe_that_returns_no_rows_must_say_why(engine, tmp_path):
    async def forgets(item, team):
        return []

    with (
        Journal(tmp_path / "journal") as journal,
        pytest.raises(TypeError, match="'forgets' returned no rows"),
    ):
        run(forgets, SUMS, engine, journal)
