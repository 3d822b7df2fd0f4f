"""The report of a ladder: true to `stages.jsonl`, whole at any height, and safe whatever a model wrote."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_ladder import ACCURACY, ANSWERS, BITS, QUESTIONS, RUNGS, make_ladder

from finetune import readable
from finetune.report import TEMPLATES, write_report
from finetune.report_curves import climb
from finetune.report_rungs import read_ladder
from schemas.errors import UserError

VOID = {"meta", "br", "link", "img", "input", "hr"}
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "article"),
    *("h1", "h2", "h3", "p", "strong", "span", "br", "code", "pre", "figure", "figcaption", "div"),
    *("svg", "desc", "g", "path", "rect", "circle", "text"),
    *("ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """A page as a browser reads it: raises on a tag that is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.within: dict[str, list[str]] = {"pre": [], "h3": [], "td": []}
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in self.within:
            self.within[tag].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag, texts in self.within.items():
            if tag in self.open:
                texts[-1] += data
        if "style" not in self.open:
            self.text += data


def report(folder: Path, **options: Any) -> tuple[str, str]:
    make_ladder(folder, **options)
    return written(folder)


def written(folder: Path) -> tuple[str, str]:
    page, markdown = write_report(folder)
    assert (page, markdown) == (folder / "report.html", folder / "report.md")
    return page.read_text(encoding="utf-8"), markdown.read_text(encoding="utf-8")


def rewrite(folder: Path, **changes: Any) -> None:
    """Write the stages again, each line with the changes."""
    path = folder / "stages.jsonl"
    lines = [json.loads(line) | changes for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def markdown_table(markdown: str, heading: str) -> dict[str, dict[str, str]]:
    """The table under a heading: row name -> column -> cell."""
    section = markdown.split(f"# {heading}\n", 1)[1]
    lines = re.findall(r"^\| (.*) \|$", section.split("\n\n- ", 1)[0], flags=re.M)
    names, _, *rows = [line.split(" | ") for line in lines]
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


# Whole and safe


def test_page_has_balanced_tags_and_only_the_elements_of_its_template(tmp_path: Path) -> None:
    html, _ = report(tmp_path)
    page = Page(html)
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_page_refers_to_nothing_outside_itself(tmp_path: Path) -> None:
    html, _ = report(tmp_path)
    page = Page(html)
    values = [value or "" for _, attributes in page.elements for value in attributes.values()]
    assert not [value for value in values if re.search(r"https?:|url\(|//", value)]
    names = {name for _, attributes in page.elements for name in attributes}
    assert names.isdisjoint({"src", "href", "srcset", "xlink:href", "data", "action"})
    style = html.split("<style>")[1].split("</style>")[0]
    assert not re.search(r"https?:|url\(|@import|@font-face", style)


def test_page_has_each_identifier_once_and_every_picture_is_described(tmp_path: Path) -> None:
    html, _ = report(tmp_path)
    page = Page(html)
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(pictures) > 10
    for picture in pictures:
        assert set((picture["aria-labelledby"] or "").split()) <= set(identifiers)
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in page.elements if tag == "th")


def test_every_answer_is_whole_in_both_files(tmp_path: Path) -> None:
    html, markdown = report(tmp_path)
    answers = [readable.visible(text) for texts in ANSWERS.values() for text in texts if text]
    shown = [text.removeprefix("\n").removesuffix("\n") for text in Page(html).within["pre"]]
    assert sorted(shown) == sorted(answers)
    for answer in answers:
        assert f"text\n{answer}\n```" in markdown
    silent = sum(not text for texts in ANSWERS.values() for text in texts)
    assert html.count("(no text)") == markdown.count("(no text)") == silent == 1


def test_every_rung_and_question_is_in_both_files(tmp_path: Path) -> None:
    html, markdown = report(tmp_path)
    page = Page(html)
    assert page.within["h3"][: len(QUESTIONS)] == list(QUESTIONS)
    for rung in RUNGS:
        assert f"<strong>{rung}</strong>" in html or rung == "reward"
        assert f'<th scope="row">{rung}</th>' in html
        assert markdown.count(f"\n| {rung} |") >= 2
        assert f"This is what {rung} does & learns from <its> *rows*." in page.text


def test_no_control_character_or_surrogate_reaches_a_file(tmp_path: Path) -> None:
    make_ladder(tmp_path)
    path = tmp_path / "stages.jsonl"
    with path.open("ab") as file:  # what json.dumps makes of a lone surrogate, and bytes that are no text
        answer = b'{"question": "\\ud800?", "answer": "\\udfff \\u0000 \xff\xfe", "verdict": null}'
        file.write(b'{"rung": "broken", "answers": [' + answer + b"]}\n")
    for text in written(tmp_path):
        assert "‹D800›?" in text
        assert "‹DFFF› ‹00› \ufffd\ufffd" in re.sub("<[^>]*>", "", text)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", text)


def test_markdown_has_no_markup_of_a_model_outside_a_block(tmp_path: Path) -> None:
    _, markdown = report(tmp_path)
    outside, fence = [], ""
    for line in markdown.split("\n"):
        mark = re.match("`{3,}", line)
        if not fence and mark:
            fence = mark.group()
        elif fence and line == fence:
            fence = ""
        elif not fence:
            outside.append(line)
    assert fence == ""
    assert not re.search(r"(?<!\\)[<>`]", "\n".join(outside))
    assert "How many \\<are\\> left?" in "\n".join(outside)


# True to the figures


def test_figures_shown_are_those_of_the_stages(tmp_path: Path) -> None:
    _, markdown = report(tmp_path)
    learned = markdown_table(markdown, "What it learned")
    assert list(learned) == list(RUNGS)
    for rung, bits, accuracy in zip(RUNGS, BITS, ACCURACY, strict=True):
        cell = learned[rung]["Bits per byte"]
        assert cell == "–" if bits is None else float(cell) == bits
        share = learned[rung]["Accuracy"].split("%")[0]
        assert share == "–" if accuracy is None else abs(float(share) - 100 * accuracy) <= 0.05001
    assert learned["sft"]["Accuracy"] == "34.5% (29.7–39.0%)"
    assert learned["reward"]["Pairs right"] == "98.8%"
    assert learned["grpo"]["KL"] == "9.33"
    cost = markdown_table(markdown, "What it cost")
    assert cost["pretrain"]["Training"] == "2 min 21 s"
    assert cost["grpo"]["Tokens/s"] == "11,349"
    assert cost["sft"]["Size"] == "588 kB"
    assert cost["pretrain"]["Logit difference"] == "6.2 × 10⁻⁵"


def test_both_files_show_the_same_table_cells(tmp_path: Path) -> None:
    html, markdown = report(tmp_path)
    cells = Page(html).within["td"]
    for heading in ("What it learned", "What it cost"):
        for row in markdown_table(markdown, heading).values():
            expected = list(row.values())[1:]
            starts = range(len(cells) - len(expected) + 1)
            assert any(cells[start : start + len(expected)] == expected for start in starts)


def test_summary_gives_the_headline_figures(tmp_path: Path) -> None:
    _, markdown = report(tmp_path)
    summary = markdown.split("\n")[2]
    assert "524,416 parameters climbed 8 rungs in 8 min 40 s" in summary
    assert "from 8.437 to 1.213 bits per byte" in summary
    assert "81.0% (95% interval 76.2–85.5%) of 400 held-out problems" in summary
    assert summary.count(". ") == 1


@pytest.mark.parametrize(("parameters", "small"), [(524_416, True), (1.7e9, False), (None, False)])
def test_only_a_small_model_is_called_one(tmp_path: Path, parameters: float | None, small: bool) -> None:
    make_ladder(tmp_path)
    rewrite(tmp_path, parameters=parameters)
    for text in written(tmp_path):
        assert ("far smaller than the models people chat with" in text) == small
        assert "say nothing of any others" in text


def test_settings_versions_and_data_are_told(tmp_path: Path) -> None:
    for text in report(tmp_path):
        plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>|[|\\]", " ", text))
        for words in ("seed 7", "model.layers 2", "torch 2.13.0", "finetune ladder", "3.11.9", "12,346"):
            assert words in plain


def test_verdict_and_preference_are_said_in_words(tmp_path: Path) -> None:
    answers = [
        {"question": "q", "answer": verdict, "verdict": verdict, "preferred": preferred}
        for verdict, preferred in (("correct", True), ("incorrect", False), ("no_answer", None))
    ]
    (tmp_path / "stages.jsonl").write_text(json.dumps({"rung": "sft", "answers": answers}))
    html, markdown = written(tmp_path)
    lines = [line for line in markdown.split("\n") if line.startswith("**sft** ·")]
    assert lines == [
        "**sft** · ✓ correct · ★ preferred",
        "**sft** · ✗ incorrect · ☆ other style",
        "**sft** · ○ no answer",
    ]
    assert re.findall(r'class="mark (\w+)">(. \w+)', html) == [
        ("right", "✓ correct"),
        ("liked", "★ preferred"),
        ("wrong", "✗ incorrect"),
        ("other", "☆ other"),
        ("wrong", "○ no"),
    ]


# The climb


def test_climb_follows_the_weights_and_hangs_the_others_beside(tmp_path: Path) -> None:
    make_ladder(tmp_path)
    picture = climb(read_ladder(tmp_path))
    assert picture is not None
    solid, dashed = [], []
    for path in re.findall(r'<path d="(M[^"]*)" fill="none"([^>]*)', picture.svg["wide"]):
        (dashed if "dasharray" in path[1] else solid).append(path[0].count("L") + 1)
    assert solid == [6, 6, 6]  # random, pretrain, sft, ppo, grpo, round2
    assert dashed == [2, 2, 2]  # sft, dpo


def test_rungs_that_start_from_each_other_do_not_hang_the_report(tmp_path: Path) -> None:
    lines = [{"rung": a, "started_from": b, "accuracy": 0.5} for a, b in (("x", "y"), ("y", "x"), ("z", "z"))]
    (tmp_path / "stages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    Page(written(tmp_path)[0])


# At any height


@pytest.mark.parametrize("height", range(1, len(RUNGS)))
def test_partial_ladder_is_reported(tmp_path: Path, height: int) -> None:
    html, markdown = report(tmp_path, rungs=RUNGS[:height])
    Page(html)
    assert list(markdown_table(markdown, "What it learned")) == list(RUNGS[:height])


@pytest.mark.parametrize("rungs", [("sft",), ("reward",), ("random", "dpo"), ("pretrain", "grpo", "round2")])
def test_ladder_with_rungs_missing_below_is_reported(tmp_path: Path, rungs: tuple[str, ...]) -> None:
    html, markdown = report(tmp_path, rungs=rungs)
    Page(html)
    assert all(f"({rung})" in markdown for rung in rungs)


def test_ladder_without_metrics_or_manifest_is_reported(tmp_path: Path) -> None:
    make_ladder(tmp_path, metrics=False)
    (tmp_path / "run.json").unlink()
    html, markdown = written(tmp_path)
    Page(html)
    assert "How it learned" not in html + markdown
    assert "How it was made" not in html + markdown


def test_rung_with_nothing_but_its_name_is_reported(tmp_path: Path) -> None:
    (tmp_path / "stages.jsonl").write_text('{"rung": "sft"}\n')
    html, markdown = written(tmp_path)
    Page(html)
    assert "one rung" in markdown
    assert "have not been judged" in html


def test_line_that_a_kill_cut_short_is_left_out(tmp_path: Path) -> None:
    make_ladder(tmp_path, rungs=RUNGS[:3])
    with (tmp_path / "stages.jsonl").open("a") as file:
        file.write('{"rung": "reward", "bits_p')
    with (tmp_path / "rungs" / "sft" / "metrics.jsonl").open("a") as file:
        file.write('{"step": 12')
    _, markdown = written(tmp_path)
    assert list(markdown_table(markdown, "What it learned")) == list(RUNGS[:3])


def test_rung_written_twice_is_shown_once_as_last_written(tmp_path: Path) -> None:
    lines = make_ladder(tmp_path, rungs=RUNGS[:3])
    with (tmp_path / "stages.jsonl").open("a") as file:
        file.write(json.dumps(lines[1] | {"bits_per_byte": 1.111}) + "\n")
    html, markdown = written(tmp_path)
    assert markdown_table(markdown, "What it learned")["pretrain"]["Bits per byte"] == "1.111"
    Page(html)


def test_figures_that_are_not_finite_are_said_so_and_drawn_nowhere(tmp_path: Path) -> None:
    make_ladder(tmp_path)
    rewrite(tmp_path, bits_per_byte=float("nan"), accuracy=float("inf"), accuracy_ci=[float("nan"), 1.0])
    html, markdown = written(tmp_path)
    assert markdown_table(markdown, "What it learned")["sft"]["Bits per byte"] == "not finite"
    for drawing in re.findall(r' (?:d|x|y|cx|cy)="([^"]*)"', html):
        assert not re.search("nan|inf", drawing)


def test_damaged_line_is_refused_by_file_and_line_and_the_old_report_stays(tmp_path: Path) -> None:
    before = report(tmp_path)
    path = tmp_path / "stages.jsonl"
    path.write_text('{"rung": "random"}\n{"rung": \n{"rung": "sft"}\n')
    with pytest.raises(UserError, match=r"stages\.jsonl:2: not JSON"):
        write_report(tmp_path)
    assert ((tmp_path / "report.html").read_text(), (tmp_path / "report.md").read_text()) == before


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_folder_without_a_rung_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "stages.jsonl").write_text(content)
    with pytest.raises(UserError, match="no rung of a ladder"):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    assert report(tmp_path / "a") == report(tmp_path / "b")


# Legible


def test_every_colour_of_text_has_enough_contrast_in_light_dark_and_print() -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1 on each background."""
    style = (TEMPLATES / "report.css").read_text()
    palettes = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", part)) for part in style.split(":root")[1:]]
    assert len(palettes) == 3
    for palette in palettes:
        grounds = [palette.get(name, "#ffffff") for name in ("paper", "raised")]
        inks = palette.keys() - {"paper", "raised", "rule"}
        assert {"accuracy", "format", "preferred", "wrong"} <= inks
        for name in inks:
            for ground in grounds:
                assert contrast(palette[name], ground) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (readable.percent(0.785), "78.5%"),
        (readable.percent(None), "–"),
        (readable.duration(4.23), "4.2 s"),
        (readable.duration(59.97), "1 min 00 s"),
        (readable.duration(492), "8 min 12 s"),
        (readable.duration(3840), "1 h 04 min"),
        (readable.count(1234567), "1,234,567"),
        (readable.size(999), "999 bytes"),
        (readable.size(999_600), "1.0 MB"),
        (readable.small(0.0031), "0.0031"),
        (readable.small(0.0), "0"),
        (readable.small(2.44e-5), "2.4 × 10⁻⁵"),
        (readable.signed(-0.02), "−0.02"),
        (readable.decimal(float("nan")), "not finite"),
        (readable.share_range((0.723, 0.836)), "72.3–83.6%"),
    ],
)
def test_numbers_are_written_for_readers(shown: str, expected: str) -> None:
    assert shown == expected


@given(st.text())
def test_visible_text_keeps_what_can_be_seen_and_is_stable(text: str) -> None:
    shown = readable.visible(text)
    assert readable.visible(shown) == shown
    assert "".join(piece for piece, _ in readable.pieces(shown)) == shown
    assert all(character == "\n" or character.isprintable() or character.isspace() for character in shown)


@given(st.text(alphabet="`~ab\n", max_size=30))
def test_no_text_closes_its_markdown_block(text: str) -> None:
    first, *inside, last = readable.markdown_block(text).split("\n")
    assert first == f"{last}text"
    assert "\n".join(inside) == text
    assert not any(line.strip().startswith(last) for line in inside)
