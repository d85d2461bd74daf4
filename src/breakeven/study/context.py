"""What every part of resolving a study needs at hand: the file, its places, prices, dates, and where problems go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import PurePath

from breakeven.beliefs import Belief, Source, point
from breakeven.prices import PriceBook
from breakeven.study.curve_evidence import CurveEvidence
from breakeven.study.data_evidence import DataEvidence
from breakeven.study.defaults import default
from breakeven.study.file import StudyFile
from breakeven.study.folder import Folder
from breakeven.study.given import Given, MisreadError
from breakeven.study.problems import Problems
from breakeven.study.scored import ScoredGroup
from breakeven.yaml_places import Path, dotted

__all__ = ["Context"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """One study being resolved."""

    file: StudyFile
    problems: Problems
    book: PriceBook
    folder: Folder
    start: dt.date
    """First day of month 1."""
    horizon_months: int
    notes: list[str] = field(default_factory=list)
    """What the reader must know."""
    data: dict[str, DataEvidence] = field(default_factory=dict)
    """Candidate → the audit of its training rows, as far as they were read."""
    curves: dict[str, CurveEvidence] = field(default_factory=dict)
    """Candidate → the runs of its learning curve, as far as they were read."""
    scored: list[ScoredGroup] = field(default_factory=list)
    """Candidates that were scored on the same cases, as far as they were read."""

    @property
    def built(self) -> frozenset[str]:
        """The candidates that serve today: the one that ``today`` names, and its parts."""
        today = self.file.candidates.get(self.file.today)
        parts = {getattr(today, part, None) for part in ("small", "large", "now")} - {None}
        return frozenset({self.file.today, *(str(part) for part in parts)})

    def stated(
        self, path: Path, given: Given, *, cause: str | None = None, source: Source | None = None
    ) -> Belief:
        """The belief that the file states at a path, named by the path."""
        if given.file is not None:
            try:
                given = given.with_draws(self.folder.read(given.file))
            except MisreadError as exc:
                self.problems.add((*path, "draws"), exc.message, exc.hint)
                return self.unknown(path, given.kind.name)
        return given.belief(dotted(path), source or self.here(path), cause=cause)

    def unknown(self, path: Path, kind: str) -> Belief:
        """Stands for what is missing, so that the rest can still be looked at; a problem was added for it."""
        return point(dotted(path), kind, 0.0, self.here(path))

    def maybe(self, path: Path, given: Given | None) -> Belief | None:
        """The same, or None where nothing is stated: the line that needs it is not counted."""
        return None if given is None else self.stated(path, given)

    def default(self, path: Path, key: str) -> Belief:
        """The default belief with this key.

        What is left out for several candidates is one input, ``defaults.tuned.label_cost``: the same team labels for
        all of them, so it must not be drawn apart. What is stated has a name of its own, and so has a quality.
        """
        given = default(key)
        assert given.source is not None
        shared = path[0] == "candidates" and "quality" not in path
        return given.belief(f"defaults.{key}" if shared else dotted(path), given.source)

    def either(self, path: Path, given: Given | None, key: str) -> Belief:
        """What is stated, else the default."""
        return self.default(path, key) if given is None else self.stated(path, given)

    def fixed(self, path: Path, like: str, value: float, reference: str) -> Belief:
        """A point that follows from something else that is stated; its kind is that of a default."""
        return point(dotted(path), default(like).kind.name, value, Source(kind="stated", reference=reference))

    def here(self, path: Path) -> Source:
        """The source of what the file states at a path: its line."""
        place = self.problems.yaml.place(path)
        name = PurePath(place.file).name
        return Source(kind="stated", reference=f"{name}:{place.line}" if place.line else name)

    def month_of(self, day: dt.date) -> int:
        """The month of the study that a day falls in; 1 is the first, 0 and less are before it."""
        return (day.year - self.start.year) * 12 + day.month - self.start.month + 1

    def quoted(self, name: str, kind: str, value: float, source: Source) -> Belief:
        """A point from the price book."""
        return point(name, kind, value, source)
