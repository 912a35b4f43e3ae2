"""Links by mail: nobody makes one, changes one, or uses one for what it was not made for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from tests.petitions import NOW
from widget.domain.signature import Link
from widget.tokens import LENGTH_AT_MOST, Purpose, _serializer, make, read

KEY = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.builds(Link, st.integers(1, 2**62), moments), st.sampled_from(Purpose))
def test_a_token_opens_what_it_was_made_for_and_nothing_else(link: Link, purpose: Purpose) -> None:
    token = make(KEY, purpose, link)
    assert read(KEY, purpose, token) == link
    assert len(token) < LENGTH_AT_MOST
    assert read(KEY + "x", purpose, token) is None
    assert all(read(KEY, other, token) is None for other in Purpose if other is not purpose)


@given(st.data())
def test_an_altered_token_opens_nothing(data: st.DataObject) -> None:
    token = make(KEY, Purpose.CONFIRM, Link(7, NOW))
    place = data.draw(st.integers(0, len(token) - 2))  # the last letter has bits that say nothing
    letter = data.draw(st.sampled_from("abcABC019-_.").filter(lambda letter: letter != token[place]))
    assert read(KEY, Purpose.CONFIRM, token[:place] + letter + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "7", "7.", "7.x", "x" * 10_000, "\x00", "ä", "Ny4.7"])
def test_nonsense_opens_nothing(token: str) -> None:
    assert read(KEY, Purpose.CONFIRM, token) is None


@pytest.mark.parametrize("said", [7, None, "7", [7], [7, "x"], [7, 1, 2], {"id": 7}])
def test_what_we_signed_in_another_form_opens_nothing(said: object) -> None:
    serializer: URLSafeSerializer = _serializer(KEY, Purpose.CONFIRM)
    assert read(KEY, Purpose.CONFIRM, serializer.dumps(said)) is None
