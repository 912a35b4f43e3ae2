"""Gathering the facts about a signature and having them judged, before anything is written.

One round trip to Redis counts all there is to count; lists and settings are at hand. No address and
no IP is kept here, handed to Redis or logged: subjects are keyed hashes.
"""

import hmac
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disposable_email_domains import blocklist as disposable_domains

from widget import metrics, proofs
from widget.domain.guard import SPANS_BEFORE, Facts, Judgement, Limits, Pace, Verdict, judge
from widget.domain.lists import Lists
from widget.domain.network import Address, TrustedProxies, network_key, sender
from widget.domain.providers import PROVIDERS
from widget.domain.refusals import ProofRequired, TooManyRequests
from widget.store.pace import PaceKeeper, Span, Use

log = logging.getLogger("support_now.guard")

ALARMS = (100, 200)  # signatures within the span of LIMIT_CROWD or LIMIT_DOMAIN, an hour unless set otherwise


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request came from and what came with the form, beside the answers.

    `address` is used for the one request and kept nowhere. `trap` is what stood in the field that no
    person sees; `elapsed` the seconds the form says it stood open; `proof` what may be a proof of work;
    `can_prove` whether a script sent the form.
    """

    address: Address | None = None
    trap: str = ""
    elapsed: float | None = None
    proof: str = ""
    can_prove: bool = True


class Guard:
    """The gate before a signature.

    `lists` gives the block and allow lists of the moment; `proof_cost` is in iterations.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        pace: PaceKeeper,
        lists: Callable[[], Lists],
        secret_key: str,
        trusted_proxies: TrustedProxies,
        proof_cost: int,
    ) -> None:
        self._limits = limits
        self._pace = pace
        self._lists = lists
        self._secret_key = secret_key
        self._subject_key = hmac.digest(secret_key.encode(), b"support-now.pace", "sha256")
        self._trusted_proxies = trusted_proxies
        self._proof_cost = proof_cost
        self._unbelieved = threading.Event()

    @property
    def enforced(self) -> bool:
        """Tell whether limits hold."""
        return self._limits.enforced

    def address_of(self, peer: str | None, forwarded_for: str) -> Address | None:
        """Return whom a request is from, believing no header but what our own proxies wrote."""
        if forwarded_for and not self._trusted_proxies and not self._unbelieved.is_set():
            self._unbelieved.set()
            log.warning(
                "X-Forwarded-For is there and TRUSTED_PROXIES is not set: if a proxy stands in front, all "
                "visitors count as one network until it is"
            )
        return sender(peer, forwarded_for, self._trusted_proxies)

    def key_of(self, address: Address | None) -> str | None:
        """Return the keyed hash that is kept of a network."""
        return None if address is None else network_key(address, self._secret_key)

    def check(self, petition_id: int, canonical_email: str, sent: Sender, now: datetime) -> Judgement:
        """Judge a signature: accepted or held. Raises ProofRequired and TooManyRequests."""
        facts = self._facts(petition_id, canonical_email, sent, now)
        self._raise_alarms(petition_id, facts)
        judged = judge(facts, self._limits)
        if judged.verdict is Verdict.REFUSE:
            metrics.signatures.labels("refused").inc()
            raise TooManyRequests(judged.retry_after or 60)
        if judged.verdict is Verdict.CHALLENGE:
            metrics.signatures.labels("challenged").inc()
            raise ProofRequired(
                proofs.riddle(self._secret_key, petition_id, cost=self._proof_cost, now=now),
            )
        return judged

    def _raise_alarms(self, petition_id: int, facts: Facts) -> None:
        """Tell the operator that one network or domain sends very many; the log names the petition alone."""
        for source, count in (("network", facts.pace.crowd), ("domain", facts.pace.domain)):
            # A provider's domain is half the world's; each step is told as often as it is reached.
            if count in ALARMS and not (source == "domain" and facts.provider):
                metrics.alarms.labels(source, str(count)).inc()
                log.warning(
                    "very many signatures from one %s",
                    source,
                    extra={"facts": {"petition": petition_id, "count": count}},
                )

    def _facts(self, petition_id: int, canonical_email: str, sent: Sender, now: datetime) -> Facts:
        domain = canonical_email.rpartition("@")[2]
        lists = self._lists()
        facts: dict[str, Any] = {}
        if self._limits.enforced:
            answer = self._sealed(petition_id, sent, now)
            facts["pace"], paid = self._paced(petition_id, domain, sent.address, now, answer)
            facts["proved"] = paid and answer is not None and proofs.solved(self._secret_key, answer)
        return Facts(
            trap=bool(sent.trap),
            elapsed=sent.elapsed,
            can_prove=sent.can_prove,
            disposable=_is_disposable(domain),
            provider=domain in PROVIDERS,
            address=lists.address(canonical_email),
            domain=lists.domain(domain),
            network=lists.network(sent.address),
            **facts,
        )

    def _sealed(self, petition_id: int, sent: Sender, now: datetime) -> proofs.Sealed | None:
        return proofs.sealed(self._secret_key, sent.proof, petition_id, now=now) if sent.proof else None

    def _paced(
        self,
        petition_id: int,
        domain: str,
        address: Address | None,
        now: datetime,
        answer: proofs.Sealed | None,
    ) -> tuple[Pace, bool]:
        """Count this request; return how often within each limit, and whether its proof was unused."""
        limits, spans = self._limits, []
        # Each limit has subjects of its own: two limits with one span would count each request twice.
        if address is not None:
            network = self.key_of(address)
            family = Span(f"f{petition_id}:{network}", limits.family.seconds, most=limits.family.amount)
            spans = [
                Span(f"n{network}", limits.network.seconds, always=True, apart=True),
                Span(f"c{petition_id}:{network}", limits.crowd.seconds),
                family,  # what one network sends beyond it counts for nothing below
            ]
        spans += [
            Span(f"s{petition_id}", limits.surge.seconds),
            Span(f"b{petition_id}", limits.surge.seconds * (SPANS_BEFORE + 1)),
            Span(f"d{petition_id}:{self._subject(domain.encode())}", limits.domain.seconds),
        ]
        use = Use(answer.name, proofs.LIFETIME) if answer else None
        counted = self._pace.count(spans, now, use, about=f"p{petition_id}")
        return _pace(counted.counts), counted.paid

    def _subject(self, written: bytes) -> str:
        return hmac.digest(self._subject_key, written, "sha256").hex()[:16]


def _pace(counts: Sequence[int]) -> Pace:
    *network, surge, lately, domain = counts
    all_over, crowd, family = network or (0, 0, 0)
    return Pace(
        family=family,
        crowd=crowd,
        network=all_over,
        domain=domain,
        surge=surge,
        before=max(lately - surge, 0),
    )


def _is_disposable(domain: str) -> bool:
    """Tell whether a domain, or one above it, gives out mailboxes for ten minutes."""
    while "." in domain:
        if domain in disposable_domains:
            return True
        domain = domain.partition(".")[2]
    return False
