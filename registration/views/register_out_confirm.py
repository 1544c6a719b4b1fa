"""Registering out several at once: what is answered is read through, and one press registers all of them or nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.comparison import Compared, Comparison
from finsam_site.ui.components import Component, Link, Notice, Tone
from finsam_site.ui.formats import number, plural

from ..forms.register_out_several import ConfirmSeveral
from ..forms.steps import STEP_FIELD
from ..forms.sysselsattning_codes import Codes
from ..models import Identitet, Utkast
from ..rules.drafts import drop_drafts_about
from ..rules.findings import ChangedMeanwhile, Finding, RuleError
from ..rules.register import Utskrivning, register_out
from ..rules.reveal import Namn
from .insatser_common import get_insats
from .register_out import PURPOSE
from .register_out_choose import DONE
from .register_out_round import (
    Leaver,
    Round,
    after_in_words,
    full_name,
    in_a_line,
    leaver_url,
    page_url,
    round_crumbs,
    told,
)
from .version_words import said_out

READ = "last"
"""Hidden in the page that is read through: which answers stood there."""
CHANGED = "Listan har ändrats sedan du läste igenom den. Läs igenom den igen."


@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is answered, to be read through; one press registers all of it or nothing."""
    insats = get_insats(pk)
    found = Round(insats, Codes())
    if not found.ready:
        return redirect(page_url("register_out_answers", insats))
    return _save(request, found) if request.method == "POST" else _read_back(request, found)


def _save(request: HttpRequest, found: Round) -> HttpResponse:
    """All who were read through, or nobody."""
    if request.POST.get(READ) != found.mark:
        return _read_back(request, found, changed=True)
    if not _confirm_form(found, request.POST).is_valid():
        return _read_back(request, found, data=request.POST)
    leaving = [Utskrivning(one.pk, one.said) for one in found.ready if one.said]
    try:
        register_out(leaving)
    except ChangedMeanwhile:
        again = Round(found.insats, found.codes)
        if not again.ready:
            return redirect(page_url("register_out_answers", found.insats))
        return _read_back(request, again, changed=True)
    except RuleError as error:
        return _read_back(request, found, data=request.POST, refused=error.findings)
    drop_drafts_about(Utkast.Slag.REGISTER_OUT, [one.deltagande for one in leaving])
    return redirect(f"{page_url('register_out_several', found.insats)}?{DONE}={len(leaving)}")


def _read_back(
    request: HttpRequest,
    found: Round,
    *,
    data: Any = None,
    refused: Sequence[Finding] = (),
    changed: bool = False,
) -> HttpResponse:
    """The page, which names everybody in the list: a look each in the access log."""
    names = found.names(PURPOSE)
    if not found.ready:
        return redirect(page_url("register_out_answers", found.insats))
    form = _confirm_form(found, data, names)
    form.add_findings(refused)
    form.hidden = {STEP_FIELD: form.name, READ: found.mark}
    notices: list[Component] = [*told(found, names)]
    if changed:
        notices.insert(0, Notice(CHANGED, title="Ingen är utregistrerad än", tone=Tone.WAIT))
    left = len(found.left)
    if left:
        stay = f"{number(left)} är inte {plural(left, 'besvarad', 'besvarade')} och står kvar i listan."
        notices.append(Notice(stay))
    context = {
        "form": form,
        "over": found.insats.namn,
        "notices": notices,
        "people": [_read(one, names[one.identitet], found.codes) for one in found.ready],
        "crumbs": round_crumbs(found.insats, "Granska"),
    }
    return render(request, "registration/several/confirm.html", context, status=409 if changed else 200)


def _confirm_form(
    found: Round, data: Any = None, names: Mapping[Identitet, Namn] | None = None
) -> ConfirmSeveral:
    """names: where it is shown, so that what is odd says of whom."""
    odd = [
        f"{full_name(names[one.identitet])}: {text}" if names else text
        for one in found.ready
        for text in one.odd
    ]
    back = Link("Tillbaka till svaren", page_url("register_out_answers", found.insats))
    return ConfirmSeveral(data, people=len(found.ready), odd=odd, cancel=back)


@dataclass(frozen=True)
class ReadPart(Component):
    """Somebody who is read through. same: what is as before, where all is. url: where the answers are changed."""

    template_name: ClassVar[str] = "registration/several/read.html"
    name: str
    end: str
    same: str
    comparison: Comparison | None
    url: str


def _read(one: Leaver, name: Namn, codes: Codes) -> ReadPart:
    assert one.said is not None  # noqa: S101 - only who is ready is read through
    who = full_name(name)
    words, after = said_out(one.said, codes), after_in_words(one, codes)
    end = ", ".join(words[term] for term in ("Sista dagen", "Anledning") if term in words)
    rows = [Compared(term, one.before[term], after[term]) for term in after]
    table = Comparison(
        f"{who}: svaren före insatsen bredvid svaren vid slutet", "Före insatsen", "Vid slutet", rows, word="Ändrat"
    )  # fmt: skip
    changed = any(one.differs for one in rows)
    same = f"Samma som före. {in_a_line(after)}" if rows and not changed else ""
    return ReadPart(who, end, same, table if changed else None, leaver_url(one))
