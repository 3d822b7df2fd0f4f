"""What the parity gate asks both sides: texts that tokenizers stumble over, and conversations to render.

Only the material; comparing is for `parity.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

Message = dict[str, str]

CONVERSATIONS: tuple[list[Message], ...] = (
    [{"role": "user", "content": "What is 17 + 25?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  two\n\nlines  \n"}],
    [
        {"role": "user", "content": "Wie heißt das? 你好 🎉 {{ not_a_variable }}"},
        {"role": "assistant", "content": "<think>\nlet me see\n</think>\n\nIt's $\\frac{1}{2}$."},
        {"role": "user", "content": "Are you sure?"},
    ],
)

AWKWARD_TEXTS = (
    "0 7 42 365 1984 65536 3.14159 1,234,567 12:34 2026-11-23 0x1F 1e-9",
    "It's they're we've I'm you'll he'd DON'T CAN'T o'clock 'tis rock'n'roll it’s",
    "two  three   four    spaces, a tab\there, trailing   ",
    "   leading, \t\t mixed \t white \n \n  space\n\n\n\nlines\n",
    "carriage\r\nreturns\r\n\r\nand\rold\n\rones\r",
    "no-break\u00a0space, ideographic\u3000space, thin\u2009space, line\u2028separator, \u0085 \ufeff",
    "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    " ".join(map(chr, range(0x20))),
    "".join(map(chr, range(0x20, 0x180))),
    "你好，世界！今天天气很好。 日本語のテキスト、カタカナ。 한국어 텍스트 123개",
    "😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇫🇷 ☃️ a😀b 1😀2",
    "Привет, мир! Γειά σου Κόσμε! שלום עולם مرحبا بالعالم नमस्ते दुनिया สวัสดี",
    "e\u0301 = é? ﬁ ① ² ½ Ⅷ ٣٤٥ १२३ 𝟘𝟙 ℵ₀ ∀x∈ℝ: x²≥0 ⇒ √x ≤ ∞",
    "def f(x):\n\treturn {\"a\": [1, 2.5], 'b': x**2} # note\n\n    if x != 0 and y >= 10: pass",
    "https://example.org/a_b/c-d?e=f&g=%20#h user@example.org C:\\Users\\x ../.. ~/.config",
    "<b>bold</b> &amp; <|not_special|> <|im_ end|> <think <<think>> [INST] [PAD3] <s></s>",
    "!!!??? ... --- *** ___ ((())) [[]] {{}} $$$ ### @@@ \\\\ // ~~ `` \"\" ''",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ababababab AAAAaaaa CamelCaseWord snake_case_word x1y2z3",
    "$\\boxed{-\\frac{22}{7}}$ \\(a^2+b^2=c^2\\) 7+5=12;3+4+1=08 -> 082",
    "",
    " ",
    "\n",
    "1",
)
"""Where two tokenizers that agree on plain English part: digits, contractions, white space, other scripts."""


def generated_texts(tokenizer: Any, count: int = 40) -> Iterator[str]:
    """Awkward texts with the tokenizer's own special tokens strewn in, with and without spaces around."""
    special = [str(token) for token in tokenizer.added_tokens_decoder.values()] or [""]
    pieces = [piece for text in AWKWARD_TEXTS for piece in text.split(" ")]
    draw = random.Random(0)
    yield "".join(special)
    yield " ".join(special)
    for _ in range(count):
        chosen = [draw.choice(special) if draw.random() < 0.2 else draw.choice(pieces) for _ in range(12)]
        yield "".join(piece + draw.choice(("", "", " ", "  ", "\n")) for piece in chosen)


def probe_prompts(tokenizer: Any, length: int) -> Iterator[tuple[int, ...]]:
    """Token ids to compare logits on: a conversation, awkward text, ids drawn from the whole vocabulary."""
    chat = tokenizer.apply_chat_template(CONVERSATIONS[0], tokenize=False, add_generation_prompt=True)
    for text in (chat, " ".join(AWKWARD_TEXTS)):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        yield tuple((ids * (length // len(ids) + 1))[:length])
    draw = random.Random(0)
    for _ in range(2):
        yield tuple(draw.randrange(len(tokenizer)) for _ in range(length))
