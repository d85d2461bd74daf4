"""``breakeven profile``: from call logs to a measured workload."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from breakeven.evidence.calls.read import CallLog

__all__ = ["profile"]

_READ_UNASKED: Final = 50_000_000
"""Bytes of logs whose messages are read without being asked: a few seconds."""


def _share(ctx: click.Context, option: click.Parameter, value: str) -> float:
    """A share as ``10%`` or ``0.1``."""
    text = value.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as exc:
        raise click.BadParameter(f"{value!r} is no share; write 10% or 0.1") from exc
    if not 0 < share <= 1:
        raise click.BadParameter(f"{value!r} is not above 0% and up to 100%")
    return share


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOGS...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write profile.json here, and rejected.jsonl beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the profile as JSON.")
@click.option("--format", "format_name", help="The log format, where its keys do not tell it.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Where a field stands, for a table of your own; once for each field.",
)
@click.option(
    "--sampling",
    callback=_share,
    default="100%",
    show_default=True,
    help="The share of all calls that the logs hold.",
)
@click.option("--strict", is_flag=True, help="Stop at the first row that can not be used.")
@click.option("--keep-texts", is_flag=True, help="Keep the texts of refused rows in rejected.jsonl.")
@click.option(
    "--prompts/--no-prompts",
    default=None,
    help="Read the messages too, for the removable prompt. Left out: yes, for up to 50 MB of logs.",
)
def profile(
    logs: tuple[str, ...], output: Path | None, as_json: bool, format_name: str | None, pairs: tuple[str, ...],
    sampling: float, strict: bool, keep_texts: bool, prompts: bool | None,
) -> None:  # fmt: skip
    """Measure the workload in call logs: volume, tokens, cost, failures, quality.

    LOGS are files, folders, globs, or - for standard input; JSON Lines, JSON, CSV or Parquet, plain, gzip or zstd.
    The format is told by its keys. A profile keeps counts, never texts.

    \b
    Examples:
      breakeven profile logs/ -o evidence/profile.json
      breakeven profile 'logs/2026-03-*.jsonl.gz' --json
      zcat calls.jsonl.gz | breakeven profile - --sampling 10%
      breakeven profile calls.csv --map input_tokens=n_in --map output_tokens=n_out --map time=at
    """
    from breakeven.evidence.calls.engine import Engine
    from breakeven.evidence.calls.mapping import parse_mapping
    from breakeven.evidence.calls.read import read_logs
    from breakeven.evidence.profile.build import build_profile
    from breakeven.prices import current_book

    with Engine() as engine:
        log = read_logs(
            logs, engine=engine, format_name=format_name, mapping=parse_mapping(pairs), strict=strict,
            keep_texts=keep_texts,
        )  # fmt: skip
        found = build_profile(log, book=current_book(), sampling=sampling)
        if not pairs and _reads_prompts(logs, log, prompts):
            found["prompt"] = _prompt(logs, format_name)
        said = [] if output is None else _write(found, log, output)
    _show(found, as_json=as_json, said=said)


def _reads_prompts(logs: tuple[str, ...], log: CallLog, wanted: bool | None) -> bool:
    """Whether the messages are read, a second pass over the files: where asked, else where it takes no time."""
    if "-" in logs:  # standard input can be read only once
        return False
    return _small(log) if wanted is None else wanted


def _small(log: CallLog) -> bool:
    sizes = (Path(file.file).stat().st_size for file in log.files if Path(file.file).is_file())
    return sum(sizes) <= _READ_UNASKED


def _prompt(logs: tuple[str, ...], format_name: str | None) -> dict[str, Any]:
    from breakeven.evidence.prompts.findings import prompt_findings
    from breakeven.prices import current_book

    return dict(prompt_findings(list(logs), book=current_book(), format_name=format_name))


def _write(found: dict[str, Any], log: CallLog, output: Path) -> list[str]:
    from breakeven.evidence.profile.writing import write_profile, write_rejected

    said = []
    sidecar = output.parent / "rejected.jsonl"
    if found["rejected"] or sidecar.exists():
        refused = log.rejected.order_by(["file", "line"]).select("file", "line", "reason", "text")
        n = write_rejected(log.engine.stream(refused), sidecar)
        said = [f"Wrote {n:,} refused rows to {sidecar}"]
    write_profile(found, output)
    return [f"Wrote {output}", *said]


def _show(found: dict[str, Any], *, as_json: bool, said: list[str]) -> None:
    if as_json:
        from breakeven.cli.common import print_json

        print_json(found)
        return
    from breakeven.cli.profile_page import profile_page

    click.echo(profile_page(found, width=_width()))
    if "prompt" in found:
        from breakeven.cli.prompt_page import prompt_section

        click.echo(prompt_section(found["prompt"], width=_width()))
    for line in said:
        click.echo(line)


def _width() -> int:
    import shutil

    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
