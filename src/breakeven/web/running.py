"""The server's loop, on a socket that is bound already."""

from __future__ import annotations

import logging
import socket
from typing import Any

from breakeven.errors import MissingExtraError
from breakeven.web.security import QuietAccessLog

__all__ = ["serve"]

_GRACE_S = 2


def serve(app: Any, opened: socket.socket) -> None:
    """Answer until somebody presses Ctrl+C. Raises MissingExtraError without the extra ``web``."""
    try:
        import uvicorn
    except ImportError as exc:
        raise MissingExtraError("uvicorn", "web") from exc
    logging.getLogger("uvicorn.access").addFilter(QuietAccessLog())
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=_GRACE_S)
    uvicorn.Server(config).run(sockets=[opened])
