"""``breakeven new --from``: a study whose workload is measured, and questions where the logs do not tell."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from click.testing import CliRunner

from breakeven.cli.decide import decide
from breakeven.cli.new import new
from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.observation import observation, width
from breakeven.prices import load_book
from breakeven.study import open_study
from breakeven.study.from_profile import draft
from tests.reprice.logs import call, write
from tests.study.studies import TODAY

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = str(ROOT / "examples/logs")


def run(*words):
    return CliRunner().invoke(new, [str(word) for word in words])


@pytest.fixture
def made(tmp_path):
    done = run(tmp_path / "triage", "--from", EXAMPLE, "--sampling", "1%")
    assert done.exit_code == 0, done.output
    return tmp_path / "triage", done.output


def test_the_study_opens_with_measured_volume_and_tokens(made):
    folder, output = made
    assert "Fill in" not in output
    profile = json.loads((folder / "evidence/profile.json").read_text())
    study = open_study(folder, today=TODAY, book=load_book())
    volume = study.workload.volume
    assert volume.source.kind == "measured"
    assert volume.low == pytest.approx(profile["calls_per_month"]["p05"])
    assert volume.high == pytest.approx(profile["calls_per_month"]["p95"])
    prompt = study.candidates["prompt"]
    assert prompt.prices is not None
    assert prompt.tokens is not None
    assert prompt.prices.key == "openai/gpt-6.1-terra"
    assert prompt.tokens.input.centre == pytest.approx(profile["tokens"]["input"]["mean"])
    assert prompt.tokens.output.centre == pytest.approx(profile["tokens"]["output"]["mean"])
    assert study.workload.retries.centre == 0  # every attempt is a call of the log


def test_a_profile_does_as_well_as_its_logs(made, tmp_path):
    folder, _ = made
    done = run(tmp_path / "again", "--from", folder / "evidence/profile.json", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["to_fill_in"] == []
    first, second = ((f / "breakeven.yaml").read_text() for f in (folder, tmp_path / "again"))
    assert first.replace('"triage"', '"again"') == second
    assert (folder / "evidence/profile.json").read_text() == (
        tmp_path / "again/evidence/profile.json"
    ).read_text()


@pytest.mark.parametrize(
    ("p05", "p95", "taken"), [(-0.004, 0.009, True), (0.01, 0.04, True), (-0.02, 0.02, False)]
)
def test_measured_growth_is_a_belief_where_it_says_more_than_a_guess(made, p05, p95, taken):
    """A month's growth known to 3 points or better; wider, the study keeps what is assumed without logs."""
    folder, _ = made
    path = folder / "evidence/profile.json"
    profile = json.loads(path.read_text())
    profile["growth_per_month"] = {"mean": (p05 + p95) / 2, "p05": p05, "p95": p95}
    found = draft(profile, name="triage", folder=folder, today=TODAY, book=load_book())
    path.write_text(json.dumps(profile))
    (folder / "breakeven.yaml").write_text(found.text)
    growth = open_study(folder, today=TODAY, book=load_book()).workload.growth
    if taken:
        assert (growth.low, growth.high) == pytest.approx((p05, p95), abs=1e-3)
        assert "EXTRAPOLATED" in found.text
    else:
        assert growth.source.kind == "guess"
        assert "too wide to go by" in found.text


def test_what_the_logs_do_not_tell_is_asked_and_the_answer_opens_it(tmp_path):
    calls = [call(1000, 100, at=f"2026-11-02T10:{m:02}:00Z", model="house\nmodel: x") for m in range(30)]
    done = run(tmp_path / "s", "--from", write(tmp_path / "c.jsonl", calls), "--json")
    found = json.loads(done.output)
    assert [missing.partition(":")[0] for missing in found["to_fill_in"]] == ["candidates.prompt.model"]
    assert found["guessed"] == ["workload.volume, from 29 minutes of logs"]
    assert found["observation"]["more_days_for_volume"] == 7
    file = tmp_path / "s/breakeven.yaml"
    text = file.read_text()
    with pytest.raises(InputError):
        open_study(file, today=TODAY)
    file.write_text(text.replace("    # model: openai/gpt-6.1-terra", "    model: openai/gpt-6.1-terra"))
    volume = open_study(file, today=TODAY).workload.volume
    # 30 calls in 29 minutes are 30 / 29 · 60 · 24 · 30.4375 = 45.3K a month, guessed ten times off either way
    assert (volume.low, volume.high) == pytest.approx((4_500, 450_000))
    assert volume.source.kind == "guess"
    assert "29 minutes of logs" in volume.source.reference


def test_a_few_calls_over_days_still_give_a_study_that_opens(tmp_path):
    # 40 calls in 4 days are 304 a month, three times off either way: 101 to 913, in one scale
    calls = [
        call(1000, 100, at=f"2026-11-{2 + i // 10:02}T{i % 10}:00:00Z", model="gpt-4.1") for i in range(40)
    ]
    calls.append(call(1000, 100, at="2026-11-06T00:00:00Z", model="gpt-4.1"))
    done = run(tmp_path / "s", "--from", write(tmp_path / "c.jsonl", calls))
    assert "Fill in" not in done.output
    volume = open_study(tmp_path / "s", today=TODAY).workload.volume
    assert (volume.low, volume.high) == pytest.approx((100, 930), rel=0.05)


def test_the_tokens_that_prompts_share_are_stated_and_the_study_decides(tmp_path):
    rules = "You sort support mail into one of nine queues. Answer with the queue's name and nothing else, please. "
    calls = [
        {**call(900, 10, at=f"2026-11-{1 + i // 24:02}T{i % 24:02}:00:00Z", model="gpt-4.1-mini"), "request": {
            "model": "gpt-4.1-mini", "messages": [
                {"role": "system", "content": rules * 20}, {"role": "user", "content": f"mail {i}: {i * 7919}"}]}}
        for i in range(240)
    ]  # fmt: skip
    done = run(tmp_path / "s", "--from", write(tmp_path / "c.jsonl", calls), "--json")
    assert json.loads(done.output)["to_fill_in"] == []
    profile = json.loads((tmp_path / "s/evidence/profile.json").read_text())
    study = open_study(tmp_path / "s", today=TODAY, book=load_book())
    tokens = study.candidates["prompt"].tokens
    assert tokens is not None
    mined = profile["prompt"]["removable"]["tokens_per_call"]
    assert tokens.static.centre == pytest.approx(mined, abs=1)
    assert tokens.static.centre > 300
    assert tokens.static.centre + tokens.input.centre == pytest.approx(900, abs=1)
    assert tokens.static.source.kind == "measured"
    decided = CliRunner().invoke(decide, [str(tmp_path / "s"), "--json", "--draws", "200"])
    assert decided.exit_code == 0, decided.output


def test_a_table_is_read_by_its_mapping(tmp_path):
    table = tmp_path / "mine.csv"
    rows = "".join(f"2026-11-{1 + i // 24:02}T{i % 24:02}:00:00Z,{i},7,gpt-4.1\n" for i in range(240))
    table.write_text("at,n_in,tokens_out,model\n" + rows)
    done = run(tmp_path / "s", "--from", table, "--map", "time=at", "--map", "input_tokens=n_in")
    assert "Fill in" not in done.output
    assert "input_tokens      n_in" in done.output
    assert "guessed by its name" in done.output
    assert run(tmp_path / "x", "--map", "time=at").exit_code == 2


def test_nothing_is_overwritten_unasked(made, tmp_path):
    folder, _ = made
    again = run(folder, "--from", EXAMPLE)
    assert isinstance(again.exception, InputError)
    (folder / "breakeven.yaml").unlink()
    again = run(folder, "--from", EXAMPLE)
    assert isinstance(again.exception, InputError)
    assert "a profile is here already" in str(again.exception)
    assert run(folder, "--from", folder / "evidence/profile.json").exit_code == 0
    assert run(folder, "--from", EXAMPLE, "--force").exit_code == 0


def test_from_and_template_exclude_each_other(tmp_path):
    done = run(tmp_path / "x", "--from", EXAMPLE, "--template", "chatbot")
    assert done.exit_code == 2
    assert not (tmp_path / "x").exists()


def test_half_a_profile_is_an_error(tmp_path):
    broken = tmp_path / "p.json"
    broken.write_text('{"breakeven_profile": 1,')
    assert isinstance(run(tmp_path / "x", "--from", broken).exception, EvidenceError)
    with pytest.raises(EvidenceError, match="no whole profile"):
        draft({"models": {"a": {}}}, name="x", folder=tmp_path, today=TODAY, book=load_book())


def test_a_sampling_that_is_no_share_is_refused(tmp_path):
    assert run(tmp_path / "x", "--from", EXAMPLE, "--sampling", "0").exit_code == 2
    assert not (tmp_path / "x").exists()


# ------------------------------------------------------------------------------------------- how long to watch


def profile_of(*days):
    return {"rhythm": {"calls_by_day": list(days)}}


def test_the_width_is_the_profiles_own(made):
    folder, _ = made
    profile = json.loads((folder / "evidence/profile.json").read_text())
    month = profile["calls_per_month"]
    assert observation(profile)["width_now"] == pytest.approx(month["p95"] / month["mean"] - 1)


def test_width_by_hand():
    # Days 90 and 110 by turns: no positive correlation: all count. Spread s = √(n·100/(n−1)), t(7) at 95% = 1.894579.
    days = [90, 110] * 4
    half = 1.894578605 * math.sqrt(8 * 100 / 7) / math.sqrt(8) / 100
    assert width(days, 8) == pytest.approx(math.expm1(half))
    # Four times the days: t(31) = 1.695519
    later = 1.695518783 * math.sqrt(8 * 100 / 7) / math.sqrt(32) / 100
    assert width(days, 32) == pytest.approx(math.expm1(later))


def test_days_that_are_all_alike_need_no_more():
    found = observation(profile_of(*[100] * 8))
    assert (found["width_now"], found["days_for_aim"], found["more_days_for_growth"]) == (0.0, 8, 6)


def test_the_aim_is_reached_where_it_says_and_not_before():
    days = [60, 140, 80, 120, 100, 150, 50, 90, 130]
    found = observation(profile_of(*days))
    assert width(days, found["days_for_aim"]) <= 0.1 < width(days, found["days_for_aim"] - 7)


def test_few_days_or_none_tell_no_width():
    assert observation(profile_of(100, 90))["more_days_for_volume"] == 5
    assert observation({})["width_now"] is None
    assert observation(profile_of(*[0] * 9))["width_now"] is None
