"""The prompts of recipes: read from Markdown, filled strictly, overridden in part."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.recipes.wording import Wording, recipes, wording
from schemas import UserError

OURS = """# ask
For readers only.

## system
You write {{ kind }}.
# Not a prompt: two words

## user
{{ instruction }}

# judge

## user
Which of {{ left }} and {{ right }}?
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "letters.md").write_text(OURS)
    monkeypatch.setattr("datagen.recipes.wording.FOLDER", tmp_path)
    return tmp_path


def test_a_prompt_is_filled_and_braces_in_what_is_filled_in_are_text(folder: Path) -> None:
    messages = wording("letters").messages("ask", kind="poems", instruction='{"a": {{ b }} {% x %}}')
    assert messages == (
        {"role": "system", "content": "You write poems.\n# Not a prompt: two words"},
        {"role": "user", "content": '{"a": {{ b }} {% x %}}'},
    )


def test_a_turn_that_is_empty_is_left_out(folder: Path) -> None:
    (folder / "letters.md").write_text(
        "# ask\n## system\n{% if tone %}Be {{ tone }}.{% endif %}\n## user\nHi"
    )
    assert [turn["role"] for turn in wording("letters").messages("ask", tone="")] == ["user"]


def test_own_prompts_replace_those_of_the_same_name_and_the_others_stay(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("# judge\n## user\n{{ left }} or {{ right }}?\n")
    found = wording("letters", own)
    assert found.text("judge", left="A", right="B") == "A or B?"
    assert found.text("ask", kind="odes", instruction="x").startswith("You write odes.")
    assert found != wording("letters")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# jugde\n## user\nx\n", "unknown prompt 'jugde'"),
        ("# judge\n", "prompt 'judge' has no turn"),
        ("hello\n", "no prompt in this file"),
        ("## user\nx\n", "own.md:1: a turn before any prompt"),
        ("# judge\n## user\nx\n# judge\n## user\ny\n", "own.md:4: prompt 'judge' comes a second time"),
        ("# judge\n## user\n{{ left\n", "is no template"),
    ],
)
def test_a_file_that_is_no_wording_is_one_sentence(
    folder: Path, tmp_path: Path, text: str, told: str
) -> None:
    own = tmp_path / "own.md"
    own.write_text(text)
    with pytest.raises(UserError) as error:
        wording("letters", own)
    assert told in str(error.value)


def test_a_name_that_the_recipe_does_not_give_is_an_error_that_lists_those_it_gives(folder: Path) -> None:
    found = Wording("letters", {"judge": (("user", "{{ middle }}"),)})
    with pytest.raises(UserError, match="it may use: left, right"):
        found.messages("judge", left="a", right="b")


def test_a_template_reaches_nothing_but_its_values(folder: Path) -> None:
    found = Wording("letters", {"judge": (("user", "{{ left.__class__.__mro__ }}"),)})
    with pytest.raises(UserError, match=r"cannot be filled in|uses what there is not"):
        found.messages("judge", left="a")


@pytest.mark.parametrize("recipe", recipes())
def test_every_recipe_s_prompts_can_be_read(recipe: str) -> None:
    assert wording(recipe).prompts
