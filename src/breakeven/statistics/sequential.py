"""Evidence against "both are equally good" that may be looked at after every case.

A test read again and again until it is significant finds something sooner or later (an exact test peeked at
every 20 cases: 16.5% false alarms at a nominal 5%). An e-value does not: stop the first time it reaches 20, and
the chance of a false alarm stays under 1/20, however often it was read. Cases come in random order, one bet a
cluster.
"""

from __future__ import annotations

import math

from scipy import special

from breakeven.errors import InputError

__all__ = ["e_value"]


def e_value(wins: int, losses: int) -> float:
    """Evidence that the candidate with ``wins`` is the better one, as an e-value; 20 or more settles it at 5%.

    wins, losses: cases on which only this candidate, or only the other one, was right (cases on which both
    agree say nothing). It is the Beta-mixture bet on win rates above ½: the mean of θ^wins (1-θ)^losses 2^n over
    θ uniform on (½, 1). ``inf`` where it is too large for a float.

    >>> round(e_value(8, 1), 2)
    11.26
    """
    _check(wins, losses)
    if wins < losses:
        return _behind(wins, losses)
    log_e = (
        float(special.betaln(wins + 1, losses + 1))
        + math.log(float(special.betainc(losses + 1, wins + 1, 0.5)))  # P(Beta(wins+1, losses+1) > ½)
        + (wins + losses + 1) * math.log(2)
    )
    return math.exp(log_e) if log_e < math.log(1e308) else math.inf


def _behind(wins: int, losses: int) -> float:
    """The same for fewer wins than losses, where the tail of the beta is too small for a float.

    The incomplete beta as a hypergeometric series (DLMF 8.17.8): E = 2F1(n+2, 1; losses+2; ½) / (2(losses+1)).
    """
    series = float(special.hyp2f1(wins + losses + 2, 1, losses + 2, 0.5))
    return series / (2 * (losses + 1))


def _check(wins: int, losses: int) -> None:
    if wins < 0 or losses < 0:
        raise InputError(f"{wins} wins and {losses} losses: counts of cases can not be below 0")
