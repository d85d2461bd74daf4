"""Learning curves that candidates name: what ``breakeven eval curve --json`` printed, checked and handed on."""

from __future__ import annotations

from breakeven.errors import BreakevenError, EvidenceError
from breakeven.statistics.learning_curve import fit_learning_curve
from breakeven.study.candidate_file import ClassifierFile, TunedFile
from breakeven.study.context import Context
from breakeven.study.curve_evidence import CurveEvidence
from breakeven.study.given import MisreadError
from breakeven.yaml_places import Path as At

__all__ = ["read_learning_curves"]


def read_learning_curves(ctx: Context) -> None:
    """Put the runs of every candidate that names a curve into ``ctx.curves``; problems are added."""
    known: dict[str, CurveEvidence | None] = {}
    for name, file in ctx.file.candidates.items():
        if isinstance(file, TunedFile | ClassifierFile) and file.curve is not None:
            if file.curve not in known:
                known[file.curve] = _read(ctx, ("candidates", name, "curve"), file.curve)
            found = known[file.curve]
            if found is not None:
                ctx.curves[name] = found


def _read(ctx: Context, at: At, file: str) -> CurveEvidence | None:
    from breakeven.evidence.training.curve_file import read_curve_runs

    try:
        runs = read_curve_runs(ctx.folder.find(file))
        fit_learning_curve(*zip(*runs, strict=True) if runs else ((), ()))
    except MisreadError as exc:
        hint = exc.hint or f"`breakeven eval curve … --json > {file}` writes it"
        ctx.problems.add(at, exc.message, hint)
    except EvidenceError as exc:
        ctx.problems.add_error(at, exc)
    except BreakevenError as exc:  # readable, and too little for a curve
        ctx.problems.add(at, f"{file}: {exc}")
    else:
        return CurveEvidence(file=file, runs=runs)
    ctx.problems.blind(at)
    return None
