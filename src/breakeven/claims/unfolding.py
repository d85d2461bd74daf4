"""A claim's arithmetic on paper: each formula, then with the numbers put in, then what comes out."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from breakeven.claims.formulas import CONSTANTS, text_of, work_out
from breakeven.claims.model import AuditedClaim, Claim
from breakeven.claims.spans import Span

__all__ = ["unfold"]

_HOLE: Final = "part_{}"


def unfold(audited: AuditedClaim) -> tuple[str, ...]:
    """Lines of arithmetic, those that go on from the line above starting with ``=``.

    An input that is not given stands as ``?``, and no result follows from it.
    """
    claim = audited.claim
    values = {} if claim.missing else claim.working.values()
    written = _written(claim)
    lines: list[str] = []
    for name, tree in claim.working.steps:
        lines += [f"{name} = {text_of(tree)}", *_worked(tree, written, values)]
        if values:
            lines.append(f"= {values[name]}")
            written[name] = str(values[name])
    lines += [text_of(claim.working.formula), *_worked(claim.working.formula, written, values)]
    if audited.recomputed is not None or audited.never:
        lines.append(f"= {_result(audited)}")
    return tuple(lines)


def _written(claim: Claim) -> dict[str, str]:
    """What stands for each name: inputs as the document gives them, ``1 year``, ``?`` where nothing is given."""
    time = {name: f"1 {name}" for name in CONSTANTS}
    return {**time, **claim.texts, **{missing.name: "?" for missing in claim.missing}}


def _result(audited: AuditedClaim) -> str:
    claim = audited.claim
    if not audited.never:
        return audited.right_figure
    value = claim.working.result()
    return f"{claim.measure.show_span(value)}: below zero, so never"


def _worked(tree: ast.expr, written: Mapping[str, str], values: Mapping[str, Span]) -> Iterator[str]:
    """The formula with numbers put in; then with its sums worked out, where they stand inside something else."""
    if isinstance(tree, ast.Name):
        return
    put_in = text_of(tree, written)
    yield f"= {put_in}"
    if not values:
        return
    holes: dict[str, str] = {}
    shorter = _collapsed(tree, values, holes, top=True)
    if holes and (text := text_of(shorter, {**written, **holes})) != put_in:
        yield f"= {text}"


def _collapsed(tree: ast.expr, values: Mapping[str, Span], holes: dict[str, str], *, top: bool) -> ast.expr:
    """The tree with each inner sum and call replaced by a name that stands for its value."""
    is_sum = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub)
    if not top and (is_sum or isinstance(tree, ast.Call)):
        name = _HOLE.format(len(holes))
        holes[name] = str(work_out(tree, values))
        return ast.Name(id=name)
    if isinstance(tree, ast.BinOp):
        below = top and is_sum  # the terms of the outermost sum are worked out for themselves
        left = _collapsed(tree.left, values, holes, top=below)
        right = _collapsed(tree.right, values, holes, top=below)
        return ast.BinOp(left=left, op=tree.op, right=right)
    if isinstance(tree, ast.UnaryOp):
        return ast.UnaryOp(op=tree.op, operand=_collapsed(tree.operand, values, holes, top=False))
    return tree
