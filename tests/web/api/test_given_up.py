"""A client that goes away frees its worker; the same question is computed once. With real requests."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from breakeven.web.api.services import Services
from breakeven.web.limits import Limits
from tests.web.api.serving import EXAMPLES, SMALL, application


@contextmanager
def serving(workers: int) -> Iterator[tuple[int, Services]]:
    """(port, services) of an API of its own."""
    uvicorn = pytest.importorskip("uvicorn", reason="needs the extra `web`")
    app = application(hosts=(), limits=Limits(workers=workers, waiting=20))
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield opened.getsockname()[1], app.state.services
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        opened.close()


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


def asked(port: int, **what: Any) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/v1/decide", json.dumps(what), {"Content-Type": "application/json"})
    return connection


def answer_of(connection: http.client.HTTPConnection) -> tuple[int, bytes]:
    """(status, body), and the connection is closed."""
    with closing(connection):
        answer = connection.getresponse()
        return answer.status, answer.read()


LONG = {"study": (EXAMPLES / "loan-documents/breakeven.yaml").read_text("utf-8"), "draws": 200_000}
"""Some seconds of a core, at least."""


def test_a_client_that_leaves_frees_its_worker() -> None:
    with serving(workers=1) as (port, services):
        assert answer_of(asked(port, study=SMALL, draws=50))[0] == 200  # the process has started
        computed = services.pool.done
        leaves = asked(port, **LONG, seed=1)
        until(lambda: services.pool.in_work == 1)
        queued = [asked(port, **LONG, seed=k) for k in (2, 3)]
        until(lambda: services.pool.in_line == 2)
        for connection in (*queued, leaves):
            connection.close()
        until(lambda: services.pool.in_work == 0 and services.pool.in_line == 0)
        assert services.shared.under_way == 0
        assert answer_of(asked(port, study=SMALL, draws=51))[0] == 200
        assert services.pool.done == computed + 1  # none of the long ones came to its end


def test_the_same_question_is_computed_once() -> None:
    with serving(workers=1) as (port, services):
        connections = [asked(port, study=SMALL, draws=400, seed=5) for _ in range(12)]
        answers = [answer_of(connection)[1] for connection in connections]
        assert len(set(answers)) == 1
        assert json.loads(answers[0])["seed"] == 5
        assert services.pool.done == 1
        answer_of(asked(port, study=SMALL, draws=400, seed=5))
        assert services.pool.done == 1  # kept
        answer_of(asked(port, study=SMALL, draws=400, seed=6))
        assert services.pool.done == 2


def test_what_is_refused_is_looked_at_anew() -> None:
    with serving(workers=1) as (port, services):
        for n in (1, 2):
            assert answer_of(asked(port, study="name: nothing", draws=50))[0] == 422
            assert services.pool.done == n
