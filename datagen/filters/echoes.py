"""Text never meant for the reader: chat templates, placeholders, a recipe's own words, talk about the task.

Code and questions that ask for such things are let be: a Jinja tutorial may have `{{ name }}`, a play has
names before its lines.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from datagen.filters.filter import Verdict, answers_of, is_known, question_of
from datagen.filters.text import Texts, folded, looked_at, without_code, words_of
from schemas import Row, UserError
from schemas.settings import setting

TOKENS = re.compile(
    r"<\|(?:im_start|im_end|im_sep|endoftext|end_of_text|begin_of_text|eot_id|eom_id|start_header_id"
    r"|end_header_id|"
    r"user|assistant|system|end|endofprompt|channel|message|start|return|prompter|tool_call|pad|EOT"
    r"|python_tag|"
    r"START_OF_TURN_TOKEN|END_OF_TURN_TOKEN|fim_\w+|object_ref_start|vision_start)\|>"
    r"|<｜[^｜\n]{1,30}｜>|</?s>|<<SYS>>|<</SYS>>|\[/?INST\]|\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS|SYSTEM_PROMPT)\]"
    r"|</?(?:start|end)_of_turn>|</?(?:eos|bos|unk|pad)>|\[(?:CLS|SEP|UNK)\]"
    r"|^ *#{2,3} ?(?:Instruction|Response|Input|Human|Assistant|User|System|Output)s?:"
    r"|^(?:BEGINNING OF CONVERSATION|<human>|<bot>|USER|ASSISTANT):",
    re.MULTILINE,
)
"""Turn marks of ChatML, Llama 2 and 3, Gemma, Mistral, Phi, DeepSeek, Command, gpt-oss, Alpaca and Vicuna."""
TOKEN_SIGNS = ("<", "[", "##", "USER:", "ASSISTANT:", "BEGINNING OF")
STRIKE = re.compile(r"<s>[^<\n]{1,200}</s>")
"""`<s>` is also HTML for what is struck out."""

ASKED = re.compile(r"^ *\**(?:Human|User|Instruction|Question|Prompt|Input)\**: ?", re.MULTILINE)
ANSWERED = re.compile(r"^ *\**(?:Assistant|AI|Response|Output|Answer|Bot|ChatGPT|Model)\**: ?", re.MULTILINE)
SPEAKER = re.compile(r"\s*\**(?:Assistant|AI Assistant|AI|ChatGPT|Response|System)\**: ?", re.IGNORECASE)
TALK = re.compile(
    r"\b(?:dialog(?:ue)?s?|conversations?|chats?|scripts?|transcripts?|interviews?|plays?|scenes?"
    r"|screenplays?|template|"
    r"q ?& ?a|faqs?|few-shot|examples?|bots?|prompts?|tokens?|format\w*|alpaca|role-?play|assistant"
    r"|exchange|log)\b",
    re.IGNORECASE,
)
"""A question with such a word may be answered by a text with speakers."""

BRACES = re.compile(r"(?<![\w\\^{}_$])\{\{-? ?[A-Za-z_][\w.| ]{0,40} ?-?\}\}(?!\})|\{%-? ?\w[^%\n]{0,80}%\}")
SLOT = re.compile(
    r"(?<![\w)\]])\[(?:your|insert|enter|add|my|recipient|company|organi[sz]ation|name of|customer|client"
    r"|user|date"
    r"|name|address|"
    r"phone|title|position|product|city|topic)(?:['’]s)?(?: [^\]\n]{1,40})?\](?!\()"
    r"|<(?:your|insert|enter)[ _-][^>\n]{1,40}>",
    re.IGNORECASE,
)
FILLED = re.compile(
    r"\b(?:templates?|placeholders?|letters?|e-?mails?|forms?|jinja|handlebars|mustache|vue|angular|django"
    r"|liquid|"
    r"helm|ansible|variables?|fill|html|resume|cv|contract|invoice|draft|message|markdown|code|program"
    r"|function)\b",
    re.IGNORECASE,
)
"""A question with such a word may be answered by a text with slots to fill."""


@dataclass(frozen=True)
class TemplateEcho:
    """Turn marks of chat templates, speakers' names, unfilled placeholders, a question as its own answer."""

    tokens: bool = setting(True, help="turn marks: <|im_start|>, [INST], ### Response:")
    speakers: bool = setting(True, help="an answer that begins with its speaker or plays both parts")
    placeholders: bool = setting(True, help="{{ name }} and [Your Name] where none was asked for")
    question: bool = setting(True, help="the question repeated as the answer")

    def __call__(self, row: Row) -> Verdict:
        question, answers = question_of(row), answers_of(row)
        for text in (question, *answers) if self.tokens else ():
            if has_token(text) and not has_token(_system_of(row)):
                return False, "chat template in the text"
        for answer in answers:
            if reason := self._fault(question, answer):
                return False, reason
        return True

    def _fault(self, question: str, answer: str) -> str | None:
        if self.speakers and ":" in answer and _plays_parts(question, answer):
            return "speakers in the answer"
        if self.placeholders and ("[" in answer or "{" in answer or "<" in answer):
            prose = without_code(answer)
            if (BRACES.search(prose) or SLOT.search(prose)) and not _asks_for_slots(question):
                return "unfilled placeholder"
        if self.question and len(question) > 20 and answer[:2000].strip():
            asked, said = folded(question), folded(answer)
            if asked == said or (len(asked) > 20 and said.count(asked) > 1):
                return "question as the answer"
        return None


def has_token(text: str) -> bool:
    """Whether a turn mark of a chat template stands in the text, outside code.

    >>> has_token("Fine. <|im_end|>"), has_token("Write `<|im_end|>` at the end.")
    (True, False)
    """
    if not any(sign in text for sign in TOKEN_SIGNS) or not TOKENS.search(text):
        return False
    return TOKENS.search(STRIKE.sub("", without_code(text))) is not None


def _system_of(row: Row) -> str:
    turns = row.get("prompt") or row.get("messages")
    if not is_known(row) or not isinstance(turns, list):
        return ""
    return str(turns[0]["content"]) if turns[0]["role"] == "system" else ""


def _plays_parts(question: str, answer: str) -> bool:
    """Whether an answer begins with the name of its speaker, or has the next question, too."""
    begins = SPEAKER.match(answer) is not None
    both = ASKED.search(answer) is not None and (begins or ANSWERED.search(answer) is not None)
    return (begins or both) and not TALK.search(question) and bool(question)


def _asks_for_slots(question: str) -> bool:
    return bool(SLOT.search(question) or BRACES.search(question) or FILLED.search(question))


THINGS = (
    r"(?:prompt|instruction|question|task|query|problem|seed|example|persona|input|scenario|"
    r"conversation|response|answer|version|text)s?"
)
MADE = (
    r"(?:re-?written|revised|improved|evolved|updated|modified|new|rephrased|paraphrased|more (?:complex"
    r"|difficult|challenging|specific)|"
    r"harder|generated|complex|challenging|possible|diverse|requested|enhanced|refined)"
)
META = re.compile(
    rf"^\W*(?:(?:sure|certainly|of course|okay|ok|absolutely|great"
    rf"|got it)\b[^\n]{{0,30}}?[,.!:] ?)?(?:(?:here(?:'s| is| are)|this is|below (?:is|are))"
    rf" (?:(?:the|a|an|my|your|some|one|another|\d+|\w+) ){{0,3}}?(?:{MADE},? (?:\w+ ){{0,3}}?{THINGS}"
    rf"|(?:new |possible |example )?(?:prompt|instruction|task|question|persona)s?\b)[^\n]{{0,60}}?:"
    rf"|\**#?(?:the )?{MADE} (?:prompt|instruction|question|task|problem)#?\**:"
    r"|#(?:the )?(?:given|created|rewritten|new) (?:prompt|instruction)#"
    r"|i(?:'ve| have)? (?:rewrote|rewritten|revised|created|generated|made) (?:the|a|your"
    r"|this) (?:\w+ ){0,2}(?:prompt|instruction|question|task)\b)",
    re.IGNORECASE,
)
META_ANYWHERE = re.compile(
    r"#(?:the )?(?:given|created|rewritten|new) (?:prompt|instruction|response|answer)#|\[\[(?:[A-C]"
    r"|rating)\]\]|(?:rating|score|verdict)\W{0,6}\[\[\d{1,2}\]\]"
    r"|^\W*(?:note: )?(?:i hope this (?:rewritten|revised|new) |this (?:rewritten|revised|new) (?:prompt"
    r"|instruction|question|version) (?:is|adds|requires|asks|includes|now))"
    r"|\b(?:let me know if (?:you(?:'d| would) like|you need) (?:me to )?(?:rewrite|revise|adjust"
    r"|another (?:prompt|instruction)|more (?:prompts|instructions)))",
    re.IGNORECASE | re.MULTILINE,
)
ABOUT_PROMPTS = re.compile(
    r"\b(?:rewrit\w+|re-?phras\w+|paraphras\w+|improve|revise|edit)\b"
    r"|\b(?:write|create|generate|make|give|suggest|come up|ask|list|formulate|brainstorm|design|compose"
    r"|provide|turn|convert)\b"
    r"[^.?!\n]{0,60}\b(?:prompt|instruction|question|task|problem|exercise|quer)(?:s|y|ies)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MetaTalk:
    """Talk about the task instead of its result: "Here is the rewritten prompt:", "#Rewritten Prompt#"."""

    texts: Texts = setting("all", help="which texts are looked at")

    def __call__(self, row: Row) -> Verdict:
        question = question_of(row)
        for text in looked_at(row, self.texts):
            # Whoever asks for a prompt is answered with one.
            if text is not question and question and ABOUT_PROMPTS.search(question):
                continue
            if META.match(text) or META_ANYWHERE.search(text):
                return False, "talk about the task"
        return True


WORDING = Path(__file__).parent.parent / "recipes" / "wording"
NOT_WORDS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True)
class WordingEcho:
    """An answer that repeats the words a recipe asked with: `words` in a row from its wording."""

    words: int = setting(12, help="so many words in a row", minimum=4)
    wording: Path | None = setting(
        None, help="a file or folder of .md files; by default the wordings of this program's recipes"
    )

    def __call__(self, row: Row) -> Verdict:
        known = wording_runs(self.wording or WORDING, self.words)
        question = folded(question_of(row)) if known else ""
        for answer in answers_of(row) if known else ():
            said = words_of(answer)
            runs = {" ".join(said[start : start + self.words]) for start in range(len(said) - self.words + 1)}
            if any(run not in question for run in runs & known):
                return False, "wording of a recipe"
        return True


def check_wording(filter: WordingEcho, where: object = None) -> None:
    """`UserError` when there is no wording where the filter is to find it."""
    path = filter.wording
    if path is None:
        return
    if not path.exists():
        raise UserError(f"there is no such file of wordings: {path}", where=where, mend="mend `wording`")
    if path.is_dir() and not any(path.glob("*.md")):
        raise UserError(f"the folder has no wordings: {path}", where=where, mend="they end in .md")


@functools.cache
def wording_runs(path: Path, words: int) -> frozenset[str]:
    """Every run of so many words in the .md files at `path`, apart from what is filled in."""
    runs: set[str] = set()
    for file in sorted(path.glob("*.md")) if path.is_dir() else [path]:
        for stretch in NOT_WORDS.split(file.read_text(encoding="utf-8")):
            said = words_of(stretch)
            runs.update(" ".join(said[start : start + words]) for start in range(len(said) - words + 1))
    return frozenset(runs)
