"""The inputs of a study as fields and sliders: those that could change the answer first.

A slider says *suppose it were exactly this*: its stops are texts as they stand in a study file, so the page knows no
unit and no arithmetic. A field takes all that the file takes, ranges too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.advice.decision import Decision
from breakeven.beliefs import Belief
from breakeven.quantities import KINDS, show_usd
from breakeven.study.candidate_file import CANDIDATE_FILES
from breakeven.study.editing import written
from breakeven.study.file import StudyFile, WorkloadFile
from breakeven.study.model import Study, beliefs_in
from breakeven.study.schema import field_help
from breakeven.yaml_places import Path

__all__ = ["MOST_SLIDERS", "Control", "Slider", "controls", "paths_of"]

MOST_SLIDERS: Final = 8
"""Inputs that stand open beside the decision; the others are searched for."""
_STOPS: Final = 80
_DECADE: Final = 10.0
"""How far a slider goes each way where an input is stated without a range."""


@dataclass(frozen=True, kw_only=True)
class Slider:
    """Places to stop at, low to high, and where the study stands among them."""

    stops: tuple[str, ...]
    """As they would be written in the study."""
    at: int
    """The stop nearest to what the study believes."""
    low: int
    high: int
    """The stops nearest to the ends of the 90% interval; both ``at`` for a point."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One input on the page."""

    name: str
    """The belief's name: ``workload.volume``; the key of its edit."""
    label: str
    where: str
    """The candidate it belongs to, or empty."""
    help: str
    value: str
    """As it would be written in the study."""
    example: str
    source: str
    source_kind: str
    matters: str
    """Why it stands where it stands: ``to know: $82.6K``, as an upper limit for measuring it."""
    about: str
    """The address of the figure in ``matters``; empty where there is none."""
    slider: Slider | None
    editable: bool


def controls(study: Study, decision: Decision) -> tuple[Control, ...]:
    """Every input that a figure is computed from, those that matter most first.

    By what knowing it is worth, then by the chance that it flips the answer; then inputs without a range that flip it
    somewhere, then volume and the cost of an error.
    """
    used = {a.input for a in decision.assumptions}
    named = [_written_as_level(belief, study, decision) for belief in study.beliefs if belief.name in used]
    ranked = sorted(named, key=lambda belief: _rank(belief, decision))
    found: list[Control] = []
    sliders = 0
    for belief in ranked:
        control = _control(belief, study, decision, with_slider=sliders < MOST_SLIDERS)
        sliders += control.slider is not None
        found.append(control)
    return tuple(found)


def _rank(belief: Belief, decision: Decision) -> tuple[float, ...]:
    flips = {f.input: f.p for f in decision.flips}
    name = belief.name
    worth, gain = decision.evppi_usd.get(name, 0.0), decision.evppi_usd.get(f"{name}.gain", 0.0)
    usual = ("workload.volume", "workload.errors.cost")
    return (
        -max(worth, gain),
        -max(flips.get(name, 0.0), flips.get(f"{name}.gain", 0.0)),
        -float(name in flips or f"{name}.gain" in flips),
        -float(name in usual),
        -float(name.endswith(".quality")),
        -float(not belief.is_point),
        -float(bool(belief.centre)),
    )


def _written_as_level(belief: Belief, study: Study, decision: Decision) -> Belief:
    """A gain in quality over another candidate stands in no study file; there the quality itself does."""
    name = belief.name.removesuffix(".gain")
    candidate = next((c for c in study.candidates if f"candidates.{c}.quality" == name), None)
    if name == belief.name or candidate is None:
        return belief
    spread = decision.candidates[candidate].quality
    low, high = max(spread.p05, 0.001), min(spread.p95, 0.999)
    return Belief(
        name=name,
        kind="share",
        family="uniform",
        parameters=(low, max(high, low + 1e-6)),
        source=belief.source,
    )


# ------------------------------------------------------------------------------------------ where it is written

_FIELDS: Final[Mapping[str, Path]] = {
    "prompt.build": ("build",), "prompt.upkeep": ("upkeep",), "hit_rate": ("hit_rate",), "batch": ("batch",),
    "tuned.build": ("build",), "tuned.upkeep": ("upkeep",), "tuned.guidelines": ("guidelines",),
    "tuned.examples": ("examples",), "tuned.labelled": ("labelled",), "tuned.label_cost": ("label_cost",),
    "tuned.redundancy": ("redundancy",), "tuned.qa": ("qa",), "tuned.runs": ("runs",), "tuned.epochs": ("epochs",),
    "evaluation.cases": ("evaluation", "cases"), "migration": ("migration",), "hybrid.build": ("build",),
    "hybrid.upkeep": ("upkeep",), "classifier.build": ("build",), "classifier.upkeep": ("upkeep",),
    "classifier.per_call": ("per_call",), "classifier.runs": ("runs",),
}  # fmt: skip
"""Where a default of a candidate would be stated."""
_PRICES: Final = ("input", "output", "cached", "cache_write", "batch_input", "batch_output")


def paths_of(study: Study, name: str) -> tuple[Path, ...]:
    """Where an input is stated in the study file, or would be; several where candidates share a default.

    Empty where no field of the file states it: the price of a host, say.
    """
    head, _, rest = name.partition(".")
    if head == "defaults":
        return tuple(
            ("candidates", candidate, *_FIELDS[rest]) for candidate in _users(study, name) if rest in _FIELDS
        )
    if head == "prices":
        model, _, last = rest.rpartition(".")
        return (("prices", model, last),) if last in _PRICES and ".above_" not in f".{model}" else ()
    if head == "candidates":
        candidate = max((c for c in study.candidates if rest.startswith(f"{c}.")), key=len, default=None)
        if candidate is None:
            return ()
        parts = rest.removeprefix(f"{candidate}.").split(".")
        return () if parts[0] in _SHORT and len(parts) > 1 else (("candidates", candidate, *parts),)
    known = head == "workload" or name in ("discount", "wage", "price_change")
    return (tuple(name.split(".")),) if known else ()


_SHORT: Final = ("hosting", "retrain", "training")
"""Fields that mostly hold one value: their parts are changed in the file, where one sees what else stands there."""


def _users(study: Study, name: str) -> Iterator[str]:
    for key, candidate in study.candidates.items():
        if any(belief.name == name for belief in beliefs_in(candidate)):
            yield key


# ------------------------------------------------------------------------------------------------ one control


def _control(belief: Belief, study: Study, decision: Decision, *, with_slider: bool) -> Control:
    editable = bool(paths_of(study, belief.name))
    label, where = _label(belief.name, study)
    return Control(
        name=belief.name, label=label, where=where, help=_help(belief.name, study) or "",
        value=written(belief.low, belief.high, belief.kind), example=KINDS[belief.kind].example,
        source=str(belief.source), source_kind=belief.source.kind, **_matters(belief.name, decision),
        slider=_slider(belief) if editable and with_slider else None, editable=editable,
    )  # fmt: skip


def _matters(name: str, decision: Decision) -> dict[str, str]:
    for wanted in (name, f"{name}.gain"):
        if (usd := decision.evppi_usd.get(wanted, 0.0)) > 0:
            return {"matters": f"to know: {show_usd(usd)}", "about": f"evppi.{wanted}"}
        flip = next((f for f in decision.flips if f.input == wanted), None)
        if flip is not None:
            said = f"flips it in {flip.p:.0%} of draws" if flip.p >= 0.005 else "could flip it"
            return {"matters": said, "about": f"flips.{wanted}.{flip.direction}.p"}
    return {"matters": "", "about": ""}


_LABELS: Final[Mapping[str, str]] = {
    "volume": "Volume", "growth": "Growth", "errors.cost": "Cost of an error", "errors.target": "Target quality",
    "tokens.static": "Instruction tokens", "tokens.input": "Input tokens", "tokens.output": "Output tokens",
    "tokens.reasoning": "Reasoning tokens", "peak_to_mean": "Peak to mean", "qa": "Checking of labels",
    "label_cost": "Cost of a label", "per_call": "Price of a call", "hit_rate": "Cache hit rate",
    "wage": "Wage", "discount": "Discount", "price_change": "Price change", "runs": "Training runs",
    "examples": "Training examples", "labelled": "Examples already labelled", "build": "Work to build",
    "upkeep": "Upkeep", "upfront": "Paid up front", "running": "Running cost", "escalate": "Share handed on",
    "catches": "Errors caught", "evaluation.cases": "Eval cases for a release", "quality": "Quality",
}  # fmt: skip


def _label(name: str, study: Study) -> tuple[str, str]:
    """What the input is called, and whose it is."""
    head, _, rest = name.partition(".")
    where = ""
    if head == "candidates":
        where = max((c for c in study.candidates if rest.startswith(f"{c}.")), key=len, default="")
        rest = rest.removeprefix(f"{where}.")
    elif head == "prices":
        where, _, rest = rest.rpartition(".")
        rest = f"price of {rest.replace('_', ' ')}" if rest in _PRICES else rest
    elif head == "defaults":
        where = " and ".join(_users(study, name)) if name.count(".") > 1 else ""
        rest = rest if rest in _LABELS else rest.partition(".")[2] or rest
    elif head != "workload":
        rest = name
    words = _LABELS.get(rest) or " ".join(reversed(rest.replace("_", " ").split("."))).strip()
    return words[:1].upper() + words[1:], where


def _help(name: str, study: Study) -> str | None:
    """What the study file's own help says of it."""
    paths = paths_of(study, name)
    if not paths:
        return None
    head, *rest = (str(part) for part in paths[0])
    if head == "workload":
        return field_help(WorkloadFile, rest[0])
    if head == "candidates":
        return field_help(CANDIDATE_FILES[study.candidates[rest[0]].kind], rest[1])
    return field_help(StudyFile, head)


# -------------------------------------------------------------------------------------------------- its slider


def _slider(belief: Belief) -> Slider | None:
    """Stops over the 1st to 99th percentile; around a point, a decade each way (in odds, for a share)."""
    ends = _ends(belief)
    if ends is None:
        return None
    low, high = ends
    values = _spaced(low, high, belief)
    texts = [written(value, value, belief.kind) for value in values]
    kept = [k for k, text in enumerate(texts) if k == 0 or text != texts[k - 1]]
    if len(kept) < 5:
        return None
    places = np.array([values[k] for k in kept])

    def nearest(value: float) -> int:
        return int(np.argmin(np.abs(places - value)))

    at = nearest(belief.centre)
    stops = [texts[k] for k in kept]
    if belief.is_point:
        stops[at] = written(belief.centre, belief.centre, belief.kind)
    return Slider(stops=tuple(stops), at=at, low=nearest(belief.low), high=nearest(belief.high))


def _ends(belief: Belief) -> tuple[float, float] | None:
    kind, centre = KINDS[belief.kind], belief.centre
    if not belief.is_point:
        low, high = belief.quantile(0.01), belief.quantile(0.99)
    elif kind.compound:
        low, high = centre - max(0.1, abs(centre)), centre + max(0.1, abs(centre))
    elif kind.name == "share":
        if not 0 < centre < 1:
            return None
        odds = centre / (1 - centre)
        low, high = (o / (1 + o) for o in (odds / _DECADE, odds * _DECADE))
    elif centre > 0:
        low, high = centre / _DECADE, centre * _DECADE
    else:
        return None
    low, high = max(low, kind.low), min(high, kind.high)
    return (low, high) if math.isfinite(low) and math.isfinite(high) and high > low else None


def _spaced(low: float, high: float, belief: Belief) -> list[float]:
    """Round values from low to high: by factors where they span much, else by steps."""
    if low > 0 and high / low > 5 and KINDS[belief.kind].name != "share":
        raw = np.geomspace(low, high, _STOPS + 1)
    elif belief.is_point and belief.kind == "share":
        logits = np.linspace(math.log(low / (1 - low)), math.log(high / (1 - high)), _STOPS + 1)
        raw = 1 / (1 + np.exp(-logits))
    else:
        raw = np.linspace(low, high, _STOPS + 1)
    whole = belief.kind in ("count", "tokens") and high > _STOPS
    digits = 3 if not whole else 0
    step = (high - low) / _STOPS
    return [_rounded(float(value), step, digits) for value in raw]


def _rounded(value: float, step: float, digits: int) -> float:
    if digits == 0:
        return float(round(value))
    if value == 0:
        return 0.0
    fine = max(
        digits - 1 - math.floor(math.log10(abs(value))),
        -math.floor(math.log10(step)) if step < abs(value) else 0,
    )
    return round(value, min(fine, 12))
