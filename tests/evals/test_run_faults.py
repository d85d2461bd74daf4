"""The whole command against the shipped server: faults, kills, Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.journal import read_journal
from tests.evals.killing import (
    command,
    counts,
    fake_server,
    killed_and_resumed,
    moments,
    write_suite,
)

pytest.importorskip("aiohttp")


def test_killed_at_any_moment_it_repeats_no_answered_call_and_loses_nothing(tmp_path: Path) -> None:
    n = 160
    folder = write_suite(tmp_path / "suite", "http://127.0.0.1:1/v1", n=n)
    with fake_server(folder / "cases.jsonl", "--latency", "20ms", "--accuracy", "80%") as url:
        write_suite(folder, url, n=n)
        told = killed_and_resumed(folder, url, moments_s=moments(4, seed=1, longest_s=0.06))
    assert told["kills"] >= 3
    assert told["journalled_before_the_last"] > 8
    assert told["repeated"] == []
    # What was answered but not yet journalled when the kill came is all that can be asked twice: 8 calls were at once.
    assert told["counts"]["answered_again"] <= 8 * told["kills"]
    assert told["exit"] == 0, told["error"]
    assert told["result"]["candidates"]["a"]["n"] == n
    result = read_result(folder / "evals" / "a.json")
    assert result.complete
    assert sorted(run.id for run in result.runs) == sorted(f"c{k}" for k in range(n))
    # The same answers as in a run that nobody killed: the fake's answers depend on the question alone.
    with fake_server(folder / "cases.jsonl", "--accuracy", "80%") as url:
        straight = write_suite(tmp_path / "straight", url, n=n)
        subprocess.run(command(straight), check=True, capture_output=True)
    scores = {run.id: run.score for run in result.runs}
    assert scores == {run.id: run.score for run in read_result(straight / "evals" / "a.json").runs}


def test_with_a_fifth_of_calls_failing_every_case_ends_scored_or_with_its_reason(tmp_path: Path) -> None:
    n = 60
    folder = write_suite(tmp_path, "http://127.0.0.1:1/v1", n=n)
    faults = ("--faults", "20%", "--latency", "2ms", "--retry-after", "10ms", "--seed", "3")
    with fake_server(folder / "cases.jsonl", *faults) as url:
        write_suite(folder, url, n=n, concurrency=30, timeout="1 s", attempts="2")
        done = subprocess.run(command(folder, "--json"), capture_output=True, text=True, check=False)
        seen = counts(url)
    told = json.loads(done.stdout)
    runs = read_result(folder / "evals" / "a.json").runs
    assert len(runs) == n
    unscored = [run for run in runs if run.score is None]
    assert told["candidates"]["a"]["not_scored"] == len(unscored)
    assert all(run.failure and run.note for run in unscored)
    assert done.returncode == (3 if unscored else 0)
    assert sum(seen["faults"].values()) > 5
    assert all(run.score == 1 for run in runs if run.score is not None)
    assert seen["answered"] == len(read_journal(folder / "evals" / "journal.jsonl").answers)


def test_interrupted_it_waits_for_what_is_paid_writes_and_says_how_to_go_on(tmp_path: Path) -> None:
    folder = write_suite(tmp_path, "http://127.0.0.1:1/v1", n=400)
    with fake_server(folder / "cases.jsonl", "--latency", "30ms") as url:
        write_suite(folder, url, n=400)
        started = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        journal = folder / "evals" / "journal.jsonl"
        while not journal.exists() or journal.stat().st_size < 3_000:
            time.sleep(0.005)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=20)
        seen = counts(url)
    assert started.returncode == 130
    assert "Stopping" in err
    assert "Traceback" not in err
    assert "Continue    breakeven eval run" in out
    result = read_result(folder / "evals" / "a.json")
    assert not result.complete
    # Everything that the server answered was waited for and kept.
    assert len(result.runs) == len(read_journal(journal).answers) == seen["answered"]
