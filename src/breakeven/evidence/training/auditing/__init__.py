"""Are the labels right? Rows ranked by how doubtful they look, drawn at random, judged by people, and what that proves.

``confident``   which labels a classifier that has not seen them doubts (confident learning)
``predicting``  the probabilities it takes, out of sample
``keys``        a row's name in an audit: a hash, so that an edit is noticed
``drawing``     which rows come next: at random, or the most doubtful
``verdicts``    what people said, as a file that is kept
``sheet``       rows for people in a CSV, and the verdicts read back
``claim``       what the verdicts say of all labels
"""

from __future__ import annotations

__all__: list[str] = []
