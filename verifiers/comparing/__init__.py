"""Two trees, or two texts, to an outcome with the reason why.

    compare.py forms.py words.py   what counts as an answer of a kind: its form, its brackets, its order
    equal.py                       do two values agree? the stages, cheapest first
    canon.py polynomial.py modular.py   exact structure, normal forms, residues
    interval.py numeric.py         enclosures at points, which prove that two values differ
    regions.py logic.py            sets of real numbers; propositional formulas

Reads trees from `parsing/`; knows nothing of responses or rewards.
"""
