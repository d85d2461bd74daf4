"""A newer price list into the user's own book: read, checked, compared, and only then written."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breakeven.errors import InputError, Place, Problem
from breakeven.prices.book import PriceBook, current_book, load_book, user_book_path
from breakeven.prices.changes import PriceDiff, diff
from breakeven.prices.litellm import read_litellm
from breakeven.prices.records import RefusedRow
from breakeven.prices.snapshot import read_bytes, snapshot_of, write_snapshot
from breakeven.prices.tables import retirements

__all__ = ["DEFAULT_URL", "Update", "open_prices", "update"]

DEFAULT_URL: Final = "https://raw.githubusercontent.com/BerriAI/litellm/main/litellm/model_prices_and_context_window_backup.json"
MAX_BYTES: Final = 32 * 2**20
TIMEOUT_S: Final = 60.0
_IN_WHEEL: Final = "litellm/model_prices_and_context_window_backup.json"


@dataclass(frozen=True, kw_only=True)
class Update:
    """What an update did."""

    path: Path
    """The user's book, now written."""
    models: int
    diff: PriceDiff
    refused: tuple[RefusedRow, ...]


def update(
    source: str = DEFAULT_URL,
    *,
    as_of: dt.date,
    path: Path | None = None,
    force: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Update:
    """Read LiteLLM's price file from a path or an http(s) address into the user's book.

    Nothing is written unless the whole file was read and checked, and holds at least half as many models as the book
    in use (``force`` waives the last). ``as_of`` is today; InputError says what is wrong with the source.
    """
    new = open_prices(source, as_of=as_of, timeout_s=timeout_s)
    old = _book_in_use()
    if len(new) * 2 < len(old) and not force:
        raise InputError(
            Problem(
                place=Place(file=source),
                message=f"holds {len(new):,} models, less than half of the {len(old):,} in use",
                hint="It is likely cut short. If it is right: `breakeven prices update --force`.",
            )
        )
    where = path or user_book_path()
    write_snapshot(new.snapshot, where)
    return Update(path=where, models=len(new), diff=diff(old, new), refused=new.refused)


def _book_in_use() -> PriceBook:
    """What the new list is compared with: a damaged book of the user's must not keep a new one out."""
    try:
        return current_book()
    except InputError:
        return load_book()


def open_prices(source: str, *, as_of: dt.date, timeout_s: float = TIMEOUT_S) -> PriceBook:
    """The prices in a file or at an address: a price book of ours, LiteLLM's JSON, or its wheel.

    ``as_of`` dates a list that carries no date of its own.
    """
    data = _content(source, timeout_s=timeout_s)
    place = Place(file=source)
    try:
        raw = json.loads(data)
    except ValueError as exc:
        hint = "Is it cut short? Nothing was changed."
        raise InputError(Problem(place=place, message=f"is not JSON: {exc}", hint=hint)) from exc
    if isinstance(raw, dict) and "format" in raw:
        return PriceBook(snapshot=snapshot_of(raw, Path(source)))
    try:
        snapshot = read_litellm(raw, as_of=as_of, reference=_reference(source), retirements=retirements())
    except InputError as exc:
        raise InputError(Problem(place=place, message=str(exc))) from exc
    return PriceBook(snapshot=snapshot)


def _content(source: str, *, timeout_s: float) -> bytes:
    if source.startswith(("http://", "https://")):
        # Imported here: the network is loaded only by those who ask for it.
        from breakeven.prices.fetch import fetch

        return fetch(source, max_bytes=MAX_BYTES, timeout_s=timeout_s)
    path = Path(source)
    if path.suffix != ".whl":
        return read_bytes(path)
    try:
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(_IN_WHEEL)
    except (OSError, KeyError, zipfile.BadZipFile) as exc:
        raise InputError(Problem(place=Place(file=source), message=f"is no wheel of LiteLLM: {exc}")) from exc


def _reference(source: str) -> str:
    """How the list is cited: its address, or the file's name without the folders of this machine."""
    if source.startswith(("http://", "https://")):
        return f"LiteLLM price file (MIT), {source}"
    return f"LiteLLM price file (MIT), {Path(source).name}"
