"""What a study believes where its file says nothing, from ``defaults.yaml``: each value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import cast

from breakeven.quantities import KINDS
from breakeven.study.given import Given, read_given
from breakeven.yaml_places import load

__all__ = ["default", "defaults"]


@cache
def defaults() -> Mapping[str, Given]:
    """Every default by its name: ``tuned.label_cost``."""
    text = resources.files("breakeven.study").joinpath("defaults.yaml").read_text("utf-8")
    rows = cast("dict[str, dict[str, object]]", load(text, "defaults.yaml").data)
    return {name: _read(row) for name, row in rows.items()}


def _read(row: dict[str, object]) -> Given:
    return read_given({key: value for key, value in row.items() if key != "kind"}, [KINDS[str(row["kind"])]])


def default(name: str) -> Given:
    """One default, with its source."""
    return defaults()[name]
