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
``levels``          the same draws with a prior on each level that leans less
``f_measure``       F1 over a whole set of cases
``selection``       the best of several prompts, corrected for having been picked
``iterations``      what one more prompt iteration is likely to gain
``holdout``         what each opening of a sealed set costs
``auditing``        what a random audit proves of the labels
``judges``          a judge's verdicts, corrected by human labels
``sequential``      evidence that may be looked at after every case
``monitoring``      stopping an eval early on it
``sample_size``     how many more cases, labels or repeats
``learning_curve``  the score of a tuned model at more training examples
``curve_shapes``    the shapes that such a curve may have
``regression``      an outcome's mean given inputs
``information``     what knowing more is worth
``sample_information``  what a planned measurement is worth
``cost_effectiveness``  what more quality costs, and who is best at each value of it
``regret``          what a choice may lose, and its bad end
``routing``         what handing doubtful cases to a larger model brings, cross-fitted
``sobol``           how much of an outcome's variance each input explains
``prior``           the spread of the published gain from tuning
``leaked``          a score without the cases that training has seen
``two_samples``     whether two samples differ, and how far
``summary``         a sample in three figures
"""

from __future__ import annotations

from breakeven.statistics.auditing import (
    AuditClaim,
    audit_claim,
    audit_e_value,
    audit_stop,
    rows_to_stop,
)
from breakeven.statistics.cost_effectiveness import (
    Acceptability,
    IcerRow,
    acceptability,
    icers,
    incremental_benefit,
)
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.f_measure import CorpusF1, LabelF1, corpus_f1
from breakeven.statistics.holdout import Opening, holdout_estimate, opening_cost, reuse_optimism
from breakeven.statistics.information import (
    Worth,
    evpi,
    evppi,
    value_of_input,
    value_of_inputs,
    value_of_perfect,
)
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
from breakeven.statistics.regret import cvar, regrets
from breakeven.statistics.routing import RoutingCurve, routing_curve
from breakeven.statistics.sample_information import (
    beta_binomial_evsi,
    enbs,
    evsi,
    evsi_by_weights,
    normal_evsi,
    population_factor,
    unit_normal_loss,
)
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
from breakeven.statistics.sobol import SobolIndices, first_order_from_draws, sobol_indices
from breakeven.statistics.summary import Summary, quantiles, summarise

__all__ = [
    "Acceptability",
    "AuditClaim",
    "Buy",
    "Contrast",
    "CorpusF1",
    "Estimate",
    "IcerRow",
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
    "RoutingCurve",
    "Segment",
    "Segments",
    "Selection",
    "Several",
    "SobolIndices",
    "Stratum",
    "Summary",
    "VarianceParts",
    "Worth",
    "acceptability",
    "audit_claim",
    "audit_e_value",
    "audit_stop",
    "beta_binomial_evsi",
    "cases_for_non_inferiority",
    "cases_to_claim",
    "cases_to_settle",
    "clustered_wilson",
    "compare",
    "compare_several",
    "conditional_mean",
    "corpus_f1",
    "cvar",
    "e_value",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "evsi_by_weights",
    "exact_binomial",
    "first_order_from_draws",
    "fit_learning_curve",
    "holdout_estimate",
    "icers",
    "incremental_benefit",
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
    "normal_evsi",
    "opening_cost",
    "p_difference_above",
    "paired_cells",
    "paired_difference",
    "population_factor",
    "published_gain_points",
    "quantiles",
    "regrets",
    "repeats_or_cases",
    "reuse_optimism",
    "routing_curve",
    "rows_to_stop",
    "segment_differences",
    "segment_means",
    "select_best",
    "sobol_indices",
    "summarise",
    "t_mean",
    "unit_normal_loss",
    "value_of_input",
    "value_of_inputs",
    "value_of_perfect",
    "variance_parts",
    "wilson",
]
