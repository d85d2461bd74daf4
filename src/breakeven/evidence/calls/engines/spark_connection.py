"""Spark running the same expressions: on this machine, or on a cluster that Spark's own settings name."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from breakeven.errors import EvidenceError, MissingExtraError, Problem
from breakeven.evidence.calls.engines.dialects import adapted
from breakeven.evidence.calls.scratch import Scratch

if TYPE_CHECKING:
    import ibis

__all__ = ["SparkConnection", "spoken"]

_START: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone, as every engine gives it
_QUIET: Final = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_HERE: Final = {
    "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.sql.shuffle.partitions": "8",
}  # fmt: skip
"""On one machine, nothing listens beyond it."""
_SETTINGS: Final = ("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS", "MASTER")
"""Where a user tells Spark of a cluster."""
_MEANING: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}
"""Settings by which the same expression means the same on every Spark."""


class SparkConnection:
    """A Spark session of its own. Use it as a context manager.

    ``master``: ``spark://HOST:PORT``, ``yarn``, ``local[8]``; None: what Spark's own settings say, else this machine.
    ``session``: one to share instead; it is left running.
    """

    def __init__(self, *, master: str | None = None, session: Any = None) -> None:
        try:
            import ibis
            import pyarrow  # noqa: F401 - said at once, rather than halfway through
            import pyspark  # noqa: F401
        except ImportError as exc:
            raise MissingExtraError(exc.name or "pyspark", "spark") from exc
        self._scratch = Scratch()
        self.folder = self._scratch.path
        try:
            self._started: Any = _start(master, self.folder) if session is None else None
            self.session: Any = (self._started or session).newSession()
            for key, value in _MEANING.items():
                self.session.conf.set(key, value)
            self._con = ibis.pyspark.connect(self.session)
        except BaseException:
            self._scratch.close()
            raise
        self._n = 0
        self._kept: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is kept, stop Spark if it was started here, and delete the folder."""
        for frame in self._kept.values():
            with suppress(Exception):  # a Spark that died has nothing to give back
                frame.unpersist()
        if self._started is not None:
            self._started.stop()
        self._scratch.close()

    def name(self, kind: str) -> str:
        """A table name not used before."""
        self._n += 1
        return f"breakeven_{kind}_{self._n}"

    def view(self, frame: Any, kind: str = "raw") -> ibis.Table:
        """A Spark data frame under a name, as an Ibis table."""
        import ibis
        from ibis.backends.pyspark.datatypes import PySparkType

        name = self.name(kind)
        frame.createTempView(name)
        return ibis.table(
            {field.name: PySparkType.to_ibis(field.dataType) for field in frame.schema}, name=name
        )

    def named(self, expression: ibis.Table) -> ibis.Table:
        """The same rows under a name of their own: what is built on them stays short."""
        return self._named(self._frame(expression), expression, "step")

    def keep(self, expression: ibis.Table, kind: str = "kept") -> ibis.Table:
        """The rows of an expression, in the executors' memory and, past it, on their disks."""
        from pyspark import StorageLevel

        frame = self._frame(expression).persist(StorageLevel.MEMORY_AND_DISK)
        table = self._named(frame, expression, kind)
        self._kept[table.get_name()] = frame
        return table

    def _named(self, frame: Any, expression: ibis.Table, kind: str) -> ibis.Table:
        import ibis

        name = self.name(kind)
        frame.createTempView(name)
        return ibis.table(expression.schema(), name=name)

    def drop(self, table: ibis.Table) -> None:
        """Delete a kept table."""
        frame = self._kept.pop(table.get_name(), None)
        if frame is not None:
            frame.unpersist()
        self.session.catalog.dropTempView(table.get_name())

    def rows(self, expression: ibis.Table) -> list[tuple[Any, ...]]:
        """All rows of an expression: for results that are small."""
        frame, times = self._plain(expression)
        with spoken():
            return [_row(row, times) for row in frame.collect()]

    def columns(self, expression: ibis.Table) -> dict[str, list[Any]]:
        """The same by column."""
        found = self.rows(expression)
        return {name: [row[i] for row in found] for i, name in enumerate(expression.columns)}

    def stream(self, expression: ibis.Table, size: int = 10_000) -> Iterator[tuple[Any, ...]]:
        """The rows of an expression, a partition at a time."""
        frame, times = self._plain(expression)
        with spoken():
            for row in frame.toLocalIterator():
                yield _row(row, times)

    def _frame(self, expression: ibis.Table) -> Any:
        return self.session.sql(self._con.compile(adapted(expression, "pyspark")))

    def _plain(self, expression: ibis.Table) -> tuple[Any, frozenset[int]]:
        """(the rows with times as microseconds, where those stand): PySpark would turn them to this machine's zone."""
        from pyspark.sql import functions

        with spoken():
            frame = self._frame(expression)
        kinds = expression.schema().types
        times = frozenset(i for i, kind in enumerate(kinds) if kind.is_timestamp())
        columns = [
            functions.unix_micros(functions.col(f"`{name}`").cast("timestamp")) if i in times else f"`{name}`"
            for i, name in enumerate(expression.columns)
        ]
        return frame.select(*columns), times


def _row(row: Any, times: frozenset[int]) -> tuple[Any, ...]:
    return tuple(
        _START + dt.timedelta(microseconds=value) if i in times and value is not None else value
        for i, value in enumerate(row)
    )


def _start(master: str | None, folder: Path) -> Any:
    """A new Spark session. Raises EvidenceError where Spark can not start, or runs in this process already."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise EvidenceError(
            Problem(message="Spark needs Java, and none is found", hint="install Java 17, or set JAVA_HOME")
        )
    if SparkSession.getActiveSession() is not None:
        raise EvidenceError("Spark already runs in this process: pass its session")
    told = any(name in os.environ for name in _SETTINGS)
    here = master.startswith("local") if master is not None else not told
    builder = SparkSession.builder.appName("breakeven")
    settings = {**_QUIET, **(_HERE if here else {})}
    settings["spark.sql.warehouse.dir"] = str(folder / "warehouse")
    if here:
        settings["spark.driver.extraJavaOptions"] = f"-Dlog4j2.configurationFile={_logging(folder).as_uri()}"
    for key, value in settings.items():
        builder = builder.config(key, value)
    if master is not None:
        builder = builder.master(master)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as exc:
        raise EvidenceError(Problem(message=f"Spark does not start: {_first_line(exc)}")) from exc


def _logging(folder: Path) -> Path:
    """Spark's own log at errors only, from its first line on."""
    path = folder / "log4j2.properties"
    lines = (
        "rootLogger.level = error", "logger.shell.name = org.apache.spark.api.python.PythonGatewayServer",
        "logger.shell.level = error", "rootLogger.appenderRef.stderr.ref = console", "appender.console.type = Console",
        "appender.console.name = console", "appender.console.target = SYSTEM_ERR",
        "appender.console.layout.type = PatternLayout", "appender.console.layout.pattern = %p %c{1}: %m%n",
    )  # fmt: skip
    path.write_text("\n".join(lines) + "\n")
    return path


@contextmanager
def spoken(shown: str | None = None) -> Iterator[None]:
    """Spark's errors as ours, without the Java stack."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as exc:
        where = f"{shown}: " if shown else ""
        raise EvidenceError(
            Problem(message=f"{where}Spark could not read or run it: {_first_line(exc)}")
        ) from exc


def _first_line(exc: BaseException) -> str:
    from breakeven.evidence.calls.engines.secrets import scrubbed

    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    return scrubbed(lines[0][:500]) if lines else type(exc).__name__
