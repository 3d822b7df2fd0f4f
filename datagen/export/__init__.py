"""Rows for trainers: from what recipes wrote to folders that `datasets`, TRL and `finetune` read as they are.

convert.py    from each kind of row to each kind of training data
formats.py    Alpaca and ShareGPT, there and back
columns.py    the columns of a file, the same in every row and every file
groups.py     which rows belong together, and which of them are held out
target.py     the target model's chat template and tokens
contract.py   whether a row can be trained on with that template
card.py       the dataset card
folder.py     the folder, written whole or not at all
hub.py        to the hub, for those who ask
export.py     all of it, from runs to a folder
"""
