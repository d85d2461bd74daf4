"""Bringing the user's book up to date: over a real loopback server, from files, and never by halves."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from breakeven.errors import InputError
from breakeven.prices import current_book, load_book, open_prices, update, user_book_path
from breakeven.prices.fetch import fetch

DAY = dt.date(2027, 3, 1)


def entry(price_in: float = 4e-07, **others: Any) -> dict[str, Any]:
    return {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": price_in,
        "output_cost_per_token": 4 * price_in,
        **others,
    }


def price_list(models: int = 2000) -> dict[str, Any]:
    """A list as large as it must be, with one dearer model, one new date and one impossible row."""
    found = {f"model-{number}": entry() for number in range(models)}
    found["gpt-4.1-mini"] = entry(5e-07, deprecation_date="2027-06-30")
    found["broken"] = entry(cache_read_input_token_cost=9e-07)
    return found


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = self.server.replies[self.path]  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            if callable(body):
                body(self.wfile)
            else:
                self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server on the loopback, and its replies by path: (status, headers, body)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.replies = {}  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_address[1]}", http.replies  # type: ignore[attr-defined]
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def folder_is_clean() -> bool:
    folder = user_book_path().parent
    return not folder.exists() or [path.name for path in folder.iterdir()] in ([], [user_book_path().name])


def test_an_update_over_http_is_read_checked_compared_and_then_used(server):
    url, replies = server
    replies["/list.json"] = (200, {}, json.dumps(price_list()).encode())
    done = update(f"{url}/list.json", as_of=DAY)
    assert done.path == user_book_path()
    assert done.models == 2001
    assert [(row.key, "costs more than input" in row.reason) for row in done.refused] == [
        ("openai/broken", True)
    ]
    by_field = {(c.key, c.field): c for c in done.diff.changed}
    assert by_field["openai/gpt-4.1-mini", "input_usd_per_mtok"].new == 0.5
    assert "openai/model-0" in done.diff.added
    assert "azure/gpt-4.1-mini" in done.diff.removed
    moved = {r.key: (r.old, r.new) for r in done.diff.retirements}
    assert moved["openai/gpt-4.1-mini"] == (dt.date(2027, 1, 14), dt.date(2027, 6, 30))

    book = current_book()
    assert book.as_of == DAY
    price = book.model("openai/gpt-4.1-mini")
    assert price.input_usd_per_mtok == 0.5
    assert price.source.date == DAY
    assert url in price.source.reference
    assert book.refused == done.refused
    assert folder_is_clean()
    # The packaged book is as it was.
    assert load_book().model("openai/gpt-4.1-mini").input_usd_per_mtok == 0.4


@pytest.mark.parametrize("cut", [0, 1, 1000, -1])
def test_a_truncated_list_is_refused_and_nothing_is_written(server, cut):
    url, replies = server
    body = json.dumps(price_list()).encode()
    replies["/good"] = (200, {}, body)
    replies["/cut"] = (200, {}, body[:cut])
    update(f"{url}/good", as_of=DAY)
    before = user_book_path().read_bytes()
    with pytest.raises(InputError, match="is not JSON"):
        update(f"{url}/cut", as_of=DAY)
    # A length that was promised and not kept is seen by HTTP itself.
    replies["/promised"] = (200, {"Content-Length": str(len(body))}, body[: len(body) // 2])
    with pytest.raises(InputError):
        update(f"{url}/promised", as_of=DAY)
    assert user_book_path().read_bytes() == before
    assert folder_is_clean()


def test_a_list_with_less_than_half_of_the_models_needs_force(server):
    url, replies = server
    replies["/short"] = (200, {}, json.dumps(price_list(100)).encode())
    with pytest.raises(InputError, match=r"holds 101 models, less than half of the 3,348.*\n.*--force"):
        update(f"{url}/short", as_of=DAY)
    assert not user_book_path().exists()
    assert update(f"{url}/short", as_of=DAY, force=True).models == 101
    assert len(current_book()) == 101


def test_a_failed_write_leaves_the_old_book_and_no_part(tmp_path, monkeypatch):
    source = tmp_path / "list.json"
    source.write_text(json.dumps(price_list()), encoding="utf-8")
    update(str(source), as_of=DAY)
    before = user_book_path().read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        update(str(source), as_of=DAY)
    assert user_book_path().read_bytes() == before
    assert folder_is_clean()


def test_readers_meet_the_old_book_or_the_new_one_while_it_is_replaced(tmp_path):
    lists = []
    for number, price in enumerate((4e-07, 8e-07)):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({**price_list(200), "gpt-4.1-mini": entry(price)}), encoding="utf-8")
        lists.append(str(path))
    update(lists[0], as_of=DAY, force=True)
    stop = threading.Event()
    seen: set[float] = set()
    failures: list[BaseException] = []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add(load_book(user_book_path()).model("openai/gpt-4.1-mini").input_usd_per_mtok)
            except InputError as exc:
                failures.append(exc)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(8):
        update(lists[turn % 2], as_of=DAY, force=True)
    stop.set()
    reader.join()
    assert failures == []
    assert seen <= {0.4, 0.8}


def test_a_damaged_book_of_the_users_does_not_keep_a_new_one_out(tmp_path):
    user_book_path().parent.mkdir(parents=True)
    user_book_path().write_bytes(b"not gzip")
    with pytest.raises(InputError, match=r"breakeven prices update|could not be read"):
        current_book()
    source = tmp_path / "list.json"
    source.write_text(json.dumps(price_list()), encoding="utf-8")
    update(str(source), as_of=DAY)
    assert len(current_book()) == 2001


def test_prices_from_a_wheel_from_json_and_from_a_book_of_ours(tmp_path):
    listed = json.dumps(price_list(3))
    wheel = tmp_path / "litellm-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("litellm/model_prices_and_context_window_backup.json", listed)
    book = open_prices(str(wheel), as_of=DAY)
    assert len(book) == 4
    assert book.source.reference == "LiteLLM price file (MIT), litellm-9.9.9-py3-none-any.whl"
    (tmp_path / "list.json").write_text(listed, encoding="utf-8")
    update(str(tmp_path / "list.json"), as_of=DAY, force=True)
    ours = open_prices(str(user_book_path()), as_of=dt.date(2030, 1, 1))
    assert ours.as_of == DAY
    assert ours.keys() == book.keys()
    (tmp_path / "empty.whl").write_bytes(b"")
    with pytest.raises(InputError, match="no wheel of LiteLLM"):
        open_prices(str(tmp_path / "empty.whl"), as_of=DAY)
    with pytest.raises(InputError, match="could not be read"):
        open_prices(str(tmp_path / "absent.json"), as_of=DAY)
    (tmp_path / "other.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.json: .*not LiteLLM's price file"):
        open_prices(str(tmp_path / "other.json"), as_of=DAY)


# ---------------------------------------------------------------------------------------------------- the network


def test_redirects_are_followed_within_http_and_nowhere_else(server, tmp_path):
    url, replies = server
    secret = tmp_path / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    replies["/here"] = (302, {"Location": "/there"}, b"")
    replies["/there"] = (200, {}, b"prices")
    replies["/file"] = (302, {"Location": secret.as_uri()}, b"")
    replies["/ftp"] = (302, {"Location": "ftp://127.0.0.1/prices"}, b"")
    replies["/data"] = (302, {"Location": "data:text/plain,prices"}, b"")
    replies["/loop"] = (302, {"Location": "/loop"}, b"")
    assert fetch(f"{url}/here", max_bytes=100, timeout_s=5) == b"prices"
    for path in ("/file", "/ftp", "/data"):
        with pytest.raises(InputError, match="could not be read"):
            fetch(url + path, max_bytes=100, timeout_s=5)
    with pytest.raises(InputError, match=r"infinite loop|redirect"):
        fetch(f"{url}/loop", max_bytes=100, timeout_s=5)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://localhost/x", "data:,x", "prices.json"])
def test_only_http_is_spoken(address):
    with pytest.raises(InputError, match="only http and https"):
        fetch(address, max_bytes=100, timeout_s=5)


def test_too_large_too_slow_and_missing_are_said_with_what_to_do(server):
    url, replies = server
    release = threading.Event()

    def drip(stream: Any) -> None:
        while not release.wait(0.05):
            stream.write(b" ")
            stream.flush()

    replies["/large"] = (200, {}, b"x" * 101)
    replies["/slow"] = (200, {}, drip)
    replies["/gone"] = (404, {}, b"")
    with pytest.raises(InputError, match="larger than"):
        fetch(f"{url}/large", max_bytes=100, timeout_s=5)
    assert fetch(f"{url}/large", max_bytes=101, timeout_s=5) == b"x" * 101
    try:
        with pytest.raises(InputError, match=r"too long|timed out"):
            fetch(f"{url}/slow", max_bytes=10**6, timeout_s=0.3)
    finally:
        release.set()
    with pytest.raises(InputError, match="404") as caught:
        fetch(f"{url}/gone", max_bytes=100, timeout_s=5)
    assert "--from FILE" in str(caught.value)
    with pytest.raises(InputError, match="could not be read"):
        fetch("http://127.0.0.1:9/x", max_bytes=100, timeout_s=5)
