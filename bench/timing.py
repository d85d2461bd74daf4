"""Timing that a busy machine does not spoil: runs take turns, and medians are compared, never single times."""

from __future__ import annotations

import gc
import re
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["medians", "peak_mb", "seconds"]


def seconds(run: Callable[[], object]) -> float:
    """Wall-clock seconds of one run."""
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def medians(runs: Mapping[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """The median seconds of each run. They take turns, so that a busy minute slows all of them."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repetitions):
        for name, run in runs.items():
            times[name].append(seconds(run))
    return {name: statistics.median(found) for name, found in times.items()}


def peak_mb() -> float:
    """The most memory that this process has held, in MB.

    From the kernel's own line where there is one: ``getrusage`` also remembers what a parent held before it forked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
