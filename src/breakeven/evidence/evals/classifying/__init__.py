"""Small classifiers trained here in seconds: the third answer beside a prompt and a fine-tune.

``texts``     labelled texts to train on, and the text of a case
``features``  texts as TF-IDF of words and of parts of words
``linear``    a linear model on them: how strictly is chosen by cross-validation, probabilities are calibrated
``leakage``   cases that equal or nearly equal a training text
``running``   trained, asked and scored: a result like any other
``curves``    trained on parts of the texts, for a learning curve
"""

from __future__ import annotations

__all__: list[str] = []
