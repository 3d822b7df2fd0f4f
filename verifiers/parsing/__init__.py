"""Text to a typed tree, and back. One notation for LaTeX, ASCII, sympy's syntax and Unicode.

    notation.py           the names and signs
    lex.py                text -> tokens
    grammar.py operators.py parse.py build.py   tokens -> tree, by one Pratt parser that reads all or refuses
    tree.py               the tree itself: frozen, unevaluated, close to what was written
    show.py               tree -> text that parses back to it

Nothing is evaluated here, and nothing is compared.
"""
