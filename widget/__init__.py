"""Support Now: petitions that any site can show. Here, and only here, the parts meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings) -> Flask:
    """Build the service. Nothing is connected yet: the first request of each worker does that."""
    # Imported here, so that the rules in `widget.domain` can be used without a web framework.
    from widget import cli, logs  # noqa: PLC0415
    from widget.parts import connect  # noqa: PLC0415
    from widget.web import console, edge, metrics  # noqa: PLC0415
    from widget.web.api import api  # noqa: PLC0415
    from widget.web.audits import audits  # noqa: PLC0415
    from widget.web.names import names  # noqa: PLC0415
    from widget.web.news import news  # noqa: PLC0415
    from widget.web.oembed import oembed  # noqa: PLC0415
    from widget.web.own_page import own_page  # noqa: PLC0415
    from widget.web.pages import pages  # noqa: PLC0415
    from widget.web.rendered import Shelf  # noqa: PLC0415
    from widget.web.script import script  # noqa: PLC0415
    from widget.web.signers import signers  # noqa: PLC0415

    logs.configure(settings.log_level)
    app = edge.Service("widget", static_folder=None, template_folder="web/templates")
    app.url_map.merge_slashes = False  # its redirect would repeat whatever host was asked for
    app.extensions["support_now"] = connect(settings)
    if not settings.protection.limits.enforced:
        app.logger.warning("RATE_LIMITS is off: anybody may sign as often and as fast as they like")
    app.extensions["support_now_shelf"] = Shelf()
    edge.init(app)
    for blueprint in (api, audits, names, news, oembed, own_page, pages, script, signers):
        app.register_blueprint(blueprint)
    console.register(app, settings)
    if settings.shows_mailbox:  # elsewhere these addresses do not exist
        from widget.web.mailbox import mailbox  # noqa: PLC0415

        app.register_blueprint(mailbox)
    metrics.init(app)
    cli.register(app)
    return app
