"""Inputs as controls, and a study's text with changes computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from breakeven.errors import InputError, StudyError
from breakeven.web.inputs import MOST_SLIDERS, controls, paths_of
from breakeven.web.saving import KINDS, difference, exported, save
from breakeven.web.serving import Edited
from breakeven.web.shown import full_parts, quick_parts
from breakeven.web.whatif import WhatIf
from tests.web.conftest import ROOT, setting

EXAMPLES = [path.parent for path in sorted(ROOT.glob("examples/*/breakeven.yaml"))]


@pytest.mark.parametrize("folder", EXAMPLES[::4], ids=lambda folder: folder.name)
def test_every_input_that_can_be_written_is_written_and_read_again(folder: Path) -> None:
    whatif = WhatIf(setting=setting(folder, draws=200))
    text = (folder / "breakeven.yaml").read_text("utf-8")
    study = whatif.study(text)
    found = controls(study, whatif.full(text))
    assert sum(c.slider is not None for c in found) <= MOST_SLIDERS
    for control in found:
        if not control.editable:
            continue
        changed = whatif.study(whatif.edited(text, [(control.name, control.value)]))
        before = {b.name: b for b in study.beliefs}.get(control.name)
        after = {b.name: b for b in changed.beliefs}.get(control.name)
        if before is not None and after is not None:
            assert after.centre == pytest.approx(before.centre, rel=0.02, abs=1e-9)
        if control.slider is not None:
            for stop in (control.slider.stops[0], control.slider.stops[-1]):
                whatif.study(whatif.edited(text, [(control.name, stop)]))


def test_the_input_worth_most_comes_first(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    decision = whatif.full(text)
    first = controls(whatif.study(text), decision)[0]
    assert first.name == max(decision.evppi_usd, key=lambda name: decision.evppi_usd[name])


def test_a_slider_stands_at_what_the_study_believes(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    by_name = {c.name: c for c in controls(whatif.study(text), whatif.full(text))}
    slider = by_name["workload.volume"].slider
    assert slider is not None
    assert slider.stops[slider.at] == "400K calls/month"
    assert (slider.stops[0], slider.stops[-1]) == ("40K calls/month", "4M calls/month")
    quality = by_name["candidates.prompt.quality"].slider
    assert quality is not None
    assert quality.low < quality.at < quality.high


def test_a_default_is_written_for_every_candidate_that_takes_it() -> None:
    folder = ROOT / "examples" / "retiring-base"
    study = WhatIf(setting=setting(folder)).study((folder / "breakeven.yaml").read_text("utf-8"))
    assert paths_of(study, "defaults.tuned.label_cost") == (
        ("candidates", "tuned at openai", "label_cost"),
        ("candidates", "tuned at azure", "label_cost"),
    )
    assert paths_of(study, "prices.openai/gpt-5.6-luna.input") == (
        ("prices", "openai/gpt-5.6-luna", "input"),
    )
    assert paths_of(study, "prices.openai/gpt-5.6-luna.above_272000.input") == ()


def test_the_quick_look_agrees_with_the_full_decision(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    quick, full = whatif.quick(text), whatif.full(text)
    assert quick.recommendation.candidate == full.recommendation.candidate
    for name, candidate in full.candidates.items():
        assert quick.candidates[name].cost.mean == pytest.approx(candidate.cost.mean, rel=0.05)


def test_colours_stay_with_their_candidate(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    colours = {"prompt": 0, "tuned": 4}
    parts = quick_parts(whatif.quick(text), colours)
    assert 'class="s4"' in parts["fan"]
    assert 'class="s1"' not in parts["fan"]


def test_a_quick_look_leaves_alone_what_it_does_not_know(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    quick = quick_parts(whatif.quick(text), {})
    assert set(quick) == {"answer", "fan", "candidates"}
    assert set(full_parts(whatif.full(text), {})) > set(quick)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (("workload.volume", " "), StudyError, "nothing stands here"),
        (("workload.volume", "9" * 300), StudyError, "longer than 200"),
        (("workload.colour", "1"), InputError, "workload.colour|unknown key"),
        (("defaults.built", "3 hours"), InputError, "only be changed in the study file"),
        (("no.such", "1"), InputError, "no input is called"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    whatif: WhatIf, study: Path, change: tuple[str, str], error: type[Exception], says: str
) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    with pytest.raises(error, match=says):
        whatif.study(whatif.edited(text, [change]))


def test_the_difference_names_its_lines(study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    lines = difference(Edited(saved=text, text=text.replace("400K", "2M")), "breakeven.yaml")
    assert ("-", "  volume: 400K calls/month") in lines
    assert ("+", "  volume: 2M calls/month") in lines
    assert lines[0][1].startswith("line ")


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS])
def test_a_decision_is_exported_whole(whatif: WhatIf, study: Path, kind: str) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    name, media_type, body = exported(kind, whatif.full(text), whatif.study(text))
    assert name == f"ticket-routing.{kind}"
    assert media_type
    assert len(body) > 1000


def test_another_export_is_refused(whatif: WhatIf, study: Path) -> None:
    text = (study / "breakeven.yaml").read_text("utf-8")
    decision = whatif.full(text)
    with pytest.raises(InputError, match="there is no export 'exe'"):
        exported("exe", decision, whatif.study(text))


def test_a_saved_file_stays_what_it_was_but_for_its_text(tmp_path: Path) -> None:
    real, link = tmp_path / "kept.yaml", tmp_path / "breakeven.yaml"
    real.write_bytes(b"name: a\r\n")
    real.chmod(0o600)
    link.symlink_to(real)
    save(link, "name: b\r\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"name: b\r\n"
    assert real.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_can_not_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(InputError, match=r"breakeven\.yaml: can not be written"):
        save(tmp_path / "file" / "breakeven.yaml", "name: b\n")
