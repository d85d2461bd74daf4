"""Plain words for the page: tasks, and refusals that name the command line's options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from breakeven.errors import InputError, Place, Problem
from breakeven.quantities import show_usd
from breakeven.report.text import clean
from breakeven.study.tasks import TASKS
from breakeven.web.shown import page

__all__ = ["LogError", "beside_its_file", "checked_html", "for_the_page", "refusal", "task_choices"]

_TASKS: Final[Mapping[str, str]] = {
    "sentiment-classification": "Tell the sentiment of a text",
    "multi-label-classification": "Sort texts into categories or labels",
    "ner": "Find names of people, firms, places",
    "custom-extraction": "Take fields out of documents",
    "summarisation": "Summarise",
    "code-generation": "Write code",
    "style": "Write in a given voice or style",
    "structured-output": "Answer in a fixed format, such as JSON",
    "translation": "Translate",
    "reasoning": "Reason in several steps",
    "other": "Something else",
}


def task_choices() -> tuple[tuple[str, str], ...]:
    """(task as a study has it, what it is in plain words)."""
    return tuple((task, _TASKS.get(task, task)) for task in TASKS)


class LogError(InputError):
    """Logs that were refused; ``columns`` are those of a table that no known format explains."""

    def __init__(self, *problems: Problem, columns: tuple[str, ...] = ()) -> None:
        self.columns = columns
        super().__init__(*problems)


_NO_LOG: Final = "this is no call log: neither JSON Lines, JSON, CSV nor Parquet"
_NO_TRAINING: Final = "this is no training data: neither JSON Lines, JSON, CSV nor Parquet"
_REMOVE: Final = "remove this file, and choose another"
_UNKNOWN: Final = re.compile(
    r"the (?P<what>format is not known by its keys|columns tell no training format)(?:: | \()(?P<keys>.*?)\)?",
    re.DOTALL,
)
_COLUMN: Final = re.compile(r"[\w .\-/]{1,60}")
_OPTION: Final = re.compile(r"(?<![\w`-])(--[a-z][a-z-]*(?: [A-Z]{2,})?)")
_SAMPLING: Final = "State --sampling"


def for_the_page(words: str, command: str = "profile") -> str:
    """The same words where no option can be given: the page's own field, or the command that has the option."""
    words = words.replace(_SAMPLING, "State the share of all calls above")
    return _OPTION.sub(lambda found: f"`breakeven {command} {found[1]}`", words)


@dataclass(frozen=True)
class _Refused:
    problem: Problem
    columns: tuple[str, ...] = ()


def refusal(said: Mapping[str, Any]) -> InputError:
    """What a worker refused, as the page says it: each problem keeps its file, so that it can stand beside it."""
    found = [_in_place(one) for one in said.get("problems") or ()]
    if not found:
        return InputError("this is our fault, not yours; the server's log says more")
    columns = dict.fromkeys(column for one in found for column in one.columns)
    return LogError(*(one.problem for one in found), columns=tuple(columns))


def _in_place(one: Mapping[str, Any]) -> _Refused:
    place = Place(file=one["place"]) if one.get("place") else None
    given = Problem(message=one["message"], place=place, hint=one.get("hint"))
    if given.message.startswith("not CSV:"):
        return _Refused(replace(given, message=_NO_LOG, hint=_REMOVE))
    unknown = _UNKNOWN.fullmatch(given.message)
    if unknown is None:
        hint = given.hint and for_the_page(given.hint)
        return _Refused(replace(given, message=for_the_page(given.message), hint=hint))
    is_log = unknown["what"].startswith("format")
    keys = tuple(unknown["keys"].split(", "))
    if not all(_COLUMN.fullmatch(key) for key in keys):
        return _Refused(replace(given, message=_NO_LOG if is_log else _NO_TRAINING, hint=_REMOVE))
    what, fields = ("log", "tokens") if is_log else ("training format", "question and the answer")
    message = f"no {what} that we know has these columns: {', '.join(keys)}"
    hint = f"if it is one, name below the columns that hold the {fields}; otherwise remove this file"
    return _Refused(replace(given, message=message, hint=hint), keys)


def beside_its_file(error: InputError, name: str) -> InputError:
    """Problems of a file that was sent, without the place where the server would have kept it."""
    named = (p for p in error.problems)
    return InputError(
        *(
            Problem(message=p.message, place=_there(p, name), hint=p.hint and for_the_page(p.hint))
            for p in named
        )
    )


def _there(problem: Problem, name: str) -> Place:
    line = problem.place.line if problem.place else None
    return Place(file=name, line=line)


# ------------------------------------------------------------------------------------------- training data, checked

_ORDER: Final = ("fail", "cannot_tell", "pass")


def checked_html(audit: Mapping[str, Any]) -> str:
    """An audit of training data: what fails stands first."""
    checks = [_shown(c) for c in sorted(audit["checks"], key=lambda c: _ORDER.index(c["verdict"]))]
    tally = {verdict: sum(c["verdict"] == verdict for c in checks) for verdict in _ORDER}
    costs = [
        (clean(c["host"]), f"{show_usd(c['low_usd'])} to {show_usd(c['high_usd'])}")
        for c in audit.get("costs") or ()
        if c.get("low_usd") is not None and c.get("high_usd") is not None
    ]
    known = clean(audit["readiness"])
    readiness = "too early to tell" if known == "cannot tell" else known
    return page("checked.html.j2", audit=audit, checks=checks, tally=tally, costs=costs, readiness=readiness)


def _shown(check: Mapping[str, Any]) -> dict[str, str]:
    """One check: the figure, the limit and where that comes from, as the terminal's page has them."""
    from breakeven.evidence.training.check import CheckResult
    from breakeven.report.data_text import check_figure, check_limit

    names = (
        "check",
        "title",
        "verdict",
        "because",
        "value",
        "low",
        "high",
        "level",
        "unit",
        "threshold",
        "better",
    )
    result = CheckResult(**{name: check[name] for name in names})
    flagged = int(check["flagged"])
    return {
        "title": clean(check["title"]),
        "verdict": check["verdict"],
        "because": clean(for_the_page(check["because"], "data check")),
        "figure": check_figure(result),
        "limit": check_limit(result),
        "source": clean(check["source"]),
        "flagged": f"{flagged:,} {'row' if flagged == 1 else 'rows'} flagged" if flagged else "",
    }
