"""Two trees, or two texts, to an outcome with the reason why.

    compare.py              the table of kinds
    scalars.py collections.py relations.py words.py   what counts as an answer of a kind
    forms.py names.py units.py matrices.py   the shape of an answer: its form, its name, its unit, its rows
    equal.py                       do two values agree? the stages, cheapest first
    canon.py terms.py functions.py polynomial.py modular.py   exact structure, normal forms, residues
    interval.py numeric.py         enclosures at points, which prove that two values differ
    regions.py logic.py            sets of real numbers; propositional formulas

Reads trees from `parsing/`; knows nothing of responses or rewards.
"""
