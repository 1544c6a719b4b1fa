"""Parts of the pages where people are registered in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from crispy_forms.layout import LayoutObject  # type: ignore[import-untyped]
from django.utils.safestring import SafeString

from finsam_site.ui.components import Component, Detail


@dataclass(frozen=True)
class Hidden(Component):
    """A hidden field. Nothing of a person stands in one, unless it is sealed."""

    template_name: ClassVar[str] = "registration/parts/hidden.html"
    pair: tuple[str, str]


@dataclass(frozen=True)
class ChangeableAnswers(Component):
    """Answers to be read through, with a button that goes back to the step they were given in.

    A button and not a link: the answers travel with the form. note: something odd to look at.
    """

    template_name: ClassVar[str] = "registration/parts/answers.html"
    title: str
    step: str
    rows: Sequence[Detail]


class Shown(LayoutObject):
    """A component between the fields of a form."""

    def __init__(self, component: Component) -> None:
        self.component = component
        self.fields: list[Any] = []

    def render(self, form: Any, context: Any, **kwargs: Any) -> SafeString:
        """crispy calls this; gives the component's HTML."""
        return self.component.render()
