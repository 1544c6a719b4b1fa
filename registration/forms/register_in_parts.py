"""Parts of the pages where people are registered in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from crispy_forms.layout import LayoutObject  # type: ignore[import-untyped]
from crispy_forms.utils import render_field  # type: ignore[import-untyped]
from django.template.loader import render_to_string
from django.utils.html import format_html
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

    A button and not a link: the answers travel with the form.
    """

    template_name: ClassVar[str] = "registration/parts/answers.html"
    title: str
    step: str
    rows: Sequence[Detail]


class Told(Component):
    """What is told below a question as soon as it is answered (`views/register_in_number.py`)."""

    @property
    def offers(self) -> bool:
        """Whether it offers to fill something in."""
        return False


class Shown(LayoutObject):
    """A component between the fields of a form."""

    def __init__(self, component: Component) -> None:
        self.component = component
        self.fields: list[Any] = []

    def render(self, form: Any, context: Any, **kwargs: Any) -> SafeString:
        """crispy calls this; gives the component's HTML."""
        return self.component.render()


@dataclass(frozen=True)
class FirstButton(Component):
    """The button that Enter presses, unseen: the first of a form that has another button before its primary one."""

    template_name: ClassVar[str] = "registration/parts/first_button.html"


class Beside(LayoutObject):
    """A question beside what was answered before: to the right of it, or below its words where there is no room."""

    def __init__(self, title: str, answer: str, field: str) -> None:
        self.title = title
        self.answer = answer
        self.fields = [field]

    def render(self, form: Any, context: Any, **kwargs: Any) -> SafeString:
        """crispy calls this; gives the HTML."""
        name = self.fields[0]
        values = {"title": self.title, "answer": self.answer, "id": f"id_{name}_beside"}
        form.fields[name].beside_id = values["id"]
        form.fields[name].beside = render_to_string("registration/parts/beside.html", values)
        return format_html(
            '<div class="question-beside">{}</div>', render_field(name, form, context, **kwargs)
        )
