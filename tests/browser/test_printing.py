"""A page with the widget on paper: what was asked, how many support it, and where to sign can be read."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLUG, Partner
from tests.browser.signing import fill_in, press, thanks, widget

pytestmark = pytest.mark.browser

