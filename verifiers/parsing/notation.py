"""The names mathematics is written with: LaTeX commands, ASCII and sympy names, Unicode signs.

Tables only. `lex.py` reads them; nothing here knows how an expression is put together.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a string: a set that reads like a sentence."""
    return frozenset(text.split())


#: Every spelling of a function, and the one name the tree uses for it.
FUNCTIONS: dict[str, str] = {
    name: name
    for name in words(
        "sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan ln exp sqrt cbrt abs floor ceil "
        "gcd lcm min max binom factorial mod sign det"
    )
} | {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "log": "ln",
    "lg": "log10",
    "log10": "log10",
    "log2": "log2",
    "Abs": "abs",
    "ceiling": "ceil",
    "binomial": "binom",
    "Max": "max",
    "Min": "min",
    "Rational": "quotient",
    "Mod": "mod",
    "sgn": "sign",
    "FiniteSet": "set",
    "Tuple": "tuple",
    "Eq": "equals",
    "root": "root",
}

#: Functions that take a bare argument: `sin x`, `ln 2`. The others need parentheses.
BARE_FUNCTIONS = words("sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan ln log10 log2 exp det")

BIG_OPERATORS: dict[str, str] = {
    "sum": "sum",
    "prod": "prod",
    "int": "int",
    "lim": "lim",
    "∑": "sum",
    "∏": "prod",
    "∫": "int",
}

#: Operations that leave the work to the reader. An answer must not contain one (restatement guard).
UNFINISHED = words("gcd lcm mod min max binom factorial floor ceil det")

GREEK = words(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega"
)

CONSTANTS: dict[str, str] = {
    "pi": "pi",
    "π": "pi",
    "e": "e",
    "E": "e",
    "i": "i",
    "I": "i",
    "oo": "infinity",
    "inf": "infinity",
    "infty": "infinity",
    "infinity": "infinity",
    "∞": "infinity",
    "emptyset": "empty",
    "varnothing": "empty",
    "∅": "empty",
    "EmptySet": "empty",
    "R": "reals",
    "ℝ": "reals",
    "nan": "undefined",
    "NaN": "undefined",
    "zoo": "undefined",
}
#: Single letters of `CONSTANTS` that only mean the constant in LaTeX's blackboard bold.
BLACKBOARD_ONLY = frozenset({"R"})

TRUTHS: dict[str, bool] = {"true": True, "yes": True, "false": False, "no": False}

#: Every spelling of an operator, and the one sign the parser knows it by.
OPERATORS: dict[str, str] = {
    "**": "^",
    "−": "-",
    "–": "-",
    "·": "*",
    "⋅": "*",
    "×": "*",
    "∗": "*",
    "÷": "/",
    "∕": "/",
    "⁄": "/",
    "±": "pm",
    "==": "=",
    "!=": "!=",
    "≠": "!=",
    "<=": "<=",
    "=<": "<=",
    "≤": "<=",
    "⩽": "<=",
    ">=": ">=",
    "≥": ">=",
    "⩾": ">=",
    "≈": "approx",
    "∈": "in",
    "∪": "union",
    "∩": "intersect",
    "∧": "and",
    "&": "and",
    "&&": "and",
    "∨": "or",
    "||": "or",
    "¬": "not",
    "~": "not",
    "->": "implies",
    "=>": "implies",
    "→": "implies",
    "⇒": "implies",
    "⟹": "implies",
    "<->": "iff",
    "<=>": "iff",
    "↔": "iff",
    "⇔": "iff",
    "⊕": "xor",
    "⊤": "true",
    "⊥": "false",
    "√": "sqrt",
    "∛": "cbrt",
    "°": "degree",
    "'": "prime",
    ";": ",",
    "⟨": "(",
    "⟩": ")",
}

#: LaTeX commands that are signs.
COMMAND_OPERATORS: dict[str, str] = {
    "cdot": "*",
    "times": "*",
    "ast": "*",
    "div": "/",
    "pm": "pm",
    "mp": "pm",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "lt": "<",
    "gt": ">",
    "ne": "!=",
    "neq": "!=",
    "approx": "approx",
    "in": "in",
    "cup": "union",
    "cap": "intersect",
    "land": "and",
    "wedge": "and",
    "lor": "or",
    "vee": "or",
    "lnot": "not",
    "neg": "not",
    "to": "implies",
    "rightarrow": "implies",
    "Rightarrow": "implies",
    "implies": "implies",
    "leftrightarrow": "iff",
    "Leftrightarrow": "iff",
    "iff": "iff",
    "oplus": "xor",
    "top": "true",
    "bot": "false",
    "langle": "(",
    "rangle": ")",
    "lparen": "(",
    "rparen": ")",
    "lbrack": "[",
    "rbrack": "]",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "mid": "|",
    "lbrace": "set{",
    "rbrace": "set}",
    "lfloor": "lfloor",
    "rfloor": "rfloor",
    "lceil": "lceil",
    "rceil": "rceil",
    "bmod": "mod",
    "circ": "circ",
    "degree": "degree",
    "colon": ":",
}

WORD_OPERATORS: dict[str, str] = {
    "and": "and",
    "or": "or",
    "not": "not",
    "implies": "implies",
    "iff": "iff",
    "xor": "xor",
    "union": "union",
    "mod": "mod",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
}

#: LaTeX that changes the look and not the meaning.
INVISIBLE_COMMANDS = words(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle limits nolimits "
    "quad qquad thinspace enspace hspace rm bf it scriptstyle"
)

#: Commands whose braces hold mathematics, to be read as if they were not there.
TRANSPARENT_COMMANDS = words("boxed mathbf boldsymbol overline underline ensuremath fbox mathit")
#: Commands whose first braces name a colour; what follows is to be read as if it were black.
COLOUR_COMMANDS = words("color textcolor")
TEXT_COMMANDS = words("text textbf textrm textit mathrm mbox operatorname textnormal mathsf texttt")
FRACTION_COMMANDS = words("frac dfrac tfrac cfrac")
BINOMIAL_COMMANDS = words("binom dbinom tbinom")

UNITS = words(
    "cm mm km kg mg ml sec secs mins hr hrs ft mph inch inches cent cents dollar dollars meter meters metre "
    "metres second seconds minute minutes hour hours day days week weeks month months year years unit units "
    "degree degrees feet foot mile miles gram grams litre litres liter liters point points square squared "
    "cubic people"
)

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
