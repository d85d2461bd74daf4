"""Paths in, a table of calls out: every record is a call, passed over by rule, or refused with a reason."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.detect import detect, keys_of, sample
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.files import LogFile, find_files
from breakeven.evidence.calls.format import At, LogFormat
from breakeven.evidence.calls.formats import find_format, log_formats
from breakeven.evidence.calls.lines import read_lines, separator
from breakeven.evidence.calls.mapping import guess_mapping, mapped_format
from breakeven.evidence.calls.relation import CALL_SCHEMA, complete, to_calls
from breakeven.evidence.calls.schema import Tree, duckdb_columns, ibis_schema, json_structure, tree_of
from breakeven.evidence.calls.spans import SPAN_KEYS, innermost

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

__all__ = ["CallLog", "ReadFile", "read_logs"]

_BATCH: Final = 20_000
_SEEN: Final = frozenset(CALL_SCHEMA) - {"call_id", "session"}
"""Columns kept by default: ids of single calls are kept only where something is joined by them."""
_FROM_LINE: Final = (
    "select number as _line, broken as _known, text as _text, "
    "case when broken is not null then broken when not json_valid(text) then 'not JSON' "
    "when json_type(text) <> 'OBJECT' then 'not a JSON object' "
    "when row is null then 'holds a key twice' end as _broken, {columns} from ("
    "select number, broken, text, "
    "case when broken is null and json_valid(text) then try(json_transform(text, '{structure}')) end as row "
    "from batches)"
)


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """One file that was read, as what, and how many of its records were refused."""

    file: str
    format: LogFormat
    rejected: Mapping[str, int]
    """Reason → rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CallLog:
    """Calls of one or many files, in one table, with what could not be read."""

    engine: Engine
    calls: ibis.Table
    """The columns of ``CALL_SCHEMA``, one row a call (a window, where ``windows``)."""
    outcomes: ibis.Table | None
    """``call_id``, ``name``, ``value`` (text): the latest of each name for a call; None: no file has any."""
    rejected: ibis.Table
    """``file``, ``line``, ``reason``, ``text`` of every refused row; ``text`` only where texts are kept."""
    files: tuple[ReadFile, ...]
    clock: str
    """absolute, or relative: times count from an unknown start."""
    window_s: float | None
    """Width of a window where rows are windows of counts; None: rows are calls."""
    warnings: tuple[str, ...]


@dataclass(kw_only=True)
class _Reading:
    """What was read so far."""

    engine: Engine
    only: frozenset[str]
    strict: bool
    keep_texts: bool
    calls: list[ibis.Table] = field(default_factory=list)
    labels: list[ibis.Table] = field(default_factory=list)
    outcomes: list[ibis.Table] = field(default_factory=list)
    rejected: list[ibis.Table] = field(default_factory=list)
    files: list[ReadFile] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A file with its format and the keys to read of it."""

    file: LogFile
    format: LogFormat
    tree: Tree
    columns: tuple[str, ...]


def read_logs(
    paths: Sequence[str],
    *,
    engine: Engine,
    format_name: str | None = None,
    mapping: Mapping[str, At] | None = None,
    strict: bool = False,
    keep_texts: bool = False,
) -> CallLog:
    """Every call in the files, folders, globs or standard input (``-``) that ``paths`` name.

    strict: the first refused row is an EvidenceError. Raises EvidenceError where a file can not be used at all.
    """
    stated = find_format(format_name) if format_name is not None else None
    files = find_files(paths, spool=engine.folder)
    known = [_know(file, stated, mapping) for file in files]
    known, warnings = _without_totals(known)
    joined = any(one.format.kind in ("labels", "outcomes") for one in known)
    only = _SEEN | {"call_id"} if joined else _SEEN
    reading = _Reading(engine=engine, only=only, strict=strict, keep_texts=keep_texts)
    for one in known:
        _read_file(one, reading)
    return _joined(reading, known, tuple(warnings))


def _know(file: LogFile, stated: LogFormat | None, mapping: Mapping[str, At] | None) -> _Known:
    records = sample(file)
    keys = keys_of(records)
    log_format = (
        mapped_format(mapping, guessed=False) if mapping else stated or detect(records, log_formats())
    )
    if log_format is None:
        guessed = guess_mapping(keys)
        if not {"input_tokens", "output_tokens"} & set(guessed):
            raise _unknown_format(file, keys)
        log_format = mapped_format(guessed, guessed=True)
    missing = [at.path for ats in (mapping or {}).values() for at in [ats] if at.path not in keys]
    if missing:
        hint = f"columns: {', '.join(sorted(keys)[:30])}"
        message = f"no column {', '.join(map(repr, missing))}"
        raise EvidenceError(Problem(message=message, place=Place(file=file.shown), hint=hint))
    tree = tree_of(log_format, records, SPAN_KEYS if log_format.tree else ())
    first = records[0] if records else {}
    return _Known(
        file=file, format=log_format, tree=tree, columns=tuple(first) if isinstance(first, dict) else ()
    )


def _unknown_format(file: LogFile, keys: set[str]) -> EvidenceError:
    names = ", ".join(log_format.name for log_format in log_formats())
    shown = ", ".join(sorted(keys)[:20]) or "none"
    hint = f"name it with --format ({names}), or say where each field stands: --map input_tokens=COLUMN"
    message = f"the format is not known by its keys ({shown})"
    return EvidenceError(Problem(message=message, place=Place(file=file.shown), hint=hint))


def _without_totals(known: list[_Known]) -> tuple[list[_Known], list[str]]:
    """A table of totals beside the rates that it sums would count everything twice."""
    names = {one.format.name for one in known}
    if not {"servegen", "servegen-total"} <= names:
        return known, []
    totals = [one for one in known if one.format.name == "servegen-total"]
    shown = ", ".join(one.file.shown for one in totals)
    warning = f"{shown}: sums of the rates by client, which are read; not counted again"
    return [one for one in known if one not in totals], [warning]


# ------------------------------------------------------------------------------------------- one file


def _read_file(one: _Known, reading: _Reading) -> None:
    """Read a file the fast way where it is clean, else line by line."""
    table, refused = _fast(one, reading)
    if table is None:
        table, refused = _careful(one, reading)
    counts: Counter[str] = Counter()
    if refused is not None:
        found = refused.group_by("reason").agg(n=refused.count())
        counts.update({str(reason): int(n) for reason, n in reading.engine.rows(found)})
        reading.rejected.append(refused)
        if reading.strict and counts:
            raise _first_refused(one, refused, reading.engine)
    target = {"labels": reading.labels, "outcomes": reading.outcomes}.get(one.format.kind, reading.calls)
    target.append(table)
    reading.files.append(ReadFile(file=one.file.shown, format=one.format, rejected=dict(counts)))


def _first_refused(one: _Known, refused: ibis.Table, engine: Engine) -> EvidenceError:
    line, reason = engine.rows(refused.order_by("line").select("line", "reason").limit(1))[0]
    place = Place(file=one.file.shown, line=line)
    return EvidenceError(
        Problem(message=str(reason), place=place, hint="without --strict it is counted and passed")
    )


def _only(one: _Known, reading: _Reading) -> frozenset[str]:
    return reading.only if one.format.kind in ("calls", "windows") else frozenset(CALL_SCHEMA)


def _fast(one: _Known, reading: _Reading) -> tuple[ibis.Table | None, ibis.Table | None]:
    """(calls, refused) by DuckDB's own readers; (None, None) where a row is refused, or the readers balk."""
    import duckdb

    query = _fast_query(one)
    if query is None:
        return None, None
    engine = reading.engine
    parquet = one.file.container == "parquet"
    try:
        table = to_calls(engine.view(query), one.format, named=engine.named, only=_only(one, reading))
        table = engine.keep(table, "calls")
        bad = table.filter(table["reason"].notnull())
        if not engine.rows(bad.limit(1)):
            return complete(table), None
        if parquet:
            refused = engine.keep(_refused_rows(one, bad), "refused")
            return complete(table.filter(table["reason"].isnull())), refused
        engine.drop(table)
    except duckdb.Error as exc:
        if parquet or "memory" in str(exc).lower():
            raise EvidenceError(Problem(message=str(exc), place=Place(file=one.file.shown))) from exc
    return None, None


def _refused_rows(one: _Known, bad: ibis.Table) -> ibis.Table:
    import ibis

    text = bad["_text"] if "_text" in bad.columns else ibis.null("string")
    return bad.select(file=ibis.literal(one.file.shown), line=bad["_line"], reason=bad["reason"], text=text)


def _fast_query(one: _Known) -> str | None:
    """DuckDB's query over the file; None where records must be unpacked one by one."""
    file = one.file
    if one.format.unpack is not None or glob.escape(str(file.path)) != str(file.path):
        return None
    path = "'" + str(file.path).replace("'", "''") + "'"
    if file.container == "parquet":
        return f"select *, file_row_number + 1 as _line from read_parquet({path}, file_row_number = true)"  # noqa: S608 - quoted
    packed = f"compression = '{file.compression}'"
    if file.container == "jsonl":
        columns = duckdb_columns(one.tree)
        return f"select * from read_json({path}, columns = {columns}, format = 'newline_delimited', {packed})"  # noqa: S608 - quoted
    if file.container == "csv" and len(set(one.columns)) == len(one.columns) and _flat(one):
        return _csv_query(one, path, packed)
    return None


def _flat(one: _Known) -> bool:
    """Whether every path that is there at all is a column, not a key within a cell that holds JSON."""
    nested = (key for key, within in one.tree.items() if isinstance(within, dict))
    return not any(key in one.columns for key in nested)


def _csv_query(one: _Known, path: str, packed: str) -> str | None:
    header = next(iter(_header(one.file)), ())
    if not header or len(set(header)) != len(header):
        return None
    columns = ", ".join("'" + name.replace("'", "''") + "': 'VARCHAR'" for name in header)
    return (
        f"select * from read_csv({path}, columns = {{{columns}}}, header = true, auto_detect = false, "  # noqa: S608
        f"delim = '{separator(one.file)}', quote = '\"', escape = '\"', {packed})"
    )


def _header(file: LogFile) -> Iterator[tuple[str, ...]]:
    import csv

    from breakeven.evidence.calls.lines import decoded

    for names in islice(csv.reader(decoded(file), delimiter=separator(file)), 1):
        yield tuple(name.strip().removeprefix("\ufeff") for name in names)


def _careful(one: _Known, reading: _Reading) -> tuple[ibis.Table, ibis.Table]:
    """(calls, refused) with every record taken by itself, its line known."""
    import ibis

    engine = reading.engine
    columns = ", ".join(f"row['{key.replace(chr(39), chr(39) * 2)}'] as \"{key}\"" for key in one.tree)
    query = _FROM_LINE.format(columns=columns, structure=json_structure(one.tree).replace("'", "''"))
    extra = {f"_{key}": "string" for key in SPAN_KEYS} if one.format.tree else {}
    passed = "".join(f', "{key}" as "_{key}"' for key in SPAN_KEYS) if one.format.tree else ""
    schema = {"_line": "int64", "_known": "string", "_text": "string", "_broken": "string"}
    name = engine.name("lines")
    raw = ibis.table({**schema, **ibis_schema(one.tree), **extra}, name=name)
    steps = [f"{name} as (select *{passed} from ({query}))"]  # noqa: S608 - built here

    def named(step: ibis.Table) -> ibis.Table:
        steps.append(f"{engine.name('step')} as ({engine.sql(step)})")
        return ibis.table(step.schema(), name=steps[-1].partition(" ")[0])

    calls = to_calls(raw, one.format, named=named, only=_only(one, reading))
    body = engine.sql(_quiet(named(calls), keep_texts=reading.keep_texts))
    kept = ibis.table(calls.schema(), name=engine.name("careful"))
    build = f"create temp table {kept.get_name()} as with {', '.join(steps)} {body}"
    engine.keep_stream(build, _batches(one))
    refused = engine.keep(_refused_rows(one, kept.filter(kept["reason"].notnull())), "refused")
    fine = kept.filter(kept["reason"].isnull())
    if one.format.tree:
        fine = engine.keep(innermost(engine, engine.keep(fine, "spans")), "calls")
    return complete(fine), refused


def _quiet(table: ibis.Table, *, keep_texts: bool) -> ibis.Table:
    """Without the text of any record, but for refused ones where texts are kept."""
    import ibis

    empty = ibis.null("string")
    text = ibis.ifelse(table["reason"].notnull(), table["_text"], empty) if keep_texts else empty
    return table.mutate(_text=text.cast("string"))


def _batches(one: _Known) -> pa.RecordBatchReader:
    import pyarrow as pa

    schema = pa.schema({"number": pa.int64(), "text": pa.string(), "broken": pa.string()})

    def batches() -> Iterator[pa.RecordBatch]:
        lines = read_lines(one.file, one.format)
        while batch := list(islice(lines, _BATCH)):
            yield pa.record_batch([list(column) for column in zip(*batch, strict=True)], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


# -------------------------------------------------------------------------------------- all files together


def _joined(reading: _Reading, known: Iterable[_Known], warnings: tuple[str, ...]) -> CallLog:
    calls_of = [one.format for one in known if one.format.kind in ("calls", "windows")]
    if not calls_of:
        names = ", ".join(sorted({one.file + " (" + one.format.title + ")" for one in reading.files}))
        raise EvidenceError(
            Problem(message=f"no calls in {names}", hint="name the file that holds the calls, too")
        )
    if len({(f.clock, f.kind) for f in calls_of}) > 1:
        raise EvidenceError(
            "calls and windows of counts, or absolute and relative times, do not go into one profile"
        )
    calls = _union(reading.calls)
    if reading.labels:
        calls = _labelled(calls, reading)
    empty = {"file": "string", "line": "int64", "reason": "string", "text": "string"}
    refused = (
        _union(reading.rejected)
        if reading.rejected
        else reading.engine.view(
            "select ''::varchar as file, 0::bigint as line, ''::varchar as reason, ''::varchar as text where false"
        )
    )
    assert set(refused.columns) == set(empty)
    windows = calls_of[0].kind == "windows"
    return CallLog(
        engine=reading.engine,
        calls=calls,
        outcomes=_latest(reading),
        rejected=refused,
        files=tuple(reading.files),
        clock=calls_of[0].clock,
        window_s=calls_of[0].window_s if windows else None,
        warnings=(*warnings, *dict.fromkeys(f.note for f in calls_of if f.name == "map" and f.note)),
    )


def _union(tables: Sequence[ibis.Table]) -> ibis.Table:
    import ibis

    return tables[0] if len(tables) == 1 else ibis.union(*tables, distinct=False)


def _labelled(calls: ibis.Table, reading: _Reading) -> ibis.Table:
    """Calls with the feature, template and session that another table names for them."""
    labels = _union(reading.labels).filter(lambda t: t["call_id"].notnull())
    first = labels.group_by("call_id").agg(
        _feature=labels["feature"].max(), _template=labels["template"].max(), _session=labels["session"].max()
    )
    both = calls.left_join(first, "call_id").drop("call_id_right")
    both = both.mutate(
        feature=both["_feature"].fill_null(both["feature"]),
        template=both["_template"].fill_null(both["template"]),
        session=both["_session"].fill_null(both["session"]),
    )
    return reading.engine.keep(both.select(*CALL_SCHEMA), "labelled")


def _latest(reading: _Reading) -> ibis.Table | None:
    """The latest outcome of each name for each call."""
    import ibis

    if not reading.outcomes:
        return None
    found = _union(reading.outcomes).filter(lambda t: t["call_id"].notnull() & t["outcome"].notnull())
    latest = found.group_by("call_id", name=found["outcome_name"].fill_null("outcome")).agg(
        value=found["outcome"].argmax(found["time"].fill_null(ibis.timestamp("1970-01-01")))
    )
    return reading.engine.keep(latest, "outcomes")
