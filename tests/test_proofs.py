"""Riddles and answers: ours, for one petition, for some minutes."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest

from widget import proofs
from widget.domain.guard import PROOF_LENGTH

KEY = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"


def answer(riddle: dict[str, Any]) -> str:
    challenge = altcha.Challenge.from_dict(riddle)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


@pytest.fixture
def now() -> datetime:
    """The library compares with the clock itself."""
    return datetime.now(UTC)


@pytest.fixture
def proof(now: datetime) -> str:
    return answer(proofs.riddle(KEY, 7, cost=1, now=now))


def accepted(proof: str, *, key: str = KEY, petition_id: int = 7, now: datetime | None = None) -> bool:
    found = proofs.sealed(key, proof, petition_id, now=now or datetime.now(UTC))
    return found is not None and proofs.solved(key, found)


def changed(proof: str, change: Callable[[dict[str, Any]], object]) -> str:
    content = json.loads(b64decode(proof))
    change(content)
    return b64encode(json.dumps(content).encode()).decode()


def test_an_answer_is_accepted_and_fits_its_field(proof: str) -> None:
    assert accepted(proof)
    assert len(proof) < PROOF_LENGTH


def test_each_riddle_has_a_name_of_its_own(now: datetime) -> None:
    riddles = [answer(proofs.riddle(KEY, 7, cost=1, now=now)) for _ in range(3)]
    names = {found.name for proof in riddles if (found := proofs.sealed(KEY, proof, 7, now=now))}
    assert len(names) == 3


def test_an_answer_is_for_one_petition_one_service_and_ten_minutes(proof: str, now: datetime) -> None:
    assert not accepted(proof, petition_id=8)
    assert not accepted(proof, key=KEY[::-1])
    assert accepted(proof, now=now + timedelta(seconds=598))
    assert not accepted(proof, now=now + timedelta(seconds=601))


def test_a_riddle_of_yesterday_is_worth_nothing(now: datetime) -> None:
    old = answer(proofs.riddle(KEY, 7, cost=1, now=now - timedelta(days=1)))
    assert not accepted(old)
    assert not accepted(old, now=now - timedelta(days=1))


ALTERED: list[Callable[[dict[str, Any]], object]] = [
    lambda c: c["solution"].update(counter=c["solution"]["counter"] + 1),
    lambda c: c["solution"].update(derivedKey="00" * 32),
    lambda c: c["solution"].update(counter=-1),
    lambda c: c["solution"].update(counter="0"),
    lambda c: c["challenge"].update(signature="0" * 64),
    lambda c: c["challenge"].pop("signature"),
    lambda c: c["challenge"]["parameters"].update(cost=0),
    lambda c: c["challenge"]["parameters"].update(keyPrefix=""),
    lambda c: c["challenge"]["parameters"].update(algorithm="SHA-256"),
    lambda c: c["challenge"]["parameters"].update(expiresAt=9_999_999_999),
    lambda c: c["challenge"]["parameters"].update(expiresAt=None),
    lambda c: c["challenge"]["parameters"].update(data={"petition": 8}),
    lambda c: c["challenge"]["parameters"].update(data=None),
    lambda c: c["challenge"]["parameters"].update(nonce="zz"),
    lambda c: c.pop("solution"),
    lambda c: c.pop("challenge"),
    lambda c: c.update(challenge=[]),
    lambda c: c.update(solution=None),
]


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_answer_is_worth_nothing(proof: str, change: Callable[[dict[str, Any]], object]) -> None:
    assert not accepted(changed(proof, change))


NO_ANSWERS = [b"[]", b"[" * 1_200, b"\xff", b"{}", b"null"]


@pytest.mark.parametrize("sent", ["", "x", "é", "bm8=", *(b64encode(one).decode() for one in NO_ANSWERS)])
def test_what_is_no_answer_is_worth_nothing(sent: str) -> None:
    assert not accepted(sent)
