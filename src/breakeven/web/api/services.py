"""What the routes share, once for each application: limits, uploads, processes, and the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette

from breakeven.web.api.desk import Desk
from breakeven.web.api.pool import Answer, Pool, named
from breakeven.web.limits import Limits
from breakeven.web.sharing import Shared
from breakeven.web.uploads import UploadStore

__all__ = ["Services", "services_of"]


@dataclass(frozen=True, kw_only=True)
class Services:
    """They live as long as the application."""

    desk: Desk
    limits: Limits
    uploads: UploadStore
    pool: Pool
    shared: Shared[Answer]
    """Answers by what was asked: who asks the same is given the same, also while it is computed."""

    async def compute(
        self, function: Callable[..., object], arguments: Mapping[str, Any], uploads: Iterable[str] = ()
    ) -> Answer:
        """The function's answer, in a process, in a folder that holds these uploads under their names.

        An answer depends on nothing but its arguments and uploads. Without uploads it is computed once, however many
        ask, and kept; it ends when the last who asked has left.
        """
        held = tuple(uploads)
        if held:
            return await self._computed(function, arguments, held)
        key = (named(function), json.dumps(dict(arguments), sort_keys=True))
        return await self.shared.get(key, lambda _: self._computed(function, arguments, ()))

    async def _computed(
        self, function: Callable[..., object], arguments: Mapping[str, Any], uploads: Iterable[str]
    ) -> Answer:
        with self.uploads.folder_of(uploads) as (folder, _):
            return await self.pool.run(function, arguments, folder)

    def close(self) -> None:
        """End the processes and delete the uploads."""
        self.pool.close()
        self.uploads.close()


def _shared(limits: Limits) -> Shared[Answer]:
    return Shared(
        most=limits.kept_bytes,
        size=lambda answer: len(answer.body),
        keeps=lambda answer: answer.status == "done",
    )


def services_of(app: Starlette, desk: Desk | None = None) -> Services:
    """The services of an application, made when they are first asked for.

    ``app.state`` may hold ``desk``, ``limits`` and ``uploads`` that they are to use.
    """
    found: Services | None = getattr(app.state, "services", None)
    if found is None:
        desk = desk or app.state.desk
        limits = getattr(app.state, "limits", None) or Limits()
        uploads = getattr(app.state, "uploads", None) or UploadStore(limits)
        pool = Pool(workers=limits.workers, waiting=limits.waiting, work_s=limits.work_s)
        app.state.services = found = Services(
            desk=desk, limits=limits, uploads=uploads, pool=pool, shared=_shared(limits)
        )
    return found
