"""A deltagande's page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling, Resultat
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import (
    Button,
    Detail,
    Details,
    Link,
    Notice,
    PostButton,
    Tag,
    TimeLine,
    Tone,
)
from finsam_site.ui.formats import day, sentence

from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import Deltagande, Identitet, Kodlista, Samtycke
from ..rules.codes import reference_shown
from ..rules.reveal import Namn, reveal, reveal_names
from ..rules.samtycke import LANGUAGES, with_samtycke_status
from ..rules.samtycke_undo import sent_and_not_come
from .deltaganden_filters import list_url, narrowed_url
from .deltaganden_timeline import has_come, is_over, steps
from .insatser_common import crumbs, insats_crumb, insats_url, open_today
from .samtycke_words import samtycke_tag
from .samtycken_undo import undo_link
from .version_words import months_in_words

LOOK = "visa deltagandet"
LOOK_AT_NUMBER = "visa hela personnumret"


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", LOOK))
@require_safe
def deltagande(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One deltagande: who, samtycke, before and after, what happened when. One look in the access log."""
    return _page(request, get_identitet(pk, LOOK), LOOK)


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", LOOK_AT_NUMBER))
@require_POST
def number(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same page with the whole number: a click of its own, logged."""
    return _page(request, get_identitet(pk, LOOK_AT_NUMBER), LOOK_AT_NUMBER, number_shown=True)


def get_identitet(pk: uuid.UUID, purpose: str) -> Identitet:
    """The identitet of a deltagande with what stands around it, or 404 (logged as refused) out of scope or gone."""
    found = (
        with_samtycke_status(Identitet.objects.filter(deltagande=pk))
        .select_related(
            "insats", "person", "samtycke__formular", "samtycke__mottaget_av", "deltagande__aktuell_in__kommun",
            "deltagande__aktuell_ut",
        )
        .first()
    )  # fmt: skip
    if found is None:
        raise _not_found(pk, purpose)
    return found


def name_or_404(identitet: Identitet, purpose: str) -> Namn:
    """The name, a look in the access log; or 404 (logged as refused) when it is gone since `get_identitet`."""
    name = reveal_names([identitet.pk], purpose).get(identitet.pk)
    if name is None:
        raise _not_found(identitet.deltagande_id, purpose)
    return name


def _not_found(deltagande: uuid.UUID, purpose: str) -> Http404:
    log_access(Handling.LAST, "deltagande", [deltagande], syfte=purpose, resultat=Resultat.NEKAT)
    return Http404()


def deltagande_url(pk: uuid.UUID) -> str:
    return reverse("registration:deltagande", args=[pk])


def status_tag(one: Deltagande, start: dt.date, *, brief: bool = False) -> Tag:
    """How a deltagande that starts on `start` stands; `aktuell_ut` at hand. brief: beside the day, as in a list."""
    if one.aktuell_ut is None:
        if not has_come(start):
            return Tag("Har inte börjat" if brief else f"Börjar {day(start)}")
        return Tag("Pågår")
    if one.aktuell_ut.felregistrering:
        return Tag("Felregistrering", Tone.BAD)
    end = one.aktuell_ut.slutdatum
    if end is not None and not is_over(end):
        return Tag("Slutar" if brief else f"Slutar {day(end)}")
    return Tag("Avslutat", Tone.GOOD)


def _page(
    request: HttpRequest, identitet: Identitet, purpose: str, *, number_shown: bool = False
) -> HttpResponse:
    who = reveal(identitet.pk, purpose)
    one, version, ut = identitet.deltagande, identitet.deltagande.aktuell_in, identitet.deltagande.aktuell_ut
    codes = Codes()
    wrong = ut is not None and ut.felregistrering
    onward = _onward(identitet) if "registrerad" in request.GET else []
    context: dict[str, Any] = {
        "name": f"{who.fornamn} {who.efternamn}",
        "status": status_tag(one, identitet.startdatum),
        "facts": Details(_facts(identitet, codes, _number(one, who.personnummer, number_shown))),
        "background": Details(_background(version, codes)),
        "before": Details(_answers(version, codes)),
        "after": Details(_answers(ut, codes)) if ut and not wrong else None,
        "samtycke": Details(_samtycke(identitet)),
        "timeline": TimeLine(steps(identitet, codes)),
        "news": _news(request, identitet),
        "onward": onward,
        "actions": [] if ut else [_register_out(one, kind="secondary" if onward else "primary")],
        "corrections": _corrections(one),
        "paper": [*_paper(one, wrong), *_original_to_change(identitet.samtycke)],
        "withdraw_url": reverse("registration:withdraw", args=[one.pk]),
        "protect_url": reverse("registration:protect", args=[one.pk]),
        "crumbs": crumbs(
            insats_crumb(identitet.insats),
            ("Deltaganden", list_url(request, identitet.insats_id)),
            ("Deltagande", ""),
        ),
    }
    return render(request, "registration/deltagande.html", context)


def _number(one: Deltagande, personnummer: str, shown: bool) -> str | PostButton:
    """The whole number, or the button that shows it."""
    if shown:
        return f"{personnummer[:8]}-{personnummer[8:]}"
    return PostButton(
        "Visa hela personnumret", reverse("registration:deltagande_number", args=[one.pk]), kind="quiet"
    )


def _facts(identitet: Identitet, codes: Codes, personnummer: str | PostButton) -> list[Detail]:
    """Who takes part in what, and when."""
    version, ut = identitet.deltagande.aktuell_in, identitet.deltagande.aktuell_ut
    kommun = version.kommun.namn if version.kommun else ""
    facts = [
        Detail("Insats", Link(identitet.insats.namn, insats_url(identitet.insats))),
        Detail("Födelseår", str(version.fodelsear or "")),
        Detail("Personnummer", personnummer),
        Detail("Folkbokföringskommun", f"{kommun}, {version.stadsdel}" if version.stadsdel else kommun),
        Detail("Startdatum", day(identitet.startdatum)),
    ]
    if ut is None or not ut.felregistrering:
        facts.append(Detail("Slutdatum", day(ut.slutdatum) if ut else "", missing="Inte avslutat"))
    if ut is not None:
        reason = codes.label(Kodlista.AVSLUTSANLEDNING, ut.avslutsanledning)
        facts.append(Detail("Avslutsanledning", sentence(reason)))
    return facts


def _register_out(one: Deltagande, *, kind: str) -> Button:
    return Button("Registrera ut", url=reverse("registration:register_out", args=[one.pk]), kind=kind)


def _paper(one: Deltagande, wrong: bool) -> list[Link]:
    """What can be done with the paper; of a felregistrering no new one is printed."""
    scan = Link("Det skannade papperet", reverse("registration:samtycke_scan", args=[one.pk]))
    if wrong:
        return [scan]
    return [Link("Skriv ut samtycket", reverse("registration:samtycke_print", args=[one.pk])), scan]


def _corrections(one: Deltagande) -> list[Link]:
    """What can be corrected of a deltagande as it stands."""
    parts = [("Rätta namnet", "correct_names"), ("Ändra personnumret", "change_number")]
    parts += [("Rätta inregistreringen", "correct_in"), ("Rätta samtycket", "correct_samtycke")]
    if one.aktuell_ut_id is not None:
        parts.append(("Rätta utregistreringen", "correct_out"))
    wrong = one.aktuell_ut is not None and one.aktuell_ut.felregistrering
    parts.append(
        ("Registrera i rätt insats" if wrong else "Personen är registrerad i fel insats", "wrong_insats")
    )
    return [Link(label, reverse(f"registration:{name}", args=[one.pk])) for label, name in parts]


def _onward(identitet: Identitet) -> list[Button]:
    """What comes next when somebody has just been registered: the next person, or the paper."""
    paper = reverse("registration:samtycke_print", args=[identitet.deltagande_id])
    another = reverse("registration:register_in", args=[identitet.insats_id])
    printed = Button("Skriv ut samtycket", url=paper, kind="secondary")
    return (
        [Button("Registrera nästa person", url=another), printed]
        if open_today(identitet.insats)
        else [printed]
    )


THEIRS_HOLD = Notice("Dina svar är inte sparade.", title="Det som redan var sparat gäller", tone=Tone.GOOD)
"""What is told to somebody who chose so, after a colleague was first."""
SAVED_ALIKE = Notice(
    "Dina svar är inte sparade en gång till.",
    title="Någon annan har redan sparat samma sak", tone=Tone.GOOD,
)  # fmt: skip
"""What is told to somebody whose answers a colleague was first to save."""


def _news(request: HttpRequest, identitet: Identitet) -> Notice | None:
    """What the user has just done, when that led here."""
    if "registrerad" in request.GET:
        return Notice(
            "Skicka sedan originalet av samtycket till Försäkringskassan, märkt med referenskoden "
            f"{reference_shown(identitet.samtycke.referenskod)}.",
            title="Deltagaren är registrerad", tone=Tone.GOOD,
        )  # fmt: skip
    if "rattad" in request.GET:
        return Notice(
            "Vad som ändrades står längst ner på sidan.", title="Rättelsen är sparad", tone=Tone.GOOD
        )
    if "deras" in request.GET:
        return THEIRS_HOLD
    if "samma" in request.GET:
        return SAVED_ALIKE
    if "utregistrerad" in request.GET and identitet.deltagande.aktuell_ut is not None:
        others = narrowed_url("deltaganden", identitet.insats_id, status="pagar")
        return Notice(
            "", title="Deltagaren är utregistrerad", tone=Tone.GOOD, link=Link("Visa dem som pågår", others)
        )
    return None


def _answers(version: Any, codes: Codes) -> list[Detail]:
    words = in_words(stored(version), codes)
    return [Detail(TERMS[name], words[name]) for name in TERMS]


def _background(version: Any, codes: Codes) -> list[Detail]:
    rows = [
        Detail("Utbildning", sentence(codes.label(Kodlista.UTBILDNING, version.utbildning))),
        Detail("Tid i offentlig försörjning", months_in_words(version.tid_i_forsorjning_manader)),
        Detail("Initiativ", sentence(codes.label(Kodlista.INITIERANDE_AKTOR, version.initierad_av))),
    ]
    if version.behovsgrupp:
        rows.append(Detail("Behovsgrupp", sentence(codes.label(Kodlista.BEHOVSGRUPP, version.behovsgrupp))))
    return rows


def _samtycke(identitet: Any) -> list[Detail]:
    samtycke: Samtycke = identitet.samtycke
    received = samtycke.mottaget_av
    return [
        Detail("Referenskod", reference_shown(samtycke.referenskod)),
        Detail("Underskrivet", day(samtycke.undertecknat)),
        Detail("Version", samtycke.formular.version),
        Detail("Språk", LANGUAGES.get(samtycke.sprak, samtycke.sprak)),
        Detail("Togs emot av", received.namn if received else "", missing="Framgår inte"),
        Detail("Originalet", samtycke_tag(identitet.samtycke_status), note=_original(samtycke)),
    ]


def _original_to_change(samtycke: Samtycke) -> list[Link]:
    """What was marked as sent and has not come may be taken back. Who has a page is there."""
    if sent_and_not_come(samtycke) is None:
        return []
    label = "Originalet är inte skickat, eller kom bort"
    return [undo_link("registration:samtycken_sent_undo", samtycke.pk, label)]


def _original(samtycke: Samtycke) -> str:
    if samtycke.original_mottaget:
        return f"Försäkringskassan tog emot det {day(samtycke.original_mottaget)}"
    return f"Skickat {day(samtycke.original_skickat)}" if samtycke.original_skickat else ""
