"""Uploads: files that arrive over the web, kept in a temporary folder under names of our own until the server ends.

What a person called a file is only data: it never becomes a path of the store. A request that uses uploads gets a
folder of its own in which they stand under their given names.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, Literal

from breakeven.errors import InputError, Problem
from breakeven.web.limits import Limits
from breakeven.web.unpacking import ExpandedSize

__all__ = ["Upload", "UploadError", "UploadStore", "safe_name"]

State = Literal["receiving", "ready"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PART: Final = re.compile(r"[\w][\w .,+=@()-]{0,119}")
_MOST_PARTS: Final = 5
_BLOCK: Final = 1 << 20


class UploadError(InputError):
    """An upload that is not taken; ``status`` is the HTTP status that says why."""

    def __init__(
        self, message: str, *, status: int, field: str | None = None, hint: str | None = None
    ) -> None:
        self.status = status
        super().__init__(Problem(message=message, field=field, hint=hint))


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One file, or as much of it as has arrived."""

    id: str
    name: str
    """As it was given: ``evidence/profile.json``."""
    state: State
    received_bytes: int
    expected_bytes: int | None
    """None: the sender did not say."""
    sha256: str | None
    """None until it is whole."""
    used_s: float
    """When it was last asked for, by the monotonic clock."""


def safe_name(name: str) -> str:
    """The name, if it can stand in a folder of its own; raises UploadError.

    Its parts are letters, digits and ``_ .,+=@()-``. Nothing in it leads elsewhere (``..``, a drive), and no reader
    takes it for a pattern or a flag.
    """
    parts = name.split("/")
    plain = all(_PART.fullmatch(part) and part.strip(" .") == part for part in parts)
    if not plain or len(parts) > _MOST_PARTS or len(name.encode()) > 240:
        raise UploadError(
            f"{name[:80]!r} is no name for an upload", status=422, field="name",
            hint="letters, digits, spaces and _.,+=@()-, folders by /, such as evidence/profile.json",
        )  # fmt: skip
    return name


class UploadStore:
    """The uploads of one server. Its folder is deleted by ``close``, and at the latest when the program ends."""

    def __init__(self, limits: Limits | None = None, *, folder: Path | None = None) -> None:
        self.limits = limits or Limits()
        self._folder = tempfile.TemporaryDirectory(
            prefix="breakeven-web-", dir=folder, ignore_cleanup_errors=True
        )
        self.root = Path(self._folder.name)
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Delete every upload."""
        self._uploads.clear()
        self._folder.cleanup()

    # ------------------------------------------------------------------------------------------- taking

    async def receive(
        self,
        chunks: AsyncIterable[bytes],
        *,
        name: str,
        expected_bytes: int | None = None,
        upload_id: str | None = None,
    ) -> Upload:
        """Keep what arrives. While it does, ``get`` tells how far it is; a caller that looks on chooses its id.

        Raises UploadError where it is too large, too slow, cut off, or expands to too much; nothing of it is kept.
        """
        upload = self._begin(name, expected_bytes, upload_id)
        path = self._path(upload.id)
        try:
            with path.open("xb") as file:
                sha256 = await self._write(upload, chunks, file)
            return self._finish(upload.id, sha256)
        except BaseException:
            with self._lock:
                self._uploads.pop(upload.id, None)
            path.unlink(missing_ok=True)
            raise

    def _begin(self, name: str, expected: int | None, upload_id: str | None) -> Upload:
        if expected is not None:
            self._check_size(expected)
        if upload_id is not None and not _ID.fullmatch(upload_id):
            raise UploadError(
                "this is no id for an upload", status=422, field="id", hint="16 to 64 of A-Z a-z 0-9 _ -"
            )
        upload = Upload(
            id=upload_id or secrets.token_urlsafe(18), name=safe_name(name), state="receiving", received_bytes=0,
            expected_bytes=expected, sha256=None, used_s=time.monotonic(),
        )  # fmt: skip
        self._forget_old()
        with self._lock:
            if upload.id in self._uploads:
                raise UploadError("there is an upload with this id", status=409, field="id")
            if len(self._uploads) >= self.limits.uploads_count:
                raise self._full()
            self._uploads[upload.id] = upload
        return upload

    async def _write(self, upload: Upload, chunks: AsyncIterable[bytes], file: BinaryIO) -> str:
        digest, size, expanded = hashlib.sha256(), 0, ExpandedSize(self.limits.expanded_bytes)

        def keep(block: bytes) -> None:
            digest.update(block)
            expanded.add(block)
            file.write(block)

        async for block in _blocks(_in_time(chunks, self.limits.upload_idle_s, self.limits.upload_s)):
            size += len(block)
            self._check_size(size)
            with self._lock:
                others = sum(u.received_bytes for u in self._uploads.values() if u.id != upload.id)
                if others + size > self.limits.uploads_bytes:
                    raise self._full()
                if upload.id not in self._uploads:
                    raise UploadError("the upload was deleted while it arrived", status=409)
                self._uploads[upload.id] = replace(self._uploads[upload.id], received_bytes=size)
            await asyncio.to_thread(keep, block)
        if upload.expected_bytes not in (None, size):
            raise UploadError(f"cut off: {size:,} of {upload.expected_bytes:,} bytes arrived", status=400)
        if not size:
            raise UploadError("the upload is empty", status=422, hint="send the file as the body")
        return digest.hexdigest()

    def _finish(self, upload_id: str, sha256: str) -> Upload:
        with self._lock:
            done = replace(self._uploads[upload_id], state="ready", sha256=sha256, used_s=time.monotonic())
            self._uploads[upload_id] = done
        return done

    def _check_size(self, size: int) -> None:
        if size > self.limits.upload_bytes:
            raise UploadError(
                f"an upload has at most {self.limits.upload_bytes:,} bytes", status=413,
                hint="run `breakeven profile` where the logs are, and upload the profile",
            )  # fmt: skip

    def _full(self) -> UploadError:
        return UploadError(
            "there is no room for more uploads", status=507, hint="delete some that are not needed"
        )

    # ------------------------------------------------------------------------------------------- using

    def get(self, upload_id: str) -> Upload:
        """The upload, whole or on its way; raises UploadError (404) where there is none."""
        with self._lock:
            found = self._uploads.get(upload_id)
            if found is None:
                shown = upload_id if _ID.fullmatch(upload_id) else "with this id"
                raise UploadError(
                    f"there is no upload {shown}", status=404, hint="POST the file to /uploads first"
                )
            if found.state == "ready":
                self._uploads[upload_id] = found = replace(found, used_s=time.monotonic())
            return found

    def delete(self, upload_id: str) -> None:
        """Delete an upload; one that is on its way is given up. Raises UploadError (404) where there is none."""
        self.get(upload_id)
        with self._lock:
            self._uploads.pop(upload_id, None)
        self._path(upload_id).unlink(missing_ok=True)

    def held(self) -> tuple[int, int]:
        """(uploads, their bytes)."""
        with self._lock:
            return len(self._uploads), sum(u.received_bytes for u in self._uploads.values())

    @contextmanager
    def folder_of(self, ids: Iterable[str]) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """A new folder in which these uploads stand under their names, and the names; deleted afterwards.

        Raises UploadError for an id that is unknown or not whole, and where two have one name.
        """
        uploads = [self._whole(one) for one in dict.fromkeys(ids)]
        taken: set[str] = set()
        for upload in uploads:
            if any(
                f"{name}/".startswith(f"{upload.name}/") or f"{upload.name}/".startswith(f"{name}/")
                for name in taken
            ):
                raise UploadError(f"two uploads are called {upload.name!r}", status=422, field="uploads")
            taken.add(upload.name)
        with tempfile.TemporaryDirectory(
            prefix="request-", dir=self.root, ignore_cleanup_errors=True
        ) as made:
            folder = Path(made) / "files"
            folder.mkdir()
            for upload in uploads:
                _linked(self._path(upload.id), folder / upload.name)
            yield folder, tuple(upload.name for upload in uploads)

    def _whole(self, upload_id: str) -> Upload:
        upload = self.get(upload_id)
        if upload.state != "ready":
            raise UploadError(f"the upload {upload_id} has not arrived yet", status=409, field="uploads")
        return upload

    def _path(self, upload_id: str) -> Path:
        return self.root / f"upload-{hashlib.sha256(upload_id.encode()).hexdigest()[:32]}"

    def _forget_old(self) -> None:
        oldest = time.monotonic() - self.limits.upload_life_s
        with self._lock:
            old = [u.id for u in self._uploads.values() if u.state == "ready" and u.used_s < oldest]
            for one in old:
                del self._uploads[one]
        for one in old:
            self._path(one).unlink(missing_ok=True)


def _linked(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the disk knows no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError as exc:
        raise UploadError("an upload was deleted", status=409, field="uploads") from exc
    except OSError:
        shutil.copyfile(source, target)


async def _in_time(chunks: AsyncIterable[bytes], idle_s: float, all_s: float) -> AsyncIterator[bytes]:
    """The chunks; raises UploadError where one keeps us waiting for ``idle_s``, or all of them take ``all_s``."""
    iterator, ends = aiter(chunks), time.monotonic() + all_s
    while True:
        try:
            yield await asyncio.wait_for(anext(iterator), min(idle_s, ends - time.monotonic()))
        except StopAsyncIteration:
            return
        except TimeoutError as exc:
            late = time.monotonic() >= ends
            words = f"it took longer than {all_s:g} s" if late else f"nothing arrived for {idle_s:g} s"
            raise UploadError(words, status=408) from exc


async def _blocks(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in blocks of about a megabyte, so that few of them have to be handed to a thread."""
    held, size = [], 0
    async for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
