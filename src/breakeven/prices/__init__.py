"""The dated price book: what models, fine-tunes and GPU hours cost, and who said so when.

``load_book()`` opens the snapshot that ships with the package; ``current_book()`` prefers the user's own when it is
newer. In this room::

    records     one frozen record for each kind of price
    book        the book itself: look up, search, state a price of your own
    names       the nearest names to one the book does not hold
    tables      the YAML tables under data/: tuning, GPU hours, throughput, cache rules, retirement, price steps
    training    hosts' rates for training by model and size, and how fast GPUs were seen to train
    litellm     reading LiteLLM's public price file, every row checked
    snapshot    the file format of a book
    changes     what changed between two books
    updating    a newer list into the user's book
    fetch       the only module that touches the network

An unknown price is an error that names the nearest models. It is never zero.
"""

from __future__ import annotations

from breakeven.prices.book import PriceBook, current_book, load_book, user_book_path
from breakeven.prices.changes import PriceChange, PriceDiff, RetirementChange, diff
from breakeven.prices.records import (
    CacheRules,
    ContextTier,
    GpuOffer,
    Lifetimes,
    ModelPrice,
    PriceSteps,
    RefusedRow,
    StepSizes,
    Throughput,
    TrainingRate,
    TrainingSpeed,
    TuningOffer,
)
from breakeven.prices.tables import lifetimes, price_steps
from breakeven.prices.updating import Update, open_prices, update

__all__ = [
    "CacheRules",
    "ContextTier",
    "GpuOffer",
    "Lifetimes",
    "ModelPrice",
    "PriceBook",
    "PriceChange",
    "PriceDiff",
    "PriceSteps",
    "RefusedRow",
    "RetirementChange",
    "StepSizes",
    "Throughput",
    "TrainingRate",
    "TrainingSpeed",
    "TuningOffer",
    "Update",
    "current_book",
    "diff",
    "lifetimes",
    "load_book",
    "open_prices",
    "price_steps",
    "update",
    "user_book_path",
]
