"""Answers held to a JSON Schema, and thoughts before them: token masks by llguidance."""
