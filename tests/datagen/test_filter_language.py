"""Which language: told apart in sentences, not claimed of code and sums, and the filter by it."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pytest

from datagen.filters import language
from datagen.filters.language import Language, check_languages, language_of
from datagen.problems import families, generate, instruction_row
from schemas import UserError

SENTENCES = {
    "en": "She bought three loaves of bread at the market and gave one of them to her neighbour.",
    "de": "Sie hat auf dem Markt drei Brote gekauft und eines davon ihrer Nachbarin geschenkt.",
    "fr": "Elle a acheté trois pains au marché et en a donné un à sa voisine.",
    "es": "Compró tres panes en el mercado y le dio uno a su vecina.",
    "it": "Ha comprato tre pagnotte al mercato e ne ha data una alla vicina di casa.",
    "pt": "Ela comprou três pães no mercado e deu um deles à sua vizinha.",
    "nl": "Ze kocht drie broden op de markt en gaf er een aan haar buurvrouw.",
    "sv": "Hon köpte tre bröd på torget och gav ett av dem till sin granne.",
    "pl": "Kupiła na targu trzy chleby i dała jeden z nich swojej sąsiadce.",
    "cs": "Koupila na trhu tři chleby a jeden z nich dala své sousedce.",
    "tr": "Pazardan üç ekmek aldı ve birini komşusuna verdi.",
    "fi": "Hän osti torilta kolme leipää ja antoi yhden niistä naapurilleen.",
    "hu": "Három kenyeret vett a piacon, és az egyiket a szomszédjának adta.",
    "ro": "A cumpărat trei pâini din piață și i-a dat una vecinei sale.",
    "vi": "Cô ấy đã mua ba ổ bánh mì ở chợ và cho hàng xóm một ổ.",
    "id": "Dia membeli tiga roti di pasar dan memberikan satu kepada tetangganya.",
    "ru": "Она купила на рынке три буханки хлеба и отдала одну соседке.",
    "uk": "Вона купила на ринку три буханці хліба і віддала одну сусідці.",
    "el": "Αγόρασε τρία ψωμιά από την αγορά και έδωσε το ένα στη γειτόνισσά της.",
    "ar": "اشترت ثلاثة أرغفة من السوق وأعطت واحدا منها لجارتها.",
    "he": "היא קנתה שלוש כיכרות לחם בשוק ונתנה אחת מהן לשכנה שלה.",
    "hi": "उसने बाज़ार से तीन रोटियाँ खरीदीं और एक अपनी पड़ोसन को दे दी।",
    "zh": "她在市场上买了三个面包，把其中一个送给了邻居。",
    "ja": "彼女は市場でパンを三つ買って、一つを隣の人にあげました。",
    "ko": "그녀는 시장에서 빵 세 개를 사서 하나를 이웃에게 주었습니다.",
    "th": "เธอซื้อขนมปังสามก้อนที่ตลาดและให้เพื่อนบ้านหนึ่งก้อน",
}


def row(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


@pytest.mark.parametrize(("name", "text"), SENTENCES.items(), ids=[*SENTENCES])
def test_a_sentence_is_known_for_its_language(name: str, text: str) -> None:
    guess = language_of(text)
    assert guess.language == name
    assert guess.words >= 6


@pytest.mark.parametrize(("name", "text"), SENTENCES.items(), ids=[*SENTENCES])
def test_a_sentence_is_kept_where_its_language_is_allowed_and_only_there(name: str, text: str) -> None:
    twice = f"{text} {text}"
    assert Language(allowed=(name,))({"text": twice}) is True
    other = "de" if name == "en" else "en"
    assert Language(allowed=(other,), min_confidence=0.5)({"text": twice}) == (False, f"language: {name}")


def test_english_problems_and_their_solutions_are_kept() -> None:
    looks = Language()
    rows = [instruction_row(problem) for problem in generate([*families()], [1, 2, 3, 4, 5], 600, seed=5)]
    assert [one["messages"] for one in rows if looks(one) is not True] == []


@pytest.mark.parametrize(
    "text",
    [
        "x = 12",
        "42",
        "Hola",
        "Wie bitte?",
        "```python\ndef wie_geht_es(): pass\n```",
        "$\\alpha + \\beta$ und $\\gamma$",
        "",
    ],
)
def test_what_is_too_short_to_tell_is_kept(text: str) -> None:
    assert Language(min_words=6)(row("?", text)) is True


def test_question_and_answer_are_judged_apart() -> None:
    english, german = SENTENCES["en"], SENTENCES["de"]
    assert Language()(row(english, german)) == (False, "language: de")
    assert Language()(row(german, english)) == (False, "language: de")
    assert Language(allowed=("en", "de"))(row(english, german)) is True
    assert Language(texts="question")(row(english, german)) is True


def test_languages_written_alike_stand_for_each_other() -> None:
    bokmaal = "Hun kjøpte tre brød på torget og ga et av dem til naboen sin i går."
    assert Language(allowed=("da",), min_confidence=0.1)({"text": bokmaal}) is True


def test_an_unknown_language_names_the_known() -> None:
    with pytest.raises(UserError, match="unknown language 'english'"):
        check_languages(("english",))
    with pytest.raises(UserError, match="no language is allowed"):
        check_languages(())


@pytest.fixture
def without_py3langid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ours = builtins.__import__

    def refusing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("py3langid"):
            raise ImportError(name)
        return ours(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    language._identifier.cache_clear()
    yield
    language._identifier.cache_clear()


@pytest.mark.usefixtures("without_py3langid")
def test_without_the_library_it_says_what_to_install() -> None:
    with pytest.raises(UserError, match=r"pip install 'homegrown-llm\[languages\]'"):
        language_of(SENTENCES["en"])
