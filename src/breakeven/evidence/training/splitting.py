"""Rows in parts, to train on, to choose by and to test on, so that no part gives away another.

Rows that belong together go together: near-duplicates, rows of one stated cluster, rows of one id. Within each label
they are taken in the order of a hash of their ids, and each goes to the part that lacks most: every label is spread as
the whole is, as far as what belongs together allows. Nothing depends on the order of the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.evidence.evals.classifying.leakage import NEAR, find_leakage
from breakeven.evidence.training.neighbours.cosine import MOST_TEXTS, cosine_pairs
from breakeven.evidence.training.neighbours.find import SIMILARITY, components, find_neighbours, links_within
from breakeven.evidence.training.neighbours.rows import compared_text, normalised
from breakeven.evidence.training.row import TrainingRow

__all__ = ["PARTS", "By", "Remaining", "Split", "remaining_leaks", "row_id", "split_rows"]

PARTS: Final = ("train", "valid", "test")
By = Literal["cluster", "row"]
_MARGIN: Final = 0.02
"""Cosines are weighted by how rare words are among the texts at hand; on other texts they come out a little higher."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which part each row is in."""

    parts: tuple[str | None, ...]
    """One of ``PARTS`` a row; None: left out, since it is near rows of two parts that are frozen."""
    ids: tuple[str, ...]
    """A hash of each row's id, or of the row where it states none."""
    cluster: tuple[int, ...]
    """The first row of what each belongs to."""
    n_frozen: int
    """Rows whose part was decided before."""
    all_pairs: bool
    """Whether every pair was also looked at by cosine; with many rows, only MinHash's candidates are."""

    def rows(self, part: str | None) -> list[int]:
        """The rows of a part, in their order."""
        return [k for k, found in enumerate(self.parts) if found == part]

    @property
    def n_kept_together(self) -> tuple[int, int]:
        """Clusters of two rows and more, and their rows."""
        sizes = [size for size in Counter(self.cluster).values() if size > 1]
        return len(sizes), sum(sizes)


def row_id(row: TrainingRow) -> str:
    """16 hexadecimal digits of a hash of the row's id; of the whole row where it states none."""
    said = (
        f"id {row.id}"
        if row.id is not None
        else json.dumps(row.raw, sort_keys=True, ensure_ascii=True, default=str)
    )
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def split_rows(
    rows: Sequence[TrainingRow],
    shares: Mapping[str, float],
    *,
    seed: int = 0,
    by: By = "cluster",
    similarity: float = SIMILARITY,
    frozen: Mapping[str, str] | None = None,
) -> Split:
    """The rows in parts. shares: of ``valid`` and ``test``, the rest is ``train``; frozen: ``row_id`` → part.

    Raises InputError for shares that leave nothing to train on, NotEnoughEvidenceError where a part that was asked for
    would be empty.
    """
    wanted = _wanted(shares)
    ids = [row_id(row) for row in rows]
    known = dict(frozen or {})
    links, all_pairs = _links(rows, ids, by=by, similarity=similarity)
    cluster = _first_of(components(len(rows), links))
    parts: list[str | None] = [known.get(one) for one in ids]
    n_frozen = sum(part is not None for part in parts)
    units = _units(cluster, rows, ids, seed)
    left_out: set[int] = set()
    for unit in units:
        if len({parts[k] for k in unit if parts[k]}) > 1:
            left_out |= _settle(unit, parts, rows, ids, by=by, similarity=similarity)
    _assign([[k for k in unit if k not in left_out] for unit in units], parts, wanted)
    split = Split(parts=tuple(parts), ids=tuple(ids), cluster=tuple(cluster.tolist()), n_frozen=n_frozen,
                  all_pairs=all_pairs)  # fmt: skip
    empty = [part for part, share in wanted.items() if share > 0 and not split.rows(part)]
    if empty:
        message = f"{len(rows)} rows in {len(units)} clusters leave nothing for {' and '.join(empty)}"
        raise NotEnoughEvidenceError(f"{message}: add rows, or ask for another share")
    return split


def _wanted(shares: Mapping[str, float]) -> dict[str, float]:
    for part, share in shares.items():
        if part not in PARTS[1:] or not 0 <= share < 1:
            raise InputError(f"{part} {share:g}: shares of {' and '.join(PARTS[1:])} from 0 to 1 are needed")
    train = 1 - sum(shares.values())
    if train <= 1e-9:
        raise InputError(f"{sum(shares.values()):.0%} held out leaves nothing to train on")
    return {"train": train, **{part: shares.get(part, 0.0) for part in PARTS[1:]}}


# --------------------------------------------------------------------------------------- what belongs together


def _links(
    rows: Sequence[TrainingRow], ids: Sequence[str], *, by: By, similarity: float
) -> tuple[IntArray, bool]:
    """Pairs of rows that belong together, enough to link each cluster; and whether all pairs were looked at."""
    named = _same(ids)
    if by == "row":
        return named, True
    stated = _same([None if row.cluster is None else row.cluster for row in rows])
    texts = [compared_text(row) for row in rows]
    near = find_neighbours(texts, similarity=similarity)
    equal = np.column_stack([np.arange(len(rows)), near.equal])
    found = [named, stated, equal, near.links]
    # By their letters as they stand: equal texts with other punctuation have other cosines.
    first: dict[str, int] = {}
    for k, text in enumerate(texts):
        first.setdefault(text, k)
    all_pairs = len(first) <= MOST_TEXTS
    if all_pairs:
        rows_of = np.array(list(first.values()), dtype=np.int64)
        found.append(rows_of[cosine_pairs(list(first), NEAR - _MARGIN)].reshape(-1, 2))
    return np.concatenate(found), all_pairs


def _same(names: Sequence[str | None]) -> IntArray:
    first: dict[str, int] = {}
    pairs = [(k, first.setdefault(name, k)) for k, name in enumerate(names) if name is not None]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _first_of(labels: IntArray) -> IntArray:
    """For each row, the first row of its component."""
    first = np.full(int(labels.max(initial=-1)) + 1, labels.size, dtype=np.int64)
    np.minimum.at(first, labels, np.arange(labels.size))
    return np.asarray(first[labels])


def _units(cluster: IntArray, rows: Sequence[TrainingRow], ids: Sequence[str], seed: int) -> list[list[int]]:
    """Clusters, label by label; the larger first, then by a hash of their rows' ids and the seed."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for k, first in enumerate(cluster.tolist()):
        groups[first].append(k)
    drawn = [hashlib.sha256(f"{seed} {one}".encode()).hexdigest() for one in ids]

    def order(unit: list[int]) -> tuple[str, int, str]:
        counts = Counter(rows[k].label or "" for k in unit)
        label = min(counts, key=lambda name: (-counts[name], name))
        return label, -len(unit), min(drawn[k] for k in unit)

    return sorted(groups.values(), key=order)


def _settle(
    unit: list[int],
    parts: list[str | None],
    rows: Sequence[TrainingRow],
    ids: Sequence[str],
    *,
    by: By,
    similarity: float,
) -> set[int]:
    """New rows of a cluster whose old ones are in several parts: each to the part that it is near; else it is out."""
    near = _all_links([rows[k] for k in unit], [ids[k] for k in unit], by=by, similarity=similarity)
    out: set[int] = set()
    waiting = sorted((k for k, row in enumerate(unit) if parts[row] is None), key=lambda k: ids[unit[k]])
    while True:
        held = {k: {parts[unit[j]] for j in near[k]} - {None} for k in waiting}
        told = next((k for k in waiting if held[k]), None)
        if told is None:
            break
        waiting.remove(told)
        if len(held[told]) == 1:
            parts[unit[told]] = held[told].pop()
        else:
            out.add(unit[told])
    for k in waiting:  # near left-out rows and each other only
        parts[unit[k]] = PARTS[0]
    return out


def _all_links(
    rows: Sequence[TrainingRow], ids: Sequence[str], *, by: By, similarity: float
) -> list[set[int]]:
    texts = [compared_text(row) for row in rows]
    pairs = [_complete([*ids])]
    if by == "cluster":
        pairs += [_complete([row.cluster for row in rows]), links_within(texts, similarity)]
        if len(rows) <= MOST_TEXTS:
            pairs.append(cosine_pairs(texts, NEAR - _MARGIN))
    near: list[set[int]] = [set() for _ in rows]
    for a, b in np.concatenate(pairs).tolist():
        near[a].add(b)
        near[b].add(a)
    return near


def _complete(names: Sequence[str | None]) -> IntArray:
    """Every pair of rows of one name."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for k, name in enumerate(names):
        if name is not None:
            groups[name].append(k)
    pairs = [(a, b) for group in groups.values() for i, a in enumerate(group) for b in group[i + 1 :]]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


# -------------------------------------------------------------------------------------------------- assignment


def _assign(units: Sequence[Sequence[int]], parts: list[str | None], wanted: Mapping[str, float]) -> None:
    """Fill ``parts``: of each label, what is frozen counts first, then each unit goes where most is lacking."""
    have: Counter[str] = Counter()
    total = 0
    for unit in units:
        if not unit:
            continue
        total += len(unit)
        settled = [part for part in (parts[k] for k in unit) if part]
        if len(set(settled)) > 1:
            have.update(settled)
            continue
        lacking = max(PARTS, key=lambda part: wanted[part] * total - have[part] if wanted[part] else -np.inf)
        part = settled[0] if settled else lacking
        for k in unit:
            parts[k] = part
        have[part] += len(unit)


# -------------------------------------------------------------------------------------------------- afterwards


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """Rows held out that still stand in a part which is seen before them."""

    equal: int
    near: int
    """Not equal, but at a cosine of ``NEAR`` or more; None counted where there are too many rows to look."""
    looked_near: bool

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.equal or self.near)


def remaining_leaks(rows: Sequence[TrainingRow], split: Split) -> Remaining:
    """What of ``valid`` stands in ``train``, and of ``test`` in either: looked for anew, in the parts as they are."""
    train, valid, test = ([compared_text(rows[k]) for k in split.rows(part)] for part in PARTS)
    equal = near = 0
    looked = len(train) + len(valid) + len(test) <= 2 * MOST_TEXTS
    for known, held in ((train, valid), ([*train, *valid], test)):
        if not known or not held:
            continue
        seen = set(map(normalised, known))
        same = np.array([normalised(text) in seen for text in held])
        equal += int(same.sum())
        if looked:
            near += int((find_leakage(known, held).near & ~same).sum())
    return Remaining(equal=equal, near=near, looked_near=looked)
