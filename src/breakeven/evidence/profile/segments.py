"""Segments of the traffic: who makes the calls and the bill, and which look simple enough for a small tuned model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.cells import Cell
from breakeven.evidence.profile.histogram import Histogram
from breakeven.evidence.profile.money import total_usd

__all__ = ["Outputs", "find_outputs", "segments"]

SHORT: Final = 100
"""Tokens that 95% of answers stay within, for them to be short: a label, a score, a few extracted fields."""
FEW_KINDS: Final = 0.05
"""Different answers a call, up to which a segment answers with the same few."""
ALIKE: Final = 0.5
"""Spread of the input's length (standard deviation to mean), up to which prompts are alike."""
ENOUGH: Final = 500
"""Calls below which a segment holds too little to train on."""
TOOLS: Final = 0.01
_SLICE: Final = 0.30
_SHOWN: Final = 50
_MOST_LENGTHS: Final = 200
"""Segments past which lengths are not told apart by segment."""
_BANDS: Final = (1_000, 4_000, 16_000, 64_000)
_OUT_BANDS: Final = (16, 128, 1_024)
_NOTE: Final = (
    "a hint from lengths and counts, not a measured quality: an eval of a small model on the segment decides"
)


@dataclass(kw_only=True)
class Outputs:
    """Counted output lengths, in all and by segment."""

    by: str
    """What tells segments apart: template, feature, model, or shape (of tokens)."""
    lengths: dict[str | None, dict[float, int]] = field(default_factory=lambda: defaultdict(dict))
    inputs: dict[str | None, float] = field(default_factory=lambda: defaultdict(float))
    """Input tokens, of shapes only."""

    def all(self) -> Histogram:
        """Output tokens of all calls."""
        total: dict[float, int] = defaultdict(int)
        for counts in self.lengths.values():
            for value, n in counts.items():
                total[value] += n
        return Histogram.of(list(total.items()))


def find_outputs(log: CallLog, cells: Sequence[Cell]) -> Outputs:
    """Output tokens, counted exactly by segment in one pass."""
    by = _told_by(cells)
    if not log.may_hold("output_tokens"):
        return Outputs(by=by)
    calls = log.calls.filter(log.calls["output_tokens"].notnull())
    key = _key(calls, by, cells)
    grouped = calls.group_by(segment=key, value=calls["output_tokens"])
    sums = grouped.agg(n=calls.count(), given=calls["input_tokens"].sum())
    found = Outputs(by=by)
    for segment, value, n, given in log.engine.rows(sums.select("segment", "value", "n", "given")):
        name = _shape(int(segment or 0), value) if by == "shape" else segment
        counts = found.lengths[name]
        counts[float(value)] = counts.get(float(value), 0) + int(n)
        found.inputs[name] += float(given or 0)
    return found


def _key(calls: Any, by: str, cells: Sequence[Cell]) -> Any:
    """The segment of a call, named as ``_name`` names that of a cell."""
    import ibis

    if by == "shape":
        return sum(
            (ibis.ifelse(calls["input_tokens"] > edge, 1, 0) for edge in _BANDS), ibis.literal(0)
        ).cast("string")
    if len({_name(cell, by) for cell in cells}) > _MOST_LENGTHS:
        return ibis.null("string")
    if by == "template":
        return calls["feature"].fill_null("") + _WITHIN + calls["template"]
    return calls[by]


def _name(cell: Cell, by: str) -> str | None:
    """A template goes with its feature: two features may name their templates alike."""
    if by == "template":
        return None if cell.template is None else f"{cell.feature or ''}{_WITHIN}{cell.template}"
    name: str | None = getattr(cell, by)
    return name


_WITHIN: Final = " / "


def _told_by(cells: Sequence[Cell]) -> str:
    """What most calls name: a template, a feature, one of several models; else only the shape of their tokens."""
    total = sum(cell.calls for cell in cells)
    for name in ("template", "feature"):
        if 2 * sum(cell.calls for cell in cells if getattr(cell, name) is not None) >= total:
            return name
    return "model" if len({cell.model for cell in cells}) > 1 else "shape"


def _shape(band: int, output: float) -> str:
    edges = ["0", *(f"{edge // 1000}K" for edge in _BANDS)]
    given = f"input {edges[band]} to {edges[band + 1]}" if band < len(_BANDS) else f"input over {edges[-1]}"
    below = 0
    for edge in _OUT_BANDS:
        if output <= edge:
            return f"{given}, output {below:,} to {edge:,}"
        below = edge + 1
    return f"{given}, output over {_OUT_BANDS[-1]:,}"


def segments(
    log: CallLog, cells: Sequence[Cell], costs: Mapping[Cell, float | None], outputs: Outputs
) -> dict[str, Any] | None:
    """Each segment's share of calls and of the bill, its shape, and whether it looks simple, with the reasons.

    None where the log holds windows of counts: nothing is known of a single call.
    """
    if log.window_s is not None:
        return None
    made = _by_shape(outputs) if outputs.by == "shape" else _by_name(log, cells, costs, outputs)
    calls = sum(one["calls"] for one in made)
    usd = total_usd(one["cost_usd"] for one in made)
    for one in made:
        one["share"] = one["calls"] / calls if calls else 0.0
        one["share_of_cost"] = one["cost_usd"] / usd if usd and one["cost_usd"] is not None else None
    made.sort(key=lambda one: (-(one["cost_usd"] or 0), -one["calls"], one["name"]))
    simple = [one for one in made if one["simple"] == "candidate"]
    return {
        "by": outputs.by,
        "segments": made[:_SHOWN],
        "left_out": max(len(made) - _SHOWN, 0),
        "simple": {
            "names": [one["name"] for one in simple],
            "share": sum(one["share"] for one in simple),
            "share_of_cost": None if usd is None else sum(one["share_of_cost"] or 0 for one in simple),
            "names_for_30_percent": _slice(simple),
        },
        "note": _NOTE,
    }


def _slice(simple: Sequence[Mapping[str, Any]]) -> list[str] | None:
    """The largest simple segments that make up 30% of calls; None where all of them do not."""
    names: list[str] = []
    reached = 0.0
    for one in sorted(simple, key=lambda one: -one["share"]):
        names.append(one["name"])
        reached += one["share"]
        if reached >= _SLICE - 1e-12:
            return names
    return None


def _by_name(
    log: CallLog, cells: Sequence[Cell], costs: Mapping[Cell, float | None], outputs: Outputs
) -> list[dict[str, Any]]:
    groups: dict[str | None, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[_name(cell, outputs.by)].append(cell)
    answers = _answers(log, outputs.by, cells) if len(groups) <= _MOST_LENGTHS else {}
    found = []
    for name, group in groups.items():
        lengths = Histogram.of(list(outputs.lengths.get(name, {}).items()))
        found.append(_described(name, group, total_usd(costs[c] for c in group), lengths, answers.get(name)))
    return found


def _described(
    name: str | None,
    group: Sequence[Cell],
    usd: float | None,
    lengths: Histogram,
    answers: tuple[int, int] | None,
) -> dict[str, Any]:
    calls = sum(cell.calls for cell in group)
    known = sum(cell.rows - cell.no_input for cell in group)
    mean = sum(cell.input for cell in group) / known if known else None
    squares = sum(cell.input_squares for cell in group) / known if known else 0.0
    spread = max(squares - mean**2, 0.0) ** 0.5 / mean if mean else None
    ended = sum(cell.ended for cell in group)
    output = sum(cell.output for cell in group)
    row: dict[str, Any] = {
        "name": "(none)" if name is None else name.removeprefix(_WITHIN),
        "calls": round(calls),
        "cost_usd": usd,
        "input_mean": mean,
        "input_spread": spread,
        "output_mean": lengths.total() / lengths.n if lengths.n else None,
        "output_p95": lengths.quantile(0.95) if lengths.n else None,
        "answers": None if answers is None else {"n": answers[0], "different": answers[1]},
        "tool_calls": sum(cell.ended_tools for cell in group) / ended if ended else None,
        "reasoning": sum(cell.reasoning for cell in group) / output if output else None,
    }
    return row | _judged(row)


def _by_shape(outputs: Outputs) -> list[dict[str, Any]]:
    """Calls that name nothing, by how long they are; their spread within a band means little."""
    found = []
    for name, counts in outputs.lengths.items():
        lengths = Histogram.of(list(counts.items()))
        row: dict[str, Any] = {
            "name": str(name), "calls": lengths.n, "cost_usd": None, "input_mean": outputs.inputs[name] / lengths.n,
            "input_spread": None, "output_mean": lengths.total() / lengths.n, "output_p95": lengths.quantile(0.95),
            "answers": None, "tool_calls": None, "reasoning": None,
        }  # fmt: skip
        why = ["calls name no template, feature or model: a length tells no task"]
        found.append({**row, "simple": "cannot_tell", "for": [], "against": why})
    return found


def _judged(row: Mapping[str, Any]) -> dict[str, Any]:
    """candidate: short answers from prompts that are alike, or the same few answers, and nothing against it."""
    short, few, alike = _good(row)
    against = list(_against(row))
    reasons = [reason for reason in (short, few, alike) if reason is not None]
    if row["output_p95"] is None:
        return {"simple": "cannot_tell", "for": reasons, "against": ["output tokens are not known"]}
    fits = short is not None and (few is not None or alike is not None)
    if not against and not fits:
        against = ["neither the same few answers nor prompts that are alike"]
    return {"simple": "candidate" if fits and not against else "no", "for": reasons, "against": against}


def _good(row: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    p95, spread, answers = row["output_p95"], row["input_spread"], row["answers"]
    short = few = alike = None
    if p95 is not None and p95 <= SHORT:
        short = f"95% of answers have at most {p95:,.0f} tokens"
    if answers is not None and answers["n"] >= 20 and answers["different"] <= FEW_KINDS * answers["n"]:
        few = f"{answers['different']:,} different answers in {answers['n']:,} calls"
    if spread is not None and spread <= ALIKE:
        alike = f"inputs differ by {spread:.0%} of their mean length"
    return short, few, alike


def _against(row: Mapping[str, Any]) -> Any:
    if row["calls"] < ENOUGH:
        calls = f"{row['calls']:,} call" + ("s" if row["calls"] != 1 else "")
        yield f"only {calls} in this log, under {ENOUGH}"
    if row["output_p95"] is not None and row["output_p95"] > SHORT:
        yield f"5% of answers have over {row['output_p95']:,.0f} tokens"
    if row["tool_calls"] is not None and row["tool_calls"] > TOOLS:
        yield f"{row['tool_calls']:.0%} of answers call tools"
    if row["reasoning"] is not None and row["reasoning"] > 0.5:
        yield f"{row['reasoning']:.0%} of its output is reasoning"


def _answers(log: CallLog, by: str, cells: Sequence[Cell]) -> dict[str | None, tuple[int, int]]:
    """(calls whose answer is logged, different ones among them) of each segment; by hashes."""
    if not log.may_hold("answer_hash"):
        return {}
    calls = log.calls.filter(log.calls["answer_hash"].notnull() & log.calls["failure"].isnull())
    grouped = calls.group_by(segment=_key(calls, by, cells))
    found = grouped.agg(n=calls.count(), different=calls["answer_hash"].nunique())
    return {
        segment: (int(n), int(different))
        for segment, n, different in log.engine.rows(found.select("segment", "n", "different"))
    }
