"""Statistics: averages, spread, tables of frequencies, lines of best fit."""
