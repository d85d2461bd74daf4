"""A table of a real PostgreSQL server gives the profile of the file that it was filled from."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("psycopg", reason="no driver: pip install 'ibis-framework[postgres]'")

import psycopg

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines import open_engine
from breakeven.evidence.calls.engines.database import DatabaseEngine
from tests.profile.engine_logs import EXAMPLE, differences, profiled, repriced

SECRET = "s3kr;t@/x"
FOLDERS = (
    *map(Path, os.environ.get("PATH", "").split(os.pathsep)),
    *Path("/usr/lib/postgresql").glob("*/bin"),
)


def _program(name: str) -> str:
    found = next((folder / name for folder in FOLDERS if (folder / name).is_file()), None)
    if found is None:
        pytest.skip(f"PostgreSQL is not installed: there is no {name}")
    return str(found)


@pytest.fixture(scope="module")
def url():
    """A server on this machine, started for these tests as a user who is not root; the address of its database."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:  # pytest's own are closed to other users
        yield from _served(Path(folder))


def _served(folder):
    user = None
    if os.getuid() == 0:
        user = next(
            (name for name in ("postgres", "nobody") if name in {u.pw_name for u in pwd.getpwall()}), None
        )
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is nobody else")
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "password").write_text(SECRET)
    (folder / "password").chmod(0o644)
    data, options = str(folder / "data"), {"user": user, "cwd": folder, "capture_output": True}
    subprocess.run([_program("initdb"), "-D", data, "-U", "tester", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8",
                    "--pwfile", str(folder / "password")], check=True, **options)  # fmt: skip
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [_program("postgres"), "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
             "-c", f"unix_socket_directories={folder}"], user=user, cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _filled(port)
        yield f"postgres://tester:s3kr%3Bt%40%2Fx@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(20)


def _filled(port: int) -> None:
    rows = [json.loads(line) for line in EXAMPLE.read_text().splitlines()]
    for _ in range(100):
        try:
            con = psycopg.connect(
                host="127.0.0.1", port=port, user="tester", password=SECRET, dbname="postgres"
            )
            break
        except psycopg.OperationalError:
            __import__("time").sleep(0.1)
    with con, con.cursor() as cursor:
        cursor.execute("create table calls (timestamp text, feature text, provider text, request jsonb, "
                       "latency_s double precision, status_code int, response jsonb, error jsonb)")  # fmt: skip
        cursor.execute(
            "create table flat (created_at timestamptz, model text, prompt_tokens int, completion_tokens bigint)"
        )
        for row in rows:
            names = (
                "timestamp",
                "feature",
                "provider",
                "request",
                "latency_s",
                "status_code",
                "response",
                "error",
            )
            values = [json.dumps(v) if isinstance(v := row.get(n), dict) else v for n in names]
            cursor.execute(f"insert into calls values ({','.join(['%s'] * len(names))})", values)
            usage = (row.get("response") or {}).get("usage") or {}
            counts = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
            cursor.execute(
                "insert into flat values (%s, %s, %s, %s)",
                (row["timestamp"], row["request"]["model"], *counts),
            )
        cursor.execute(
            "insert into flat values ('2026-11-05', 'gpt-4o', -5, 1), (null, 'gpt-4o', 5, 900000000000)"
        )
        cursor.execute(
            "create table texts as select created_at::text, model, "
            "prompt_tokens::text, completion_tokens::text from flat"
        )
        cursor.execute(
            "insert into texts values ('2026-02-30', 'm', '1', '1'), "
            "('2026-11-02T06:45:06+00:00', 'm', '1d', '')"
        )
    con.close()


@pytest.fixture
def duck():
    with Engine(threads=2) as engine:
        yield engine


def test_nested_json_columns_give_the_profile_and_prices_of_the_file(url, duck):
    table = f"{url}?table=calls"
    with open_engine([table]) as engine:
        found, prices = profiled(engine, table), repriced(engine, table, batch=0.2)
    assert differences({**profiled(duck, EXAMPLE), "files": None}, {**found, "files": None}) == []
    assert differences({**repriced(duck, EXAMPLE, batch=0.2), "files": None}, {**prices, "files": None}) == []
    assert SECRET not in json.dumps(found)
    assert "s3kr" not in json.dumps(found)
    assert "tester:***@" in found["files"][0]["file"]


@pytest.mark.parametrize("name", ["flat", "public.flat", "texts"])
def test_rows_of_a_table_are_refused_for_the_same_reasons(url, duck, name):
    with open_engine([f"{url}?table={name}"]) as engine:
        found = profiled(engine, f"{url}?table={name}")
    expected = {"input_tokens is negative": 1, "output_tokens is over 100,000,000": 1}
    if name == "texts":
        expected |= {"time can not be read": 1, "input_tokens is not a number": 1}
    assert found["rejected"] == expected
    near = profiled(duck, EXAMPLE)
    assert found["tokens"]["input"]["sum"] == near["tokens"]["input"]["sum"]
    assert (found["calls"], found["first"], found["last"]) == (near["calls"], near["first"], near["last"])


def test_errors_never_show_the_password(url):
    for wrong in (
        url.replace("postgres:", "postgresql:").replace("tester:s3kr", "tester:x3kr"),
        f"{url}?table=nope",
    ):
        with pytest.raises(EvidenceError) as error, DatabaseEngine(wrong) as engine:
            profiled(engine, wrong)
        said = str(error.value)
        assert "3kr" not in said
        assert error.value.__cause__ is None or "3kr" not in str(error.value.__cause__)
    assert "has no table 'nope'" in said


def test_a_database_does_not_mix_with_files(url):
    with (
        open_engine([f"{url}?table=flat", str(EXAMPLE)]) as engine,
        pytest.raises(EvidenceError, match="do not mix"),
    ):
        profiled(engine, f"{url}?table=flat", EXAMPLE)
    with open_engine([url]) as engine, pytest.raises(EvidenceError, match="no table is named"):
        profiled(engine, url)
