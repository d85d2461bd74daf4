"""The file format of a price book: written whole or not at all, read fast, one plain row for each SKU.

A snapshot is a JSON object, gzipped when its name ends in ``.gz``::

    {"format": 1, "as_of": "2026-11-22", "source": {...}, "urls": [...],
     "models": {"openai/gpt-4.1-mini": {"input_usd_per_mtok": 0.4, ..., "url": 0}},
     "refused": [["key", "reason"], ...], "out_of_scope": {"image_generation": 414}}

A row carries only the fields it has, under the names of ``ModelPrice``. Turning 3,500 rows into objects would take
longer than reading them, so a row becomes a ``ModelPrice`` when it is asked for.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from breakeven.errors import InputError, Place, Problem
from breakeven.prices.records import ContextTier, Mode, ModelPrice, RefusedRow
from breakeven.sources import Source

__all__ = ["Row", "Snapshot", "price_of", "read_bytes", "read_snapshot", "snapshot_of", "write_snapshot"]

FORMAT: Final = 1
MAX_BYTES: Final = 64 * 2**20
"""Nothing larger is taken for a price list: LiteLLM's has 3 MB."""

Row = Mapping[str, Any]
"""One SKU as it stands in the file."""

_OPTIONAL: Final = (
    "cached_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "cache_write_1h_usd_per_mtok",
    "cache_min_tokens",
    "batch_input_usd_per_mtok",
    "batch_output_usd_per_mtok",
    "reasoning_usd_per_mtok",
    "max_input_tokens",
    "note",
)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A price list as of one day, with the rows that were not believed."""

    as_of: dt.date
    source: Source
    rows: Mapping[str, Row]
    urls: tuple[str, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    out_of_scope: Mapping[str, int] = field(default_factory=dict)
    """Rows left out because they are not text models sold by the token, by their mode."""


def price_of(key: str, row: Row, snapshot: Snapshot) -> ModelPrice:
    """The row of ``key`` as a record."""
    optional = {name: row[name] for name in _OPTIONAL if name in row}
    retires_on = row.get("retires_on")
    return ModelPrice(
        key=key,
        provider=key.partition("/")[0],
        mode=cast("Mode", row.get("mode", "chat")),
        input_usd_per_mtok=row["input_usd_per_mtok"],
        output_usd_per_mtok=row["output_usd_per_mtok"],
        tiers=tuple(ContextTier(**tier) for tier in row.get("tiers", ())),
        region_uplift=MappingProxyType(dict(row.get("region_uplift", {}))),
        retires_on=dt.date.fromisoformat(retires_on) if retires_on else None,
        source=_source_of(row, snapshot),
        **optional,
    )


def _source_of(row: Row, snapshot: Snapshot) -> Source:
    url = row.get("url")
    reference = snapshot.source.reference
    if url is not None:
        reference = f"{reference}; {snapshot.urls[url]}"
    return Source(kind=snapshot.source.kind, reference=reference, date=snapshot.source.date)


def read_bytes(path: Path) -> bytes:
    """The file's content, unpacked when its name ends in ``.gz``. InputError when it can not be read."""
    try:
        if path.suffix != ".gz":
            if path.stat().st_size > MAX_BYTES:
                raise InputError(
                    _problem(path, f"is larger than {MAX_BYTES // 2**20} MB", "Is it a price list?")
                )
            return path.read_bytes()
        with gzip.open(path, "rb") as packed:
            data = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError) as exc:
        raise InputError(
            _problem(path, f"could not be read: {exc}", "Give the path of a price file.")
        ) from exc
    if len(data) > MAX_BYTES:
        raise InputError(
            _problem(path, f"unpacks to more than {MAX_BYTES // 2**20} MB", "Is it a price list?")
        )
    return data


def read_snapshot(path: Path) -> Snapshot:
    """The price book in a file written by ``write_snapshot``. InputError says what is wrong with it."""
    try:
        raw = json.loads(read_bytes(path))
    except ValueError as exc:
        raise InputError(_problem(path, f"is not JSON: {exc}", _REMEDY)) from exc
    return snapshot_of(raw, path)


def snapshot_of(raw: object, path: Path) -> Snapshot:
    """A parsed snapshot; ``path`` only names the file in errors."""
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise InputError(_problem(path, f"is not a price book of format {FORMAT} (found {found!r})", _REMEDY))
    try:
        source = raw["source"]
        return Snapshot(
            as_of=dt.date.fromisoformat(raw["as_of"]),
            source=Source(
                kind=source["kind"],
                reference=source["reference"],
                date=dt.date.fromisoformat(source["date"]),
            ),
            rows=raw["models"],
            urls=tuple(raw["urls"]),
            refused=tuple(RefusedRow(key=key, reason=reason) for key, reason in raw["refused"]),
            out_of_scope=MappingProxyType(dict(raw["out_of_scope"])),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise InputError(_problem(path, f"is a damaged price book: {exc!r}", _REMEDY)) from exc


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write the book so that a reader finds the old file or the new one, never a part; same book, same bytes."""
    raw = {
        "format": FORMAT,
        "as_of": snapshot.as_of.isoformat(),
        "source": {
            "kind": snapshot.source.kind,
            "reference": snapshot.source.reference,
            "date": (snapshot.source.date or snapshot.as_of).isoformat(),
        },
        "urls": list(snapshot.urls),
        "models": dict(sorted(snapshot.rows.items())),
        "refused": [[row.key, row.reason] for row in snapshot.refused],
        "out_of_scope": dict(sorted(snapshot.out_of_scope.items())),
    }
    data = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    _write_whole(path, gzip.compress(data, compresslevel=9, mtime=0) if path.suffix == ".gz" else data)


def _write_whole(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as exc:
        raise InputError(
            _problem(path, f"could not be written: {exc}", "Choose a folder you can write to.")
        ) from exc
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Temporary files are private; prices are not.
        part.chmod(0o644)
        part.replace(path)
    except OSError as exc:
        raise InputError(_problem(path, f"could not be written: {exc}", "Is the disk full?")) from exc
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


_REMEDY: Final = "`breakeven prices update` writes a fresh one."


def _problem(path: Path, message: str, hint: str) -> Problem:
    return Problem(place=Place(file=str(path)), message=message, hint=hint)
