"""The snippet maker: a form of the snippet, its options, and the widget as it will look."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional

from widget import releasing, spotting
from widget.domain.organiser import Deed
from widget.domain.petition_page import lang_problem
from widget.domain.site import readable
from widget.domain.snippet import Options, Release, Shape, policy
from widget.domain.snippet import snippet as written
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, line_field, options
from widget.web.console.previewing import preview
from widget.web.console.printing import page
from widget.web.edge import parts
from widget.web.schemas import SOURCE_LENGTH

snippet = Blueprint("snippet", __name__, url_prefix="/petitions/<slug>/snippet")

SHAPES = {
    Shape.ELEMENT: "A: element and script, for any page you write yourself",
    Shape.IN_PLACE: "B: one script, for an editor with an “embed code” field",
    Shape.DIV: "C: a <div>, where unknown tags are dropped",
    Shape.FRAME: "D: a frame, where no script is allowed",
    Shape.PINNED: "E: a pinned script, to run only known bytes",
    Shape.ADDRESS: "F: the address alone, for editors that know oEmbed",
}
WIDTHS = (320, 480, 720)  # px: a phone, a column, a page


class SnippetForm(Form):
    """What may be chosen."""

    form = RadioField("Form", choices=options(SHAPES), default="a")
    theme = SelectField(
        "Colours",
        choices=options({"inherit": "the page's", "light": "light", "dark": "dark", "auto": "the visitor's"}),
        default="inherit",
    )
    layout = SelectField(
        "Layout",
        choices=options(
            {"card": "card", "bar": "bar: number, bar, button", "button": "button with a dialog"}
        ),
        default="card",
    )
    height = IntegerField(
        "Height to hold, in pixels",
        [Optional(), NumberRange(40, 4_000, "Take a number from 40 to 4,000.")],
        render_kw={"inputmode": "numeric"},
    )
    heading_level = SelectField(
        "Level of its heading", choices=options({str(n): str(n) for n in range(2, 7)}), default="2"
    )
    loading = SelectField(
        "Loads",
        choices=options({"lazy": "when nearly in view", "eager": "at once", "click": "on a click"}),
        default="lazy",
    )
    lang = line_field("Language", limit=35)
    source = line_field("Source", limit=SOURCE_LENGTH)
    no_share = BooleanField("No row to pass it on")
    test = BooleanField("A dry run: nothing is stored")

    def chosen(self) -> Options:
        """Return what was chosen, the usual where something is wrong, which its field says."""
        self.validate()
        if self.lang.data and (problem := lang_problem(self.lang.data)):
            self.complain("lang", f"This {problem}.")
        if self.errors:
            return Options()
        return Options(
            theme=self.theme.data,
            layout=self.layout.data,
            height=self.height.data,
            heading_level=int(self.heading_level.data),
            loading=self.loading.data,
            lang=self.lang.data or "",
            source=self.source.data or "",
            no_share=self.no_share.data,
            test=self.test.data,
        )


@snippet.get("")
@on_petition(Deed.LOOK)
def show(here: OnPetition) -> ResponseReturnValue:
    """Show the form, the snippet, and the widget at three widths."""
    form = _asked()
    chosen = form.chosen()
    shape = Shape.ELEMENT if form.form.errors else Shape(form.form.data)
    base, release = parts().settings.public_url, _newest()
    missing = shape is Shape.PINNED and release is None
    line = (
        ""
        if missing
        else written(
            shape,
            chosen,
            base=base,
            slug=here.petition.slug,
            title=here.petition.wording(chosen.lang).title,
            release=release,
        )
    )
    site = urlsplit(base)
    now = parts().clock()
    sites = spotting.spotted(here.petition, ledger=parts().ledger, now=now)
    return page(
        "snippet.html",
        here=here,
        form=form,
        shape=shape,
        line=line,
        missing=missing,
        policy=policy(shape, f"{site.scheme}://{site.netloc}"),
        release=release,
        held=chosen.held,
        widths=WIDTHS,
        query=urlencode(request.args),
        sites=[(one, readable(one.seen.site), _since(one.seen.hours_ago(now))) for one in sites],
        not_seen=spotting.missing(here.petition, sites),
        asked=list(request.args.items(multi=True)),
    )


@snippet.get("/preview")
@on_petition(Deed.LOOK)
def show_preview(here: OnPetition) -> ResponseReturnValue:
    """Show the widget alone, for a frame."""
    chosen = _asked().chosen()
    return preview(here.petition, here.petition.wording(chosen.lang), chosen)


def _since(hours: int) -> str:
    """Say how long ago it was; what is known is the hour."""
    if hours == 0:
        return "within the hour"
    if hours < 48:
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    return f"{hours // 24} days ago"


def _asked() -> SnippetForm:
    """Read the address; without a word in it all is as usual."""
    return SnippetForm(MultiDict(request.args) if request.args else None)


def _newest() -> Release | None:
    known = list(releasing.releases().items())
    return Release(*known[-1]) if known else None
