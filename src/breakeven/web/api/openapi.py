"""The OpenAPI 3.1 document of the API alone, whatever application it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

import breakeven

__all__ = ["document"]

_ABOUT: Final = """\
The functions of the command line, with the same JSON. Money is US dollars, a share is a number from 0 to 1, months
count from 1. What never happens, or is not known, is null. Keys are added over time and never renamed.

Every error has one form: `{"problems": [{"message", "place", "field", "hint"}]}`.

Files are sent to `/uploads` first and named by their id; a study can name no other file.
"""
_TAGS: Final = [
    {"name": "study", "description": "A decision, and how its figures came about."},
    {"name": "evidence", "description": "What logs, evals and training data say."},
    {"name": "uploads", "description": "Files of evidence."},
    {"name": "reference", "description": "Prices, rules, the study's schema, the server's health."},
]


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document for these routes, served under ``/api/v1``."""
    found = get_openapi(
        title="Breakeven", version=breakeven.__version__, summary="Fine-tune, or keep improving the prompt?",
        description=_ABOUT, routes=routes, tags=_TAGS, servers=[{"url": "/api/v1"}],
    )  # fmt: skip
    token = {
        "type": "http",
        "scheme": "bearer",
        "description": "Needed where the server is reached from other machines.",
    }
    found["components"]["securitySchemes"] = {"token": token}
    found["security"] = [{}, {"token": []}]
    return found
