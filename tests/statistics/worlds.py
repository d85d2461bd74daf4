"""Simulated evals: answers of several candidates to the same cases."""

from __future__ import annotations

import numpy as np
from scipy import special


def answers(rng: np.random.Generator, shares, n: int, correlation: float = 0.6) -> np.ndarray:
    """Right (1) or wrong (0), (n, candidates): each case is hard or easy for all, as far as ``correlation`` says."""
    return answer(rng, np.sqrt(correlation) * rng.standard_normal((n, 1)), shares, correlation)


def answer(rng: np.random.Generator, hard: np.ndarray, shares, correlation: float = 0.6) -> np.ndarray:
    """Answers of candidates with these shares right to cases that are this ``hard``, (n, 1)."""
    shares = np.asarray(shares, dtype=float)
    own = np.sqrt(1 - correlation) * rng.standard_normal((hard.shape[0], shares.size))
    return np.asarray(hard + own < special.ndtri(shares), dtype=float)


def holds(estimate, truth: float) -> bool:
    low, high = estimate.interval
    return bool(low <= truth <= high)
