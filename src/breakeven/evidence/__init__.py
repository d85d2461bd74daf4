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
"""

from __future__ import annotations

from breakeven.evidence.pairing import Paired, align
from breakeven.evidence.scores import ScoreTable, parse_scores, read_scores

__all__ = ["Paired", "ScoreTable", "align", "parse_scores", "read_scores"]
