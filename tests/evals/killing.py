"""A server in its own process, a command that is killed in the middle of its run, and what both say afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from breakeven.evidence.evals.journal import read_journal

PROGRAM = str(Path(sys.executable).with_name("breakeven"))
LABELS = ("card", "loan", "other")


@contextmanager
def fake_server(cases: Path, *options: str) -> Iterator[str]:
    """The shipped fake server in a process of its own; its address."""
    command = [sys.executable, "-m", "breakeven.providers.fake_server", "--cases", str(cases), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def counts(url: str) -> dict[str, Any]:
    """What the server was asked and what it answered, by key."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts?keys=1") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def write_suite(folder: Path, url: str, *, n: int, concurrency: int = 8, **over: str) -> Path:
    """A folder with ``n`` cases, whose model lives at ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"id": f"c{k}", "input": f"question {k}.", "expected": LABELS[k % 3]} for k in range(n)]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "p.md").write_text("Which queue?\n\n{{input}}\n")
    lines = {
        "cases": "cases.jsonl", "score": "exact", "concurrency": concurrency,
        "candidates": "{a: {model: local/m, prompt: p.md, max_output_tokens: 5}}",
        "prices": "{local/m: {input: $2/1M tokens, output: $8/1M tokens}}",
        "endpoints": f"{{local: {{url: '{url}'}}}}",
    } | over  # fmt: skip
    (folder / "eval.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))
    return folder


def command(folder: Path, *more: str) -> list[str]:
    return [PROGRAM, "eval", "run", str(folder), "--yes", *more]


def kill_in_the_middle(folder: Path, after_s: float) -> bool:
    """Start the command, wait until it journals, and SIGKILL it ``after_s`` later; False where it had ended."""
    journal = folder / "evals" / "journal.jsonl"
    before = journal.stat().st_size if journal.exists() else 0
    started = subprocess.Popen(
        command(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "80"},
    )
    while started.poll() is None and (not journal.exists() or journal.stat().st_size <= before):
        time.sleep(0.002)
    time.sleep(after_s)
    if started.poll() is not None:
        return False
    started.kill()
    started.wait()
    return True


def killed_and_resumed(folder: Path, url: str, *, moments_s: Sequence[float]) -> dict[str, Any]:
    """Kill at every moment, let the last run end, and say what the journal and the server tell."""
    kills = 0
    journalled: dict[str, int] = {}
    repeated: list[str] = []
    for moment in moments_s:
        kills += kill_in_the_middle(folder, moment)
        seen = counts(url)["keys"]
        repeated += [key for key, n in journalled.items() if seen[key]["asked"] != n]
        answers = read_journal(folder / "evals" / "journal.jsonl").answers
        journalled = {key: seen[key]["asked"] for key in answers}
    ended = subprocess.run(command(folder, "--json"), capture_output=True, text=True, check=False)
    seen = counts(url)["keys"]
    repeated += [key for key, n in journalled.items() if seen[key]["asked"] != n]
    return {
        "kills": kills, "journalled_before_the_last": len(journalled), "repeated": repeated, "exit": ended.returncode,
        "error": ended.stderr, "counts": counts(url), "result": json.loads(ended.stdout or "{}"),
    }  # fmt: skip


def moments(n: int, *, seed: int, longest_s: float) -> list[float]:
    return [float(moment) for moment in np.random.default_rng(seed).uniform(0, longest_s, size=n)]
