"""A claim as read from a file, its working, and what the audit says of it. Frozen, free of files."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from breakeven.claims.figures import Figure, Measure
from breakeven.claims.formulas import names_in, work_out
from breakeven.claims.spans import Span, hull
from breakeven.errors import Place, QuantityError
from breakeven.quantities import Unit

__all__ = ["AuditedClaim", "Claim", "Hit", "Missing", "Needed", "OtherValues", "Verdict", "Working"]

Verdict = Literal["holds", "fails", "underdetermined"]

MAX_CORNERS: Final = 5
"""Ranges that may stand more than once in a formula: 2⁵ corners are worked out."""


@dataclass(frozen=True, kw_only=True)
class Working:
    """Values, steps and a formula: what it takes to work a figure out."""

    inputs: Mapping[str, Span]
    steps: tuple[tuple[str, ast.expr], ...] = ()
    """Named results on the way, each from inputs and steps above it."""
    formula: ast.expr
    instead: Mapping[str, Span] = field(default_factory=dict)
    """Steps whose value is taken from here, not worked out."""

    def result(self) -> Span:
        """What the formula gives. QuantityError where units do not fit or zero divides."""
        return hull(work_out(self.formula, values) for values in self._scenes())

    def values(self) -> dict[str, Span]:
        """Every input and step by name."""
        scenes = list(self._scenes())
        return {name: hull(scene[name] for scene in scenes) for name in scenes[0]}

    def uses(self) -> Counter[str]:
        """How often each value goes into the result, steps written out."""
        counts = Counter(names_in(self.formula))
        for name, tree in reversed(self.steps):
            if counts[name] and name not in self.instead:
                for inner in names_in(tree):
                    counts[inner] += counts[name]
        return counts

    def _scenes(self) -> Iterator[dict[str, Span]]:
        """The values at every corner of the ranges that are used more than once; ends of the others stay spans.

        A range used once is exact in interval arithmetic; used twice, its two uses must be the same value.
        """
        given = {**self.inputs, **self.instead}
        wide: list[str] = []
        if any(not span.is_point for span in given.values()):
            uses = self.uses()
            wide = [name for name, span in given.items() if uses[name] > 1 and not span.is_point]
        if len(wide) > MAX_CORNERS:
            raise QuantityError(
                f"{len(wide)} ranges stand more than once in the formula; at most {MAX_CORNERS} may"
            )
        ends = [(given[name].low, given[name].high) for name in wide]
        for corner in itertools.product(*ends):
            fixed = {name: Span(end, end) for name, end in zip(wide, corner, strict=True)}
            yield self._with_steps({**given, **fixed})

    def _with_steps(self, values: dict[str, Span]) -> dict[str, Span]:
        for name, tree in self.steps:
            if name not in self.instead:
                values[name] = work_out(tree, values)
        return values


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An input that the document does not give."""

    name: str
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class OtherValues:
    """Other values that the same document, or the same price list, has for some inputs."""

    label: str
    values: Mapping[str, Span]
    texts: Mapping[str, str]
    """The values as written."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One printed figure with what its document gives for it."""

    id: str
    document: str
    title: str = ""
    """The document's title, where the file gives it."""
    where: str
    statement: str
    working: Working
    formula_text: str
    step_texts: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str]
    """Inputs as written, by name."""
    printed: Figure
    measure: Measure
    """The unit in which the answer is given; the printed one unless the file says otherwise."""
    also_printed: tuple[Figure, ...] = ()
    """The same figure as the document has it elsewhere."""
    other_values: tuple[OtherValues, ...] = ()
    missing: tuple[Missing, ...] = ()
    program: str | None = None
    """The printed program whose printed output this is."""
    place: Place

    @property
    def source(self) -> str:
        """The document and where in it."""
        return f"{self.document}, {self.where}" if self.where else self.document

    @property
    def stem(self) -> str:
        """What the figures of one passage share: ``001-e`` of ``001-e.1``."""
        return self.id.rpartition(".")[0] or self.id

    @property
    def is_payback(self) -> bool:
        """Whether the figure is a time that something takes to pay back: money over money a month."""
        top = self.working.formula
        unit = self.measure.unit
        return isinstance(top, ast.BinOp) and isinstance(top.op, ast.Div) and unit == Unit.of(month=1)


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The value that the one missing input would have to have."""

    missing: Missing
    low: float | None
    """For the low end of what is printed, in base units; None where no value gives it."""
    high: float | None

    @property
    def agrees(self) -> bool:
        """Whether one value serves both ends."""
        return (
            self.low is not None
            and self.high is not None
            and abs(self.low - self.high) <= 0.01 * abs(self.high)
        )

    def __str__(self) -> str:
        show, name = self.missing.measure.show, self.missing.name
        if self.low is None or self.high is None:
            return f"no value of {name} gives what is printed"
        if self.agrees:
            return f"holds only if {name} is {show(self.high)}"
        return f"no one {name} fits: the low end needs {show(self.low)}, the high end {show(self.high)}"


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A slip that gives what is printed."""

    kind: str
    """The entry of the catalogue."""
    says: str
    """What went wrong, for people."""
    cost: float
    """Far-fetchedness, and how near the edge of the printed digits it lands."""
    gives: Span
    """What comes out with this slip."""
    end: str = ""
    """``low`` or ``high`` where only that end of a printed range is explained, the other being right."""

    @property
    def key(self) -> str:
        """What makes it the same slip in another claim."""
        return f"{self.kind}: {self.says}"

    def __str__(self) -> str:
        return f"{self.says} (at the {self.end} end only)" if self.end else self.says


@dataclass(frozen=True, kw_only=True)
class AuditedClaim:
    """A claim and what comes out when it is worked out from its own inputs."""

    claim: Claim
    verdict: Verdict
    recomputed: Span | None
    """In base units; None where it can not be worked out or never comes."""
    never: bool = False
    """Whether what is claimed never comes: a payback with nothing saved."""
    slips: tuple[Hit, ...] = ()
    """Slips that give what is printed, likeliest first; empty where none was found, or none is needed."""
    near_misses: tuple[Hit, ...] = ()
    """Simple slips that come near what is printed without giving it."""
    slips_tried: int = 0
    by_chance: float = 0.0
    """How many of the slips tried would be expected to give what is printed by chance."""
    needed: Needed | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<AuditedClaim {self.id!r}: {self.verdict}>"

    @property
    def id(self) -> str:
        """The claim's name."""
        return self.claim.id

    @property
    def slip(self) -> str | None:
        """The likeliest slip; None where none was found, or none is needed."""
        return str(self.slips[0]) if self.slips else None

    @property
    def right_figure(self) -> str:
        """The recomputed figure for people; empty where there is none."""
        if self.never:
            return "never"
        return self.claim.measure.show_span(self.recomputed) if self.recomputed else ""

    def as_json(self) -> dict[str, Any]:
        """Plain data with the stable keys; numbers stand in ``unit``, ranges are ``[low, high]``."""
        claim, measure = self.claim, self.claim.measure
        return {
            "id": claim.id,
            "source": claim.source,
            "statement": claim.statement,
            "printed": _numbers(claim.printed.span, measure),
            "printed_text": claim.printed.text,
            "recomputed": _numbers(self.recomputed, measure),
            "never": self.never,
            "unit": measure.text,
            "verdict": self.verdict,
            "slip": self.slip,
            "other_slips": [str(hit) for hit in self.slips[1:]],
            "near_misses": [
                f"{hit} gives {claim.printed.measure.show_span(hit.gives)}" for hit in self.near_misses
            ],
            "slips_tried": self.slips_tried,
            "formula": claim.formula_text,
            "steps": dict(claim.step_texts),
            "inputs": dict(claim.texts),
            "missing": [missing.name for missing in claim.missing],
            "needed": str(self.needed) if self.needed else None,
            "notes": list(self.notes),
            "place": str(claim.place),
        }


def _numbers(span: Span | None, measure: Measure) -> float | list[float] | None:
    if span is None:
        return None
    low, high = measure.number(span.low.value), measure.number(span.high.value)
    return low if span.is_point else [low, high]
