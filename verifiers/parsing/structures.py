"""Matrices, cases, rows of lines, and what sympy writes with a constructor.

The parts of the notation that are laid out in rows or spelt as a class; `parse.py` reads the rest.
"""

from __future__ import annotations

from verifiers.parsing.build import as_symbol, product_of
from verifiers.parsing.operators import Expressions
from verifiers.parsing.token import Token, UnreadableError
from verifiers.parsing.tree import (
    Big,
    Call,
    Constant,
    Matrix,
    Negate,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sequence,
    Sum,
    Symbol,
    Truth,
    Word,
)

MAX_ENTRIES = 15_000
_CONDITION_WORDS = frozenset({"if", "for", "when", "where", "otherwise", "else", "whenever", "on", "and"})


class Structures(Expressions):
    """`\\begin{...}` environments and sympy's constructors."""

    def on_begin(self, token: Token) -> Node:
        if token.text == "cases":
            return self.cases()
        rows = self.rows()
        if token.text == "lines":
            lines = tuple(entry for row in rows for entry in row)
            return lines[0] if len(lines) == 1 else Sequence(lines, "", "")
        found = matrix_of(rows)
        return Call("det", (found,)) if token.text == "determinant" else found

    def rows(self) -> list[tuple[Node, ...]]:
        """Cells up to the environment's end; a last row may be empty."""
        rows: list[tuple[Node, ...]] = []
        while not self.accept("end"):
            cells = [self.cell()]
            while self.accept("cell"):
                cells.append(self.cell())
            rows.append(tuple(cells))
            if not self.accept("row", ","):
                self.expect("end")
                break
        if not rows:
            raise UnreadableError("an environment without rows")
        return rows

    def cell(self) -> Node:
        return self.expression(1)

    def cases(self) -> Node:
        """A function by cases, or a system of relations between braces."""
        parts: list[Node] = []
        system: list[Node] = []
        while not self.accept("end"):
            value = self.cell()
            self.accept(",")
            if self.accept("cell") or self.peek().kind == "text":
                parts += [value, self.condition()]
                self.accept(",", ".")
            else:
                system.append(value)
            if not self.accept("row", ","):
                self.expect("end")
                break
        if bool(parts) == bool(system):
            raise UnreadableError("cases without their conditions")
        if parts:
            return Call("piecewise", tuple(parts))
        return system[0] if len(system) == 1 else Sequence(tuple(system), "", "")

    def condition(self) -> Node:
        """`if x > 0`, `x > 0`, `otherwise`."""
        while self.peek().kind == "text" and _is_condition_word(self.peek().text):
            self.next()
            self.accept(",")
        if self.peek().kind == "operator" and self.peek().text in ("row", "end", ","):
            return Truth(True)
        found = self.cell()
        return Truth(True) if isinstance(found, Word) else found

    def on_constructor(self, token: Token) -> Node:
        self.expect("(")
        if self.accept(")"):
            arguments: tuple[Node, ...] = ()
        else:
            inner = self.expression(0)
            self.expect(")")
            bare = isinstance(inner, Sequence) and not inner.opening
            arguments = inner.items if isinstance(inner, Sequence) and bare else (inner,)
        return constructed(token.text, arguments)


def _is_condition_word(text: str) -> bool:
    return all(word.strip(",.:") in _CONDITION_WORDS for word in text.lower().split())


def matrix_of(rows: list[tuple[Node, ...]]) -> Matrix:
    """Raises `UnreadableError` for rows of different lengths."""
    if len({len(row) for row in rows}) != 1:
        raise UnreadableError("rows of different lengths")
    if len(rows) * len(rows[0]) > MAX_ENTRIES:
        raise UnreadableError("a matrix of too many entries")
    return Matrix(tuple(rows))


_RELATIONS = {"Eq": "=", "Ne": "!=", "Lt": "<", "Le": "<=", "Gt": ">", "Ge": ">="}
_CONNECTIVES = {"And": "and", "Or": "or", "Xor": "xor", "Implies": "implies", "Equivalent": "iff"}
_SETS = {"Union": "union", "Intersection": "intersect", "Complement": "setminus"}
_INTERVALS = {"Interval": "[]", "Interval.open": "()", "Interval.Lopen": "(]", "Interval.Ropen": "[)"}


def constructed(name: str, arguments: tuple[Node, ...]) -> Node:
    """The node that sympy's `name(arguments)` stands for; raises `UnreadableError`."""
    count = len(arguments)
    if name in _RELATIONS and count == 2:
        return Relation(arguments, (_RELATIONS[name],))
    if (name in _CONNECTIVES or name in _SETS) and count >= 1:
        sign = _CONNECTIVES.get(name) or _SETS[name]
        if name in _SETS:  # `{0}` alone reads as a group
            single = (Number, Negate, Quotient)
            arguments = tuple(Sequence((a,), "{", "}") if isinstance(a, single) else a for a in arguments)
        return Call(sign, arguments) if count > 1 else arguments[0]
    if name == "Not" and count == 1:
        return Call("not", arguments)
    if name in _INTERVALS and count in (2, 3, 4):
        return _interval(name, arguments)
    if name in ("FiniteSet", "set"):
        return Sequence(_listed(arguments), "{", "}")
    if name in ("Tuple", "tuple", "Point", "Point2D", "Point3D", "list"):
        members = _listed(arguments)
        return Sequence(members, "(", ")") if len(members) > 1 else Sequence(members, "[", "]")
    if name.endswith("Matrix"):
        return _matrix(arguments)
    if name == "Piecewise" and count:
        return _piecewise(arguments)
    if name in ("Integer", "Float") and count in (1, 2):
        return arguments[0]
    if name == "Add" and count:
        return Sum(arguments) if count > 1 else arguments[0]
    if name == "Mul" and count:
        return product_of(list(arguments))
    if name == "Pow" and count == 2:
        return Power(*arguments)
    return _unevaluated(name, arguments)


def _interval(name: str, arguments: tuple[Node, ...]) -> Node:
    low, high, *flags = arguments
    brackets = _INTERVALS[name]
    opening, closing = brackets[0], brackets[1]
    for place, flag in enumerate(flags):
        if not isinstance(flag, Truth):
            raise UnreadableError(f"{name} with a flag that is neither True nor False")
        if flag.value:
            opening, closing = ("(", closing) if place == 0 else (opening, ")")
    return Sequence((low, high), opening, closing)


def _listed(arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    if len(arguments) == 1 and isinstance(arguments[0], Sequence):
        return arguments[0].items
    return arguments


def _matrix(arguments: tuple[Node, ...]) -> Node:
    match arguments:
        case (Sequence(rows),) if rows and all(isinstance(row, Sequence) for row in rows):
            return matrix_of([row.items for row in rows if isinstance(row, Sequence)])
        case (Sequence(entries),) if entries:
            return matrix_of([(entry,) for entry in entries])
        case (Number(height, None), Number(width, None), Sequence(entries)) if height * width == len(entries):
            step = int(width)
            return matrix_of([entries[start : start + step] for start in range(0, len(entries), step)])
    raise UnreadableError("a matrix without rows")


def _piecewise(arguments: tuple[Node, ...]) -> Node:
    parts: list[Node] = []
    for argument in arguments:
        match argument:
            case Sequence((value, condition), "(", ")"):
                parts += [value, condition]
            case _:
                raise UnreadableError("Piecewise of something other than pairs")
    return Call("piecewise", tuple(parts))


def _unevaluated(name: str, arguments: tuple[Node, ...]) -> Node:
    """`Sum(f, (k, 1, n))`, `Integral(f, x)`, `Limit(f, x, a)`, `Derivative(f, x)`."""
    match name, arguments:
        case "Sum" | "Product", (body, Sequence((Constant("i" | "e" as letter), low, high))):
            return _unevaluated(
                name, (as_symbol(body, Symbol(letter)), Sequence((Symbol(letter), low, high), "(", ")"))
            )
        case "Sum" | "Product", (body, Sequence((Symbol() as index, low, high))):
            return Big("sum" if name == "Sum" else "prod", Relation((index, low), ("=",)), high, body)
        case "Integral", (body, Sequence((Symbol() as variable, low, high))):
            return Big("int", low, high, Product((body, Symbol("d"), variable)))
        case "Integral", (body, Symbol() as variable):
            return Big("int", None, None, Product((body, Symbol("d"), variable)))
        case "Limit", (body, variable, point, *_):
            return Big("lim", Call("implies", (variable, point)), None, body)
        case "Derivative", (body, Sequence((Symbol() as variable, Number(order, None)))):
            for _ in range(min(int(order), 9)):
                body = Call("derivative", (body, variable))
            return body
        case "Derivative", (body, variable):
            return Call("derivative", (body, variable))
    raise UnreadableError(f"{name} of {len(arguments)} arguments")
