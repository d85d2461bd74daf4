"""A training host: the rows it reads, its limits, and the rules its rows must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from breakeven.evidence.training.hosts.limits import Limit
from breakeven.evidence.training.row import TrainingRow

__all__ = ["Rule", "TrainingHost"]


@dataclass(frozen=True, kw_only=True)
class TrainingHost:
    """One host that trains models, or a trainer of one's own."""

    name: str
    """``openai``: also the provider of its models in the price book."""
    title: str
    formats: tuple[str, ...]
    """Row formats that it reads as they stand: ``chat``, ``preference`` …"""
    wants: str
    """What a row must be, in words: ``{"messages": […]}, one object a line``."""
    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
    containers: tuple[str, ...] = field(default=("jsonl",))
    """Kinds of files that it takes."""

    def limit(self, name: str, model: str = "") -> Limit | None:
        """The limit of this name; of several for models, the one whose beginning of a name is longest."""
        bare = model.rpartition("/")[2].lower()
        fitting = [one for one in self.limits if one.name == name and bare.startswith(one.model)]
        return max(fitting, key=lambda one: len(one.model), default=None)

    def number(self, name: str, model: str = "") -> int | None:
        """The figure of a limit; None where the host publishes none."""
        found = self.limit(name, model)
        return None if found is None else found.number

    def problems(self, row: TrainingRow, known: dict[Rule, tuple[str, ...]] | None = None) -> list[str]:
        """What this host would refuse in a row, in a few words each.

        known: what rules have said of this row already; hosts share rules, so that each is asked once.
        """
        if row.format not in self.formats:
            return [f"reads {self.wants}"]
        known = {} if known is None else known
        found = self._unknown_roles(row)
        for rule in self.rules:
            if rule not in known:
                known[rule] = tuple(rule(row))
            found += known[rule]
        return found

    @cached_property
    def _roles(self) -> frozenset[str] | None:
        found = self.limit("roles")
        return None if found is None else frozenset(found.words)

    def _unknown_roles(self, row: TrainingRow) -> list[str]:
        roles = self._roles
        if roles is None or roles.issuperset(named := [message.role for message in row.messages]):
            return []
        return [f"unknown role {role[:20]!r}" for role in dict.fromkeys(named) if role not in roles]


Rule = Callable[[TrainingRow], Iterable[str]]
"""What a rule finds wrong in one row."""
