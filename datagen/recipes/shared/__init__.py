"""What recipes share, and what is no recipe itself.

sampling.py seeding.py              how a model is sampled, and how rules are
judging.py agreement.py contests.py what a judge says, how far two agree, whose answers win
answering.py answers.py             conversations; answers that are alike
novel.py personas.py                what is new; whom tasks are for
passing.py choosing.py              pass rates; which of several right answers are taken
grounding.py quantities.py          whether an answer rests on a text; the numbers that a text states
facts.py rules.py                   what the small model is told, and which of its answers are liked
"""
