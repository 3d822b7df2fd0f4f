"""What a set of rows is like, in figures, before anything is trained on it; and limits that may be broken.

source.py     the rows of a run or a file, with the account of the run
figure.py     a figure, its interval, a table; intervals of shares
pairs.py      pairs: order, ties, length, the judge, contradictions
texts.py      duplicates, templates, variety, lengths
classes.py    how rows are spread over labels, verdicts, levels
limits.py     limits of figures, and the sentence for one that is broken
audit.py      all of it over one source
report.py     for a reader: lines, Markdown, JSON
"""
