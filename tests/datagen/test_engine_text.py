"""Text around the model: stop strings, chat templates, seeds. No model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.engines import derive_seed
from datagen.engines.chat_template import render_chat
from datagen.engines.llama.binding import chunks
from datagen.engines.llama.stopping import Transcript
from schemas import UserError

USER = [{"role": "user", "content": "hi"}]
pieces = st.lists(st.text("ab½", max_size=4).map(str.encode), max_size=12)
stops = st.lists(st.text("ab½", min_size=1, max_size=4), max_size=3)


@settings(max_examples=300)
@given(pieces, stops)
def test_text_ends_before_the_first_stop_string_to_be_completed(pieces, stops):
    transcript = Transcript(stops)
    written = b""
    for piece in pieces:
        written += piece
        found = [written.index(stop.encode()) for stop in stops if stop.encode() in written]
        assert transcript.push(piece) == bool(found)
        if found:
            assert transcript.text() == written[: min(found)].decode()
            return
    assert transcript.text() == written.decode()


def test_a_character_split_over_tokens_is_whole_and_a_torn_one_is_marked():
    whole, torn = Transcript([]), Transcript([])
    for byte in "½":
        for part in byte.encode():
            whole.push(bytes([part]))
    torn.push("½".encode()[:1])
    assert whole.text() == "½"
    assert torn.text() == "�"


def test_a_stop_string_is_found_across_tokens_that_split_a_character():
    transcript = Transcript(["½!"])
    first, second = "½".encode()
    assert [transcript.push(piece) for piece in (b"a", bytes([first]), bytes([second]), b"!")] == [
        *[False] * 3,
        True,
    ]
    assert transcript.text() == "a"


def test_a_template_that_refuses_says_why():
    template = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(UserError, match=r"refuses the messages .*roles must alternate"):
        render_chat(template, USER, special_tokens={})


def test_a_template_that_does_not_compile_says_so():
    with pytest.raises(UserError, match="does not compile"):
        render_chat("{% for %}", USER, special_tokens={})


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__.__base__ }}",
        "{{ messages.append(1) }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(template):
    with pytest.raises(UserError, match="refuses the messages"):
        render_chat(template, USER, special_tokens={})


def test_a_template_renders_the_same_tomorrow():
    text = render_chat("{{ strftime_now('%d %b %Y') }}", USER, special_tokens={})
    assert text == "26 Jul 2024"


def test_special_tokens_and_prefix_reach_the_text():
    template = "{{ bos_token }}{{ messages[0].content | tojson }}{% if add_generation_prompt %}>{% endif %}"
    text = render_chat(template, USER, special_tokens={"bos_token": "<s>"}, prefix="so")
    assert text == '<s>"hi">so'


@given(st.lists(st.text(max_size=3), min_size=1, max_size=4))
def test_seeds_tell_apart_parts_that_join_to_the_same_text(parts):
    seed = derive_seed(*parts)
    assert 0 <= seed < 2**63
    assert seed == derive_seed(*parts)
    if len(parts) > 1:
        assert seed != derive_seed("".join(parts))
    assert seed != derive_seed(*parts, "")


@given(st.integers(0, 20), st.sets(st.integers(0, 40), max_size=4), st.integers(1, 30), st.integers(1, 12))
def test_chunks_cover_the_prompt_once_and_never_cross_a_cut(start, cuts, length, size):
    end, cuts = start + length, sorted(cuts)
    ranges = chunks(start, cuts, end, size)
    assert [position for begin, stop in ranges for position in range(begin, stop)] == list(range(start, end))
    assert all(0 < stop - begin <= size for begin, stop in ranges)
    assert not any(begin < cut < stop for begin, stop in ranges for cut in cuts)
    # From a cut on, the ranges are the same wherever they began.
    for cut in cuts:
        if start <= cut < end:
            assert [r for r in ranges if r[0] >= cut] == chunks(cut, cuts, end, size)
