"""Any figure unfolds to its parts, and they give the figure."""

from __future__ import annotations

import pytest

from breakeven.economics import simulate
from breakeven.economics.explain import explain, figures
from breakeven.errors import UnknownFigureError
from breakeven.study.model import Labour, Study
from tests.economics.studies import b, candidate, prompt, retraining, study, training


def made() -> Study:
    """A prompt with a commitment, a tuned candidate, a hybrid of both and one that waits."""
    first = prompt("p", commitment=b("commit", "money per month", "$600/month"))
    tuned = candidate(
        "t",
        "tuned",
        per_call=b("t.c", "money per call", "$0.001/call"),
        training=training("t"),
        retraining=retraining("t"),
        labour=Labour(build_hours=b("t.h", "hours", "40 hours")),
        quality="94%",
    )
    both = candidate("h", "hybrid", small="t", large="p", escalate=b("e", "share", "20%"), quality=None)
    waits = candidate("w", "wait", first="p", then="h", switch_month=7, quality=None)
    return study(first, tuned, both, waits, discount="10%/year", error_cost="$0.02")


def test_every_figure_unfolds():
    whole = made()
    for name in figures(whole):
        found = explain(whole, name)
        assert found.figure == name
        assert found.parts or found.source or not found.formula.startswith("N")


@pytest.mark.parametrize("name", ["p", "t", "h", "w"])
def test_cost_is_the_sum_of_its_parts_and_what_is_simulated(name: str):
    whole = made()
    found = explain(whole, f"{name}.cost_usd")
    simulated = simulate(whole, whole.centres()).candidates[name].cost_usd[0]
    assert found.value == pytest.approx(simulated, rel=1e-9)
    assert sum(part.value for part in found.parts) == pytest.approx(simulated, rel=1e-9)


def test_an_unused_commitment_unfolds():
    # $600 promised, $528 used, in each of 36 months of 10% a year
    months = sum(1.1 ** (-t / 12) for t in range(36))
    assert explain(made(), "p.lines.commitment").value == pytest.approx(72 * months, rel=1e-9)


def test_a_line_names_the_inputs_that_it_reads():
    names = {part.figure for part in explain(made(), "p.lines.output").parts}
    assert {"workload.volume", "workload.retries", "candidates.p.tokens.output", "discount"} <= names
    assert "wage" not in names


def test_an_unknown_figure_names_the_nearest():
    with pytest.raises(UnknownFigureError, match=r"Nearest: candidates\.t\.cost_usd"):
        explain(made(), "candidates.t.cost_us")
