"""``breakeven profile``: from call logs to a measured workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.columns import columns_section
from breakeven.cli.common import share_of

if TYPE_CHECKING:
    from breakeven.evidence.calls.read import CallLog
    from breakeven.evidence.profile.waiting import Stated

    Refused = tuple[str, int, str, str | None]

__all__ = ["profile"]


def _share(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """A share as ``10%`` or ``0.1``; None where nobody stated one."""
    if value is None:
        return None
    share = share_of(value, like="10% or 0.1")
    if not 0 < share <= 1:
        raise click.BadParameter(f"{value!r} is not above 0% and up to 100%")
    return share


def _waits(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> Stated | None:
    from breakeven.cli.waits import read_waits

    return read_waits(value)


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOGS...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the profile here, as profile.json, and its refused rows beside it, as rejected.jsonl.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the profile as JSON.")
@click.option(
    "--format", "format_name", metavar="NAME", help="The log format, where its keys do not tell it."
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Where a field stands; once for each field. Others are guessed, and shown.",
)
@click.option(
    "--sampling",
    callback=_share,
    metavar="SHARE",
    help="The share of all calls that the logs hold. Left out: taken as 100%, and said so.",
)
@click.option(
    "--batchable",
    "waits",
    multiple=True,
    callback=_waits,
    metavar="SHARE|FEATURE",
    help="What can wait a day for a batch: 40%, 20%..50%, or FEATURE or FEATURE=60%, once for each.",
)
@click.option("--strict", is_flag=True, help="Stop at the first row that can not be used.")
@click.option(
    "--keep-texts",
    is_flag=True,
    help="Keep texts: those of refused rows, and the parts that prompts share.",
)
@click.option(
    "--redact", is_flag=True, help="Mask personal data, keys and passwords in all that is kept, names too."
)
@click.option(
    "--prompts/--no-prompts",
    default=None,
    help="Read the messages too, for the removable prompt. Left out: all of up to 50 MB of logs, else a sample.",
)
@click.option(
    "--engine",
    "engine_name",
    metavar="NAME",
    help="duckdb, spark, or a Spark master. Left out: DuckDB; a table runs in its own database.",
)
def profile(
    logs: tuple[str, ...], output: Path | None, as_json: bool, format_name: str | None, pairs: tuple[str, ...],
    sampling: float | None, waits: Stated | None, strict: bool, keep_texts: bool, redact: bool,
    prompts: bool | None, engine_name: str | None,
) -> None:  # fmt: skip
    """Measure the workload in call logs: volume, tokens, cost, failures, quality.

    LOGS are files, folders, globs, or - for standard input; JSON Lines, JSON, CSV or Parquet, plain, gzip or zstd.
    A table of a database is a log, too. The format is told by its keys. A profile keeps counts, names and hashes;
    texts only with --keep-texts.

    \b
    Examples:
      breakeven profile logs/ -o evidence/profile.json
      breakeven profile 'logs/2026-03-*.jsonl.gz' --json
      zcat calls.jsonl.gz | breakeven profile - --sampling 10%
      breakeven profile calls.csv --map input_tokens=n_in --map output_tokens=n_out --map time=at
      breakeven profile 'postgres://reader@db/app?table=llm_calls'
      breakeven profile 's3a://bucket/logs/*.jsonl.gz' --engine spark
      breakeven profile logs/ --batchable nightly-tags --batchable reports=50%
      breakeven profile logs/ --keep-texts --redact -o evidence/profile.json
    """
    from breakeven.cli.measuring import measuring
    from breakeven.prices import current_book

    with measuring(
        logs, book=current_book(), format_name=format_name, pairs=pairs, sampling=sampling, waits=waits,
        strict=strict, keep_texts=keep_texts, redact=redact, prompts=prompts, engine_name=engine_name,
    ) as made:  # fmt: skip
        said = [] if output is None else _write(made.found, made.log, output, redacted=redact)
    _show(made.found, as_json=as_json, said=said)


def _write(found: dict[str, Any], log: CallLog, output: Path, *, redacted: bool) -> list[str]:
    from dataclasses import asdict

    from breakeven.evidence.profile.writing import write_profile, write_rejected

    said = []
    _make_folder(output.parent)
    sidecar = _sidecar(output)
    if found["rejected"] or sidecar.exists():
        refused = log.rejected.order_by(["file", "line"]).select("file", "line", "reason", "text")
        rows = log.engine.stream(refused)
        written = write_rejected(_masked(rows) if redacted else rows, sidecar)
        found["rejected_file"] = asdict(written)
        said = [f"Wrote {written.rows:,} refused rows to {sidecar}"]
    write_profile(found, output)
    return [f"Wrote {output}", *said]


def _sidecar(output: Path) -> Path:
    """Where the refused rows go: two profiles in one folder must not share them."""
    name = "rejected.jsonl" if output.stem == "profile" else f"{output.stem}.rejected.jsonl"
    return output.with_name(name)


def _make_folder(folder: Path) -> None:
    from breakeven.errors import EvidenceError, Place, Problem

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        place = Place(file=str(folder))
        raise EvidenceError(Problem(message=f"can not be made: {exc.strerror}", place=place)) from exc


def _masked(rows: Iterable[Refused]) -> Iterator[Refused]:
    from breakeven.evidence.prompts.redaction import redact, redact_row

    for file, line, reason, text in rows:
        yield redact(file).text, line, reason, None if text is None else redact_row(text)


def _show(found: dict[str, Any], *, as_json: bool, said: list[str]) -> None:
    if as_json:
        from breakeven.cli.common import print_json

        print_json(found)
        return
    from breakeven.cli.profile_page import profile_page

    click.echo(profile_page(found, width=_width()))
    columns = columns_section(found["files"], width=_width())
    if columns:
        click.echo(columns)
    if "prompt" in found:
        from breakeven.cli.prompt_page import prompt_section

        click.echo(prompt_section(found["prompt"], width=_width(), batchable=False))
    for line in said:
        click.echo(line)


def _width() -> int:
    import shutil

    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
