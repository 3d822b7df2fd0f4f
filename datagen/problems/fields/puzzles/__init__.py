"""Puzzles whose answers are checked and not compared: countdown, sudoku, queens, squares."""
