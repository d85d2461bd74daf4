"""What an engine must be able to do: run expressions, and read logs as raw records for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from breakeven.errors import BreakevenError, MissingExtraError
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import Line
from breakeven.evidence.calls.schema import Tree
from breakeven.evidence.calls.sparse import Leaf

if TYPE_CHECKING:
    import ibis

__all__ = ["CallEngine", "Filled", "Known", "MissingDriverError", "Sample", "Source", "refused_rows"]


class Source(Protocol):
    """One log: a file, or a table of a database."""

    @property
    def shown(self) -> str:
        """Its name in messages, without any secret."""
        ...


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Records of a log, as they would stand in JSON."""

    records: Sequence[Any]
    telling: bool
    """Whether they tell of the whole log: a key that none of them holds is rare, or in no record."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How a log without token counts is read with counts."""

    format: LogFormat
    """With the places of the counts."""
    fill: Callable[[Line], Line]


@dataclass(frozen=True, kw_only=True)
class Known:
    """A log with its format and the keys to read of it."""

    file: Source
    format: LogFormat
    tree: Tree
    columns: tuple[str, ...]
    """The keys of its first record."""
    unused: tuple[str, ...]
    """Those that no field was taken from."""
    unheld: frozenset[Leaf] = frozenset()
    """Places of token counts that no sampled record holds, where the sample tells of the whole log."""
    fill: Callable[[Line], Line] | None = None
    """What adds to each record the tokens counted from its texts, which stand where ``format`` says."""


class CallEngine(Protocol):
    """Runs Ibis expressions on tables that it knows by name. Use it as a context manager."""

    @property
    def folder(self) -> Path:
        """A folder that is deleted with the engine."""
        ...

    def __enter__(self) -> CallEngine: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def named(self, expression: ibis.Table) -> ibis.Table:
        """The same rows under a name of their own: what is built on them stays short."""
        ...

    def keep(self, expression: ibis.Table, kind: str = "kept") -> ibis.Table:
        """The rows of an expression, kept where the engine can keep them: they are not computed again."""
        ...

    def drop(self, table: ibis.Table) -> None:
        """Delete a kept table."""
        ...

    def rows(self, expression: ibis.Table) -> list[tuple[Any, ...]]:
        """All rows of an expression, for results that are small. Times are UTC, without a zone."""
        ...

    def columns(self, expression: ibis.Table) -> dict[str, list[Any]]:
        """The same by column."""
        ...

    def stream(self, expression: ibis.Table, size: int = 10_000) -> Any:
        """The rows of an expression, a batch at a time; ask the engine nothing else meanwhile."""
        ...

    def find(self, paths: Sequence[str]) -> Sequence[Source]:
        """Every log that the paths name. Raises EvidenceError where there is none."""
        ...

    def sample(self, source: Source) -> Sample:
        """Records by which the format of a log is told."""
        ...

    def read(
        self, one: Known, *, only: frozenset[str], keep_texts: bool
    ) -> tuple[ibis.Table, ibis.Table | None]:
        """(calls, refused rows): ``CALL_SCHEMA``; ``file``, ``line``, ``reason``, ``text``. None: no row is refused."""
        ...


class MissingDriverError(MissingExtraError):
    """The driver of a database is not installed; it is one of Ibis's extras."""

    def __init__(self, backend: str) -> None:
        BreakevenError.__init__(
            self, f"the driver for {backend} is not installed: pip install 'ibis-framework[{backend}]'"
        )


def refused_rows(bad: ibis.Table, shown: str) -> ibis.Table:
    """Refused rows as ``file``, ``line``, ``reason``, ``text``; what the engine does not know stays empty."""
    import ibis

    def column(name: str, kind: str) -> Any:
        return bad[name].cast(kind) if name in bad.columns else ibis.null(kind)

    file = ibis.coalesce(bad["_file"], shown) if "_file" in bad.columns else ibis.literal(shown)
    return bad.select(
        file=file, line=column("_line", "int64"), reason=bad["reason"], text=column("_text", "string")
    )
