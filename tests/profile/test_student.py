from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from breakeven.evidence.profile.student import t_95


@pytest.mark.parametrize("degrees_of_freedom", [1, 1.3, 2, 3.7, 6, 13, 27, 364, 10_000])
def test_it_is_students_t(degrees_of_freedom: float) -> None:
    assert t_95(degrees_of_freedom) == pytest.approx(special.stdtrit(degrees_of_freedom, 0.95), rel=1e-5)


def test_one_degree_of_freedom_is_cauchy() -> None:
    assert t_95(1) == pytest.approx(np.tan(0.45 * np.pi), rel=1e-12)
