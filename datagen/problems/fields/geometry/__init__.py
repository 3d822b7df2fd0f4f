"""Geometry: triangles, circles, polygons, coordinates, vectors, transformations, solids."""
