"""A sample of a log's records: stretches of calls in a row, spread over all of it at random places.

Neighbours stay together, so that a cache and sessions can be seen at work; the error of a figure then comes from how
stretches differ, not calls.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.lines import read_lines, told

if TYPE_CHECKING:
    from breakeven.evidence.prompts.reading import PromptSource

__all__ = ["CALLS", "Plan", "Stretches", "plan"]

CALLS: Final = 20_000
"""Records that are wanted in all: a few seconds of reading."""
_STRETCHES: Final = 80
_SHORTEST: Final = 20
_LONGEST_LINE: Final = 64 << 20

Numbered = tuple[int, Mapping[str, Any] | None]
"""The stretch that a record is of, and the record; None where it can not be read."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a file is sampled: so many stretches of so many records in a row."""

    stretches: int
    length: int
    records: float
    """About how many records the file holds; for files that can only be read from their start."""
    seed: int


def plan(sizes: Sequence[int], *, records: int, seed: int = 0) -> list[Plan]:
    """One plan for each file, by its size in bytes; ``records``: how many all of them hold together."""
    total = max(sum(sizes), 1)
    wanted = [max(1, round(_STRETCHES * size / total)) for size in sizes]
    length = max(CALLS // sum(wanted), _SHORTEST) if wanted else _SHORTEST
    return [
        Plan(stretches=n, length=length, records=records * size / total, seed=seed + i)
        for i, (n, size) in enumerate(zip(wanted, sizes, strict=True))
    ]


class Stretches:
    """The sampled records of one file after the other; stretches are numbered through all files."""

    def __init__(self) -> None:
        self._number = count()

    def records(self, source: PromptSource, how: Plan) -> Iterator[Numbered]:
        """The sampled records of a file. Raises EvidenceError where it can not be read."""
        if source.file.container == "parquet":
            return self._of_parquet(source, how)
        if (
            source.file.container == "jsonl"
            and source.file.compression == "none"
            and source.format.unpack is None
        ):
            return self._by_offset(source, how)
        return self._in_passing(source, how)

    def _by_offset(self, source: PromptSource, how: Plan) -> Iterator[Numbered]:
        """Lines from random places, one in each equal part of the file; none is read twice."""
        size, rng, reached = source.file.path.stat().st_size, np.random.default_rng(how.seed), 0
        with source.file.path.open("rb") as stream:
            for part in range(how.stretches):
                start = max(int(size * (part + rng.random() * _ROOM) / how.stretches), reached)
                stream.seek(start)
                if start > reached:
                    stream.readline(_LONGEST_LINE)
                number = next(self._number)
                for raw in islice(iter(lambda: stream.readline(_LONGEST_LINE), b""), how.length):
                    line = told(0, raw)
                    if line is not None:
                        yield number, _loaded(line.text, line.broken)
                reached = stream.tell()

    def _in_passing(self, source: PromptSource, how: Plan) -> Iterator[Numbered]:
        """The same of a file that is read from its start: what lies between is passed over unread."""
        lines = read_lines(source.file, source.format)
        for skip, length in _gaps(how):
            deque(islice(lines, skip), maxlen=0)
            number, seen = next(self._number), 0
            for line in islice(lines, length):
                seen += 1
                yield number, _loaded(line.text, line.broken)
            if seen < length:
                return

    def _of_parquet(self, source: PromptSource, how: Plan) -> Iterator[Numbered]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rng = np.random.default_rng(how.seed)
        try:
            file = pq.ParquetFile(source.file.path)
            group = max(int(file.metadata.num_rows / how.stretches / how.length), 1)
            wanted = 0
            for i, batch in enumerate(file.iter_batches(batch_size=how.length)):
                if i % group == 0:
                    wanted = i + int(rng.integers(group))
                if i == wanted:
                    number = next(self._number)
                    yield from ((number, row) for row in batch.to_pylist())
        except (OSError, pa.ArrowException) as exc:
            raise EvidenceError(f"{source.file.shown}: not a Parquet file: {exc}") from exc


_ROOM: Final = 0.9
"""Of a part, where its stretch may begin: so that neighbours seldom meet."""


def _gaps(how: Plan) -> Iterator[tuple[int, int]]:
    """(records to pass over, records to read), on and on."""
    rng = np.random.default_rng(how.seed)
    every = max(int(how.records / how.stretches), how.length)
    rest = 0
    while True:
        before = int(rng.integers(every - how.length + 1))
        yield rest + before, how.length
        rest = every - how.length - before


def _loaded(text: str, broken: str | None) -> Mapping[str, Any] | None:
    try:
        record = json.loads(text) if broken is None else None
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, Mapping) else None
