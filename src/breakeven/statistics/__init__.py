"""Statistics: from eval cases and draws to figures that say how sure they are.

Everything here is arithmetic on arrays, with NumPy and ``scipy.special`` only: no files, no clock, and no
randomness but the generator that is passed in. One module a topic:

``estimate``        a figure with its interval
``intervals``       one rate or mean: Wilson, clustered Wilson, exact binomial, Student's t
``pairing``         two candidates on the same cases
``margins``         no more than a stated margin worse
``several``         many candidates at once, and which is best
``segments``        figures by segment, drawn towards the whole
``joint``           posterior draws of many candidates' scores on the same cases
``f_measure``       F1 over a whole set of cases
``selection``       the best of several prompts, corrected for having been picked
``iterations``      what one more prompt iteration is likely to gain
``holdout``         what each opening of a sealed set costs
``judges``          a judge's verdicts, corrected by human labels
``sequential``      evidence that may be looked at after every case
``monitoring``      stopping an eval early on it
``sample_size``     how many more cases, labels or repeats
``learning_curve``  the score of a tuned model at more training examples
``curve_shapes``    the shapes that such a curve may have
``regression``      an outcome's mean given inputs
``information``     what knowing more is worth
``prior``           the spread of the published gain from tuning
``summary``         a sample in three figures
"""

from __future__ import annotations

from breakeven.statistics.estimate import Estimate
from breakeven.statistics.f_measure import CorpusF1, LabelF1, corpus_f1
from breakeven.statistics.holdout import Opening, holdout_estimate, opening_cost, reuse_optimism
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
from breakeven.statistics.iterations import NextIteration, next_iteration
from breakeven.statistics.joint import joint_posterior
from breakeven.statistics.judges import (
    JudgedAccuracy,
    JudgedMean,
    Stratum,
    judged_accuracy,
    judged_mean,
    labels_for_claim,
    labels_for_half_width,
)
from breakeven.statistics.learning_curve import LearningCurve, Reach, fit_learning_curve
from breakeven.statistics.margins import NonInferiority, non_inferiority
from breakeven.statistics.monitoring import Monitoring, log_e_process, monitor
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
from breakeven.statistics.sample_size import (
    Buy,
    Needed,
    cases_for_non_inferiority,
    cases_to_settle,
    repeats_or_cases,
)
from breakeven.statistics.segments import Segment, Segments, segment_differences, segment_means
from breakeven.statistics.selection import Selection, select_best
from breakeven.statistics.sequential import e_value
from breakeven.statistics.several import Contrast, Several, compare_several
from breakeven.statistics.summary import Summary, quantiles, summarise

__all__ = [
    "Buy",
    "Contrast",
    "CorpusF1",
    "Estimate",
    "JudgedAccuracy",
    "JudgedMean",
    "LabelF1",
    "LearningCurve",
    "Monitoring",
    "Needed",
    "NextIteration",
    "NonInferiority",
    "Opening",
    "PairedCells",
    "PairedComparison",
    "Reach",
    "Segment",
    "Segments",
    "Selection",
    "Several",
    "Stratum",
    "Summary",
    "VarianceParts",
    "cases_for_non_inferiority",
    "cases_to_claim",
    "cases_to_settle",
    "clustered_wilson",
    "compare",
    "compare_several",
    "conditional_mean",
    "corpus_f1",
    "e_value",
    "evpi",
    "evppi",
    "exact_binomial",
    "fit_learning_curve",
    "holdout_estimate",
    "joint_posterior",
    "judged_accuracy",
    "judged_mean",
    "labels_for_claim",
    "labels_for_half_width",
    "log_e_process",
    "mcnemar",
    "monitor",
    "next_iteration",
    "non_inferiority",
    "opening_cost",
    "p_difference_above",
    "paired_cells",
    "paired_difference",
    "published_gain_points",
    "quantiles",
    "repeats_or_cases",
    "reuse_optimism",
    "segment_differences",
    "segment_means",
    "select_best",
    "summarise",
    "t_mean",
    "variance_parts",
    "wilson",
]
