"""Somebody who knows the form and has no mouse: keys are pressed as she would, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from playwright.sync_api import Locator, Page

from registration.forms.register_in import ConfirmStep, IdentityStep
from registration.forms.steps import Step

MOST = 120
"""So many presses of Tab without coming to what is looked for is a fault of the page."""
_HERE = "it => it === document.activeElement"
_IN_THE_SAME = "it => Boolean(document.activeElement.closest('fieldset')?.contains(it))"
_FOCUSED = """() => {
  const it = document.activeElement;
  const boxes = it.type === "checkbox" ? [...it.form.elements].filter((one) => one.name === it.name) : [];
  return { name: it.name || "", type: it.type || "", last: boxes.length < 2 || boxes.at(-1) === it };
}"""


@dataclass
class Keys:
    """navigation: Tab, arrows, Home, End, Space, Enter. typed: characters of answers. pages: that Enter led to."""

    page: Page
    helped: bool = True
    navigation: int = 0
    typed: int = 0
    pages: int = 1

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.navigation, self.typed, self.pages

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.navigation += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.typed += len(text)

    def enter(self) -> None:
        """Go on to the next page."""
        with self.page.expect_navigation():
            self.press("Enter")
        self.page.wait_for_load_state()
        self.pages += 1

    def to(self, target: Locator) -> None:
        """Move the focus there by Tab; out of a group of check boxes by its end, where that helps."""
        for _ in range(MOST):
            if target.evaluate(_HERE):
                return
            self._tab(target)
        raise AssertionError(f"{MOST} presses of Tab do not lead to {target}")

    def write(self, target: Locator, text: str) -> None:
        self.to(target)
        self.type(text)

    def choose(self, target: Locator) -> None:
        """A radio button: Tab to its group, then the arrows the shorter way round, or Space for the first."""
        self._into(target)
        if target.evaluate(_HERE):
            if not target.is_checked():
                self.press("Space")
            return
        places: dict[str, Any] = target.evaluate(
            "it => { const all = [...it.form.elements].filter((one) => one.name === it.name);"
            " return { at: all.indexOf(document.activeElement), to: all.indexOf(it), all: all.length }; }"
        )
        down = (places["to"] - places["at"]) % places["all"]
        up = places["all"] - down
        for _ in range(min(down, up)):
            self.press("ArrowDown" if down <= up else "ArrowUp")
        assert target.is_checked()

    def tick(self, target: Locator) -> None:
        """A check box: by the arrows where they help, else by Tab."""
        self._into(target)
        while not target.evaluate(_HERE):
            self.press("ArrowDown" if self.helped else "Tab")
        self.press("Space")

    def _into(self, target: Locator) -> None:
        name = target.get_attribute("name")
        for _ in range(MOST):
            if self.page.evaluate(_FOCUSED)["name"] == name:
                return
            self._tab(target)
        raise AssertionError(f"{MOST} presses of Tab do not lead to {name}")

    def _tab(self, target: Locator) -> None:
        """Tab, from the end of a group of check boxes when what is looked for does not stand in the group."""
        if self.helped and not self.page.evaluate(_FOCUSED)["last"] and not target.evaluate(_IN_THE_SAME):
            self.press("End")
        self.press("Tab")


@contextmanager
def without_helps(page: Page) -> Iterator[None]:
    """The pages as they were before the helps: no focus is given, nothing is told, excluded or skipped by itself."""
    page.route("**/ui/answers*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    with (
        patch.object(Step, "begin_at_question", lambda form: None),
        patch.object(IdentityStep, "begin_at_question", lambda form: None),
        patch.object(ConfirmStep, "begins_at_heading", False),
    ):
        yield
