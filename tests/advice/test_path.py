"""The path: every example, its pages, and what holds for all."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from breakeven.advice.path import find_path
from breakeven.advice.path_types import PathAdvice
from breakeven.advice.ranking import rank
from breakeven.cli.path import path as command
from breakeven.economics import simulate
from breakeven.report.path_html import to_html
from breakeven.report.path_json import to_dict
from breakeven.report.path_text import path_text
from breakeven.study import open_study
from breakeven.study.model import Study
from tests.economics import studies as s

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDERS = sorted(p.parent for p in EXAMPLES.glob("*/breakeven.yaml"))


def found(study: Study, n: int = 300, **more: object) -> PathAdvice:
    draws = study.centres() if n == 1 else study.sample(n, 0)
    return find_path(study, draws, rank(study, simulate(study, draws)), **more)  # type: ignore[arg-type]


def opened(name: str) -> Study:
    return open_study(EXAMPLES / name, today=dt.date(2026, 11, 20))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_example_has_a_path_with_pages_that_fit(folder: Path) -> None:
    p = found(open_study(folder, today=dt.date(2026, 11, 20)))
    assert p.steps
    assert [step.month for step in p.steps] == sorted(step.month for step in p.steps)
    assert all(step.cost_usd.p05 <= step.cost_usd.p95 for step in p.steps)
    assert all(step.rollback for step in p.steps)
    assert [o.chosen for o in p.options].count(True) == 1
    for w in p.waiting:
        assert w.information_usd >= -1e-6
        assert w.value_usd == pytest.approx(w.information_usd + w.delay_usd, abs=0.01)
    for width in (80, 120):
        assert max(map(len, path_text(p, width=width).splitlines())) <= width
    json.dumps(to_dict(p), allow_nan=False)
    assert "<table" in to_html(p)


@pytest.mark.parametrize("name", ["with-evals", "loan-documents", "retiring-base"])
def test_one_world_at_the_centres(name: str) -> None:
    p = found(opened(name), 1)
    assert all(o.gain_usd.p05 == o.gain_usd.p95 for o in p.options)
    assert all(w.information_usd == 0 for w in p.waiting)  # nothing is uncertain, so nothing can be learned


def doubtful() -> Study:
    """Quality that may be far better or worse, a dear build, and errors with a price: a pilot pays."""
    now = s.candidate("now", per_call=s.b("now.per_call", "money per call", "$0.005/call"), quality="90%")
    tuned = s.candidate("tuned", "tuned", per_call=s.b("t.per_call", "money per call", "$0.005/call"),
                        quality="80%..96%", upfront=s.b("t.upfront", "money", "$60K"))  # fmt: skip
    return s.study(now, tuned, error_cost="$0.50", volume="300K calls/month")


def test_doubt_is_bought_off_in_stages() -> None:
    p = found(doubtful(), 4000)
    assert p.shown == "fast"
    assert [step.month for step in p.steps] == [1, 2, 4, 5]
    pilot = p.steps[1]
    assert pilot.gate is not None
    assert pilot.gate.unit == "points"
    assert pilot.gate.threshold is not None
    assert 0 < pilot.gate.p_pass < 1
    assert pilot.rollback == "now"
    assert pilot.effort_hours is None  # the build is one sum: hours are not known, and not zero
    # Evals, pilot and the rest are the whole sum, in the order of document 000's split.
    assert [round(step.cost_usd.mean) for step in p.steps[:3]] == [6000, 9600, 44400]
    assert p.steps[0].p_reached >= pilot.p_reached >= p.steps[2].p_reached >= p.steps[3].p_reached


def test_the_calendar_of_a_document_can_be_asked_for() -> None:
    p = found(doubtful(), 1000, calendar="document-001")
    assert p.shown == "document-001"
    assert [step.month for step in p.steps] == [1, 6, 8, 9]
    assert p.steps[1].date == dt.date(2027, 5, 1)
    assert "as asked" in path_text(p)


def test_a_stated_time_to_build_moves_the_calendar() -> None:
    study = doubtful()
    slow = replace(study.candidates["tuned"], build_months=s.b("t.build_time", "months", "4 months"))
    p = found(replace(study, candidates={**study.candidates, "tuned": slow}), 1000, calendar="fast")
    assert [step.month for step in p.steps] == [1, 2, 6, 7]


def test_the_same_seed_gives_the_same_path() -> None:
    one, two = (to_dict(found(doubtful(), 800, seed=3)) for _ in range(2))
    assert one == two


def test_a_path_without_anything_to_train_says_when_to_look_again() -> None:
    a, b = (s.candidate(n, per_call=s.b(f"{n}.per_call", "money per call", c)) for n, c in
            (("a", "$0.002/call"), ("b", "$0.003/call")))  # fmt: skip
    p = found(s.study(a, b))
    assert (p.target, p.base, p.shown) == (None, "a", "keep")
    assert p.steps[-1].what.startswith("Look again")


def test_a_better_prompt_is_the_first_step() -> None:
    a, b = (s.candidate(n, per_call=s.b(f"{n}.per_call", "money per call", c)) for n, c in
            (("a", "$0.004/call"), ("b", "$0.003/call")))  # fmt: skip
    p = found(s.study(a, b))
    assert p.base == "b"
    assert p.steps[0].what == "Move to b"
    assert p.steps[0].rollback == "a"


def test_unpriced_errors_say_nothing_about_retraining() -> None:
    p = found(opened("self-hosted"))
    assert [table["best_months"] for table in to_dict(p)["cadence"]] == [None] * len(p.cadence)
    assert "nothing says how often" in path_text(p)


def test_names_are_data_in_html() -> None:
    study = replace(doubtful(), name="<script>alert(1)</script>")
    html = to_html(found(study))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_more_cases_while_waiting_teach_no_less() -> None:
    """A prompt whose quality is in doubt: what waiting for scores is worth grows with the scores."""
    now = s.candidate("now", per_call=s.b("n.per_call", "money per call", "$0.005/call"), quality="80%..97%")
    other = s.candidate("other", per_call=s.b("o.per_call", "money per call", "$0.005/call"), quality="91%")
    study = s.study(now, other, error_cost="$0.50")
    few, many = (found(study, 4000, cases_per_month=n).waiting[0].information_usd for n in (0.0, 1000.0))
    assert few == 0
    assert many > 1000


def test_the_command() -> None:
    done = CliRunner().invoke(command, [str(EXAMPLES / "with-evals"), "--draws", "300", "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert {"path", "waiting", "retirements", "cadence", "hybrid_search"} <= set(data)
    assert set(data["waiting"][0]) >= {"months", "value_usd", "information_usd", "delay_usd"}


def test_the_command_writes_a_page(tmp_path: Path) -> None:
    target = tmp_path / "path.html"
    done = CliRunner().invoke(command, [str(EXAMPLES / "with-evals"), "--draws", "300", "-o", str(target),
                                        "--drift", "0.2%..1%/month"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "stated, --drift" in target.read_text("utf-8").replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--drift", "fast"], "0.1%..1%/month"),
        (["-o", "path.pdf"], ".html or .json"),
        (["--calendar", "next-year"], "document-004"),
    ],
)
def test_bad_words_say_what_would_be_right(words: list[str], says: str) -> None:
    done = CliRunner().invoke(command, [str(EXAMPLES / "with-evals"), *words])
    assert done.exit_code == 2
    assert says in done.output


def test_a_calendar_past_the_horizon_is_refused(tmp_path: Path) -> None:
    text = (EXAMPLES / "with-evals" / "breakeven.yaml").read_text("utf-8")
    study = "\n".join(line for line in text.splitlines() if not line.startswith("horizon"))
    (tmp_path / "evidence").symlink_to(EXAMPLES / "with-evals" / "evidence")
    (tmp_path / "breakeven.yaml").write_text(study + "\nhorizon: 6 months\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(tmp_path), "--allow-outside", "--calendar", "document-001"])
    assert done.exit_code == 2
    assert "the horizon is 6" in done.output


def test_draws_are_shared_and_left_as_they_were() -> None:
    study = doubtful()
    draws = study.sample(500, 0)
    before = {name: draws.named(name).copy() for name in draws.names}
    find_path(study, draws, rank(study, simulate(study, draws)))
    assert all(np.array_equal(draws.named(name), values) for name, values in before.items())
