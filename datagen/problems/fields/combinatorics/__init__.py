"""Combinatorics: arrangements, selections, inclusion and exclusion, recurrences."""
