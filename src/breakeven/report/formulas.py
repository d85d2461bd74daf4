"""How the figures of the page are computed, in words and symbols; the same text under every figure of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CHART_FORMULAS", "FORMULAS", "Formula"]


@dataclass(frozen=True)
class Formula:
    """A figure, its formula, and what stands in it."""

    name: str
    formula: str
    where: str


FORMULAS: Final = (
    Formula(
        "Calls in month t",
        "Nₜ = V · (1 + g)^(t−1)",
        "V calls in month 1, g growth a month. Months count from 1; a month is 365/12 days, 730 hours.",
    ),
    Formula(
        "Discounting",
        "dₜ = (1 + d)^−((t−1)/12)",
        "d the discount a year. Work to build falls in month 1 and is not discounted.",
    ),
    Formula(
        "Prices",
        "pₜ = p · (1 + c)^((t−1)/12)",
        "c the price change a year, or steps of published frequency and size.",
    ),
    Formula(
        "Cost",
        "cost = Σₜ dₜ · Σ lines of the bill",
        "every cost line but errors, latency and delay. A line that nobody stated is named under “not counted”; "
        "it is never zero.",
    ),
    Formula(
        "Net benefit",
        "NB = value of right answers − cost of errors, latency and delay − cost",
        "discounted, in each draw; shown as the difference to today's candidate in the same draw.",
    ),
    Formula(
        "Mean and 90% interval",
        "mean, 5th and 95th percentile over draws",
        "a draw is one world in which every uncertain input has one value, shared by all candidates.",
    ),
    Formula(
        "P(best)",
        "share of draws in which NB is the highest of all candidates",
        "compared draw by draw, never by comparing two intervals.",
    ),
    Formula(
        "Expected regret",
        "E[max over candidates of NB − NB of the one chosen]",
        "for the answer it equals the value of perfect information.",
    ),
    Formula(
        "Break-even month",
        "first month from which Σ dₜ·cost stays below today's to the end",
        "on cost alone. Draws in which it never happens count as “never”; they are not left out.",
    ),
    Formula(
        "Break-even volume",
        "calls a month in month 1 at which the cost over the horizon equals today's",
        "in each draw, all other inputs as drawn.",
    ),
    Formula(
        "A flip",
        "the value of one input at which E[NB] of another candidate passes the answer's",
        "all other inputs as believed; P is the chance that the input lies beyond it.",
    ),
    Formula(
        "Value of knowing one input",
        "EVPPI = E[max over candidates of E[NB | input]] − max E[NB]",
        "an upper limit for what a measurement of that input may cost.",
    ),
)
"""For the section *How it is computed*."""

CHART_FORMULAS: Final = {
    "fan": "At each month's end: Σ dₜ · (lines of the bill) from the start to that month, in each draw; shown are "
    "the 5th, 50th and 95th percentile. Month 0 is what is paid to build. Errors are not part of it.",
    "difference": "In each draw, NB of the candidate − NB of today's. The shape is the share of draws, smoothed; the "
    "dot is the mean, the bar the 90% interval.",
    "tornado": "E[NB of the answer] − E[NB of the best other], with one input set to its 5th and then to its 95th "
    "percentile and all others as believed. Inputs that are stated without a range have no bar.",
    "stacked": "Mean over draws of Σₜ dₜ · line, by kind of cost. Striped parts are consequences: they count in net "
    "benefit and are on no bill.",
    "monthly": "Mean over draws of each line in each month, not discounted, without consequences. All panels share "
    "one scale.",
    "plane": "Mean cost over the horizon and mean quality; the arms are 90% intervals. The dotted line joins those "
    "that no other, and no mix of two others, beats on both: between them one more point costs more and more (ICER).",
    "worth": "Value: E[max over candidates of E[NB | result]] − max E[NB] (EVSI), its result simulated in each draw "
    "and NB regressed on it, cross-fitted; waiting: the same for what months of use would show. Cost and delay: the "
    "study's own figures.",
    "outcome": "E[NB of each candidate − NB of the choice as it stands | result], by a spline through all draws; the "
    "choice switches where a line crosses zero from below. Bars: the share of draws with each result.",
    "acceptability": "In each draw, NB without the price of errors − price · wrong answers over the horizon, "
    "discounted; the line is the share of draws in which a candidate's is the highest.",
    "inputs": "EVPPI = E[max over candidates of E[NB | input]] − max E[NB], by a spline. The fit to all draws errs "
    "upwards, choosing by fits that have not seen the draw errs downwards.",
    "paired": "As scored: mean difference on the cases both ran, with the interval of the four paired cells (or of "
    "clusters). As counted: difference of the qualities that the decision draws, which are corrected and drawn "
    "together.",
    "curve": "Three families of curves (power law, logistic in log size, broken power law), weighed by how likely they "
    "make the runs; intervals hold the curve's doubt, widened by 1.25, and how runs scatter.",
    "routing": "Two smoothed logistic fits, P(large right | confidence) and P(small right | confidence); cases are "
    "handed on by the larger difference, each fifth of them by fits to the other four. It pays where price of an error "
    "· difference exceeds what the large one costs.",
    "gain": "The steps of the versions so far, corrected for picking the best, late ones counting more, with a prior "
    "of 0 ± 2 points; in dollars by the price of an error and the calls of the horizon. Worth: E[max(gain, 0)].",
    "map": "At each point, volume and the other input are set to that value, all others as believed; the colour is "
    "the candidate with the highest E[NB].",
}
