"""Uncertain values: their families, their intervals, and how worlds are drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.beliefs import (
    CAUSE_LOADING,
    Belief,
    Draws,
    Joint,
    Source,
    Values,
    centres,
    from_text,
    point,
    sample,
    show_value,
)
from breakeven.errors import QuantityError
from breakeven.quantities import KINDS

GUESS = Source(kind="guess", reference="a test")
N = 40_000


def belief(text: str, kind: str = "hours", name: str = "a", **more: object) -> Belief:
    return from_text(name, kind, text, GUESS, **more)  # type: ignore[arg-type]


def drawn(*beliefs: Belief, n: int = N, seed: int = 0) -> Draws:
    return sample(beliefs, n, seed)


# ----------------------------------------------------------------------------------------------- families


@pytest.mark.parametrize(
    ("text", "kind", "family"),
    [
        ("40 hours", "hours", "point"), ("40..80 hours", "hours", "lognormal"), ("0..80 hours", "hours", "normal"),
        ("10%..20%", "share", "logit-normal"), ("0%..20%", "share", "normal"), ("90%..100%", "share", "normal"),
        ("-20%..5%/year", "yearly rate", "normal"), ("-2%..3%", "points", "normal"),
    ],
)  # fmt: skip
def test_the_family_follows_from_the_kind(text: str, kind: str, family: str) -> None:
    assert belief(text, kind).family == family


INTERVALS = [("40..80 hours", "hours"), ("10%..20%", "share"), ("0%..20%", "share"), ("-20%..5%/year", "yearly rate"),
             ("$0.000001..$0.00002/call", "money per call"), ("1..1000000000 calls/month", "volume")]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), INTERVALS)
def test_the_ends_are_the_5th_and_95th_percentile(text: str, kind: str) -> None:
    its = belief(text, kind)
    values = drawn(its)[its]
    written = (KINDS[kind].low if its.low == 0 else its.low, its.high)
    assert np.mean(values < written[1]) == pytest.approx(0.95, abs=0.005)
    assert np.mean(values <= its.low) == pytest.approx(0.05, abs=0.006 if its.low else 0.06)


def test_a_lognormals_median_is_the_geometric_mean_of_its_ends() -> None:
    assert belief("40..90 hours").centre == pytest.approx(60)


def test_a_shares_median_is_the_middle_of_its_log_odds() -> None:
    # odds of 20% and 80% are 1/4 and 4: the middle is 1
    assert belief("20%..80%", "share").centre == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"), [("0..80 hours", "hours", 0, np.inf), ("90%..100%", "share", 0, 1)]
)
def test_what_reaches_a_bound_never_passes_it(text: str, kind: str, low: float, high: float) -> None:
    its = belief(text, kind)
    values = drawn(its)[its]
    assert low <= values.min() <= values.max() <= high


def test_a_named_family_is_taken() -> None:
    its = belief("40..80 hours", family="uniform")
    assert (its.quantile(0), its.centre, its.quantile(1)) == (40, 60, 80)
    with pytest.raises(QuantityError, match="a: a lognormal can not start at 0"):
        belief("0..80 hours", family="lognormal")
    with pytest.raises(QuantityError, match="a: a logit-normal can not start at 0"):
        belief("0%..80%", "share", family="logit-normal")
    with pytest.raises(QuantityError, match="a range can not be read as beta"):
        belief("10%..80%", "share", family="beta")


def test_a_triangle() -> None:
    its = Belief(name="t", kind="hours", family="triangular", parameters=(2.0, 3.0, 6.0), source=GUESS)
    values = drawn(its)[its]
    assert values.mean() == pytest.approx((2 + 3 + 6) / 3, abs=0.01)
    # variance (a² + b² + c² − ab − ac − bc)/18
    assert values.var() == pytest.approx((4 + 9 + 36 - 6 - 12 - 18) / 18, abs=0.02)
    assert 2 <= values.min() <= values.max() <= 6
    for mode in (2.0, 6.0):  # the mode may lie at an end
        edge = Belief(name="t", kind="hours", family="triangular", parameters=(2.0, mode, 6.0), source=GUESS)
        assert np.isfinite(drawn(edge)[edge]).all()


def test_a_beta() -> None:
    its = Belief(name="b", kind="share", family="beta", parameters=(82.0, 18.0), source=GUESS)
    values = drawn(its)[its]
    assert values.mean() == pytest.approx(0.82, abs=0.001)
    assert values.var() == pytest.approx(82 * 18 / (100**2 * 101), rel=0.03)


def test_draws_are_a_distribution_of_their_own() -> None:
    known = np.sort(np.random.default_rng(1).gamma(2, 3, 5_000))
    its = Belief(name="d", kind="hours", family="draws", parameters=(), source=GUESS, evidence=tuple(known))
    values = drawn(its)[its]
    assert np.quantile(values, [0.05, 0.5, 0.95]) == pytest.approx(
        np.quantile(known, [0.05, 0.5, 0.95]), rel=0.03
    )
    assert known[0] <= values.min() <= values.max() <= known[-1]


def test_the_share_below_a_value() -> None:
    assert belief("40..80 hours").share_below(80) == pytest.approx(0.95, abs=0.001)
    assert belief("40 hours").share_below(41) == 1


# ------------------------------------------------------------------------------------------------ drawing


def test_a_point_stays_one_value() -> None:
    values = drawn(belief("40 hours"))
    assert values.named("a").shape == (1,)
    assert values.rows(10, 20).named("a").shape == (1,)


def test_the_seed_decides_and_0_is_one() -> None:
    its = belief("40..80 hours")
    assert (drawn(its, seed=0)[its] == drawn(its, seed=0)[its]).all()
    assert (drawn(its, seed=0)[its] != drawn(its, seed=1)[its]).all()


def test_another_input_leaves_the_draws_as_they_were() -> None:
    one, other = belief("40..80 hours", name="one"), belief("40..80 hours", name="other")
    alone, together = drawn(one), drawn(other, one)
    assert (alone[one] == together[one]).all()
    assert abs(np.corrcoef(together[one], together[other])[0, 1]) < 0.02


def test_inputs_of_one_cause_move_together() -> None:
    first = belief("$1..$2/1M tokens", "money per token", name="first", cause="prices of x")
    second = belief("$3..$9/1M tokens", "money per token", name="second", cause="prices of x")
    free = belief("$3..$9/1M tokens", "money per token", name="free", cause="prices of y")
    draws = drawn(first, second, free)
    logs = [np.log(draws[its]) for its in (first, second, free)]
    assert np.corrcoef(logs[0], logs[1])[0, 1] == pytest.approx(CAUSE_LOADING**2, abs=0.01)
    assert abs(np.corrcoef(logs[0], logs[2])[0, 1]) < 0.02
    # A shared cause changes no input's own distribution.
    assert np.quantile(draws[first], [0.05, 0.95]) == pytest.approx([1, 2], rel=0.02)


def test_joint_inputs_are_drawn_together() -> None:
    def draw(rng: np.random.Generator, n: int) -> Values:
        first = rng.random(n)
        return np.column_stack([first, 1 - first])

    inputs = [belief("10%..20%", "share", name=name) for name in ("p", "q")]
    draws = sample(inputs, 100, 0, [Joint(names=("p", "q"), draw=draw)])
    assert draws.named("p") + draws.named("q") == pytest.approx(np.ones(100))


def test_paths_are_drawn_by_their_name() -> None:
    def walk(rng: np.random.Generator, n: int) -> Values:
        return rng.random((3, n))

    draws = sample([], 10, 0, paths={"price_change.x": walk})
    path = draws.path("price_change.x")
    assert path is not None
    assert path.shape == (3, 10)
    assert draws.path("price_change.y") is None


def test_the_deterministic_world_is_at_every_centre() -> None:
    inputs = [belief("40..90 hours", name="h"), belief("20%..80%", "share", name="s")]
    world = centres(inputs)
    assert (world.n, world.named("h")[0], world.named("s")[0]) == (1, pytest.approx(60), pytest.approx(0.5))


def test_rows_are_views_of_the_same_worlds() -> None:
    its = belief("40..80 hours")
    draws = drawn(its, n=100)
    part = draws.rows(90, 200)
    assert part.n == 10
    assert np.shares_memory(part[its], draws[its])
    assert (part[its] == draws[its][90:]).all()


def test_an_input_can_be_put_on_a_grid() -> None:
    a, b = belief("40..80 hours", name="a"), belief("40..80 hours", name="b")
    draws = drawn(a, b, n=5)
    grid = draws.at_values("a", np.array([1.0, 2.0]))
    assert grid.n == 10
    assert grid[a].tolist() == [1.0] * 5 + [2.0] * 5
    assert grid[b].tolist() == [*draws[b], *draws[b]]


@given(st.floats(0.5, 50), st.floats(1.01, 30), st.integers(0, 2**32))
def test_any_positive_range_is_drawn_positive_and_finite(low: float, ratio: float, seed: int) -> None:
    its = belief(f"{low:.6f}..{low * ratio:.6f} hours")
    values = drawn(its, n=50, seed=seed)[its]
    assert np.isfinite(values).all()
    assert (values > 0).all()


@given(st.floats(0.001, 0.97), st.floats(0.001, 0.02))
def test_a_share_stays_a_share(low: float, width: float) -> None:
    its = belief(f"{low * 100:.6f}%..{(low + width) * 100:.6f}%", "share")
    values = drawn(its, n=200)[its]
    assert ((values > 0) & (values < 1)).all()
    assert its.low <= its.centre <= its.high


# ------------------------------------------------------------------------------------------------ showing


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (480_000, "volume", "480K calls/month"), (0.021, "share", "2.1%"), (-5e-18, "monthly rate", "0%/month"),
        (0.1, "yearly rate", "10%/year"), (-0.08, "points", "-8 points"),
        (0.15, "money per token", "$0.15/1M tokens"),
        (0.4, "money per error", "$0.40 an error"), (0.02, "money per answer", "$0.02 an answer"),
        (0.0002, "money per second", "$0.0002/s"),
        (8, "hours", "8 hours"), (0.8, "seconds", "0.8 s"), (23.6, "calls per second", "23.6 calls/s"),
        (3, "factor", "3"),
    ],
)  # fmt: skip
def test_values_are_shown_in_their_unit(value: float, kind: str, text: str) -> None:
    assert show_value(value, kind) == text


def test_every_kind_of_quantity_can_be_shown() -> None:
    bare: Mapping[str, str] = {name: show_value(2.0, name) for name in KINDS}
    assert {name for name, text in bare.items() if text == "2"} == {"count", "factor"}


def test_a_belief_and_its_source_read_as_text() -> None:
    assert str(belief("40 hours")) == "40 hours"
    assert str(belief("40..80 hours")) == "40 hours .. 80 hours"
    assert str(GUESS) == "guess, a test"
    assert (
        str(Source(kind="quoted", reference="a list", date=dt.date(2026, 11, 1)))
        == "quoted, a list, 2026-11-01"
    )
    assert str(Source(kind="stated", reference="")) == "stated"


def test_a_point_is_made_from_a_number() -> None:
    its = point("p", "hours", 3, GUESS)
    assert (its.is_point, its.low, its.centre, its.high) == (True, 3.0, 3.0, 3.0)
