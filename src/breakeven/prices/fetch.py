"""The one module of the price book that touches the network: one file over HTTP, and no more than asked for."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Final

from breakeven.errors import InputError, Place, Problem

__all__ = ["fetch"]

_CHUNK: Final = 2**16
_SCHEMES: Final = ("http", "https")


class _SameKind(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to HTTP or HTTPS only, and never from HTTPS to HTTP."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in _SCHEMES or (req.type == "https" and scheme != "https"):
            fp.close()
            raise urllib.error.URLError(f"it redirects to {scheme}://, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, *, max_bytes: int, timeout_s: float) -> bytes:
    """The content at an http(s) address.

    InputError when it is larger than ``max_bytes``, takes longer than ``timeout_s`` in all, or can not be read.
    """
    if urllib.parse.urlsplit(url).scheme not in _SCHEMES:
        raise _failed(url, "only http and https addresses are read")
    # Built by hand, so that file:, ftp: and data: have no handler even where a redirect names them.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _SameKind(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers={"User-Agent": "breakeven", "Accept": "application/json"})  # noqa: S310  the scheme was checked
    deadline = time.monotonic() + timeout_s
    try:
        with opener.open(request, timeout=timeout_s) as reply:
            return _read(reply, url, max_bytes=max_bytes, deadline=deadline)
    except urllib.error.HTTPError as exc:
        # It holds the reply open until someone closes it.
        with exc:
            raise _failed(url, str(exc)) from exc
    except (OSError, HTTPException) as exc:
        raise _failed(url, str(exc) or type(exc).__name__) from exc


def _read(reply: HTTPResponse, url: str, *, max_bytes: int, deadline: float) -> bytes:
    # A server that sends a byte now and then never times out by itself: the whole reading has one deadline.
    data = bytearray()
    while chunk := reply.read1(_CHUNK):
        data += chunk
        if len(data) > max_bytes:
            raise _failed(url, f"it is larger than {max_bytes / 2**20:g} MB")
        if time.monotonic() > deadline:
            raise _failed(url, "it took too long")
    return bytes(data)


def _failed(url: str, why: str) -> InputError:
    hint = "Fetch the file by other means and give its path: `breakeven prices update --from FILE`."
    return InputError(Problem(place=Place(file=url), message=f"could not be read: {why}", hint=hint))
