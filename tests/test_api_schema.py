"""Schemathesis against the running app: whatever it sends, no 5xx and no undocumented answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from conftest import SECRET, Serve, bearer, listening
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

pytestmark = [pytest.mark.enable_socket]
EXAMPLES = 6
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, unsupported_method,
]  # fmt: skip


@pytest.fixture
def schema(serve: Serve) -> Iterator[schemathesis.BaseSchema]:
    often = {"learner_rate": "100000/second", "address_rate": "100000/second"}
    with listening(serve(token_secret=SECRET, **often).app) as address:
        yield schemathesis.openapi.from_url(f"{address}/api/openapi.json")


def test_no_request_breaks_the_api(schema: schemathesis.BaseSchema) -> None:
    broken = []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            _try(operation)
        except BaseExceptionGroup as failures:
            broken.append(f"{operation.label}: {failures}")
    assert not broken, "\n\n".join(broken)


def _try(operation: schemathesis.APIOperation) -> None:
    role = "service" if "/learners/" in operation.path else "operator"

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def sent(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=bearer("ada", role=role), checks=CHECKS)

    sent()
