"""Operators between operands: the half of the parser that knows how tightly things bind.

`grammar.py` has the table. What an expression may start with, and what a LaTeX argument is, is read by
`parse.py`. Source: Pratt 1973, "Top down operator precedence".
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from verifiers.parsing.build import digits, divide, mixed_number, product_of
from verifiers.parsing.grammar import COMMA, INFIX, MODULO, OR, OVER, POSTFIX, POWER, PRODUCT, RELATION, SUM
from verifiers.parsing.notation import SCALES
from verifiers.parsing.token import END, Cursor, Token, UnreadableError
from verifiers.parsing.tree import (
    Call,
    Negate,
    Node,
    Number,
    PlusMinus,
    Power,
    Product,
    Quantity,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
)

#: Expressions and operands inside of each other: about sixty brackets.
MAX_DEPTH = 120
MAX_STACKED = 100
#: Letters that are units after a slash: `9.8 m/s`.
UNIT_LETTERS = frozenset("smhgLlJNWVA")


class Expressions(Cursor, ABC):
    """Operands and what joins them.

    `depth` counts open expressions, `bars` open absolute values; `builder` tells that a bar or a colon
    ends what stands on its left, as in `{ x | x > 3 }`, `raised` that this is an exponent.
    """

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.depth = 0
        self.bars = 0
        self.builder = False
        self.raised = False
        self.stacked = 0

    def deeper(self) -> None:
        """One level down; whoever comes back takes it off again."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadableError(f"nested deeper than {MAX_DEPTH} levels")

    def stack(self) -> None:
        """Counts what nests without a bracket, `5!!!` and `1/2/3/4`: a tree may only be so deep."""
        self.stacked += 1
        if self.stacked > MAX_STACKED:
            raise UnreadableError(f"more than {MAX_STACKED} signs on top of each other")

    @abstractmethod
    def prefix(self) -> Node:
        """One operand, with the signs and brackets it starts with."""

    @abstractmethod
    def subscript(self) -> str:
        """What stands after `_`, as part of a name."""

    @abstractmethod
    def argument(self, *, single_digit: bool = True) -> Node:
        """One LaTeX argument: a braced group, or one digit or letter."""

    def expression(self, minimum: int) -> Node:
        """An expression of operators that bind tighter than `minimum`."""
        self.deeper()
        left = self.prefix()
        while True:
            token = self.peek()
            power = self.binding(token)
            if power <= minimum:
                break
            left = self.infix(left, token, power)
        self.depth -= 1
        return left

    def binding(self, token: Token) -> int:
        """How tightly what stands here binds to what is on its left; 0 ends the expression."""
        if token is END:
            return 0
        if token.kind != "operator":
            if self.raised and token.kind == "text":
                return 0  # the unit of `10^8 km` is not the exponent's
            return POSTFIX if token.kind in ("text", "currency") else PRODUCT
        sign = token.text
        if sign == "|" or (sign == ":" and self.builder):
            if self.bars or self.builder:
                return 0
            before = self.tokens[self.position - 1]
            if before.text == "|" and not token.spaced:
                return PRODUCT
            bars = sum(later.text == "|" for later in self.tokens[self.position :])
            return OR if bars % 2 or token.spaced else PRODUCT  # `a|x|`
        power = INFIX.get(sign)
        if power is not None:
            return power
        if sign == "(" and self.after().text == "mod" and self.after().kind == "operator":
            return MODULO
        return PRODUCT if sign in ("(", "set{", "lfloor", "lceil", "{", "dots") else 0

    def infix(self, left: Node, token: Token, power: int) -> Node:
        sign = token.text
        if token.kind != "operator":
            if token.kind == "currency":
                return Quantity(left, self.next().text)
            return self.unit(left) if token.kind == "text" else self.product(left)
        if power == COMMA:
            return Sequence(self.comma_items(left), "", "")
        if power == RELATION:
            return self.relation(left)
        if power == SUM:
            return self.sum(left)
        if power == PRODUCT:
            return self.product(left)
        self.next()
        if power == OVER:
            right = self.expression(OVER)
            return Quotient(left, right) if sign == "over" else Call("binom", (left, right))
        if power == MODULO:
            self.stack()
            if sign == "(":
                self.expect("mod")
                modulus = self.expression(0)
                self.expect(")")
                return Call("modulo", (left, modulus))
            return Call("modulo", (left, self.argument(single_digit=False)))
        if power == POWER:
            return self.power(left)
        if power == POSTFIX:
            return self.postfix(left, sign)
        if sign == "|":
            sign = "or"
            self.accept("|")  # `p || q`
        return self.connective(left, sign, power)

    def connective(self, left: Node, sign: str, power: int) -> Node:
        if sign in ("implies", "iff"):
            return Call(sign, (left, self.expression(power - 1)))
        parts = [left, self.expression(power)]
        while self.accept(sign) or (sign == "or" and not self.bars and self.accept("|")):
            self.accept("|")
            parts.append(self.expression(power))
        return Call(sign, tuple(parts))

    def comma_items(self, first: Node) -> tuple[Node, ...]:
        items = [first]
        while self.accept(","):
            self.accept("and", "or")
            if len(items) > 1 and self.peek().kind == "operator" and self.peek().text in ("]", "set}", ")"):
                break  # a comma after the last member
            items.append(self.expression(COMMA))
        return tuple(items)

    def relation(self, left: Node) -> Node:
        operands, operators = [left], list[str]()
        while True:
            token = self.peek()
            if token.kind != "operator" or INFIX.get(token.text) != RELATION:
                return Relation(tuple(operands), tuple(operators))
            operators.append(self.next().text)
            operands.append(self.expression(RELATION))

    def sum(self, left: Node) -> Node:
        terms = [left]
        while True:
            if self.accept("+"):
                terms.append(self.expression(SUM))
            elif self.accept("-"):
                terms.append(Negate(self.expression(SUM)))
            elif self.accept("pm"):
                self.stack()
                before = terms[0] if len(terms) == 1 else Sum(tuple(terms))
                terms = [PlusMinus(before, self.expression(SUM))]
            else:
                return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def product(self, left: Node) -> Node:
        """Factors joined by `*`, by `/`, or by standing side by side, from left to right."""
        factors = [left]
        while True:
            token = self.peek()
            if self.binding(token) != PRODUCT:
                return product_of(factors)
            if self.accept("*"):
                factors.append(self.expression(PRODUCT))
            elif sign := self.accept("/", ":", "mod"):
                self.stack()
                factors = [divide(product_of(factors), sign, self.expression(PRODUCT))]
            else:
                factors = self.beside(factors, token)

    def beside(self, factors: list[Node], token: Token) -> list[Node]:
        """`2x`, `2(x+1)`, and the mixed number `2 1/2`; two bare numbers side by side are an error."""
        last = factors[-1]
        if token.kind in ("number", "repeating"):
            if isinstance(last, Call) and last.name == "degree" and self.after().text == "prime":
                return [*factors[:-1], self.minutes(last.arguments[0])]
            if isinstance(last, Call) and last.name == "factorial":
                return [*factors, self.expression(PRODUCT)]  # `3!7!`
            if isinstance(last, Power) and token.spaced:
                return [*factors, self.expression(PRODUCT)]  # `2^6 3^5`
            if isinstance(last, Number) and last.places is None and token.spaced:
                return [*factors[:-1], self.mixed(last)]
            raise UnreadableError("two numbers side by side")
        factor = self.expression(PRODUCT)
        if token.text == "frac" and isinstance(last, Number) and last.places is None:
            mixed = _mixed_inside(last, factor)
            if mixed is not None:
                return [*factors[:-1], mixed]
        return [*factors, factor]

    def minutes(self, degrees: Node) -> Node:
        """`22^\\circ 30'`: degrees and sixtieths of them."""
        minutes = self.prefix()
        self.expect("prime")
        return Call("degree", (Sum((degrees, Quotient(minutes, Number(60)))),))

    def mixed(self, whole: Number) -> Node:
        numerator = self.prefix()
        if not self.accept("/"):
            raise UnreadableError("two numbers side by side")
        mixed = mixed_number(whole, Quotient(numerator, self.prefix()))
        if mixed is None:
            raise UnreadableError("two numbers side by side")
        return mixed

    def unit(self, left: Node) -> Node:
        """What stands after a value in words: `cm`, `cm^2`, `miles per hour`, `m / s`."""
        scale = SCALES.get(self.peek().text.lower())
        if scale is not None and not isinstance(left, Quantity):
            self.next()
            return Product((left, Number(scale)))
        words = [self.unit_word()]
        while True:
            token = self.peek()
            if token.kind == "text":
                words.append(self.unit_word())
            elif token.kind == "operator" and token.text in ("/", "*") and self.unit_follows():
                words.append(self.next().text)
                words.append(self.unit_word())
            else:
                break
        text = " ".join(words).replace(" / ", "/").replace(" * ", "*")
        if isinstance(left, Quantity):
            return Quantity(left.value, f"{left.unit} {text}")
        return Quantity(left, text)

    def unit_follows(self) -> bool:
        """Whether a unit stands after the sign here; single letters are units there."""
        token = self.after()
        return token.kind == "text" or (token.kind == "name" and token.text in UNIT_LETTERS)

    def unit_word(self) -> str:
        word = self.next().text
        if self.accept("^"):
            sign = "-" if self.peek().kind == "operator" and self.accept("-") else ""
            word += "^" + sign + digits(self.argument())
        return word

    def power(self, base: Node) -> Node:
        if self.accept("circ", "degree"):
            return Call("degree", (base,))
        exponent = self.exponent()
        if exponent is None:
            return Call("degree", (base,))
        if isinstance(base, Symbol) and self.accept("_"):
            base = Symbol(f"{base.name}_{self.subscript()}")  # `x^2_1`
        return Power(base, exponent)

    def exponent(self) -> Node | None:
        """What stands after `^`; None for the degree sign `^{\\circ}`."""
        if self.peek().text == "{" and self.tokens[self.position + 1].text in ("circ", "degree"):
            self.next()
            self.next()
            self.expect("}")
            return None
        outer, self.raised = self.raised, True
        negative = self.accept("-")
        if not negative:
            self.accept("+")
        found = self.expression(POWER - 1)
        self.raised = outer
        return Negate(found) if negative else found

    def postfix(self, left: Node, sign: str) -> Node:
        self.stack()
        if sign == "!" and self.peek().text == "!" and not self.peek().spaced:
            self.next()
            return Call("factorial2", (left,))
        if sign == "prime":
            if isinstance(left, Symbol):
                return Symbol(left.name + "'")
            raise UnreadableError("a prime after something that is not a name")
        return Call({"!": "factorial", "%": "percent"}.get(sign, "degree"), (left,))


def _mixed_inside(whole: Number, fraction: Node) -> Node | None:
    """`2 1/2`, also where what follows the fraction was read with it: `2 1/2 %`, `2 1/2 cm`."""
    match fraction:
        case Quotient():
            return mixed_number(whole, fraction)
        case Call("percent" | "degree" as name, (inner,)):
            mixed = mixed_number(whole, inner)
            return None if mixed is None else Call(name, (mixed,))
        case Quantity(inner, unit):
            mixed = mixed_number(whole, inner)
            return None if mixed is None else Quantity(mixed, unit)
    return None
