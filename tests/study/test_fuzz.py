"""Two thousand broken study files: each opens, or fails with problems that all say where they are.

Seeded, so a failure comes back: its number is in the assertion's message.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breakeven.errors import BreakevenError, InputError
from breakeven.study import parse_study
from breakeven.study.model import Study
from breakeven.yaml_places import load
from tests.study.studies import BOOK, EVERYTHING, TODAY, write_evidence

CASES = 2_000
WHOLE: Any = load(EVERYTHING, "breakeven.yaml").data
QUANTITIES = [
    "8M calls/month", "10K/day", "$0.40", "$80..$140/hour", "3..5 weeks", "10%..20%", "93%", "-20%..5%/year",
    "$0.15/1M tokens", "every 3 months", "month 7", "5..10 hours/month", "$24,000/year", "23.6/s", "800 ms",
]  # fmt: skip
JUNK: list[Any] = [
    None, True, False, 0, -1, 10**30, 1e308, float("nan"), float("inf"), "", " ", "null", "nan", "1e999", "9" * 300,
    "1,5", "12 500", "5%/1e200 months", "500%/0.0001 months", "1e308 TB", "-5..5 hours", "5..-5 hours", "1..2..3",
    "٣ hours", "½", "８M calls/month", "💥", "a\u202eb", "\u0000", "\x1b[31m", "<script>", "=1+1", "{{x}}", "a: b",
    "../../etc/passwd", "/etc/passwd", "~", ".", "..", "evidence", "evidence/hours.csv", "evidence/large.csv",
    "a/" * 400, "con\u0085trol", [], {}, [[]], [None], [1, 2], {"a": {"b": {"c": 1}}}, {"value": "5%"}, {"value": None},
    {"value": "5%", "source": "rumour"}, {"uniform": "5%"}, {"beta": [1, 0]}, {"triangular": ["1%", "3%", "2%"]},
    {"draws": "../x.csv"}, {"draws": ["1%"] * 12}, {"draws": "evidence/profile.json"}, {"eval": "."},
    {"eval": "../../x"}, {"eval": "evidence/large.csv", "level": "90%"}, {"value": "5%", "normal": "1%..2%"}, {"": 1},
    {"gpu": "lambda/h100-80gb"}, {"gpu": "nobody/x"}, {"gpu": "$2/hour", "hours": "-1 hours"}, {"every": "0 months"},
]  # fmt: skip
TEXT_JUNK = [
    "\t", "  ", "\n", ":", "- ", "&a ", "*a", "!!python/object:os.system ", "!x ", "---\n", "...\n", "|", ">", "{", "}",
    "[", "]", '"', "'", "#", "%", "@", "`", "? ", "<<: ", ",", "\\", "\u2028", "\ufeff", "\x07", "é", "\r", '"\\ud800"',
    "-", "$1", "..", "%YAML 1.1\n", "null", "~",
]  # fmt: skip

NEEDED = (
    "kind",
    "model",
    "base",
    "per_call",
    "hosting",
    "quality",
    "small",
    "large",
    "escalate",
    "now",
    "later",
    "at",
)

Rng = np.random.Generator


def pick(rng: Rng, items: Any) -> Any:
    return items[int(rng.integers(len(items)))]


def sampled(rng: Rng) -> dict[str, Any]:
    """Part of the whole study: some of its keys, two to four of its candidates."""
    data: dict[str, Any] = json.loads(json.dumps(WHOLE))
    optional = [key for key in data if key not in ("name", "workload", "today", "candidates", "prices")]
    for key in optional:
        if rng.random() < 0.6:
            del data[key]
    wanted = {"prompt", *rng.choice(list(data["candidates"]), size=1)}
    wanted |= {"tuned"} if wanted & {"hybrid", "later"} else set()
    if "small" not in wanted:
        del data["prices"]["acme/mini"]
    data["candidates"] = {name: its for name, its in data["candidates"].items() if name in wanted}
    for candidate in data["candidates"].values():
        for key in list(candidate):
            if key not in NEEDED and rng.random() < 0.75:
                del candidate[key]
    return data


def spots(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in the tree."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [spot for key in keys for spot in [(node, key), *spots(node[key])]]


def drop(rng: Rng, data: Any) -> None:
    container, key = pick(rng, spots(data))
    del container[key]


def retype(rng: Rng, data: Any) -> None:
    container, key = pick(rng, spots(data))
    container[key] = pick(rng, JUNK)


def requantify(rng: Rng, data: Any) -> None:
    container, key = pick(rng, spots(data))
    container[key] = pick(rng, QUANTITIES)


def rename(rng: Rng, data: Any) -> None:
    container, key = pick(rng, [spot for spot in spots(data) if isinstance(spot[0], dict)])
    at = int(rng.integers(len(key) + 1))
    container[key[:at] + pick(rng, ["x", "", "é", " ", ".", "_", "K"]) + key[at + 1 :]] = container.pop(key)


def move(rng: Rng, data: Any) -> None:
    container, key = pick(rng, spots(data))
    value = json.loads(json.dumps(container[key]))
    target, where = pick(rng, spots(data))
    target[where] = value


def scribble(rng: Rng, data: Any) -> None:
    texts = [(c, k) for c, k in spots(data) if isinstance(c[k], str) and c[k]]
    container, key = pick(rng, texts)
    text = container[key]
    at = int(rng.integers(len(text)))
    ink = ["", "%", "$", "..", "-", "/", " ", "9" * 20, "K", "m", "\u00a0", "e"]
    container[key] = text[:at] + pick(rng, ink) + text[at + 1 :]


MUTATIONS: list[Callable[[Rng, Any], None]] = [drop, retype, requantify, rename, move, scribble]


def broken_tree(rng: Rng) -> str:
    data = sampled(rng)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        if spots(data):
            pick(rng, MUTATIONS)(rng, data)
    return json.dumps(data, ensure_ascii=bool(rng.random() < 0.5), indent=1 if rng.random() < 0.3 else None)


def broken_text(rng: Rng) -> bytes:
    """The block form with scribbles anywhere in it."""
    lines = EVERYTHING.splitlines(keepends=True)
    start = int(rng.integers(len(lines) - 30))
    keep = lines if rng.random() < 0.1 else [*lines[:9], *lines[start : start + 20]]
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(keep)))
        match int(rng.integers(5)):
            case 0:
                keep[at : at + 1] = []
            case 1:
                keep.insert(at, keep[int(rng.integers(len(keep)))])
            case 2:
                keep[at] = " " * int(rng.integers(6)) + keep[at].lstrip()
            case 3:
                keep[at] = keep[at][: int(rng.integers(len(keep[at])))]
            case _:
                cut = int(rng.integers(len(keep[at]) + 1))
                keep[at] = keep[at][:cut] + pick(rng, TEXT_JUNK) + keep[at][cut:]
        keep = keep or ["\n"]
    data = "".join(keep).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        at = int(rng.integers(len(data)))
        data = data[:at] + bytes(rng.integers(0, 256, size=3, dtype=np.uint8)) + data[at:]
    return data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_evidence(tmp_path_factory.mktemp("fuzz"))


def attempt(text: str | bytes, folder: Path) -> Study | BreakevenError:
    try:
        return parse_study(text, today=TODAY, book=BOOK, folder=folder)
    except BreakevenError as exc:
        return exc


def test_a_broken_study_opens_or_says_where_it_is_broken(folder: Path) -> None:
    opened = 0
    for number in range(CASES):
        rng = np.random.default_rng(number)
        found = attempt(broken_tree(rng) if number % 4 else broken_text(rng), folder)
        if isinstance(found, Study):
            opened += 1
            continue
        assert isinstance(found, InputError), f"case {number}: {found!r} has no place"
        assert found.problems, f"case {number}: no problem is named"
        for problem in found.problems:
            assert problem.place is not None, f"case {number}: {problem} has no place"
            assert problem.place.file, f"case {number}: {problem} names no file"
            assert problem.message, f"case {number}: a problem says nothing"
    assert 0.02 * CASES < opened < 0.6 * CASES, (
        f"{opened} of {CASES} opened: the mutations are too tame or too wild"
    )
