"""Statistics: from eval cases and draws to figures that say how sure they are.

Everything here is arithmetic on arrays, with NumPy and ``scipy.special`` only: no files, no clock, and no
randomness but the generator that is passed in. One module a topic:

``estimate``     a figure with its interval
``intervals``    one rate or mean: Wilson, clustered Wilson, exact binomial, Student's t
``pairing``      two candidates on the same cases
``joint``        posterior draws of many candidates' scores on the same cases
``sequential``   evidence that may be looked at after every case
``regression``   an outcome's mean given inputs
``information``  what knowing more is worth
``prior``        the spread of the published gain from tuning
``summary``      a sample in three figures
"""

from __future__ import annotations

from breakeven.statistics.estimate import Estimate
from breakeven.statistics.information import evpi, evppi
from breakeven.statistics.intervals import (
    VarianceParts,
    cases_to_claim,
    clustered_wilson,
    exact_binomial,
    t_mean,
    variance_parts,
    wilson,
)
from breakeven.statistics.joint import joint_posterior
from breakeven.statistics.pairing import (
    PairedCells,
    PairedComparison,
    compare,
    mcnemar,
    p_difference_above,
    paired_cells,
    paired_difference,
)
from breakeven.statistics.prior import published_gain_points
from breakeven.statistics.regression import conditional_mean
from breakeven.statistics.sequential import e_value
from breakeven.statistics.summary import Summary, quantiles, summarise

__all__ = [
    "Estimate",
    "PairedCells",
    "PairedComparison",
    "Summary",
    "VarianceParts",
    "cases_to_claim",
    "clustered_wilson",
    "compare",
    "conditional_mean",
    "e_value",
    "evpi",
    "evppi",
    "exact_binomial",
    "joint_posterior",
    "mcnemar",
    "p_difference_above",
    "paired_cells",
    "paired_difference",
    "published_gain_points",
    "quantiles",
    "summarise",
    "t_mean",
    "variance_parts",
    "wilson",
]
