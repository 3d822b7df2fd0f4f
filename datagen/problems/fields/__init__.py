"""The families of problems: a folder a field, a file a part of it. `register.py` finds them."""
