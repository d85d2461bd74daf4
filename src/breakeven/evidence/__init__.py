"""Evidence: what was measured, read from files, checked and paired.

``scores``   one candidate's scores, case by case
``pairing``  several candidates on the same cases
``formats``  one file a format of scores
``files``    the text of a file, or one clear error
"""

from __future__ import annotations

from breakeven.evidence.pairing import Paired, align
from breakeven.evidence.scores import ScoreTable, parse_scores, read_scores

__all__ = ["Paired", "ScoreTable", "align", "parse_scores", "read_scores"]
