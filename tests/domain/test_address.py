"""The canonical address: one mailbox is one person, and two mailboxes are never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget.domain.address import RULES, canonical

SAME = [
    ("Sam@Example.org", "sam@example.org"),
    ("sam+petition@example.org", "sam@example.org"),
    ("sam@example.org.", "sam@example.org"),
    ("s.a.m@gmail.com", "sam@gmail.com"),
    ("Sam+x@googlemail.com", "sam@gmail.com"),
    ("sam-news@yahoo.com", "sam@yahoo.com"),
    ("s_a-m@protonmail.com", "sam@pm.me"),
    ("sam@me.com", "sam@icloud.com"),
    ("sam-of-cast@ya.ru", "sam.of.cast@yandex.com"),
]
DIFFERENT = [
    ("sam@example.org", "sam@example.com"),
    ("s.am@example.org", "sam@example.org"),
    ("sam-a@example.org", "sam-b@example.org"),
    ("sam@hotmail.com", "sam@outlook.com"),
    ("+a@example.org", "+b@example.org"),
    ("...@gmail.com", "....@gmail.com"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_mailbox_are_equal(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_mailboxes_stay_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


LOCAL = st.text("abcXYZ019._+-", min_size=1, max_size=20)


@given(LOCAL, st.sampled_from([*RULES, "example.org"]))
def test_the_canonical_form_is_its_own_canonical_form(local: str, domain: str) -> None:
    once = canonical(f"{local}@{domain}")
    assert canonical(once) == once
    assert not once.startswith("@")
