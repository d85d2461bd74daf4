"""An application with the API alone, and what tests send to it."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from fastapi import FastAPI
from starlette.testclient import TestClient

from breakeven.cli.desk import desk
from breakeven.cli.root import root
from breakeven.web.api import router
from breakeven.web.limits import Limits
from breakeven.web.security import install

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
SMALL = """\
name: Small
start: 2026-12
workload: {task: sentiment-classification, volume: 100K calls/month, tokens: {static: 400, input: 100, output: 20}}
today: prompt
candidates:
  prompt: {kind: prompt, model: openai/gpt-4.1}
  mini: {kind: prompt, model: openai/gpt-4.1-mini, build: 10..20 hours}
"""


def application(
    *, token: str | None = None, hosts: tuple[str, ...] = ("testserver",), limits: Limits | None = None
) -> FastAPI:
    """The API under /api/v1, guarded."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.limits = limits or Limits()
    app.include_router(router(desk()), prefix="/api/v1")
    install(app, token=token, hosts=hosts)
    return app


@contextlib.contextmanager
def closing(app: FastAPI) -> Iterator[None]:
    """Ends the application's processes afterwards, for clients that never tell it to end."""
    try:
        yield
    finally:
        services = getattr(app.state, "services", None)
        if services is not None:
            services.close()


def sent(client: TestClient, content: bytes, name: str) -> str:
    """The id of an upload."""
    answer = client.post("/api/v1/uploads", params={"name": name}, content=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def printed(*words: str, folder: Path) -> Any:
    """What the command line prints as JSON, run in this folder."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(root, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def alike(found: Any, want: Any) -> bool:
    """Equal; a sum of logged figures to nine digits, since an engine adds them in any order."""
    if isinstance(want, dict) and isinstance(found, dict):
        return list(found) == list(want) and all(alike(found[key], want[key]) for key in want)
    if isinstance(want, list) and isinstance(found, list):
        return len(found) == len(want) and all(map(alike, found, want))
    if isinstance(want, float) and isinstance(found, float):
        return math.isclose(found, want, rel_tol=1e-9, abs_tol=1e-12)
    return type(found) is type(want) and bool(found == want)


def problems(answer: Any, status: int) -> list[dict[str, Any]]:
    """The problems of a refusal, whose form is checked."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"problems"}
    assert body["problems"]
    for one in body["problems"]:
        assert set(one) == {"message", "place", "field", "hint"}
        assert one["message"]
    found: list[dict[str, Any]] = body["problems"]
    return found
