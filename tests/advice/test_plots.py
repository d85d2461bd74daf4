"""The figures behind the decision's pictures, against closed forms and the decision's own draws."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from breakeven import decide, open_study
from breakeven.advice.plots import acceptability_grids, discounted_calls, icer_rows
from breakeven.advice.ranking import rank
from breakeven.economics import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small classifier's study with five scored versions of its prompt."""
    folder = tmp_path_factory.mktemp("study")
    source = EXAMPLES / "small-classifier"
    cases = [c["id"] for c in json.loads((source / "evals/small.json").read_text("utf-8"))["cases"]]
    (folder / "small.json").write_text((source / "evals/small.json").read_text("utf-8"), "utf-8")
    luck = np.random.default_rng(3).random((5, len(cases)))
    for k, row in enumerate(luck, start=1):
        scored = "\n".join(f"{case},{int(u < 0.85)}" for case, u in zip(cases, row, strict=True))
        (folder / f"v{k}.csv").write_text(f"id,score\n{scored}\n", "utf-8")
    text = (source / "breakeven.yaml").read_text("utf-8").replace("evals/small.json", "small.json")
    text = re.sub(r"\n +curve: .*", "", text)
    best = int((luck < 0.85).sum(axis=1).argmax()) + 1
    listed = ", ".join(f"v{k}.csv" for k in range(1, 6))
    text = text.replace("{eval: evals/prompt.json}", f"{{eval: v{best}.csv, versions: [{listed}]}}")
    (folder / "breakeven.yaml").write_text(text, "utf-8")
    return folder


def test_discounted_calls_are_the_sum_of_their_months() -> None:
    study = open_study(EXAMPLES / "with-evals")
    worlds = study.sample(50, 0)
    months = np.arange(study.horizon_months)[:, None]
    growth, discount = worlds[study.workload.growth], worlds[study.discount]
    each = worlds[study.workload.volume] * (1 + growth) ** months * (1 + discount) ** (-months / 12)
    assert discounted_calls(study, worlds) == pytest.approx(each.sum(axis=0), rel=1e-9)


def test_at_the_believed_price_the_grid_is_the_decision() -> None:
    # With the price of an error as a point, net benefit at that price is the decision's own, draw by draw.
    study = open_study(EXAMPLES / "with-evals")
    price = study.workload.error_cost
    assert price is not None
    point = replace(price, family="point", parameters=(0.2,))
    study = replace(study, workload=replace(study.workload, error_cost=point))
    worlds = study.sample(2000, 0)
    outcome = simulate(study, worlds)
    ranking = rank(study, outcome)
    grid = acceptability_grids(study, worlds, outcome, ranking)[0]
    at = [float(np.interp(0.2, grid.values_usd, p)) for p in grid.p_best.T]
    assert at == pytest.approx([ranking.p_best[name] for name in grid.names], abs=0.02)
    assert grid.p_best.sum(axis=1) == pytest.approx(1.0)


def test_the_frontier_of_ratios_is_that_of_the_means() -> None:
    study = open_study(EXAMPLES / "with-evals")
    outcome = simulate(study, study.sample(2000, 0))
    prompt, tuned = icer_rows(outcome)
    assert (prompt.name, tuned.name) == ("prompt", "tuned")
    points = 100 * (outcome.candidates["tuned"].quality.mean() - outcome.candidates["prompt"].quality.mean())
    dearer = outcome.candidates["tuned"].cost_usd.mean() - outcome.candidates["prompt"].cost_usd.mean()
    assert tuned.icer == pytest.approx(dearer / points)


def test_a_study_with_evals_shows_its_pairs() -> None:
    # 150 cases in common, 14 that only tuned and 5 that only the prompt had right: 9/150 as read.
    found = decide(open_study(EXAMPLES / "with-evals"), draws=2000)
    [pair] = found.differences
    assert (pair.candidate, pair.reference, pair.n_cases) == ("tuned", "prompt", 150)
    assert pair.raw == pytest.approx(9 / 150)
    assert pair.raw_low is not None
    assert pair.raw_low < pair.raw < pair.raw_high  # type: ignore[operator]
    assert pair.corrected == pytest.approx(9 / 150, abs=0.005)
    assert pair.why == ()
    assert found.routing is None
    assert found.next_gain is None


def test_the_worst_twentieth_is_worse_than_the_mean() -> None:
    found = decide(open_study(EXAMPLES / "with-evals"), draws=2000)
    for c in found.candidates.values():
        assert c.cvar_regret_usd is not None
        assert c.cvar_regret_usd >= c.regret_usd


def test_waiting_parts_into_information_and_delay() -> None:
    found = decide(open_study(EXAMPLES / "with-evals"), draws=2000)
    assert [w.months for w in found.waiting] == [3, 6, 12, None]
    for w in found.waiting:
        assert w.value_usd == pytest.approx(w.information_usd + w.delay_usd, abs=1e-6)
        assert w.information_usd >= 0


def test_versions_take_optimism_off_and_show_the_next_gain(versions: Path) -> None:
    found = decide(open_study(versions), draws=4000)
    [pair] = found.differences
    assert pair.why == ("prompt is the best of 5 versions",)
    assert pair.corrected > pair.raw  # small gains on a prompt that was lucky
    facts = {e.candidate: e for e in found.evidence}["prompt"]
    assert facts.iterations == 5
    assert facts.optimism is not None
    assert facts.optimism > 0
    assert found.next_gain is not None
    assert found.next_gain.value_usd == pytest.approx(np.maximum(found.next_gain.gain_usd, 0).mean())
    assert len(found.next_gain.scores) == 5


def test_a_confidence_gives_a_routing_frontier() -> None:
    found = decide(open_study(EXAMPLES / "small-classifier"), draws=1000).routing
    assert found is not None
    assert (found.small, found.large) == ("small", "prompt")
    assert found.quality[0] == pytest.approx(146 / 150)  # alone, as scored
    assert found.by_chance[-1] == pytest.approx(found.quality[-1])


def test_the_outcome_of_a_purchase_stands_behind_its_rule() -> None:
    bought = decide(open_study(EXAMPLES / "small-classifier"), draws=4000).purchase
    assert bought is not None
    assert bought.outcome is not None
    o = bought.outcome
    switch = bought.rule[-1].low
    assert switch is not None
    gain = o.expected_usd[:, o.names.index(bought.rule[-1].candidate)]
    assert float(np.interp(switch, o.values, gain)) == pytest.approx(0.0, abs=0.02 * np.ptp(gain))
    assert not o.expected_usd[:, o.names.index(o.leader)].any()
    assert float(o.share.sum()) == pytest.approx(1.0, abs=0.02)
