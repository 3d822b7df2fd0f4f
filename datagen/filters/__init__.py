"""Filters: is this row worth training on? `True`, or `(False, "why not")`, counted by reason.

filter.py           what a filter is, which text of a row it looks at, and filters inside a run
plain.py            texts without case, spaces and marks, which formulas survive
duplicates.py       rows that came before, exactly or nearly; minhash.py finds what is alike
duplicate_files.py  the same over files of any size, by several processes; banded.py
semantic.py         rows that mean the same, by embeddings
rouge.py            novelty by ROUGE-L, as in Self-Instruct
decontaminate.py    rows that are in an evaluation set; ngrams.py, evaluation_sets.py
"""
