"""Every rule of the guard, one row each: the facts that differ from Sam's, and what becomes of them."""

# ruff: noqa: E501 - a table reads best with a row on a line

from dataclasses import replace

import pytest

from widget.domain.guard import (
    WITHOUT_LETTER,
    Facts,
    Judgement,
    Limit,
    Limits,
    Listing,
    Pace,
    Reason,
    Verdict,
    judge,
)
from widget.domain.providers import PROVIDERS

LIMITS = Limits()
SAM = Facts(pace=Pace(family=1, crowd=1, network=1, domain=1, surge=1, before=10))
BLOCK, ALLOW = Listing.BLOCK, Listing.ALLOW
ACCEPT, CHALLENGE, HOLD, REFUSE = Verdict.ACCEPT, Verdict.CHALLENGE, Verdict.HOLD, Verdict.REFUSE

AT_ONCE = Pace(family=5, crowd=5, network=5, domain=5, surge=5, before=10)
CLASS = Pace(family=30, crowd=30, network=30, domain=30, surge=30, before=10)
SCHOOL = Pace(family=40, crowd=61, network=30, domain=61, surge=60, before=10)
FLOOD = Pace(family=500, crowd=500, network=121, domain=1, surge=500, before=10)
VIRAL = Pace(family=1, crowd=1, network=1, domain=1, surge=301, before=12)

RULES: list[tuple[str, Facts, Verdict, Reason]] = [
    ("Sam alone", SAM, ACCEPT, Reason.ORDINARY),
    ("Sam without a script", replace(SAM, can_prove=False), ACCEPT, Reason.ORDINARY),
    # What somebody listed
    ("an allowed address, whatever else", Facts(pace=FLOOD, trap=True, address=ALLOW), ACCEPT, Reason.ALLOWED),
    ("a blocked address", replace(SAM, address=BLOCK), HOLD, Reason.BLOCKED_ADDRESS),
    ("a blocked domain", replace(SAM, domain=BLOCK), HOLD, Reason.BLOCKED_DOMAIN),
    ("a blocked network", replace(SAM, network=BLOCK), HOLD, Reason.BLOCKED_NETWORK),
    ("blocked from an allowed network", replace(SAM, address=BLOCK, network=ALLOW), HOLD, Reason.BLOCKED_ADDRESS),
    ("blocked with a proof", replace(SAM, domain=BLOCK, proved=True), HOLD, Reason.BLOCKED_DOMAIN),
    # Signs of a robot
    ("the field nobody sees", replace(SAM, trap=True), HOLD, Reason.TRAP),
    ("half a second", replace(SAM, elapsed=0.5), HOLD, Reason.TOO_QUICK),
    ("a second", replace(SAM, elapsed=1.0), ACCEPT, Reason.ORDINARY),
    ("a clock that ran backwards", replace(SAM, elapsed=-3.0), HOLD, Reason.TOO_QUICK),
    ("a throw-away mailbox", replace(SAM, disposable=True), HOLD, Reason.DISPOSABLE),
    ("an allowed throw-away domain", replace(SAM, disposable=True, domain=ALLOW), ACCEPT, Reason.ORDINARY),
    # Legitimate crowds behind one address
    ("a family of five at one table", replace(SAM, pace=AT_ONCE), ACCEPT, Reason.ORDINARY),
    ("a sixth", replace(SAM, pace=replace(AT_ONCE, family=6)), CHALLENGE, Reason.FAMILY),
    ("a school class", replace(SAM, pace=CLASS), CHALLENGE, Reason.FAMILY),
    ("a school class with its proofs", replace(SAM, pace=CLASS, proved=True), ACCEPT, Reason.PROVED),
    ("a class without scripts", replace(SAM, pace=CLASS, can_prove=False), HOLD, Reason.FAMILY),
    ("a whole school", replace(SAM, pace=SCHOOL), HOLD, Reason.CROWD),
    ("a whole school with its proofs", replace(SAM, pace=SCHOOL, proved=True), HOLD, Reason.CROWD),
    ("an allowed school", replace(SAM, pace=SCHOOL, network=ALLOW), ACCEPT, Reason.ALLOWED),
    ("an allowed office, fast", replace(SAM, pace=FLOOD, network=ALLOW), ACCEPT, Reason.ALLOWED),
    ("a congregation of 120 a minute", replace(SAM, pace=replace(FLOOD, network=120)), HOLD, Reason.CROWD),
    ("one network in a flood", replace(SAM, pace=FLOOD), REFUSE, Reason.FLOOD),
    ("a flood with proofs", replace(SAM, pace=FLOOD, proved=True), REFUSE, Reason.FLOOD),
    ("a flood from a blocked network", replace(SAM, pace=FLOOD, network=BLOCK), REFUSE, Reason.FLOOD),
    # Mail domains
    ("a hundred of one domain", replace(SAM, pace=replace(SAM.pace, domain=100)), ACCEPT, Reason.ORDINARY),
    ("a hundred and one", replace(SAM, pace=replace(SAM.pace, domain=101)), HOLD, Reason.DOMAIN),
    ("of a provider", replace(SAM, pace=replace(SAM.pace, domain=9_000), provider=True), ACCEPT, Reason.ORDINARY),
    ("of an allowed one", replace(SAM, pace=replace(SAM.pace, domain=999), domain=ALLOW), ACCEPT, Reason.ORDINARY),
    # The petition against its own past
    ("a petition that surges", replace(SAM, pace=VIRAL), CHALLENGE, Reason.SURGE),
    ("with a proof", replace(SAM, pace=VIRAL, proved=True), ACCEPT, Reason.PROVED),
    ("without a script", replace(SAM, pace=VIRAL, can_prove=False), HOLD, Reason.SURGE),
    ("from an allowed network", replace(SAM, pace=VIRAL, network=ALLOW), ACCEPT, Reason.ALLOWED),
    ("lively for an hour", replace(SAM, pace=replace(VIRAL, before=12 * 300)), ACCEPT, Reason.ORDINARY),
    ("exactly eight times", replace(SAM, pace=replace(VIRAL, surge=800, before=1_200)), ACCEPT, Reason.ORDINARY),
    ("more than eight times", replace(SAM, pace=replace(VIRAL, surge=801, before=1_200)), CHALLENGE, Reason.SURGE),
    ("small but eightfold", replace(SAM, pace=replace(VIRAL, surge=300, before=0)), ACCEPT, Reason.ORDINARY),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "verdict", "reason"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_a_rule(facts: Facts, verdict: Verdict, reason: Reason) -> None:
    judged = judge(facts, LIMITS)
    assert (judged.verdict, judged.reason) == (verdict, reason)
    assert judged.retry_after == (60 if verdict is REFUSE else None)


@pytest.mark.parametrize("reason", [r for r in Reason if r not in {Reason.ORDINARY}])
def test_every_reason_has_a_rule(reason: Reason) -> None:
    assert reason in {rule[3] for rule in RULES}


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (replace(SAM, pace=FLOOD), ACCEPT),
        (replace(SAM, pace=VIRAL, elapsed=0.0), ACCEPT),
        (replace(SAM, address=BLOCK), HOLD),
        (replace(SAM, trap=True), HOLD),
        (replace(SAM, disposable=True), HOLD),
    ],
)
def test_without_limits_only_pace_and_haste_are_overlooked(facts: Facts, verdict: Verdict) -> None:
    assert judge(facts, replace(LIMITS, enforced=False)).verdict is verdict


def test_throw_away_mailboxes_may_be_welcome() -> None:
    facts = replace(SAM, disposable=True)
    assert judge(facts, replace(LIMITS, hold_disposable=False)).verdict is ACCEPT


def test_a_refusal_says_when_the_network_may_come_back() -> None:
    strict = replace(LIMITS, network=Limit(1, 90))
    judged = judge(replace(SAM, pace=replace(SAM.pace, network=2)), strict)
    assert judged == Judgement(REFUSE, Reason.FLOOD, retry_after=90)


def test_nobody_is_written_to_whom_a_robot_may_have_named() -> None:
    assert Reason.TRAP in WITHOUT_LETTER
    # An honest crowd that is held gets its letters: they may confirm while the organiser looks.
    assert not WITHOUT_LETTER & {Reason.CROWD, Reason.FAMILY, Reason.SURGE, Reason.DOMAIN, Reason.TOO_QUICK}


def test_a_providers_name_is_a_domain() -> None:
    assert len(PROVIDERS) > 50
    assert [one for one in PROVIDERS if one != one.lower() or "." not in one] == []
