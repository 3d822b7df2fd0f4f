"""Duplicates: what counts as one, that the order decides, and that near ones are found and others are not."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.filters.duplicate_files import deduplicate_files
from datagen.filters.duplicates import (
    DUPLICATE,
    NEAR_DUPLICATE,
    ExactDuplicates,
    NearDuplicates,
    duplicate_filters,
)
from datagen.filters.filter import Filtered, question_of, texts_of
from datagen.filters.minhash import MOST_BYTES, bands_for, jaccard
from datagen.filters.plain import plain_text
from datagen.runs.journal import Outcome
from schemas import UserError
from schemas.rows import read_rows, write_rows

VOCABULARY = [f"w{number}" for number in range(3000)]


def asked(text: str) -> dict:
    return {"question": text}


def kept(texts: list[str], **options: object) -> list[str]:
    filtered = Filtered(duplicate_filters(**options))
    return [text for text in texts if filtered.turned_down(asked(text)) is None]


def trigram_jaccard(left: str, right: str) -> float:
    """Written without what it checks: sets of three words in a row."""
    first, second = left.split(), right.split()
    a = {(first[i], first[i + 1], first[i + 2]) for i in range(len(first) - 2)}
    b = {(second[i], second[i + 1], second[i + 2]) for i in range(len(second) - 2)}
    return len(a & b) / len(a | b)


def planted(seed: int, count: int, similar: int) -> tuple[list[str], dict[int, float]]:
    """Distinct texts, some of them followed by one like them; how alike, by the place of the later one."""
    rng = random.Random(seed)
    texts: list[str] = []
    pairs: dict[int, float] = {}
    for number in range(count):
        words = rng.choices(VOCABULARY, k=rng.randint(35, 80))
        texts.append(" ".join(words))
        while number < similar:
            new = list(words)
            for place in rng.sample(range(len(words)), rng.randint(1, 4)):
                new[place] = f"other{rng.randrange(10**6)}"
            alike = trigram_jaccard(texts[-1], " ".join(new))
            if 0.7 <= alike <= 0.95:
                pairs[len(texts)] = alike
                texts.append(" ".join(new))
                break
    return texts, pairs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is an LLM?", "what's an llm".replace("'s", " is")),
        ("“Hello”, he said…", '"hello" he said'),
        ("ＡＢＣ １２", "abc 12"),
        ("Don’t stop.", "dont stop"),
        ("5 − 3", "5 - 3"),
        ("a\n\n b\t c ", "A b c"),
    ],
)
def test_texts_that_hardly_differ_are_one(one, other):
    assert kept([one, other], near=None) == [one]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 + 2", "15 + 2"),
        ("7 - 2", "7 + 2"),
        ("5²", "52"),
        ("2½", "21⁄2"),
        ("x₁", "x1"),
        ("f'(x)", "f(x)"),
        ("f''(x)", "f'(x)"),
        ("What is 5!?", "What is 5?"),
        ("n!", "n"),
        ("n!!", "n!"),
        ("{n}!", "{n}"),
        ("|x|!", "|x|"),
        ("2\u1d4f", "2k"),
        ("2\u1d43\u207a\u1d47", "2a+b"),
        ("a\u2099", "an"),
        ("a\u2098\u208a\u2081", "am+1"),
        ("3:4", "34"),
        ("1,5", "15"),
        ("f(x,y)", "f(xy)"),
        ("a.b", "ab"),
        ("?!", "!?!"),
        ("10⁻³", "10³"),
    ],
)
def test_formulas_that_differ_are_two(one, other):
    assert kept([one, other], near=None) == [one, other]


@given(st.lists(st.text("aB1.,'!? \u00b2\u2019\ud800-"), max_size=12))
@settings(deadline=None)
def test_an_exact_duplicate_is_always_found_and_the_first_stays(texts):
    looks = ExactDuplicates()
    verdicts = [looks(asked(text)) for text in texts]
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        first.setdefault(plain_text(text) or text.strip(), place)
    assert [place for place, verdict in enumerate(verdicts) if verdict is True] == sorted(first.values())
    assert all(verdict == (False, DUPLICATE) for verdict in verdicts if verdict is not True)


words = st.lists(st.sampled_from(["one", "two", "three", "four", "five", "1", "+"]), max_size=40)


@given(st.lists(words.map(" ".join), max_size=8), st.sampled_from([0.4, 0.7, 0.9, 1.0]))
@settings(deadline=None, max_examples=60)
def test_what_is_kept_is_kept_again_and_unlike_by_the_definition(texts, threshold):
    once = kept(texts, near=threshold)
    assert kept(once, near=threshold) == once
    # Bands miss few pairs; a pair that is compared is judged exactly.
    looks = NearDuplicates(threshold)
    for place, text in enumerate(texts):
        if looks(asked(text)) is not True:
            assert looks.like is not None
            assert looks.like < place
            assert jaccard(text, texts[looks.like], threshold) >= threshold


@given(words.map(" ".join), words.map(" ".join))
@settings(deadline=None)
def test_similarity_is_symmetrical_and_one_of_a_text_with_itself(left, right):
    assert jaccard(left, right) == jaccard(right, left)
    assert 0 <= jaccard(left, right) <= 1
    assert jaccard(left, left) == (1.0 if left else 0.0)


def test_planted_near_duplicates_are_found_and_nothing_else():
    texts, pairs = planted(seed=1, count=2500, similar=400)
    looks = NearDuplicates(0.7)
    found = {place for place, text in enumerate(texts) if looks(asked(text)) is not True}
    assert len(found & pairs.keys()) >= 0.95 * len(pairs)
    assert found <= pairs.keys()
    assert jaccard(texts[1], texts[0]) == trigram_jaccard(texts[1], texts[0])


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.9, 0.99])
def test_the_bands_follow_the_threshold(threshold):
    bands = bands_for(threshold)
    assert bands.found(threshold) >= 0.98
    assert bands.hashes <= 64
    texts, pairs = planted(seed=2, count=700, similar=300)
    looks = NearDuplicates(threshold)
    found = {place for place, text in enumerate(texts) if looks(asked(text)) is not True}
    alike = {place for place, similarity in pairs.items() if similarity >= threshold}
    assert len(found & alike) >= 0.95 * len(alike)
    assert found <= alike


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_a_threshold_that_is_no_similarity_is_refused(threshold):
    with pytest.raises(UserError, match="threshold above 0"):
        NearDuplicates(threshold)


def test_short_texts_are_compared_by_characters():
    one = "How many legs does a spider have in total?"
    assert kept([one, one.replace("total", "totals")]) == [one]
    assert len(kept([one, "How many arms has a squid?"])) == 2


def test_a_short_text_and_one_just_too_long_to_be_short_are_compared():
    long = " ".join(f"word{number}" for number in range(20))
    short = long.rsplit(" ", 1)[0]
    assert kept([long, short]) == [long]
    assert kept([short, long]) == [short]


def test_other_numbers_make_another_text_where_they_count():
    texts = [f"Ann has {n} apples and buys {n + 1} more. How many apples does she have now?" for n in (3, 4)]
    assert kept(texts) == texts[:1]
    assert kept(texts, numbers=True) == texts
    assert kept([texts[0], texts[0].replace("apples does", "of the apples does")], numbers=True) == texts[:1]


def test_long_texts_are_compared_by_their_smallest_hashes_in_bounded_memory():
    rng = random.Random(5)
    long = [f"u{rng.randrange(10**6)}" for _ in range(6000)]
    near, far = list(long), list(long)
    for place in range(0, 6000, 60):  # similarity 0.9
        near[place] = "x"
    for place in range(0, 6000, 10):  # similarity 0.54
        far[place] = f"y{place}"
    looks = NearDuplicates(0.7)
    verdicts = [looks(asked(" ".join(words))) for words in (long, near, far)]
    assert verdicts == [True, (False, NEAR_DUPLICATE), True]
    assert len(looks._index._sides["words"].compared.kept._memory) <= 2 * (MOST_BYTES + 1)


def test_a_text_a_little_over_what_is_kept_is_compared_with_one_a_little_under():
    words = [f"word{number:04}" for number in range(460)]
    over, under = " ".join(words), " ".join(words[:452])
    assert len(under) < MOST_BYTES < len(over)
    assert kept([over, under]) == [over]
    assert kept([under, over]) == [under]


def test_running_text_is_compared_where_nothing_is_asked():
    filtered = Filtered(duplicate_filters())
    rows = [{"text": "Once upon a time."}, {"text": "Something else."}, {"text": "once upon a time"}]
    assert [filtered.turned_down(row) for row in rows] == [None, None, DUPLICATE]


def test_all_texts_of_a_row_may_be_compared():
    def row(answer: str) -> dict:
        turns = [{"role": "user", "content": "Say something."}, {"role": "assistant", "content": answer}]
        return {"messages": turns}

    by_question = Filtered(duplicate_filters())
    by_all = Filtered(duplicate_filters(text=texts_of))
    rows = [row("The first thing."), row("Another one, quite different.")]
    assert [by_question.turned_down(r) for r in rows] == [None, DUPLICATE]
    assert [by_all.turned_down(r) for r in rows] == [None, None]


def test_in_a_run_the_rows_of_an_item_that_are_new_stay():
    filtered = Filtered(duplicate_filters())
    first = filtered(Outcome("a", [asked("What is one?"), asked("Name a river in Africa.")]))
    second = filtered(Outcome("b", [asked("what is ONE"), asked("Which metal is liquid?")]))
    third = filtered(Outcome("c", asked("Name a river in Africa!")))
    assert (len(first.rows), len(second.rows), third.reason) == (2, 1, DUPLICATE)
    assert filtered.counts[DUPLICATE][DUPLICATE] == 2


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three files with duplicates of each sort, within and across files."""
    folder = tmp_path_factory.mktemp("shards")
    texts, _ = planted(seed=3, count=900, similar=150)
    rng = random.Random(4)
    texts += [text.upper() + "!" for text in rng.sample(texts, 60)] + ["?", "!", "?"]
    texts += [f"What is {n} times {n}?" for n in range(40)]
    rng.shuffle(texts)
    rows = [{"question": text, "answer": str(number)} for number, text in enumerate(texts)]
    paths = [folder / "a.jsonl", folder / "b.parquet", folder / "c.jsonl.gz"]
    write_rows(paths[0], rows[:500])
    write_rows(paths[1], rows[500:700])
    import gzip

    with gzip.open(paths[2], "wt") as file:
        file.write("\n\n".join(json.dumps(row) for row in rows[700:]))
    return paths


@pytest.mark.parametrize("options", [{}, {"near": 0.5}, {"exact": False}, {"near": None}, {"numbers": True}])
def test_over_files_the_same_rows_are_kept_as_one_by_one(shards, options, tmp_path):
    filtered = Filtered(duplicate_filters(**options))
    expected = [row for path in shards for row in read_rows(path) if filtered.turned_down(row) is None]
    done = deduplicate_files(shards, tmp_path / "out.jsonl", workers=1, **options)
    assert list(read_rows(tmp_path / "out.jsonl")) == expected
    assert (done.rows, done.kept) == (sum(len(list(read_rows(path))) for path in shards), len(expected))
    assert done.reasons == sum(filtered.counts.values(), start=type(done.reasons)())


def test_over_files_workers_change_nothing(shards, tmp_path):
    for workers in (1, 2):
        deduplicate_files(shards, tmp_path / str(workers), workers=workers)
    names = ["a.jsonl", "b.parquet", "c.jsonl"]
    assert sorted(path.name for path in (tmp_path / "1").iterdir()) == names
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_over_files_a_bad_line_is_named_and_nothing_is_written(shards, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"question": "One?"}\n\n{"question": \n')
    for workers in (1, 2):
        with pytest.raises(UserError, match=r"bad\.jsonl:3: not JSON"):
            deduplicate_files([shards[0], bad], tmp_path / "out.jsonl", workers=workers)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]


def test_over_files_an_input_is_never_overwritten(shards, tmp_path):
    with pytest.raises(UserError, match="would overwrite an input"):
        deduplicate_files(shards, shards[0].parent)
    with pytest.raises(UserError, match="2 inputs would be written to this file"):
        deduplicate_files([shards[0], shards[0]], tmp_path)
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(UserError, match="no file has rows"):
        deduplicate_files([tmp_path / "empty.jsonl"], tmp_path / "out.jsonl")


OTHERS = (
    {"instruction": "Add 1 and 2.", "input": "", "output": "3"},
    {"instruction": "Name a river.", "input": "", "output": "The Rhine."},
    {"messages": [{"from": "human", "value": "Why?"}]},
    {"conversations": [{"from": "human", "value": "How?"}, {"from": "gpt", "value": "So."}]},
    {"problem": "What is 2 + 2?", "solution": "4"},
    {"problem": "What is 1 + 3?", "solution": "4"},
    {"messages": []},
    {"text": None},
    {"prompt": ["Where?"]},
    {"prompt": [{"role": "user", "content": [{"type": "text", "text": "When?"}]}]},
    {"unit": "km", "value": 1},
    {"unit": "km", "value": 2},
)


@pytest.mark.parametrize("compare", [question_of, texts_of])
def test_rows_of_any_format_are_told_apart(tmp_path, compare):
    write_rows(tmp_path / "rows.jsonl", [*OTHERS, *OTHERS])
    done = deduplicate_files([tmp_path / "rows.jsonl"], tmp_path / "once.jsonl", text=compare)
    assert list(read_rows(tmp_path / "once.jsonl")) == [*OTHERS]
    assert done.reasons == {DUPLICATE: len(OTHERS)}
