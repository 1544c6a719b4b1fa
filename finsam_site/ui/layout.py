"""Layout objects for crispy forms, and the row that a field is drawn as (`templates/bootstrap5/field.html`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.layout import LayoutObject  # type: ignore[import-untyped]
from crispy_forms.utils import render_field  # type: ignore[import-untyped]
from django import forms
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from .components import Component

if TYPE_CHECKING:
    from .forms import BaseForm

WIDTHS = (4, 6, 10, 13, 20, 30)
"""Steps of field width in characters; a wider answer gets the whole column."""


class _Group(LayoutObject):
    """Fields drawn inside a template."""

    template: ClassVar[str]

    def __init__(self, title: str, *fields: Any, help: str = "") -> None:  # noqa: A002 - the word of the page
        self.title = title
        self.help = help
        self.fields = list(fields)

    def render(self, form: BaseForm, context: Context, **kwargs: Any) -> SafeString:
        """crispy calls this; gives the group's HTML."""
        inner = "".join(str(render_field(field, form, context, **kwargs)) for field in self.fields)
        values = {"title": self.title, "help": self.help, "inner": mark_safe(inner)}
        return render_to_string(self.template, values)


class Section(_Group):
    """A part of a form under a heading of its own, with a rule above."""

    template = "components/form_section.html"


class Question(_Group):
    """Several fields that are one question: a fieldset whose legend is the question."""

    template = "components/form_question.html"


class ByChoice(_Group):
    """What opens when a choice of an `OpeningSelect` or `OpeningRadios` in the same form does."""

    template = "components/form_by_choice.html"

    def __init__(self, *fields: Any) -> None:
        super().__init__("", *fields)


@dataclass(frozen=True)
class Option:
    """A radio button or check box, with what opens below it."""

    widget: SafeString
    id: str
    label: str
    opened: list[FieldRow]


@dataclass(frozen=True)
class FieldRow(Component):
    """A field with label, help and error, in that order and then the field itself (LOOK, "Forms")."""

    template_name: ClassVar[str] = "components/field.html"
    bound: BoundField

    @property
    def id(self) -> str:
        return self.bound.id_for_label or self.bound.auto_id

    @property
    def kind(self) -> str:
        """hidden, options (radio buttons or check boxes), single (one check box) or plain."""
        widget = self.bound.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, forms.RadioSelect):  # check boxes of several are radio buttons too, to Django
            return "options"
        return "single" if isinstance(widget, forms.CheckboxInput) else "plain"

    @property
    def optional(self) -> str:
        """The word after the label of a field that may be left empty."""
        field = self.bound.field
        if field.required or self.kind == "single":
            return ""
        return getattr(field, "optional_word", "(frivilligt)")

    @property
    def suffix(self) -> str:
        """What stands after the field, as "%"."""
        return getattr(self.bound.field, "suffix", "")

    @property
    def beside(self) -> str:
        """What stands at the side, below the words of the question where there is no room."""
        return getattr(self.bound.field, "beside", "")

    @property
    def describedby(self) -> str:
        """The ids of help and error, and of what stands at the side (`field.beside_id`)."""
        beside = getattr(self.bound.field, "beside_id", "")
        return f"{beside} {self.bound.aria_describedby or ''}".strip()

    @property
    def widget(self) -> SafeString:
        """The field itself, as wide as its answer."""
        field = self.bound.field
        is_list = isinstance(field.widget, forms.Select)
        if self.kind == "single":
            return self.bound.as_widget()
        classes = ["form-select" if is_list else "form-control"]
        width = getattr(field, "width", None)
        if width:
            classes.append(f"width-{next((step for step in WIDTHS if step >= width), 'all')}")
        if isinstance(field.widget, forms.FileInput):
            classes.append("form-file")
        attrs: dict[str, Any] = {"class": " ".join(classes)}
        if getattr(field, "autofocus", False):
            attrs["autofocus"] = True
        return self.bound.as_widget(attrs=attrs)

    @property
    def options(self) -> list[Option]:
        """The choices of a group, each with the fields that open below it."""
        form = self.bound.form
        boxes = self.bound.subwidgets
        if getattr(self.bound.field, "autofocus", False):
            # Where Tab would come: to the one that is chosen, else to the first.
            chosen = next((one for one in boxes if one.data["selected"]), boxes[0])
            chosen.data["attrs"]["autofocus"] = True
        return [
            Option(
                widget=mark_safe(str(one.tag())),
                id=str(one.id_for_label),
                label=str(one.choice_label),
                opened=[
                    FieldRow(bound)
                    for bound in getattr(form, "opened_by", lambda *_: [])(self.bound.name, one.data["value"])
                ],
            )
            for one in boxes
        ]
