"""The short way through an address, and the library's: nobody can tell them apart."""

import string

import pytest
from email_validator import validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from widget.addressing import in_ascii

LOCAL = st.text(string.ascii_letters + string.digits + "._+-!' ", min_size=1, max_size=70)
LABEL = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=66)
EAST = "xn--" + ("\N{CJK UNIFIED IDEOGRAPH-6771}" * 39).encode("punycode").decode()  # 117 bytes as it is read
DOMAIN = st.lists(LABEL | st.sampled_from(["org", "example", "localhost", "test", "1", ""]), max_size=5)


def by_the_library(address: str) -> str | None:
    try:
        read = validate_email(address, check_deliverability=False)
    except ValueError:
        return None
    return f"{read.local_part}@{read.ascii_domain}"


def by_us(address: str) -> str | None:
    try:
        return in_ascii(address)
    except ValueError:
        return None


@given(LOCAL, DOMAIN.map(".".join))
@example("POSTMASTER", "example.org")
@example("postmaster", "Example.ORG")
@example("s" * 64, "example.org")
@example("s" * 65, "example.org")
@example("sam", ".".join(["d" * 60] * 4))
@example("s" * 64, ".".join(["d" * 60] * 3 + ["d" * 6]))
@example("s" * 64, ".".join(["d" * 60] * 3 + ["d" * 7]))
@example(".sam", "example.org")
@example("sam.", "example.org")
@example("sam..signer", "example.org")
@example("sam", "xn--bcher-kva.example")
@example("sam", "xn--.example")
@example("s" * 40, f"{EAST}.XN--{EAST[4:]}.example")
@example("sam", "example.org.")
@example("sam\n", "example.org")
@example("sam", "example.org\n")
def test_the_short_way_reads_an_address_as_the_library_does(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert by_us(address) == by_the_library(address)
    assert by_us(address) == by_the_library(address)  # a domain that is remembered, too


@pytest.mark.parametrize("address", ["sam@bücher.example", "σαμ@example.org", '"sam s"@example.org', "sam"])
def test_what_is_not_plain_is_the_librarys(address: str) -> None:
    assert by_us(address) == by_the_library(address)
