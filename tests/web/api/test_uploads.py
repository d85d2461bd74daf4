"""Uploads: what is taken, how far it is, what is refused, and that nothing is left behind."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from breakeven.errors import BreakevenError, InputError
from breakeven.web.limits import Limits
from breakeven.web.unpacking import ExpandedSize, TooLargeUnpackedError
from breakeven.web.uploads import Upload, UploadError, UploadStore, safe_name
from tests.web.api.serving import application, problems, sent


@pytest.fixture
def store(tmp_path: Path) -> Iterator[UploadStore]:
    limits = Limits(
        upload_bytes=1_000, uploads_bytes=2_500, uploads_count=4, upload_idle_s=0.05, expanded_bytes=50_000
    )
    made = UploadStore(limits, folder=tmp_path)
    yield made
    made.close()


def taken(store: UploadStore, *chunks: bytes, name: str = "a.csv", **how: Any) -> Upload:
    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return asyncio.run(store.receive(arriving(), name=name, **how))


def files(store: UploadStore) -> list[str]:
    return [path.name for path in store.root.rglob("*") if path.is_file()]


def test_an_upload_is_kept_under_a_name_of_ours(store: UploadStore) -> None:
    upload = taken(store, b"id,score\n", b"1,1\n", name="evidence/evals/a b.csv", expected_bytes=13)
    assert (upload.state, upload.received_bytes, upload.name) == ("ready", 13, "evidence/evals/a b.csv")
    assert all("csv" not in name for name in files(store))
    with store.folder_of([upload.id, upload.id]) as (folder, names):
        assert names == ("evidence/evals/a b.csv",)
        assert (folder / names[0]).read_bytes() == b"id,score\n1,1\n"
    assert not folder.exists()
    store.delete(upload.id)
    assert files(store) == []
    with pytest.raises(UploadError, match="no upload"):
        store.get(upload.id)


def test_closing_deletes_everything(store: UploadStore) -> None:
    taken(store, b"x")
    store.close()
    assert not store.root.exists()


def test_progress_is_told_while_it_arrives(store: UploadStore) -> None:
    seen = []
    chosen = "chosen-by-the-caller"

    async def arriving() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * (1 << 20)
            seen.append(large.get(chosen))

    large = UploadStore(folder=store.root)
    asyncio.run(large.receive(arriving(), name="a.csv", expected_bytes=3 << 20, upload_id=chosen))
    assert [one.received_bytes >> 20 for one in seen] == [1, 2, 3]
    assert {one.state for one in seen} == {"receiving"}
    assert large.get(chosen).state == "ready"
    large.close()


@pytest.mark.parametrize(
    ("chunks", "how", "status", "words"),
    [
        ([b"x" * 600, b"x" * 600], {}, 413, "at most 1,000"),
        ([], {"expected_bytes": 5_000}, 413, "at most 1,000"),
        ([b"abc"], {"expected_bytes": 10}, 400, "cut off: 3 of 10"),
        ([], {}, 422, "empty"),
        ([b"x"], {"upload_id": "../../etc/passwd"}, 422, "no id"),
        ([b"x"], {"upload_id": "short"}, 422, "no id"),
    ],
)
def test_what_is_refused_leaves_nothing(
    chunks: list[bytes], how: dict[str, Any], status: int, words: str, store: UploadStore
) -> None:
    with pytest.raises(UploadError, match=words) as caught:
        taken(store, *chunks, **how)
    assert caught.value.status == status
    assert files(store) == []
    assert store.held() == (0, 0)


def test_a_slow_one_is_given_up(store: UploadStore) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(5)

    with pytest.raises(UploadError, match="nothing arrived") as caught:
        asyncio.run(store.receive(dripping(), name="a.csv"))
    assert caught.value.status == 408
    assert files(store) == []


def test_one_that_drips_for_ever_is_given_up(tmp_path: Path) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    store = UploadStore(Limits(upload_s=0.05), folder=tmp_path)
    with pytest.raises(UploadError, match="took longer than"):
        asyncio.run(store.receive(dripping(), name="a.csv"))
    assert files(store) == []
    store.close()


def test_a_cut_one_is_given_up(store: UploadStore) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(store.receive(cut(), name="a.csv"))
    assert files(store) == []
    assert store.held() == (0, 0)


def test_there_is_room_for_so_much(store: UploadStore) -> None:
    first = taken(store, b"x" * 1_000)
    taken(store, b"x" * 1_000)
    with pytest.raises(UploadError, match="no room") as caught:
        taken(store, b"x" * 1_000)
    assert caught.value.status == 507
    store.delete(first.id)
    for _ in range(3):
        taken(store, b"x")
    with pytest.raises(UploadError, match="no room"):
        taken(store, b"x")


def test_an_old_one_makes_room(tmp_path: Path) -> None:
    store = UploadStore(Limits(uploads_count=1, upload_life_s=0.0), folder=tmp_path)
    old = taken(store, b"x")
    taken(store, b"y")
    with pytest.raises(UploadError, match="no upload"):
        store.get(old.id)
    assert len(files(store)) == 1
    store.close()


def test_two_of_one_name_can_not_stand_in_one_folder(store: UploadStore) -> None:
    pairs = [("a.csv", "a.csv"), ("a/b", "a"), ("a", "a/b")]
    for one, other in pairs:
        ids = [taken(store, b"x", name=name).id for name in (one, other)]
        with pytest.raises(UploadError, match="two uploads are called"), store.folder_of(ids):
            pass
        for each in ids:
            store.delete(each)


BAD_NAMES = [
    "", ".", "..", "../a", "a/../../b", "/etc/passwd", "a//b", "a/", "C:\\a", "a\\b", "a\0b", "a\nb", "-", "-rf",
    "--json", "*.csv", "a?.csv", "[ab].csv", "~/a", "$HOME", "`id`", ".env", "a/.env", "a.", "a/b/c/d/e/f", "x" * 300,
    "s3:a", "\u202eb",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_refused(name: str, store: UploadStore) -> None:
    with pytest.raises(UploadError, match="no name for an upload"):
        taken(store, b"x", name=name)


@given(st.text(max_size=40))
def test_a_name_that_is_taken_stays_in_its_folder(name: str) -> None:
    try:
        safe_name(name)
    except UploadError:
        return
    folder = Path("/some/folder")
    assert folder in (folder / name).parents
    assert ".." not in Path(name).parts
    assert not set(name) & set("*?[]\\:~$\0\n")
    assert all(part[0] not in ".-" for part in Path(name).parts)


# ------------------------------------------------------------------------------------------- packed files


def counted(data: bytes, most: int, step: int = 1_000) -> int:
    size = ExpandedSize(most)
    for start in range(0, len(data), step):
        size.add(data[start : start + step])
    return size.bytes


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(4, 50))
def test_a_gzip_file_counts_as_what_it_holds(members: list[bytes], step: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    assert counted(packed, 10_000, step) == sum(map(len, members))


def test_a_gzip_bomb_is_refused_early() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 5_000_000)) + gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(TooLargeUnpackedError, match="more than 100,000"):
        counted(bomb, 100_000)


def test_a_zstd_bomb_is_refused_early() -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.compress(b"\0" * 50_000_000)
    with pytest.raises(TooLargeUnpackedError):
        counted(packed, 100_000)
    assert counted(zstandard.compress(b"abc" * 1_000), 100_000) == 3_000


@pytest.mark.parametrize(
    "data", [b"plain text, as it is", b"\x1f\x8b broken gzip", b"\x28\xb5\x2f\xfd broken"]
)
def test_other_files_go_through(data: bytes) -> None:
    counted(data, 1_000)


def test_a_bomb_is_not_kept(store: UploadStore) -> None:
    with pytest.raises(InputError, match="unpacks to more than") as caught:
        taken(store, gzip.compress(b"\0" * 200_000))
    assert isinstance(caught.value, BreakevenError)
    assert files(store) == []


# ------------------------------------------------------------------------------------------------- by HTTP


def test_over_http(client: TestClient) -> None:
    upload = sent(client, b"id,score\n1,1\n", "a.csv")
    asked = client.get(f"/api/v1/uploads/{upload}").json()
    assert (asked["state"], asked["received_bytes"], asked["expected_bytes"]) == ("ready", 13, 13)
    held = client.get("/api/v1/uploads").json()
    assert held["uploads"] >= 1
    assert upload not in str(held)
    assert client.delete(f"/api/v1/uploads/{upload}").status_code == 204
    problems(client.get(f"/api/v1/uploads/{upload}"), 404)
    problems(client.delete(f"/api/v1/uploads/{upload}"), 404)


def test_an_id_is_used_once(client: TestClient) -> None:
    params = {"name": "a.csv", "id": "an-id-of-our-own-1"}
    assert client.post("/api/v1/uploads", params=params, content=b"x").status_code == 201
    problems(client.post("/api/v1/uploads", params=params, content=b"x"), 409)


def test_limits_over_http() -> None:
    with TestClient(application(limits=Limits(upload_bytes=100, body_bytes=500))) as client:
        params = {"name": "a.csv"}
        problems(client.post("/api/v1/uploads", params=params, content=b"x" * 101), 413)

        def chunks() -> Iterator[bytes]:
            yield from [b"x" * 60] * 5

        problems(client.post("/api/v1/uploads", params=params, content=chunks()), 413)
        problems(client.post("/api/v1/uploads", params={"name": "../a"}, content=b"x"), 422)
        problems(client.post("/api/v1/decide", json={"study": "x" * 600}), 413)

        def study() -> Iterator[bytes]:
            yield from [b'{"study": "', *[b"x" * 200] * 5, b'"}']

        problems(
            client.post("/api/v1/decide", content=study(), headers={"content-type": "application/json"}), 413
        )
