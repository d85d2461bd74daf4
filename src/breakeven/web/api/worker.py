"""A process that computes: it reads one job a line from standard input and writes its answer to standard output.

A job is ``{"function": "module:name", "arguments": {…}, "folder": "…"}``. The answer is a line
``{"status": "done" | "refused" | "fault", "bytes": n}`` and then n bytes of JSON. A job runs in its folder, so a file
is known by its given name alone, and temporary files lie beside it. A worker has the server's import path, and none
of its keys and passwords.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from breakeven.errors import BreakevenError
from breakeven.web.api.problems import problems_of, status_of

__all__ = ["main"]


def main() -> None:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    _warm()
    for line in sys.stdin.buffer:
        status, body = _done(json.loads(line))
        _answer(answers, status, body)


def _warm() -> None:
    """Load what almost every job needs before the first one comes."""
    from breakeven.advice.decide import decide  # noqa: F401
    from breakeven.prices import current_book
    from breakeven.study import parse_study  # noqa: F401

    try:
        current_book()
    except BreakevenError:
        return  # the job that needs it will say so


def _done(job: dict[str, Any]) -> tuple[str, bytes]:
    folder = Path(job["folder"])
    os.chdir(folder)
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(scratch)
    try:
        function = _found(job["function"])
        return "done", _as_json(function(**job["arguments"]))
    except BreakevenError as error:
        refused = {"status": status_of(error), "problems": problems_of(error, hide=str(folder.parent))}
        return "refused", _as_json(refused)
    except Exception as error:  # noqa: BLE001  our fault, whatever it is: the server goes on
        return "fault", _as_json({"where": _where(error)})
    finally:
        os.chdir(folder.parent.parent)  # the folder is deleted now


def _found(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def _as_json(value: object) -> bytes:
    from breakeven.report.text import harmless_json

    return harmless_json(json.dumps(value, ensure_ascii=False, allow_nan=False)).encode()


def _where(error: Exception) -> str:
    """The kind of error and the lines of code that led to it; not its message, which may hold what users sent."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = ", ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames)
    return f"{type(error).__name__} at {places}"


def _answer(answers: BinaryIO, status: str, body: bytes) -> None:
    answers.write(json.dumps({"status": status, "bytes": len(body)}).encode() + b"\n")
    answers.write(body)
    answers.flush()


if __name__ == "__main__":
    main()
