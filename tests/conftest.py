"""What all tests share: reproducible Hypothesis runs, and the folder of real data where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
DATA_VARIABLE = "BREAKEVEN_TEST_DATA"

settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A function from the name of a public data set to its folder; skips the test where it is absent.

    The data folder is the one that ``BREAKEVEN_TEST_DATA`` names, else the one beside the checkout.
    """
    folder = Path(os.environ.get(DATA_VARIABLE) or ROOT.parent / "shared" / "data")

    def find(name: str) -> Path:
        found = folder / name
        if not found.exists():
            pytest.skip(f"real data {name!r} is not there: set {DATA_VARIABLE} to the folder that holds it")
        return found

    return find
