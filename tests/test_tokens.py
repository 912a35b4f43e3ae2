"""Links by mail: nobody makes one, changes one, or uses one for what it was not made for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.tokens import Purpose, make, read

KEY = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"


@given(st.integers(1, 2**62), st.sampled_from(Purpose))
def test_a_token_opens_what_it_was_made_for_and_nothing_else(signature_id: int, purpose: Purpose) -> None:
    token = make(KEY, purpose, signature_id)
    assert read(KEY, purpose, token) == signature_id
    assert read(KEY + "x", purpose, token) is None
    assert all(read(KEY, other, token) is None for other in Purpose if other is not purpose)


@given(st.data())
def test_an_altered_token_opens_nothing(data: st.DataObject) -> None:
    token = make(KEY, Purpose.CONFIRM, 7)
    place = data.draw(st.integers(0, len(token) - 2))  # the last letter has bits that say nothing
    letter = data.draw(st.sampled_from("abcABC019-_.").filter(lambda letter: letter != token[place]))
    assert read(KEY, Purpose.CONFIRM, token[:place] + letter + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "7", "7.", "7.x", "x" * 10_000, "\x00", "ä", "Ny4.7"])
def test_nonsense_opens_nothing(token: str) -> None:
    assert read(KEY, Purpose.CONFIRM, token) is None
