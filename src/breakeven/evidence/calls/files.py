"""Log files: paths, globs, folders and standard input; compression and container are told by content, not by name."""

from __future__ import annotations

import glob
import gzip
import io
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, Literal

from breakeven.errors import EvidenceError, MissingExtraError, Place, Problem

__all__ = ["STDIN", "Compression", "Container", "LogFile", "breaks_off", "find_files", "open_bytes"]

Compression = Literal["none", "gzip", "zstd"]
Container = Literal["jsonl", "json", "csv", "parquet"]

_ENDINGS: Final = frozenset({".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".log", ".txt"})
_PACKED: Final = frozenset({".gz", ".zst", ".zstd"})
_PROFILE_MARK: Final = b'"breakeven_profile"'
_HEAD: Final = 1 << 16
STDIN: Final = "stdin"
"""The name of the file in the spool folder that holds what came on standard input."""


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """One file of logs, and how it is to be opened."""

    path: Path
    shown: str
    """Its name in messages; ``-`` for standard input."""
    compression: Compression
    container: Container
    found: bool = False
    """Whether it was come upon in a folder, not named: it need not be a log at all."""


def find_files(paths: Iterable[str], *, spool: Path) -> list[LogFile]:
    """Every log file that the paths name, each once. ``-`` is standard input, spooled to a file in ``spool``.

    A folder gives the log files in it, at any depth, hidden ones and ones that are no logs by name passed over.
    """
    found: dict[Path, LogFile] = {}
    empty: list[str] = []
    for path in paths:
        within = path != "-" and Path(path).is_dir()
        for file, shown in _expand(path, spool):
            opened = found[file] if file in found else _open(file, shown)
            if opened is None:
                empty.append(shown)
            else:  # a file that is named, too, is named
                found[file] = replace(opened, found=within and (file not in found or opened.found))
    if not found:
        raise _nothing_found(empty)
    return list(found.values())


def _nothing_found(empty: list[str]) -> EvidenceError:
    hint = "name a file, a folder, a glob, or `-` for standard input"
    if not empty:
        return EvidenceError(Problem(message="no log files", hint=hint))
    more = f", and {len(empty) - 1} more" if len(empty) > 1 else ""
    return EvidenceError(
        Problem(
            message=f"{empty[0]}{more}: empty, or a profile that was made of logs: no log files", hint=hint
        )
    )


def _expand(path: str, spool: Path) -> Iterator[tuple[Path, str]]:
    if path == "-":
        yield _spooled(sys.stdin.buffer, spool), "-"
    elif Path(path).is_dir():
        yield from ((file, str(file)) for file in sorted(Path(path).rglob("*")) if _is_log(file, Path(path)))
    elif Path(path).exists():
        yield Path(path), path
    else:
        names = sorted(name for name in glob.glob(path, recursive=True) if Path(name).is_file())  # noqa: PTH207
        if not names:
            raise EvidenceError(
                Problem(message=f"{path}: no such file", hint="a file, a folder, a glob in quotes, or `-`")
            )
        yield from ((Path(name), name) for name in names)


def _is_log(file: Path, within: Path) -> bool:
    if not file.is_file() or any(part.startswith(".") for part in file.relative_to(within).parts):
        return False
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return (
        bool(suffixes)
        and suffixes[-1] in _ENDINGS
        and file.name not in ("README.txt", "rejected.jsonl")
        and not (suffixes[-1] == ".txt" and "license" in file.name.lower())
    )


def _spooled(stream: IO[bytes], spool: Path) -> Path:
    path = spool / STDIN
    if path.exists():  # it can be read only once, and was
        return path
    with path.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
    return path


def _open(path: Path, shown: str) -> LogFile | None:
    """How a file is to be opened; None for one that is empty or a profile that we wrote."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
        compression = _compression(start)
        with open_bytes(path, compression) as stream:
            head = stream.read(_HEAD)
    except (OSError, EOFError, gzip.BadGzipFile) as exc:
        raise EvidenceError(Problem(message=f"can not be read: {exc}", place=Place(file=shown))) from exc
    if not head.strip() or _PROFILE_MARK in head[:200]:
        return None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise EvidenceError(
            Problem(message="this is UTF-16 text", place=Place(file=shown), hint="save it as UTF-8")
        )
    return LogFile(path=path, shown=shown, compression=compression, container=_container(head))


def _compression(start: bytes) -> Compression:
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if start == b"\x28\xb5\x2f\xfd" else "none"


def breaks_off(file: LogFile, line: int, exc: Exception) -> EvidenceError:
    """What to say of a file that ends before its data does."""
    reader = {"gzip": "zcat", "zstd": "zstdcat"}.get(file.compression)
    hint = f"to read what is there: {reader} FILE | breakeven profile -" if reader else None
    place = Place(file=file.shown, line=line)
    return EvidenceError(Problem(message=f"the file breaks off: {exc}", place=place, hint=hint))


def open_bytes(path: Path, compression: Compression) -> IO[bytes]:
    """The bytes of a file, decompressed while they are read."""
    if compression == "gzip":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # reads as any binary file
    if compression == "zstd":
        try:
            import zstandard
        except ImportError as exc:
            raise MissingExtraError("zstandard", "logs") from exc
        return io.BufferedReader(zstandard.open(path, "rb"))
    return path.open("rb")


def _container(head: bytes) -> Container:
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"{", b"[")):
        return _by_header(text)
    lines = [line for line in text.split(b"\n")[:20] if line.strip()]
    whole = lines[:-1] if len(head) == _HEAD else lines
    if not whole:
        return "json"
    opens_a_document = whole[0].strip() in (b"[", b"{") or (len(whole) == 1 and _holds_records(whole[0]))
    return "jsonl" if not opens_a_document and _mostly_objects(whole) else "json"


def _mostly_objects(lines: list[bytes]) -> bool:
    """Whether these are lines of JSON Lines: the first is an object by itself, or one in four is."""
    return _is_object(lines[0]) or 4 * sum(map(_is_object, lines)) >= len(lines)


def _by_header(text: bytes) -> Container:
    """A file whose first line is no JSON: a table, or JSON Lines with a bad first line."""
    lines = [line for line in text.split(b"\n")[:20] if line.strip()]
    return "jsonl" if lines and _mostly_objects(lines) else "csv"


def _is_object(line: bytes) -> bool:
    return isinstance(_parsed(line), dict)


def _holds_records(line: bytes) -> bool:
    """Whether a file of one object is a document that holds records, rather than one record."""
    found = _parsed(line)
    return isinstance(found, dict) and any(
        isinstance(found.get(k), list) for k in ("observations", "data", "spans")
    )


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
