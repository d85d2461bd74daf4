"""Wrong training labels cap what is believed of a model that nobody scored.

A model that learns its labels perfectly is right where they are: in a share a of all rows. So its quality, as long as
it is published or stated and not measured, is min(quality, a) draw by draw, a from the posterior of the random audit
(a Beta, Jeffreys' prior). That is cautious: where errors are scattered at random, a model can see past some of them. A
quality that was measured stays as it is: the cases that it was scored on have labels of their own. Without an audit
there is no cap, and the note says that it can not be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from breakeven.beliefs import Belief
from breakeven.study.context import Context
from breakeven.study.data_evidence import DataEvidence
from breakeven.study.model import Quality
from breakeven.study.training_data import source_of
from breakeven.yaml_places import dotted

__all__ = ["cap_qualities", "label_accuracy"]


def cap_qualities(ctx: Context, qualities: Mapping[str, Quality]) -> dict[str, Quality]:
    """The qualities, those of candidates with audited labels capped; notes are added.

    Candidates that are trained on the same rows have one cap, named after the first of them: it is one input.
    """
    found = dict(qualities)
    caps: dict[str, Belief | None] = {}
    for name, data in ctx.data.items():
        cap, quality = label_accuracy(name, data), found[name]
        ctx.notes.append(f"{name}: {_said(data, cap, quality)} ({source_of(data)})")
        if not _is_measured(quality):
            found[name] = replace(quality, cap=caps.setdefault(data.file, cap))
    return found


def label_accuracy(name: str, data: DataEvidence) -> Belief | None:
    """The share of right labels: the posterior of the random audit; None where no row was judged at random."""
    if not data.audited:
        return None
    return Belief(
        name=dotted(("candidates", name, "data", "label_accuracy")), kind="share", family="beta",
        parameters=(data.audited - data.wrong + 0.5, data.wrong + 0.5), source=source_of(data),
    )  # fmt: skip


def _is_measured(quality: Quality) -> bool:
    level = quality.level
    return quality.n_cases is not None or (level is not None and level.source.kind == "measured")


def _said(data: DataEvidence, cap: Belief | None, quality: Quality) -> str:
    if cap is None:
        return (
            "nobody audited its labels at random: whether they cap its quality can not be told; "
            "`breakeven data audit` draws the rows"
        )
    are = "is" if data.wrong == 1 else "are"
    audited = f"{data.wrong:,} of {data.audited:,} labels audited at random {are} wrong"
    share = f"{cap.centre:.1%} [{cap.low:.1%}, {cap.high:.1%}]"
    if not _is_measured(quality):
        return f"{audited}: its quality, not measured yet, is at most the share of right ones, {share}"
    level = quality.level
    if level is not None and level.centre > cap.high:
        return (
            f"{audited}: it scored more ({level.centre:.1%}) than labels are right ({share}); if the cases were "
            "labelled the same way, they may hold the same errors"
        )
    return f"{audited} ({share} right); its quality was measured on cases, so they do not cap it"
