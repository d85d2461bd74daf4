"""How large a packed file is when it is unpacked, told while it arrives."""

from __future__ import annotations

import io
import zlib
from typing import Any, Final

from breakeven.errors import InputError

__all__ = ["ExpandedSize", "TooLargeUnpackedError"]

_STEP: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


class TooLargeUnpackedError(InputError):
    """A packed file that holds more than may be unpacked."""

    status = 413


class ExpandedSize:
    """Counts the bytes that gzip or zstd blocks unpack to, in bounded memory; other files count as they are.

    What can not be unpacked is let through: whoever reads the file says what is wrong with it.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self._head = b""
        self._counter: _Gzip | _Zstd | None = None
        self._known = False

    def add(self, block: bytes) -> None:
        """Count the next block; raises TooLargeUnpackedError where more than ``most`` bytes have come out."""
        if not self._known:
            self._head += block
            if len(self._head) < len(_ZSTD):
                return
            block, self._known = self._head, True
            self._counter = _counter(block)
        self.bytes += (
            len(block) if self._counter is None else self._counter.count(block, self.most - self.bytes)
        )
        if self.bytes > self.most:
            raise TooLargeUnpackedError(f"the file unpacks to more than {self.most:,} bytes")


def _counter(head: bytes) -> _Gzip | _Zstd | None:
    if head.startswith(_GZIP):
        return _Gzip()
    return _Zstd() if head.startswith(_ZSTD) else None


class _Gzip:
    """Several gzip members may stand one behind the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._broken = False

    def count(self, block: bytes, room: int) -> int:
        """Bytes that the block unpacks to; it stops soon after ``room``."""
        n = 0
        while block and n <= room and not self._broken:
            try:
                n += len(self._member.decompress(block, _STEP))
            except zlib.error:
                self._broken = True
            block = self._member.unconsumed_tail
            if self._member.eof:
                block = self._member.unused_data.lstrip(b"\0")
                self._member = zlib.decompressobj(wbits=31)
        return n


class _Sink(io.BytesIO):
    """Counts what is written, and refuses more than there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0
        self.room = 0

    def write(self, data: Any) -> int:
        self.n += len(data)
        if self.n > self.room:
            raise OverflowError
        return len(data)


class _Zstd:
    """Without the reader of zstd nothing is counted: nothing of ours can unpack it either."""

    def __init__(self) -> None:
        self._sink = _Sink()
        try:
            import zstandard
        except ImportError:
            self._writer = None
        else:
            unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
            self._writer = unpacker.stream_writer(self._sink, closefd=False)
            self._failures = (zstandard.ZstdError,)

    def count(self, block: bytes, room: int) -> int:
        """Bytes that the block unpacks to."""
        if self._writer is None:
            return 0
        before, self._sink.room = self._sink.n, self._sink.n + room
        try:
            self._writer.write(block)
        except OverflowError:
            return self._sink.n - before
        except self._failures:
            self._writer = None
        return self._sink.n - before
