"""What personal data looks like, and which look-alikes are none: sums, versions, order numbers, hexadecimal.

Each finder yields the places of one kind. What can be checked is checked: Luhn for cards, mod 97 for IBANs,
ranges for social security numbers, `ipaddress` for addresses.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple


class Found(NamedTuple):
    """Where in a text something of a kind stands."""

    start: int
    end: int
    kind: str


Places = Iterator[tuple[int, int]]

EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}(?![\w-])"
)
LATEX_OR_CODE = re.compile(r"[{}|$^`=]")
MATRIX_PRODUCT = re.compile(r"\w+@(?:[A-Z]\.)+[a-z]+\b")
"""`A@B.T.dot` is Python."""


def emails(text: str) -> Places:
    """`ann.lee+news@mail.example.org`; a decorator or a handle `@name` has nothing before its sign."""
    if "@" not in text:
        return
    for found in EMAIL.finditer(text):
        local = found.group().split("@")[0]
        start = found.start()
        start += len(local) - len(local.lstrip(".'*`=/|{}!?#$%&^~"))
        product = MATRIX_PRODUCT.match(text, start) or text[found.end() : found.end() + 1] == "("
        if not product and not LATEX_OR_CODE.search(text[start : found.end()]) and text[start] != "@":
            yield start, found.end()


CARD = re.compile(r"(?<![\w.,+*/=^-])(?:\d[ -]?){12,18}\d(?![\w]|[.,]\d| ?[*/=^+])")
CARD_GROUPS = re.compile(
    r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{4}([ -])\d{4}\3\d{4}\3\d{4}\3\d{3}"
)
CARD_PREFIX = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6(?:011|5|4[4-9]|2)|35|3(?:0[0-5]|[68])|5[06-8]"
    r"|6[37]"
)
CARD_WORDS = re.compile(
    r"\b(?:cards?|visa|mastercard|amex|american express|credit|debit|discover|payment|cc|ccn|pan|karte\w*"
    r"|kreditkarte\w*|carte|tarjeta|carta|cartão)\b",
    re.IGNORECASE,
)
NEAR_CHARACTERS = 60


def cards(text: str) -> Places:
    """Thirteen to nineteen digits with a right check digit, in groups; in one run only near a word such "
    "as card."""
    for found in CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        grouped = CARD_GROUPS.fullmatch(found.group()) is not None
        if not grouped and (
            digits != found.group() or not _near(CARD_WORDS, text, found.start(), found.end())
        ):
            continue
        square = all(set(group) == set("1234") for group in found.group().split())  # of a sudoku
        if CARD_PREFIX.match(digits) and luhn(digits) and len(set(digits)) > 1 and not square:
            yield found.span()


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?!\w)")
IBAN_LENGTHS = {
    **{
        "AD": 24,
        "AE": 23,
        "AL": 28,
        "AT": 20,
        "AZ": 28,
        "BA": 20,
        "BE": 16,
        "BG": 22,
        "BH": 22,
        "BR": 29,
        "CH": 21,
    },
    **{
        "CR": 22,
        "CY": 28,
        "CZ": 24,
        "DE": 22,
        "DK": 18,
        "DO": 28,
        "EE": 20,
        "EG": 29,
        "ES": 24,
        "FI": 18,
        "FO": 18,
    },
    **{
        "FR": 27,
        "GB": 22,
        "GE": 22,
        "GI": 23,
        "GL": 18,
        "GR": 27,
        "GT": 28,
        "HR": 21,
        "HU": 28,
        "IE": 22,
        "IL": 23,
    },
    **{
        "IQ": 23,
        "IS": 26,
        "IT": 27,
        "JO": 30,
        "KW": 30,
        "KZ": 20,
        "LB": 28,
        "LI": 21,
        "LT": 20,
        "LU": 20,
        "LV": 21,
    },
    **{
        "MC": 27,
        "MD": 24,
        "ME": 22,
        "MK": 19,
        "MR": 27,
        "MT": 31,
        "MU": 30,
        "NL": 18,
        "NO": 15,
        "PK": 24,
        "PL": 28,
    },
    **{
        "PS": 29,
        "PT": 25,
        "QA": 29,
        "RO": 24,
        "RS": 22,
        "SA": 24,
        "SE": 24,
        "SI": 19,
        "SK": 24,
        "SM": 27,
        "TN": 24,
    },
    **{"TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20},
}
"""Characters of an IBAN by country (ISO 13616 registry)."""


def ibans(text: str) -> Places:
    """An account number of the right length for its country that is 1 modulo 97 (ISO 13616)."""
    for found in IBAN.finditer(text):
        length = IBAN_LENGTHS.get(found.group()[:2])
        taken = end = 0
        for place, character in enumerate(found.group()):
            taken += character.isalnum()
            if taken == length:
                end = place + 1
                break
        whole = end > 0 and not found.group()[end : end + 1].isalnum()
        if whole and _mod_97(re.sub(r"[ -]", "", found.group()[:end])):
            yield found.start(), found.start() + end


def _mod_97(iban: str) -> bool:
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


SSN = re.compile(
    r"(?<![\w.,+*/=^-])(?<![-+*/=^] )(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|[.,]\d"
    r"| ?[-+*/=^])"
)
SSN_WORDS = re.compile(r"\b(?:ssn|social security|tax(?:payer)? id)\b", re.IGNORECASE)


def ssns(text: str) -> Places:
    """US social security numbers in ranges that are given out; with spaces only near the words."""
    for found in SSN.finditer(text):
        if found[1] == "-" or _near(SSN_WORDS, text, found.start(), found.end()):
            yield found.span()


IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
VERSION_WORDS = re.compile(
    r"(?:\bversions?|\brelease|\bv|\bver\.?|\bsections?|\bchapter|\bfigure|\bbuild|\bclause|\bparagraph"
    r"|\brevision|\bstep|\btable|§|\bfirmware|\bkernel|\bdriver)\s*$",
    re.IGNORECASE,
)


def ips(text: str) -> Places:
    """Addresses of the internet; those of no one machine (private, local, reserved, for examples) are let "
    "be."""
    if text.count(".") >= 3:
        for found in IPV4.finditer(text):
            if _is_global(found.group()) and not VERSION_WORDS.search(text[: found.start()][-16:]):
                yield found.span()
    if text.count(":") >= 2:
        for found in IPV6.finditer(text):
            # `a::b` is a name in C++, Rust or R.
            if any(map(str.isdigit, found.group())) and _is_global(found.group()):
                yield found.span()


def _is_global(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


URL_LOGIN = re.compile(r"(?<=://)[^\s/:@\"<>]{1,64}:[^\s/@\"<>]{1,128}(?=@[\w.-])")
URL_SECRET = re.compile(
    r"(?<=[?&])((?:api_?key|access_?token|auth|token|secret|password|passwd|pwd|sig"
    r"|signature)=)([^\s&#\"'<>\[\]]{6,})",
    re.IGNORECASE,
)


def credentials(text: str) -> Places:
    """User and password in an address `scheme://user:password@host`, and secrets among its parameters."""
    if "://" not in text:
        return
    yield from (found.span() for found in URL_LOGIN.finditer(text) if found.group() != "[CREDENTIALS]")
    yield from (found.span(2) for found in URL_SECRET.finditer(text))


KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?-----END (?:[A-Z0-9]+ )*PRIVATE "
    r"KEY(?: BLOCK)?-----"
    r"|\b(?:sk-(?:ant-|proj-|or-v1-|svcacct-)?[A-Za-z0-9_-]{20,200}|sk_(?:live|test)_[A-Za-z0-9]{16,99}"
    r"|[rp]k_(?:live|test)_[A-Za-z0-9]{16,99}"
    r"|gh[opsur]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{40,93}|glpat-[A-Za-z0-9_-]{20,50}|(?:AKIA|ASIA"
    r"|AGPA|AIDA|AROA)[A-Z0-9]{16}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\d-[A-Za-z0-9-]{10,250}|AIza[A-Za-z0-9_-]{35}"
    r"|ya29\.[A-Za-z0-9_-]{20,200}|hf_[A-Za-z0-9]{30,40}"
    r"|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,250}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"
    r"|dop_v1_[a-f0-9]{64}|gsk_[A-Za-z0-9]{40,60}"
    r"|r8_[A-Za-z0-9]{37}|shpat_[a-fA-F0-9]{32}|key-[a-f0-9]{32}|AC[a-f0-9]{32}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000})(?![\w-])"
)
ASSIGNED = re.compile(
    r"\b(?:api[_ -]?key|secret(?:[_ -]?(?:access)?[_ -]?key)?|access[_ -]?token|auth[_ -]?token|bearer"
    r"|client[_ -]?secret|password|passwd|token)"
    r"[\"']?\s{0,3}(?:[:=]|is\b|\bto\b)?\s{0,3}[\"'`]?([A-Za-z0-9_\-/+.=]{16,200})",
    re.IGNORECASE,
)


def keys(text: str) -> Places:
    """Keys and tokens by their prefixes, private key blocks, and what is assigned to a name such as "
    "api_key."""
    yield from (found.span() for found in KEY.finditer(text))
    for found in ASSIGNED.finditer(text):
        value = found[1].rstrip(".")
        mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(set(value)) >= 8
        called = text[found.end() : found.end() + 1] == "("
        if mixed and not called and not re.fullmatch(r"[a-z_]+\d{0,2}|[\d./-]+", value):
            yield found.start(1), found.start(1) + len(value)


COUNTRY = r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[235689]\d\d)"
"""Country codes of the telephone network (ITU-T E.164)."""
INTERNATIONAL = re.compile(
    rf"(?<![\w.+*/=^-])(?<![\d)a-z] )\(?(?:\+|00(?={COUNTRY}[ .-])){COUNTRY}\)?(?:[ ./-]?\(0?\d{{0,4}}\))?"
    r"(?:[ ./-]?\d{1,4}){2,6}(?! ?\d|\w|[.,]\d| ?[*/=^+])"
)
AFTER_WORD = re.compile(
    rf"(?<=[a-z:] )(?:\+|00(?={COUNTRY}[ .-])){COUNTRY}(?:[ .-]?\(?\d{{1,4}}\)?){{2,6}}(?! ?\d|\w|[.,]\d"
    rf"| ?[*/=^+])"
)
NATIONAL = re.compile(
    r"(?<![\w.,+*/=^$€£#-])(?<![-+*/=^\d] )(?:"
    r"(?:1[ .-])?\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}"  # (212) 555-0123
    r"|(?:1[-.])?[2-9]\d{2}([-.])[2-9]\d{2}\1\d{4}"  # 212-555-0123
    r"|\(0\d{2,5}\) ?\d{3,4}[ -]?\d{3,8}"  # (020) 7946 0958
    r"|0[1-9]([ .])\d{2}\2\d{2}\2\d{2}\2\d{2}"  # 01 23 45 67 89
    r"|0[1-9]\d{1,3}[ -]\d{3,4}[ -]\d{3,4}"  # 020 7946 0958
    r"|0[1-9]\d{3} \d{6}"  # 01632 960123
    r"|0[1-9]\d{1,3} ?/ ?\d{4,9}"  # 030/1234567
    r"|0[1-9]\d{2}[ -]\d{7,8}"  # 0171 1234567
    r")(?! ?\d|[\w-]|[.,]\d| ?[-+*/=^])"
)
PHONE_WORDS = re.compile(
    r"\b(?:phones?|telephone|tel|call(?:ed|ing)?|mobile|cell|text(?: me)?|whatsapp|fax|dial|hotline|ring"
    r"|reach (?:me|us|him|her|them)|telefon\w*|handy|"
    r"téléphone|appelez|teléfono|móvil|llama\w*|telefono|numero|telefone|ligue|contact"
    r"|(?:my|his|her|our|their) number is)\b",
    re.IGNORECASE,
)
COUNTING_WORDS = re.compile(
    r"\b(?:compute|calculate|evaluate|simplify|convert|sort|add|sum|multiply|divide|subtract|round"
    r"|factori[sz]e)\W{1,3}$",
    re.IGNORECASE,
)
"""What comes after one of these is a number to work with."""
BARE = re.compile(
    r"(?<![\w.,+*/=^$€£#-])(?<!\d )(?:\d{10,11}|\d{3}[ .-]\d{3}[ .-]\d{4}|\d{3}[-.]\d{4}|\d{3} \d{4}"
    r"|\d{4} \d{4})(?![\w-]|[.,]\d| ?[*/=^+%])"
)
UNLIKE_A_PHONE = re.compile(r"[01][01 ./()-]*|\d+\.\d+|(?:19|20)\d\d[-./ ](?:19|20)\d\d")
PHONE_DIGITS = range(7, 16)


def phones(text: str) -> Places:
    """International and national forms; digits in no such form only near a word such as phone or call."""
    patterns = [NATIONAL]
    if "+" in text or "00" in text:
        patterns += [INTERNATIONAL, AFTER_WORD]
    for pattern in patterns:
        for found in pattern.finditer(text):
            if pattern is NATIONAL and COUNTING_WORDS.search(
                text[max(0, found.start() - 20) : found.start()]
            ):
                continue
            if _may_be_phone(found.group()) and (pattern is NATIONAL or len(_digits(found.group())) > 8):
                yield found.span()
    for found in BARE.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        if PHONE_WORDS.search(before) and _may_be_phone(found.group()):
            yield found.span()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _may_be_phone(text: str) -> bool:
    return len(_digits(text)) in PHONE_DIGITS and not UNLIKE_A_PHONE.fullmatch(text)


ADDRESS = re.compile(
    r"(?<![\w.,$€£-])\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][a-z'’]+|\d{1,3}(?:st|nd|rd"
    r"|th)) (?:[A-Z][a-z'’]+ )?"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Terrace|Way"
    r"|Crescent)\b\.?"
)


def addresses(text: str) -> Places:
    """House number and street in English: "12 Main Street". No more than that."""
    yield from (found.span() for found in ADDRESS.finditer(text))


def _near(pattern: re.Pattern[str], text: str, start: int, end: int) -> bool:
    return pattern.search(text[max(0, start - NEAR_CHARACTERS) : end + NEAR_CHARACTERS]) is not None


FINDERS: dict[str, Callable[[str], Places]] = {
    "key": keys,
    "credentials": credentials,
    "email": emails,
    "iban": ibans,
    "card": cards,
    "ssn": ssns,
    "ip": ips,
    "phone": phones,
    "address": addresses,
}
"""By kind; where two claim the same place, the earlier of these has it."""
USUAL = tuple(kind for kind in FINDERS if kind != "address")
NEEDS_RUN = frozenset({"card", "ssn", "phone"})
RUN = re.compile(r"\d(?:[ ()./+-]{0,3}\d){6}")
"""Seven digits or more, near each other: without such a run there is no number of a phone or a card."""


def found_in(text: str, kinds: Sequence[str] = USUAL) -> list[Found]:
    """Everything of these kinds in a text, in order, without overlaps."""
    has_run = RUN.search(text) is not None
    taken: list[Found] = []
    for kind, finder in FINDERS.items():
        if kind not in kinds or (kind in NEEDS_RUN and not has_run):
            continue
        for start, end in finder(text):
            if all(end <= other.start or start >= other.end for other in taken):
                taken.append(Found(start, end, kind))
    return sorted(taken)
