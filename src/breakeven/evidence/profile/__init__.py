"""The profile of a workload: exact counts over its calls, and what they allow to believe of its volume.

``histogram``  percentiles of counted values, exact whatever their number
``volume``     calls by ten minutes: per month, growth, rhythm, gaps, peaks, with their intervals
``costs``      dollars by model, at logged costs or at the price book's
``outcomes``   measured quality, with its interval
``build``      all of it, as the mapping that ``profile --json`` prints
``writing``    the profile and its refused rows, written so that a killed command leaves the old file or the new one
"""

from __future__ import annotations

__all__: list[str] = []
