"""A page of a flow, and what tells its pages apart: registering in and out, and correcting, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms

from finsam_site.ui.components import Button, Link
from finsam_site.ui.forms import BaseForm

from .register_in_parts import Hidden

STEP_FIELD = "_steg"
"""Posted: the step that the page asks."""
GO_TO = "_till"
"""Posted by a button: the step that it goes back to."""
STEP = "steg"
"""In the address: the step that is shown."""


class Step(BaseForm):
    """A page of the flow. name: its short name. hidden: what the page carries along unseen, several values of a name as
    a list.

    draft_nr: of a form that is kept as a draft while somebody types, the number of the draft as it was shown.
    """

    name: ClassVar[str]
    hidden: Mapping[str, str | Sequence[str]] = MappingProxyType({})
    previous: str = ""
    draft_nr: int | None = None

    def begin_at_question(self) -> None:
        """Let the page open with the focus where one goes on: at the first question to answer, else at the first."""
        asked = [name for name, field in self.fields.items() if not field.widget.is_hidden]
        closed = self.closed_fields()
        left = (
            name for name in asked
            if self.fields[name].required and name not in closed and not self[name].value()
        )  # fmt: skip
        self.fields[next(left, asked[0])].autofocus = True  # type: ignore[attr-defined]

    def carried_fields(self) -> list[Hidden]:
        """What the page carries along, as fields."""
        pairs = ((name, [said] if isinstance(said, str) else said) for name, said in self.hidden.items())
        return [Hidden((name, one)) for name, each in pairs for one in each]

    def actions(self) -> Sequence[Button | Link]:
        back = (
            [Button("Tillbaka", kind="secondary", name=GO_TO, value=self.previous)] if self.previous else []
        )
        first, *rest = super().actions()
        return [*self.carried_fields(), first, *back, *rest]  # type: ignore[list-item]


class ChangeStep(Step):
    """A change of what is registered. sedd: what was on the screen when it began, so that a colleague's is not lost."""

    submit = "Granska rättelsen"

    sedd: forms.Field = forms.CharField(widget=forms.HiddenInput())
