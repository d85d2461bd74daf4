"""What a worker does for the API: text and names of files in, plain data out.

They run in the request's folder, so a file is known by its given name and nothing else can be named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakeven.errors import InputError, Problem, StudyError

if TYPE_CHECKING:
    from breakeven.study.model import Study

__all__ = ["audit", "catalogue", "decided", "find_prices", "unfolded"]


def decided(
    text: str, *, today: str, seed: int, draws: int, rules: str, purchases: str, most: Mapping[str, int]
) -> dict[str, Any]:  # fmt: skip
    """What ``breakeven decide --json`` prints. rules, purchases: ``module:function`` that gives them."""
    from breakeven.advice.decide import decide
    from breakeven.prices import current_book
    from breakeven.report.as_json import to_dict

    study = _opened(text, today)
    _check_size(study, draws, most)
    book = current_book()
    decision = decide(
        study, draws=draws, seed=seed, prices_as_of=f"{book.as_of.isoformat()}, {book.source.reference}",
        rules=_called(rules), purchases=_called(purchases),
    )  # fmt: skip
    return to_dict(decision)


def unfolded(text: str, *, today: str, figure: str | None) -> Any:
    """What ``breakeven explain --json`` prints; without a figure, all their names."""
    from breakeven.economics.explain import explain, figures
    from breakeven.report.explain import to_dict

    study = _opened(text, today)
    return list(figures(study)) if figure is None else to_dict(explain(study, figure))


def _opened(text: str, today: str) -> Study:
    from breakeven.prices import current_book
    from breakeven.study import FILE_NAME, parse_study

    day = dt.date.fromisoformat(today)
    try:
        return parse_study(text, FILE_NAME, today=day, book=current_book(), folder=Path())
    except StudyError as error:
        raise StudyError(*map(_as_seen_from_outside, error.problems)) from error


def _as_seen_from_outside(one: Problem) -> Problem:
    """For a file that is not there, what helps here: the folder is the request's, and nobody can open it further."""
    if "the study's folder" not in one.message:
        return one
    hint = "send it to /uploads under this name, and name its id in `uploads`"
    return replace(
        one, message=one.message.replace("the study's folder", "this request's uploads"), hint=hint
    )


def _check_size(study: Study, draws: int, most: Mapping[str, int]) -> None:
    n, months = len(study.candidates), study.horizon_months
    on_your_own = "`breakeven decide` on your own machine has no such limit"
    if n > most["candidates"]:
        message = f"{n} candidates; this server takes {most['candidates']}"
        raise InputError(Problem(message=message, field="candidates", hint=on_your_own))
    if draws * n * months > most["cells"]:
        message = f"{draws:,} draws of {n} candidates over {months} months are more than this server computes"
        draws = max(2, most["cells"] // (n * months) // 1_000 * 1_000)
        raise InputError(
            Problem(message=message, field="draws", hint=f"at most {draws:,} draws; {on_your_own}")
        )


def _called(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)()


def audit(text: str | None) -> list[dict[str, Any]]:
    """What ``breakeven claims --json`` prints, of a claims file's text or of the published ones."""
    from breakeven.claims import audit as audited
    from breakeven.claims import audit_claims, read_claims

    claims = audited() if text is None else audit_claims(read_claims(text, file="claims.yaml"))
    return [claim.as_json() for claim in claims]


def find_prices(words: str, *, limit: int) -> dict[str, Any]:
    """What ``breakeven prices search --json`` prints."""
    from breakeven.prices import current_book

    book = current_book()
    found = book.search(words)
    return {"as_of": book.as_of.isoformat(), "found": len(found), "models": [plain(m) for m in found[:limit]]}


def catalogue(rules: str) -> dict[str, Any]:
    """What ``breakeven rules --json`` prints without a study."""
    return {
        "rules": [
            {"rule": r.id, "title": r.title, "source": r.source, "about": r.about, "asks": list(r.asks)}
            for r in _called(rules)
        ]
    }


def plain(value: object) -> Any:
    """Records and dates as JSON knows them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value
