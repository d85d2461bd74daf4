"""Repricing: what the same logged calls would have cost on other models, with caching, batch, or a shorter prompt.

``terms``    what is asked: share in batch, caching, what is cut from the prompt, how long another model's answers are
``batch``    which calls go through the batch price: as logged, as stated, or as open as the log leaves it
``tariff``   one call's dollars at one model's prices, as Ibis expressions: tiers and minimum prefixes call by call
``replay``   tokens that a prompt cache would have held, from block hashes and arrival times
``result``   what came out: frozen, with its interval, and as the mapping that ``reprice --json`` prints
``compute``  all of it, in one pass over the calls
"""

from __future__ import annotations

__all__: list[str] = []
