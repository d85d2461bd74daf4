"""Call logs measured as ``profile`` and ``new --from`` both do: the calls, and the texts of their prompts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from breakeven.cli.columns import with_columns

if TYPE_CHECKING:
    from breakeven.evidence.calls.read import CallLog
    from breakeven.evidence.profile.waiting import Stated
    from breakeven.prices import PriceBook

__all__ = ["Measured", "measured", "measuring"]

_READ_UNASKED: Final = 50_000_000
"""Bytes of logs whose messages are read without being asked: a few seconds."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A profile, and the log that it is of, while its engine runs."""

    found: dict[str, Any]
    log: CallLog


def measured(logs: Sequence[str], **options: Any) -> Measured:
    """The same as ``measuring``, with the log closed."""
    with measuring(logs, **options) as made:
        return made


@contextmanager
def measuring(
    logs: Sequence[str], *, book: PriceBook, format_name: str | None = None, pairs: Sequence[str] = (),
    sampling: float | None = None, strict: bool = False, keep_texts: bool = False, redact: bool = False,
    prompts: bool | None = None, engine_name: str | None = None, waits: Stated | None = None,
) -> Iterator[Measured]:  # fmt: skip
    """The profile of the logs. ``prompts``: whether their messages are read, too; None: where it takes no time.

    ``waits``: what somebody says can wait for a batch.
    """
    from breakeven.evidence.calls.engine import Engine
    from breakeven.evidence.calls.engines import open_engine
    from breakeven.evidence.calls.mapping import parse_mapping
    from breakeven.evidence.calls.read import read_logs
    from breakeven.evidence.observation import observation
    from breakeven.evidence.profile.build import build_profile
    from breakeven.evidence.profile.waiting import narrowed
    from breakeven.evidence.prompts.filling import TokenFiller
    from breakeven.evidence.prompts.labels import kept_names

    mapping = parse_mapping(pairs)
    with open_engine(logs, engine_name) as engine:
        filler = TokenFiller(wanted=prompts, most=_READ_UNASKED)
        log = read_logs(
            logs, engine=engine, format_name=format_name, mapping=mapping, strict=strict, keep_texts=keep_texts,
            counting=filler if isinstance(engine, Engine) else None,
        )  # fmt: skip
        found = build_profile(log, book=book, sampling=sampling, waits=waits)
        filler.mark(found)
        found["observation"] = observation(found)
        found["files"] = with_columns(found["files"], log)
        if (read := _reads_prompts(log, engine.folder, prompts)) is not None:
            from breakeven.evidence.prompts.findings import prompt_findings

            found["prompt"] = prompt_findings(
                list(logs), book=book, format_name=format_name, mapping=mapping, spool=engine.folder,
                keep_texts=keep_texts, redacted=redact, sample_of=found["calls"] if read == "a sample" else None,
            )  # fmt: skip
            found["batchable"] = narrowed(found["batchable"], found["prompt"]["batchable"])
        yield Measured(found=kept_names(found, redacted=redact), log=log)


def _reads_prompts(log: CallLog, folder: Path, wanted: bool | None) -> Literal["all", "a sample"] | None:
    """Which messages are read, a second pass over the files: unasked, all where it takes no time, else a sample."""
    from breakeven.errors import EvidenceError
    from breakeven.evidence.calls.files import STDIN

    paths = [folder / STDIN if file.file == "-" else Path(file.file) for file in log.files]
    here = all(path.is_file() for path in paths)
    if wanted and not here:
        raise EvidenceError("messages are read from files on this machine only: leave out --prompts")
    if wanted is False or not here:
        return None
    if wanted or sum(path.stat().st_size for path in paths) <= _READ_UNASKED:
        return "all"
    calls = [file.format for file in log.files if file.format.kind == "calls"]
    return None if not calls or any(one.tree or one.also for one in calls) else "a sample"
