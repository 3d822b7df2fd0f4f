"""Calculus: limits, derivatives, integrals, extrema, series, differential equations."""
