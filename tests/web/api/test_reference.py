"""The reference page is what the tool writes from the document."""

from __future__ import annotations

from breakeven.web.api.mounting import openapi_document
from tools.write_api_reference import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(openapi_document()), "python -m tools.write_api_reference"


def test_it_names_every_route_and_field() -> None:
    text = page(openapi_document())
    assert "### `POST /evals/compare`" in text
    assert "| `draws` | integer 2..200,000 | `20000` |" in text
    assert "| 503 |" in text
    assert text.count("### `") == sum(len(methods) for methods in openapi_document()["paths"].values())
