"""Comparisons: figures derived by hand, pairs kept apart from what has no partner, verdicts that agree with them."""

from __future__ import annotations

import math
import re

import pytest

from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.evals import CaseRun, EvalResult
from breakeven.evidence.evals.comparing import compare
from breakeven.evidence.evals.comparison_json import comparison_as_dict
from breakeven.evidence.evals.summarising import summarise_result
from breakeven.report.comparison import answers, title
from breakeven.report.comparison_html import comparison_html
from breakeven.report.comparison_text import comparison_text
from breakeven.report.result_text import result_text


def result(name, scores, **known):
    """Case → score, or scores of its repeats; None: no answer came."""
    runs = []
    for case, value in scores.items():
        for repeat, score in enumerate(value if isinstance(value, list) else [value], start=1):
            failure = "time-out" if score is None else None
            runs.append(CaseRun(id=case, repeat=repeat, score=score, failure=failure, **known))
    return EvalResult(candidate=name, runs=tuple(runs))


def cells(both, only_a, only_b, neither):
    """Two results with this many cases of each kind."""
    pattern = [(1, 1)] * both + [(1, 0)] * only_a + [(0, 1)] * only_b + [(0, 0)] * neither
    a = {f"c{k}": float(x) for k, (x, _) in enumerate(pattern)}
    b = {f"c{k}": float(y) for k, (_, y) in enumerate(pattern)}
    return {"a": result("a", a), "b": result("b", b)}


def test_a_pair_by_hand():
    # 100 cases: 80 both, 12 only b, 3 only a, 5 neither. McNemar: 2·P(X <= 3 | 15, ½) = 2·(1+15+105+455)/2^15.
    found = compare(cells(80, 3, 12, 5))
    [pair] = found.pairs
    assert (pair.n, pair.comparison.only_a, pair.comparison.only_b) == (100, 3, 12)
    assert pair.comparison.difference.value == pytest.approx(0.09)
    assert pair.comparison.p_value == pytest.approx(2 * 576 / 2**15)
    assert pair.comparison.e_value == pytest.approx(8.91, abs=0.01)
    assert pair.inferiority.verdict == "shown"
    assert title(found).startswith("b is 9 points better than a [")


def test_swapping_mirrors():
    both = cells(80, 3, 12, 5)
    there = compare(both).pairs[0].comparison
    back = compare({"b": both["b"], "a": both["a"]}).pairs[0].comparison
    assert back.difference.value == pytest.approx(-there.difference.value)
    assert back.p_b_better == pytest.approx(1 - there.p_b_better)
    assert (back.only_a, back.only_b) == (there.only_b, there.only_a)
    assert back.difference.low == pytest.approx(-(there.difference.high or 0), abs=1e-5)


@pytest.mark.parametrize(
    ("shape", "verdict"),
    [((900, 2, 2, 96), "shown"), ((30, 1, 1, 3), "cannot tell"), ((700, 150, 20, 130), "not shown")],
)
def test_the_three_verdicts(shape, verdict):
    found = compare(cells(*shape))
    assert found.pairs[0].inferiority.verdict == verdict
    said = " ".join(answers(found))
    assert {
        "shown": "worse: shown",
        "cannot tell": "not shown, its probability",
        "not shown": "more than 1 point",
    }[verdict] in said


def test_more_cases_are_named_where_they_would_tell():
    found = compare(cells(90, 2, 3, 5), margin=0.02)
    assert found.pairs[0].inferiority.verdict == "cannot tell"
    assert re.search(r"about [\d,]+ more cases would show it", " ".join(answers(found)))


def test_cases_without_a_partner_are_listed_and_not_wrong():
    a = result("a", {"x": 1.0, "y": 1.0, "z": 0.0})
    b = result("b", {"x": 1.0, "z": 0.0, "y": None, "w": 1.0})
    found = compare({"a": a, "b": b})
    assert found.pairs[0].n == 2
    assert found.pairs[0].comparison.difference.value == 0
    assert [(u.candidate, u.against, u.ids, u.reason) for u in found.unpaired] == [
        ("a", "b", ("y",), "not scored"), ("b", "a", ("w",), "not run"),
    ]  # fmt: skip
    text = comparison_text(found, width=80)
    assert "b gave no answer to 1 case of a: y" in text
    assert "a did not run 1 case of b: w" in text


def test_nothing_shared_says_what_each_has():
    with pytest.raises(EvidenceError, match="share no scored case") as caught:
        compare({"a": result("a", {"x": 1.0}), "b": result("b", {"y": 1.0})})
    assert "a has 'x'" in str(caught.value)


def test_an_unknown_reference_and_a_lone_candidate():
    both = cells(5, 1, 1, 1)
    with pytest.raises(InputError, match="no candidate is called 'c'"):
        compare(both, reference="c")
    with pytest.raises(InputError, match="name two"):
        compare({"a": both["a"]})
    assert compare(both, reference="b").pairs[0].a == "b"


def test_repeats_are_averaged_and_their_noise_kept_apart():
    # Case means 1, 0, ½, ½; within: ((½)²·2 + (½)²·2)/(8-4) = ¼; of means: 1/6; between: 1/6 - ¼·½ = 1/24.
    r = result("a", {"w": [1.0, 1.0], "x": [0.0, 0.0], "y": [1.0, 0.0], "z": [0.0, 1.0]})
    found = summarise_result("a", r)
    assert found.variance is not None
    assert (found.n_cases, found.n_runs) == (4, 8)
    assert found.variance.within == pytest.approx(1 / 4)
    assert found.variance.between == pytest.approx(1 / 24)
    assert "2 runs a case" in result_text(found, None)


def test_several_candidates_hold_together():
    names = {"a": 0.9, "b": 0.88, "c": 0.86, "d": 0.7}
    results = {
        name: result(name, {f"c{k}": float((k * 7 + i * 3) % 100 < 100 * share) for k in range(300)})
        for i, (name, share) in enumerate(names.items())
    }
    found = compare(results)
    assert [(p.a, p.b) for p in found.pairs] == [
        ("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d"),
    ]  # fmt: skip
    for pair in found.against_reference():
        alone, together = pair.comparison.difference, pair.adjusted
        assert together is not None
        assert together.interval[0] < alone.interval[0] < alone.interval[1] < together.interval[1]
        assert pair.p_adjusted is not None
    assert sum(found.p_best.values()) == pytest.approx(1)


def test_the_best_of_versions_is_corrected():
    results = {
        f"v{i}": result(f"v{i}", {f"c{k}": float((k * 13 + i * 29) % 97 < 80) for k in range(97)})
        for i in range(6)
    }
    # Versions that score alike on average differ by luck alone.
    results["v3"] = result("v3", {f"c{k}": float(k % 97 < 84) for k in range(97)})
    effect = compare(results, versions_of_one=True).selection
    assert effect is not None
    assert effect.best == "v3"
    assert 0 < effect.optimism < effect.seen.value - 80 / 97 + 0.01
    assert effect.corrected.value == pytest.approx(effect.seen.value - effect.optimism)


def test_segments_need_three_and_shrink():
    labels = {f"c{k}": f"s{k // 30 % 5}" for k in range(200)}
    found = compare(cells(150, 20, 10, 20), segments=labels, segment_field="topic")
    assert set(found.segments) == {"a", "b"}
    segments = found.segments["b"]
    assert len(segments.segments) == 5
    spread = [abs(s.raw.value - segments.centre.value) for s in segments.segments]
    shrunk = [abs(s.shrunk.value - segments.centre.value) for s in segments.segments]
    assert sum(shrunk) < sum(spread)
    few = compare(cells(10, 2, 1, 2), segments={"c0": "x"}, segment_field="topic")
    assert "fewer than 3 segments in 'topic': no breakdown" in few.notes


def test_many_cases_are_planned_for_as_few_are():
    # 21,000 cases, 10% of them discordant, 10 apart: δ = 10/21,000; ((1.96 + .8416)·√.1)²/δ² cases within a thousandth.
    [pair] = compare(cells(18_000, 1_045, 1_055, 900)).pairs
    assert pair.to_settle is not None
    assert pair.to_settle.n == pytest.approx((2.8016 * math.sqrt(0.1)) ** 2 / (10 / 21_000) ** 2, rel=0.002)


def test_segments_in_which_all_are_right_are_shown():
    right = result("a", {f"c{k}": 1.0 for k in range(30)})
    other = result("b", {f"c{k}": 1.0 for k in range(30)})
    found = compare({"a": right, "b": other}, segments={f"c{k}": "xyz"[k % 3] for k in range(30)})
    for segment in found.segments["a"].segments:
        assert segment.raw.value == 1.0
        low, high = segment.shrunk.interval
        assert 0.8 < low < high <= 1.0
    assert [s.raw.value for s in found.segments["b"].segments] == [0.0, 0.0, 0.0]


def test_a_sealed_set_pays_for_its_openings():
    once, often = (
        summarise_result(
            "a", EvalResult(candidate="a", runs=cells(80, 3, 12, 5)["a"].runs, hold_out_openings=n)
        ).score
        for n in (None, 5)
    )
    assert once is not None
    assert often is not None
    assert often.interval[0] < once.interval[0]
    assert "opening 5" in often.method


def test_scores_that_do_not_vary_have_no_error_of_zero():
    text = result_text(summarise_result("a", result("a", {f"c{k}": 1.0 for k in range(50)})), None)
    assert text.startswith("a: 100% [92.5, 100.0]")
    assert "is not 0" in text
    assert "0.0 points" not in text


def test_one_case_is_too_few_and_says_no_more():
    [said] = answers(compare({"a": result("a", {"x": 1.0}), "b": result("b", {"x": 0.0})}))
    assert said == "Too few cases to compare b with a: 1."


def test_clusters_widen():
    alone = cells(60, 20, 10, 10)
    grouped = {
        name: EvalResult(
            candidate=name,
            runs=tuple(
                CaseRun(id=run.id, score=run.score, cluster=f"k{int(run.id[1:]) // 10}") for run in r.runs
            ),
        )
        for name, r in alone.items()
    }
    narrow, wide = (compare(results).pairs[0].comparison.difference for results in (alone, grouped))
    assert wide.n_clusters == 10
    assert wide.interval[1] - wide.interval[0] > narrow.interval[1] - narrow.interval[0]


def test_costs_that_are_not_known_are_not_zero():
    runs = (CaseRun(id="x", score=1.0, cost_usd=0.02, judge_cost_usd=0.5), CaseRun(id="y", score=1.0))
    found = summarise_result("a", EvalResult(candidate="a", runs=runs))
    assert (found.cost_usd, found.n_costed, found.judge_cost_usd) == (0.02, 1, 0.5)
    assert "not known of 1" in result_text(found, None)
    bare = summarise_result("a", result("a", {"x": 1.0}))
    assert bare.cost_usd is None
    assert "COST        not known" in result_text(bare, None)


def test_format_failures_count_as_wrong_and_stand_apart():
    runs = (CaseRun(id="x", score=0.0, failure="format"), CaseRun(id="y", score=1.0))
    found = summarise_result("a", EvalResult(candidate="a", runs=runs))
    assert (found.format_failures, found.n_not_scored) == (1, 0)
    assert found.score is not None
    assert found.score.value == 0.5


def test_json_is_strict_and_has_the_stable_keys():
    data = comparison_as_dict(compare(cells(1, 0, 600, 1)))
    assert {
        "n",
        "n_clusters",
        "mean",
        "low",
        "high",
        "level",
        "method",
        "format_failures",
        "cost_usd",
    } <= set(data["candidates"]["a"])
    [pair] = data["pairs"]
    stable = {"a", "b", "n", "difference", "low", "high", "level", "method", "p_b_better", "only_a", "only_b"}
    assert stable <= set(pair)
    assert math.isfinite(pair["e_value"])
    assert data["unpaired"] == []


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil"


def hostile():
    runs = [
        CaseRun(id=f"{HOSTILE}{k}", score=1.0, output=HOSTILE, input=HOSTILE, segment=f"{HOSTILE}{k}")
        for k in range(4)
    ]
    other = [CaseRun(id=run.id, score=0.0, output="=1+1", note=HOSTILE) for run in runs]
    name = f"{HOSTILE} b"
    return compare({HOSTILE: EvalResult(candidate=HOSTILE, runs=tuple(runs)),
                    name: EvalResult(candidate=name, runs=tuple(other))})  # fmt: skip


def test_text_from_models_is_harmless():
    page = comparison_html(hostile())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for text in (page, comparison_text(hostile(), width=80)):
        assert "\x1b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(width):
    long = {f"candidate-with-a-rather-long-name-{k}": r for k, r in enumerate(cells(80, 3, 12, 5).values())}
    labels = {f"c{k}": f"a long name of a segment, number {k % 4}" for k in range(100)}
    for found in (compare(long, segments=labels), hostile()):
        assert max(map(len, comparison_text(found, width=width).splitlines())) <= width
