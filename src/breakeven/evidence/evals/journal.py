"""The journal of paid calls: one line of JSON for each, written before the answer counts, read when a run goes on.

Lines, in the order in which things happened::

    {"breakeven_journal": 1}
    {"asked": KEY}                                  a request is about to be sent
    {"answered": KEY, "text": …, "usage": {…}, …}   its answer; KEY is never asked again
    {"failed": KEY, "kind": …, "maybe_billed": 0}   it brought no answer
    {"asked": KEY, "model": …, "most_tokens": 900}  texts are about to be sent to an embedding model
    {"embedded": KEY, "texts": […], "vectors": …}   their vectors; no text of them is ever sent again

Every line is handed to the operating system at once, so that a killed program loses none. An answer counts only after
it was forced to the disk; answers that come while the disk is busy share the next turn. A request that was asked and
has neither answer nor failure was under way when the program was killed: it may have been paid for.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.embedding.vectors import Embedded, from_line, to_line
from breakeven.providers import ChatReply, EmbeddingReply, EmbeddingRequest, ProviderError, Usage

__all__ = ["Journal", "Journalled", "read_journal"]

FORMAT: Final = 1
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
_GATHER_S: Final = 0.002
"""How long answers gather before the disk is forced for all of them."""
_USAGE: Final = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")


@dataclass(frozen=True, kw_only=True)
class Journalled:
    """What a journal holds."""

    answers: dict[str, ChatReply] = field(default_factory=dict)
    """The answer by its request's key."""
    maybe_billed: Counter[str] = field(default_factory=Counter)
    """Requests that may have been paid for without an answer: cut off, or under way when the program was killed."""
    under_way: Counter[str] = field(default_factory=Counter)
    """Of these, the latter."""
    embedded: dict[str, Embedded] = field(default_factory=dict)
    """The vector by the key of its model and text."""
    batches: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Calls for vectors, by key: the embedding model, and the most tokens that can have been billed."""
    problems: list[Problem] = field(default_factory=list)
    """Lines that could not be read."""

    def take(self, line: dict[str, Any]) -> None:
        """One line more."""
        if "asked" in line:
            self.under_way[str(line["asked"])] += 1
            if "model" in line:
                self.batches[str(line["asked"])] = (str(line["model"]), int(line["most_tokens"]))
        elif "answered" in line:
            key = str(line["answered"])
            self.under_way[key] -= 1
            self.answers[key] = _reply(line)
        elif "failed" in line:
            key = str(line["failed"])
            self.under_way[key] -= 1
            self.maybe_billed[key] += int(line.get("maybe_billed", 0))
        elif "embedded" in line:
            self.embedded.update(from_line(line))
            self.under_way[str(line["embedded"])] -= 1
        elif line.get("breakeven_journal") != FORMAT:
            raise ValueError("no line of a journal")

    def settled(self) -> Journalled:
        """The same, with what was under way counted as maybe paid for."""
        left = Counter({key: n for key, n in self.under_way.items() if n > 0})
        return Journalled(
            answers=self.answers,
            maybe_billed=self.maybe_billed + left,
            under_way=left,
            embedded=self.embedded,
            batches=self.batches,
            problems=self.problems,
        )


def read_journal(path: Path) -> Journalled:
    """What a journal holds, without touching it; nothing where there is none. Raises EvidenceError."""
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as exc:
        raise _error(path, f"can not be read: {exc.strerror}") from exc
    return _parsed(data, path)[0]


def _parsed(data: bytes, path: Path) -> tuple[Journalled, int]:
    """What the lines say, and how many bytes of them are whole: a line that was being written ends the file."""
    found = Journalled()
    end = 0
    for number, line in enumerate(_lines(data), start=1):
        torn = not line.endswith(b"\n")
        try:
            found.take(_decoded(line))
        except (ValueError, KeyError, TypeError) as exc:
            if torn:
                break
            if number == 1:
                hint = "name another journal, or another folder with -o"
                raise _error(path, "is no journal of an eval run", line=1, hint=hint) from exc
            message = "can not be read; its call is asked again"
            found.problems.append(Problem(message=message, place=Place(file=str(path), line=number)))
        end += len(line)
    return found.settled(), end


def _lines(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end


def _decoded(line: bytes) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _reply(line: dict[str, Any]) -> ChatReply:
    usage = line.get("usage", {})
    return ChatReply(
        text=_text(line["text"]),
        usage=Usage(**{name: usage.get(name) for name in _USAGE}),
        finish_reason=line.get("finish_reason"),
        model=line.get("model"),
        latency_s=line.get("latency_s"),
        attempts=line.get("attempts", 1),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _error(path: Path, message: str, *, line: int | None = None, hint: str | None = None) -> EvidenceError:
    return EvidenceError(Problem(message=message, place=Place(file=str(path), line=line), hint=hint))


class Journal:
    """A journal that is open for writing, by one run at a time."""

    def __init__(self, path: Path, *, now: Callable[[], str]) -> None:
        """Open or begin the journal. ``now`` gives the time of an answer, as text.

        Raises EvidenceError where another run holds it, it can not be written, or it is no journal.
        """
        self.path = path
        self._now = now
        self._broken = False
        self._waiting: list[asyncio.Future[None]] = []
        self._syncing: asyncio.Task[None] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as exc:
            raise _error(path, f"can not be written: {exc.strerror}") from exc
        try:
            _lock(self._fd, path)
            self.journalled = self._recovered()
        except BaseException:
            os.close(self._fd)
            raise
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")

    def _recovered(self) -> Journalled:
        """What is in the file, after a line that was being written when the program was killed is cut off."""
        data = self.path.read_bytes()
        found, end = _parsed(data, self.path)
        if end < len(data):
            os.ftruncate(self._fd, end)
        if end == 0:
            self._append({"breakeven_journal": FORMAT})
        elif not data[:end].endswith(b"\n"):  # whole but for the end of the line
            self._write(b"\n")
        return found

    def asked(self, key: str) -> None:
        """A request is about to be sent."""
        self._write(b'{"asked":"%s"}\n' % key.encode("ascii"))

    def asked_to_embed(self, request: EmbeddingRequest, most_tokens: int) -> None:
        """Texts are about to be sent, for which so many tokens can be billed at most."""
        self._append({"asked": request.key, "model": request.model, "most_tokens": most_tokens})

    def failed(self, key: str, error: ProviderError) -> None:
        """It brought no answer."""
        self._append(
            {"failed": key, "kind": error.kind, "maybe_billed": error.maybe_billed, "at": self._now()}
        )

    async def answered(self, key: str, reply: ChatReply) -> None:
        """Its answer came. Returns when the line is on the disk."""
        usage = {name: value for name in _USAGE if (value := getattr(reply.usage, name)) is not None}
        line = {
            "answered": key, "text": reply.text, "usage": usage, "finish_reason": reply.finish_reason,
            "model": reply.model, "latency_s": reply.latency_s, "attempts": reply.attempts, "at": self._now(),
        }  # fmt: skip
        self._append({name: value for name, value in line.items() if value is not None})
        await self._synced()

    async def embedded(self, request: EmbeddingRequest, reply: EmbeddingReply) -> None:
        """Their vectors came. Returns when the line is on the disk."""
        self._append({**to_line(request, reply), "at": self._now()})
        await self._synced()

    def _append(self, line: dict[str, Any]) -> None:
        # Escaped to ASCII: half a character from a model (a lone surrogate) is still one line of JSON.
        self._write(_ENCODER.encode(line).encode("ascii") + b"\n")

    def _write(self, data: bytes) -> None:
        if self._broken:
            raise _error(self.path, "could not be written before; nothing more is asked")
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as exc:
            self._broken = True  # half a line may stand there: nothing may follow it
            raise _error(self.path, f"can not be written: {exc.strerror}", hint="is the disk full?") from exc

    async def _synced(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self._syncing is None or self._syncing.done():
            self._syncing = asyncio.create_task(self._sync_all())
        await turn

    async def _sync_all(self) -> None:
        """Force what was written to the disk, for all who wait at once, until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            await asyncio.sleep(_GATHER_S)
            turns, self._waiting = self._waiting, []
            try:
                await loop.run_in_executor(self._disk, os.fsync, self._fd)
            except OSError as exc:
                self._broken = True
                error = _error(self.path, f"can not be written: {exc.strerror}")
                for turn in (*turns, *self._waiting):
                    if not turn.done():
                        turn.set_exception(error)
                self._waiting = []
                return
            for turn in turns:
                if not turn.done():
                    turn.set_result(None)

    def close(self) -> None:
        """Force the rest to the disk, and let another run have it."""
        self._disk.shutdown()
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _lock(fd: int, path: Path) -> None:
    """Hold the file until it is closed or the program ends, however it ends."""
    hint = "wait for it, or give this run a folder of its own: -o evals-2"
    try:
        if os.name == "nt":
            windows: Any = import_module("msvcrt")
            windows.locking(fd, windows.LK_NBLCK, 1)
        else:
            unix: Any = import_module("fcntl")
            unix.flock(fd, unix.LOCK_EX | unix.LOCK_NB)
    except BlockingIOError as exc:
        raise _error(path, "another run is writing this journal", hint=hint) from exc
    except OSError as exc:
        raise _error(path, f"can not be locked: {exc.strerror}", hint=hint) from exc
