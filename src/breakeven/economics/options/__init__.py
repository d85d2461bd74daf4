"""Options: what it is worth to wait, to go in stages, to hand calls on, to train again. Arrays in, arrays out.

``plans``          net benefit of any sequence of candidates over months and shares of the calls
``least_squares``  the value of acting at the best of several dates (Longstaff and Schwartz), without foresight
``learning``       what will have been observed by a month: volume, prices, scores
``waiting``        commit now, or wait and choose then: information against delay
``gates``          the threshold on one figure that decides whether to go on
``staging``        a calendar with gates, valued from its end to its beginning
``hybrids``        the best share and month for a hybrid
``cadence``        how often to train again when quality drifts
``retirements``    what happens when a base model retires
"""

from __future__ import annotations

__all__: list[str] = []
