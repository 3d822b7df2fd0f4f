"""Text to tokens: LaTeX, ASCII, sympy names and Unicode signs become one small alphabet.

One linear scan with a length budget. It knows how a number or a name is spelt (`spelling.py` knows the
names), and leaves precedence and meaning to `parse.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import lru_cache

from verifiers.parsing import notation
from verifiers.parsing.spelling import known_word, plain_unicode, sign_token, split_word
from verifiers.parsing.token import END, Token, UnreadableError

MAX_LENGTH = 4096
#: CPython refuses to convert more than 4300 digits at once; no honest answer comes near.
MAX_DIGITS = 4000

# Three patterns, chosen by a lexeme's first character: most of the time is spent here.
_FIRST_DIGITS = frozenset("0123456789.")
#: Signs that no other sign begins with.
_ALONE = frozenset("^(){}[],_")
#: What makes one sign with `+`, `-` or `=` before it.
_PAIRED = frozenset("/>=<")
_NUMBERS = re.compile(
    r"""
    (?P<endless>  \d*\.\d+\s*(?:\.\.\.|…|\\(?:l|c)?dots(?![a-zA-Z]))(?=\W*$))
  | (?P<repeating> \d*\.\d*(?:\\(?:overline|bar|dot)\s*\{\d+\}|\(\d+\)(?=\.{0,3}\s*$)))
  | (?P<based>  \d[0-9A-Fa-f]*_(?:16(?!\d)|\{16\}) | [0-9A-F]*\d[0-9A-F]*_
                (?:\d{1,2}(?!\d) | \{(?:\\(?:text|mathrm)\{)?\s*(?:\(?\d{1,2}\)?|[a-z]{3,5})\s*\}\}?))
  | (?P<prefixed> 0x[0-9A-Fa-f]+ | 0b[01]+ | 0o[0-7]+)
  | (?P<thousands> \d{1,3}(?:(?:,|\{,\}|\\,|\\!,\\!|\\!,|,\\!\ ?|,\\,|_|')\d{3})+(?![\d,]\d)(?!\d)(?:\.\d+)?)
  | (?P<grouped> [1-9]\d{0,2}(?:(?:[ ~]|\\[ ;:])\d{3})+ (?!\d) (?!\s*(?:\d|/|\\[dtc]?frac|\\over)) (?:\.\d+)?)
  | (?P<number> \d+\.\d+ | \.\d+ | \d+(?:\.(?![.\w]))?)
  | (?P<operator> \.\.\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
#: Digits that nothing after them can make more of.
_PLAIN_DIGITS = re.compile(r"\d+(?=[-+*/^)\]}&=<>!;:]|$|, ?-?\d{1,2}(?!\d))")
_NAMES = re.compile(
    r"""
    (?P<based>  [A-F]{2,}_(?:16|\{16\}) | [A-Fa-f]+\d[0-9A-Fa-f]*_(?:16|\{16\}) | [A-F]*\d[0-9A-F]*_
                (?:\d{1,2}(?!\d) | \{(?:\\(?:text|mathrm)\{)?\s*(?:\d{1,2}|[a-z]{3,5})\s*\}\}?))
  | (?P<indexed> [A-DF-HJ-Za-df-hj-z]\d{1,2}(?![\d.A-Za-z_]))
  | (?P<dotted> (?:Interval|S)\.[A-Za-z0-9]+)
  | (?P<word>   [^\W\d_]+(?:(?<=log)(?:10|2)(?=\s*\()|(?<=Point)[23]D)?)
  | (?P<operator> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS = re.compile(
    r"""
    (?P<space>  (?:\s|\\[\ ,;:!>]|\$|\\[()\[\]])+ | \u200b)
  | (?P<currency> \\\$ | [€£¥])
  | (?P<row>    \\\\(?:\[-?\d*\.?\d+(?:pt|em|ex|mm|cm)\])?)
  | (?P<command> \\[a-zA-Z]+)
  | (?P<brace>  \\[{}])
  | (?P<operator> <=>|<->|\*\*|&&|<=|>=|=<|==|!=|->|=>|\+/-|\\[%|&_\#] | . )
    """,
    re.VERBOSE | re.DOTALL,
)
#: What sympy prints of a constructor's options, none of which changes the answer.
_IF_AND_ONLY_IF = re.compile(r"\bif +and +only +if\b")  # the one connective of four words
_KEYWORDS = re.compile(r",\s*(?:dir='[+-]{1,2}'|evaluate=False)")
_BRACED = re.compile(r"\s*\{([^{}]*)\}|\s*([A-Za-z0-9])")
#: Units with their exponents and spaces: `\mathrm{km\,h^{-1}}`.
_STYLED_UNITS = re.compile(r"\s*\{((?:[A-Za-z0-9 /^.·⋅-]|\\[,;: ]|\\cdot|\{-?\d+\})+)\}")
_BASE = re.compile(r"_(?:\d{1,2}(?!\d)|\{\s*\d{1,2}\s*\})")
_DIGITS_OF_ANY_BASE = re.compile(r"[0-9A-Z]+")
_STYLED_SPACE = re.compile(r"\\[,;: ]|\\cdot")
_ENVIRONMENT = re.compile(r"\s*\{\s*([a-zA-Z]+)\*?\s*\}")
_COLUMNS = re.compile(r"\s*(?:\[[^\]]*\])?\{[^{}]*\}")
_SWALLOWED = re.compile(r"\s*\{[^{}]*\}|-?\d*\.?\d+\s*(?:pt|em|ex|mm|cm|mu)|")
#: What a text command may hold and still be mathematics: one number, with a sign or as a fraction.
_STYLED_NUMBER = re.compile(r"[-−+]?\d[\d,.]*(?:/\d+)?")
_EXPONENT = re.compile(r"[eE][+-]?\d{1,9}(?![\w.])")
_TIMES_TEN = re.compile(r"\s*[xX](?=\s*10\s*(?:\^|\*\*))")
_DOLLAR = re.compile(r"(?<!\\)\$")
_SIDES = frozenset({"left", "right", "mleft", "mright"})
_PLAIN_COMMA = re.compile(r"(?<![{\\]),(?!\\)")
#: `\text{A, B and C}`.
_LISTED_LETTERS = re.compile(r"[A-Z](?:\s*,\s*[A-Z])*\s*(?:,|,?\s*and\s)\s*[A-Z]")
_STYLED_COMMAND = re.compile(r"\s*\{\s*\\[a-zA-Z]")
_BASES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}

#: Environments by what they hold.
_ENVIRONMENTS: dict[str, str] = (
    dict.fromkeys(("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array", "tabular"), "matrix")
    | dict.fromkeys(("vmatrix", "Vmatrix"), "determinant")
    | {"cases": "cases", "dcases": "cases", "rcases": "cases"}
    | dict.fromkeys(
        ("aligned", "align", "gathered", "gather", "split", "equation", "math", "displaymath"), "lines"
    )
)


def tokenize(text: str, symbols: Set[str] = frozenset(), *, thousands: bool = True) -> list[Token]:
    """The tokens of `text`, ending with `END`; raises `UnreadableError`.

    `symbols` are names that are variables here even where they usually mean something else (`e`, `i`).
    With `thousands` False a comma always separates: `{1,234}` has two members.
    """
    if len(text) > MAX_LENGTH:
        raise UnreadableError(f"longer than {MAX_LENGTH} characters")
    if not text.isascii():
        text = plain_unicode(text)
    if "$" in text and len(_DOLLAR.findall(text)) == 1:
        text = _DOLLAR.sub(r"\\$", text)  # one dollar sign alone is money, two are a formula's
    if ("=" in text and "'" in text) or "=False" in text:
        text = _KEYWORDS.sub("", text)
    if " only " in text:
        text = _IF_AND_ONLY_IF.sub("iff", text)
    return _Scanner(text, symbols, thousands).tokens


class _Scanner:
    """One scan from left to right; `depth` counts open brackets, `environments` open `\\begin`s."""

    def __init__(self, text: str, symbols: Set[str], thousands: bool) -> None:
        self.text = text
        self.symbols = symbols
        self.thousands = thousands
        self.tokens: list[Token] = []
        self.position = 0
        self.spaced = False
        self.depth = 0
        self.environments: list[str] = []
        end, add = len(text), _ADDERS
        while self.position < end:
            first = text[self.position]
            if first in _FIRST_DIGITS:
                plain = _PLAIN_DIGITS.match(text, self.position)
                if plain is not None and self.plain_digits(plain):
                    continue
                match = _NUMBERS.match(text, self.position)
            elif first in _ALONE or (
                first in "+-=" and text[self.position + 1 : self.position + 2] not in _PAIRED
            ):
                self.position += 1
                self.sign(first)
                self.spaced = False
                continue
            elif first == " ":
                self.position += 1
                self.spaced = True
                continue
            else:
                match = (_NAMES if first.isalpha() else _SIGNS).match(text, self.position)
            assert match is not None, "the last alternative matches any character"
            self.position = match.end()
            kind = match.lastgroup
            assert kind is not None
            if kind == "space":
                self.spaced = True
            else:
                add[kind](self, match.group())
                self.spaced = False
        if self.environments:
            raise UnreadableError(rf"\begin{{{self.environments[-1]}}} without its end")
        self.tokens.append(END)

    def put(self, kind: str, text: str) -> None:
        self.tokens.append(Token(kind, text, self.spaced))

    def starts_a_number(self) -> bool:
        """Whether digits in groups of three can only be one number here: `98 146`, but not `2^98 146`."""
        if not self.tokens:
            return True
        last = self.tokens[-1]
        return last.kind == "operator" and last.text in ("=", "approx", "+", "-")

    # Numbers.

    def plain_digits(self, match: re.Match[str]) -> bool:
        """The common case of `number`, without its questions; False where there are some."""
        digits = match.group()
        if len(digits) > 18:
            return False
        self.position = match.end()
        self.tokens.append(Token("number", digits, self.spaced))
        self.spaced = False
        return True

    def number(self, lexeme: str) -> None:
        exponent = _EXPONENT.match(self.text, self.position)
        if exponent is not None:
            self.position = exponent.end()
            lexeme += exponent.group()
        if len(lexeme) > MAX_DIGITS:
            raise UnreadableError(f"a number of more than {MAX_DIGITS} digits")
        self.put("number", lexeme)
        times = _TIMES_TEN.match(self.text, self.position)
        if times is not None:
            self.position = times.end()
            self.put("operator", "*")

    def separated(self, lexeme: str) -> None:
        """Digits in groups of three: one number, or the first of several."""
        in_list = not self.thousands or self.depth
        if in_list and _PLAIN_COMMA.search(lexeme):
            self.first_digits(lexeme)
        else:
            self.put("number", _digits(lexeme))

    def grouped(self, lexeme: str) -> None:
        if self.thousands and not self.depth and self.starts_a_number():
            self.put("number", _digits(lexeme))
        else:
            self.first_digits(lexeme)

    def first_digits(self, lexeme: str) -> None:
        match = re.match(r"\d+", lexeme)
        assert match is not None
        self.position += len(match.group()) - len(lexeme)
        self.put("number", match.group())

    def repeating(self, lexeme: str) -> None:
        self.put("repeating", lexeme.replace("(", r"\overline{").replace(")", "}"))

    def endless(self, lexeme: str) -> None:
        """`0.1666...`: the shortest block that is written at least twice at the end goes on for ever."""
        match = re.match(r"\d*\.\d+", lexeme)
        assert match is not None
        digits = match.group()
        decimals = digits.partition(".")[2]
        for length in range(1, len(decimals) // 2 + 1):
            block = decimals[-length:]
            if decimals.endswith(block * 2) and (length > 1 or decimals.endswith(block * 3)):
                self.put("repeating", rf"{digits[:-length]}\overline{{{block}}}")
                return
        raise UnreadableError("a decimal that goes on without saying how")

    def currency(self, lexeme: str) -> None:
        self.put("currency", notation.CURRENCIES[lexeme])

    def based(self, lexeme: str) -> None:
        """`204_5`, `1A_{16}`; an index that is no base leaves digits and a subscript."""
        digits, _, written = lexeme.partition("_")
        name = re.sub(r"\\(?:text|mathrm)|[{}()\s]", "", written)
        base = int(name) if name.isdigit() else _BASES.get(name, 0)
        largest = max(int(digit, 36) for digit in digits)
        raised = bool(self.tokens) and self.tokens[-1] == Token("operator", "^", self.tokens[-1].spaced)
        if not raised and 2 <= base <= 36 and largest < base and lexeme.count("{") == lexeme.count("}"):
            self.put("based", f"{digits.upper()}_{base}")
            return
        lengths = [len(found.group()) for found in [re.match(r"\d+", lexeme)] if found]
        if not lengths:
            raise UnreadableError(f"{digits} is no number in base {name}")
        self.position += lengths[0] - len(lexeme)
        self.put("number", lexeme[: lengths[0]])

    def prefixed(self, lexeme: str) -> None:
        self.put("number", str(int(lexeme, 0)))

    # Names and commands.

    def word(self, run: str) -> None:
        if run in notation.BRACED_WORDS and self.text[self.position : self.position + 1] == "{":
            self.command("\\" + run)  # a backslash was lost: `frac{1}{2}`, `text{cm}`
        elif run == "U" and self.tokens and self.tokens[-1].text in (")", "]"):
            self.put("operator", "union")
        elif run == "mod" and not self.bracket_follows():
            self.put("operator", "mod")
        elif run == "in" and self.tokens and self.tokens[-1].kind == "number" and self.is_inch():
            self.put("text", "in")
        else:
            split_word(run, self.spaced, self.symbols, self.tokens, bracket=self.bracket_follows())

    def indexed(self, lexeme: str) -> None:
        """`C1`, as programs write what is set as `C_1`."""
        self.put("name", lexeme[0])
        self.put("operator", "_")
        self.put("number", lexeme[1:])

    def is_inch(self) -> bool:
        """After a number `in` is a unit, unless a set follows."""
        return self.text[self.position :].lstrip()[:1] not in ("(", "[", "{", "\\")

    def bracket_follows(self) -> bool:
        return self.text[self.position : self.position + 1] == "("

    def command(self, lexeme: str) -> None:
        name = lexeme[1:]
        if name == "jmath":
            self.put("name", "j")
        elif name in notation.INVISIBLE_COMMANDS:
            self.position += (
                name in ("left", "right", "mleft", "mright")
                and self.text[self.position : self.position + 1] == "."
            )
        elif name in ("begin", "end"):
            self.environment(name)
        elif name in notation.TEXT_COMMANDS or name == "mathbb":
            self.text_command(name)
        elif name in notation.SWALLOWED_COMMANDS:
            match = _SWALLOWED.match(self.text, self.position)
            self.position = match.end() if match else self.position
        elif name in notation.COLOUR_COMMANDS:
            self.colour(name)
        elif name in notation.COMMAND_OPERATORS:
            sign = notation.COMMAND_OPERATORS[name]
            self.put("truth" if sign in ("true", "false") else "operator", sign)
        elif name in notation.BIG_OPERATORS:
            self.put("big", notation.BIG_OPERATORS[name])
        elif name in notation.FRACTION_COMMANDS:
            self.put("command", "frac")
        elif name in notation.BINOMIAL_COMMANDS:
            self.put("command", "binom")
        elif name in ("sqrt", "over", "choose"):
            self.put("command" if name == "sqrt" else "operator", name)
        elif name not in notation.TRANSPARENT_COMMANDS:
            self.named(name)

    def named(self, name: str) -> None:
        """A command that is a name; `\\pir` and `\\cdotx` lost the space after theirs."""
        known = known_word(name, self.spaced, self.symbols) if len(name) > 1 else None
        if known is not None:
            self.tokens.append(known)
            return
        for length in range(len(name) - 1, 1, -1):
            head = name[:length]
            signs = head in notation.COMMAND_OPERATORS or head in notation.INVISIBLE_COMMANDS
            if signs or known_word(head, False, frozenset()) is not None:
                if len(name) - length > 2:
                    break
                self.position -= len(name) - length
                self.command("\\" + head)
                return
        raise UnreadableError(f"unknown command \\{name}")

    def text_command(self, name: str) -> None:
        """`\\text{...}` swallows its braces: a number, a known name, or words."""
        units = _STYLED_UNITS.match(self.text, self.position)
        if units is not None and ("\\" in units.group() or "{" in units.group(1)):
            self.position = units.end()
            self.put("text", _STYLED_SPACE.sub(" ", units.group(1)).strip())
            return
        match = _BRACED.match(self.text, self.position)
        if match is None:
            if _STYLED_COMMAND.match(self.text, self.position):
                return  # `\textbf{\text{42}}`: what is inside says what it is
            raise UnreadableError(f"\\{name} without its braces")
        self.position = match.end()
        content = (match.group(1) or match.group(2) or "").strip()
        if name == "mathbb" and content in notation.BLACKBOARD_ONLY:
            self.put("constant", notation.CONSTANTS[content])
        elif (base := _BASE.match(self.text, self.position)) and _DIGITS_OF_ANY_BASE.fullmatch(content):
            self.position = base.end()
            self.based(content + base.group())
        elif content in notation.CURRENCIES:
            self.put("currency", notation.CURRENCIES[content])
        elif _STYLED_NUMBER.fullmatch(content) or _LISTED_LETTERS.fullmatch(content):
            self.tokens.extend(tokenize(content, self.symbols)[:-1])
        elif content in (",", ";", "="):
            self.put("operator", "," if content == ";" else content)
        elif content:
            # After a number `\text{m}` is metres and not a variable.
            last = self.tokens[-1] if self.tokens else END
            after_number = last.kind in ("number", "repeating") or (last.kind, last.text) == ("operator", "}")
            unit = content in notation.UNITS_AFTER_NUMBERS and after_number
            if content == "mod":
                self.put("operator", "mod")
                return
            known = None if unit else known_word(content.strip(",.:; "), self.spaced, self.symbols)
            self.tokens.append(known or Token("text", content, self.spaced))

    def colour(self, name: str) -> None:
        match = _BRACED.match(self.text, self.position)
        if match is None:
            raise UnreadableError(f"\\{name} without its colour")
        self.position = match.end()

    def environment(self, verb: str) -> None:
        match = _ENVIRONMENT.match(self.text, self.position)
        holds = _ENVIRONMENTS.get(match.group(1)) if match else None
        if match is None or holds is None:
            raise UnreadableError(f"\\{verb} of an environment that is not known")
        self.position = match.end()
        if verb == "begin":
            if match.group(1) in ("array", "tabular"):
                columns = _COLUMNS.match(self.text, self.position)
                self.position = columns.end() if columns else self.position
            self.environments.append(match.group(1))
            self.put("begin", holds)
            return
        if not self.environments or self.environments.pop() != match.group(1):
            raise UnreadableError(rf"\end{{{match.group(1)}}} without its beginning")
        self.put("operator", "end")

    # Signs.

    def row(self, lexeme: str) -> None:
        """`\\\\` ends a row; outside of rows it is an escaped backslash, or a line break."""
        if self.environments:
            self.put("operator", "row")
        elif self.text[self.position : self.position + 1].isalpha():
            self.position -= len(lexeme) - 1
        elif lexeme == "\\\\" and self.text[self.position : self.position + 1] in tuple("{},;!%()[]"):
            self.position -= 1
        else:
            self.put("operator", ",")

    def sign(self, lexeme: str) -> None:
        if lexeme == "&" and self.environments:
            self.put("operator", "cell")
            return
        if (
            lexeme == "~"
            and self.tokens
            and (self.tokens[-1].kind != "operator" or self.tokens[-1].text in "})]")
        ):
            self.spaced = True  # LaTeX's unbreakable space
            return
        token = sign_token(lexeme, self.spaced)
        self.tokens.append(token)
        if token.text in ("(", "[", "set{"):
            self.depth += 1
        elif token.text in (")", "]", "set}"):
            self.depth -= 1


_ADDERS: dict[str, Callable[[_Scanner, str], None]] = {
    "row": _Scanner.row,
    "repeating": _Scanner.repeating,
    "based": _Scanner.based,
    "prefixed": _Scanner.prefixed,
    "thousands": _Scanner.separated,
    "grouped": _Scanner.grouped,
    "number": _Scanner.number,
    "command": _Scanner.command,
    "dotted": _Scanner.word,
    "indexed": _Scanner.indexed,
    "word": _Scanner.word,
    "brace": _Scanner.sign,
    "currency": _Scanner.currency,
    "endless": _Scanner.endless,
    "operator": _Scanner.sign,
}


@lru_cache(maxsize=1024)
def _digits(lexeme: str) -> str:
    found = re.sub(r"[^\d.]", "", lexeme)
    if len(found) > MAX_DIGITS:
        raise UnreadableError(f"a number of more than {MAX_DIGITS} digits")
    return found
