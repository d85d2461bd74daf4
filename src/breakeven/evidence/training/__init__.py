"""Training data: read in any format, checked against the evals and the production logs, audited, cleaned and split.

What a row holds stands in ``row``; what a check says of the rows, in ``check``; one file for each check in ``checks``.
"""

from __future__ import annotations
