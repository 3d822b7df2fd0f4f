"""Algebra: equations, inequalities, polynomials, exponents and logarithms, sequences, functions."""
