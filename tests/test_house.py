"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import doctest
import importlib.metadata
import inspect
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import breakeven

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(breakeven.__file__).parent
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__main__.py")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = [module_name(path) for path in FILES]
ROOMS = [module_name(path) for path in FILES if path.name == "__init__.py" or path.parent == SOURCE]


def run_python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    return done.stdout


def has_own_docstring(thing: Any) -> bool:
    """Whether someone wrote its docstring: a dataclass or named tuple without one gets its signature."""
    return bool(thing.__doc__) and not thing.__doc__.startswith(f"{thing.__name__}(")


def undocumented(module: ModuleType) -> list[str]:
    """Exported functions and classes of ours that have no docstring."""
    ours = {
        name: getattr(module, name)
        for name in module.__all__
        if inspect.isfunction(getattr(module, name)) or inspect.isclass(getattr(module, name))
    }
    return [
        name
        for name, it in ours.items()
        if it.__module__.startswith("breakeven") and not has_own_docstring(it)
    ]


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_says_what_lives_in_it(name: str) -> None:
    room = import_module(name)
    assert room.__doc__, f"{name} has no docstring"
    assert len(set(room.__all__)) == len(room.__all__)  # ruff holds its order
    assert [n for n in room.__all__ if not hasattr(room, n)] == []
    assert undocumented(room) == []


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    failed, _ = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_the_front_door_loads_nothing_until_it_is_asked() -> None:
    heavy = {requirement_name(line) for line in PROJECT["dependencies"]}
    code = "import sys, breakeven; dir(breakeven); print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = set(run_python(code).split())
    assert "breakeven" in loaded
    assert loaded & (heavy | {"ruamel"}) == set()


def test_the_front_door_leads_where_its_types_say() -> None:
    tree = ast.parse((SOURCE / "__init__.py").read_text("utf-8"))
    [guarded] = [
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    typed = {
        alias.asname or alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == breakeven._EXPORTS
    assert {*breakeven._EXPORTS, "__version__"} == set(breakeven.__all__)
    assert set(breakeven.__all__) <= set(dir(breakeven))


def test_the_front_door_refuses_a_misspelt_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'decidee'"):
        breakeven.decidee  # type: ignore[attr-defined]  # noqa: B018


def test_no_room_loads_scipy_stats() -> None:
    imports = "; ".join(f"import {name}" for name in MODULES)
    assert run_python(f"import sys; {imports}; print('scipy.stats' in sys.modules)").strip() == "False"


def test_the_version_is_one() -> None:
    assert breakeven.__version__ == PROJECT["version"] == importlib.metadata.version("breakeven")
    assert f"## {breakeven.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def requirement_name(requirement: str) -> str:
    """``ruamel.yaml>=0.18`` is ``ruamel-yaml``, in the spelling that package indexes compare by."""
    [name] = re.findall(r"^[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name).lower()


def test_constraints_pin_every_dependency_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.+!]+", pin)] == []
    wanted = [
        *PROJECT["dependencies"],
        *(r for extra in PROJECT["optional-dependencies"].values() for r in extra),
    ]
    ours = {PROJECT["name"]}  # one extra may hold another: breakeven[logs]
    assert {requirement_name(r) for r in wanted} - {requirement_name(pin) for pin in pins} - ours == set()
