"""The whole command against the shipped server: faults, kills, Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from breakeven.cli.root import root
from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.journal import read_journal
from tests.evals.killing import command, counts, fake_server, write_suite

pytest.importorskip("aiohttp")

from tests.evals.gated import PATIENCE_S, gated_server, killed_after, until


def test_killed_at_any_moment_it_repeats_no_answered_call_and_loses_nothing(tmp_path: Path) -> None:
    n, at_once, kills, more = 120, 8, 3, 30
    folder = write_suite(tmp_path / "suite", "http://127.0.0.1:1/v1", n=n)
    with gated_server(folder / "cases.jsonl") as server:
        guessing = "local/m?accuracy=80%"
        write_guessing(folder, server.url, guessing, n=n)
        for at in np.random.default_rng(1).integers(2 * at_once + 1, more + 1, size=kills):
            killed_after(folder, server, more=more, at=int(at))
        journalled = read_journal(folder / "evals" / "journal.jsonl").answers
        at_kill = counts(server.url)
        # At a kill at_once calls were under way, and at_once may have come from the run before: the rest is kept.
        assert len(journalled) >= kills
        assert at_kill["answered"] - at_kill["answered_again"] - len(journalled) <= kills * at_once
        server.let = float("inf")
        ended = CliRunner().invoke(root, command(folder, "--json")[1:])
        seen = counts(server.url)
        assert ended.exit_code == 0, ended.output
        # What was answered but not yet journalled when the kill came is all that can be asked twice.
        assert all(seen["keys"][key]["asked"] == at_kill["keys"][key]["asked"] for key in journalled)
        assert seen["answered_again"] <= kills * at_once
        assert json.loads(ended.stdout)["candidates"]["a"]["n"] == n
        result = read_result(folder / "evals" / "a.json")
        assert result.complete
        assert sorted(run.id for run in result.runs) == sorted(f"c{k}" for k in range(n))
        # The same answers as in a run that nobody killed: the fake's answers depend on the question alone.
        straight = write_guessing(tmp_path / "straight", server.url, guessing, n=n)
        assert CliRunner().invoke(root, command(straight)[1:]).exit_code == 0
    scores = {run.id: run.score for run in result.runs}
    assert scores == {run.id: run.score for run in read_result(straight / "evals" / "a.json").runs}
    assert set(scores.values()) == {0, 1}


def write_guessing(folder: Path, url: str, model: str, *, n: int) -> Path:
    """A suite whose model is not always right."""
    return write_suite(
        folder, url, n=n, candidates=f"{{a: {{model: '{model}', prompt: p.md, max_output_tokens: 5}}}}",
        prices=f"{{'{model}': {{input: $2/1M tokens, output: $8/1M tokens}}}}",
    )  # fmt: skip


def test_with_a_fifth_of_calls_failing_every_case_ends_scored_or_with_its_reason(tmp_path: Path) -> None:
    n = 60
    folder = write_suite(tmp_path, "http://127.0.0.1:1/v1", n=n)
    # None that hang: a time-out short enough for them could end a good call on a busy machine, too.
    kinds = "429,500,truncated,cut,reset,empty"
    faults = ("--faults", "20%", "--kinds", kinds, "--retry-after", "10ms", "--seed", "3")
    with fake_server(folder / "cases.jsonl", *faults) as url:
        write_suite(folder, url, n=n, concurrency=30, timeout="60 s", attempts="2")
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
    folder = write_suite(tmp_path, "http://127.0.0.1:1/v1", n=40)
    journal = folder / "evals" / "journal.jsonl"
    with gated_server(folder / "cases.jsonl") as server:
        write_suite(folder, server.url, n=40)
        server.let = 20
        process = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        until(lambda: server.given == 20 and journal.exists(), process)
        process.send_signal(signal.SIGINT)
        err = ""
        while "Stopping" not in err:  # it has seen the signal; the calls under way are still held
            line = process.stderr.readline()
            assert line, err
            err += line
        server.let = float("inf")
        out, rest = process.communicate(timeout=PATIENCE_S)
        seen = counts(server.url)
    assert process.returncode == 130
    assert "Traceback" not in err + rest
    assert "Continue    breakeven eval run" in out
    result = read_result(folder / "evals" / "a.json")
    assert not result.complete
    # Everything that the server answered was waited for and kept: what was let through and what was under way.
    assert len(result.runs) == len(read_journal(journal).answers) == seen["answered"]
    assert 20 <= seen["answered"] <= 20 + 8
