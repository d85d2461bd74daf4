"""What each training host takes: its rows, its limits, its rules.

``host``         what a host is
``limits``       the dated table of limits, ``limits.yaml``
``rules``        roles, order, weights, contents
``tool_rules``   calls of tools
``known``        the hosts that ship

To add one: write a ``TrainingHost`` into ``known`` and its limits into the table, or name it in the entry point group
``breakeven.training_hosts`` of your own package.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from breakeven.errors import EvidenceError, InputError, Problem, nearest
from breakeven.evidence.training.hosts.host import Rule, TrainingHost
from breakeven.evidence.training.hosts.known import KNOWN
from breakeven.evidence.training.hosts.limits import Limit

__all__ = ["ENTRY_POINTS", "Limit", "Rule", "TrainingHost", "find_host", "training_hosts"]

ENTRY_POINTS: Final = "breakeven.training_hosts"
"""Under this name other packages bring hosts of their own."""


@cache
def training_hosts() -> tuple[TrainingHost, ...]:
    """Every known host; one of another package replaces ours of the same name."""
    found = {host.name: host for host in KNOWN}
    for entry in entry_points(group=ENTRY_POINTS):
        loaded = entry.load()
        if not isinstance(loaded, TrainingHost):
            raise EvidenceError(f"the entry point {entry.name!r} of {ENTRY_POINTS} is no TrainingHost")
        found[loaded.name] = loaded
    return tuple(found.values())


def find_host(name: str) -> TrainingHost:
    """The host of this name; InputError names the nearest."""
    known = {host.name: host for host in training_hosts()}
    if name not in known:
        near = nearest(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
        raise InputError(Problem(message=f"no training host is called {name!r}", hint=hint))
    return known[name]
