"""The last resort, sympy, in processes of its own that may be killed at any moment.

workers.py   the parent's side: a few warm processes behind a queue, with deadlines
child.py     the other side: sympy objects built from our own tree, each question in a fork
solving.py   there too: all solutions of a system of equations
"""
