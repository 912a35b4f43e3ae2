"""The figures: who may read them, that they tell what happened, and that nobody can be found in them."""

import re

import pytest
from flask.testing import FlaskClient

SIGN = "/api/v1/petitions/save-the-mill/signatures"


def figure(client: FlaskClient, name: str) -> float:
    """Return one figure, with its labels as it is written; 0 if it is not there."""
    text = client.get("/metrics").get_data(as_text=True)
    found = re.search(rf"^support_now_{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_answers_are_counted_by_rule(client: FlaskClient) -> None:
    kind = 'requests_total{method="GET",route="/api/v1/petitions/<slug>/progress",status="%s"}'
    before = figure(client, kind % 200), figure(client, kind % 404)
    client.get("/api/v1/petitions/save-the-mill/progress")
    client.get("/api/v1/petitions/another/progress")
    assert (figure(client, kind % 200), figure(client, kind % 404)) == (before[0] + 1, before[1] + 1)


def test_what_the_answer_hides_the_operator_sees(client: FlaskClient, sam: dict[str, str]) -> None:
    counted, repeated = 'signatures_total{outcome="counted"}', 'signatures_total{outcome="repeated"}'
    before = figure(client, counted), figure(client, repeated)
    first, second = client.post(SIGN, data=sam), client.post(SIGN, data=sam)
    assert first.status_code == second.status_code == 201
    assert (figure(client, counted), figure(client, repeated)) == (before[0] + 1, before[1] + 1)


def test_nobody_and_nothing_typed_is_in_the_figures(client: FlaskClient, sam: dict[str, str]) -> None:
    client.post(SIGN, data=sam, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    client.get("/p/sam@example.org")
    client.get("/sam@example.org")
    client.open("/p/save-the-mill", method="SAM")
    said = client.get("/metrics").get_data(as_text=True).lower()
    for secret in ("sam@", "cast", "203.0.113", "save-the-mill", 'method="sam"'):
        assert secret not in said, secret
    assert 'method="other"' in said


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.7", {}, 404),
        # Who comes through a proxy on this machine has its address, and may be anybody.
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 404),
        ("127.0.0.1", {"X-Forwarded-Host": "our.example.org"}, 404),
        ("127.0.0.1", {"CF-Connecting-IP": "203.0.113.7"}, 404),
        ("127.0.0.1", {"CF-Ray": "8a1"}, 404),
        ("203.0.113.7", {"Authorization": "Bearer anything"}, 404),
    ],
)
def test_only_those_near_may_read(
    client: FlaskClient, peer: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status
    assert (b"support_now_" in answer.data) == (status == 200)
