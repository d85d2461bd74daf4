"""The kinds of value that a study file holds, as types: each reads what was written and says what would be right.

A type carries its reader and its JSON Schema, so the file's models (``file.py``) only name their fields.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError, core_schema

from breakeven.errors import QuantityError, nearest
from breakeven.quantities import KINDS, WAGE, Kind, parse_cadence
from breakeven.study.given import FORMS, Given, MisreadError, read_day, read_given

__all__ = [
    "QUANTITY",
    "Cadence",
    "CandidateName",
    "Count",
    "Day",
    "DayOrNever",
    "EventsPerMonth",
    "Factor",
    "FilePath",
    "Gigabytes",
    "GpuPrice",
    "Growth",
    "Hours",
    "Level",
    "Minutes",
    "Money",
    "MoneyPerAnswer",
    "MoneyPerCall",
    "MoneyPerError",
    "MoneyPerExample",
    "MoneyPerGigabyte",
    "MoneyPerHour",
    "MoneyPerMonth",
    "MoneyPerSecond",
    "MoneyPerToken",
    "MonthNumber",
    "Months",
    "Never",
    "Rate",
    "RunPrice",
    "Schema",
    "Seconds",
    "Share",
    "Short",
    "Strict",
    "Text",
    "Throughput",
    "TokenCount",
    "Upkeep",
    "Volume",
    "Wage",
    "Whole",
    "Work",
    "YesNo",
    "one_of",
    "reads",
    "shown",
]

Schema = dict[str, Any]
QUANTITY: Final[Schema] = {"x-breakeven": "quantity"}
"""Stands for the schema of a quantity, which ``schema.py`` writes once for all fields."""
Never = Literal["never"]


class Strict(BaseModel):
    """A mapping in the file that takes the keys it names and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Short(Strict):
    """A mapping that may also be written as the one value that mostly matters: ``retrain: every 3 months``."""

    short: ClassVar[str]
    """The field that this one value goes to."""

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, data: object) -> object:
        if isinstance(data, dict) and not any(key in FORMS for key in data):
            return data
        return {cls.short: data}


class reads:  # noqa: N801 (stands in annotations, where it reads as a verb)
    """Makes a type from a reader: ``Annotated[date, reads(read_day, schema)]``."""

    def __init__(self, reader: Callable[[object], object], schema: Schema) -> None:
        self._reader = reader
        self._schema = schema

    def _validate(self, data: object) -> object:
        try:
            return self._reader(data)
        except QuantityError as exc:
            at = exc.at if isinstance(exc, MisreadError) else ()
            context = {"message": exc.message, "hint": exc.hint or "", "at": at}
            raise PydanticCustomError("breakeven", "{message}", context) from exc

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        """The reader as pydantic's validator."""
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> Schema:
        """What editors know of the value."""
        return dict(self._schema)


def shown(data: object) -> str:
    """What was read, short enough for a message."""
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, list | dict):
        return "a list" if isinstance(data, list) else "a mapping"
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}…"


# ----------------------------------------------------------------------------------------- quantities


def _quantity(*names: str | Kind, like: str | None = None) -> reads:
    kinds = [KINDS[name] if isinstance(name, str) else name for name in names]
    schema: Schema = {**QUANTITY, "examples": [like] if like else [kind.example for kind in kinds]}
    return reads(lambda data: read_given(data, kinds), schema)


Volume = Annotated[Given, _quantity("volume")]
Growth = Annotated[Given, _quantity("monthly rate")]
Rate = Annotated[Given, _quantity("yearly rate")]
Share = Annotated[Given, _quantity("share")]
Level = Annotated[Given, _quantity("share", like="88%..93%")]
TokenCount = Annotated[Given, _quantity("tokens", like="400")]
Count = Annotated[Given, _quantity("count")]
Factor = Annotated[Given, _quantity("factor")]
Money = Annotated[Given, _quantity("money")]
MoneyPerCall = Annotated[Given, _quantity("money per call")]
MoneyPerAnswer = Annotated[Given, _quantity("money per answer")]
MoneyPerError = Annotated[Given, _quantity("money per error")]
MoneyPerExample = Annotated[Given, _quantity("money per example")]
MoneyPerToken = Annotated[Given, _quantity("money per token")]
MoneyPerHour = Annotated[Given, _quantity("money per hour")]
MoneyPerSecond = Annotated[Given, _quantity("money per second")]
MoneyPerMonth = Annotated[Given, _quantity("money per month")]
MoneyPerGigabyte = Annotated[Given, _quantity("money per GB and month")]
Wage = Annotated[Given, _quantity(WAGE)]
Hours = Annotated[Given, _quantity("hours")]
Minutes = Annotated[Given, _quantity("hours", like="3 minutes")]
EventsPerMonth = Annotated[Given, _quantity("events per month")]
Months = Annotated[Given, _quantity("months")]
Seconds = Annotated[Given, _quantity("seconds")]
Throughput = Annotated[Given, _quantity("calls per second")]
Gigabytes = Annotated[Given, _quantity("gigabytes")]
Work = Annotated[Given, _quantity("hours", "money")]
Upkeep = Annotated[Given, _quantity("hours per month", "money per month")]
RunPrice = Annotated[Given, _quantity("money per token", "money")]


# --------------------------------------------------------------------------------------------- choices


def one_of(*words: str) -> reads:
    """Takes one of these words."""

    def reader(data: object) -> str:
        if isinstance(data, str) and data in words:
            return data
        near = (
            nearest(data.lower().replace(" ", "-").replace("_", "-"), words) if isinstance(data, str) else []
        )
        did = f"did you mean {near[0]}? " if near else ""
        raise MisreadError(f"{shown(data)} is none of the choices", hint=f"{did}one of {', '.join(words)}")

    return reads(reader, {"enum": list(words)})


def _read_yes_no(data: object) -> bool:
    words = {"yes": True, "no": False}
    if isinstance(data, bool):
        return data
    if isinstance(data, str) and data.lower() in words:
        return words[data.lower()]
    raise MisreadError(f"{shown(data)} is neither true nor false", hint="write true or false")


YesNo = Annotated[bool, reads(_read_yes_no, {"type": "boolean"})]


# ------------------------------------------------------------------------------------------------ text

MAX_TEXT: Final = 200


def _read_text(data: object) -> str:
    if isinstance(data, int | float) and not isinstance(data, bool):
        return str(data)
    if not isinstance(data, str):
        raise MisreadError(f"{shown(data)} is not text", hint="write text")
    text = " ".join(data.split())
    if not text or len(text) > MAX_TEXT:
        raise MisreadError(
            "the text is empty" if not text else f"the text has {len(text)} characters; {MAX_TEXT} at most"
        )
    return text


def _read_name(data: object) -> str:
    text = _read_text(data)
    if not re.fullmatch(r"[^\W_][\w .+-]{0,59}", text):
        hint = "letters, digits, spaces and . + - _, at most 60, beginning with a letter or digit"
        raise MisreadError(f"{shown(text)} can not name a candidate", hint=hint)
    return text


def _read_path(data: object) -> str:
    if not isinstance(data, str) or not data.strip() or len(data) > 500:
        raise MisreadError(f"{shown(data)} is not the path of a file", hint="a path from the study's folder")
    return data


Text = Annotated[str, reads(_read_text, {"type": "string", "maxLength": MAX_TEXT})]
CandidateName = Annotated[str, reads(_read_name, {"type": "string"})]
FilePath = Annotated[str, reads(_read_path, {"type": "string"})]


# ------------------------------------------------------------------------------------- dates and counts


def _read_whole(data: object) -> int:
    value = data
    if isinstance(data, str) and re.fullmatch(r"\d{1,9}", data, re.ASCII):
        value = int(data)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise MisreadError(f"{shown(data)} is not a whole number", hint="write it like 6000")
    return value


def _read_day_or_never(data: object) -> dt.date | Literal["never"]:
    return "never" if data == "never" else read_day(data)


def _read_month_number(data: object) -> int:
    match = re.fullmatch(r"(?:month\s+)?(\d{1,3})", str(data).strip().lower(), re.ASCII)
    if match is None or isinstance(data, bool | float) or not 2 <= int(match[1]) <= 120:
        raise MisreadError(f"{shown(data)} is not a month", hint="a month after the first: month 7")
    return int(match[1])


def _read_cadence(data: object) -> int | Literal["never"]:
    if not isinstance(data, str):
        raise MisreadError(
            f"{shown(data)} is not a cadence", hint="write: every 3 months, quarterly, yearly or never"
        )
    spoken = f"every {data.strip()}" if data.strip()[:1].isdigit() else data  # `{every: 3 months}`
    return parse_cadence(spoken) or "never"


_DAY: Final[Schema] = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}(-\d{2})?$",
    "examples": ["2026-10-01", "2026-10"],
}

Whole = Annotated[int, reads(_read_whole, {"type": "integer", "minimum": 0})]
Day = Annotated[dt.date, reads(read_day, _DAY)]
DayOrNever = Annotated[
    dt.date | Literal["never"], reads(_read_day_or_never, {"anyOf": [_DAY, {"const": "never"}]})
]
MonthNumber = Annotated[
    int, reads(_read_month_number, {"type": ["string", "integer"], "examples": ["month 7"]})
]
Cadence = Annotated[
    int | Literal["never"],
    reads(_read_cadence, {"type": "string", "examples": ["every 3 months", "quarterly", "yearly", "never"]}),
]


# ------------------------------------------------------------------------------------------------- GPUs


def _read_gpu_price(data: object) -> str | Given:
    """A GPU of the price book by its key, or what one costs an hour."""
    if isinstance(data, str) and re.fullmatch(r"[A-Za-z][\w.-]*/[\w.:-]+", data.strip()):
        return data.strip()
    return read_given(data, [KINDS["money per hour"]])


GpuPrice = Annotated[
    str | Given,
    reads(_read_gpu_price, {"anyOf": [{"type": "string"}, QUANTITY],
                            "examples": ["lambda/h100-80gb", "$2..$5/hour"]}),
]  # fmt: skip
