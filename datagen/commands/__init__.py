"""The commands of `datagen`, a module each: settings, a function that does the work, and `add(app)`.

The work itself belongs to the packages beside this one; a command reads its settings, calls them, and says
what came of it. To add one, write the module and name it in `cli.py`.
"""
