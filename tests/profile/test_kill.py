"""A command killed at any moment leaves the old profile or the new one; the next run works, and clears away."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.evidence.calls.scratch import Scratch, is_abandoned
from breakeven.evidence.profile.writing import replaced
from tests.profile.corruption import good_row

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system can not kill -9")
PROGRAM = str(Path(sys.executable).with_name("breakeven"))
MOMENTS = 10
ROWS = 3_000


@pytest.fixture
def log(tmp_path):
    """Calls, one in four of them refused, so that the refused rows take a while to write."""
    rows = [json.dumps(good_row(i)) if i % 4 else '{"level": "info"}' for i in range(ROWS)]
    path = tmp_path / "new.jsonl"
    path.write_text("\n".join(rows) + "\n")
    return path


def _start(log: Path, out: Path, temp: Path) -> subprocess.Popen[bytes]:
    words = [
        PROGRAM,
        "profile",
        str(log),
        "--no-prompts",
        "-o",
        str(out / "profile.json"),
    ]
    environ = {**os.environ, "TMPDIR": str(temp)}
    return subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _writes(out: Path) -> bool:
    return any(path.suffix == ".half" for path in out.iterdir())


def _kill(log: Path, out: Path, temp: Path, after_s: float | None) -> None:
    """Run and kill: so many seconds after the start, or (None) as soon as something is being written."""
    run = _start(log, out, temp)
    start = time.perf_counter()
    while run.poll() is None:
        if _writes(out) if after_s is None else time.perf_counter() - start >= after_s:
            break
        time.sleep(0.0005)
    run.kill()
    run.wait()


def test_the_old_profile_or_the_new_one(log, tmp_path):
    temp = tmp_path / "temp"
    temp.mkdir()
    outs = [tmp_path / "a", tmp_path / "b"]
    for out in outs:
        out.mkdir()
    start = time.perf_counter()
    assert _start(log, outs[0], temp).wait() == 0
    whole_s = time.perf_counter() - start
    new = json.loads((outs[0] / "profile.json").read_text())
    assert new["calls"] == ROWS - ROWS // 4
    old = json.dumps({**new, "calls": -1, "rejected_file": {"sha256": "of an older run"}})
    rng = random.Random(20260302)
    drawn = [rng.uniform(0, 1.2 * whole_s) for _ in range(MOMENTS - 4)] + [None] * 4

    def several(out: Path, moments: list[float | None]) -> list[bool]:
        kept = []
        for moment in moments:
            (out / "profile.json").write_text(old)
            _kill(log, out, temp, moment)
            found = (out / "profile.json").read_text()
            kept.append(found == old)
            assert kept[-1] or json.loads(found).keys() == new.keys()
            refused = (
                (out / "rejected.jsonl").read_text().splitlines() if (out / "rejected.jsonl").exists() else []
            )
            assert len([json.loads(row) for row in refused]) in (0, ROWS // 4)
            if not kept[-1]:  # a new profile names the refused rows that it counts
                told = hashlib.sha256((out / "rejected.jsonl").read_bytes()).hexdigest()
                assert json.loads(found)["rejected_file"]["sha256"] == told
        return kept

    with ThreadPoolExecutor(2) as pool:  # two at a time: neither takes the other's folder for a dead one
        kept = list(chain.from_iterable(pool.map(several, outs, (drawn[::2], drawn[1::2]))))
    assert any(kept)
    _all_is_well_afterwards(log, outs, temp)


def _all_is_well_afterwards(log: Path, outs: list[Path], temp: Path) -> None:
    assert list(temp.glob("breakeven-*"))  # what the killed runs left
    for out in outs:
        for half in out.glob(".*.half"):
            os.utime(half, (0, 0))
        assert _start(log, out, temp).wait() == 0
        assert json.loads((out / "profile.json").read_text())["calls"] == ROWS - ROWS // 4
        assert sorted(path.name for path in out.iterdir()) == ["profile.json", "rejected.jsonl"]
    assert list(temp.glob("breakeven-*")) == []


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_living_run_keeps_its_folder(temporary):
    with Scratch() as first:
        with Scratch() as second:
            assert first.is_dir()
            assert second.is_dir()
        assert first.is_dir()
        assert not second.exists()
    assert list(temporary.iterdir()) == []


def test_only_folders_that_were_ours_are_deleted(temporary, monkeypatch):
    dead, foreign = temporary / "breakeven-dead", temporary / "breakeven-other"
    for folder in (dead, foreign):
        folder.mkdir()
    (dead / "owner").touch()
    (foreign / "data").touch()
    target = temporary / "target"
    target.mkdir()
    (target / "owner").touch()
    (temporary / "breakeven-link").symlink_to(target)
    with monkeypatch.context() as patch:
        patch.setattr("os.getuid", lambda: 12345)
        Scratch().close()
        assert dead.exists()
    Scratch().close()
    assert not dead.exists()
    assert foreign.exists()
    assert (target / "owner").exists()


def test_a_file_being_written_is_left_alone(tmp_path):
    path = tmp_path / "p.json"
    with replaced(path) as first:
        half = next(tmp_path.iterdir())
        os.utime(half, (0, 0))
        assert not is_abandoned(half)
        with replaced(path) as second:
            second.write("2")
        first.write("1")
    assert path.read_text() == "1"
    assert list(tmp_path.iterdir()) == [path]
