"""One form for all problems that differ only in what their people, terms or variables are called.

Used for the keys of logic problems, where renaming changes nothing but the wording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, permutations, product
from typing import Any

Shape = Callable[[Callable[[str], int]], Any]


def canonical(names: Iterable[str], shape: Shape) -> Any:
    """The least of `shape(place)` over all numberings `place` of the names.

    `shape` writes the problem with every name replaced by its number, anything unordered sorted by `repr`.
    Names are first told apart by how often they stand in it, then by where, the problem with that name alone
    marked; only those that stand alike are tried in every order, so a problem without symmetries takes one
    trial.
    """
    often = dict.fromkeys(names, 0)

    def counted(name: str) -> int:
        often[name] += 1
        return 0

    shape(counted)
    classes: list[list[str]] = []
    for _, alike in groupby(sorted(often, key=often.__getitem__), key=often.__getitem__):
        classes += _told_apart(list(alike), shape)
    numberings = ({name: place for place, name in enumerate(order)} for order in _orders(classes))
    return min((shape(places.__getitem__) for places in numberings), key=repr)


def _told_apart(names: Sequence[str], shape: Shape) -> list[list[str]]:
    """The names in classes of those that stand alike."""
    if len(names) == 1:
        return [list(names)]
    ranked = sorted((repr(shape(lambda other, name=name: int(other == name))), name) for name in names)  # type: ignore[misc]
    return [[name for _, name in group] for _, group in groupby(ranked, key=lambda pair: pair[0])]


def _orders(classes: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """All orders that keep the classes one after the other."""
    for chosen in product(*(permutations(group) for group in classes)):
        yield [name for group in chosen for name in group]
