"""Options of a scorer, taken one by one: what is left over was misspelt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from breakeven.errors import EvidenceError, Problem, nearest

__all__ = ["Options", "bad_option"]


def bad_option(field: str, message: str, hint: str | None = None) -> EvidenceError:
    """The error of one option of a scorer."""
    return EvidenceError(Problem(message=message, field=field, hint=hint))


class Options:
    """The options that a suite gives to one scorer."""

    def __init__(self, scorer: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        self.scorer = scorer
        self._given = given
        for name in given:
            if name not in known:
                near = nearest(str(name), known, n=1)
                hint = (
                    f"did you mean {near[0]!r}?" if near else f"known options: {', '.join(known) or 'none'}"
                )
                raise bad_option(f"{scorer}.{name}", f"the option {name!r} is not known", hint)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise bad_option(f"{self.scorer}.{name}", f"{value!r} was read", "write true or false")
        return value

    def text(self, name: str) -> str | None:
        """A text; None where it is not given."""
        value = self._given.get(name)
        if value is not None and (not isinstance(value, str) or not value):
            raise bad_option(f"{self.scorer}.{name}", f"a text is wanted, {value!r} was read")
        return value

    def choice(self, name: str, choices: Sequence[str], *, default: str) -> str:
        """One of a few words."""
        value = self._given.get(name, default)
        if value not in choices:
            hint = f"one of {', '.join(choices)}"
            raise bad_option(f"{self.scorer}.{name}", f"{value!r} was read", hint)
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of different texts; empty where it is not given."""
        value = self._given.get(name, [])
        if not isinstance(value, list) or any(not isinstance(item, str | int) for item in value):
            raise bad_option(f"{self.scorer}.{name}", f"a list of texts is wanted, {value!r} was read")
        return tuple(dict.fromkeys(str(item) for item in value))

    def amount(self, name: str, *, default: float) -> float:
        """A number from 0 on."""
        value = self._given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise bad_option(f"{self.scorer}.{name}", f"a number from 0 on is wanted, {value!r} was read")
        return float(value)
