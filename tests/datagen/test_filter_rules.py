"""Rule files: what is read, what is refused with file and line, and the examples that rules must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.filters.register import FILTERS, NAMED, default_filters, described
from datagen.filters.rules import filters_from, read_rules, try_examples
from schemas import UserError
from schemas.check import KINDS

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "rules"


PAIR = (
    "{prompt: [{role: user, content: Well}], chosen: [{role: assistant, content: Yes.}], "
    "rejected: [{role: assistant, content: No.}]}"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def refused(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        filters_from(path)
    return str(error.value).replace(f"{path}", "rules.yaml")


def row(answer: str, question: str = "Well?") -> dict[str, object]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def test_rules_become_filters_and_edits_in_their_order(path: Path) -> None:
    path.write_text(
        "- filter: regex\n  pattern: foo\n- filter: mask\n- filter: regex\n  pattern: bar\n  reason: no "
        "bars\n"
        "- filter: length\n  name: short ones\n  max_answer: 3\n"
    )
    filters, edits = filters_from(path)
    assert [*filters] == ["regex", "regex 2", "short ones"]
    assert filters["regex"](row("a foo")) == (False, "found: foo")
    assert filters["regex 2"](row("a bar")) == (False, "no bars")
    assert filters["short ones"](row("one two three four")) == (False, "answer too long")
    assert [edit({"text": "ann@example.org"}) for edit in edits] == [{"text": "[EMAIL]"}]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- filter: refusl\n", "rules.yaml:1: unknown filter 'refusl'; did you mean 'refusal'?"),
        (
            "- filter: empty\n- filter: refusal\n  max_wrds: 3\n",
            "rules.yaml:3: unknown option 'max_wrds'; did you mean 'max_words'?",
        ),
        (
            "- filter: refusal\n  max_words: many\n",
            "rules.yaml:2: max_words: expected a whole number, got 'many'",
        ),
        ("- filter: refusal\n  max_words: 0\n", "rules.yaml:2: max_words: must be at least 1, got 0"),
        (
            "- filter: loop\n  texts: bset\n",
            "rules.yaml:2: texts: unknown choice 'bset'; did you mean 'best'?",
        ),
        ("- refusal\n", "rules.yaml:1: not a rule; begin it with '- filter: NAME'"),
        ("- name: x\n", "rules.yaml:1: a rule without a filter; begin it with '- filter: NAME'"),
        ("filter: refusal\n", "rules.yaml: not a list of rules; begin each rule with '- filter: NAME'"),
        ("", "rules.yaml: the file has no rules; write '- filter: NAME'; see datagen filter --list"),
        ("- filter: [\n", "rules.yaml:2: not YAML (expected the node content, but found '<stream end>')"),
        ("- filter: loop\n  filter: loop\n", "rules.yaml:2: 'filter' is also on line 1; keep one"),
        (
            "- filter: loop\n  name: a\n- filter: empty\n  name: a\n",
            "rules.yaml:3: a rule 'a' stands before; give one another name",
        ),
        (
            "- filter: length\n  min_answer: 5\n  max_answer: 4\n",
            "rules.yaml:1: min_answer 5 is over max_answer 4; no text fits: raise the maximum",
        ),
        ("- filter: regex\n", "rules.yaml:1: the rule has no pattern; add 'pattern: ...'"),
        (
            "- filter: regex\n  pattern: '(?=x)'\n",
            "rules.yaml:1: '(?=x)' is no regular expression; "
            "Rust's regex knows no look-around (?=, (?<! and no back references \\1",
        ),
        (
            "- filter: personal\n  kinds: [emial]\n",
            "rules.yaml:1: unknown kind of personal data 'emial'; did you mean 'email'?",
        ),
        (
            "- filter: language\n  allowed: [klingon]\n",
            "rules.yaml:1: unknown language 'klingon'; known:",
        ),
        ("- filter: schema\n", "rules.yaml:1: the rule names no schema; add 'file: my.schema.json'"),
        (
            "- filter: truncated\n  ending: '('\n",
            "rules.yaml:1: '(' is no regular expression;",
        ),
        (
            "- filter: loop\n  examples:\n    - text: hello\n",
            "rules.yaml:3: the example does not say whether to keep it; add 'keep: true' or false",
        ),
        (
            "- filter: loop\n  examples:\n    - {keep: true}\n",
            "rules.yaml:3: the example has no row; give text, question and answer, or row",
        ),
        (
            "- filter: loop\n  examples:\n    - {txt: a, keep: true}\n",
            "rules.yaml:3: unknown key of an example 'txt'; did you mean 'text'?",
        ),
        (
            "- filter: loop\n  examples:\n    - {row: {words: a}, keep: true}\n",
            "rules.yaml:3: `row` is no row of a known kind; see docs/rows.md",
        ),
        *(
            (
                f"- filter: loop\n  examples:\n    - {{row: {row}, keep: true}}\n",
                f"rules.yaml:3: `row` is no {kind} row: ",
            )
            for row, kind in (
                ("{messages: hi}", "instruction"),
                ("{messages: []}", "instruction"),
                ("{text: 5}", "corpus"),
            )
        ),
        (
            f"- filter: mask\n  examples:\n    - {{row: {PAIR}, becomes: Hi.}}\n",
            "rules.yaml:3: `becomes` is a text, and the row has several; give the whole row that it becomes",
        ),
        (
            "- filter: mask\n  examples:\n    - {text: Hi., becomes: 5}\n",
            "rules.yaml:3: `becomes` is no row of a known kind; see docs/rows.md",
        ),
        (
            "- filter: wording\n  wording: nosuch.md\n",
            "rules.yaml:1: there is no such file of wordings",
        ),
        ("- filter: loop\n  examples: yes\n", "rules.yaml:2: examples are a list;"),
        ("- filter: loop\n  examples: [yes]\n", "rules.yaml:2: not an example; write '- text: ...'"),
        (
            "- filter: loop\n  examples:\n    - {text: a, keep: true, reason: b}\n",
            "rules.yaml:3: a row that is kept has no reason; leave one of them out",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_line_and_mend(path: Path, text: str, sentence: str) -> None:
    assert refused(path, text).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "- filter: refusal\n  examples:\n    - {text: Paris., keep: true}\n    - {text: Rome., keep: "
            "false}\n",
            "rules.yaml:4: the rule 'refusal' fails its example: it keeps it, turning it down was meant; ",
        ),
        (
            "- filter: empty\n  examples:\n    - {text: '...', keep: true}\n",
            "rules.yaml:3: the rule 'empty' fails its example: it turns it down as 'empty answer', keeping "
            "it was meant; ",
        ),
        (
            "- filter: empty\n  examples:\n    - {text: '...', keep: false, reason: refusal}\n",
            "rules.yaml:3: the rule 'empty' fails its example: it turns it down as 'empty answer', "
            "turning it down as 'refusal' was meant; ",
        ),
        (
            "- filter: mask\n  examples:\n    - {text: a@b.org, becomes: '[MAIL]'}\n",
            "rules.yaml:3: the rule 'mask' fails its example: it makes it '[EMAIL]', '[MAIL]' was meant; ",
        ),
    ],
)
def test_a_rule_that_fails_its_own_example_is_refused(path: Path, text: str, sentence: str) -> None:
    assert refused(path, text).startswith(sentence)


def test_a_missing_file_is_refused(path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        filters_from(path)


def test_a_reason_alone_means_turning_down(path: Path) -> None:
    path.write_text("- filter: empty\n  examples:\n    - {text: '...', reason: empty answer}\n")
    (tried,) = try_examples(read_rules(path))
    assert tried.right
    assert not tried.example.keep


def test_a_schema_is_found_beside_its_rule_file(path: Path) -> None:
    (path.parent / "mine.json").write_text('{"required": ["meta"]}')
    path.write_text("- filter: schema\n  file: mine.json\n")
    filters, _ = filters_from(path)
    assert filters["schema"]({"text": "a"}) == (False, "schema: / required")
    assert filters["schema"]({"text": "a", "meta": {}}) is True


def test_a_pattern_takes_time_linear_in_the_text(path: Path) -> None:
    path.write_text(
        "- filter: regex\n  pattern: '^(a+)+$'\n  turn_down: not found\n  reason: other letters\n"
    )
    filters, _ = filters_from(path)
    assert filters["regex"]({"text": "a" * 100_000 + "!"}) == (False, "other letters")
    assert filters["regex"]({"text": "a" * 100_000}) is True


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.yaml")), ids=lambda sample: sample.name)
def test_sample_rules_pass_their_examples(sample: Path) -> None:
    filters, _ = filters_from(sample)
    assert filters
    tried = list(try_examples(read_rules(sample)))
    assert len(tried) >= len(filters)
    assert all(one.right for one in tried)


def test_every_filter_says_what_it_looks_for_and_what_its_options_mean() -> None:
    for name, kind in NAMED.items():
        head, *options = described(name)
        assert head.startswith(f"{name}: ")
        assert len(head) > len(name) + 20
        assert kind.__doc__
        assert all(": " in option for option in options)
    assert any("[0.3]" in option for option in described("repetition"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_filters_by_default(kind: str) -> None:
    filters = default_filters(kind)
    assert {"empty", "encoding"} <= filters.keys() <= FILTERS.keys()
