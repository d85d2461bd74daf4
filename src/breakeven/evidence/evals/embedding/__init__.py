"""Texts as vectors in an eval: kept by their content, asked in batches, paid for once.

``vectors``  vectors by model and text, and what each cost
``needs``    which texts a suite wants embedded, before anything is asked and after it was answered
``asking``   what is missing is asked, in batches, side by side, within the budget
``comparing``  answers against the expected texts, by the vectors of both
"""

from __future__ import annotations

__all__: list[str] = []
