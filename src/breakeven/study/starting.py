"""A new study: from a template, or written from a few answers."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from breakeven.errors import QuantityError, UnknownPriceError
from breakeven.prices import PriceBook
from breakeven.quantities import KINDS, read
from breakeven.study.opening import parse_study
from breakeven.study.tasks import OTHER, TASKS

__all__ = [
    "GUESSED_QUALITY",
    "QUESTIONS",
    "Answers",
    "Question",
    "frame",
    "read_answer",
    "template_names",
    "template_text",
    "written_study",
]

_TUNED_ELSE: Final = "azure/gpt-4.1-mini"
"""The base to compare with where the model in use can not be tuned."""
_SMALLER: Final[Mapping[str, str]] = {
    "openai": "openai/gpt-6-luna",
    "azure": "azure/gpt-6-luna",
    "anthropic": "anthropic/claude-haiku-5-5",
    "gemini": "gemini/gemini-flash-lite-latest",
    "mistral": "mistral/mistral-small-latest",
}
"""A cheap model of the same provider, to compare with."""
GUESSED_QUALITY: Final = (
    "    quality: 80%..95%               # a guess to be replaced: nothing is published for this task\n"
)
_ENOUGH: Final = 500
"""Labelled examples from which on they are taken as the training set (document 003: production quality)."""


def _folder() -> resources.abc.Traversable:
    return resources.files("breakeven.study").joinpath("templates")


def template_names() -> dict[str, str]:
    """Every template with what it is about, the study's name, sorted."""
    names = sorted(
        entry.name.removesuffix(".yaml") for entry in _folder().iterdir() if entry.name.endswith(".yaml")
    )
    return {name: _title(template_text(name)) for name in names}


def _title(text: str) -> str:
    match = re.search(r"^name: (.+)$", text, re.MULTILINE)
    return match[1] if match else ""


def template_text(name: str) -> str:
    """The text of a template."""
    return _folder().joinpath(f"{name}.yaml").read_text("utf-8")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that a new study needs to know."""

    key: str
    ask: str
    help: str
    default: str | None = None


QUESTIONS: Final = (
    Question(key="name", ask="What is the feature called?", help="for the report's title", default="My feature"),
    Question(key="task", ask="What does the model do?", help=f"one of {', '.join(TASKS)}"),
    Question(key="volume", ask="How many calls are there?", help="480K calls/month, 10K/day"),
    Question(key="tokens", ask="How many tokens has one call?",
             help="instructions / input / output: 2600 / 400 / 60"),
    Question(key="model", ask="Which model serves it today?", help="provider/model: openai/gpt-6.1-terra"),
    Question(key="error_cost", ask="What does one wrong answer cost you?",
             help="$0.40, or $0.10..$2; `unknown` leaves errors out of the bill", default="unknown"),
    Question(key="labelled", ask="How many labelled examples are there?", help="0 if there are none", default="0"),
)  # fmt: skip
"""What ``breakeven new`` asks, in this order."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered, each read by ``read_answer``."""

    name: str
    task: str
    volume: str
    tokens: tuple[str, str, str]
    """Instructions, input, output."""
    model: str
    error_cost: str | None
    labelled: int


def read_answer(key: str, text: str, book: PriceBook) -> object:
    """The answer to one question, checked; raises QuantityError with what would be right."""
    text = " ".join(text.split())
    if not text or len(text) > 200:
        raise QuantityError("nothing was written" if not text else "that is too long")
    return _READERS[key](text, book)


def _name(text: str, book: PriceBook) -> str:
    if not text.isprintable():
        raise QuantityError("a name is plain text")
    return text


def _task(text: str, book: PriceBook) -> str:
    from breakeven.errors import nearest

    word = re.sub(r"[\s_]+", "-", text.lower())
    if word in TASKS:
        return word
    near = [task for task in TASKS if word in task][:1] or nearest(word, TASKS, n=1)
    did = f"did you mean {near[0]}? " if near else ""
    raise QuantityError(f"{text!r} is no task", hint=f"{did}one of {', '.join(TASKS)}")


def _volume(text: str, book: PriceBook) -> str:
    read(text, KINDS["volume"])
    return text


def _tokens(text: str, book: PriceBook) -> tuple[str, str, str]:
    parts = re.split(r"\s*/\s*|\s*→\s*|\s+", text)
    if len(parts) != 3:
        hint = "write 2600 / 400 / 60; 0 where there are no fixed instructions"
        raise QuantityError(f"{text!r} is not instructions / input / output", hint=hint)
    for part in parts:
        read(part, KINDS["tokens"])
    return parts[0], parts[1], parts[2]


def _model(text: str, book: PriceBook) -> str:
    try:
        price = book.model(text)
    except UnknownPriceError as exc:
        hint = f"nearest: {', '.join(exc.near)}" if exc.near else "look it up: breakeven prices search WORDS"
        raise QuantityError(f"no price is known for {text!r}", hint=hint) from exc
    if price.mode == "embedding":
        raise QuantityError(f"{text} makes embeddings; it does not answer")
    return text


def _error_cost(text: str, book: PriceBook) -> str | None:
    if text.lower() in ("unknown", "?", "no", "none"):
        return None
    read(text, KINDS["money per error"])
    return text


def _labelled(text: str, book: PriceBook) -> int:
    found = read(text, KINDS["count"])
    if not found.is_point or found.low != round(found.low):
        raise QuantityError(f"{text!r} is not a number of examples", hint="write it like 1,200")
    return round(found.low)


_READERS: Final = {
    "name": _name,
    "task": _task,
    "volume": _volume,
    "tokens": _tokens,
    "model": _model,
    "error_cost": _error_cost,
    "labelled": _labelled,
}


def written_study(answers: Answers, *, today: dt.date, book: PriceBook) -> str:
    """The text of a study from answers, with comments; it was opened once and is without problems.

    Raises StudyError where a study on these answers can not be opened: the model has retired, for one.
    """
    text = _text(answers, today=today, book=book)
    parse_study(text, today=today, book=book)
    return text


def _text(answers: Answers, *, today: dt.date, book: PriceBook) -> str:
    static, given, out = answers.tokens
    workload = (
        f"  task: {answers.task}\n"
        f"  volume: {answers.volume}                   # in month 1\n"
        "  # growth: 0%..3%/month\n"
        f"  tokens: {{static: {static}, input: {given}, output: {out}}}"
        "   # of one call; static: instructions and examples, the same each time\n"
    )
    return frame(
        {
            "NAME": json.dumps(answers.name, ensure_ascii=False),
            "WORKLOAD": workload,
            "ERRORS": _errors(answers.error_cost),
            "MODEL": f"    model: {answers.model}\n",
            "QUALITY": GUESSED_QUALITY if answers.task == OTHER else "",
            "EXAMPLES": f"    examples: {answers.labelled}\n" if answers.labelled >= _ENOUGH else "",
            "LABELLED": f"    labelled: {answers.labelled}\n",
        },
        model=answers.model,
        today=today,
        book=book,
    )


def frame(parts: Mapping[str, str], *, model: str | None, today: dt.date, book: PriceBook) -> str:
    """A study's text from its parts, with rivals that suit the model in use; None: that is not known."""
    smaller = None if model is None else _smaller(model, book)
    whole = {
        "BATCHED": "",
        **parts,
        "SMALLER": f"  small:\n    kind: prompt\n    model: {smaller}\n\n" if smaller else "",
        "BASE": _TUNED_ELSE if model is None else _base(model, today, book),
    }
    text = _FRAME
    for name, value in whole.items():
        text = text.replace(f"<{name}>", value)
    return text


def _errors(cost: str | None) -> str:
    if cost is None:
        return "  # errors: {cost: $0.40, target: 92%}   # what one wrong answer costs you; not counted until then\n"
    return (
        f"  errors: {{cost: {cost}}}              # add target: 92% for the share of right answers you need\n"
    )


def _smaller(model: str, book: PriceBook) -> str | None:
    found = _SMALLER.get(model.partition("/")[0])
    known = found is not None and found != model and found in book
    return (
        found
        if known and book.model(str(found)).input_usd_per_mtok < book.model(model).input_usd_per_mtok
        else None
    )


def _base(model: str, today: dt.date, book: PriceBook) -> str:
    """The model in use where it can be tuned for months to come, at its host or at Azure; else a usual one."""
    for base in (model, f"azure/{model.partition('/')[2]}"):
        offers = book.tunings(base)
        if offers and (offers[0].train_until is None or (offers[0].train_until - today).days > 90):
            return base
    return _TUNED_ELSE


_FRAME: Final = """\
# Fine-tune, or keep improving the prompt?                                       breakeven decide
#
# Write what you know; a range low..high says how sure you are (it holds with 90%). What you leave out gets a default,
# and the report prints each with its source. Every quantity carries its unit: 480K calls/month, $0.40, 8 hours/month.

name: <NAME>

workload:
<WORKLOAD><ERRORS>
# wage: $100..$200/hour              # an hour of an engineer, all costs of employing one included

# List prices do not glide, they step: `steps` draws rises and cuts as published. Or write a rate: -20%..5%/year.
price_change: steps

today: prompt                        # what runs in production now; everything is compared with it

candidates:

  prompt:
    kind: prompt
<MODEL><QUALITY>    # upkeep: 4..10 hours/month
    # quality: {eval: evidence/prompt.csv}   # scored cases (id, score): the best thing you can add

<BATCHED><SMALLER>  tuned:
    kind: tuned
    base: <BASE>         # training price, hosting fee and retirement date come from the price book
<EXAMPLES><LABELLED>    # label_cost: $0.50..$4          # for each new label
    retrain: every 3 months

  hybrid:                            # the tuned model answers; unsure calls are handed on
    kind: hybrid
    small: tuned
    large: prompt
    escalate: 10%..20%

# facts: {prompt_iterations: 6, ml_team: false, domain_changes: quarterly}   # asked by published rules
"""
