"""Requests made up from the OpenAPI document: no fault of ours, and every answer as the document says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from breakeven.web.api.mounting import openapi_document
from tests.web.api.serving import application, closing

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
DOCUMENT = openapi_document()
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
CASES = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or {"parameters", "requestBody"} & set(DOCUMENT["paths"][path][method])
]


@pytest.fixture(scope="module")
def schema() -> Iterator[BaseSchema]:
    app = application()
    with closing(app):
        yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    names = [DOCUMENT["paths"][path][method]["operationId"] for path, method in OPERATIONS]
    assert len(set(names)) == len(names)
    for path, method in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        assert operation["summary"], (path, method)
        assert operation["tags"], (path, method)
        assert "HTTPValidationError" not in str(operation["responses"])


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_made_up_requests(path: str, method: str, mode: GenerationMode, schema: BaseSchema) -> None:
    operation = schema[path][method.upper()]

    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def try_one(case: schemathesis.Case) -> None:
        answer = case.call()
        # A string within its bound can be spelt so that the request is too large: that is said first.
        checks = [
            check for check in CHECKS if answer.status_code != 413 or check is not negative_data_rejection
        ]
        case.validate_response(answer, checks=checks)

    try_one()
