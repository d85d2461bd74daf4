"""The application: the pages of ``breakeven ui``, and the API beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from breakeven.errors import MissingExtraError
from breakeven.web.whatif import Setting, WhatIf

if TYPE_CHECKING:
    from fastapi import FastAPI

    from breakeven.web.api import Desk
    from breakeven.web.uploads import UploadStore

__all__ = ["create_app"]

API: Final = "/api/v1"


def create_app(
    study: Path, setting: Setting, *, desk: Desk | None = None, token: str | None = None, hosts: Iterable[str] = (),
    uploads: UploadStore | None = None,
) -> FastAPI:  # fmt: skip
    """The page of one study file, which need not be there yet, and the API.

    setting: how studies are opened and computed; desk: what the command line lends to the API. token: asked of
    everybody where one is given; hosts: names under which the server answers. Raises MissingExtraError without the
    extra ``web``.
    """
    try:
        from fastapi import FastAPI
    except ImportError as exc:
        raise MissingExtraError("fastapi", "web") from exc
    from breakeven.web import decision_routes, page_routes, start_routes
    from breakeven.web.api import router
    from breakeven.web.security import install
    from breakeven.web.serving import Served

    app = FastAPI(title="Breakeven", docs_url=None, redoc_url=None, openapi_url=None)
    state: Any = app.state
    state.served = Served(path=study, whatif=WhatIf(setting=setting))
    state.uploads = uploads
    if desk is not None:
        state.desk = desk
        app.include_router(router(), prefix=API)
    for part in (page_routes.routes, decision_routes.routes, start_routes.routes):
        app.include_router(part)
    install(app, token=token, hosts=hosts)
    return app
