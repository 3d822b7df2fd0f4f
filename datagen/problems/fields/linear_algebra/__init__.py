"""Linear algebra: determinants, inverses, rank, eigenvalues, systems, projections."""
