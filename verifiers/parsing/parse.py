"""Tokens to a tree: one parser that reads all of its input or refuses it; operators are `operators.py`'s.

Nothing is evaluated: no `eval`, no `sympify`, nothing of the text is ever run. Depth and the number
of tokens are bounded, so the cost of reading is linear and small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from fractions import Fraction
from functools import lru_cache

from verifiers.parsing import notation
from verifiers.parsing.build import (
    INVERSES,
    as_symbol,
    call_of,
    derivative_of,
    integrand_of,
    literal,
    product_of,
    repeating,
)
from verifiers.parsing.grammar import BRACKETS, NOT, POSTFIX, PRODUCT, RELATION, SIGN, SUM
from verifiers.parsing.lex import tokenize
from verifiers.parsing.structures import Structures
from verifiers.parsing.token import END, Token, UnreadableError
from verifiers.parsing.tree import (
    Based,
    Big,
    Call,
    Constant,
    Matrix,
    Negate,
    Node,
    Number,
    PlusMinus,
    Power,
    Quantity,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Truth,
    Word,
)

MAX_REMEMBERED = 128

_PLAIN = re.compile(
    r"(-?)(?:([0-9]{1,18}(?:\.[0-9]{1,18})?)"
    r"|(?:\\[dt]?frac\{([0-9]{1,18})\}\{([0-9]{1,18})\}|([0-9]{1,18})/([0-9]{1,18})))"
)


def parse(text: str, symbols: Set[str] = frozenset(), *, thousands: bool = True) -> Node:
    """The tree of the whole of `text`; raises `UnreadableError` with the reason.

    >>> from verifiers.parsing.show import show
    >>> show(parse(r"-2\\frac{1}{2} + x^{2}"))
    '(-(2 1/2)) + (x^2)'
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return _plain(*plain.groups())
    if len(text) > MAX_REMEMBERED:
        return _Parser(tokenize(text, symbols, thousands=thousands)).whole()
    return _remembered(text, symbols, thousands)


def _plain(sign: str, number: str | None, *parts: str | None) -> Node:
    """The most common answers, digits and a fraction of digits: what the parser would make of them."""
    if number is not None:
        node: Node = literal(number)
        return Negate(node) if sign else node
    above, below = (Number(int(part)) for part in parts if part is not None)
    return Negate(Quotient(above, below)) if sign else Quotient(above, below)


@lru_cache(maxsize=2048)
def _remembered(text: str, symbols: Set[str], thousands: bool) -> Node:
    """Short texts come back: one gold answer to many attempts, and attempts that agree."""
    return _Parser(tokenize(text, symbols, thousands=thousands)).whole()


class _Parser(Structures):
    """One reading of one token list, from left to right."""

    def whole(self) -> Node:
        if self.tokens[0] is END:
            raise UnreadableError("nothing to read")
        last = self.tokens[-2]
        if last.text == "." and len(self.tokens) > 2:
            self.tokens[-2:] = [END]
        node = self.expression(0)
        if self.peek() is not END:
            raise UnreadableError(f"cannot read on at {self.peek().text!r}")
        return node

    def prefix(self) -> Node:
        token = self.next()
        handler = _PREFIX.get(token.kind)
        if handler is None:
            raise UnreadableError("it breaks off" if token is END else f"misplaced {token.text!r}")
        self.deeper()
        node = handler(self, token)
        self.depth -= 1
        return node

    def on_number(self, token: Token) -> Node:
        return literal(token.text)

    def on_repeating(self, token: Token) -> Node:
        return repeating(token.text)

    def on_based(self, token: Token) -> Node:
        written, _, base = token.text.partition("_")
        return Based(written, int(base))

    def on_name(self, token: Token) -> Node:
        if self.accept("_"):
            return Symbol(f"{token.text}_{self.subscript()}")
        if token.text == "C" and self.two_integers_follow():
            return Call("binom", self.arguments())
        return Symbol(token.text)

    def two_integers_follow(self) -> bool:
        """Whether `(5, 2)` stands here: what makes of `C` a number of combinations."""
        shape = [self.after(count) for count in range(5)]
        signs = shape[0].text == "(" and shape[2].text == "," and shape[4].text == ")"
        return signs and all(token.kind == "number" and token.text.isdigit() for token in shape[1::2])

    def on_constant(self, token: Token) -> Node:
        if token.text in ("e", "i") and self.peek().text == "_":
            return self.on_name(token)
        return Constant(token.text)

    def on_currency(self, token: Token) -> Node:
        return Quantity(self.expression(PRODUCT), token.text)

    def on_truth(self, token: Token) -> Node:
        return Truth(token.text == "true")

    def on_text(self, token: Token) -> Node:
        words = [token.text]
        while self.peek().kind == "text":
            words.append(self.next().text)
        return Word(" ".join(words))

    def on_operator(self, token: Token) -> Node:
        sign = token.text
        if sign == "-":
            return Negate(self.expression(PRODUCT - 1))
        if sign == "+":
            return self.expression(PRODUCT - 1)
        if sign == "pm":
            return PlusMinus(None, self.expression(PRODUCT - 1))
        if sign in ("not", "!"):
            return Call("not", (self.expression(NOT),))
        if sign in BRACKETS:
            return self.bracket(sign)
        if sign == "{":
            return self.brace()
        if sign == "|":
            return self.absolute()
        if sign == "<":
            return self.angled()
        if sign == "_":
            return self.combinations()
        if sign == "dots":
            return Constant("dots")
        raise UnreadableError(f"misplaced {sign!r}")

    def angled(self) -> Node:
        """`<1, 2>`, a vector."""
        items = [self.expression(RELATION)]
        while self.accept(","):
            items.append(self.expression(RELATION))
        self.expect(">")
        return Sequence(tuple(items), "(", ")")

    def combinations(self) -> Node:
        """`_8C_3`, and `{}_8C_3`, whose empty braces are read before."""
        upper = self.argument(single_digit=False)
        name = self.next()
        if name.text != "C" or not self.accept("_"):
            raise UnreadableError("an index without a name")
        return Call("binom", (upper, self.argument(single_digit=False)))

    def bracket(self, opening: str) -> Node:
        closings = BRACKETS[opening]
        if self.accept(closings[0]):
            if opening == "set{":
                return Sequence((), "{", "}")
            raise UnreadableError("empty brackets")
        if opening == "(" and self.accept("mod"):
            raise UnreadableError("a modulus without a value")
        inner = self.enclosed(builder=opening == "set{")
        closing = self.expect(*closings)
        if opening in ("lfloor", "lceil"):
            return Call("floor" if opening == "lfloor" else "ceil", (inner,))
        opening, closing = ("(" if opening == "]" else opening), (")" if closing == "[" else closing)
        if isinstance(inner, Matrix) and opening != "set{":
            return inner
        bare_list = isinstance(inner, Sequence) and not inner.opening
        if opening == "(" and closing == ")" and not bare_list:
            return self.digits_in_a_base(inner)
        items = inner.items if isinstance(inner, Sequence) and bare_list else (inner,)
        return Sequence(items, opening[-1], closing[-1])

    def digits_in_a_base(self, inner: Node) -> Node:
        """`(1101)_2`; anything else in brackets as it is."""
        if not isinstance(inner, Number) or inner.places is not None or not self.accept("_"):
            return inner
        digits, base = str(inner.value), self.argument(single_digit=False)
        if not isinstance(base, Number) or not 2 <= base.value <= 36 or int(max(digits)) >= base.value:
            raise UnreadableError("digits with an index that is no base of theirs")
        return Based(digits, int(base.value))

    def enclosed(self, *, builder: bool = False) -> Node:
        """What stands between brackets, where bars and colons outside of them mean nothing."""
        outer = self.bars, self.builder, self.raised
        self.bars, self.builder, self.raised = 0, builder, False
        inner = self.expression(0)
        if builder and self.accept("|", ":"):
            self.builder = False
            inner = Call("builder", (inner, self.expression(0)))
        self.bars, self.builder, self.raised = outer
        return inner

    def brace(self) -> Node:
        """Bare braces group, unless a comma or a condition shows that a set is meant."""
        if self.accept("}"):
            return Sequence((), "{", "}")
        inner = self.enclosed(builder=True)
        self.expect("}")
        if isinstance(inner, Call) and inner.name == "builder":
            return Sequence((inner,), "{", "}")
        if isinstance(inner, Sequence) and not inner.opening:
            return Sequence(inner.items, "{", "}")
        return inner

    def absolute(self) -> Node:
        self.bars += 1
        inner = self.expression(0)
        self.expect("|")
        self.bars -= 1
        return Call("det" if isinstance(inner, Matrix) else "abs", (inner,))

    def on_function(self, token: Token) -> Node:
        name = token.text
        base = self.subscript_argument() if name in ("ln", "log10") and self.accept("_") else None
        exponent = self.exponent() if self.accept("^") else None
        if base is not None:
            call: Node = Call("log", (self.function_argument(), base))
        elif self.peek().text == "(" and self.peek().kind == "operator":
            arguments = self.arguments()
            if name == "root" and len(arguments) == 1 and self.peek().text == "(":
                arguments = (*self.arguments(), *arguments)
            call = call_of(name, arguments)
        elif self.peek().text == "set{" and name in ("min", "max", "gcd", "lcm"):
            self.next()
            members = self.bracket("set{")
            call = call_of(name, members.items if isinstance(members, Sequence) else (members,))
        elif self.peek().text == "{" and name not in notation.BARE_FUNCTIONS:
            call = call_of(name, (self.argument(),))
        elif name in notation.BARE_FUNCTIONS or name in ("sqrt", "cbrt"):
            call = Call(name, (self.function_argument(bare=name in ("sqrt", "cbrt")),))
        else:
            raise UnreadableError(f"{name} without brackets")
        if exponent is None:
            return call
        if exponent == Negate(Number(Fraction(1))) and isinstance(call, Call) and "arc" + name in INVERSES:
            return Call("arc" + name, call.arguments)
        return Power(call, exponent)

    def function_argument(self, *, bare: bool = False) -> Node:
        """`sin(x)` takes the brackets only; `sin 2x` takes factors up to the next function or sign."""
        if self.peek().text in ("(", "{", "|") or bare:
            return self.expression(POSTFIX - 2)
        factors = [self.expression(SIGN - 1) if self.peek().text == "-" else self.expression(PRODUCT)]
        while self.peek().kind in ("number", "name", "constant") or self.peek().text == "frac":
            factors.append(self.expression(PRODUCT))
        return product_of(factors)

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        inner = self.enclosed()
        self.expect(")")
        if isinstance(inner, Sequence) and not inner.opening:
            return inner.items
        return (inner,)

    def on_command(self, token: Token) -> Node:
        if token.text == "sqrt":
            index: Node | None = None
            if self.accept("["):
                index = self.expression(0)
                self.expect("]")
            radicand = self.argument(single_digit=False)
            return Call("sqrt", (radicand,)) if index is None else Call("root", (radicand, index))
        upper, lower = self.argument(), self.argument()
        if token.text == "binom":
            return Call("binom", (upper, lower))
        variable = derivative_of(upper, lower)
        if variable is None:
            return Quotient(upper, lower)
        return Call(
            "derivative", (self.expression(PRODUCT - 1) if variable[0] is None else variable[0], variable[1])
        )

    def argument(self, *, single_digit: bool = True) -> Node:
        """One LaTeX argument: a braced group, or the next digit or letter alone (`\\frac12`)."""
        if self.accept("{"):
            inner = self.enclosed()
            self.expect("}")
            return inner
        token = self.peek()
        if token.kind == "number" and single_digit and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.position] = Token("number", token.text[1:], False)
            return literal(token.text[0])
        if token.kind in ("number", "name", "constant", "command"):
            return self.prefix()
        if token.text == "(":
            return self.bracket(self.next().text)
        raise UnreadableError("an argument is missing")

    def subscript_argument(self) -> Node:
        if self.peek().kind == "operator":
            return self.argument()
        return self.prefix()

    def subscript(self) -> str:
        """A subscript is part of the name, whatever it says: `x_1`, `a_{n+1}`."""
        if not self.accept("{"):
            token = self.next()
            if token.kind not in ("name", "number", "constant", "text"):
                raise UnreadableError("a subscript is missing")
            return token.text
        parts: list[str] = []
        while (token := self.next()).text != "}":
            if token is END:
                raise UnreadableError("a subscript does not end")
            parts.append(token.text)
        return "".join(parts) if len(parts) == 1 else "{" + " ".join(parts) + "}"

    def on_big(self, token: Token) -> Node:
        lower = upper = None
        for _ in range(2):
            if self.accept("_"):
                lower = self.limit()
            elif self.accept("^"):
                upper = self.limit()
        if isinstance(lower, Relation) and lower.operands[0] in _INDEX_LETTERS:
            name = Symbol(lower.operands[0].name)  # `\sum_{i=1}`: an index, and not the imaginary unit
            body = as_symbol(self.expression(SUM), name)
            return Big(token.text, as_symbol(lower, name), upper, body)
        if token.text != "int":
            return Big(token.text, lower, upper, self.expression(SUM))
        integrand, rest = integrand_of(self.expression(SUM - 1))
        integral = Big("int", lower, upper, integrand)
        return Sum((integral, *rest)) if rest else integral

    def limit(self) -> Node | None:
        if self.peek().text == "{" and self.after().text == "}":
            self.next()
            self.next()
            return None
        if self.peek().kind == "name":
            return Symbol(self.next().text)  # `\int^b_a`: the index is not b's
        return self.argument(single_digit=False) if self.peek().kind == "operator" else self.prefix()


_INDEX_LETTERS = (Constant("i"), Constant("e"))


_PREFIX: dict[str, Callable[[_Parser, Token], Node]] = {
    "number": _Parser.on_number,
    "repeating": _Parser.on_repeating,
    "name": _Parser.on_name,
    "constant": _Parser.on_constant,
    "based": _Parser.on_based,
    "begin": _Parser.on_begin,
    "constructor": _Parser.on_constructor,
    "currency": _Parser.on_currency,
    "truth": _Parser.on_truth,
    "text": _Parser.on_text,
    "operator": _Parser.on_operator,
    "function": _Parser.on_function,
    "command": _Parser.on_command,
    "big": _Parser.on_big,
}
