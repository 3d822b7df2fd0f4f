"""Readers of documents: what was put into a file of each type is what comes out, and faults are sentences."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

import pytest
from document_files import W, paragraph, word_table, wrapped, write_docx, write_pdf
from hypothesis import given
from hypothesis import strategies as st

from datagen.documents.document import BrokenFileError, Document
from datagen.documents.html_files import blocks_of
from datagen.documents.pdf_files import without_running_heads
from datagen.documents.reading import read_document, read_documents
from datagen.documents.text_files import decoded
from schemas import UserError

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "documents"
STORY = (
    "The lighthouse was built in 1874 by Agnes Thorne and has 168 steps. It flashes twice every fifteen"
    " seconds. In clear weather the light is seen for nineteen nautical miles. A spare lamp swings into its"
    " place within ten seconds when the first one fails, and a bell rings in the room of the keeper."
)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def text_of(path: Path) -> str:
    return read_document(path).text


# ---- text and Markdown ----


@pytest.mark.parametrize(
    ("encoding", "mark", "note"),
    [
        ("utf-8", b"", ()),
        ("utf-8", codecs.BOM_UTF8, ()),
        ("utf-16-le", codecs.BOM_UTF16_LE, ()),
        ("utf-16-be", codecs.BOM_UTF16_BE, ()),
        ("utf-32-le", codecs.BOM_UTF32_LE, ()),
        ("cp1252", b"", ("not UTF-8: read as cp1252",)),
    ],
)
def test_text_is_read_in_whatever_encoding_it_was_saved(tmp_path, encoding, mark, note):
    said = "Zoé paid 5 € – “naïve”, she said."
    path = tmp_path / "a.txt"
    path.write_bytes(mark + said.encode(encoding))
    document = read_document(path)
    assert document.text.strip() == said
    assert document.notes == note


def test_bytes_that_cp1252_lacks_are_read_as_latin_1_and_that_is_said(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 \x81 open")
    document = read_document(tmp_path / "a.txt")
    assert document.text.startswith("café ")
    assert document.notes == ("not UTF-8: read as latin-1",)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_in_utf_8_is_read_as_it_is(text):
    assert decoded(text.encode(), Path("a")) == (text.removeprefix("\ufeff"), "")


def test_markdown_headings_make_sections_with_paths_and_lines(tmp_path):
    text = (
        "---\ntitle: x\n---\nIntro.\n\n# One\n\nA.\n\n## Two ##\nB.\n\nThree\n=====\nC.\n\nFour\n----\nD.\n"
    )
    document = read_document(written(tmp_path / "a.md", text))
    assert [(section.path, section.place) for section in document.sections] == [
        ((), "line 4"),
        (("One",), "line 6"),
        (("One", "Two"), "line 10"),
        (("Three",), "line 13"),
        (("Three", "Four"), "line 17"),
    ]
    assert "title" not in document.text
    for word in ("Intro.", "A.", "B.", "C.", "D."):
        assert word in document.text


def test_a_hash_in_code_is_no_heading_and_a_comment_is_no_text(tmp_path):
    text = "# Code\n\n```sh\n# not a heading\n<!-- stays -->\n```\n<!-- gone\nstill gone -->\nEnd.\n"
    document = read_document(written(tmp_path / "a.md", text))
    assert [section.path for section in document.sections] == [("Code",)]
    assert "# not a heading\n<!-- stays -->" in document.text
    assert "gone" not in document.text
    assert "End." in document.text


def test_text_between_two_rules_is_no_front_matter_and_code_in_a_line_no_comment(tmp_path):
    text = (
        "---\nThe beginning.\n\n---\n\nWrite `<!-- so -->`:<!-- gone -->\n\n    <!-- or so -->\n\nThe rest."
    )
    said = text_of(written(tmp_path / "a.md", text))
    for kept in ("The beginning.", "`<!-- so -->`:", "    <!-- or so -->", "The rest."):
        assert kept in said
    assert "gone" not in said
    front = "---\n# a comment\n\ntitle: Gone\n---\nThe rest."
    assert text_of(written(tmp_path / "b.md", front)).strip() == "The rest."


def test_a_rule_and_the_line_of_a_table_are_no_headings(tmp_path):
    text = "| a | b |\n|---|---|\n| 1 | 2 |\n\nText.\n\n---\n\nMore.\n"
    document = read_document(written(tmp_path / "a.md", text))
    assert [section.path for section in document.sections] == [()]


# ---- HTML ----

PAGE = """<html><head><title>T</title><style>p { color: red }</style></head><body>
<nav>Home <a href=/>About</a></nav><script>if (1 < 2) alert("x")</script>
<h1>Tea &amp; <em>time</em></h1><p>Green   tea<br>takes 80&nbsp;degrees.<p>A second paragraph.
<ul><li>one<li>two<ul><li>inner</ul><li><p>three</p></ul>
<ol start=3><li>third</li></ol>
<h2>Table</h2><table><tr><th>A<th>B<tr><td>1<td>2 <b>x</b></table>
<pre>def f():
    return 1 &lt; 2</pre><div hidden>secret</div><aside>also secret</aside><footer>(c)</footer></body>"""


def test_a_page_is_read_without_what_surrounds_its_text():
    assert blocks_of(PAGE) == [
        (1, "Tea & time", ""),
        (0, "Green tea\ntakes 80 degrees.", ""),
        (0, "A second paragraph.", ""),
        (0, "- one\n- two\n  - inner\n- three", ""),
        (0, "3. third", ""),
        (2, "Table", ""),
        (0, "| A | B |\n|---|---|\n| 1 | 2 x |", ""),
        (0, "```\ndef f():\n    return 1 < 2\n```", ""),
    ]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<form><h1>Tea</h1><p>Green.</p><button>Buy</button></form>", ["Tea", "Green."]),
        ("<p>Tea.</p><form>Your name <input></form>", ["Tea."]),
        ("<p>So <math alttext='x^2'><mi>x</mi></math> is.</p>", ["So x^2 is."]),
        (
            "<p><math><mi>x</mi><annotation encoding='application/x-tex'>x_1</annotation></math></p>",
            ["x_1"],
        ),
        ("<p><math><mi>x</mi><mo>+</mo><mn>1</mn></math></p>", ["x + 1"]),
        ("<ul><li>Run<pre>a\n  b</pre>and <p>go.</ul>", ["- Run\n  ```\n  a\n    b\n  ```\n  and go."]),
        ("<table><tr><td>Run<td><pre>a\n  b</pre></table>", ["Run", "```\na\n  b\n```"]),
        ("<ul>Some:<li>one</li><p>A note.</p></ul>", ["Some:\n- one\nA note."]),
        (
            "<dl>Words<div><dt>a</dt><dd>b <dl><dt>c</dt><dd>d</dd></dl></dd></div></dl>",
            ["Words\na\n- b c d"],
        ),
        ("<p>x</p><main><p>One.</p></main><main><p>Two.</p></main>", ["One.", "Two."]),
    ],
)
def test_text_in_unusual_places_is_read_once(page, said):
    assert [text for _, text, _ in blocks_of(page)] == said


@pytest.mark.parametrize("start", ["\u00b2", "9" * 5000])
def test_a_list_that_starts_at_no_number_is_counted_from_one(start):
    assert blocks_of(f"<ol start='{start}'><li>first</ol>") == [(0, "1. first", "")]


def test_only_the_main_part_of_a_page_is_read_where_there_is_one():
    page = "<body><div>Cookies?</div><main><p>The text.</p></main><div>Ads</div></body>"
    assert blocks_of(page) == [(0, "The text.", "")]


def test_navigation_that_never_ends_does_not_take_the_page_with_it():
    assert [text for _, text, _ in blocks_of("<body><nav>Home<p>All the text.")] == ["Home", "All the text."]


def test_a_page_says_its_own_encoding(tmp_path):
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Łódź'
    document = read_document(written(tmp_path / "a.html", page, "iso-8859-2"))
    assert document.text.strip() == "Łódź"
    assert document.notes == ()


@given(st.text(alphabet="<>/ abpuliotrdhnv1=\"'&;!-\n", max_size=200))
def test_no_markup_at_all_stops_the_reader(page):
    blocks_of(page)


def test_deep_nesting_is_read(tmp_path):
    assert blocks_of("<div><ul><li>" * 3000 + "deep")[-1][1].strip("- ") == "deep"


# ---- Word ----


def test_a_word_document_keeps_headings_lists_and_tables(tmp_path):
    path = write_docx(
        tmp_path / "a.docx",
        [
            paragraph("The ferry", "Heading1"),
            paragraph("It sails <daily> & is slow."),
            paragraph("Times", "Mine"),
            word_table([["Day", "Time"], ["Monday", "7:15"]]),
            paragraph("first", numbered=1),
            paragraph("second", numbered=1),
            paragraph("one", numbered=2),
            paragraph("two", numbered=2),
        ],
    )
    document = read_document(path)
    assert [section.path for section in document.sections] == [("The ferry",), ("The ferry", "Times")]
    assert document.sections[0].text == "# The ferry\n\nIt sails <daily> & is slow.\n\n"
    table = "| Day | Time |\n|---|---|\n| Monday | 7:15 |"
    assert document.sections[1].text == f"## Times\n\n{table}\n\n- first\n- second\n1. one\n2. two\n\n"


def test_what_was_deleted_is_not_read_and_what_was_inserted_is(tmp_path):
    from document_files import W

    deleted = "<w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t> new</w:t></w:r></w:ins>"
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator"><w:p/></w:footnote>'
    notes += f"<w:footnote>{paragraph('A note.')}</w:footnote></w:footnotes>"
    path = write_docx(tmp_path / "a.docx", [paragraph("Text", more=deleted)], footnotes=notes)
    assert text_of(path) == "Text new\n\n# Footnotes\n\nA note.\n\n"


def test_endnotes_and_rows_in_content_controls_are_read_and_hidden_text_is_not(tmp_path):
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> and shown</w:t></w:r>'
    table = word_table([["a", "b"], ["c", "d"]])
    table = table.replace("<w:tr>", "<w:sdt><w:sdtContent><w:tr>").replace(
        "</w:tr>", "</w:tr></w:sdtContent></w:sdt>"
    )
    notes = f'<w:endnotes xmlns:w="{W}"><w:endnote>{paragraph("At the end.")}</w:endnote></w:endnotes>'
    body = [paragraph("Said", more=hidden + shown), table]
    said = text_of(write_docx(tmp_path / "a.docx", body, endnotes=notes))
    assert "Said and shown" in said
    assert "secret" not in said
    assert "| a | b |" in said
    assert "| c | d |" in said
    assert "At the end." in said


def test_entities_are_refused_before_they_grow(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    path = write_docx(tmp_path / "a.docx", [paragraph("x")], footnotes=bomb)
    with pytest.raises(BrokenFileError, match="declares a document type"):
        read_document(path)


def test_a_part_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("datagen.documents.word_files.MOST_BYTES", 20_000)
    path = write_docx(tmp_path / "a.docx", [paragraph("long " * 10_000)])
    assert path.stat().st_size < 5_000
    with pytest.raises(BrokenFileError, match="unpacks to more than"):
        read_document(path)


# ---- PDF ----


def test_a_pdf_says_what_was_put_in(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", [wrapped(STORY)])
    document = read_document(path)
    assert document.text.strip() == STORY
    assert document.sections[0].place == "page 1"


def test_words_broken_at_the_end_of_a_line_are_joined_and_compounds_keep_their_hyphen(tmp_path):
    lines = ["The paraffin lamp was changed to elec-", "tricity, and a well-known and feared well-"]
    lines += ["known rule was kept through all of this", "The end comes with a line that is as long."]
    text = text_of(write_pdf(tmp_path / "a.pdf", [lines]))
    assert "changed to electricity, and a well-known and feared well-known rule" in text


def test_running_heads_and_page_numbers_are_dropped_and_sentences_go_on_over_the_page(tmp_path):
    half = len(STORY) // 2
    cut = STORY.index(" ", half)
    pages = [wrapped(STORY[:cut]), wrapped(STORY[cut + 1 :]), ["Chapter 2", "Another page."], ["The last."]]
    framed = [[f"Handbook {n}", *lines, f"- {n} -"] for n, lines in enumerate(pages, 1)]
    document = read_document(write_pdf(tmp_path / "a.pdf", framed))
    assert document.text.startswith(STORY)
    assert "Handbook" not in document.text
    assert "- 3 -" not in document.text
    assert "Chapter 2\nAnother page." in document.text
    assert [section.place for section in document.sections] == ["page 1", "page 2", "page 3", "page 4"]


@pytest.mark.parametrize(
    "page",
    [
        ["Exercise {0}", "A train goes {1} km in {0} hours.", "Solution: {0} km/h"],
        ["{1} 4.{0} {0}", "{1} 17.{0} {1}", "{0} {1} {1}"],
    ],
)
def test_lines_that_differ_in_their_numbers_are_no_running_heads(page):
    pages = [[line.format(n, 12 * n) for line in page] for n in range(1, 6)]
    assert without_running_heads(pages) == pages
    numbered = [[f"{n + 16} Handbook", *lines, f"{n + 16}"] for n, lines in enumerate(pages)]
    assert without_running_heads(numbered) == pages


def test_bookmarks_are_headings_where_their_titles_stand(tmp_path):
    pages = [["The tower", *wrapped(STORY), "The lamp", "It burns oil."], ["It is bright."]]
    document = read_document(write_pdf(tmp_path / "a.pdf", pages, [("The tower", 0), ("The lamp", 0)]))
    assert [(section.path, section.place) for section in document.sections] == [
        (("The tower",), "page 1"),
        (("The lamp",), "page 1"),
        (("The lamp",), "page 2"),
    ]
    assert document.sections[1].text.startswith("# The lamp\n\nIt burns oil.")


def test_a_pdf_of_pictures_is_one_sentence_with_the_mend(tmp_path):
    path = write_pdf(tmp_path / "scan.pdf", [[], []], picture=True)
    with pytest.raises(BrokenFileError) as error:
        read_document(path)
    assert str(error.value) == (
        f"{path}: its 2 pages hold pictures and no text; run text recognition over it first, e.g. ocrmypdf"
    )


def test_a_locked_pdf_is_one_sentence_and_one_without_a_password_is_read(tmp_path):
    from pypdf import PdfWriter

    source = write_pdf(tmp_path / "a.pdf", [["Open to all."]])
    for name, password in {"locked": "secret", "open": ""}.items():
        writer = PdfWriter(clone_from=source)
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
        writer.write(tmp_path / f"{name}.pdf")
    with pytest.raises(
        BrokenFileError, match=r"locked.pdf: is encrypted and asks for a password; save a copy"
    ):
        read_document(tmp_path / "locked.pdf")
    assert text_of(tmp_path / "open.pdf").strip() == "Open to all."


def test_pages_without_text_are_noted(tmp_path):
    document = read_document(write_pdf(tmp_path / "a.pdf", [["Some text."], []]))
    assert document.notes == ("1 of its 2 pages have no text",)


# ---- damage ----


def read_or_refused(path: Path) -> str:
    """The text of a file, or the sentence that says why there is none."""
    try:
        return read_document(path).text
    except BrokenFileError as error:
        return str(error) if error.mend and str(error).startswith(f"{path}: ") else ""


@pytest.mark.parametrize("name", ["handbook.pdf", "ferry.docx"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_part_of_a_file_is_read_or_is_a_sentence_with_a_mend(tmp_path, name, share):
    data = (SAMPLES / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(share * len(data))])
    assert read_or_refused(tmp_path / name)


@pytest.mark.parametrize("name", ["handbook.pdf", "ferry.docx"])
def test_spoilt_bytes_are_read_or_are_a_sentence_with_a_mend(tmp_path, name):
    data = (SAMPLES / name).read_bytes()
    for place in range(0, len(data), len(data) // 60):
        (tmp_path / name).write_bytes(data[:place] + b"\xff\x00>" + data[place + 3 :])
        assert read_or_refused(tmp_path / name), place


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"\x00\x01\x02", "is not text but binary data; save it as UTF-8 text"),
        ("a.txt", b" \n\n ", "has no text; take it away"),
        ("a.txt", codecs.BOM_UTF8 + b"\xff", "begins as utf-8 and is not"),
        ("a.pdf", b"hello", "is no PDF, or a damaged one"),
        ("a.docx", b"hello", "is no Word document, or a damaged one"),
        ("a.html", b"<nav>Home</nav>", "has no text"),
    ],
)
def test_what_is_broken_is_one_sentence(tmp_path, name, data, told):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BrokenFileError) as error:
        read_document(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: {told}")


def test_a_zip_file_that_is_no_word_document_is_said(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(BrokenFileError, match="is a ZIP file, but no Word document"):
        read_document(tmp_path / "a.docx")


# ---- folders ----


def test_a_folder_is_walked_in_order_without_what_is_hidden(tmp_path):
    for name in (
        "b.txt",
        "a/z.md",
        "a/y.txt",
        ".hidden/x.txt",
        ".x.txt",
        "~$lock.docx",
        "p.png",
        "q.png",
        "r",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"Text of {name}.")
    (tmp_path / "c.txt").write_text("Text of b.txt.")
    reading = read_documents([tmp_path])
    assert [document.name for document in reading.documents] == ["a/y.txt", "a/z.md", "b.txt"]
    assert list(reading.notes()) == [
        "3 files of other types left out (.png: 2, no suffix: 1)",
        "1 copies of files already read left out (c.txt)",
    ]


def test_broken_files_stop_the_reading_or_are_left_out_by_name(tmp_path):
    (tmp_path / "a.txt").write_text("Good.")
    (tmp_path / "b.pdf").write_bytes(b"bad")
    with pytest.raises(UserError, match=r"b.pdf: is no PDF.*, or give --skip-broken"):
        read_documents([tmp_path])
    reading = read_documents([tmp_path], skip_broken=True)
    assert [document.name for document in reading.documents] == ["a.txt"]
    assert [note.split(":")[0] for note in reading.notes()] == ["left out"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.txt", "no such file or folder"),
        ("a.pfd", "unknown type of document '.pfd'; did you mean '.pdf'?"),
        ("a.doc", "files of type .doc are not read; save it as .docx"),
        ("empty", "no documents (the folder has no files); give files of these types: .txt, "),
    ],
)
def test_what_cannot_be_read_at_all_is_one_sentence(tmp_path, name, told):
    (tmp_path / "empty").mkdir()
    if name.startswith("a."):
        (tmp_path / name).write_text("x")
    with pytest.raises(UserError) as error:
        read_documents([tmp_path / name])
    assert str(error.value).startswith(f"{tmp_path / name}: {told}")


# ---- the samples ----

FACTS = {
    "handbook.pdf": [
        "built in 1874 by the engineer Agnes Thorne",
        "The walls at the foot are two metres thick",
        "to electricity in 1958",
        "the spare one swings into its place within ten seconds",
        "* Test the fog signal on the first Monday of each month.",
        "The cistern holds 9,000 litres of rain water",
    ],
    "ferry.docx": ["carries 96 passengers", "| Saturday | 9:00 | 17:00 |", "2. Dogs travel free, on a lead."],
    "harbour.html": ["There are fourteen places", "| over 12 m | €32 | €20 |", "- Keep the red light"],
    "bees.md": [
        "Ines Rowan brought the first\ncolony over in 1998",
        "| Heather | August to September | grey |",
    ],
    "letter.txt": ["Zoé Lefèvre, opened it in\n1931", "two spoons – the truth", "Émile Lefèvre"],
}


@pytest.fixture(scope="module")
def samples() -> dict[str, Document]:
    return {document.name: document for document in read_documents([SAMPLES]).documents}


@pytest.mark.parametrize("name", FACTS)
def test_the_facts_of_a_sample_are_found_word_for_word(samples, name):
    for fact in FACTS[name]:
        assert fact in samples[name].text


def test_what_surrounds_the_samples_is_not_their_text(samples):
    for noise in (
        "Keeper's handbook",
        "Page 2",
        "Cookies",
        "Contact",
        "All rights",
        "title:",
        "window.visits",
    ):
        assert not any(noise in document.text for document in samples.values()), noise
