"""The engine past one machine: log files read and kept by Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from breakeven.evidence.calls.engines import spark_files
from breakeven.evidence.calls.engines.base import Known, Sample, Source
from breakeven.evidence.calls.engines.spark_connection import SparkConnection, spoken

if TYPE_CHECKING:
    import ibis

__all__ = ["SparkEngine"]


class SparkEngine(SparkConnection):
    """Spark, with the files that it reads. Use it as a context manager."""

    def find(self, paths: Sequence[str]) -> Sequence[Source]:
        """Every log file that the paths name; what has a scheme (``s3a://…``) is left to Spark."""
        return spark_files.find(self, paths)

    def sample(self, source: Source) -> Sample:
        """Records by which the format of a log is told."""
        with spoken(source.shown):
            return spark_files.sampled(self, source)

    def read(
        self, one: Known, *, only: frozenset[str], keep_texts: bool
    ) -> tuple[ibis.Table, ibis.Table | None]:
        """(calls, refused rows) of one log."""
        with spoken(one.file.shown):
            return spark_files.read(self, one, only=only, keep_texts=keep_texts)
