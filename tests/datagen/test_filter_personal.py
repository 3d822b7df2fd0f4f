"""Personal data: found where it is planted, masked alike everywhere, and never seen in mathematics."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.filters.personal import Mask, Personal, check_kinds, masked_row, masked_text
from datagen.filters.personal_finders import FINDERS, IBAN_LENGTHS, USUAL, found_in, luhn
from datagen.problems import families, generate
from schemas import UserError

SENTENCES = (
    "Please contact {} before Friday.",
    "My details: {}",
    "I wrote it down somewhere: {}, I think.",
    "The customer gave us {} and then hung up.",
    "{} is what the form said.",
    "She sent it ({}) to the whole office.",
    'He typed "{}" into the chat.',
    "- entry: {}\n- status: open",
)
PHONE_SENTENCES = (
    "Call me on {} after six.",
    "Phone: {}",
    "My number is {}.",
    "You can reach us at {}, day or night.",
)


def person(rng: random.Random) -> str:
    first, last = (
        rng.choice(["ann", "bob", "chen", "dora", "émile"]),
        rng.choice(["lee", "o'neil", "smith-jones", "wu"]),
    )
    return rng.choice(["{0}.{1}", "{0}{1}", "{0}_{1}", "{0}+news", "{0}.{1}99"]).format(first, last)


def email(rng: random.Random) -> str:
    hosts = ["example.org", "mail.example.co.uk", "uni-köln.de", "a1.io", "big-shop.com"]
    return f"{person(rng)}@{rng.choice(hosts)}"


def digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randrange(10)) for _ in range(count))


def filled(rng: random.Random, shape: str) -> str:
    """`N` is a digit from 2 to 9, `X` any digit."""
    return "".join(
        str(rng.randrange(2, 10)) if sign == "N" else digits(rng, 1) if sign == "X" else sign
        for sign in shape
    )


PHONES = (
    *(
        "+1 NXX-NXX-XXXX",
        "+1 (NXX) NXX-XXXX",
        "(NXX) NXX-XXXX",
        "NXX-NXX-XXXX",
        "NXX.NXX.XXXX",
        "+1NXXNXXXXXX",
    ),
    *(
        "+44 20 NXXX XXXX",
        "+44 7NXX XXXXXX",
        "020 NXXX XXXX",
        "07NXX XXXXXX",
        "+49 30 NXXXXXX",
        "+49 (0)30 NXX XXX",
    ),
    *(
        "030/NXXXXXX",
        "0171 NXXXXXX",
        "+33 6 NX XX XX XX",
        "06 NX XX XX XX",
        "01.NX.XX.XX.XX",
        "+34 6NX XXX XXX",
    ),
    *(
        "+39 06 NXXX XXXX",
        "+55 11 9NXXX-XXXX",
        "+91 9NXXX XXXXX",
        "+81 3-NXXX-XXXX",
        "0044 20 NXXX XXXX",
        "+86 13NX XXXX XXXX",
    ),
)


def phone(rng: random.Random) -> str:
    return filled(rng, rng.choice(PHONES))


def card(rng: random.Random) -> str:
    prefix, groups = rng.choice(
        [("4", (4, 4, 4, 4)), ("53", (4, 4, 4, 4)), ("37", (4, 6, 5)), ("6011", (4, 4, 4, 4))]
    )
    body = prefix + digits(rng, sum(groups) - len(prefix) - 1)
    number = next(body + str(last) for last in range(10) if luhn(body + str(last)))
    separator = rng.choice([" ", "-"])
    parts, place = [], 0
    for size in groups:
        parts.append(number[place : place + size])
        place += size
    return separator.join(parts)


def iban(rng: random.Random) -> str:
    country = rng.choice([*IBAN_LENGTHS])
    body = digits(rng, IBAN_LENGTHS[country] - 4)
    # The check digits of ISO 13616: 98 less the remainder of the number with the check digits 00.
    spelt = "".join(str(int(sign, 36)) for sign in f"{body}{country}00")
    number = f"{country}{98 - int(spelt) % 97:02d}{body}"
    spaced = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    return rng.choice([number, spaced])


def ssn(rng: random.Random) -> str:
    area = rng.choice([area for area in range(1, 900) if area != 666])
    return f"{area:03d}-{rng.randrange(1, 100):02d}-{rng.randrange(1, 10000):04d}"


def ip(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return ".".join(
            str(part) for part in (rng.choice([8, 23, 52, 91, 145, 185]), *rng.choices(range(1, 255), k=3))
        )
    return rng.choice(["2a00:1450:4001:81b::{:x}", "2606:4700:4700::{:x}", "2620:fe:0:1:2:3:4:{:x}"]).format(
        rng.randrange(1, 65536)
    )


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(count))


def key(rng: random.Random) -> str:
    return rng.choice(
        [
            "sk-" + letters(rng, 48),
            "sk-ant-api03-" + letters(rng, 40),
            "ghp_" + letters(rng, 36),
            "AKIA" + letters(rng, 16).upper(),
            "xoxb-" + "-".join([digits(rng, 11), letters(rng, 24)]),
            "AIza" + letters(rng, 35),
            "hf_" + letters(rng, 34),
            "glpat-" + letters(rng, 20),
            "eyJ" + letters(rng, 20) + ".eyJ" + letters(rng, 40) + "." + letters(rng, 43),
            f"-----BEGIN RSA PRIVATE KEY-----\n{letters(rng, 64)}\n{letters(rng, 64)}\n-----END RSA "
            f"PRIVATE KEY-----",
        ]
    )


def credentials(rng: random.Random) -> str:
    return f"https://{person(rng)}:{letters(rng, 10)}@db.example.com/main"


PLANTS = {
    "email": email,
    "phone": phone,
    "card": card,
    "iban": iban,
    "ssn": ssn,
    "ip": ip,
    "key": key,
    "credentials": credentials,
}
EACH = 100

INNOCENT = (
    "Order 4512-8834 shipped on 2024-03-15 at 10:30:45 for $1,234.56.",
    "Version 10.4.2.1 of the driver fixes it; see section 3.1.2.4 for more.",
    "The server listens on 127.0.0.1 and 192.168.0.12, port 8080.",
    "Compute 555 - 123 - 4567 and then 800-200-1000 = -400.",
    "ISBN 978-3-16-148410-0 is a book, and 10.1000/182 a DOI.",
    "x = 4111111111111111 * 3",
    "The pattern std::vector<int> and a[1:2:3] are code; so is 12:34:56:78.",
    "Use @property above def name(self), and @app.route('/x').",
    "Coordinates: 52.5200 N, 13.4050 E. Population 3 645 000 in 2019-2020.",
    "The matrix rows are 1234 5678 and 8765 4321.",
    "pi is about 3.14159265358979, and 1/7 is 0.142857142857.",
    "In 1999-2001 it grew from 1 000 000 to 2 500 000 units.",
    "The hash is d41d8cd98f00b204e9800998ecf8427e and the commit 1016717.",
    "tel aviv is a city; the cell has 46 chromosomes.",
    "Bits: 0101 1010 1111 0000, octal 0755 0644, hex 0xDEADBEEF.",
    "Scores: 21-15, 18-21, 21-19. Dial it down to 11 please.",
    "Call f(1234567) twice and contact the kernel with 3 to 5 retries.",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "The tracking number is 1Z 999 AA1 01 2345 6784.",
    "Set api_key = YOUR_API_KEY_GOES_HERE and password = os.environ['PASSWORD'].",
    "The token is split into tokenization_of_long_words by the tokenizer.",
    "sk-learn is scikit-learn; sk-short is nothing.",
    "Roll 3d6+4, then 2d10; the odds are 1:216:36.",
    "phone numbers have 7 to 15 digits; an SSN has the form AAA-GG-SSSS",
    "SSNs never begin with 000-12-3456 or 666-12-3456 or 912-34-5678.",
    "DE00 0000 0000 0000 0000 00 is no IBAN, GB82 WEST 1234 5698 7654 33 neither.",
    "4111 1111 1111 1112 has a wrong check digit.",
    "What number is 12345678901 mod 7? The number is 1234567890.",
    "Compute 0123 456 789.",
    "Call a::b and f::dead::beef of the library.",
    "The gradient is A@B.T.dot and X@weights.transpose(1, 0).",
    "api_key = get_secret_key_v2_from_env()",
)


def planted(kind: str, count: int) -> list[tuple[str, str]]:
    rng = random.Random(kind)
    made = []
    for _ in range(count):
        value = PLANTS[kind](rng)
        sentence = rng.choice(SENTENCES + PHONE_SENTENCES * (kind == "phone"))
        made.append((sentence.format(value), value))
    return made


@pytest.mark.parametrize("kind", PLANTS)
def test_nearly_all_that_is_planted_is_found_as_what_it_is(kind: str) -> None:
    missed = []
    for text, value in planted(kind, EACH):
        found = [one for one in found_in(text) if one.kind == kind]
        covered = "".join(text[one.start : one.end] for one in found)
        wanted = value.split("://")[1].split("@")[0] if kind == "credentials" else value
        if wanted not in covered and covered not in (wanted,):
            missed.append((text, found))
    assert len(missed) <= EACH // 50, missed


def test_of_what_is_planted_in_prose_nothing_else_is_masked() -> None:
    total = right = 0
    for kind in PLANTS:
        for text, value in planted(kind, EACH):
            for one in found_in(text):
                total += 1
                at = text.index(value)
                right += at <= one.start and one.end <= at + len(value)
    assert total >= 500
    assert right / total > 0.99


@pytest.mark.parametrize("text", INNOCENT)
def test_look_alikes_are_let_be(text: str) -> None:
    assert found_in(text) == []


def test_mathematics_survives() -> None:
    names = [*families()]
    rows = [row for seed in range(3) for row in generate(names, [1, 2, 3, 4, 5], 1500, seed=seed)]
    touched = [row["id"] for row in rows if masked_row(row, tuple(FINDERS))[1]]
    assert len(rows) == 4500
    assert touched == []


@given(st.lists(st.sampled_from([*PLANTS]), max_size=4), st.integers(0, 10_000), st.booleans())
def test_what_is_masked_has_nothing_more_to_mask(kinds: list[str], seed: int, numbered: bool) -> None:
    rng = random.Random(seed)
    text = " ".join(rng.choice(SENTENCES).format(PLANTS[kind](rng)) for kind in kinds)
    once, _ = masked_row({"text": text}, numbered=numbered)
    assert masked_row(once, numbered=numbered) == (once, {})


@given(st.text(max_size=300))
def test_places_do_not_overlap_and_lie_in_the_text(text: str) -> None:
    found = found_in(text, tuple(FINDERS))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


def test_numbers_say_which_values_are_the_same() -> None:
    row: dict[str, Any] = {
        "messages": [
            {"role": "user", "content": "Is it ann@example.org or bob@example.org?"},
            {"role": "assistant", "content": "It is Ann@example.org. Call +44 20 7946 0958."},
        ],
        "meta": {"author": "ann@example.org"},
    }
    mask = Mask(numbered=True)
    assert mask(row) == {
        "messages": [
            {"role": "user", "content": "Is it [EMAIL_1] or [EMAIL_2]?"},
            {"role": "assistant", "content": "It is [EMAIL_1]. Call [PHONE_1]."},
        ],
        "meta": {"author": "ann@example.org"},
    }
    assert mask.counts == {"email": 3, "phone": 1}


def test_a_row_without_personal_data_is_the_same_object() -> None:
    row = {"text": "Nothing here."}
    assert Mask()(row) is row


def test_the_filter_names_the_kind() -> None:
    row = {"text": "Write to ann@example.org."}
    assert Personal()(row) == (False, "personal data: e-mail address")
    assert Personal(kinds=("phone",))(row) is True
    assert Personal()({"text": "Write to me."}) is True


def test_street_addresses_are_masked_only_when_asked_for() -> None:
    text = "He lives at 12 Baker Street, London."
    assert masked_text(text) == text
    assert masked_text(text, (*USUAL, "address")) == "He lives at [ADDRESS], London."


def test_a_card_number_in_one_run_needs_a_word_beside_it() -> None:
    assert masked_text("Visa 4111111111111111, please") == "Visa [CARD], please"
    assert masked_text("the product is 4111111111111111") == "the product is 4111111111111111"


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'email'"):
        check_kinds(("emal",))


@pytest.mark.parametrize(
    ("number", "valid"),
    [("79927398713", True), ("79927398710", False), ("4012888888881881", True), ("378282246310005", True)],
)
def test_luhn_agrees_with_published_numbers(number: str, valid: bool) -> None:
    assert luhn(number) is valid


@pytest.mark.parametrize(
    "number",
    [
        "GB82 WEST 1234 5698 7654 32",
        "DE89 3704 0044 0532 0130 00",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
    ],
)
def test_ibans_of_the_registry_are_found(number: str) -> None:
    assert masked_text(f"Pay to {number} today.") == "Pay to [IBAN] today."


def test_of_a_row_of_no_known_kind_all_texts_are_masked() -> None:
    row = {"messages": [{"role": "user"}], "who": {"mail": ["ann@example.org", 5]}, "meta": {"by": "b@c.org"}}
    assert Mask()(row) == {**row, "who": {"mail": ["[EMAIL]", 5]}}
