"""Evidence: what was measured, read from files, checked and paired.

``scores``   one candidate's scores, case by case
``pairing``  several candidates on the same cases
``formats``  one file a format of scores
``files``    the text of a file, or one clear error
``evals``    candidates run on cases, or imported from another tool, and compared
``calls``    call logs, read by an engine: DuckDB, Spark, a database
``profile``  the workload that is in them
``prompts``  the parts of prompts that never change, tokens counted, texts masked
``repricing``  the same calls at other prices
``training``  training data: checked, audited, cleaned, split, sized
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names

if TYPE_CHECKING:
    from breakeven.evidence.pairing import Paired, align
    from breakeven.evidence.scores import ScoreTable, parse_scores, read_scores

__all__ = ["Paired", "ScoreTable", "align", "parse_scores", "read_scores"]

_EXPORTS = {
    "Paired": "breakeven.evidence.pairing",
    "ScoreTable": "breakeven.evidence.scores",
    "align": "breakeven.evidence.pairing",
    "parse_scores": "breakeven.evidence.scores",
    "read_scores": "breakeven.evidence.scores",
}

if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, _EXPORTS)
