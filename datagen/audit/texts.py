"""Figures of what rows say: duplicates, answers from one template, variety of the questions, lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from datagen.audit.figure import Figure, Part, Table, percentiles, share
from datagen.audit.source import Source
from datagen.filters.filter import answers_of, question_of, texts_of
from datagen.filters.plain import plain_text
from schemas import Row

EDGE, STRETCH = 4, 8
"""Words at the edge of an answer, and in a row within it, that make a template."""
MOST_READ = 5_000
"""Answers and questions whose words are looked at, spread evenly: enough for any share."""
MOST_SHOWN = 5
LETTERS_A_TOKEN = 4
REPEATING = ("attempt", "kto")
"""Kinds that have several rows to a prompt by design, and answers that must be alike."""
BY_RULE = ("problem", *REPEATING)
"""Kinds whose answers follow from their questions."""


def texts_part(source: Source, count: Callable[[Row], int] | None = None) -> list[Part]:
    """All figures of texts; `count` has the tokens of a row as the target model reads it."""
    repeated = Part("Duplicates", [*_duplicates(source)])
    answers = [_answer(row) for row in source.rows]
    said = [answer.split() for answer in _spread(answers) if answer]
    templates = Part("Templates", [*_templates(said, source.kind not in BY_RULE)], [_stretches(said)])
    parts = [repeated, templates] if said else [repeated]
    questions = [question for question in map(question_of, source.rows) if question]
    if questions:
        parts.append(Part("Variety of the questions", [*_variety(_spread(questions))]))
    return [*parts, Part("Lengths", (), [_lengths(source, answers, questions, count)])]


def _answer(row: Row) -> str:
    """The answer that is learned from: of a pair the chosen one."""
    found = answers_of(row)
    return found[0] if found else ""


def _spread(texts: Sequence[str]) -> Sequence[str]:
    """At most `MOST_READ` of the texts, from everywhere among them."""
    step = max(1, -(-len(texts) // MOST_READ))
    return texts[::step]


def _duplicates(source: Source) -> Iterator[Figure]:
    rows: dict[object, int] = {}
    prompts: set[str] = set()
    again, places, asked_again, asked = 0, [], 0, 0
    for number, row in enumerate(source.rows):
        texts = tuple(map(plain_text, texts_of(row)))
        # Two attempts of one text are two draws from the model, not one row twice.
        key = (*texts, row["id"], row["sample"]) if source.kind == "attempt" else (*texts, row.get("label"))
        if key in rows:
            again += 1
            places.append(f"{source.place(number)}, like line {source.lines[rows[key]]}")
        rows.setdefault(key, number)
        if question := plain_text(question_of(row)):
            asked += 1
            asked_again += question in prompts
            prompts.add(question)
    says = "rows that say what an earlier one says"
    yield share("duplicate_rows", again, len(source.rows), says, examples=places)
    if asked:
        says = "rows whose prompt an earlier one has"
        limited = source.kind not in REPEATING
        yield share("duplicate_prompts", asked_again, asked, says, limited=limited)


def _templates(answers: Sequence[Sequence[str]], limited: bool) -> Iterator[Figure]:
    """How many answers begin, end, or go on in the same words."""
    count = len(answers)
    looks: dict[str, tuple[str, Counter[tuple[str, ...]]]] = {
        "same_start": ("begin with", Counter(tuple(words[:EDGE]) for words in answers if words[EDGE:])),
        "same_end": ("end in", Counter(tuple(words[-EDGE:]) for words in answers if words[EDGE:])),
        "repeated": ("have within them", _commonest(answers)),
    }
    for name, (verb, counts) in looks.items():
        for words, times in counts.most_common(1):
            if times > 1:  # what was said once is no template
                says = f"answers that {verb} '{' '.join(words)}'"
                yield share(name, times, count, says, limited=limited)


def _commonest(answers: Sequence[Sequence[str]]) -> Counter[tuple[str, ...]]:
    """In how many answers each stretch of words is."""
    counts: Counter[tuple[str, ...]] = Counter()
    for words in answers:
        counts.update({tuple(words[start : start + STRETCH]) for start in range(len(words) - STRETCH + 1)})
    return counts


def _stretches(answers: Sequence[Sequence[str]]) -> Table:
    """The stretches that most answers share; of those that overlap the first."""
    shown: list[tuple[str, int]] = []
    for words, times in _commonest(answers).most_common(20 * MOST_SHOWN):
        text = " ".join(words)
        if times < 2 or len(shown) == MOST_SHOWN:
            break
        if not any(_overlap(words, tuple(other.split())) for other, _ in shown):
            shown.append((text, times))
    return Table(f"{STRETCH} words in a row that answers share", ("words", "answers"), tuple(shown))


def _overlap(left: Sequence[str], right: Sequence[str]) -> bool:
    half = STRETCH // 2
    ends = ((left, right), (right, left))
    return any(
        one[shift:] == two[: STRETCH - shift] for one, two in ends for shift in range(STRETCH - half + 1)
    )


def _variety(questions: Sequence[str]) -> Iterator[Figure]:
    """distinct-n of Li et al. 2016 (arXiv:1510.03055): distinct n-grams among all of them."""
    for size, name in ((1, "distinct_words"), (2, "distinct"), (3, "distinct_threes")):
        grams = [
            tuple(words[start : start + size])
            for words in (plain_text(question).split() for question in questions)
            for start in range(len(words) - size + 1)
        ]
        if grams:
            what = {1: "words", 2: "pairs of words", 3: "threes of words"}[size]
            says = f"distinct {what} among those of {len(questions):,} questions"
            yield Figure(name, len(set(grams)) / len(grams), says, len(grams), limited=size == 2)


def _lengths(
    source: Source, answers: Sequence[str], questions: Sequence[str], count: Callable[[Row], int] | None
) -> Table:
    rows: list[tuple[object, ...]] = []
    for name, texts in (("question, characters", questions), ("answer, characters", answers)):
        if texts:
            rows.append((name, *percentiles([len(text) for text in texts])))
    if count is None:
        tokens = [-(-sum(map(len, texts_of(row))) // LETTERS_A_TOKEN) for row in source.rows]
        rows.append(("row, tokens (estimated: a token is four characters)", *percentiles(tokens)))
    else:
        tokens = [count(row) for row in source.rows]
        rows.append(("row, tokens in the model's chat template", *percentiles(tokens)))
    columns = ("length of", "least", "5%", "25%", "median", "75%", "95%", "most")
    return Table(f"Lengths (all rows: {sum(tokens):,} tokens)", columns, tuple(rows))
