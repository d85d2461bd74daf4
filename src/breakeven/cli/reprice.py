"""``breakeven reprice``: the same logged calls on other models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from breakeven.cli.common import share_of

if TYPE_CHECKING:
    from breakeven.evidence.profile.waiting import Stated
    from breakeven.evidence.prompts.reading import PromptSource
    from breakeven.evidence.repricing.result import Repricing
    from breakeven.evidence.repricing.terms import Cut, OutputLength, Terms
    from breakeven.evidence.repricing.tokens import Counted

__all__ = ["reprice"]

_SUFFIXES = (".html", ".md", ".json")


def _number(text: str, *, example: str) -> float:
    """A share as ``40%`` or ``0.4``."""
    value = share_of(text, like=example)
    if not 0 <= value <= 1:
        raise click.BadParameter(f"{text!r} is not between 0% and 100%; write {example}")
    return value


@dataclass(frozen=True, kw_only=True)
class _Batched:
    """What is to go into a batch."""

    stated: Stated | None
    bounds: bool
    """Whether what is not stated is as open as the log leaves it; else it is as logged."""


def _batched(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> _Batched:
    from breakeven.cli.waits import read_waits

    stated = read_waits([word for word in value if word != "bounds"])
    if "bounds" in value and stated is not None and stated.whole is not None:
        raise click.BadParameter("a share of all calls leaves nothing open: leave out `bounds`")
    return _Batched(stated=stated, bounds="bounds" in value)


def _sampling(ctx: click.Context, option: click.Parameter, value: str) -> float:
    share = _number(value, example="10% or 0.1")
    if share == 0:
        raise click.BadParameter("a log that holds 0% of all calls says nothing of them")
    return share


def _cached(ctx: click.Context, option: click.Parameter, value: str) -> float | Literal["logged", "replay"]:
    if value == "replay":
        return "replay"
    if value == "logged":
        return "logged"
    return _number(value, example="60%, `replay`, or `logged`")


def _cut(ctx: click.Context, option: click.Parameter, value: str | None) -> Cut | None:
    """``2000`` or ``2,000 tokens``; ``60%``."""
    if value is None:
        return None
    from breakeven.evidence.repricing.terms import Cut

    text = value.strip()
    if text.endswith("%"):
        share = _number(text, example="60%")
        if not 0 < share < 1:
            raise click.BadParameter("a share of the prompt lies between 0% and 100%, ends left out")
        return Cut(share=share)
    match = re.fullmatch(r"([\d,_]+)\s*(?:tokens?)?", text)
    if match is None or float(re.sub(r"[,_]", "", match[1]) or 0) < 1:
        raise click.BadParameter(f"{value!r}: write what is cut, as 2000 tokens or as 60% of the input")
    return Cut(tokens=float(re.sub(r"[,_]", "", match[1])))


def _length(ctx: click.Context, option: click.Parameter, value: str | None) -> OutputLength | None:
    """``0.7..1.4``, or one number."""
    if value is None:
        return None
    from breakeven.evidence.repricing.terms import OutputLength
    from breakeven.sources import Source

    low, dots, high = value.partition("..")
    try:
        ends = (float(low), float(high if dots else low))
    except ValueError as exc:
        raise click.BadParameter(f"{value!r}: write a multiple of the logged length, 0.8..1.2") from exc
    if not 0 < ends[0] <= 1 <= ends[1] < 100:
        raise click.BadParameter(f"{value!r}: the interval holds 1, the logged length: 0.8..1.2")
    return OutputLength(low=ends[0], high=ends[1], source=Source(kind="stated", reference="the command line"))


def _output(ctx: click.Context, option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(f"{value}: name a file that ends in .html, .md or .json")
    return value


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOGS...")
@click.option(
    "--on",
    "models",
    multiple=True,
    metavar="MODEL",
    help="PROVIDER/MODEL of the price book, or `same`: the models that the calls used. Repeatable.",
)
@click.option(
    "--tuned",
    multiple=True,
    metavar="BASE",
    help="A fine-tune of PROVIDER/MODEL with its hosting. Repeatable.",
)
@click.option(
    "--batch",
    multiple=True,
    callback=_batched,
    metavar="SHARE|FEATURE|bounds",
    help="What goes into a batch: 40%, 20%..50%, FEATURE or FEATURE=60%, or `bounds`: as open as the log leaves it "
    "[default: as logged].",
)
@click.option(
    "--cached",
    callback=_cached,
    default="logged",
    show_default=True,
    metavar="SHARE|replay|logged",
    help="Input read from a cache: a share, or replayed from block hashes and times.",
)
@click.option(
    "--shorter-prompt",
    "cut",
    callback=_cut,
    metavar="TOKENS|SHARE",
    help="Cut this from each prompt; alternatives are priced with and without.",
)
@click.option("--region", metavar="NAME", help="Data residency: eu, us, …")
@click.option(
    "--output-length",
    "length",
    callback=_length,
    metavar="LOW..HIGH",
    help="Another model's answers as a multiple of the logged ones [default: 0.7..1.4].",
)
@click.option(
    "--sampling",
    callback=_sampling,
    default="100%",
    show_default=True,
    metavar="SHARE",
    help="The share of all calls that the logs hold.",
)
@click.option(
    "--format", "format_name", metavar="NAME", help="The log format, where its keys do not tell it."
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Where a field stands, for a table of your own; once for each field.",
)
@click.option("--strict", is_flag=True, help="Stop at the first row that can not be used.")
@click.option(
    "--engine",
    "engine_name",
    metavar="NAME",
    help="duckdb, spark, or a Spark master. Left out: DuckDB; a table runs in its own database.",
)
@click.option(
    "--prices",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A price book to use instead of the one at hand.",
)
@click.option(
    "-o",
    "--output",
    callback=_output,
    type=click.Path(path_type=Path, dir_okay=False),
    help="FILE.html, FILE.md or FILE.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def reprice(
    logs: tuple[str, ...], models: tuple[str, ...], tuned: tuple[str, ...], batch: _Batched,
    cached: float | Literal["logged", "replay"], cut: Cut | None, region: str | None, length: OutputLength | None,
    sampling: float, output: Path | None, as_json: bool, **reading: Any,
) -> None:  # fmt: skip
    """Price the same logged calls on other models, in batch, from a cache, or with a shorter prompt.

    Every call is priced by itself: context tiers and minimum cached prefixes hold call by call. Answers of another
    model have another length, so its figures are intervals.

    \b
    Examples:
      breakeven reprice logs/ --on openai/gpt-4.1-mini --on gemini/gemini-2.5-flash
      breakeven reprice logs/ --on same --batch 40%
      breakeven reprice logs/ --on same --batch nightly-tags --batch reports=50%
      breakeven reprice logs/ --tuned azure/gpt-4.1-mini --shorter-prompt 2000
      breakeven reprice trace.jsonl --on openai/gpt-4.1 --cached replay -o reprice.html
    """
    from breakeven.evidence.repricing.terms import OUTPUT_LENGTH, Terms

    if not models and not tuned:
        raise click.UsageError("name what to price the calls on: --on MODEL, --on same, or --tuned BASE.")
    terms = Terms(
        cached=cached,
        cut=cut,
        region=region,
        sampling=sampling,
        output_length=length or OUTPUT_LENGTH,
    )
    found = _repriced(logs, models, tuned, terms, batch=batch, **reading)
    if output is not None:
        _write(found, output)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(found.as_dict())
    else:
        _show(found)
        if output is not None:
            click.echo(f"Wrote {output}")


def _repriced(
    logs: tuple[str, ...], models: tuple[str, ...], tuned: tuple[str, ...], terms: Terms, *,
    format_name: str | None, pairs: tuple[str, ...], strict: bool, prices: Path | None,
    engine_name: str | None, batch: _Batched,
) -> Repricing:  # fmt: skip
    from breakeven.evidence.calls.engine import Engine
    from breakeven.evidence.calls.engines import open_engine
    from breakeven.evidence.calls.mapping import parse_mapping
    from breakeven.evidence.calls.read import read_logs
    from breakeven.evidence.prompts.filling import TokenFiller
    from breakeven.evidence.prompts.reading import find_prompts
    from breakeven.evidence.repricing.batch import batch_in
    from breakeven.evidence.repricing.compute import reprice as compute
    from breakeven.evidence.repricing.terms import Wanted
    from breakeven.prices import current_book, load_book

    book = load_book(prices) if prices else current_book()
    with open_engine(logs, engine_name) as engine:
        mapping = parse_mapping(pairs)
        filler = TokenFiller(wanted=True)
        log = read_logs(
            logs, engine=engine, format_name=format_name, mapping=mapping, strict=strict,
            counting=filler if isinstance(engine, Engine) else None,
        )  # fmt: skip
        log = replace(log, warnings=(*log.warnings, *filler.note))
        prompts = find_prompts(logs, spool=engine.folder, format_name=format_name, mapping=mapping)
        moved = batch_in(log, book=book, stated=batch.stated, bounds=batch.bounds)
        terms = replace(terms, counted=_counted(prompts, (*models, *tuned)), batch=moved)
        return compute(log, book=book, wanted=Wanted(models=models, tuned=tuned), terms=terms)


_MOST_TEXTS = 2_000
"""Prompts that are counted to learn how many of another model's tokens one logged token is."""


def _counted(sources: Sequence[PromptSource], models: Iterable[str]) -> Counted:
    """What the log's first texts tell of its tokens in other models'; nothing without the token counter."""
    from itertools import islice

    from breakeven.errors import MissingExtraError
    from breakeven.evidence.prompts.reading import read_prompts
    from breakeven.evidence.repricing.tokens import counted_ratios

    try:
        return counted_ratios(islice(read_prompts(sources), _MOST_TEXTS), models)
    except MissingExtraError:
        return {}


def _write(found: Repricing, output: Path) -> None:
    from breakeven.report.write import write_text

    suffix = output.suffix.lower()
    if suffix == ".html":
        from breakeven.report.repricing_html import to_html

        text = to_html(found)
    elif suffix == ".md":
        from breakeven.report.repricing import to_markdown

        text = to_markdown(found)
    else:
        import json

        text = json.dumps(found.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(output, text)


def _show(found: Repricing) -> None:
    import shutil
    import sys

    from breakeven.report.repricing import to_text
    from breakeven.report.text import as_ascii

    text = to_text(found, width=min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120))
    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(text if encoding.startswith("utf") else "\n".join(map(as_ascii, text.split("\n"))), nl=False)
