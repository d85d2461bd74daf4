"""The engine of one machine: log files read and kept by DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from breakeven.evidence.calls.engines.duckdb_connection import MEMORY, DuckDBConnection

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.base import Known, Sample, Source
    from breakeven.evidence.calls.files import LogFile

__all__ = ["MEMORY", "Engine"]


class Engine(DuckDBConnection):
    """DuckDB, with the files that it reads. Use it as a context manager."""

    def find(self, paths: Sequence[str]) -> Sequence[Source]:
        """Every log file that the paths name."""
        from breakeven.evidence.calls.files import find_files

        return find_files(paths, spool=self.folder)

    def sample(self, source: Source) -> Sample:
        """Records by which the format of a file is told."""
        from breakeven.evidence.calls import detect
        from breakeven.evidence.calls.engines.base import Sample

        file = cast("LogFile", source)
        return Sample(records=detect.sample(file), telling=detect.seen_all_over(file))

    def read(
        self, one: Known, *, only: frozenset[str], keep_texts: bool
    ) -> tuple[ibis.Table, ibis.Table | None]:
        """(calls, refused rows) of one file."""
        from breakeven.evidence.calls.engines.duckdb_files import read

        return read(self, one, only=only, keep_texts=keep_texts)
