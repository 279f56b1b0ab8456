"""The OpenAPI document is attacked with what it allows and with what it does not: nothing breaks, all is as it says."""

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.walks.test_river import enrolled, rich_fan, set_up

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = hypothesis.settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", GenerationMode)
def test_nothing_that_the_document_allows_or_forbids_breaks_anything(app, odile, subtests, mode):
    set_up(odile)
    rich_fan(odile)
    device = enrolled(odile)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()
        client = device if operation.definition.raw["security"] == [{"device": []}] else odile
        with subtests.test(operation.label):
            attack(operation, client.token, mode)


def attack(operation, token, mode) -> None:
    """Send generated requests, and hold each answer against the document."""

    @BOUNDED
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def each(case):
        headers = {"Host": "club.example", "Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    each()
