"""A fuzzer reads our own OpenAPI document and sends what it allows and what it forbids: never a 5xx."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from widget.parts import Parts

pytestmark = pytest.mark.lasting

OPERATIONS = [
    ("GET", "/api/v1/petitions/{slug}/widget"),
    ("GET", "/api/v1/petitions/{slug}/progress"),
    ("POST", "/api/v1/petitions/{slug}/signatures"),
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("known", [True, False])
def test_nothing_that_can_be_sent_breaks_the_service(
    app: Flask, parts: Parts, method: str, path: str, known: bool
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operation = schema[path][method]
    kept = 0

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attack(case: schemathesis.Case) -> None:
        nonlocal kept
        if known:
            case.path_parameters["slug"] = "save-the-mill"
        answer = case.call(headers={"Accept-Encoding": "identity"})  # the checks read it as it is
        case.validate_response(answer, checks=CHECKS)
        kept += answer.status_code in {201, 202} and not answer.json().get("test", False)

    strategy = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    negative = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    given(strategy | negative)(attack)()
    with parts.ledger._database.reading() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM signatures").scalar_one()
    assert stored <= kept, "something was stored that was not answered 2xx"


def test_the_document_names_every_public_address(app: Flask) -> None:
    described = set(app.test_client().get("/api/v1/openapi.json").get_json()["paths"])
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/petitions/")
    }
    assert served == described
