"""Faults planted in rows: how many the filters find, by fault, and what they turn down of the rest.

Takes any file of instruction rows that may pass for clean (or, with no file, worked problems of our own
families). The filters look at the rows as they are first; what is turned down there is counted against them
and not planted in. Then faults of each sort are put into rows drawn with a seed, and the filters look again.
A fault is found when its row is turned down for whatever reason; how often for the meant one stands beside.
Personal data is found when the mask hides it all. The refusals and the personal data here were written apart
from the filters and from their tests.

    python benchmarks/planted.py lessons.jsonl --count 200
    python benchmarks/planted.py lessons.jsonl --rules samples/rules/instructions.yaml --missed 3
    python benchmarks/planted.py                              problems of all families, with their solutions
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

Row = dict[str, Any]
Plant = Callable[[random.Random, str, str], str | None]
"""From a question and its answer to the spoilt answer; None where this answer cannot be spoilt so."""
SHORTEST = 40
"""Characters of an answer that is cut off or repeated; of shorter ones nothing would be left to tell by."""

OPENINGS = [
    "I'm sorry, but",
    "Sorry,",
    "I apologize, but",
    "Unfortunately,",
    "I am sorry to say that",
    "",
    "",
    "Hello!",
    "",
]
BODIES = [
    "I can't help you with this request.",
    "I'm unable to assist with this particular task.",
    "I cannot provide an answer to your question.",
    "I am not able to answer that.",
    "I can't generate a response to this.",
    "I cannot comply with that request because it may cause harm.",
    "I won't be able to assist you with that.",
    "I don't have access to the information needed to answer this.",
    "I cannot offer an opinion on this matter.",
    "I'm not able to complete this task.",
]
WHOLE = [
    "As an AI language model, I do not have the ability to solve this problem.",
    "As an AI, I can't give a definite answer here.",
    "I'm just a language model, so I can't help with that.",
    "As an artificial intelligence, I have no opinions about this.",
    "This request goes against my guidelines.",
    "I must decline to answer this question.",
    "I would rather not answer this question, as it may be harmful.",
    "I can't assist with that.",
    "My apologies, I'm not allowed to discuss this.",
    "It would not be appropriate for me to answer this.",
]
CLOSINGS = [
    "",
    "",
    " Is there anything else I can help you with?",
    " Please consult a professional.",
    " I hope you understand.",
]


def refusal(rng: random.Random, question: str, answer: str) -> str | None:
    if rng.random() < 0.4:
        return rng.choice(WHOLE) + rng.choice(CLOSINGS)
    return f"{rng.choice(OPENINGS)} {rng.choice(BODIES)}".strip() + rng.choice(CLOSINGS)


def cut_at_word(rng: random.Random, question: str, answer: str) -> str | None:
    """Cut off between two words, where a token limit would: not at the end of a sentence or of a line."""
    places = [
        place
        for place in range(len(answer) // 4, len(answer) - 8)
        if answer[place] == " " and answer[place - 1] not in ".!?:;\n"
    ]
    return answer[: rng.choice(places)] if len(answer) >= SHORTEST and places else None


def cut_in_word(rng: random.Random, question: str, answer: str) -> str | None:
    """Cut off within a word or a number."""
    places = [
        place
        for place in range(len(answer) // 4, len(answer) - 8)
        if answer[place - 1].isalnum() and answer[place].isalnum()
    ]
    return answer[: rng.choice(places)] if len(answer) >= SHORTEST and places else None


def reached_limit(rng: random.Random, question: str, answer: str) -> str | None:
    """The answer as it is; `planted` notes in `meta` that it reached its limit."""
    return answer


def open_fence(rng: random.Random, question: str, answer: str) -> str | None:
    return f"{answer}\n\n```python\nfor item in range(10):\n    total = total + item"


def template(rng: random.Random, question: str, answer: str) -> str | None:
    marks = ["<|im_end|>", "<|eot_id|>", "</s>", "<|endoftext|>", "<end_of_turn>", "[/INST]", "<|assistant|>"]
    return rng.choice(
        [
            f"{answer}{rng.choice(marks)}",
            f"{rng.choice(marks)}{answer}",
            f"### Response:\n{answer}",
            f"{answer}\n\n### Instruction:\nDo it again.",
            f"Assistant: {answer}",
            f"{answer}\nUser: And then?\nAssistant: Nothing.",
            f"Dear [Your Name], {answer}",
            f"{answer} {{{{ answer }}}}",
            f"{answer}<|im_start|>user\n",
        ]
    )


def meta_talk(rng: random.Random, question: str, answer: str) -> str | None:
    return (
        rng.choice(
            [
                "Here is the rewritten prompt:",
                "#Rewritten Prompt#:",
                "Sure! Here's a revised version of the question:",
            ]
        )
        + f"\n{answer}"
    )


def question_again(rng: random.Random, question: str, answer: str) -> str | None:
    return question if len(question) >= SHORTEST else None


def loop(rng: random.Random, question: str, answer: str) -> str | None:
    """The last words over and over, until the limit cuts it."""
    words = answer.split()
    tail = " ".join(words[-rng.randrange(3, 12) :])
    if len(words) < 4 or len(tail) < 12:
        return None
    looped = f"{answer} " + f"{tail} " * rng.randrange(6, 30)
    return looped[: len(looped) - rng.randrange(1, 10)]


def repeated_lines(rng: random.Random, question: str, answer: str) -> str | None:
    line = rng.choice([line for line in answer.splitlines() if line.strip()])
    return "\n".join([line] * rng.randrange(5, 12) + [answer]) if len(line) >= 12 else None


def one_phrase(rng: random.Random, question: str, answer: str) -> str | None:
    """The same clause after every few words, as a model does that has lost the thread."""
    phrase = rng.choice(
        [
            "which is what we want to find out,",
            "as I said before in this answer,",
            "and that is how it is done here,",
        ]
    )
    words = answer.split()[:120]
    return (
        " ".join(f"{' '.join(words[at : at + 4])} {phrase}" for at in range(0, len(words), 4)) + " done."
        if len(words) > 40
        else None
    )


def mojibake(rng: random.Random, question: str, answer: str) -> str | None:
    """A word with an accent, a curly quote or a dash, written as UTF-8 and read as Windows-1252."""
    put = rng.choice(["café", "naïve", "it’s", "a – b", "“so”", "5 €", "Zürich", "año", "Größe", "déjà vu"])
    words = answer.split(" ")
    words.insert(rng.randrange(len(words) + 1), put.encode().decode("cp1252", errors="replace"))
    return " ".join(words)


def lost(rng: random.Random, question: str, answer: str) -> str | None:
    place = rng.randrange(len(answer))
    return answer[:place] + rng.choice(["\ufffd", "\x00", "\x1b[0m", "(cid:72)", "\ue000"]) + answer[place:]


def empty(rng: random.Random, question: str, answer: str) -> str | None:
    return rng.choice([" ", "...", "N/A", "\n", "-", "<noinput>", "…"])


FAULTS: dict[str, tuple[Plant, tuple[str, ...]]] = {
    "refusal": (refusal, ("refusal",)),
    "cut off between words": (cut_at_word, ("truncated",)),
    "cut off in a word": (cut_in_word, ("truncated",)),
    "cut off, as meta says": (reached_limit, ("truncated",)),
    "open code fence": (open_fence, ("truncated",)),
    "template echo": (template, ("template",)),
    "talk about the task": (meta_talk, ("meta_talk",)),
    "question as answer": (question_again, ("template",)),
    "loop at the end": (loop, ("loop", "repetition")),
    "repeated lines": (repeated_lines, ("repetition",)),
    "a phrase throughout": (one_phrase, ("repetition",)),
    "mojibake": (mojibake, ("encoding",)),
    "lost characters": (lost, ("encoding",)),
    "empty answer": (empty, ("empty",)),
}
"""How each fault is made, and the filters that are meant to find it."""


def digits(rng: random.Random, shape: str) -> str:
    """`N` is a digit from 2 to 9, `X` any digit; the rest stays."""
    drawn = {"N": lambda: str(rng.randrange(2, 10)), "X": lambda: str(rng.randrange(10))}
    return "".join(drawn[sign]() if sign in drawn else sign for sign in shape)


PHONES = [
    *(
        "(NXX) NXX-XXXX",
        "+1 NXX NXX XXXX",
        "+44 7XXX XXXXXX",
        "+49 170 NXXXXXX",
        "NXX-NXX-XXXX",
        "06 NX XX XX XX",
    ),
    *("+90 5XX XXX XX XX", "+7 9XX XXX-XX-XX", "+61 4XX XXX XXX", "089 / NXXXXXX"),
]


def luhn_number(rng: random.Random) -> str:
    body = "4" + "".join(str(rng.randrange(10)) for _ in range(14))
    doubled = [int(c) * (2 - place % 2) for place, c in enumerate(body)]
    last = -sum(value - 9 if value > 9 else value for value in doubled) % 10
    number = f"{body}{last}"
    return " ".join(number[start : start + 4] for start in range(0, 16, 4))


def iban(rng: random.Random) -> str:
    body = "".join(str(rng.randrange(10)) for _ in range(18))
    return f"DE{98 - int(body + '131400') % 97:02d}{body}"  # D is 13, E is 14


ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def personal(rng: random.Random) -> tuple[str, str]:
    """A kind of personal data and one of it."""
    name = rng.choice(["maria.gonzalez", "jsmith", "li_wei88", "k.muller", "aisha"])
    token = "".join(rng.choice(ALPHABET) for _ in range(40))
    made = {
        "e-mail": f"{name}@{rng.choice(['gmail.com', 'firma.de', 'mail.co.jp'])}",
        "phone": digits(rng, rng.choice(PHONES)),
        "card": luhn_number(rng),
        "IBAN": iban(rng),
        "SSN": f"{rng.randrange(100, 600)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}",
        "IP": ".".join(str(part) for part in (rng.choice([81, 93, 151]), *rng.choices(range(1, 255), k=3))),
        "key": rng.choice(["sk-", "ghp_", "hf_"]) + token[:36],
        "login": f"ftp://{name}:{token[:9]}@files.example.net",
    }
    return rng.choice([*made.items()])


CARRIERS = [
    " You can write to {}.",
    " My details are {}.",
    " ({})",
    " Contact: {}",
    " Send it to {} please.",
    "\nSigned, {}",
]


def main() -> None:
    options = parser().parse_args()
    from datagen.filters.register import default_filters
    from datagen.filters.rules import filters_from

    filters = filters_from(options.rules)[0] if options.rules else default_filters("instruction")
    rows = rows_of(options.rows)
    rng = random.Random(options.seed)
    out = sys.stdout.write

    started = time.perf_counter()
    verdicts = [turned_down(filters, row) for row in rows]
    rate = len(rows) / (time.perf_counter() - started)
    wrong = Counter(f"{name}: {reason}" for name, reason in filter(None, verdicts))
    clean = [row for row, verdict in zip(rows, verdicts, strict=True) if verdict is None]
    share = wrong.total() / len(rows)
    out(f"{len(rows):,} rows as they are, {rate:,.0f} rows/s: {wrong.total():,} turned down ({share:.2%})\n")
    for reason, count in wrong.most_common():
        out(f"  {reason}: {count:,}\n")
    if not clean:
        sys.exit("no row is left to plant in")

    out(f"\n{'fault':24}{'planted':>8}{'found':>8}{'recall':>9}{'as meant':>10}\n")
    for fault, (plant, meant) in FAULTS.items():
        count, found, right, missed = 0, 0, 0, []
        for _ in range(20 * options.count):
            spoilt = planted(rng, rng.choice(clean), plant)
            if spoilt is None:
                continue
            count += 1
            verdict = turned_down(filters, spoilt)
            found += verdict is not None
            right += verdict is not None and verdict[0] in meant
            missed += [spoilt["messages"][-1]["content"]] if verdict is None else []
            if count == options.count:
                break
        shares = (f"{found / count:9.1%}", f"{right / count:10.1%}") if count else ("        -", "         -")
        out(f"{fault:24}{count:8,}{found:8,}{shares[0]}{shares[1]}\n")
        for text in missed[: options.missed]:
            out(f"    missed: ...{text[-100:]!r}\n")
    tell_masks(rng, clean, options, out)


def tell_masks(
    rng: random.Random, clean: list[Row], options: argparse.Namespace, out: Callable[[str], Any]
) -> None:
    """Plant personal data in answers and mask: what is hidden, and what else is touched."""
    from datagen.filters.personal import masked_row

    touched = sum(bool(masked_row(row)[1]) for row in clean)
    planted_kinds, hidden_kinds = Counter[str](), Counter[str]()
    for _ in range(5 * options.count):
        kind, value = personal(rng)
        row = with_answer(clean[rng.randrange(len(clean))], "{}" + rng.choice(CARRIERS).replace("{}", value))
        masked, _counts = masked_row(row)
        planted_kinds[kind] += 1
        text = masked["messages"][-1]["content"]
        hidden = value not in text and (kind != "login" or value.split("@")[0][6:] not in text)
        hidden_kinds[kind] += hidden
        if not hidden and options.missed:
            out(f"    not masked: {text[-100:]!r}\n")
    for kind, count in sorted(planted_kinds.items()):
        out(f"{'mask: ' + kind:24}{count:8,}{hidden_kinds[kind]:8,}{hidden_kinds[kind] / count:9.1%}\n")
    share = touched / len(clean)
    out(f"rows with nothing planted that are masked: {touched:,} of {len(clean):,} ({share:.2%})\n")


def planted(rng: random.Random, row: Row, plant: Plant) -> Row | None:
    from datagen.filters.filter import question_of

    answer = plant(rng, question_of(row), row["messages"][-1]["content"])
    if answer is None:
        return None
    meta = {"meta": {**row.get("meta", {}), "finish_reason": "length"}} if plant is reached_limit else {}
    turns = [*row["messages"][:-1], {"role": "assistant", "content": answer}]
    return {**row, "messages": turns, **meta}


def with_answer(row: Row, shape: str) -> Row:
    """The row with its answer put where `{}` stands first in the shape."""
    last = row["messages"][-1]
    return {
        **row,
        "messages": [*row["messages"][:-1], {**last, "content": shape.replace("{}", last["content"], 1)}],
    }


def turned_down(filters: dict[str, Any], row: Row) -> tuple[str, str] | None:
    for name, looks in filters.items():
        verdict = looks(row)
        if verdict is not True:
            return name, verdict[1]
    return None


def rows_of(paths: Iterable[Path]) -> list[Row]:
    """The instruction rows of the files, or worked problems of all families."""
    from datagen.problems import families, generate, instruction_row
    from schemas.rows import read_rows

    paths = list(paths)
    if not paths:
        return [instruction_row(row) for row in generate([*families()], [1, 2, 3, 4, 5], 5000)]
    rows = [row for path in paths for row in read_rows(path)]
    if wrong := next((row for row in rows if "messages" not in row), None):
        sys.exit(f"not an instruction row: {str(wrong)[:80]}")
    return rows


def parser() -> argparse.ArgumentParser:
    description, _, examples = (__doc__ or "").partition("\n\n")
    options = argparse.ArgumentParser(
        description=description, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("rows", nargs="*", type=Path, help="instruction rows that may pass for clean")
    options.add_argument("--count", type=int, default=200, help="how many of each fault (default: 200)")
    options.add_argument("--seed", type=int, default=0, help="which rows, and how they are spoilt")
    options.add_argument("--rules", type=Path, help="a rule file instead of the default filters")
    options.add_argument(
        "--missed", type=int, default=0, help="show so many of each fault that were not found"
    )
    return options


if __name__ == "__main__":
    main()
