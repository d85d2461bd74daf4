"""Build the price snapshot that ships with the package, from LiteLLM's public price file (MIT licence).

    python tools/build_price_book.py litellm-1.109.1-….whl --version 1.109.1 --as-of 2026-11-22

The source is LiteLLM's wheel or the JSON inside it; it is never imported. The files of a wheel carry no date (all say
1980-01-01), so the day is given by hand. With ``--check data_current.json`` (Pydantic's genai-prices, MIT) the new
book is compared with a second list and docs/reference/price-check.md is written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from breakeven.prices import PriceBook, load_book, open_prices
from breakeven.prices.snapshot import write_snapshot
from breakeven.sources import Source

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "src" / "breakeven" / "prices" / "data" / "models.json.gz"
CHECK_PAGE = ROOT / "docs" / "reference" / "price-check.md"

# Pydantic's name of a provider → LiteLLM's. Resellers that LiteLLM does not list are left out.
PROVIDERS = {
    "anthropic": "anthropic",
    "aws": "bedrock",
    "azure": "azure",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "fireworks": "fireworks_ai",
    "google": "gemini",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshot",
    "novita": "novita",
    "openai": "openai",
    "ovhcloud": "ovhcloud",
    "perplexity": "perplexity",
    "together": "together_ai",
    "voyageai": "voyage",
    "x-ai": "xai",
}
GENAI_PRICES_DAY = dt.date(2026, 8, 21)
"""The day of the stored copy of Pydantic's list (commit 47df840)."""
FIELDS = {"input": "input_mtok", "output": "output_mtok", "cached": "cache_read_mtok"}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One price that both lists state."""

    key: str
    field: str
    ours: float
    theirs: float

    @property
    def agrees(self) -> bool:
        """Within half a percent: lists round differently."""
        return abs(self.ours - self.theirs) <= 0.005 * max(self.ours, self.theirs)


def compare(book: PriceBook, other: list[dict[str, Any]], *, on: dt.date) -> list[Compared]:
    """Every input, output and cached price that the book and Pydantic's list both state, by model."""
    found: list[Compared] = []
    for provider in other:
        ours = PROVIDERS.get(provider["id"])
        if ours is None:
            continue
        for model in provider["models"]:
            theirs = _in_force(model["prices"], on)
            key = next((key for name in _known_as(model) if (key := f"{ours}/{name}") in book), None)
            if key is not None and theirs is not None:
                found.extend(_pairs(book, key, theirs))
    return found


def _known_as(model: Mapping[str, Any]) -> Iterator[str]:
    """The model's name in Pydantic's list, then every other that the list takes for it."""
    yield model["id"]
    match = model.get("match", {})
    for part in (match, *match.get("or", ())):
        if "equals" in part:
            yield part["equals"]


def _pairs(book: PriceBook, key: str, theirs: Mapping[str, Any]) -> Iterator[Compared]:
    price = book.model(key)
    for name, their_name in FIELDS.items():
        mine = getattr(price, f"{name}_usd_per_mtok")
        value = theirs.get(their_name)
        if isinstance(value, dict):
            value = value["base"]
        if mine is not None and value is not None and not (mine == 0 and name == "output"):
            yield Compared(key=key, field=name, ours=mine, theirs=float(value))


def _in_force(prices: Any, on: dt.date) -> Mapping[str, Any] | None:
    """The prices that hold on a day; None where they hang on the hour."""
    if isinstance(prices, dict):
        return prices
    held: Mapping[str, Any] | None = None
    for part in prices:
        limit = part.get("constraint")
        if limit is not None and "start_date" not in limit:
            return None
        if limit is None or dt.date.fromisoformat(limit["start_date"]) <= on:
            held = part["prices"]
    return held


def check_page(book: PriceBook, compared: list[Compared]) -> str:
    """The comparison as a page: agreement by provider, then every price that differs."""
    by_provider: dict[str, Counter[bool]] = {}
    for pair in compared:
        by_provider.setdefault(pair.key.partition("/")[0], Counter())[pair.agrees] += 1
    agreed = sum(pair.agrees for pair in compared)
    lines = [
        "# Price check",
        "",
        f"The price book against a second public list, Pydantic's genai-prices of {GENAI_PRICES_DAY} (MIT): every",
        "input, output and cached price that both state for one provider and model. Written by",
        "`tools/build_price_book.py`.",
        "",
        f"Book: {book.source}. **{agreed} of {len(compared)} prices agree ({100 * agreed / len(compared):.1f}%)**",
        f"on {len({pair.key for pair in compared})} models; half a percent is allowed for",
        "rounding. The lists are three months apart, so a difference can be a change, a correction or an error of",
        "either list. OVHcloud's prices here are all about 1/1.1 of the other's: euros taken for dollars, it seems.",
        "",
        "| provider | compared | agree |",
        "| --- | ---: | ---: |",
    ]
    for provider, count in sorted(by_provider.items()):
        lines.append(f"| {provider} | {count.total()} | {100 * count[True] / count.total():.0f}% |")
    lines += ["", "| model | price | this book, $/M | genai-prices, $/M |", "| --- | --- | ---: | ---: |"]
    for pair in sorted(compared, key=lambda pair: (pair.key, pair.field)):
        if not pair.agrees:
            lines.append(f"| {pair.key} | {pair.field} | {pair.ours:g} | {pair.theirs:g} |")
    return "\n".join(lines) + "\n"


def build(source: Path, *, version: str, as_of: dt.date) -> PriceBook:
    """The book from LiteLLM's file, cited by version."""
    book = open_prices(str(source), as_of=as_of)
    cited = Source(kind="quoted", reference=f"LiteLLM {version} price file (MIT)", date=as_of)
    return replace(book, snapshot=replace(book.snapshot, source=cited))


def report(book: PriceBook) -> str:
    """What was kept, refused and left out, in a few lines."""
    reasons = Counter(plain_reason(row.reason) for row in book.refused)
    lines = [
        f"{len(book):,} models kept, {len(book.refused):,} rows refused, "
        f"{sum(book.snapshot.out_of_scope.values()):,} not text models sold by the token"
    ]
    lines += [f"{count:6,}  {reason}" for reason, count in reasons.most_common()]
    return "\n".join(lines)


def plain_reason(reason: str) -> str:
    """The reason without the figures in it."""
    for start in ("cached input", "a cache write", "batch", "two entries", "$", "its own source"):
        if reason.startswith(start):
            return f"{start} …"
    return reason


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, nargs="?", help="LiteLLM's wheel, or the price JSON inside it")
    parser.add_argument("--version", help="LiteLLM's version, for the citation")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the day the list was read, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=SNAPSHOT)
    parser.add_argument("--check", type=Path, help="Pydantic's data_current.json to compare with")
    given = parser.parse_args(argv)
    if given.source is not None:
        if not (given.version and given.as_of):
            parser.error("--version and --as-of are needed: the file names neither")
        book = build(given.source, version=given.version, as_of=given.as_of)
        write_snapshot(book.snapshot, given.out)
        print(report(book))
        print(f"{given.out}: {given.out.stat().st_size:,} bytes")
    else:
        book = load_book(given.out)
    if given.check is not None:
        compared = compare(book, json.loads(given.check.read_bytes()), on=GENAI_PRICES_DAY)
        CHECK_PAGE.parent.mkdir(parents=True, exist_ok=True)
        CHECK_PAGE.write_text(check_page(book, compared), encoding="utf-8")
        agreed = sum(pair.agrees for pair in compared)
        print(f"{agreed} of {len(compared)} prices agree; {CHECK_PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
