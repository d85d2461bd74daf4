"""The processes that compute: what they see, and what becomes of jobs that are slow, crash, or are one too many."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from breakeven.threads import compute_on_one_thread
from breakeven.web.api.pool import Answer, BusyError, Pool, TooLongError
from tests.web.api import work


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "request" / "files"
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(workers=1, waiting=1, work_s=60.0)
    yield made
    made.close()


def done(pool: Pool, folder: Path, function: Callable[..., object], **arguments: Any) -> Answer:
    return asyncio.run(pool.run(function, arguments, folder))


def test_a_worker_sees_the_requests_files_and_none_of_our_keys(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-key-of-ours")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:a-password@db")
    (folder / "evidence").mkdir()
    (folder / "evidence/numpy.py").write_text("raise SystemExit('imported from a request')")
    pool = Pool(workers=1, waiting=0, work_s=60.0)
    try:
        seen = json.loads(done(pool, folder, work.look).body)
    finally:
        pool.close()
    assert seen["files"] == ["evidence", "evidence/numpy.py"]
    assert seen["environment"]["OPENBLAS_NUM_THREADS"] == "1"
    assert Path(seen["temporary"]) == folder.parent / "scratch"
    assert "sk-a-key-of-ours" not in str(seen)
    assert "a-password" not in str(seen)
    assert all(Path(entry).is_absolute() for entry in seen["path"])
    assert not [entry for entry in seen["path"] if folder.is_relative_to(entry)]


def test_one_thread_is_asked_for_unless_somebody_has_said_how_many() -> None:
    environment = {"OMP_NUM_THREADS": "4"}
    compute_on_one_thread(environment)
    assert environment == {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_is_done(folder: Path) -> None:
    pool = Pool(workers=1, waiting=1, work_s=60.0)
    try:
        assert done(pool, folder, work.sleep, seconds=0.0).status == "done"  # the process has started
        pool.work_s = 0.2
        with pytest.raises(TooLongError, match=r"longer than 0\.2 s"):
            done(pool, folder, work.sleep, seconds=30.0)
        pool.work_s = 60.0
        assert done(pool, folder, work.sleep, seconds=0.0).status == "done"
    finally:
        pool.close()


def test_a_crash_and_a_fault_are_answered_and_say_nothing(
    pool: Pool, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "breakeven.web"):
        assert done(pool, folder, work.crash).status == "fault"
        failed = done(pool, folder, work.fail, secret="a-secret")
    assert failed.status == "fault"
    assert b"a-secret" not in failed.body
    assert "a-secret" not in caplog.text
    assert "RuntimeError at worker.py" in caplog.text
    assert done(pool, folder, work.not_json).status == "fault"
    assert done(pool, folder, work.sleep, seconds=0.0) == Answer(status="done", body=b"0.0")


def test_only_one_too_many_is_sent_away(pool: Pool, folder: Path) -> None:
    async def all_at_once() -> list[Answer | BaseException]:
        jobs = [pool.run(work.sleep, {"seconds": 0.2}, folder) for _ in range(3)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    *answers, busy = asyncio.run(all_at_once())
    assert [a.status for a in answers if isinstance(a, Answer)] == ["done", "done"]
    assert isinstance(busy, BusyError)
    assert busy.retry_s >= 1
    assert pool.in_line == 0


def test_a_job_that_nobody_waits_for_is_ended(
    pool: Pool, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave_early() -> None:
        running = asyncio.ensure_future(pool.run(work.sleep, {"seconds": 60.0}, folder))
        queued = asyncio.ensure_future(pool.run(work.sleep, {"seconds": 60.0}, folder))
        await asyncio.sleep(0.3)
        assert pool.in_line == 1
        for one in (queued, running):
            one.cancel()
        found = await asyncio.gather(running, queued, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in found)

    begun = time.monotonic()
    asyncio.run(leave_early())
    assert done(pool, folder, work.sleep, seconds=0.0).status == "done"
    assert time.monotonic() - begun < 50
    assert caplog.text == ""


def test_closing_ends_what_is_under_way(folder: Path) -> None:
    pool = Pool(workers=1, waiting=1, work_s=60.0)

    async def close_meanwhile() -> Answer:
        running = asyncio.ensure_future(pool.run(work.sleep, {"seconds": 60.0}, folder))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(pool.close)
        return await running

    begun = time.monotonic()
    assert asyncio.run(close_meanwhile()).status == "fault"
    assert time.monotonic() - begun < 50
