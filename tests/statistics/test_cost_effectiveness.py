from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.statistics import acceptability, cvar, evpi, icers, incremental_benefit, regrets


def test_the_published_table_of_incremental_ratios():
    found = icers(["E", "D", "C", "B", "A", "UC"], [55e3, 35e3, 25e3, 10e3, 12e3, 5e3], [5, 4, 3, 2, 1.5, 1])
    frontier = [row for row in found if row.status == "frontier"]
    assert [row.name for row in frontier] == ["UC", "B", "D", "E"]
    assert [row.icer for row in frontier] == [None, 5_000, 12_500, 20_000]
    assert {row.name: row.status for row in found[4:]} == {"A": "dominated", "C": "extended dominance"}


def test_one_that_costs_the_same_and_does_less_is_dominated():
    found = icers(["a", "b"], [1, 1], [2, 1])
    assert [(row.name, row.status) for row in found] == [("a", "frontier"), ("b", "dominated")]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8, unique=True))
def test_the_frontier_is_who_is_best_at_some_value(points):
    costs, effects = np.array(points, dtype=float).T
    table = icers([str(k) for k in range(len(points))], costs, effects)
    on = {int(row.name) for row in table if row.status == "frontier"}
    ratios = [row.icer for row in table if row.icer is not None]
    assert ratios == sorted(ratios)
    for value in (0.001, 0.5, 1.7, 9.3, 1e4):
        benefit = value * effects - costs
        assert any(benefit[k] >= benefit.max() - 1e-9 for k in on)


def test_incremental_benefit_by_hand():
    found = incremental_benefit([-1, 2], [-100, -10], [5, 10])
    assert found.tolist() == [[95, 20], [90, 30]]


def test_the_likeliest_best_need_not_lead():
    # The second wins by 1 in 3 of 4 draws and loses by 9 in the fourth: likelier best, lower mean.
    effects = np.array([[0.0, 1], [0, 1], [0, 1], [9, 0]])
    found = acceptability(effects, np.zeros((4, 2)), [0.0, 1.0])
    assert found.p_best[1].tolist() == [0.25, 0.75]
    assert found.frontier[1] == 0
    assert found.p_frontier[1] == 0.25
    assert found.p_best[0].tolist() == [0.5, 0.5]  # worth nothing and free: all tie
    assert found.evpi[1] == pytest.approx(evpi(effects))


def test_regret_and_its_worst_end():
    benefit = np.column_stack([np.zeros(10), np.arange(-5.0, 5.0)])
    lost = regrets(benefit)
    assert lost[:, 0].tolist() == [0] * 6 + [1, 2, 3, 4]
    assert lost.mean(axis=0).min() == pytest.approx(evpi(benefit))
    # The worst 20% of ten draws are two; the worst 25% two and a half.
    assert cvar(lost, 0.8).tolist() == pytest.approx([3.5, 4.5])
    assert float(cvar(lost[:, 0], 0.75)) == pytest.approx((4 + 3 + 0.5 * 2) / 2.5)


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="names"):
        icers(["a"], [1, 2], [1, 2])
    with pytest.raises(InputError, match="n_candidates"):
        acceptability([1, 2], [1, 2], [1])
    with pytest.raises(InputError, match="level"):
        cvar([1.0], 95)
