"""Studies for tests of advice, made by hand: a prompt in production, a tuned model beside it, every input a point.

``make_study`` states each input and fact by name; what is left out is not stated. ``stated`` makes the facts of a study
without one, for tests of single rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from breakeven.advice.facts import FACTS, Measured, Value
from breakeven.economics import Outcome, simulate
from breakeven.study.model import Candidate, Facts, Quality, Study
from tests.economics.studies import b, candidate, prices, study, tokens, training
from tests.economics.studies import prompt as priced_prompt

__all__ = ["hybrid", "make_study", "outcome_of", "prompt", "stated", "tuned", "wait"]


def prompt(name: str = "prompt", *, quality: str = "90%", cases: int | None = None, static: str = "2000",
           build: str = "$0", **more: Any) -> Candidate:  # fmt: skip
    """A prompt on a model at $2 and $8 per million tokens: 2,000 + 400 in, 60 out, so $0.00528 a call."""
    more.setdefault("tokens", tokens(name, static=static))
    more.setdefault("upfront", b(f"candidates.{name}.upfront", "money", build))
    return priced_prompt(name, quality=_quality(name, quality, cases), **more)


def tuned(name: str = "tuned", *, quality: str = "93%", cases: int | None = None, labelled: str | None = None,
          upfront: str = "$60000", running: str = "$0/month", **more: Any) -> Candidate:  # fmt: skip
    """A tuned model at $0.40 and $1.60: 200 + 400 in, 60 out, so $0.000336 a call; what building costs is stated."""
    if labelled is not None:
        more.setdefault("training", training(name, labelled=labelled))
    return candidate(
        name, "tuned", quality=_quality(name, quality, cases), tokens=tokens(name, static="200"),
        prices=prices("house/small:tuned", input="$0.40", output="$1.60", cached=None),
        upfront=b(f"candidates.{name}.upfront", "money", upfront),
        running=b(f"candidates.{name}.running", "money per month", running), **more,
    )  # fmt: skip


def hybrid(
    name: str = "hybrid", *, small: str = "tuned", large: str = "prompt", escalate: str = "20%"
) -> Candidate:
    """A small model that hands a share of its calls on."""
    share = b(f"candidates.{name}.escalate", "share", escalate)
    return candidate(name, "hybrid", quality=None, small=small, large=large, escalate=share)


def wait(name: str = "wait", *, first: str = "prompt", then: str = "tuned", month: int = 6) -> Candidate:
    """One candidate now, another from a month on."""
    return candidate(name, "wait", quality=None, first=first, then=then, switch_month=month)


def make_study(
    *candidates: Candidate,
    volume: str = "100K calls/month",
    growth: str = "0%/month",
    task: str = "other",
    target: str | None = None,
    error_cost: str | None = None,
    today: str | None = None,
    horizon: int = 36,
    **facts: Any,
) -> Study:
    """A study of these candidates (a prompt and a tuned model where none is given); the first is today's.

    ``facts`` are the fields of ``Facts``: ``ml_team=True``, ``eval_cases=412``.
    """
    made = study(
        *(candidates or (prompt(), tuned())), volume=volume, growth=growth, target=target, error_cost=error_cost,
        today=today, horizon=horizon,
    )  # fmt: skip
    return replace(made, workload=replace(made.workload, task=task), facts=Facts(**facts))


def outcome_of(made: Study) -> Outcome:
    """What the money model gives with every input at its centre."""
    return simulate(made, made.centres())


def stated(**values: Value) -> Mapping[str, Measured]:
    """The facts of a study that states only these."""
    unknown = values.keys() - FACTS.keys()
    assert not unknown, f"no facts: {unknown}"
    return {
        name: Measured(
            name=name,
            value=values.get(name),
            unit=fact.unit,
            key=fact.key,
            source="this test" if name in values else "",
        )
        for name, fact in FACTS.items()
    }


def _quality(name: str, text: str, cases: int | None) -> Quality:
    return Quality(
        level=b(f"candidates.{name}.quality", "share", text), n_cases=cases, extrapolated=cases is None
    )
