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
        "sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc "
        "arcsinh arccosh arctanh ln exp sqrt cbrt abs floor ceil gcd lcm min max binom factorial mod sign "
        "det arg conjugate erf cis"
    )
} | {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "acot": "arccot",
    "asec": "arcsec",
    "acsc": "arccsc",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "arsinh": "arcsinh",
    "arcosh": "arccosh",
    "artanh": "arctanh",
    "tg": "tan",
    "ctg": "cot",
    "cotg": "cot",
    "cosec": "csc",
    "cosech": "csch",
    "arctg": "arctan",
    "arcctg": "arccot",
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
    "Re": "re",
    "Im": "im",
    "root": "root",
    "nCr": "binom",
    "comb": "binom",
}

#: Functions that take a bare argument: `sin x`, `ln 2`. The others need parentheses.
BARE_FUNCTIONS = words(
    "sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc "
    "arcsinh arccosh arctanh ln log10 log2 exp det re im arg cis"
)

#: sympy's constructors, always with brackets; `build.py` makes the nodes they stand for.
CONSTRUCTORS = words(
    "FiniteSet Tuple Eq Ne Lt Le Gt Ge And Or Not Xor Implies Equivalent Interval Interval.open "
    "Interval.Lopen Interval.Ropen Union Intersection Complement Matrix ImmutableMatrix MutableDenseMatrix "
    "ImmutableDenseMatrix Piecewise Sum Product Integral Derivative Limit Point Point2D Point3D Integer "
    "Float Add Mul Pow Symbol set list tuple"
)
#: What sympy keeps in its `S`.
SINGLETONS: dict[str, str] = {
    "S.Reals": "reals",
    "S.Integers": "integers",
    "S.Naturals": "naturals",
    "S.Rationals": "rationals",
    "S.Complexes": "complexes",
    "S.EmptySet": "empty",
    "S.Infinity": "infinity",
    "S.Pi": "pi",
    "S.Exp1": "e",
    "S.ImaginaryUnit": "i",
    "S.NaN": "undefined",
    "S.ComplexInfinity": "undefined",
}

BIG_OPERATORS: dict[str, str] = {
    "sum": "sum",
    "prod": "prod",
    "int": "int",
    "lim": "lim",
    "∑": "sum",
    "∏": "prod",
    "∫": "int",
    "iint": "int",
    "oint": "int",
}

#: Operations that leave the work to the reader. An answer must not contain one (restatement guard).
UNFINISHED = words("gcd lcm mod min max binom factorial factorial2 floor ceil det derivative re im arg")

GREEK = words(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon phi varphi chi psi omega hbar ell Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega"
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
    "Infinity": "infinity",
    "∞": "infinity",
    "emptyset": "empty",
    "varnothing": "empty",
    "∅": "empty",
    "EmptySet": "empty",
    "Reals": "reals",
    "Integers": "integers",
    "R": "reals",
    "ℝ": "reals",
    "Z": "integers",
    "ℤ": "integers",
    "N": "naturals",
    "ℕ": "naturals",
    "Q": "rationals",
    "ℚ": "rationals",
    "C": "complexes",
    "ℂ": "complexes",
    "imath": "i",
    "nan": "undefined",
    "NaN": "undefined",
    "zoo": "undefined",
}
#: Single letters of `CONSTANTS` that only mean the constant in LaTeX's blackboard bold.
BLACKBOARD_ONLY = frozenset("RZNQC")

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
    "+/-": "pm",
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
    "∖": "setminus",
    "≡": "=",
    "≅": "approx",
    "≃": "approx",
    "∼": "approx",
    "∧": "and",
    "&": "and",
    "&&": "and",
    "∨": "or",
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
    "⌊": "lfloor",
    "⌋": "rfloor",
    "⌈": "lceil",
    "⌉": "rceil",
    "∣": "|",
    "…": "dots",
    "⋯": "dots",
    "...": "dots",
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
    "setminus": "setminus",
    "backslash": "setminus",
    "equiv": "=",
    "sim": "approx",
    "simeq": "approx",
    "cong": "approx",
    "approxeq": "approx",
    "doteq": "approx",
    "dots": "dots",
    "ldots": "dots",
    "cdots": "dots",
    "dotsc": "dots",
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
    "longrightarrow": "implies",
    "Longrightarrow": "implies",
    "longleftrightarrow": "iff",
    "Longleftrightarrow": "iff",
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
    "lVert": "|",
    "rVert": "|",
    "lbrace": "set{",
    "rbrace": "set}",
    "lfloor": "lfloor",
    "rfloor": "rfloor",
    "lceil": "lceil",
    "rceil": "rceil",
    "bmod": "mod",
    "mod": "mod",
    "pmod": "pmod",
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
    "cup": "union",
    "cap": "intersect",
    "intersection": "intersect",
    "mod": "mod",
    "times": "*",
    "cdot": "*",
    "to": ":",
    "leq": "<=",
    "geq": ">=",
    "pm": "pm",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
}

#: LaTeX that changes the look and not the meaning.
INVISIBLE_COMMANDS = words(
    "left right mleft mright big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle "
    "limits nolimits "
    "quad qquad thinspace medspace thickspace negthinspace negmedspace negthickspace enspace rm bf it sf tt "
    "cal scriptstyle scriptscriptstyle nonumber notag hline hfill therefore because triangle angle middle "
    "Biggl Biggr bigm Bigm strut mathstrut noindent par newline checkmark blacksquare square qed"
)

#: Commands whose braces hold mathematics, to be read as if they were not there.
TRANSPARENT_COMMANDS = words(
    "boxed mathbf boldsymbol overline underline ensuremath fbox mathit bm vec hat widehat bar overrightarrow "
    "mathcal mathfrak mathop pmb underbrace overbrace tilde widetilde bold uline"
)
#: Commands whose braces hold no mathematics at all.
SWALLOWED_COMMANDS = words("label tag hspace vspace mspace hskip kern mkern phantomsection")
#: Commands whose first braces name a colour; what follows is to be read as if it were black.
COLOUR_COMMANDS = words("color textcolor")
TEXT_COMMANDS = words(
    "text textbf textrm textit textsf textsc emph mathrm mbox hbox operatorname textnormal mathsf texttt "
    "mathtt"
)
FRACTION_COMMANDS = words("frac dfrac tfrac cfrac sfrac nicefrac")
BINOMIAL_COMMANDS = words("binom dbinom tbinom")

UNITS = words(
    "cm mm km kg mg ml sec secs mins hr hrs ft mph inch inches cent cents dollar dollars meter meters metre "
    "metres second seconds minute minutes hour hours day days week weeks month months year years unit units "
    "degree degrees feet foot mile miles gram grams litre litres liter liters point points square squared "
    "cubic people per lb lbs oz yd mi gal hz Hz kHz MHz kW kWh Pa kPa atm mol cal kcal eV usd USD rad kph"
)

#: Words in text style that are units after a number and something else elsewhere.
UNITS_AFTER_NUMBERS = words("d g h l m s A C F G H J K L M N P T V W in min")

#: Signs of money, and the unit each stands for.
CURRENCIES: dict[str, str] = {"$": "$", r"\$": "$", "€": "euro", "£": "pound sterling", "¥": "yen"}
#: Words after a number that multiply it.
SCALES: dict[str, int] = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
#: Characters that stay as they are, because their compatible spelling means something else.
KEPT_CHARACTERS = frozenset("ℝℤℕℚℂ…⋯")
#: LaTeX commands that are also recognised, before a brace, when their backslash was lost.
BRACED_WORDS = words("frac dfrac tfrac text sqrt boxed binom mathrm textbf begin end")
_COUNTED = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
#: Numbers that are written as one word.
NUMBER_WORDS: dict[str, int] = {word: value for value, word in enumerate((*_COUNTED, "twenty"))} | {
    "none": 0,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1000,
}
