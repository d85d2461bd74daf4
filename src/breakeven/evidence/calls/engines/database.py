"""A table of any database that Ibis connects to, as a log: the same expressions, run where the rows are.

Nothing but SELECT is asked for, so an account that may only read is enough. Where the database has temporary tables at
no cost (PostgreSQL), what is used more than once is kept in one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from breakeven.errors import BreakevenError, EvidenceError, MissingExtraError, Place, Problem, nearest
from breakeven.evidence.calls.engines.base import Known, MissingDriverError, Sample, Source, refused_rows
from breakeven.evidence.calls.engines.dialects import adapted
from breakeven.evidence.calls.engines.secrets import masked, scrubbed, secrets_of
from breakeven.evidence.calls.relation import complete, to_calls
from breakeven.evidence.calls.scratch import Scratch

if TYPE_CHECKING:
    import ibis

__all__ = ["DatabaseEngine", "DatabaseTable", "is_database"]

_SAMPLE: Final = 1_000
_KEEPS: Final = frozenset({"postgres"})
"""Databases in which a temporary table is cheap and spills to disk by itself."""
_ALIASES: Final = {"postgresql": "postgres", "mariadb": "mysql"}


@dataclass(frozen=True, kw_only=True)
class DatabaseTable:
    """One table, named by its address."""

    url: str
    """The database's address, without the table."""
    name: str
    """``llm_calls``, or ``schema.llm_calls``."""

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return masked(_with_query(self.url, [("table", self.name)]))


def is_database(path: str) -> bool:
    """Whether a path is the address of a database that Ibis may know: ``postgres://host/db?table=calls``."""
    scheme, found, _ = path.partition("://")
    return bool(found) and _ALIASES.get(scheme, scheme) in _backends()


def _backends() -> frozenset[str]:
    from importlib.metadata import entry_points

    return frozenset(entry.name for entry in entry_points(group="ibis.backends")) - {"duckdb", "pyspark"}


def _with_query(url: str, more: Sequence[tuple[str, str]]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *more])))


def _tables(url: str) -> list[DatabaseTable]:
    """The tables that an address names: ``?table=calls&table=feedback``."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query)
    rest = urlunsplit(parts._replace(query=urlencode([pair for pair in pairs if pair[0] != "table"])))
    return [DatabaseTable(url=rest, name=value) for name, value in pairs if name == "table"]


class DatabaseEngine:
    """A connection to one database. Use it as a context manager. ``url`` may name tables, which are not looked at."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        rest = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != "table"])
        self.url = urlunsplit(parts._replace(query=rest))
        self._secrets = secrets_of(url)
        self.kind = _ALIASES.get(parts.scheme, parts.scheme)
        self._con = self._connected()
        self._scratch = Scratch()
        self.folder = self._scratch.path
        self._steps: dict[str, str] = {}
        self._n = 0

    def __enter__(self) -> DatabaseEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and delete the folder."""
        disconnect = getattr(self._con, "disconnect", None)
        if disconnect is not None:
            disconnect()
        self._scratch.close()

    def named(self, expression: ibis.Table) -> ibis.Table:
        """The same rows under a name of their own: a common table expression of every query that uses it."""
        import ibis

        name = self._name("step")
        self._steps[name] = self.sql(expression)
        return ibis.table(expression.schema(), name=name)

    def keep(self, expression: ibis.Table, kind: str = "kept") -> ibis.Table:
        """The rows in a temporary table where that is cheap; elsewhere they are found anew each time."""
        import ibis

        if self.kind not in _KEEPS:
            return self.named(expression)
        name = self._name(kind)
        with self._spoken(), self._con.begin() as cursor:
            cursor.execute(f'create temporary table "{name}" as {self._whole(self.sql(expression))}')
        return ibis.table(expression.schema(), name=name)

    def drop(self, table: ibis.Table) -> None:
        """Temporary tables go with the connection."""
        self._steps.pop(table.get_name(), None)

    def rows(self, expression: ibis.Table) -> list[tuple[Any, ...]]:
        """All rows of an expression: for results that are small."""
        return list(self.stream(expression))

    def columns(self, expression: ibis.Table) -> dict[str, list[Any]]:
        """The same by column."""
        found = self.rows(expression)
        return {name: [row[i] for row in found] for i, name in enumerate(expression.columns)}

    def stream(self, expression: ibis.Table, size: int = 10_000) -> Iterator[tuple[Any, ...]]:
        """The rows of an expression, a batch at a time."""
        with self._spoken():
            query = self._con.sql(self._whole(self.sql(expression)), schema=expression.schema())
            for batch in self._con.to_pyarrow_batches(query, chunk_size=size):
                columns = [column.to_pylist() for column in batch.columns]
                yield from (tuple(map(_plain, row)) for row in zip(*columns, strict=True))

    def sql(self, expression: ibis.Table) -> str:
        """The SQL of an expression, the names of its steps left open."""
        with self._spoken():
            return str(self._con.compile(adapted(expression, self.kind)))

    def find(self, paths: Sequence[str]) -> Sequence[Source]:
        """Every table that the addresses name; all of them stand in this database."""
        found = [table for path in paths if is_database(path) for table in _tables(path)]
        other = [path for path in paths if not is_database(path)]
        if other or any(table.url != self.url for table in found):
            raise EvidenceError(
                "logs of one database do not mix with files or with those of another: name one"
            )
        if not found:
            hint = f"say which table holds the calls: {masked(_with_query(self.url, [('table', 'TABLE')]))}"
            raise EvidenceError(Problem(message=f"{masked(self.url)}: no table is named", hint=hint))
        return list(dict.fromkeys(found))

    def sample(self, source: Source) -> Sample:
        """A thousand rows of a table; its columns where it has none."""
        table = self._table(cast("DatabaseTable", source))
        with self._spoken(source.shown):
            batches = self._con.to_pyarrow_batches(table.limit(_SAMPLE))
            rows = [{k: _loaded(v) for k, v in row.items()} for batch in batches for row in batch.to_pylist()]
        every = dict.fromkeys(table.columns)
        return Sample(records=[{**every, **row} for row in rows] or [every], telling=False)

    def read(
        self, one: Known, *, only: frozenset[str], keep_texts: bool
    ) -> tuple[ibis.Table, ibis.Table | None]:
        """(calls, refused rows) of one table."""
        if one.format.unpack is not None:
            message = f"{one.format.title} must be unpacked, which is done for files only"
            hint = "export the table to JSON Lines"
            raise EvidenceError(Problem(message=message, place=Place(file=one.file.shown), hint=hint))
        raw = self._table(cast("DatabaseTable", one.file))
        table = self.keep(to_calls(raw, one.format, named=self.named, only=only), "calls")
        bad = table.filter(table["reason"].notnull())
        return complete(table.filter(table["reason"].isnull())), refused_rows(bad, one.file.shown)

    def _table(self, table: DatabaseTable) -> Any:
        from ibis.common.exceptions import TableNotFound

        schema, dot, name = table.name.rpartition(".")
        with self._spoken(table.shown):
            try:
                return self._con.table(name, database=schema if dot else None)
            except TableNotFound as exc:
                near = nearest(name, self._con.list_tables())
                hint = f"nearest: {', '.join(near)}" if near else "in another schema: ?table=SCHEMA.TABLE"
                message = f"the database has no table {table.name!r}"
                raise EvidenceError(
                    Problem(message=message, place=Place(file=table.shown), hint=hint)
                ) from exc

    def _connected(self) -> Any:
        try:
            import ibis
        except ImportError as exc:
            raise MissingExtraError(exc.name or "ibis", "logs") from exc
        url = self.url.replace("postgresql://", "postgres://", 1)
        try:
            return ibis.connect(url)
        except ImportError as exc:
            raise MissingDriverError(self.kind) from exc
        except Exception as exc:  # noqa: BLE001 - every driver has errors of its own
            raise self._error(exc, f"{masked(self.url)}: can not be connected to") from None

    def _name(self, kind: str) -> str:
        self._n += 1
        return f"breakeven_{kind}_{self._n}"

    def _whole(self, query: str) -> str:
        """A query with the steps that it uses, in their order."""
        wanted = set(re.findall(r"breakeven_\w+", query))
        for name in reversed(self._steps):
            if name in wanted:
                wanted |= set(re.findall(r"breakeven_\w+", self._steps[name]))
        steps = [f"{self._quoted(n)} AS ({sql})" for n, sql in self._steps.items() if n in wanted]
        return f"WITH {', '.join(steps)} SELECT * FROM ({query}) AS breakeven_rows" if steps else query  # noqa: S608 - built here

    def _quoted(self, name: str) -> str:
        import sqlglot

        return sqlglot.to_identifier(name, quoted=True).sql(dialect=self._con.dialect)

    @contextmanager
    def _spoken(self, shown: str | None = None) -> Iterator[None]:
        """Errors of the driver and of Ibis as ours, without the secrets of the address."""
        try:
            yield
        except (BreakevenError, GeneratorExit):
            raise
        except ImportError as exc:
            raise MissingDriverError(self.kind) from exc
        except Exception as exc:  # noqa: BLE001 - every driver has errors of its own
            raise self._error(exc, shown or masked(self.url)) from None

    def _error(self, exc: Exception, what: str) -> EvidenceError:
        """What went wrong; the driver's own error is not chained, since it may quote the address."""
        text = scrubbed(" ".join(str(exc).split())[:500], self._secrets)
        return EvidenceError(Problem(message=f"{what}: {text or type(exc).__name__}"))


def _plain(value: Any) -> Any:
    """A time as UTC without a zone, as every engine gives it."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


def _loaded(value: Any) -> Any:
    """A JSON column comes as text."""
    import json

    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
