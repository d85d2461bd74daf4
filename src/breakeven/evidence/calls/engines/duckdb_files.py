"""Log files read by DuckDB: by its own readers; records that they refuse are taken one by one, with their lines."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.blocks import Picked, as_reader, line_batches
from breakeven.evidence.calls.engines.base import Known, refused_rows
from breakeven.evidence.calls.engines.duckdb_connection import holds_or_stops
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import header, row_within_of, separator
from breakeven.evidence.calls.relation import complete, to_calls
from breakeven.evidence.calls.schema import as_texts, duckdb_columns, ibis_schema, json_structure
from breakeven.evidence.calls.spans import SPAN_KEYS
from breakeven.evidence.calls.sparse import Leaf, asked_for, watched, without
from breakeven.evidence.calls.unclosed import UNCLOSED

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

    from breakeven.evidence.calls.engines.duckdb_connection import DuckDBConnection

__all__ = ["read"]

_FROM_LINE: Final = (
    "select number as _line, text as _text, "
    "case when broken is not null then broken when not valid then 'not JSON' "
    "when not starts_with(text, '{{') then 'not a JSON object' "
    "when row is null then 'holds a key twice' end as _broken, {columns} from ("
    "select number, broken, text, valid, case when valid then try(json_transform(text, '{structure}')) end as row "
    "from (select number, broken, text, broken is null and json_valid(text) as valid from batches))"
)
_MOST_IN_MEMORY: Final = 6_000_000
"""Calls, at about 90 bytes each, that DuckDB's memory holds."""
_LINE_BYTES: Final = {"none": 600, "gzip": 60, "zstd": 60}
"""Bytes of a file for each of its calls, by its compression: what a call without long texts takes."""
_HELD: Final = "breakeven: a record holds what no sampled record did"
_MOST_BAD: Final = 0.02
"""The share of bad records up to which they are picked out of a file; past it, every line is taken by itself."""


def read(
    engine: DuckDBConnection, one: Known, *, only: frozenset[str], keep_texts: bool
) -> tuple[ibis.Table, ibis.Table | None]:
    """(calls, refused rows) of one file: as fast as its bad rows let it be read."""
    for way in (_sparse, _picked) if one.fill is None else ():
        table, refused = way(engine, one, only, keep_texts)
        if table is not None:
            return table, refused
    batches = line_batches(cast("LogFile", one.file), one.format, one.fill)
    return _careful(engine, one, batches, only=only, keep_texts=keep_texts)


def _plainly_named(engine: DuckDBConnection, file: LogFile) -> LogFile:
    """The file under a name that DuckDB does not take for a pattern."""
    if glob.escape(str(file.path)) == str(file.path):
        return file
    link = engine.folder / engine.name("file")
    link.symlink_to(file.path.resolve())
    return replace(file, path=link)


def _sparse(
    engine: DuckDBConnection, one: Known, only: frozenset[str], keep_texts: bool
) -> tuple[ibis.Table | None, ibis.Table | None]:
    """(calls, refused) of JSON Lines, of those places that its sample holds: the others are watched to be empty."""
    import duckdb

    if cast("LogFile", one.file).container != "jsonl" or one.format.tree:
        return _fast(engine, one, only, keep_texts)
    asked = asked_for(one.format, only)
    tree = watched(one.tree, without(asked, one.unheld), one.unheld)
    query = _fast_query(replace(one, tree=tree))
    if query is None:
        return None, None
    if one.unheld:
        empty = " and ".join(f"{_value(leaf)} is null" for leaf in sorted(one.unheld))
        query += (
            f" where {holds_or_stops(f'({empty})::tinyint = 1', _HELD)}"  # as a number: see ``_Row.reason``
        )
    try:
        return _all_fine(engine, one, engine.view(query), without(asked, one.unheld), only), None
    except duckdb.Error as exc:
        if _HELD in str(exc):
            return _fast(engine, one, only, keep_texts)
        _raise_if_short_of_memory(one, exc)
    return None, None


def _fast(
    engine: DuckDBConnection, one: Known, only: frozenset[str], keep_texts: bool
) -> tuple[ibis.Table | None, ibis.Table | None]:
    """(calls, refused) by DuckDB's own readers; (None, None) where a row is refused, or the readers balk."""
    import duckdb

    query = _fast_query(one)
    if query is None:
        return None, None
    parquet = cast("LogFile", one.file).container == "parquet"
    try:
        raw = engine.view(query)
        fine = _all_fine(engine, one, raw, one.format, only)
        if fine is not None or not parquet:
            return fine, None
        table = to_calls(raw, one.format, named=engine.named, only=only)
        refused = refused_rows(table.filter(table["reason"].notnull()), one.file.shown)
        kept = engine.keep(table.filter(table["reason"].isnull()), "calls")
        return complete(kept), engine.keep(refused, "refused")
    except duckdb.Error as exc:
        if parquet:
            raise EvidenceError(Problem(message=str(exc), place=Place(file=one.file.shown))) from exc
        _raise_if_short_of_memory(one, exc)
    return None, None


def _all_fine(
    engine: DuckDBConnection, one: Known, raw: ibis.Table, log_format: LogFormat, only: frozenset[str]
) -> ibis.Table | None:
    """The calls; None where one row is refused."""
    calls = to_calls(raw, log_format, named=engine.named, only=only, faults=False)
    fine = engine.keep_fine(calls, "calls", packed=_is_large(cast("LogFile", one.file)))
    return None if fine is None else complete(fine)


def _value(leaf: Leaf) -> str:
    """The SQL of the value at these keys; the key ``0`` is the first item of a list."""
    first, *rest = leaf
    within = ("[1]" if key == "0" else "['" + key.replace("'", "''") + "']" for key in rest)
    return '"' + first.replace('"', '""') + '"' + "".join(within)


def _raise_if_short_of_memory(one: Known, exc: Exception) -> None:
    if "memory" in str(exc).lower():
        raise EvidenceError(Problem(message=str(exc), place=Place(file=one.file.shown))) from exc


def _is_large(file: LogFile) -> bool:
    """Whether the calls of a file may not fit into the memory that DuckDB may hold."""
    if file.container == "parquet":
        import pyarrow.parquet as pq

        return bool(pq.read_metadata(file.path).num_rows > _MOST_IN_MEMORY)
    return file.path.stat().st_size > _MOST_IN_MEMORY * _LINE_BYTES[file.compression]


def _picked(
    engine: DuckDBConnection, one: Known, only: frozenset[str], keep_texts: bool
) -> tuple[ibis.Table | None, ibis.Table | None]:
    """(calls, refused) of JSON Lines of which few are bad; (None, None) where it can not be told which.

    DuckDB reads every value as text and goes on past what it can not read. It says no line, but keeps the order, so
    that a bad record's number tells its line; only those lines are taken one by one.
    """
    import duckdb

    file = cast("LogFile", one.file)
    query = _fast_query(one, lenient=True) if file.container == "jsonl" else None
    if query is None:
        return None, None
    try:
        table = to_calls(engine.view(query), one.format, named=engine.named, only=only)
        kept = engine.keep_in_order(table, "calls")
    except duckdb.Error as exc:
        _raise_if_short_of_memory(one, exc)
        return None, None
    refused = _refused_of(engine, one, kept, only=only, keep_texts=keep_texts)
    if refused is None:
        engine.drop(kept)
        return None, None
    return complete(kept.filter(kept["reason"].isnull())), refused


def _refused_of(
    engine: DuckDBConnection, one: Known, kept: ibis.Table, *, only: frozenset[str], keep_texts: bool
) -> ibis.Table | None:
    """The bad ones of records kept in order, with their lines; None where lines and records do not go together."""
    import ibis

    total = engine.rows(kept.count().as_table())[0][0]
    bad = kept.filter(kept["reason"].notnull())
    if engine.rows(bad.count().as_table())[0][0] > _MOST_BAD * total:
        return None
    numbered = ibis.table({"rowid": "int64", "reason": "string"}, name=kept.get_name())
    places = engine.rows(numbered.filter(numbered["reason"].notnull()).select("rowid").order_by("rowid"))
    picked = Picked(cast("LogFile", one.file), [place for (place,) in places], total=total)
    fine, refused = _careful(engine, one, picked.batches(), only=only, keep_texts=keep_texts)
    return refused if picked.sound and not engine.rows(fine.limit(1)) else None


def _fast_query(one: Known, *, lenient: bool = False) -> str | None:
    """DuckDB's query over the file; None where records must be unpacked one by one.

    lenient: of JSON Lines, every value as text, and an empty record for what can not be read.
    """
    file = cast("LogFile", one.file)
    if one.format.unpack is not None:
        return None
    path = "'" + str(file.path).replace("'", "''") + "'"
    if file.container == "parquet":
        return f"select *, file_row_number + 1 as _line from read_parquet({path}, file_row_number = true)"  # noqa: S608 - quoted
    packed = f"compression = '{file.compression}'"
    if file.container == "jsonl":
        columns = duckdb_columns(as_texts(one.tree) if lenient else one.tree)
        packed += ", ignore_errors = true" if lenient else ""
        return f"select * from read_json({path}, columns = {columns}, format = 'newline_delimited', {packed})"  # noqa: S608 - quoted
    if file.container == "csv" and len(set(one.columns)) == len(one.columns) and _flat(one):
        return _csv_query(one, path, packed)
    return None


def _flat(one: Known) -> bool:
    """Whether every path that is there at all is a column, not a key within a cell that holds JSON."""
    nested = (key for key, within in one.tree.items() if isinstance(within, dict))
    return not any(key in one.columns for key in nested)


def _csv_query(one: Known, path: str, packed: str) -> str | None:
    names, delimiter = header(cast("LogFile", one.file)), separator(cast("LogFile", one.file))
    if not names or len(set(names)) != len(names):
        return None
    columns = ", ".join("'" + name.replace("'", "''") + "': 'VARCHAR'" for name in names)
    query = (
        f"select * from read_csv({path}, columns = {{{columns}}}, header = true, auto_detect = false, "  # noqa: S608
        f"delim = '{delimiter}', quote = '\"', escape = '\"', {packed})"
    )
    within = row_within_of(cast("LogFile", one.file))
    if within is None:
        return query
    pattern = within.replace("'", "''")
    cells = (_value((name,)) for name in names)
    swallowed = " or ".join(
        f"(contains({cell}, chr(10)) and regexp_matches({cell}, '{pattern}'))" for cell in cells
    )
    return f"{query} where {holds_or_stops(f'({swallowed}) is not true', UNCLOSED)}"


def _careful(
    engine: DuckDBConnection,
    one: Known,
    batches: Iterator[pa.RecordBatch],
    *,
    only: frozenset[str],
    keep_texts: bool,
) -> tuple[ibis.Table, ibis.Table]:
    """(calls, refused) of records taken one by one, each with its line."""
    import ibis

    columns = ", ".join(f"row['{key.replace(chr(39), chr(39) * 2)}'] as \"{key}\"" for key in one.tree)
    query = _FROM_LINE.format(columns=columns, structure=json_structure(one.tree).replace("'", "''"))
    extra = {f"_{key}": "string" for key in SPAN_KEYS} if one.format.tree else {}
    passed = "".join(f', "{key}" as "_{key}"' for key in SPAN_KEYS) if one.format.tree else ""
    schema = {"_line": "int64", "_text": "string", "_broken": "string"}
    name = engine.name("lines")
    raw = ibis.table({**schema, **ibis_schema(one.tree), **extra}, name=name)
    steps = [f"{name} as (select *{passed} from ({query}))"]  # noqa: S608 - built here

    def named(step: ibis.Table) -> ibis.Table:
        steps.append(f"{engine.name('step')} as ({engine.sql(step)})")
        return ibis.table(step.schema(), name=steps[-1].partition(" ")[0])

    calls = to_calls(raw, one.format, named=named, only=only)
    body = engine.sql(_quiet(named(calls), keep_texts=keep_texts))
    kept = ibis.table(calls.schema(), name=engine.name("careful"))
    build = f"create temp table {kept.get_name()} as with {', '.join(steps)} {body}"
    _stream(engine, build, batches)
    refused = engine.keep(refused_rows(kept.filter(kept["reason"].notnull()), one.file.shown), "refused")
    return complete(kept.filter(kept["reason"].isnull())), refused


def _quiet(table: ibis.Table, *, keep_texts: bool) -> ibis.Table:
    """Without the text of any record, but for refused ones where texts are kept."""
    import ibis

    empty = ibis.null("string")
    text = ibis.ifelse(table["reason"].notnull(), table["_text"].strip(), empty) if keep_texts else empty
    return table.mutate(_text=text.cast("string"))


def _stream(engine: DuckDBConnection, build: str, batches: Iterator[pa.RecordBatch]) -> None:
    """Run SQL over the records of a file; what is wrong with the file comes out as it was said, not as DuckDB's."""
    import duckdb

    said: list[EvidenceError] = []

    def heard() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except EvidenceError as exc:
            said.append(exc)
            raise

    try:
        engine.keep_stream(build, as_reader(heard()))
    except duckdb.Error as exc:
        if said:
            raise said[0] from exc
        raise
