"""Logs read by Spark: every line, row or record becomes a call or a refused row, in parallel, for the same reasons.

A line of text has no number in Spark, only one within the block of its file that is read at once: where rows are
refused, the lines of all blocks are counted, and theirs follow (see ``_with_lines``). Documents that hold many records,
and formats that must be unpacked, are read here, by the same reader as ever, and handed to Spark with their lines.
"""

from __future__ import annotations

import glob
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls import detect
from breakeven.evidence.calls.engines.base import Known, Sample, Source, refused_rows
from breakeven.evidence.calls.engines.secrets import masked
from breakeven.evidence.calls.files import Container, LogFile, find_files, open_bytes
from breakeven.evidence.calls.lines import read_lines, separator
from breakeven.evidence.calls.relation import complete, to_calls
from breakeven.evidence.calls.schema import Tree, ibis_schema
from breakeven.evidence.calls.spans import SPAN_KEYS
from breakeven.evidence.calls.unclosed import UNCLOSED, row_within

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.spark_connection import SparkConnection

__all__ = ["RemoteFiles", "find", "read", "sampled"]

_SAMPLE: Final = 1_000
_BATCH: Final = 20_000
_LONGEST: Final = 64 << 20
_STRICT: Final = {"mode": "PERMISSIVE", "allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
_END: Final = "breakeven_end"
_SPACE: Final = " \t\r\n"
_ENDINGS: Final[Mapping[str, Container]] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".log": "jsonl", ".txt": "jsonl", ".csv": "csv",
    ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
_PACKED: Final = (".gz", ".zst", ".bz2", ".snappy", ".lz4")


@dataclass(frozen=True, kw_only=True)
class RemoteFiles:
    """A file, folder or glob that only Spark can reach: ``s3a://bucket/logs/*.jsonl.gz``."""

    address: str
    container: Container

    @property
    def shown(self) -> str:
        """The address without secrets."""
        return masked(self.address)


def find(engine: SparkConnection, paths: Sequence[str]) -> Sequence[Source]:
    """Every log that the paths name."""
    far = [path for path in paths if "://" in path]
    near = [path for path in paths if "://" not in path]
    found: list[Source] = [_remote(engine, path) for path in far]
    return found + list(find_files(near, spool=engine.folder)) if near else found


def _remote(engine: SparkConnection, address: str) -> RemoteFiles:
    """What files an address names, told by the ending of its name, else by that of the first file in the folder."""
    container = _by_ending(address)
    if container is None:
        from breakeven.evidence.calls.engines.spark_connection import spoken

        with spoken(masked(address)):
            listed = (
                engine.session.read.format("binaryFile").option("recursiveFileLookup", "true").load(address)
            )
            names = [row[0] for row in listed.select("path").limit(100).collect()]
        container = next((kind for name in names if (kind := _by_ending(name)) is not None), None)
    if container is None:
        hint = "name files that end in .jsonl, .csv or .parquet, packed or not"
        raise EvidenceError(Problem(message=f"{masked(address)}: no log files by their names", hint=hint))
    return RemoteFiles(address=address, container=container)


def _by_ending(name: str) -> Container | None:
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return _ENDINGS.get(suffixes[-1]) if suffixes else None


# ---------------------------------------------------------------------------------------------- sample


def sampled(engine: SparkConnection, source: Source) -> Sample:
    """The first records of a log, as they stand in it."""
    if isinstance(source, LogFile):
        return Sample(records=detect.sample(source), telling=detect.seen_all_over(source))
    source = cast("RemoteFiles", source)
    reader = _reader(engine)
    if source.container == "jsonl":
        rows = reader.text(source.address).limit(_SAMPLE).collect()
        records = [found for row in rows if isinstance(found := _loaded(row[0]), dict)]
    elif source.container == "csv":
        rows = reader.csv(source.address, **_csv_options(_separator(engine, source))).limit(_SAMPLE).collect()
        records = [{k: v for k, v in row.asDict().items() if v is not None} for row in rows]
    else:
        records = [_keys(reader.parquet(source.address).schema)]
    return Sample(records=records, telling=False)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _keys(schema: Any) -> dict[str, Any]:
    """Columns as one record without values."""
    return {
        field.name: _keys(field.dataType) if hasattr(field.dataType, "fields") else None for field in schema
    }


# ------------------------------------------------------------------------------------------------ read


def read(
    engine: SparkConnection, one: Known, *, only: frozenset[str], keep_texts: bool
) -> tuple[ibis.Table, ibis.Table | None]:
    """(calls, refused rows) of one log."""
    if isinstance(one.file, RemoteFiles):  # of many files, which may overlap
        only |= {"call_hash"}
    raw = engine.view(_raw(engine, one))
    table = to_calls(raw, one.format, named=engine.named, only=only)
    if "_text" in table.columns:
        table = table.mutate(_text=_kept_text(table, keep_texts=keep_texts))
    table = engine.keep(table, "calls")
    refused = refused_rows(table.filter(table["reason"].notnull()), one.file.shown)
    if _in_blocks(one):
        refused = _with_lines(engine, refused, one)
    return complete(table.filter(table["reason"].isnull())), refused


def _in_blocks(one: Known) -> bool:
    """Whether Spark reads the log's lines itself, in blocks."""
    file = one.file if isinstance(one.file, LogFile) else cast("RemoteFiles", one.file)
    return file.container == "jsonl" and one.format.unpack is None


def _with_lines(engine: SparkConnection, refused: ibis.Table, one: Known) -> ibis.Table:
    """The refused rows with their lines, from numbers that count within a partition: a block holds lines in a row.

    Only where there are any: it takes counting the lines once more.
    """
    if not engine.rows(refused.limit(1)):
        return refused
    far = not isinstance(one.file, LogFile)
    blocks = engine.view(_blocks(engine, _address(engine, one.file)), "blocks")
    same = [(refused["line"] >> 33) == blocks["partition"]]
    same += [refused["file"] == blocks["block_file"]] if far else []
    both = refused.join(blocks, same)
    line = both["line"] - both["first"] + both["before"] + 1
    return both.select("file", "reason", "text", line=line).select("file", "line", "reason", "text")


def _blocks(engine: SparkConnection, address: str) -> Any:
    """Each block of lines: its file, its partition, the number of its first line there, and the lines before it."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    lines = _lines(engine, address).selectExpr(
        "_metadata.file_path as block_file", "_metadata.file_block_start as start", f"{_NUMBER} as id"
    )
    counted = lines.groupBy("block_file", "start").agg(f.min("id").alias("first"), f.count("*").alias("n"))
    above = Window.partitionBy("block_file").orderBy("start").rowsBetween(Window.unboundedPreceding, -1)
    before = f.coalesce(f.sum("n").over(above), f.lit(0).cast("bigint")).alias("before")
    return counted.select(
        "block_file", "first", before, f.shiftrightunsigned("first", 33).cast("bigint").alias("partition")
    )


_NUMBER: Final = "monotonically_increasing_id()"
"""A row's number within its partition, and the partition's above 33 bits."""


def _kept_text(table: ibis.Table, *, keep_texts: bool) -> Any:
    import ibis

    empty = ibis.null("string")
    return ibis.ifelse(table["reason"].notnull(), table["_text"], empty) if keep_texts else empty


def _raw(engine: SparkConnection, one: Known) -> Any:
    """The records of a log with the keys that its format reads, and what is already known to be wrong with them."""
    source = one.file
    if isinstance(source, LogFile):
        if one.format.unpack is not None or source.container == "json":
            return _from_text(_handed_over(engine, source, one), one)
    else:
        source = cast("RemoteFiles", source)
    if one.format.unpack is not None:
        message = f"{one.format.title} must be unpacked, which is done for local files only"
        raise EvidenceError(Problem(message=message, place=Place(file=source.shown)))
    address = _address(engine, source)
    if source.container == "parquet":
        return _reader(engine).parquet(address).selectExpr("*", "_metadata.row_index + 1 as _line")
    if source.container == "csv":
        return _from_csv(engine, one, address)
    numbered = f"{_NUMBER} as _line", "value as text", "cast(null as string) as broken"
    return _from_text(_with_file(_lines(engine, address), source, *numbered), one)


def _lines(engine: SparkConnection, address: str) -> Any:
    return _reader(engine).option("lineSep", "\n").text(address)


def _address(engine: SparkConnection, source: Source) -> str:
    """By which Spark reads a log; a file that it can not read by its name is copied."""
    if isinstance(source, LogFile):
        return _local(engine, source)
    return cast("RemoteFiles", source).address


def _reader(engine: SparkConnection) -> Any:
    return engine.session.read.option("recursiveFileLookup", "true")


def _with_file(frame: Any, source: Source, *more: str) -> Any:
    """With the file of each row, where the address may name many."""
    file = [] if isinstance(source, LogFile) else ["_metadata.file_path as _file"]
    return frame.selectExpr("*", *more, *file)


def _local(engine: SparkConnection, file: LogFile) -> str:
    """A file under a name by which Spark reads it: it goes by endings, and takes brackets and stars for patterns."""
    path = file.path.resolve()
    odd = glob.escape(str(path)) != str(path) or any(c in str(path) for c in "{}\\") or path.name[0] in "._"
    fits = file.compression == "none" or (file.compression == "gzip" and path.suffix == ".gz")
    fits = fits and (file.compression != "none" or path.suffix not in _PACKED)
    if fits and not odd:
        return path.as_uri()
    copy = engine.folder / engine.name("file")
    with open_bytes(file.path, file.compression) as packed, copy.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)
    return copy.as_uri()


# ---------------------------------------------------------------------------------------- JSON Lines


def _from_text(lines: Any, one: Known) -> Any:
    """Lines with ``text`` and ``broken`` as records; blank ones are passed over."""
    from pyspark.sql import functions as f

    text = f.trim(f.regexp_replace(f.col("text"), "^\ufeff", ""), f.lit(_SPACE))
    own = [name for name in ("_file", "_line") if name in lines.columns]
    wrong = (
        f.when(f.col("broken").isNotNull(), f.col("broken"))
        .when(f.octet_length("text") >= _LONGEST, "line is longer than 64 MiB")
        .when(~f.call_function("is_valid_utf8", f.col("text")), "not UTF-8")
    )  # asked before any function makes text of the bytes, and with it puts something in the place of bad ones
    lines = lines.select(*own, wrong.alias("broken"), text.alias("_text"))
    lines = lines.filter((f.col("_text") != "") | f.col("broken").isNotNull())
    row = f.from_json("_text", _spark_type(one.tree), _STRICT)
    lines = lines.select(*own, "_text", _broken(one.tree).alias("_broken"), row.alias("row"))
    values = [_key("row", key).alias(key) for key in one.tree]
    spans = [_key("row", key).alias(f"_{key}") for key in SPAN_KEYS] if one.format.tree else []
    return lines.select(*own, "_text", "_broken", *values, *spans)


def _key(column: str, key: str) -> Any:
    from pyspark.sql import functions as f

    return f.col(column).getField(key)


def _broken(tree: Tree) -> Any:
    """What is wrong with a line before anything in it is read; the reasons and their order are the line reader's."""
    from pyspark.sql import functions as f

    text = f.col("_text")
    wrapped = f.concat(f.lit('{"v":'), text, f.lit(f',"{_END}":1}}'))
    ends = f.from_json(wrapped, f"v STRING, {_END} INT", _STRICT).getField(_END)
    return (
        f.when(f.col("broken").isNotNull(), f.col("broken"))
        .when(f.instr(text, "\0") > 0, "holds a NUL byte")
        .when(ends.isNull(), "not JSON")
        .when(~text.startswith("{"), "not a JSON object")
        .when(f.try_parse_json(text).isNull() & _twice(tree, text), "holds a key twice")
    )


def _twice(tree: Tree, text: Any) -> Any:
    """Whether a key that is read stands twice in its object."""
    from pyspark.sql import functions as f

    keys = f.filter(f.json_object_keys(text), lambda key: key.isin(list(tree)))
    found = f.coalesce(f.size(keys) != f.size(f.array_distinct(keys)), f.lit(False))
    for key, within in tree.items():
        if isinstance(within, dict) and "'" not in key:
            found = found | _twice(within, f.get_json_object(text, f"$['{key}']"))
    return found


def _spark_type(tree: Tree) -> Any:
    import ibis
    from ibis.backends.pyspark.datatypes import PySparkSchema

    return PySparkSchema.from_ibis(ibis.schema(ibis_schema(tree)))


def _handed_over(engine: SparkConnection, file: LogFile, one: Known) -> Any:
    """The records of a document as a data frame, with their lines."""
    import pyarrow as pa

    schema = pa.schema({"_line": pa.int64(), "text": pa.string(), "broken": pa.string()})
    lines = read_lines(file, one.format)
    frames = []
    while batch := list(islice(lines, _BATCH)):
        table = pa.table([list(column) for column in zip(*batch, strict=True)], schema=schema)
        frames.append(engine.session.createDataFrame(table))
    if not frames:
        return engine.session.createDataFrame([], "_line bigint, text string, broken string")
    found = frames[0]
    for frame in frames[1:]:
        found = found.unionAll(frame)
    return found


# ----------------------------------------------------------------------------------------------- CSV


def _csv_options(delimiter: str) -> dict[str, Any]:
    return {
        "header": True, "sep": delimiter, "quote": '"', "escape": '"', "multiLine": True, "inferSchema": False,
        "mode": "PERMISSIVE", "enforceSchema": True, "ignoreLeadingWhiteSpace": False,
        "ignoreTrailingWhiteSpace": False, "maxCharsPerColumn": _LONGEST,
    }  # fmt: skip


def _separator(engine: SparkConnection, source: RemoteFiles) -> str:
    rows = _reader(engine).text(source.address).limit(1).collect()
    first = rows[0][0] if rows else ""
    return max((",", "\t", ";", "|"), key=first.count)


def _from_csv(engine: SparkConnection, one: Known, address: str) -> Any:
    """The rows of a table. A cell that holds a JSON object is read as one where the format looks into it."""
    from pyspark.sql import functions as f
    from pyspark.sql.types import StringType, StructField, StructType

    delimiter = (
        separator(one.file)
        if isinstance(one.file, LogFile)
        else _separator(engine, cast("RemoteFiles", one.file))
    )
    options = _csv_options(delimiter)
    header = [name.strip().removeprefix("\ufeff") for name in _reader(engine).csv(address, **options).columns]
    fields = [StructField(name, StringType()) for name in (*header, "_corrupt")]
    frame = _reader(engine).csv(
        address, schema=StructType(fields), columnNameOfCorruptRecord="_corrupt", **options
    )
    wrong = f.when(f.col("_corrupt").isNotNull(), "another number of columns than the header")
    bad = [f.instr(f.col(f"`{name}`"), "\ufffd") > 0 for name in header]
    nul = [f.instr(f.col(f"`{name}`"), "\0") > 0 for name in header]
    wrong = wrong.when(_any(bad), "not UTF-8").when(_any(nul), "holds a NUL byte")
    within = row_within(_first_lines(engine, address), len(header), delimiter)
    if within is not None:  # told, so that it is not silent: the rows that it took are not read again here
        wrong = wrong.when(
            _any([f.col(f"`{name}`").rlike(within) for name in header]), f"{UNCLOSED}, with rows"
        )
    cells = [_cell(name, one.tree.get(name)) for name in header]
    return _with_file(frame, one.file).select(
        *(["_file"] if not isinstance(one.file, LogFile) else []),
        f.col("_corrupt").alias("_text"), wrong.alias("_broken"), *cells,
    )  # fmt: skip


def _first_lines(engine: SparkConnection, address: str) -> list[str]:
    return [row[0] for row in _reader(engine).text(address).limit(_SAMPLE).collect()][1:]


def _any(conditions: Sequence[Any]) -> Any:
    from pyspark.sql import functions as f

    found = f.lit(False)
    for condition in conditions:
        found = found | f.coalesce(condition, f.lit(False))
    return found


def _cell(name: str, within: Tree | str | None) -> Any:
    from pyspark.sql import functions as f

    cell = f.col(f"`{name}`")
    if isinstance(within, dict):
        return f.from_json(cell, _spark_type(within), _STRICT).alias(name)
    return f.when(f.trim(cell, f.lit(_SPACE)) != "", cell).alias(name)
