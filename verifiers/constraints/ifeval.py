"""IFEval's 25 instruction ids and keyword names in ours, by one table.

Source: Zhou et al. 2023, "Instruction-Following Evaluation for Large Language Models" (arXiv:2311.07911),
and the names its data set uses. Where its checkers are known to be wrong ours are not made to agree: a
letter may be any sign, blank paragraphs take no number, keywords are whole words, the language is told by
its script, and an instruction without its arguments is an error, not a random one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.errors import UserError, unknown_name

_ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")

#: Their id -> our id, their keyword name -> ours, and what they leave unsaid.
IFEVAL: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "keywords:existence": ("keywords:include", {"keywords": "keywords"}, {}),
    "keywords:frequency": (
        "keywords:count",
        {"keyword": "word", "frequency": "count", "relation": "relation"},
        {},
    ),
    "keywords:forbidden_words": ("keywords:exclude", {"forbidden_words": "keywords"}, {}),
    "keywords:letter_frequency": (
        "keywords:letter",
        {"letter": "letter", "let_frequency": "count", "let_relation": "relation"},
        {},
    ),
    "language:response_language": ("language:script", {"language": "language"}, {}),
    "length_constraints:number_sentences": (
        "length:sentences",
        {"num_sentences": "count", "relation": "relation"},
        {},
    ),
    "length_constraints:number_paragraphs": (
        "length:divided_paragraphs",
        {"num_paragraphs": "count"},
        {"relation": "exactly"},
    ),
    "length_constraints:number_words": ("length:words", {"num_words": "count", "relation": "relation"}, {}),
    "length_constraints:nth_paragraph_first_word": (
        "start:paragraph",
        {"num_paragraphs": "paragraphs", "nth_paragraph": "nth", "first_word": "word"},
        {},
    ),
    "detectable_content:number_placeholders": (
        "format:placeholders",
        {"num_placeholders": "count"},
        {"relation": "at least"},
    ),
    "detectable_content:postscript": ("format:postscript", {"postscript_marker": "marker"}, {}),
    "detectable_format:number_bullet_lists": (
        "format:bullets",
        {"num_bullets": "count"},
        {"relation": "exactly"},
    ),
    "detectable_format:constrained_response": (
        "combination:options",
        {},
        {"options": _ANSWERS, "entire": False},
    ),
    "detectable_format:number_highlighted_sections": (
        "format:highlights",
        {"num_highlights": "count"},
        {"relation": "at least"},
    ),
    "detectable_format:multiple_sections": (
        "format:sections",
        {"num_sections": "count", "section_spliter": "header"},
        {"relation": "at least"},
    ),
    "detectable_format:json_format": ("format:json", {}, {}),
    "detectable_format:title": ("format:title", {}, {}),
    "combination:two_responses": ("combination:two_responses", {}, {}),
    "combination:repeat_prompt": ("start:repeat_prompt", {"prompt_to_repeat": "prompt"}, {}),
    "startend:end_checker": ("end:phrase", {"end_phrase": "phrase"}, {}),
    "startend:quotation": ("wrap:quotation", {}, {}),
    "change_case:capital_word_frequency": (
        "case:capital_words",
        {"capital_frequency": "count", "capital_relation": "relation"},
        {},
    ),
    "change_case:english_capital": ("case:upper", {}, {"language": "en"}),
    "change_case:english_lowercase": ("case:lower", {}, {"language": "en"}),
    "punctuation:no_comma": ("punctuation:no_commas", {}, {}),
}


def translated(name: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Our id and parameters for one of IFEval's ids and its keywords. None is not given.

    Raises `UserError` for an unknown keyword or one that is missing: IFEval would draw a random value, for
    which no prompt has asked.
    """
    ours, names, fixed = IFEVAL[name]
    present = {key: value for key, value in given.items() if value is not None}
    for key in present:
        if key not in names:
            raise unknown_name(f"keyword of '{name}':", key, names or ("none",))
    for key in names:
        if key not in present:
            raise UserError(f"the instruction '{name}' lacks '{key}'", mend=f"add '{key}'")
    return ours, {**fixed, **{names[key]: _once(value) for key, value in present.items()}}


def _once(value: Any) -> Any:
    """Lists of keywords may repeat one."""
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


def ifeval_rows(ids: Sequence[str], arguments: Sequence[Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """The rows for `constraint` out of IFEval's columns `instruction_id_list` and `kwargs`.

    An id that comes twice stays twice. Raises `UserError` when the columns differ in length.
    """
    if len(ids) != len(arguments):
        counts = f"{len(ids)} instruction ids and {len(arguments)} sets of keywords"
        raise UserError(f"an IFEval row with {counts}", mend="pass one set of keywords an id")
    return [
        {"id": name, **{key: value for key, value in (given or {}).items() if value is not None}}
        for name, given in zip(ids, arguments, strict=True)
    ]
