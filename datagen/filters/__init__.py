"""Filters: is this row worth training on? `True`, or `(False, "why not")`, counted by reason.

register.py         the filters by name, and which a kind of row gets by default
rules.py            rule files: filters, options and examples in YAML; own.py has regex and schema
sieve.py            filters over files, by several processes
quality.py          empty, length, symbols, encoding; repetition.py, endings.py, echoes.py
refusals.py         answers that refuse; refusal_words.py has the words
language.py         which language a text is in
personal.py         personal data: masked, or a reason to go; personal_finders.py finds it
text.py             words, prose, and the texts of a row that a filter looks at
filter.py           what a filter is, which text of a row it looks at, and filters inside a run
plain.py            texts without case, spaces and marks, which formulas survive
duplicates.py       rows that came before, exactly or nearly; minhash.py finds what is alike
duplicate_files.py  the same over files of any size, by several processes; banded.py
semantic.py         rows that mean the same, by embeddings
rouge.py            novelty by ROUGE-L, as in Self-Instruct
decontaminate.py    rows that are in an evaluation set; ngrams.py, evaluation_sets.py
"""
