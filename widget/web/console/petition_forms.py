"""The forms of a petition: its text in one language, and what holds in all of them."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField

from widget.domain import editing
from widget.domain.editing import Changes
from widget.domain.form import BUILT_IN, MANDATORY
from widget.domain.goal import DEFAULT_LADDER, GoalKind
from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_opening import MAX_ADDRESSEES, MAX_NAME, MAX_TITLE
from widget.domain.petition import SLUG_LENGTH, Confirmation, Petition, Status, Wording, slug_problem
from widget.domain.petition_page import lang_problem
from widget.web.console.forms import Form, line_field, options, text_field

CHOSEN = tuple(name for name in BUILT_IN if name not in MANDATORY)
LABELS = {
    "given_name": "First name",
    "family_name": "Last name",
    "country": "Country",
    "postal_code": "Postcode",
    "comment": "A comment",
    "show_name": "Show my name publicly (a box)",
    "updates": "Keep me informed (a box)",
}
END_OF_DAY = "23:59:59"
LADDER, OWN_LADDER = "ladder", "own_ladder"


class TextForm(Form):
    """A wording. `text_version` is the one that the edit began with, empty for none."""

    title = line_field("Title", limit=MAX_TITLE, required="Give it a title.")
    addressees = text_field(
        "Addressed to",
        limit=MAX_ADDRESSEES * (MAX_NAME + 2),
        required="Say who is addressed.",
        render_kw={"rows": 3},
    )
    text = text_field(
        "Why it matters", limit=MAX_TEXT, required="Write the text.", render_kw={"rows": 14, "dir": "auto"}
    )
    appendix = text_field("Appendix (optional)", limit=MAX_TEXT, render_kw={"rows": 3, "dir": "auto"})
    text_version = HiddenField()

    def begin_with(self, wording: Wording) -> None:
        """Fill in what there is."""
        self.title.data, self.text.data, self.appendix.data = wording.title, wording.text, wording.appendix
        self.addressees.data = "\n".join(wording.addressed_to)
        self.text_version.data = wording.text_version

    def wording(self, lang: str) -> Wording | None:
        """Return what was typed as a wording; None where something is wrong, which its field says."""
        if not self.validate_on_submit():
            return None
        names = self.read("addressees", lambda words: editing.addressees(words.splitlines()))
        if len(self.text.data) + len(self.appendix.data) > MAX_TEXT:
            self.complain("text", f"Text and appendix together have at most {MAX_TEXT:,} characters.")
        if self.errors or names is None:
            return None
        return Wording(lang, self.title.data, names, self.text.data, self.appendix.data)

    def sketch(self, lang: str) -> Wording:
        """Return what was typed as far as it goes, for a look at it."""
        names = [
            line.strip()[:MAX_NAME] for line in (self.addressees.data or "").splitlines() if line.strip()
        ]
        return Wording(
            lang,
            (self.title.data or "…")[:MAX_TITLE],
            tuple(names[:MAX_ADDRESSEES]),
            (self.text.data or "")[:MAX_TEXT],
            (self.appendix.data or "")[:MAX_TEXT],
        )


class NewForm(TextForm):
    """A petition that begins."""

    lang = line_field("Language of the text", limit=35, required="Name the language, such as en or hy.")
    started_by = line_field("Started by", limit=MAX_NAME, required="Say who starts it.")
    slug = line_field("Its address (optional)", limit=SLUG_LENGTH, render_kw={"autocapitalize": "none"})
    organisation = SelectField("Organisation")

    def wording(self, lang: str = "") -> Wording | None:
        """Return what was typed, in the language that was typed."""
        found = super().wording(lang or self.lang.data or "")
        if problem := lang_problem(self.lang.data or ""):
            self.complain("lang", f"This {problem}.")
        if self.slug.data and (problem := slug_problem(self.slug.data)):
            self.complain("slug", f"An address {problem}.")
        return None if self.errors else found


class AddressForm(Form):
    """Another address."""

    slug = line_field("Its address", limit=SLUG_LENGTH, required="Type an address.")


class LanguageForm(Form):
    """One more language."""

    lang = line_field("Another language", limit=35, required="Name it, such as hy or pt-BR.")

    def tag(self) -> str | None:
        """Return the tag, None where it is none."""
        if not self.validate():
            return None
        if problem := lang_problem(self.lang.data):
            self.complain("lang", f"This {problem}.")
            return None
        return str(self.lang.data)


class SettingsForm(Form):
    """What holds in all languages. `settings_version` is the one that the edit began with."""

    started_by = line_field("Started by", limit=MAX_NAME, required="Say who started it.")
    confirmation = RadioField(
        "When a signature counts",
        choices=options(
            {
                Confirmation.EMAIL: "When its address was confirmed by a letter",
                Confirmation.NONE: "At once",
            }
        ),
    )
    goal = RadioField(
        "Goal",
        choices=options(
            {
                LADDER: "The next step of the usual ladder",
                OWN_LADDER: "The next step of a ladder of your own",
                GoalKind.ORGANISER: "A number of your own",
                GoalKind.THRESHOLD: "A number that is needed, by law or by rule",
            }
        ),
    )
    ladder = line_field("Steps of your own ladder", limit=1_200, render_kw={"inputmode": "numeric"})
    aim = line_field("The number", limit=13, render_kw={"inputmode": "numeric"})
    closes_on = StringField("Closes on (optional)", render_kw={"type": "date"})
    closes_time = StringField("at (UTC; else the end of the day)", render_kw={"type": "time", "step": "1"})
    thanks_url = line_field("Your own page for those who have signed (optional)", limit=2_000)
    privacy_contact = line_field(
        "Whom signers may ask about their data (optional)", limit=editing.CONTACT_LENGTH
    )
    public_signers = BooleanField("Show a public list of those who show their name")
    allowed_sites = text_field(
        "Sites that may show the form (optional)", limit=editing.MAX_SITES * 260, render_kw={"rows": 3}
    )
    settings_version = HiddenField()

    def begin_with(self, petition: Petition) -> None:
        """Fill in what there is."""
        own = petition.ladder != DEFAULT_LADDER
        self.started_by.data = petition.started_by
        self.confirmation.data = str(petition.confirmation)
        on_ladder = petition.goal_kind is GoalKind.LADDER
        self.goal.data = (OWN_LADDER if own else LADDER) if on_ladder else str(petition.goal_kind)
        self.ladder.data = ", ".join(map(str, petition.ladder)) if own else ""
        self.aim.data = str(petition.goal_aim or "")
        if petition.closes_at:
            self.closes_on.data = f"{petition.closes_at:%Y-%m-%d}"
            time = f"{petition.closes_at:%H:%M:%S}"
            self.closes_time.data = "" if time == END_OF_DAY else time
        self.thanks_url.data, self.privacy_contact.data = petition.thanks_url or "", petition.privacy_contact
        self.public_signers.data = petition.public_signers
        self.allowed_sites.data = "\n".join(petition.allowed_origins)
        for name, how in editing.how_asked(petition.form).items():
            if name in CHOSEN:
                self[f"ask_{name}"].data = how
        self.settings_version.data = editing.settings_version(petition)

    def asked_fields(self) -> list[Any]:
        """Return the fields that say what the form asks for."""
        return [self[f"ask_{name}"] for name in CHOSEN]

    def changes(self) -> Changes | None:
        """Return what was typed as changes; None where something is wrong, which its field says."""
        if not self.validate_on_submit():
            return None
        sites = self.read("allowed_sites", lambda words: editing.origins(tuple(words.split())))
        contact = self.read("privacy_contact", editing.contact)
        starter = self.read("started_by", editing.starter)
        thanks = self.read("thanks_url", editing.thanks_address) if self.thanks_url.data else None
        closes_at = self._closing()
        goal = self._goal()
        if self.errors or goal is None or sites is None or contact is None or starter is None:
            return None
        return {
            **goal,
            "started_by": starter,
            "confirmation": Confirmation(self.confirmation.data),
            "form": editing.asked({name: self[f"ask_{name}"].data for name in CHOSEN}),
            "closes_at": closes_at,
            "thanks_url": thanks,
            "privacy_contact": contact,
            "public_signers": self.public_signers.data,
            "allowed_origins": sites,
        }

    def _closing(self) -> datetime | None:
        day, time = (self.closes_on.data or "").strip(), (self.closes_time.data or "").strip()
        if not day:
            if time:
                self.complain("closes_on", "Name the day, too.")
            return None
        return self.read("closes_on", lambda _day: editing.closing(f"{day}T{time}" if time else day))

    def _goal(self) -> Changes | None:
        chosen: str = self.goal.data
        if chosen == LADDER:
            return editing.aim(GoalKind.LADDER) | {"ladder": DEFAULT_LADDER}
        if chosen == OWN_LADDER:
            if not self.ladder.data:
                self.complain("ladder", "Write its steps, such as 50, 100, 250.")
                return None
            steps = self.read("ladder", editing.steps)
            return None if steps is None else editing.aim(GoalKind.LADDER) | {"ladder": steps}
        aim: Changes | None = self.read("aim", lambda words: editing.aim(GoalKind(chosen), _number(words)))
        return aim


def _ask_field(name: str) -> SelectField:
    hows = {"off": "not asked for", "optional": "optional", "required": "required"}
    if BUILT_IN[name].type == "checkbox":
        hows = {"off": "not shown", "optional": "shown, unticked"}
    return SelectField(LABELS[name], choices=options(hows))


# One field for each that is built in: a new one is in the form without being named here but for its label.
for _name in CHOSEN:
    setattr(SettingsForm, f"ask_{_name}", _ask_field(_name))


class StandingForm(Form):
    """Where a petition is in its life, and what the addressee answered."""

    status = RadioField(
        "Status",
        choices=options(
            {
                Status.DRAFT: "Draft: only members see it",
                Status.OPEN: "Open: it takes signatures",
                Status.CLOSED: "Closed: it can be read, and takes no more",
                Status.DELIVERED: "Delivered: it was handed over",
            }
        ),
    )
    answer_title = line_field("What the addressee answered: a heading (optional)", limit=MAX_TITLE)
    answer = text_field("The answer, in your words or theirs", limit=MAX_TEXT, render_kw={"rows": 5})


def _number(words: str) -> int:
    plain = words.replace(",", "").replace(" ", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 10):
        raise ValueError("write a whole number")
    return int(plain)
