"""The workload: stated, measured by a profile of the logs, or assumed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests.study.studies import SMALLEST, problems, smallest, study

PROFILED = SMALLEST.replace(
    "  volume: 10K/day\n  tokens: {static: 2600, input: 400, output: 60}\n", "  profile: p.json\n"
)
PROFILE: dict[str, Any] = {
    "calls": 81_000,
    "last": "2026-10-31",
    "calls_per_month": {"mean": 1e6, "p05": 0.9e6, "p95": 1.1e6},
    "tokens": {"input": {"mean": 3000.5}, "output": {"mean": 61.5}},
}


def written(folder: Path, **changes: object) -> Path:
    (folder / "p.json").write_text(json.dumps(PROFILE | changes))
    return folder


def test_a_profile_measures_volume_and_tokens(tmp_path: Path) -> None:
    found = study(PROFILED, written(tmp_path))
    assert (found.workload.volume.low, found.workload.volume.high) == pytest.approx((0.9e6, 1.1e6))
    assert str(found.workload.volume.source) == "measured, p.json, 2026-10-31"
    tokens = found.candidates["prompt"].tokens
    assert tokens is not None
    assert (tokens.static.centre, tokens.input.centre, tokens.output.centre) == (0, 3000.5, 61.5)
    assert tokens.input.source.date == dt.date(2026, 10, 31)
    assert "static tokens are not stated: no cached prefix is counted" in found.notes


def test_stated_static_tokens_are_a_part_of_the_measured_input(tmp_path: Path) -> None:
    text = PROFILED.replace("  profile: p.json\n", "  profile: p.json\n  tokens: {static: 2600}\n")
    tokens = study(text, written(tmp_path)).candidates["prompt"].tokens
    assert tokens is not None
    assert (tokens.static.centre, tokens.input.centre) == pytest.approx((2600, 400.5))
    assert problems(text.replace("2600", "3100"), tmp_path) == [
        "breakeven.yaml:5:20: workload.tokens.static: 3,100 static tokens are more than the 3,000 input tokens "
        "of the profile"
    ]


def test_what_is_stated_takes_the_place_of_the_profile(tmp_path: Path) -> None:
    found = study(SMALLEST.replace("  task: ner\n", "  task: ner\n  profile: p.json\n"), written(tmp_path))
    tokens = found.candidates["prompt"].tokens
    assert tokens is not None
    assert tokens.input.centre == 400
    assert found.workload.volume.source.kind == "stated"


def test_logs_too_short_to_tell_a_volume_ask_for_one(tmp_path: Path) -> None:
    written(tmp_path, calls_per_month=None)
    assert problems(PROFILED, tmp_path) == [
        "breakeven.yaml:4:12: workload.profile: the profile has no calls_per_month: its logs are too short to tell\n"
        "    state `volume: 480K calls/month` beside it"
    ]
    assert problems(PROFILED.replace("p.json", "p.json\n  volume: 10K/day"), tmp_path) == []


WRITE_IT = "\n    `breakeven profile --json` writes one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "'p.json' is not JSON\n    write it with `breakeven profile --json`"),
        ("[" * 100_000, "'p.json' is not JSON\n    write it with `breakeven profile --json`"),
        ("[]", "'p.json' holds no profile\n    write it with `breakeven profile --json`"),
        ("{}", f"'p.json' has no number at tokens.input.mean{WRITE_IT}"),
        ('{"tokens": {"input": {"mean": true}}}', f"'p.json' has no number at tokens.input.mean{WRITE_IT}"),
        ('{"tokens": {"input": {"mean": -1}}}', f"'p.json' has no number at tokens.input.mean{WRITE_IT}"),
        ('{"tokens": {"input": {"mean": NaN}}}', f"'p.json' has no number at tokens.input.mean{WRITE_IT}"),
        ('{"calls_per_month": {"mean": 1}}', f"'p.json' has no number at calls_per_month.p05{WRITE_IT}"),
        ('{"calls_per_month": {"p05": 2, "p95": 1}}', "'p.json': the interval 2..1 of volume is none"),
    ],
)
def test_a_profile_that_is_none_says_so(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(text)
    assert problems(PROFILED, tmp_path) == [f"breakeven.yaml:4:12: workload.profile: {said}"]


def test_without_volume_and_tokens_both_are_missing() -> None:
    text = PROFILED.replace("  profile: p.json\n", "")
    assert problems(text) == [
        "breakeven.yaml:2:1: workload.volume: `volume` is missing\n    calls in month 1: 480K calls/month",
        "breakeven.yaml:2:1: workload.tokens: `tokens` is missing\n"
        "    {static: 2600, input: 400, output: 60} for one call, or `profile:` of your logs",
    ]


def test_each_missing_count_of_tokens_is_named() -> None:
    text = SMALLEST.replace("{static: 2600, input: 400, output: 60}", "{input: 400}")
    assert problems(text) == [
        "breakeven.yaml:5:3: workload.tokens.static: `static` is missing\n"
        "    tokens that are the same in every call, 0 if there are none",
        "breakeven.yaml:5:3: workload.tokens.output: `output` is missing\n    tokens of one call",
    ]


def test_the_cost_of_an_error_is_the_sum_over_its_kinds() -> None:
    found = study(
        smallest(workload="errors: {kinds: {a: {share: 20%, cost: $10}, b: {share: 80%, cost: $0.50}}}")
    )
    cost = found.workload.error_cost
    assert cost is not None
    assert cost.is_point
    assert cost.centre == pytest.approx(0.2 * 10 + 0.8 * 0.5)
    assert cost.name == "workload.errors.kinds"


def test_uncertain_kinds_make_an_uncertain_cost() -> None:
    text = smallest(
        workload="errors: {kinds: {a: {share: 20%, cost: $5..$20}, b: {share: 80%, cost: $0.50}}}"
    )
    cost = study(text).workload.error_cost
    assert cost is not None
    # 0.2 × a lognormal from 5 to 20 (median 10), + 0.4
    assert (cost.low, cost.centre, cost.high) == pytest.approx((1.4, 2.4, 4.4), rel=0.03)
    assert cost == study(text).workload.error_cost


def test_nothing_stated_about_errors_is_not_counted() -> None:
    workload = study(SMALLEST).workload
    assert (workload.error_cost, workload.target, workload.value, workload.latency_cost) == (None,) * 4
