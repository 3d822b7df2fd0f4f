"""`python -m datagen` is the `datagen` program; what that does is in `cli.py`."""

from datagen.cli import main

main()
