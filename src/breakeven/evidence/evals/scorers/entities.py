"""Entities: texts with a type, found in a text. Exact and partial matches, a case and over the whole set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.exact import TextForm
from breakeven.evidence.evals.scorers.options import Options
from breakeven.evidence.evals.scorers.reading import f1_of, lacking, read_json, shortened
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["Entities", "Entity", "entities"]

_HINT: Final = '[{"text": "Kim", "type": "person"}]; with "start" and "end" where `offsets: true`'
_PARTIAL: Final = 0.5
"""Credit of an entity whose type is right and whose ends are not, as in the MUC conferences."""
_MOST: Final = 2_000
"""Entities of one answer that are looked at: partial matches take the square of it."""


@dataclass(frozen=True, kw_only=True, order=True)
class Entity:
    """One entity. Two are the same where all of it is the same."""

    type: str
    text: str
    start: int = -1
    end: int = -1

    def overlaps(self, other: Entity) -> bool:
        """Whether both have a type in common, and a character where offsets are known, else a word."""
        if self.type != other.type:
            return False
        if self.start >= 0:
            return self.start < other.end and other.start < self.end
        return not set(self.text.split()).isdisjoint(other.text.split())


@dataclass(frozen=True, kw_only=True)
class Entities:
    """F1 of an answer's entities against the expected ones. An entity that occurs twice counts twice."""

    measure: str
    """``exact``, or ``partial``, which gives half for an overlap of the same type."""
    offsets: bool
    """Whether an entity is where it is; else the same text of the same type is enough."""
    form: TextForm

    @property
    def title(self) -> str:
        """What the score is, and that the figure over the set is another one."""
        return f"F1 of the entities ({self.measure}), a case"

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1, with both measures named."""
        try:
            wanted = self._read(case.expected)
        except ValueError as exc:
            raise lacking(case, "entities", _HINT) from exc
        try:
            given = self._read(output)
        except ValueError as exc:
            counts = {kind: (0.0, 0.0, float(n)) for kind, n in _types(wanted).items()}
            return Scored(score=0.0, format_failure=True, note=shortened(exc), counts=counts)
        exact = Counter(given) & Counter(wanted)
        partial = _overlapping(Counter(given) - exact, Counter(wanted) - exact)
        size = len(given), len(wanted)
        parts = {"exact": f1_of(exact.total(), *size),
                 "partial": f1_of(exact.total() + _PARTIAL * len(partial), *size)}  # fmt: skip
        credit = {kind: float(n) for kind, n in _types(exact.elements()).items()}
        if self.measure == "partial":
            for entity in partial:
                credit[entity.type] = credit.get(entity.type, 0.0) + _PARTIAL
        return Scored(score=parts[self.measure], scores=parts, counts=_counts(credit, given, wanted))

    def _read(self, value: Any) -> list[Entity]:
        """Entities of a list, or of an object of lists by type; raises ValueError."""
        value = read_json(value) if isinstance(value, str) else value
        if isinstance(value, dict) and set(value) == {"entities"}:
            value = value["entities"]
        if isinstance(value, dict):
            value = [{"type": kind, "text": text} for kind, texts in value.items() for text in _list(texts)]
        items = [self._entity(item) for item in _list(value)]
        if len(items) > _MOST:
            raise ValueError(f"{len(items):,} entities; at most {_MOST:,} are read")
        return items

    def _entity(self, item: Any) -> Entity:
        if not isinstance(item, Mapping) or not all(
            isinstance(item.get(key), str) for key in ("text", "type")
        ):
            raise ValueError(f"no entity with `text` and `type`: {shortened(item, 40)}")
        text, kind = self.form.of(item["text"]), _KIND.of(item["type"])
        if not self.offsets:
            return Entity(type=kind, text=text)
        start, end = item.get("start"), item.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < end:
            raise ValueError(f"`start` and `end` are not 0 or more and rising: {shortened(item, 40)}")
        return Entity(type=kind, text="", start=start, end=end)  # its place says which text it is


_KIND: Final = TextForm(ignore_case=True, ignore_space=True)


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"no list of entities: {shortened(value, 40)}")
    return value


def _types(found: Any) -> Counter[str]:
    return Counter(entity.type for entity in found)


def _overlapping(given: Counter[Entity], wanted: Counter[Entity]) -> list[Entity]:
    """The most expected entities that can each have a given one of their own that overlaps it (augmenting paths)."""
    left, right = sorted(given.elements()), sorted(wanted.elements())
    near = [[j for j, one in enumerate(left) if one.overlaps(other)] for other in right]
    taken: dict[int, int] = {}
    for start in range(len(right)):
        _augment(start, near, taken)
    return [right[k] for k in sorted(taken.values())]


def _augment(start: int, near: Sequence[Sequence[int]], taken: dict[int, int]) -> None:
    """Find the expected entity a given one, moving others to free ones where that helps."""
    came: dict[int, int] = {}
    queue = [start]
    for k in queue:
        for j in near[k]:
            if j in came:
                continue
            came[j] = k
            if j not in taken:
                _move(j, start, came, taken)
                return
            queue.append(taken[j])


def _move(j: int, start: int, came: Mapping[int, int], taken: dict[int, int]) -> None:
    while True:
        k = came[j]
        before = next((other for other, owner in taken.items() if owner == k), None)
        taken[j] = k
        if k == start or before is None:
            return
        del taken[before]
        j = before


def _counts(
    credit: Mapping[str, float], given: Sequence[Entity], wanted: Sequence[Entity]
) -> dict[str, tuple[float, float, float]]:
    ours, theirs = _types(given), _types(wanted)
    return {
        kind: (
            float(credit.get(kind, 0)),
            ours[kind] - credit.get(kind, 0.0),
            theirs[kind] - credit.get(kind, 0.0),
        )
        for kind in sorted(ours | theirs)
    }


def entities(options: Mapping[str, Any], find: FindFile) -> Entities:
    """``entities``: named entities or slots, from a JSON list of ``{text, type}``, or ``{type: [texts]}``."""
    read = Options("entities", options, ("measure", "offsets", "ignore_case"))
    return Entities(
        measure=read.choice("measure", ("exact", "partial"), default="exact"),
        offsets=read.flag("offsets", default=False),
        form=TextForm(ignore_case=read.flag("ignore_case", default=False), ignore_space=True),
    )
