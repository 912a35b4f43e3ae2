"""The OpenAPI 3.1 description, made from the very schemas that check what comes in and goes out."""

import json
from hashlib import sha256
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from widget.domain.form import BUILT_IN
from widget.domain.guard import PROOF_LENGTH
from widget.domain.question import ANSWER_LENGTH
from widget.domain.questionnaire import NAME
from widget.web.rendered import Body
from widget.web.schemas import (
    LANG_LENGTH,
    PAGE_URL_LENGTH,
    SOURCE_LENGTH,
    TEXT_VERSION_LENGTH,
    AuditAnswer,
    ProblemAnswer,
    ProgressAnswer,
    SignedAnswer,
    WidgetAnswer,
)

VERSION = "1"
_SLUG = {
    "in": "path",
    "name": "slug",
    "required": True,
    "description": "the petition's name in its address",
    "schema": {"type": "string", "minLength": 1},
}
_LANG = {
    "in": "query",
    "name": "lang",
    "description": "BCP 47 tag of the language wanted; else the petition's own",
    "schema": {"type": "string", "maxLength": LANG_LENGTH},
}


def body(public_url: str) -> Body:
    """Return the document as a body to serve."""
    plain = json.dumps(document(public_url), ensure_ascii=False).encode()
    return Body(plain, f'W/"{sha256(plain).hexdigest()[:20]}"')


def document(public_url: str) -> dict[str, Any]:
    """Return the document: every public address with what it takes and every answer it gives."""
    spec = APISpec(
        title="Support Now",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": "Petitions that any site can show and any visitor can sign."},
        servers=[{"url": public_url}],
        plugins=[MarshmallowPlugin()],
    )
    spec.path(
        path="/api/v1/petitions/{slug}/widget",
        parameters=[_SLUG, _LANG],
        operations={"get": _reading("All that one widget needs, in one answer", WidgetAnswer)},
    )
    spec.path(
        path="/api/v1/petitions/{slug}/progress",
        parameters=[_SLUG],
        operations={"get": _reading("Count and goal; the ETag changes with them", ProgressAnswer)},
    )
    spec.path(
        path="/api/v1/petitions/{slug}/signatures",
        parameters=[_SLUG],
        operations={"post": _signing()},
    )
    spec.path(
        path="/api/v1/petitions/{slug}/audit",
        parameters=[_SLUG],
        operations={"get": _reading("How the number came about, day by day", AuditAnswer)},
    )
    spec.path(
        path="/api/v1/petitions/{slug}/audit.csv",
        parameters=[_SLUG],
        operations={"get": _table("The same as a table")},
    )
    return spec.to_dict()


def _reading(summary: str, schema: type) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            "200": _json("as asked", schema),
            "304": {"description": "unchanged since the ETag that was sent"},
            **_problems("404", "405", "503"),
        },
    }


def _table(summary: str) -> dict[str, Any]:
    reading = _reading(summary, AuditAnswer)
    content = {"text/csv": {"schema": {"type": "string"}}}
    reading["responses"]["200"] = {"description": "a line a day", "content": content}
    return reading


def _signing() -> dict[str, Any]:
    form = {"schema": _signature_schema()}
    return {
        "summary": "Sign; sending the same again changes nothing and is answered the same",
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": form, "application/json": form},
        },
        "responses": {
            "201": _json("it counts now", SignedAnswer),
            "202": _json("it counts when the address is confirmed", SignedAnswer),
            "303": {"description": "for a browser without the script: the page that says the same"},
            **_problems("400", "403", "404", "405", "410", "413", "415", "422", "428", "429", "503"),
        },
    }


def _signature_schema() -> dict[str, Any]:
    """Describe the built-in fields; which of them a petition requires stands in its widget answer."""
    fields: dict[str, Any] = {}
    for field in BUILT_IN.values():
        fields[field.name] = {"type": "boolean"} if field.type == "checkbox" else {"type": "string"}
        if field.maxlength:
            fields[field.name]["maxLength"] = field.maxlength
    fields["email"]["format"] = "email"
    fields["country"] |= {"pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2"}
    for name, limit in (
        ("lang", LANG_LENGTH),
        ("source", SOURCE_LENGTH),
        ("page_url", PAGE_URL_LENGTH),
        ("text_version", TEXT_VERSION_LENGTH),
    ):
        fields[name] = {"type": "string", "maxLength": limit}
    fields["website"] = {"type": "string", "description": "leave it empty: only a robot fills it in"}
    fields["elapsed"] = {"type": "number", "description": "seconds for which the form stood open"}
    fields["proof"] = {
        "type": "string",
        "maxLength": PROOF_LENGTH,
        "description": "after 428: the answer to `challenge`, as ALTCHA encodes it",
    }
    fields["test"] = {"type": "boolean", "description": "a dry run: checked and answered, not stored"}
    own = {
        "type": ["string", "boolean"],
        "maxLength": ANSWER_LENGTH,
        "description": "an answer to a question of the organiser's own, as the widget answer's `form` asks",
    }
    return {
        "type": "object",
        "properties": fields,
        "patternProperties": {f"^{NAME.pattern}$": own},
        "required": ["email"],
    }


def _json(description: str, schema: type) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": ProblemAnswer}}
    return {status: {"description": "refused; `code` says why", "content": content} for status in statuses}
