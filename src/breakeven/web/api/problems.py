"""Errors as JSON: ``{"problems": [{"message", "place", "field", "hint"}]}``, and the HTTP status of each."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from breakeven.errors import BreakevenError, InputError, MissingExtraError, Problem
from breakeven.report.text import clean

__all__ = ["OUR_FAULT", "ProblemOut", "Problems", "problem", "problems_of", "status_of"]

OUR_FAULT: Final = "this is our fault, not yours; the server's log says more"
_MOST: Final = 100


class ProblemOut(BaseModel):
    """One thing that is wrong."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(description="What is wrong, with what was read.")
    place: str | None = Field(
        default=None, description="File, line and column, such as `breakeven.yaml:7:12`."
    )
    field: str | None = Field(default=None, description="Dotted path, such as `candidates.tuned.retrain`.")
    hint: str | None = Field(default=None, description="What would be right.")


class Problems(BaseModel):
    """Why a request was refused. Every error of this server has this form."""

    model_config = ConfigDict(extra="forbid")

    problems: list[ProblemOut] = Field(min_length=1)


def problem(
    message: str, *, field: str | None = None, hint: str | None = None, place: str | None = None
) -> dict[str, Any]:
    """One problem as JSON has it."""
    return {"message": message, "place": place, "field": field, "hint": hint}


def problems_of(error: BreakevenError, *, hide: str = "") -> list[dict[str, Any]]:
    """The problems of an error of ours. ``hide``: a folder of this server, whose path no answer may show."""
    given = error.problems if isinstance(error, InputError) else (Problem(message=str(error)),)
    return [_shown(one, hide) for one in given[:_MOST]] or [problem(str(error) or "refused")]


def _shown(one: Problem, hide: str) -> dict[str, Any]:
    def text(raw: object) -> str | None:
        if raw is None:
            return None
        words = str(raw)
        if hide:
            words = words.replace(f"{hide}/files/", "").replace(hide, "…")
        return "\n".join(clean(line) for line in words.splitlines())

    return problem(text(one.message) or "", place=text(one.place), field=text(one.field), hint=text(one.hint))


def status_of(error: BreakevenError) -> int:
    """The HTTP status: the error's own, 501 for what is not installed here, else 422."""
    if isinstance(error, MissingExtraError):
        return 501
    status: int = getattr(error, "status", 422)
    return status
