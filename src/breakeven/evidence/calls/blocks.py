"""The lines of a file many at a time, as Arrow batches, with the line each stands on.

Only what has to be looked at by itself is: of JSON Lines, the lines that start with white space, hold a NUL byte, or
are not UTF-8. The others go on as they lie in the file, so that one bad row does not make a large file slow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from breakeven.evidence.calls.files import LogFile, breaks_off, open_bytes
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import LONGEST, Line, read_lines, told

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Picked", "as_reader", "line_batches"]

_BLOCK: Final = 4 << 20
"""Bytes read at a time."""
_BATCH: Final = 20_000
"""Lines in a batch where lines are taken one by one."""
_NEWLINE, _SPACE, _NUL = 10, 32, 0

Places = np.ndarray[Any, np.dtype[np.int64]]


def line_batches(
    file: LogFile, log_format: LogFormat | None, fill: Callable[[Line], Line] | None = None
) -> Iterator[pa.RecordBatch]:
    """The records of a file that is not Parquet: ``number``, ``text``, ``broken`` (see ``Line``); each ``fill``ed.

    The text of JSON Lines may end in white space. Batches come in the file's order, but for lines that had to be looked
    at, which follow the others of their block.
    """
    if fill is not None:
        return _one_by_one(map(fill, read_lines(file, log_format)))
    if file.container == "jsonl" and (log_format is None or log_format.unpack is None):
        return (batch for block in _blocks(file) for batch in _batches_of(block))
    return _one_by_one(read_lines(file, log_format))


class Picked:
    """The lines of a JSON Lines file that hold certain records: for a reader that tells which record is bad, not where.

    ``records``: their numbers from 0, ascending; ``total``: how many records that reader found. Blank lines are none.
    """

    def __init__(self, file: LogFile, records: Sequence[int], *, total: int) -> None:
        self._file, self._total = file, total
        self._records = np.array(records, np.int64)
        self.sound = False
        """Once all was read: whether the reader's records are the file's lines, and no line is bad besides."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The lines, as ``line_batches`` gives them."""
        return _one_by_one(self._lines())

    def _lines(self) -> Iterator[Line]:
        seen, sound = 0, True
        for block in _blocks(self._file):
            looked = block.looked()
            blank = [i for i, line in looked.items() if line is None]
            places = np.delete(np.arange(block.n), blank)
            low, high = np.searchsorted(self._records, (seen, seen + places.size))
            wanted = places[self._records[low:high] - seen].tolist()
            seen += places.size
            bad = {i for i, line in looked.items() if line is not None and line.broken is not None}
            sound = sound and bad.issubset(wanted)
            yield from (line for i in wanted if (line := looked.get(i) or block.line(i)) is not None)
        self.sound = sound and seen == self._total


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Whole lines of a file, as they lie in it."""

    data: bytes
    starts: Places
    """Where each line starts, and where the last one ends."""
    number: int
    """The number of its first line, from 1."""
    too_long: bool = False
    """Whether it stands for one line that is too long to be read; ``data`` is empty."""

    @property
    def n(self) -> int:
        """Lines in the block."""
        return self.starts.size - 1

    def line(self, i: int) -> Line | None:
        """Its line ``i``, looked at; None for a blank one."""
        if self.too_long:
            return Line(self.number, "", "line is longer than 64 MiB")
        return told(self.number + i, self.data[self.starts[i] : self.starts[i + 1]])

    def looked(self) -> dict[int, Line | None]:
        """Those lines that have to be looked at."""
        return {int(i): self.line(int(i)) for i in self._odd()}

    def _odd(self) -> Places:
        """Lines that may be blank, are indented, hold a NUL byte, are not UTF-8; and a file's first."""
        if self.too_long:
            return np.zeros(1, np.int64)
        data = np.frombuffer(self.data, np.uint8)
        found = [np.flatnonzero(data[self.starts[:-1]] <= _SPACE)]
        if self.number == 1:
            found.append(np.zeros(1, np.int64))
        if b"\0" in self.data:
            found.append(np.searchsorted(self.starts, np.flatnonzero(data == _NUL), side="right") - 1)
        if not self.data.isascii() and not _is_text(self.data):
            ends = zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
            wrong = [i for i, (start, end) in enumerate(ends) if not _is_text(self.data[start:end])]
            found.append(np.array(wrong, np.int64))
        return np.unique(np.concatenate(found))


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ----------------------------------------------------------------------------------------------- batches


def as_reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    """The batches as SQL reads them, once."""
    import pyarrow as pa

    schema = pa.schema({"number": pa.int64(), "text": pa.string(), "broken": pa.string()})
    return pa.RecordBatchReader.from_batches(schema, batches)


def _one_by_one(lines: Iterator[Line]) -> Iterator[pa.RecordBatch]:
    while batch := list(islice(lines, _BATCH)):
        yield _batch(batch)


def _batch(lines: Iterable[Line]) -> pa.RecordBatch:
    import pyarrow as pa

    numbers, texts, broken = zip(*lines, strict=True)
    return pa.record_batch(
        [pa.array(numbers, pa.int64()), pa.array(texts, pa.string()), pa.array(broken, pa.string())],
        names=["number", "text", "broken"],
    )


def _batches_of(block: _Block) -> Iterator[pa.RecordBatch]:
    """The lines of a block: those that are plain as they lie there, then those that were looked at."""
    import pyarrow as pa

    looked = block.looked()
    offsets = pa.py_buffer(block.starts.astype(np.int32))
    texts = pa.StringArray.from_buffers(block.n, offsets, pa.py_buffer(block.data))
    numbers = pa.array(np.arange(block.number, block.number + block.n))
    if looked:
        plain = pa.array(np.delete(np.arange(block.n), list(looked)))
        texts, numbers = texts.take(plain), numbers.take(plain)
    nothing = pa.nulls(len(texts), pa.string())
    yield pa.record_batch([numbers, texts, nothing], names=["number", "text", "broken"])
    found = [line for line in looked.values() if line is not None]
    if found:
        yield _batch(found)


# ------------------------------------------------------------------------------------------------ blocks


def _blocks(file: LogFile) -> Iterator[_Block]:
    number = 1
    with open_bytes(file.path, file.compression) as stream:
        try:
            for data in _whole_lines(stream):
                starts = np.array([0, 0]) if data is None else _starts(data)
                yield _Block(data=data or b"", starts=starts, number=number, too_long=data is None)
                number += starts.size - 1
        except (OSError, EOFError) as exc:
            raise breaks_off(file, number, exc) from exc


def _starts(data: bytes) -> Places:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE) + 1
    return np.concatenate(([0], ends) if data.endswith(b"\n") else ([0], ends, [len(data)]))


def _whole_lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Whole lines, some megabytes at a time; None in place of a line that is too long."""
    rest = b""
    while data := stream.read(_BLOCK):
        data = rest + data
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if cut:
            yield from _without_long(data[:cut])
        if len(rest) >= LONGEST:
            rest = _after_line(stream)
            yield None
    if rest:
        yield rest


def _without_long(data: bytes) -> Iterator[bytes | None]:
    """The lines; where the first is too long, which only the first can be, None and the lines after it."""
    first = data.find(b"\n") + 1
    if first <= LONGEST:
        yield data
        return
    yield None
    if data[first:]:
        yield data[first:]


def _after_line(stream: IO[bytes]) -> bytes:
    """Pass over the rest of a line: what was read beyond it."""
    while data := stream.read(_BLOCK):
        cut = data.find(b"\n") + 1
        if cut:
            return data[cut:]
    return b""
