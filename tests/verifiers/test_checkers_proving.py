"""The budget of a check: a machine too busy to run us is no reason to refuse an exact zero."""

import pytest

from verifiers.checkers.base import RefusedError
from verifiers.checkers.proving import Prover
from verifiers.parsing.parse import parse


def test_sums_of_integers_are_compared_though_the_wall_clock_has_run_out():
    prover = Prover()
    prover.end = 0.0
    assert prover.same(parse("2 - 24 + 10 + 12"), parse("0")).same is True
    assert prover.same(parse("2 - 24 + 10 + 13"), parse("0")).same is False


def test_nothing_is_compared_once_both_clocks_have_run_out():
    prover = Prover()
    prover.end = prover.own_end = 0.0
    with pytest.raises(RefusedError):
        prover.same(parse("1"), parse("1"))
