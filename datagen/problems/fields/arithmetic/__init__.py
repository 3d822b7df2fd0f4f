"""Arithmetic: integers, fractions, decimals, percent, ratio, units, rounding, bases."""
