"""DuckDB running Ibis expressions in bounded memory, in a folder of its own that is deleted afterwards.

Expressions are built with Ibis on tables known by name and schema and compiled to the engine's dialect, so that the
same ones run elsewhere; Ibis's own DuckDB connection is not used, as it lags behind DuckDB's releases.
"""

from __future__ import annotations

import contextlib
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from breakeven.errors import EvidenceError, MissingExtraError
from breakeven.evidence.calls.scratch import Scratch

if TYPE_CHECKING:
    import duckdb
    import ibis
    import pyarrow as pa

__all__ = ["MEMORY", "DuckDBConnection", "holds_or_stops"]

MEMORY: Final = "500MB"
"""What DuckDB may hold in memory; past it, it goes to disk. Python and the readers need about 250 MB besides."""

_MEMORY_ON_DISK: Final = "420MB"
"""What it may hold while calls lie on disk: readers of large files need more besides, so that ten times the calls take
no more in all. It costs no time, as their pages come and go anyway."""

_REFUSED: Final = "breakeven: a row is refused"


def holds_or_stops(condition: str, message: str = _REFUSED) -> str:
    """SQL that is true where the condition holds; else it ends the query with a message."""
    return f"case when {condition} then true else error('{message}') end"


class DuckDBConnection:
    """A DuckDB database in a temporary folder. Use it as a context manager."""

    def __init__(self, *, memory: str = MEMORY, threads: int | None = None) -> None:
        try:
            import duckdb
            import ibis  # noqa: F401  - said at once, rather than halfway through
        except ImportError as exc:
            raise MissingExtraError(exc.name or "duckdb", "logs") from exc
        if find_spec("pyarrow") is None:  # most files need it not: only looked for, which takes no time
            raise MissingExtraError("pyarrow", "logs")
        self._scratch = Scratch()
        self._memory = memory
        self.folder = self._scratch.path
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": memory}
        config["temp_directory"] = str(self.folder / "spill")
        if threads is not None:
            config["threads"] = threads
        self._con: duckdb.DuckDBPyConnection = duckdb.connect(str(self.folder / "calls.db"), config=config)
        self._n = 0
        with contextlib.suppress(duckdb.Error):  # without its time zone extension, DuckDB knows UTC only
            self._con.execute("set TimeZone = 'UTC'")
        self._con.execute("set preserve_insertion_order = false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and delete its folder."""
        self._con.close()
        self._scratch.close()

    def name(self, kind: str) -> str:
        """A table name not used before."""
        self._n += 1
        return f"{kind}_{self._n}"

    def sql(self, expression: ibis.Table) -> str:
        """The SQL of an expression."""
        import ibis

        return str(ibis.to_sql(_plain(expression), dialect="duckdb", pretty=False))

    def view(self, query: str, kind: str = "raw") -> ibis.Table:
        """A query under a name, as an Ibis table."""
        name = self.name(kind)
        self._con.execute(f"create view {name} as {query}")
        return self._table(name)

    def named(self, expression: ibis.Table) -> ibis.Table:
        """The same rows under a name of their own: what is built on them stays short."""
        import ibis

        name = self.name("step")
        self._con.execute(f"create view {name} as {self.sql(expression)}")
        return ibis.table(expression.schema(), name=name)

    def keep(self, expression: ibis.Table, kind: str = "kept") -> ibis.Table:
        """The rows of an expression, written to the database."""
        import ibis

        name = self.name(kind)
        self._con.execute(f"create temp table {name} as {self.sql(expression)}")
        return ibis.table(expression.schema(), name=name)

    def keep_fine(self, calls: ibis.Table, kind: str = "kept", *, packed: bool = False) -> ibis.Table | None:
        """The rows of ``calls`` without their ``reason``; None where one has a reason: it stops at the first.

        packed: compressed on disk, a fifth of the size. Writing takes half as long again, reading half the time: worth
        it for what does not fit into memory.
        """
        import duckdb
        import ibis

        fine = ", ".join(
            f'"{column}"' for column in calls.columns if column != "reason" and column[:1] != "_"
        )
        checked = holds_or_stops("reason is null")
        if packed and self._memory == MEMORY:
            self._con.execute(f"set memory_limit = '{_MEMORY_ON_DISK}'")
        name = self.name(kind)
        query = f"select {fine} from ({self.sql(calls)}) where {checked}"  # noqa: S608 - built here
        try:
            self._con.execute(f"create {'' if packed else 'temp '}table {name} as {query}")
        except duckdb.Error as exc:
            if _REFUSED in str(exc):
                return None
            raise
        kept = [column for column in calls.columns if column != "reason" and column[:1] != "_"]
        return ibis.table({column: calls.schema()[column] for column in kept}, name=name)

    def keep_in_order(self, expression: ibis.Table, kind: str = "kept") -> ibis.Table:
        """The same as ``keep``, with the rows in the order of their file."""
        self._con.execute("set preserve_insertion_order = true")
        try:
            return self.keep(expression, kind)
        finally:
            self._con.execute("set preserve_insertion_order = false")

    def keep_stream(self, build: str, batches: pa.RecordBatchReader) -> None:
        """Run SQL that reads from ``batches``, once."""
        self._con.register("batches", batches)
        try:
            self._con.execute(build)
        finally:
            self._con.unregister("batches")

    def drop(self, table: ibis.Table) -> None:
        """Delete a kept table."""
        self._con.execute(f"drop table if exists {table.get_name()}")

    def rows(self, expression: ibis.Table) -> list[tuple[Any, ...]]:
        """All rows of an expression: for results that are small."""
        return self._con.execute(self.sql(expression)).fetchall()

    def columns(self, expression: ibis.Table) -> dict[str, list[Any]]:
        """The same by column, in NumPy-friendly lists."""
        found = self.rows(expression)
        return {name: [row[i] for row in found] for i, name in enumerate(expression.columns)}

    def stream(self, expression: ibis.Table, size: int = 10_000) -> Any:
        """The rows of an expression, a batch at a time; ask the engine nothing else meanwhile."""
        cursor = self._con.execute(self.sql(expression))
        while batch := cursor.fetchmany(size):
            yield from batch

    def _table(self, name: str) -> ibis.Table:
        import duckdb
        import ibis
        from ibis.backends.sql.datatypes import DuckDBType

        try:
            columns = self._con.execute(f"describe {name}").fetchall()
        except duckdb.Error as exc:  # pragma: no cover - a view of a file that went away
            raise EvidenceError(str(exc)) from exc
        schema = {column: DuckDBType.from_string(kind) for column, kind, *_ in columns}
        return ibis.table(schema, name=name)


def _plain(expression: ibis.Table) -> ibis.Table:
    """The same, with DuckDB's quicker ways where Ibis takes a long one: times without their zone, hashes as integers.

    A time in UTC loses its zone by its count of microseconds: DuckDB's own cast asks a calendar. A hash of 64 bits
    becomes an integer without its last bit, and not through a string of bits.
    """
    from ibis.expr import operations as ops

    root = expression.op()
    plain = {node: _plain_time(node) for node in root.find(ops.Cast) if _loses_zone(node)}
    plain |= {node: _plain_hash(node) for node in root.find(ops.Hash)}
    return root.replace(plain).to_expr() if plain else expression


def _loses_zone(cast: Any) -> bool:
    if not cast.arg.dtype.is_timestamp() or not cast.to.is_timestamp():
        return False
    return cast.arg.dtype.timezone is not None and cast.to.timezone is None


def _plain_time(cast: Any) -> Any:
    micros = _builtin("epoch_us", cast.arg.dtype, to="int64")(cast.arg.to_expr())
    return _builtin("make_timestamp", "int64", to="timestamp")(micros).op()


def _plain_hash(hashed: Any) -> Any:
    from ibis.expr import operations as ops

    bits = _builtin("hash", hashed.arg.dtype, to="uint64")(hashed.arg.to_expr())
    return ops.Cast(bits >> 1, to="int64")


def _builtin(name: str, *kinds: Any, to: str) -> Any:
    """A function of DuckDB that Ibis does not know."""
    import ibis

    return ibis.udf.scalar.builtin(name=name, signature=(kinds, to))(_same)


def _same(time: Any) -> Any:
    """Stands for a function of DuckDB."""
