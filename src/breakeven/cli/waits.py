"""What can wait for a batch, as it is written on a command line: a share, a range, or features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from breakeven.cli.common import share_of

if TYPE_CHECKING:
    from breakeven.evidence.profile.waiting import Stated

__all__ = ["read_waits"]

_LIKE = "40%, 20%..50%, a feature, or FEATURE=60%"


def read_waits(words: Sequence[str]) -> Stated | None:
    """``40%``, ``20%..50%``, ``FEATURE``, ``FEATURE=60%``; a feature alone can wait as a whole.

    None: nothing is said.
    """
    from breakeven.evidence.profile.waiting import Stated

    if not words:
        return None
    whole = [_range(word) for word in words if _is_share(word)]
    if whole and len(words) > 1:
        raise click.BadParameter(f"a share of all calls stands alone; write {_LIKE}")
    if whole:
        return Stated(whole=whole[0])
    features = dict(map(_feature, words))
    if len(features) < len(words):
        raise click.BadParameter("each feature can be stated once")
    return Stated(features=features)


def _is_share(word: str) -> bool:
    return "=" not in word and word.strip()[:1].isdigit() and word.strip()[-1:] in "0123456789%."


def _feature(word: str) -> tuple[str, tuple[float, float]]:
    name, sign, share = word.rpartition("=")
    if not sign:
        return word, (1.0, 1.0)
    if not name:
        raise click.BadParameter(f"{word!r} names no feature; write {_LIKE}")
    return name, _range(share)


def _range(text: str) -> tuple[float, float]:
    low, dots, high = text.partition("..")
    ends = (share_of(low, like=_LIKE), share_of(high if dots else low, like=_LIKE))
    if not 0 <= ends[0] <= ends[1] <= 1:
        raise click.BadParameter(f"{text!r} is not between 0% and 100%; write {_LIKE}")
    return ends
