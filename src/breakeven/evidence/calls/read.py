"""Paths in, a table of calls out: every record is a call, passed over by rule, or refused with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.detect import detect, keys_of, unpacked
from breakeven.evidence.calls.engines.base import CallEngine, Filled, Known, Sample, Source, refused_rows
from breakeven.evidence.calls.format import At, LogFormat
from breakeven.evidence.calls.formats import find_format, log_formats
from breakeven.evidence.calls.mapping import chosen_format, unused_columns
from breakeven.evidence.calls.relation import CALL_SCHEMA, may_hold
from breakeven.evidence.calls.repeats import once_each, without_repeats
from breakeven.evidence.calls.schema import Tree, tree_of
from breakeven.evidence.calls.spans import SPAN_KEYS, innermost
from breakeven.evidence.calls.sparse import unheld
from breakeven.evidence.calls.windows import with_width

if TYPE_CHECKING:
    import ibis

__all__ = ["CallLog", "Counting", "ReadFile", "read_logs"]

Counting = Callable[[Source, LogFormat, Sequence[Any]], Filled | None]
"""From a file, its format and sampled records to how it is read with counts; None: as it is."""

_SEEN: Final = frozenset(CALL_SCHEMA) - {"call_id", "session", "call_hash"}
"""Columns kept by default: ids of single calls are kept only where something is joined by them."""


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """One file that was read, as what, and how many of its records were refused."""

    file: str
    format: LogFormat
    rejected: Mapping[str, int]
    """Reason → rows."""
    unused: tuple[str, ...] = ()
    """Columns that no field was taken from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CallLog:
    """Calls of one or many files, in one table, with what could not be read."""

    engine: CallEngine
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
    repeats: int = 0
    """Calls left out as another file holds them too."""

    def may_hold(self, *names: str) -> bool:
        """False where one of these columns is empty, as no file has such a field: nothing need be asked about it."""
        return all(may_hold(self.calls, name) for name in names)


@dataclass(kw_only=True)
class _Reading:
    """What was read so far."""

    engine: CallEngine
    only: frozenset[str]
    strict: bool
    keep_texts: bool
    calls: list[ibis.Table] = field(default_factory=list)
    labels: list[ibis.Table] = field(default_factory=list)
    outcomes: list[ibis.Table] = field(default_factory=list)
    rejected: list[ibis.Table] = field(default_factory=list)
    files: list[ReadFile] = field(default_factory=list)
    repeats: int = 0


def read_logs(
    paths: Sequence[str],
    *,
    engine: CallEngine,
    format_name: str | None = None,
    mapping: Mapping[str, At] | None = None,
    strict: bool = False,
    keep_texts: bool = False,
    counting: Counting | None = None,
) -> CallLog:
    """Every call in the files, folders, globs or standard input (``-``) that ``paths`` name.

    strict: the first refused row is an EvidenceError. counting: says how a file without token counts is read with
    counts of its texts, if at all. Raises EvidenceError where a file can not be used at all.
    """
    stated = find_format(format_name) if format_name is not None else None
    known, passed = _known_of(engine, paths, stated, mapping, counting)
    known, warnings = _without_totals(known)
    reading = _Reading(engine=engine, only=_wanted(known), strict=strict, keep_texts=keep_texts)
    for one in known:
        _read_file(one, reading)
        for other in one.format.also:
            table, _ = engine.read(_beside(one, other), only=frozenset(CALL_SCHEMA), keep_texts=False)
            reading.outcomes.append(table.select(*CALL_SCHEMA))
    return _joined(reading, known, (*passed, *warnings))


def _wanted(known: Sequence[Known]) -> frozenset[str]:
    """The columns to keep: ids where something is joined by them, or files may overlap; sessions if there are any."""
    calls = [one for one in known if one.format.kind == "calls"]
    wanted = _SEEN
    if any(one.format.kind in ("labels", "outcomes") or one.format.also for one in known):
        wanted |= {"call_id", "session"}
    if len(calls) > 1:
        wanted |= {"call_hash"}
    if any(_holds(one, "session") for one in calls):
        wanted |= {"session"}
    return wanted


def _holds(one: Known, name: str) -> bool:
    """Whether the log's records hold a place of this field."""
    return any(_planted(one.tree, at.path.split(".")) for at in one.format.places(name))


def _planted(tree: Tree | str, keys: Sequence[str]) -> bool:
    """Whether the tree has a leaf, or an object, at these keys; a key may hold dots itself."""
    if not keys or isinstance(tree, str):
        return not keys
    heads = ((".".join(keys[:cut]), keys[cut:]) for cut in range(1, len(keys) + 1))
    return any(head in tree and _planted(tree[head], rest) for head, rest in heads)


def _beside(one: Known, other: LogFormat) -> Known:
    """The same file, read for other records in it."""
    return Known(file=one.file, format=other, tree=tree_of(other, ()), columns=(), unused=())


class _UnknownFormatError(EvidenceError):
    """A file is of no known format."""


def _known_of(
    engine: CallEngine, paths: Sequence[str], stated: LogFormat | None, mapping: Mapping[str, At] | None,
    counting: Counting | None,
) -> tuple[list[Known], list[str]]:  # fmt: skip
    """Every log, and warnings about files of a folder that are none; a file that is named must be one."""
    known: list[Known] = []
    strange: list[_UnknownFormatError] = []
    for file in engine.find(paths):
        try:
            known.append(_know(file, engine.sample(file), stated, mapping, counting))
        except _UnknownFormatError as exc:
            if not getattr(file, "found", False):
                raise
            strange.append(exc)
    if strange and not known:
        raise strange[0]
    return known, [f"passed over, no log: {str(exc).splitlines()[0]}" for exc in strange]


def _know(
    file: Source, sample: Sample, stated: LogFormat | None, mapping: Mapping[str, At] | None,
    counting: Counting | None,
) -> Known:  # fmt: skip
    records = sample.records
    keys = keys_of(records)
    told = stated or detect(records, log_formats())
    log_format = chosen_format(keys, known=told, mapping=mapping)
    if log_format is None:
        raise _unknown_format(file, keys)
    log_format = with_width(log_format, records)
    missing = [at.path for at in (mapping or {}).values() if at.path not in keys]
    if missing and log_format.unpack is None:
        hint = f"columns: {', '.join(sorted(keys)[:30])}"
        message = f"no column {', '.join(map(repr, missing))}"
        raise EvidenceError(Problem(message=message, place=Place(file=file.shown), hint=hint))
    filled = None if counting is None else counting(file, log_format, records)
    log_format = log_format if filled is None else filled.format
    extra = SPAN_KEYS if log_format.tree else ()
    held = list(unpacked(log_format, records))
    tree = tree_of(log_format, held, extra, telling=sample.telling)
    first = records[0] if records else {}
    return Known(
        file=file, format=log_format, tree=tree, columns=tuple(first) if isinstance(first, dict) else (),
        unused=unused_columns(keys, log_format), fill=None if filled is None else filled.fill,
        unheld=unheld(log_format, tree, held) if sample.telling else frozenset(),
    )  # fmt: skip


def _unknown_format(file: Source, keys: set[str]) -> _UnknownFormatError:
    names = ", ".join(log_format.name for log_format in log_formats())
    shown = ", ".join(sorted(keys)[:20]) or "none"
    hint = f"name it with --format ({names}), or say where each field stands: --map input_tokens=COLUMN"
    if any(key.startswith("eval.") for key in keys):
        hint = "the log of an eval, not of production? `breakeven eval import` takes it; else " + hint
    message = f"the format is not known by its keys ({shown})"
    return _UnknownFormatError(Problem(message=message, place=Place(file=file.shown), hint=hint))


def _without_totals(known: list[Known]) -> tuple[list[Known], list[str]]:
    """A table of totals beside the rates that it sums would count everything twice."""
    names = {one.format.name for one in known}
    if not {"servegen", "servegen-total"} <= names:
        return known, []
    totals = [one for one in known if one.format.name == "servegen-total"]
    shown = ", ".join(one.file.shown for one in totals)
    warning = f"{shown}: sums of the rates by client, which are read; not counted again"
    return [one for one in known if one not in totals], [warning]


# ------------------------------------------------------------------------------------------- one file


def _read_file(one: Known, reading: _Reading) -> None:
    """Read a log, and count what was refused of it by reason."""
    table, refused = reading.engine.read(one, only=_only(one, reading), keep_texts=reading.keep_texts)
    counts: Counter[str] = Counter()
    if refused is not None:
        found = refused.group_by("reason").agg(n=refused.count())
        counts.update({str(reason): int(n) for reason, n in reading.engine.rows(found)})
        reading.rejected.append(refused)
        if reading.strict and counts:
            raise _first_refused(one, refused, reading.engine)
    target = {"labels": reading.labels, "outcomes": reading.outcomes}.get(one.format.kind, reading.calls)
    if "_file" in table.columns:
        table, repeats = once_each(table, reading.engine)
        reading.repeats += repeats
    target.append(table)
    reading.files.append(
        ReadFile(file=one.file.shown, format=one.format, rejected=dict(counts), unused=one.unused)
    )


def _first_refused(one: Known, refused: ibis.Table, engine: CallEngine) -> EvidenceError:
    line, reason = engine.rows(refused.order_by("line").select("line", "reason").limit(1))[0]
    place = Place(file=one.file.shown, line=line)
    return EvidenceError(
        Problem(message=str(reason), place=place, hint="without --strict it is counted and passed")
    )


def _only(one: Known, reading: _Reading) -> frozenset[str]:
    return reading.only if one.format.kind in ("calls", "windows") else frozenset(CALL_SCHEMA)


# -------------------------------------------------------------------------------------- all files together


def _joined(reading: _Reading, known: Iterable[Known], warnings: tuple[str, ...]) -> CallLog:
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
    leaves, doubtful = innermost(reading.engine, reading.calls)
    tables, repeats = without_repeats(leaves, reading.engine)
    calls = _union(tables)
    if reading.labels:
        calls = _labelled(calls, reading)
    refused = _union(reading.rejected) if reading.rejected else refused_rows(_none_of(calls), "")
    windows = calls_of[0].kind == "windows"
    return CallLog(
        engine=reading.engine,
        calls=calls,
        outcomes=_latest(reading),
        rejected=refused,
        files=tuple(reading.files),
        clock=calls_of[0].clock,
        window_s=calls_of[0].window_s if windows else None,
        repeats=reading.repeats + repeats,
        warnings=(
            *warnings,
            *_astray(doubtful),
            *dict.fromkeys(f.note for f in calls_of if f.name == "map" and f.note),
        ),
    )


def _astray(n: int) -> list[str]:
    if not n:
        return []
    return [
        f"{n:,} {'span hangs' if n == 1 else 'spans hang'} under spans that are in none of the files, and ran while "
        "another call of the trace did: counted twice if that one wraps them; name the files with the spans between"
    ]


def _union(tables: Sequence[ibis.Table]) -> ibis.Table:
    import ibis

    return tables[0] if len(tables) == 1 else ibis.union(*tables, distinct=False)


def _none_of(calls: ibis.Table) -> ibis.Table:
    import ibis

    return calls.limit(0).select(reason=ibis.null("string"))


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
