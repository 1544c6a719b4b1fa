"""That pa11y, which looks at every page in `make audit`, does look: a page made wrong is found so, at each width."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Look
from tests.browser.pa11y import WANTED

pytestmark = pytest.mark.skipif(not WANTED, reason="pa11y is of `make audit`")

WRONG = """document.querySelector("main").insertAdjacentHTML("beforeend", "<input name='utan_namn'>")"""


def test_what_is_wrong_is_found(look_each: Look) -> None:
    look_each.go("/logga-in/")
    look_each.pa11y()
    look_each.page.evaluate(WRONG)
    with pytest.raises(AssertionError, match="utan_namn"):
        look_each.pa11y()
    assert look_each.width == look_each.page.evaluate("innerWidth")
