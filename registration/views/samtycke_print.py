"""Consent forms to print: blank before anybody is registered, or filled in; with a reading aid and a sheet to keep.

The pages are HTML for the browser's own printing (samtycke.css).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Link
from finsam_site.ui.formats import plural

from ..forms.register_in_basis import Basis
from ..forms.samtycke import PrintForm, language
from ..models import Forbund, Identitet, Insats, Samtyckesblankett, Samtyckesformular, Samtyckestext
from ..qr import qr_svg
from ..rules.blanketter import reserve
from ..rules.codes import reference_shown
from ..rules.findings import RuleError
from ..rules.reveal import reveal
from ..rules.samtyckestexter import SWEDISH, Text, texts_of
from .deltaganden import deltagande_url, get_identitet
from .insatser_common import crumbs, get_insats, insats_crumb, insats_url, owners

PRINT = "skriv ut samtycke"
Slag = Samtyckestext.Slag


@dataclass(frozen=True)
class Who:
    """What is filled in of the person; nothing on a blank form."""

    namn: str = ""
    personnummer: str = ""


@dataclass(frozen=True)
class Copy:
    """One form with its code, and who it is for. Texts are in Swedish first, then in that of the reading aid."""

    code: str
    who: Who
    blankett: Sequence[Text]
    hemblad: Sequence[Text]

    @property
    def shown(self) -> str:
        return reference_shown(self.code)

    @property
    def qr(self) -> SafeString:
        return qr_svg(self.code)


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def blank(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how many forms; a post gives each its code and leads to the page that is printed."""
    insats = get_insats(pk)
    versions = {one.version: one for one in Basis(insats).formular if one.holds_today}
    texts = _languages(versions.values())
    versions = {version: one for version, one in versions.items() if (one.pk, SWEDISH) in texts}
    if not insats.takes_persons or not versions:
        return _nothing_to_print(request, insats)
    form = PrintForm(
        request.POST if request.method == "POST" else None,
        versions=list(versions),
        languages=sorted({sprak for _, sprak in texts}),
        cancel=Link("Avbryt", insats_url(insats)),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        formular = versions[said["formular"]]
        try:
            omgang = reserve(insats, formular, antal=said["antal"], sprak=said["sprak"])
        except RuleError as error:
            form.add_findings(error.findings)
        else:
            return redirect("registration:samtycke_blanketter", pk=pk, omgang=omgang)
    context = {"form": form, "insats": insats, "crumbs": crumbs(insats_crumb(insats), (form.title, ""))}
    return render(request, "registration/samtycke/blank.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def blanketter(request: HttpRequest, pk: int, omgang: uuid.UUID) -> HttpResponse:
    """The forms of one omgång, to be printed (again)."""
    insats = get_insats(pk)
    found = list(Samtyckesblankett.objects.filter(insats=insats, omgang=omgang).select_related("formular"))
    if not found:
        raise Http404
    formular, sprak = found[0].formular, found[0].sprak
    texts = texts_of_both(formular, sprak)
    copies = [_copy(one.referenskod, Who(), texts) for one in found]
    count = len(found)
    title = f"{count} {plural(count, 'blankett', 'blanketter')} att skriva ut"
    trail = crumbs(
        insats_crumb(insats),
        ("Skriv ut samtycke", reverse("registration:samtycke_blank", args=[insats.pk])),
        (title, ""),
    )
    lead = (
        "Varje blankett har en egen referenskod och används av en person. "
        "Skriv in koden när du registrerar personen."
    )
    return _paper(request, insats, formular, copies, {"title": title, "lead": lead, "crumbs": trail})


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", PRINT))
@require_safe
def filled_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The form of somebody registered, with name, number and code. The look is logged with its purpose."""
    identitet: Identitet = get_identitet(pk, PRINT)
    samtycke, insats = identitet.samtycke, identitet.insats
    languages = {sprak for _, sprak in _languages([samtycke.formular])}
    if not languages:
        return _nothing_to_print(request, insats)
    wanted = request.GET.get("sprak", samtycke.sprak)
    sprak = wanted if wanted in languages else SWEDISH
    seen = reveal(identitet.pk, PRINT)
    who = Who(f"{seen.fornamn} {seen.efternamn}", f"{seen.personnummer[:8]}-{seen.personnummer[8:]}")
    here = reverse("registration:samtycke_print", args=[pk])
    context = {
        "title": "Skriv ut samtycke",
        "lead": "Ifylld med namn och nummer. Ska personen skriva under på nytt gäller samma referenskod.",
        "languages": [
            Link(language(one) if one != SWEDISH else "Bara svenska", f"{here}?sprak={one}", current=one == sprak)
            for one in sorted(languages, key=lambda one: (one != SWEDISH, one))
        ],
        "crumbs": crumbs(
            insats_crumb(insats), ("Deltagande", deltagande_url(pk)), ("Skriv ut samtycke", "")
        ),
    }  # fmt: skip
    copy = _copy(samtycke.referenskod, who, texts_of_both(samtycke.formular, sprak))
    return _paper(request, insats, samtycke.formular, [copy], context)


def texts_of_both(formular: Samtyckesformular, sprak: str) -> dict[str, list[Text]]:
    """Slag → its texts in Swedish and, where there is one, in the language of the reading aid."""
    found = texts_of(formular)
    return {
        slag: [found[slag, one] for one in dict.fromkeys((SWEDISH, sprak)) if (slag, one) in found]
        for slag in Slag.values
    }


def _copy(code: str, who: Who, texts: dict[str, list[Text]]) -> Copy:
    return Copy(code, who, texts[Slag.BLANKETT], texts[Slag.HEMBLAD])


def _languages(formular: Iterable[Samtyckesformular]) -> set[tuple[int, str]]:
    """(version, language) that there is a form to print in."""
    rows = Samtyckestext.objects.filter(formular__in=list(formular), slag=Slag.BLANKETT)
    return set(rows.values_list("formular", "sprak"))


def _paper(
    request: HttpRequest, insats: Insats, formular: Samtyckesformular, copies: Sequence[Copy], context: dict[str, Any]
) -> HttpResponse:  # fmt: skip
    owner: Forbund = owners([insats]).get(insats.pk) or insats.forbund
    shared = {
        "insats": insats,
        "forbund": owner,
        "formular": formular,
        "copies": copies,
        "ombud": settings.DATA_PROTECTION_CONTACT,
        "back": Link("Till insatsen", insats_url(insats)),
    }
    return render(request, "registration/samtycke/paper.html", shared | context)


def _nothing_to_print(request: HttpRequest, insats: Insats) -> HttpResponse:
    lead = (
        "Det finns ingen text till det samtyckesformulär som gäller. "
        "Den nationella administratören på Försäkringskassan lägger in den."
        if insats.takes_persons
        else "I den här insatsen registreras inga personer, så inget samtycke behövs."
    )
    context = {
        "title": "Inget samtycke att skriva ut",
        "lead": lead,
        "links": [Link("Till insatsen", insats_url(insats))],
        "crumbs": crumbs(insats_crumb(insats), ("Skriv ut samtycke", "")),
    }
    return render(request, "registration/page.html", context)
