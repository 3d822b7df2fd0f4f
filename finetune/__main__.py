"""`python -m finetune` is the program `finetune`."""

from finetune.cli import main

main()
