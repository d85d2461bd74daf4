"""Retrieved context: passages of a corpus, ranked for each case and filled into its prompt.

``passages``   the corpus
``bm25``       ranking by words, without a model
``retrieval``  what a candidate states, which passages it finds, and how many of the relevant ones are among them
``reporting``  what a result and its page tell of it
``failing``    cases whose passages could not be ranked, with the reason
"""

from __future__ import annotations

__all__: list[str] = []
