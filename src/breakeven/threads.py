"""How many threads the arithmetic takes."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Final

__all__ = ["ONE_THREAD", "compute_on_one_thread"]

ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A decision's matrices are small: a second thread of the linear algebra mostly waits, and takes a core while it does.
One thread makes a decision in half the processor time; and a server has other requests for the other cores."""


def compute_on_one_thread(environment: MutableMapping[str, str] = os.environ) -> None:
    """Ask the linear algebra for one thread, unless somebody has said how many; to be called before it is loaded."""
    for name, value in ONE_THREAD.items():
        environment.setdefault(name, value)
