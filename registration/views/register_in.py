"""Registering in: small pages, one after the other. What is answered is a draft until it is saved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll

from ..forms.register_in_basis import Basis
from .insatser_common import get_insats
from .register_in_anonymous import registers_numbers, without_formular
from .register_in_flow import Flow
from .register_in_page import key_in


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def register_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The flow. Each step has an address of its own, with the id of the draft and nothing else in it."""
    insats = get_insats(pk)
    if not insats.takes_persons:
        return registers_numbers(request, insats)
    flow = Flow(request, Basis(insats), key_in(request))
    if not flow.basis.formular:
        return without_formular(request, insats)
    return flow.answer() if request.method == "POST" else flow.open()
