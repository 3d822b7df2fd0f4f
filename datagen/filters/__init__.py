"""Filters: is this row worth training on? `True`, or `(False, "why not")`, counted by reason.

filter.py   what a filter is, which text of a row it looks at, and filters inside a run
"""
