"""A fake OpenAI-compatible server as a command: ``python -m breakeven.providers.fake_server``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from breakeven.errors import BreakevenError, InputError, Place, Problem
from breakeven.providers.fake import FAULTS, FakeModel, FakeProvider, fake_model, fault_kinds, seconds
from breakeven.providers.fake_app import FakeServer

__all__ = ["main", "read_answers"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted; the address goes to standard output."""
    given = _parser().parse_args(arguments)
    try:
        # A model's own name can say more; this is what it is without.
        model = fake_model(
            f"fake/all?accuracy={given.accuracy}&latency={given.latency}&faults={given.faults}"
        )
        model = FakeModel(accuracy=model.accuracy, latency_s=model.latency_s, faults=model.faults,
                          kinds=fault_kinds(given.kinds))  # fmt: skip
        answers = read_answers(given.cases) if given.cases else {}
        asyncio.run(_serve(_Everyone(answers, model=model, seed=given.seed), given))
    except KeyboardInterrupt:
        sys.exit(0)
    except (BreakevenError, OSError) as exc:
        sys.stderr.write(f"{exc}\n")
        sys.exit(2)


class _Everyone(FakeProvider):
    """A fake whose models all behave alike where their names say nothing."""

    def __init__(self, answers: dict[str, str], *, model: FakeModel, seed: int) -> None:
        super().__init__(answers, seed=seed)
        self._all = model

    def model(self, name: str) -> FakeModel:
        """What the name says, else what all are like."""
        return fake_model(name) if "?" in name else self._all


async def _serve(provider: FakeProvider, given: argparse.Namespace) -> None:
    if given.host not in _LOOPBACK and not given.api_key:
        raise InputError(f"--host {given.host} can be reached from other machines: state an --api-key, too")
    retry_after_s = seconds(given.retry_after, "retry-after")
    async with FakeServer(
        provider, host=given.host, port=given.port, api_key=given.api_key, retry_after_s=retry_after_s
    ) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def read_answers(path: Path) -> dict[str, str]:
    """Question → right answer from JSON lines with ``input`` and ``expected``."""
    answers: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            expected = row["expected"]
            answers[str(row["input"])] = expected if isinstance(expected, str) else json.dumps(expected)
        except (ValueError, KeyError, TypeError) as exc:
            hint = 'write {"input": "…", "expected": "…"}'
            place = Place(file=str(path), line=number)
            raise InputError(Problem(message="this is no case", place=place, hint=hint)) from exc
    return answers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m breakeven.providers.fake_server",
        description="An OpenAI-compatible server that asks nobody: for trials, demonstrations and tests.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one (default: 0)")
    parser.add_argument("--cases", type=Path, help='right answers: JSON lines with "input" and "expected"')
    parser.add_argument("--accuracy", default="100%", help="share answered rightly: 90%%")
    parser.add_argument("--latency", default="0s", help="time before an answer: 5ms")
    parser.add_argument("--faults", default="0%", help="share of calls that fail: 20%%")
    parser.add_argument("--kinds", default=",".join(FAULTS), help="how they fail (default: %(default)s)")
    parser.add_argument("--retry-after", default="50ms", help="what a 429 asks to wait (default: 50ms)")
    parser.add_argument(
        "--seed", type=int, default=0, help="the same seed answers and fails alike (default: 0)"
    )
    parser.add_argument("--api-key", help="refuse those who do not bring this key")
    return parser


if __name__ == "__main__":
    main()
