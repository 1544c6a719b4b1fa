"""The pages of registering in: a step, with what stands around it, and its address."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from finsam_site.ui.components import Component

from ..forms.register_in import ASKING, STEPS
from ..forms.steps import STEP, STEP_FIELD, Step
from ..models import Insats
from .drafts import Drafting, leave_button
from .insatser_common import crumbs, insats_crumb

DRAFT = "utkast"
"""In the address: which draft."""


def key_in(request: HttpRequest) -> uuid.UUID:
    """The draft that the address names, or a new one. Raises Http404 for what is no id."""
    try:
        return uuid.UUID(request.GET[DRAFT]) if DRAFT in request.GET else uuid.uuid4()
    except ValueError:
        raise Http404 from None


@dataclass(frozen=True)
class StepPages:
    """The pages of one draft. key: its id, which with the step is all that an address says."""

    request: HttpRequest
    insats: Insats
    key: uuid.UUID
    drafting: Drafting

    def url(self, step: type[Step] | None = None) -> str:
        query = {DRAFT: str(self.key)} | ({STEP: step.name} if step else {})
        return f"{self.request.path}?{urlencode(query)}"

    def show(
        self,
        form: Step,
        *,
        read_first: bool = False,
        notices: Sequence[Component] = (),
        answers: Sequence[Component] = (),
    ) -> HttpResponse:
        """A step. read_first: what the page tells is read before anything is answered."""
        names = list(STEPS)
        at = names.index(form.name)
        form.cancel = leave_button()
        form.previous = names[at - 1] if at else ""
        form.hidden = {STEP_FIELD: form.name}
        if form.name in ASKING:
            self.drafting.mark(form)
            if read_first:
                form.begins_at_heading = True
            elif not form.error_summary:
                form.begin_at_question()
        context = {
            "form": form,
            "form_action": self.url(),
            "over": f"Registrera in i {self.insats.namn}, steg {at + 1} av {len(names)}",
            "notices": notices,
            "answers": answers,
            "hidden": form.carried_fields(),
            "crumbs": crumbs(insats_crumb(self.insats), ("Registrera in", "")),
            **self.drafting.context(self.url(type(form))),
        }
        return render(self.request, "registration/step.html", context)
