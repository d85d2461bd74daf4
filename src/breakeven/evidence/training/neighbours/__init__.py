"""Texts that equal or nearly equal each other, among any number of texts.

``shingles``    texts as sets of pieces of four letters, hashed in arrays
``candidates``  pairs that are probably alike, by MinHash and locality-sensitive hashing
``find``        candidates checked on the sets themselves, and linked to clusters
``rows``        which text of a training row is compared
``cosine``      pairs of up to some ten thousand texts by cosine, none left out
"""

from __future__ import annotations

from breakeven.evidence.training.neighbours.find import SIMILARITY, Neighbours, find_neighbours

__all__ = ["SIMILARITY", "Neighbours", "find_neighbours"]
