"""Template mining over a stream of prompts: which belong together, and what is constant in them.

The idea of Drain (He and others, 2017), made for texts of thousands of words: known templates are tried first, by plain
text search; prompts that fit none wait in a pool, where those that share most of what many share are grouped, and each
group teaches one template. Memory holds the templates and the pool, never the stream.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from breakeven.evidence.prompts.template import FEWEST, Segment, Template, learn
from breakeven.evidence.prompts.words import shingles, weight, words_of

__all__ = ["Miner"]

Call = TypeVar("Call")

_POOL: Final = 400
_POOL_CHARS: Final = 16_000_000
_TEMPLATES: Final = 500
_HEAD: Final = 64
_HEADS: Final = 20_000
_MARKS: Final = 48
"""Shingles of each template that are looked up."""
_ALIKE: Final = 0.6
_LEARNT_FROM: Final = 0.3
"""Share of a group's prompts that hold a shingle which is to count as static in it."""
_FREQUENT: Final = (0.2, 0.05, 0.0)
_THIN: Final = 0.5
"""A template that covers less of a prompt may hide a better one: while it is young, such prompts wait in the pool."""
_YOUNG: Final = 1_000
_THEN_EVERY: Final = 256
_TELLING: Final = 8
"""Words that are no coincidence, even where prompts do not begin with them."""
_MOST: Final = 0.6
_LONGEST: Final = 400_000
_TRIES: Final = 2


@dataclass(eq=False)
class _Waiting(Generic[Call]):
    call: Call
    text: str
    model: str | None
    fallback: Template | None
    shingles: set[int]
    """Those that the fallback does not hold."""
    tries: int = 0


@dataclass(eq=False)
class Miner(Generic[Call]):
    """Takes prompts one by one; ``settle`` hears of each call once its template (or None) is known."""

    settle: Callable[[Call, Template | None, Sequence[Segment]], None]
    templates: list[Template] = field(default_factory=list)
    _pool: list[_Waiting[Call]] = field(default_factory=list)
    _chars: int = 0
    _heads: OrderedDict[str, list[Template]] = field(default_factory=OrderedDict)
    _own: dict[int, set[int]] = field(default_factory=dict)
    _marks: dict[int, list[Template]] = field(default_factory=lambda: defaultdict(list))

    def add(self, call: Call, text: str, model: str | None) -> None:
        """One prompt."""
        found = self._known(text)
        if found is not None:
            template, placed = found
            if not self._is_thin(template, text):
                self._assign(call, template, placed, model)
                return
        if len(text) > _LONGEST or len(self.templates) >= _TEMPLATES:
            self._done(call, text, model, None if found is None else found[0])
            return
        marks = shingles(words_of(text))
        near = None if found is not None else self._near(text, marks)
        if near is not None and not self._is_thin(near[0], text):
            self._remember(text, near[0])
            self._assign(call, *near, model)
            return
        fallback = found[0] if found is not None else near[0] if near is not None else None
        if fallback is not None:
            marks -= self._marks_of(fallback)
        self._pool.append(_Waiting(call, text, model, fallback, marks))
        self._chars += len(text)
        if len(self._pool) >= _POOL or self._chars >= _POOL_CHARS:
            self._flush()

    def finish(self) -> None:
        """Settle all that still waits."""
        while self._pool:
            before = len(self._pool), len(self.templates)
            self._flush()
            if (len(self._pool), len(self.templates)) == before:
                break
        rest, self._pool, self._chars = self._pool, [], 0
        self._give_up(rest)

    # ---------------------------------------------------------------------------------- known templates

    def _known(self, text: str) -> tuple[Template, list[Segment]] | None:
        """The weightiest template that the prompt fits, of frequent ones and those that its beginning recalls."""
        tried = self._heads.get(text[:_HEAD], [])
        best: tuple[Template, list[Segment]] | None = None
        for template in {id(t): t for t in (*tried, *self.templates[:8])}.values():
            if best is not None and template.weight <= best[0].weight:
                continue
            placed = template.place(text)
            if placed is not None:
                best = template, placed
        if best is not None and best[0] not in tried:
            self._remember(text, best[0])
        return best

    def _marks_of(self, template: Template) -> set[int]:
        key = id(template)
        if key not in self._own:
            self._own[key] = {m for s in template.segments for m in shingles(words_of(s.text))}
        return self._own[key]

    def _remember(self, text: str, template: Template) -> None:
        head = text[:_HEAD]
        known = self._heads.setdefault(head, [])
        if template not in known:
            known.append(template)
            known.sort(key=lambda t: -t.weight)
        self._heads.move_to_end(head)
        if len(self._heads) > _HEADS:
            self._heads.popitem(last=False)

    def _near(self, text: str, marks: set[int]) -> tuple[Template, list[Segment]] | None:
        votes: Counter[int] = Counter()
        named: dict[int, Template] = {}
        for mark in marks & self._marks.keys():
            for template in self._marks[mark]:
                votes[id(template)] += 1
                named[id(template)] = template
        ranked = sorted(
            votes, key=lambda key: (-named[key].weight * votes[key], self.templates.index(named[key]))
        )
        for key in ranked[:4]:
            placed = named[key].bend(text)
            if placed is not None:
                return named[key], placed
        return None

    def _is_thin(self, template: Template, text: str) -> bool:
        if template.calls.total() >= _YOUNG and template.calls.total() % _THEN_EVERY:
            return False
        return sum(len(s.text) for s in template.segments) < _THIN * len(text)

    def _assign(self, call: Call, template: Template, placed: Sequence[Segment], model: str | None) -> None:
        template.take(model, placed)
        self.settle(call, template, placed)

    def _done(self, call: Call, text: str, model: str | None, fallback: Template | None) -> None:
        placed = None if fallback is None else fallback.bend(text)
        if fallback is not None and placed is not None:
            self._assign(call, fallback, placed, model)
        else:
            self.settle(call, None, ())

    # ------------------------------------------------------------------------------------------ the pool

    def _flush(self) -> None:
        waiting, self._pool, self._chars = self._pool, [], 0
        for share in _FREQUENT:
            for group in _groups(waiting, max(FEWEST, share * len(waiting))):
                self._learn(group)
            waiting = self._settle_known(waiting)
        for one in waiting:
            one.tries += 1
        again = [one for one in waiting if one.tries < _TRIES and one.fallback is None]
        self._give_up([one for one in waiting if one.tries >= _TRIES or one.fallback is not None])
        self._pool += again
        self._chars += sum(len(one.text) for one in again)
        self.templates.sort(key=lambda template: -template.calls.total())

    def _give_up(self, rest: list[_Waiting[Call]]) -> None:
        """Settle prompts that no group took: with what most of them share, with the fallback, or with nothing."""
        homeless = [one for one in rest if one.fallback is None]
        for group in _groups(homeless, max(FEWEST, _MOST * len(homeless))):
            self._learn(group)
        for one in self._settle_known(rest):
            self._done(one.call, one.text, one.model, one.fallback)

    def _learn(self, group: list[_Waiting[Call]]) -> None:
        counts = Counter(mark for one in group for mark in shingles(words_of(one.text)))
        few = max(FEWEST - 1, _LEARNT_FROM * len(group))
        template = learn([one.text for one in group], {mark for mark, n in counts.items() if n >= few})
        if template is None or len(self.templates) >= _TEMPLATES:
            return
        known = max((one.fallback.weight for one in group if one.fallback is not None), default=0)
        if template.weight < max(FEWEST, known + max(_TELLING, 0.1 * known) if known else 0):
            return
        if template.weight < _TELLING and not any(
            weight(words_of(s.text)) >= FEWEST for s in _opening(template)
        ):
            return
        self.templates.append(template)
        marks = [mark for segment in template.segments for mark in _in_order(segment.text)]
        for mark in marks[:: max(1, len(marks) // _MARKS)]:
            if template not in self._marks[mark]:
                self._marks[mark].append(template)

    def _settle_known(self, waiting: list[_Waiting[Call]]) -> list[_Waiting[Call]]:
        """Settle what now fits a template better than its fallback; the rest waits on."""
        rest = []
        for one in waiting:
            found = self._known_any(one)
            if found is None:
                rest.append(one)
            else:
                self._remember(one.text, found[0])
                self._assign(one.call, *found, one.model)
        return rest

    def _known_any(self, one: _Waiting[Call]) -> tuple[Template, list[Segment]] | None:
        floor = 0 if one.fallback is None else one.fallback.weight
        for template in sorted(self.templates, key=lambda t: -t.weight):
            if template.weight <= floor:
                return None
            placed = template.place(one.text)
            if placed is not None:
                return template, placed
        near = self._near(one.text, one.shingles)
        return near if near is not None and near[0].weight > floor else None


def _opening(template: Template) -> Sequence[Segment]:
    """The part that the prompts begin with, if they begin alike."""
    return template.segments[:1] if template.opens else ()


def _in_order(text: str) -> list[int]:
    words = words_of(text)
    return [hash(three) for three in zip(words, words[1:], words[2:], strict=False) if weight(three)]


def _groups(waiting: list[_Waiting[Call]], frequent: float) -> list[list[_Waiting[Call]]]:
    """Prompts that share most of the shingles that at least ``frequent`` of them hold, biggest group first."""
    counts = Counter(mark for one in waiting for mark in one.shingles)
    common = {mark for mark, n in counts.items() if n >= frequent}
    groups: list[tuple[set[int], list[_Waiting[Call]]]] = []
    for one in waiting:
        held = one.shingles & common
        if not held:
            continue
        best, at = max(
            ((len(held & leader) / max(len(held), len(leader)), i) for i, (leader, _) in enumerate(groups)),
            default=(0.0, -1),
            key=lambda pair: (pair[0], -pair[1]),
        )
        if best >= _ALIKE:
            groups[at][1].append(one)
        else:
            groups.append((held, [one]))
    found = [group for _, group in groups if len(group) >= FEWEST]
    return sorted(found, key=len, reverse=True)
