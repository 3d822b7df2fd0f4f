"""Which script a letter belongs to, and the scripts a language is written in. Deterministic: no guessing.

A script is no language: English, French and Vietnamese share one. What a response is *not* written in can
be told for certain, and that is all `language:script` claims.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

#: Words in every script that a listed language uses, to make texts of.
SAMPLES: dict[str, tuple[str, ...]] = {
    "LATIN": ("river", "stone", "garden", "light", "winter", "road"),
    "CYRILLIC": ("река", "камень", "сад", "свет", "зима", "дорога"),
    "GREEK": ("ποτάμι", "πέτρα", "κήπος", "φως", "δρόμος"),
    "ARABIC": ("نهر", "حجر", "بستان", "نور", "طريق"),
    "HEBREW": ("נהר", "אבן", "גן", "אור", "דרך"),
    "DEVANAGARI": ("नदी", "पत्थर", "बगीचा", "प्रकाश", "रास्ता"),
    "BENGALI": ("নদী", "পাথর", "বাগান", "আলো", "পথ"),
    "GURMUKHI": ("ਨਦੀ", "ਪੱਥਰ", "ਬਾਗ", "ਰਾਹ"),
    "GUJARATI": ("નદી", "પથ્થર", "બાગ", "રસ્તો"),
    "TAMIL": ("நதி", "கல்", "தோட்டம்", "ஒளி", "சாலை"),
    "TELUGU": ("నది", "రాయి", "తోట", "వెలుగు"),
    "KANNADA": ("ನದಿ", "ಕಲ್ಲು", "ತೋಟ", "ಬೆಳಕು"),
    "MALAYALAM": ("നദി", "കല്ല്", "തോട്ടം", "വെളിച്ചം"),
    "SINHALA": ("ගඟ", "ගල", "වත්ත", "ආලෝකය"),
    "THAI": ("แม่น้ำ", "หิน", "สวน", "แสง", "ถนน"),
    "LAO": ("ແມ່ນ້ຳ", "ຫີນ", "ສວນ", "ແສງ"),
    "KHMER": ("ទន្លេ", "ថ្ម", "សួន", "ពន្លឺ"),
    "MYANMAR": ("မြစ်", "ကျောက်", "ဥယျာဉ်", "အလင်း"),
    "GEORGIAN": ("მდინარე", "ქვა", "ბაღი", "გზა"),
    "ARMENIAN": ("գետ", "քար", "այգի", "լույս"),
    "ETHIOPIC": ("ወንዝ", "ድንጋይ", "ብርሃን", "መንገድ"),
    "HANGUL": ("강물", "돌", "정원", "빛", "겨울", "길"),
    "CJK": ("河流", "石头", "花园", "光", "冬天", "道路"),
    "HIRAGANA": ("かわ", "いし", "にわ", "ひかり", "みち"),
    "KATAKANA": ("カメラ", "テーブル", "ホテル"),
}

_LATIN = (
    "en English|fr French|de German|es Spanish|it Italian|pt Portuguese|nl Dutch|sv Swedish|da Danish"
    "|no Norwegian|fi Finnish|pl Polish|cs Czech|sk Slovak|hu Hungarian|ro Romanian|hr Croatian|sl Slovenian"
    "|tr Turkish|vi Vietnamese|id Indonesian|ms Malay|tl Tagalog|sw Swahili|so Somali|af Afrikaans"
    "|sq Albanian|ca Catalan|cy Welsh|et Estonian|lv Latvian|lt Lithuanian|eu Basque|gl Galician"
    "|la Latin|eo Esperanto"
)
_OTHERS = (
    "ru Russian CYRILLIC|uk Ukrainian CYRILLIC|bg Bulgarian CYRILLIC|mk Macedonian CYRILLIC"
    "|kk Kazakh CYRILLIC|be Belarusian CYRILLIC|mn Mongolian CYRILLIC|sr Serbian CYRILLIC LATIN"
    "|el Greek GREEK|ar Arabic ARABIC|fa Persian ARABIC|ur Urdu ARABIC|he Hebrew HEBREW|yi Yiddish HEBREW"
    "|hi Hindi DEVANAGARI|mr Marathi DEVANAGARI|ne Nepali DEVANAGARI|sa Sanskrit DEVANAGARI"
    "|bn Bengali BENGALI|as Assamese BENGALI|pa Punjabi GURMUKHI|gu Gujarati GUJARATI|ta Tamil TAMIL"
    "|te Telugu TELUGU|kn Kannada KANNADA|ml Malayalam MALAYALAM|si Sinhala SINHALA|th Thai THAI|lo Lao LAO"
    "|km Khmer KHMER|my Burmese MYANMAR|ka Georgian GEORGIAN|hy Armenian ARMENIAN|am Amharic ETHIOPIC"
    "|ko Korean HANGUL|zh Chinese CJK|zh-cn Chinese CJK|zh-tw Chinese CJK|ja Japanese HIRAGANA KATAKANA CJK"
)
#: ISO 639-1 code -> the language's name and the scripts it is written in.
LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    **{code: (name, ("LATIN",)) for code, name in (each.split() for each in _LATIN.split("|"))},
    **{code: (name, tuple(of)) for code, name, *of in (each.split() for each in _OTHERS.split("|"))},
}
#: Scripts of which one must occur, where the others are another language's too: Japanese has kana.
NEEDED: dict[str, frozenset[str]] = {"ja": frozenset({"HIRAGANA", "KATAKANA"})}


#: Scripts with small and capital letters in common use.
CASED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")


@lru_cache(maxsize=64)
def letters_of(scripts: tuple[str, ...]) -> tuple[str, ...]:
    """Letters of these scripts, small and capital: those of the samples, and all of English."""
    found = "".join(word for each in scripts for word in SAMPLES[each])
    found += "abcdefghijklmnopqrstuvwxyz" if "LATIN" in scripts else ""
    return tuple(sorted({case for sign in found if sign.isalpha() for case in (sign, sign.upper())}))


@lru_cache(maxsize=1 << 16)
def script(letter: str) -> str | None:
    """The script of a letter, such as `LATIN`; None for what is no letter or belongs to no script."""
    if not letter.isalpha():
        return None
    name = unicodedata.name(unicodedata.normalize("NFKC", letter)[0], "")
    first = name.split(" ", 1)[0].split("-", 1)[0]
    return None if first in ("", "MODIFIER", "FEMININE", "MASCULINE", "MATHEMATICAL") else first


def letters_by_script(text: str) -> Counter[str]:
    """How many letters of each script a text has. Vowel signs and digits are no letters."""
    found: Counter[str] = Counter()
    for letter, count in Counter(text).items():
        if (of := script(letter)) is not None:
            found[of] += count
    return found


def share_of(text: str, scripts: Iterable[str]) -> float:
    """The share of the letters that belong to these scripts; 0 for a text without letters."""
    found = letters_by_script(text)
    total = sum(found.values())
    return sum(found[each] for each in scripts) / total if total else 0.0
