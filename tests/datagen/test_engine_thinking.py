"""Thoughts before answers: where they begin, where they end, and that the answer after them is the answer."""

from __future__ import annotations

import json

import pytest
from tiny_gguf import CHATML, Shape, write_tiny_gguf

from datagen.engines import Request, generate_all
from datagen.engines.constrained.guide import Guide, Plan
from datagen.engines.constrained.thinking import closing_tag
from datagen.engines.llama.engine import LlamaCppEngine
from schemas import UserError

ANSWER = {"type": "object", "properties": {"x": {"enum": [1, 2]}}, "required": ["x"]}
HELLO = ({"role": "user", "content": "hello"},)
END = 2
# As Qwen3 has it: an empty thought where none is wanted.
SWITCHED = CHATML.replace(
    "assistant\n{% endif %}",
    "assistant\n{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% endif %}{% endif %}",
)
# As DeepSeek R1 has it: always.
ALWAYS = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    opened = {}
    for name, template in {"plain": CHATML, "switched": SWITCHED, "always": ALWAYS}.items():
        path = write_tiny_gguf(folder / f"{name}.gguf", Shape(), seed=2, chat_template=template)
        opened[name] = LlamaCppEngine(path, threads=1, width=4, context=512)
    yield opened
    for engine in opened.values():
        engine.close()


def plan(engine: LlamaCppEngine, *, schema=ANSWER, think_tokens: int = 50) -> Plan:
    return Plan(
        rule=engine._rules.rule(schema),
        prefix="",
        closing="</think>",
        think_tokens=think_tokens,
        ends=engine.model.ends,
        tokenize=engine.tokenize,
        piece=lambda token: engine.model.piece(token, special=True),
    )


def follow(engine: LlamaCppEngine, guide: Guide, drawn: list[int]) -> str:
    """Feed drawn tokens, and the forced ones between them; the text of the answer."""
    answer, drawn = [], list(drawn)
    while not guide.complete and (guide.forced is not None or drawn):
        token = guide.forced if guide.forced is not None else guide.amend(drawn.pop(0))
        if guide.push(token):
            answer.append(token)
    return engine.detokenize(answer)


def test_a_thought_ends_where_the_model_ends_it(engines):
    engine, guide = engines["plain"], None
    guide = Guide(plan(engine))
    text = follow(engine, guide, engine.tokenize("hm, one or two</think>") + engine.tokenize("2"))
    assert (bytes(guide.thought), json.loads(text)) == (b"hm, one or two", {"x": 2})


def test_an_end_token_ends_the_thought_and_not_the_answer(engines):
    engine = engines["plain"]
    guide = Guide(plan(engine))
    text = follow(engine, guide, [*engine.tokenize("hm"), END, *engine.tokenize("1")])
    assert (bytes(guide.thought), json.loads(text)) == (b"hm", {"x": 1})


def test_a_thought_over_its_tokens_is_closed(engines):
    engine = engines["plain"]
    guide = Guide(plan(engine, think_tokens=3))
    text = follow(engine, guide, [*engine.tokenize("xyz"), *engine.tokenize("1")])
    assert (bytes(guide.thought), json.loads(text)) == (b"xyz", {"x": 1})


def test_a_token_that_runs_past_the_tag_gives_way_to_the_tag(engines):
    engine = engines["plain"]
    words = {9001: b"k>Sure"}
    seen = []

    def piece(token: int) -> bytes:
        return words.get(token) or engine.model.piece(token, special=True)

    guide = Guide(Plan(**{**vars(plan(engine)), "piece": piece}))
    drawn = [*engine.tokenize("ok</thin"), 9001, *engine.tokenize("2")]
    while not guide.complete:
        token = guide.forced if guide.forced is not None else guide.amend(drawn.pop(0))
        guide.push(token)
        seen.append(token)
    assert 9001 not in seen
    assert engine.detokenize(seen) == 'ok</think>\n\n{"x":2}'


def test_a_schema_bound_answer_follows_a_free_thought(engines):
    asked = Request(messages=HELLO, n=4, max_tokens=120, seed=3, schema=ANSWER, think=True, think_tokens=20)
    for sample in generate_all(engines["plain"], [asked])[0].samples:
        assert sample.finish_reason == "stop"
        assert json.loads(sample.text)["x"] in (1, 2)
        assert sample.reasoning
        whole = engines["plain"].detokenize(sample.tokens)
        assert whole.rstrip().endswith(f"</think>\n\n{sample.text}")
        assert sample.reasoning in whole.partition("</think>")[0]


def test_half_of_the_tokens_are_for_the_answer_when_nobody_says_otherwise(engines):
    asked = Request(messages=HELLO, max_tokens=100, seed=3, think=True)
    sample = generate_all(engines["plain"], [asked])[0].samples[0]
    thought = next(n for n in range(100) if "</think>" in engines["plain"].detokenize(sample.tokens[:n]))
    assert thought == 50 + len(engines["plain"].tokenize("\n</think>"))
    assert sample.text


def test_a_limit_inside_a_thought_is_length_with_an_empty_answer(engines):
    asked = Request(messages=HELLO, max_tokens=10, seed=3, think=True, think_tokens=40, schema=ANSWER)
    sample = generate_all(engines["plain"], [asked])[0].samples[0]
    assert (sample.text, sample.finish_reason, sample.token_count) == ("", "length", 10)


@pytest.mark.parametrize(
    ("name", "think", "ending"),
    [
        ("plain", None, "assistant\n"),
        ("plain", False, "assistant\n"),
        ("plain", True, "assistant\n<think>\n"),
        ("switched", None, "assistant\n"),
        ("switched", False, "assistant\n<think>\n\n</think>\n\n"),
        ("switched", True, "assistant\n<think>\n"),
        ("always", None, "assistant\n<think>\n"),
        ("always", False, "assistant\n<think>\n\n</think>\n\n"),
        ("always", True, "assistant\n<think>\n"),
    ],
)
def test_a_prompt_ends_as_the_template_and_the_request_want_it(engines, name, think, ending):
    assert engines[name].prompt_text(Request(messages=HELLO, think=think)).endswith(ending)


def test_a_template_that_always_thinks_thinks_before_a_schema(engines):
    asked = Request(messages=HELLO, max_tokens=200, seed=1, think_tokens=9, schema=ANSWER)
    sample = generate_all(engines["always"], [asked])[0].samples[0]
    assert sample.reasoning
    assert json.loads(sample.text)


@pytest.mark.parametrize(
    ("template", "tag"),
    [
        (None, "</think>"),
        ("{{ content.split('</think>')[-1] }}", "</think>"),
        ("{{ '<seed:think>' }}{{ '</seed:think>' }}", "</seed:think>"),
        ("[THINK]{{ thought }}[/THINK]", "[/THINK]"),
        ("<reasoning>x</reasoning>", "</reasoning>"),
        ("</s>{{ content }}</tool_call>", "</think>"),
    ],
)
def test_the_closing_tag_is_the_one_of_the_template(template, tag):
    assert closing_tag(template) == tag


def test_a_thought_and_a_prefix_do_not_go_together(engines):
    with pytest.raises(UserError, match="no room for a thought"):
        generate_all(engines["plain"], [Request(messages=HELLO, think=True, prefix="{")])
