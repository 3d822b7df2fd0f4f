"""Graphs: degrees, paths, trees, colourings, orders."""
