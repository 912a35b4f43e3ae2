"""A campaign in full swing: the ledger that the console's pages are looked at with, in tests and pictures.

The sample petition has signers in every state, paper, a review, imports and updates; beside it stand a draft
and a closed petition with words that hardly break. Names and addresses are the cast's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from config import Settings
from tests.live_service import ROOT
from widget import joining, organising, picturing, reviewing, updating, uploading
from widget.domain.admission import Admits
from widget.domain.criteria import Criteria
from widget.domain.intake import Incoming
from widget.domain.organiser import Organisation, Role
from widget.domain.paper import PaperFigure
from widget.domain.paper_names import PaperName
from widget.domain.petition import Confirmation, Petition, PetitionDraft, Status, Wording
from widget.domain.question import Question
from widget.domain.signature import Actor, Consent, NewSignature, Occasion, State
from widget.domain.update import Kind
from widget.parts import Parts, connect

SLUG = "stop-bloodshed-in-artsakh"
DRAFT = "save-the-mill"
LONG = "donaudampfschifffahrt"
SAMPLE = ROOT / "widget" / "samples" / f"{SLUG}.txt"
BATCH = "0badcafe"
GIVEN = ("Sam", "Petra", "Anahit", "Omar", "Mallory")
FAMILY = ("of the Mill", "of the Bridge", "of the Market", "of the Cast", "of the Hill")
COUNTRIES = ("AM", "FR", "DE", "US", "GE", "BR", "LB")
SITES = ("https://petra.example.org/news", "https://mill.example.org/", "")
LONG_WORDING = Wording(
    "de",
    "Donaudampfschifffahrtsgesellschaftskapitäninnenvereinigungsmitgliederversammlung retten",
    ("die Bundesverkehrswegeplanungsbeschleunigungskommission",),
    "Rechtsschutzversicherungsgesellschaften und Grundstücksverkehrsgenehmigungszuständigkeiten.",
)
HELP = Question(
    "own_help",
    "choice",
    labels=(("en", "How could you help?"), ("hy", "Ինչպե՞ս կարող եք օգնել")),
    options=(
        (("en", "Hand out leaflets"), ("hy", "Թռուցիկներ բաժանել")),
        (("en", "Translate"), ("hy", "Թարգմանել")),
        (("en", "Not now"), ("hy", "Հիմա ոչ")),
    ),
)
HY = """# Կանգնեցրե՛ք արյունահեղությունն Արցախում
To: Ռուսաստանի նախագահ

Պատերազմն Արցախում ամեն օր նոր զոհեր է պահանջում՝ երկու կողմից էլ։
"""

# What the campaign asks of its own, by the names that tests/web/console/test_access.py has, too.
ASKED = (
    Question(
        "own_branch",
        "text",
        maxlength=60,
        labels=(("en", "Which of our branches are you in?"), ("hy", "Մեր ո՞ր մասնաճյուղում եք")),
    ),
    Question(
        "own_help",
        "choice",
        labels=(("en", "How could you help?"),),
        options=((("en", "With flyers"),), (("en", "With a stall"),), (("en", "Not now"),)),
    ),
    Question("own_visit", "checkbox", labels=(("en", "I have been to Artsakh"),), removed=True),
)


def settings_in(folder: Path, url: str) -> Settings:
    """Return what a service in this folder runs with, on a desk without a mail server."""
    return Settings.from_env({"DATA_DIR": str(folder), "PUBLIC_URL": url})


@contextmanager
def parts_of(folder: Path, url: str) -> Iterator[Parts]:
    """Give the parts of the service that lives in a folder and has this address."""
    parts = connect(settings_in(folder, url))
    try:
        yield parts
    finally:
        parts.counter.close()
        parts.ledger.close()


def fill(parts: Parts, *, crowd: int = 140, long_words: bool = True) -> None:
    """Fill a migrated, empty ledger; `crowd` have signed the sample petition by themselves."""
    now = parts.clock()
    begun = now - timedelta(days=21)
    organising.load_sample(
        SAMPLE.read_bytes(), ledger=parts.ledger, now=begun, confirmation=Confirmation.EMAIL
    )
    ours = parts.ledger.organisations()[0]
    parts.ledger.rename_organisation(ours.id, "Armenia Community")
    petition = parts.ledger.change(parts.ledger.petition(SLUG).id, {"questions": (HELP,)})
    _sign(parts, petition, begun, now, crowd)
    _hold(parts, petition, now)
    _review(parts)
    _collect(parts, petition, now)
    _bring_in(parts, petition, now)
    _tell(parts, now)
    parts.ledger.note_sightings(
        {
            (petition.id, "https://petra.example.org"): now - timedelta(minutes=12),
            (petition.id, "https://mill.example.org"): now - timedelta(days=3),
        }
    )
    organising.set_wording(SLUG, HY.encode(), lang="hy", ledger=parts.ledger, now=now)
    picturing.show(
        parts.ledger.petition(SLUG),
        mountains(),
        descriptions={"en": "Two mountains, a large one and a small one, before an evening sky"},
        credit="Drawing: Anahit",
        ledger=parts.ledger,
    )
    parts.ledger.change(petition.id, {"questions": ASKED})
    _begin_others(parts, ours, now, long_words=long_words)


def enrol(parts: Parts, password_hash: str) -> None:
    """Make Anahit an owner, Petra an editor, Sam a viewer; invite Omar. Mallory owns what is empty."""
    now, ledger = parts.clock(), parts.ledger
    ours = ledger.organisations()[0]
    elsewhere = joining.found("elsewhere", "Elsewhere", ledger=ledger, now=now)
    for name, role, into in (
        ("anahit", Role.OWNER, ours),
        ("petra", Role.EDITOR, ours),
        ("sam", Role.VIEWER, ours),
        ("mallory", Role.OWNER, elsewhere),
    ):
        address = f"{name}@example.org"
        link = ledger.make_link(Admits.JOIN, address, now, organisation=into, role=role)
        ledger.join_as_new(link.number, address, password_hash, now)
    joining.invite("omar@example.org", Role.EDITOR, ours, mailed=True, ledger=ledger, now=now)


def mountains() -> bytes:
    """Draw a picture, as an organiser would send one."""
    picture = Image.new("RGB", (1200, 630), "#e9c9a8")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((820, 90, 940, 210), fill="#f6efe4")
    draw.polygon([(60, 630), (480, 170), (560, 230), (960, 630)], fill="#8a5a4a")
    draw.polygon([(480, 170), (400, 258), (455, 285), (520, 250), (600, 270), (560, 230)], fill="#faf7f2")
    draw.polygon([(720, 630), (930, 380), (1180, 630)], fill="#6e463b")
    draw.rectangle((0, 590, 1200, 630), fill="#4f3a2e")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def signer(petition: Petition, number: int, at: datetime) -> NewSignature:
    """Return the signature of one of many."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)]
    return NewSignature(
        petition_id=petition.id,
        text_version=petition.wordings[0].text_version,
        state=State.CONFIRMED,
        email=f"{given.lower()}.{number}@example.org",
        canonical_email=f"{given.lower()}.{number}@example.org",
        signed_at=at,
        lang="en",
        given_name=given,
        family_name=family,
        country=COUNTRIES[number * number % len(COUNTRIES)],
        comment="For my grandmother, who can see the mountains from there." if number % 9 == 4 else "",
        show_name=number % 3 > 0,
        consent=Consent(at, "Keep me informed about this petition") if number % 4 == 1 else None,
        source="newsletter" if number % 5 == 2 else "",
        page_url=SITES[number % len(SITES)],
        network_key=f"{number % 40:032x}",
        answers={"own_branch": "Gyumri", "own_help": "With flyers"} if number % 6 == 0 else None,
    )


def _sign(parts: Parts, petition: Petition, begun: datetime, now: datetime, crowd: int) -> None:
    """Let a crowd sign in three weeks, more and more of them; some wait, some went."""
    ledger, span = parts.ledger, now - timedelta(minutes=7) - begun
    for number in range(crowd):
        at = begun + span * ((number + 1) / crowd) ** 0.6
        one = signer(petition, number, at)
        if number % 23 == 22:
            one = replace(one, state=State.PENDING)
        ledger.record(one, Occasion.CONFIRMATION if one.state is State.PENDING else Occasion.RECEIPT)
    for number, target in ((7, State.WITHDRAWN), (17, State.WITHDRAWN), (11, State.ERASED)):
        address = signer(petition, number, now).canonical_email
        found = ledger.signature(petition.id, address)
        if found and target is State.ERASED:
            ledger.erase(found.id, now)
        elif found:
            ledger.move(found.id, target, now, by=Actor.SIGNER)


def _hold(parts: Parts, petition: Petition, now: datetime) -> None:
    reasons = ("crowd", "crowd", "too_quick", "disposable", "domain", "trap")
    for number, reason in enumerate(reasons * 2, 200):
        one = signer(petition, number, now - timedelta(minutes=300 - number))
        parts.ledger.record(replace(one, state=State.HELD, held_because=reason), letter=None)


def _review(parts: Parts) -> None:
    """Strike what came too quickly, let a mail domain's crowd count."""
    within = timedelta(days=7)
    too_quick = reviewing.invalidating(
        SLUG, Criteria(reason="too_quick"), ledger=parts.ledger, reason="One script, all within a second"
    )
    crowd = reviewing.accepting(
        SLUG, Criteria(reason="domain"), ledger=parts.ledger, reason="The school wrote to us", batch=BATCH
    )
    for plan in (too_quick, crowd):
        for _ in reviewing.carry_out(
            plan, ledger=parts.ledger, counter=parts.counter, clock=parts.clock, within=within
        ):
            pass


def _collect(parts: Parts, petition: Petition, now: datetime) -> None:
    figures = (
        PaperFigure(120, "The market in Gyumri", now.date() - timedelta(days=9), "A-17"),
        PaperFigure(
            34, "Saint Sarkis after the service", now.date() - timedelta(days=2), "A-18", "two sheets"
        ),
        PaperFigure(43, "The station in Yerevan", now.date() - timedelta(days=1), "A-19"),
    )
    days = (8, 2, 1)  # ago
    known = [PaperName(f"{name} of the Hill", "Gyumri") for name in GIVEN]
    entries = [
        parts.ledger.add_paper(
            petition.id,
            figure,
            "anahit@example.org",
            now - timedelta(days=ago),
            known if figure.reference == "A-17" else (),
        )
        for figure, ago in zip(figures, days, strict=True)
    ]
    again = now - timedelta(hours=20)
    parts.ledger.take_back_paper(petition.id, entries[1].id, "counted twice", "petra@example.org", again)


def _bring_in(parts: Parts, petition: Petition, now: datetime) -> None:
    begun = parts.ledger.begin_import(
        petition.id,
        file_name="earlier-page.csv",
        fingerprint="0" * 64,
        mapping={"email": "E-mail", "given_name": "First name"},
        recorded_by="anahit@example.org",
        now=now - timedelta(days=20),
    )
    came = now - timedelta(days=20)
    people = [Incoming(signer(petition, number, came), came, came) for number in range(300, 312)]
    parts.ledger.take_in(begun.id, 0, 13, people, refused=1, now=came)
    parts.ledger.finish_import(begun.id, came)
    table = "First name,Last name,E-mail,Signed\n" + "".join(
        f"{name},of the Hill,{name.lower()}@hill.example.org,2026-04-{day:02}\n"
        for day, name in enumerate(GIVEN, 11)
    )
    uploading.receive(
        petition,
        BytesIO(table.encode()),
        "market.csv",
        sent_by="anahit@example.org",
        ledger=parts.ledger,
        now=now,
    )


def _tell(parts: Parts, now: datetime) -> None:
    met = "# The Armenian parliament has met\n\nIt will speak about the cease-fire on **4 December**.\n"
    soon = "# Come to the square on Friday\n\nBring a candle.\n"
    ledger = parts.ledger
    told = updating.draft(SLUG, met.encode(), lang="en", kind=Kind.UPDATE, ledger=ledger, now=now)
    updating.publish(told.id, mail=False, ledger=ledger, now=now)
    updating.draft(SLUG, soon.encode(), lang="en", kind=Kind.UPDATE, ledger=ledger, now=now)


def _begin_others(parts: Parts, ours: Organisation, now: datetime, *, long_words: bool) -> None:
    mill = PetitionDraft(
        slug=DRAFT,
        wording=Wording(
            "en", "Save the mill", ("the town council",), "It has turned for three hundred years."
        ),
        started_by="Anahit",
        started_on=now.date(),
        status=Status.DRAFT,
    )
    long = PetitionDraft(
        slug=LONG,
        wording=LONG_WORDING,
        started_by="Rindfleischetikettierungsüberwachungsaufgabenübertragungsverein",
        started_on=date(2026, 4, 1),
        closes_at=datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC),
    )
    for draft in (mill, long) if long_words else (mill,):
        organising.create(draft, ledger=parts.ledger, now=now, organisation_id=ours.id)
