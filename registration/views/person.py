"""The dataskyddsgranskare's pages: one person at a time, found by number at that person's own request (DOMAIN §2).

The number is posted and stands in no address. What was found has a random id in the address, and is opened again at
each request by `rules.uppslag.reopen`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.models import SYSTEM_USERNAME, Handling, Resultat
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import (
    Component,
    Crumb,
    Detail,
    Details,
    Link,
    Notice,
    Pagination,
    Tag,
    Task,
    TaskList,
    Tone,
)
from finsam_site.ui.formats import clock, day, iso_day, number, plural, sentence
from finsam_site.ui.tables import Column, Kind, Row, Table

from ..forms.person import FindPersonForm
from ..models import Forbund, Identitet
from ..rules.codes import reference_shown
from ..rules.uppslag import (
    LONGEST,
    UNUSED,
    Sedd,
    Syfte,
    Uppslag,
    UppslagBorta,
    look,
    look_up,
    reopen,
    who_looked,
)
from .deltaganden import SAVED_ALIKE, THEIRS_HOLD, status_tag
from .insatser_common import owners

LOOK = "visa personen"
USED = "searches_used"
PER_PAGE = 50
MOST = 2000
"""So many rows stand on the page that is printed whole."""
TITLE = "Sök person"
ONE_MINUTE = dt.timedelta(minutes=1)

_GONE = (
    "Sökningen är inte öppen längre. Den stängs när personuppgifterna är borttagna, efter "
    f"{UNUSED // ONE_MINUTE} minuter utan att den används och senast efter {LONGEST // ONE_MINUTE} minuter. Sök igen."
)
_NOT_SAVED = "Det du skickade är inte sparat."


def opens(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets what was found; when that is not open any more the page leads to the search, with words."""

    @wraps(view)
    def opened(request: HttpRequest, pk: uuid.UUID, **more: Any) -> HttpResponse:
        sent = request.method == "POST"
        try:
            uppslag = reopen(pk, used=_used(request).get(str(pk)), sent=sent)
        except UppslagBorta:
            messages.info(request, f"{_NOT_SAVED} {_GONE}" if sent else _GONE)
            return redirect("registration:person_find")
        _note_use(request, uppslag)
        return view(request, uppslag, **more)

    return opened


def _used(request: HttpRequest) -> dict[str, dt.datetime]:
    """When each search was used last. In the session, since a page that is looked at writes nothing else: what two
    requests at once undo there is that it was used just now.
    """
    said: dict[str, str] = request.session.get(USED, {})
    return {key: dt.datetime.fromisoformat(at) for key, at in said.items()}


def _note_use(request: HttpRequest, uppslag: Uppslag) -> None:
    """At most once a minute, so that not every page writes the session."""
    used, key, now = _used(request), str(uppslag.id), timezone.now()
    if now - used.get(key, uppslag.tid) >= ONE_MINUTE:
        alive = {one: at for one, at in used.items() if now - at < LONGEST} | {key: now}
        request.session[USED] = {one: at.isoformat() for one, at in alive.items()}


@sensitive_post_parameters()
@requires(Roll.DATASKYDDSGRANSKARE)
@require_http_methods(["GET", "POST"])
def person_find(request: HttpRequest) -> HttpResponse:
    """Find somebody by number. Nobody in reach and nobody at all get the same answer."""
    form = FindPersonForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    context: dict[str, Any] = {"form": form, "crumbs": [Crumb(TITLE)]}
    if request.method == "POST" and form.is_valid() and form.nummer:
        uppslag = look_up(form.nummer, Syfte(form.cleaned_data["syfte"]))
        if uppslag is not None:
            return redirect("registration:person", pk=uppslag.id)
        context["nobody"] = Notice(
            "Inga uppgifter om personen finns bland dem du kan söka i. De kan ha tagits bort, eller så har personen "
            "räknats utan personuppgifter. Kontrollera numret. Personen kan också fråga dataskyddsombudet i ett annat "
            "förbund eller på Försäkringskassan.",
            title="Ingen träff",
        )
    return render(request, "registration/person/find.html", context)


@requires(Roll.DATASKYDDSGRANSKARE)
@require_safe
@opens
def person(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """The person's deltaganden and what can be done. One look at each in the access log."""
    seen = look(uppslag, LOOK)
    alive = [one for one in seen if not one.locked]
    sections = [
        {"title": "På personens begäran", "parts": [TaskList(_acts(uppslag, changeable=bool(alive)))]}
    ]
    if alive:
        corrections = [task for one in alive for task in _corrections(uppslag, one.identitet)]
        sections.append({"title": "Rätta datum, svar och samtycke", "parts": [TaskList(corrections)]})
    context = {
        "title": "Person",
        "over": f"{uppslag.syfte.label}. Sökningen gjordes klockan {clock(uppslag.tid)}.",
        "heading": name_of(seen) or "Spärrade uppgifter",
        "parts": [*_notices(request, alive), _table(seen)],
        "sections": sections,
        "links": [Link("Sök en annan person", reverse("registration:person_find"))],
        "crumbs": trail(),
    }
    return render(request, "registration/page.html", context)


@requires(Roll.DATASKYDDSGRANSKARE)
@require_safe
@opens
def person_looks(request: HttpRequest, uppslag: Uppslag) -> HttpResponse:
    """Who has looked at, changed or looked for the person's deltaganden, newest first; to be printed for the person."""
    rows, found = who_looked(uppslag)
    whole = "alla" in request.GET
    page = Paginator(found, MOST if whole else PER_PAGE).get_page(1 if whole else request.GET.get("sida"))
    count = page.paginator.count
    insatser = {
        str(key): one.insats.namn for one in rows for key in (one.deltagande_id, one.pk, one.samtycke_id)
    }
    every = Link("Visa alla på en sida, för utskrift", "?alla")
    table = Table(
        id="tittat",
        caption=f"{number(count)} {plural(count, 'gång', 'gånger')}",
        columns=[
            Column("nar", "När"),
            Column("vem", "Vem"),
            Column("vad", "Vad"),
            Column("insats", "Insats"),
            Column("varfor", "Varför", Kind.LONG),
        ],
        rows=[_look(one, insatser) for one in page],
        note=f"Här står de {number(MOST)} senaste." if whole and count > MOST else "",
        pagination=None if whole else Pagination(page, "gånger"),
    )
    codes = ", ".join(reference_shown(one.samtycke.referenskod) for one in rows)
    context = {
        "title": "Vem har tittat",
        "lead": "Alla som har sett, ändrat eller försökt se uppgifterna, med det senaste först.",
        "parts": [
            Details([
                Detail("Gäller samtycken med referenskod", codes),
                Detail("Till och med", f"{day(uppslag.tid)} klockan {clock(uppslag.tid)}, när sökningen gjordes"),
            ]),
            table,
        ],
        "next": [
            *([every] if not whole and page.paginator.num_pages > 1 else []),
            Link("Till personen", person_url(uppslag)),
        ],
        "crumbs": trail(("Person", person_url(uppslag)), ("Vem har tittat", "")),
    }  # fmt: skip
    return render(request, "registration/printed.html", context)


def person_url(uppslag: Uppslag, name: str = "person") -> str:
    return reverse(f"registration:{name}", args=[uppslag.id])


def trail(*steps: tuple[str, str]) -> list[Crumb]:
    """The way here from the search."""
    here = steps or (("Person", ""),)
    return [Crumb(TITLE, reverse("registration:person_find")), *(Crumb(*one) for one in here)]


def name_of(seen: list[Sedd]) -> str:
    """What the person is called in the newest deltagande that is open; empty when none is."""
    return next((f"{one.namn.fornamn} {one.namn.efternamn}" for one in seen if one.namn), "")


def samtycke_words(one: Identitet) -> str:
    """Which samtycke it is: insats, days, code."""
    until = f" till {iso_day(one.slutdatum)}" if one.slutdatum else ""
    return f"{one.insats.namn}, från {iso_day(one.startdatum)}{until}, kod {reference_shown(one.samtycke.referenskod)}"


def where_words(uppslag: Uppslag, count: int) -> str:
    """What an act on all that can be changed concerns, and who helps where a förbund's granskare cannot see.

    count: how many of those that were found; the others are locked.
    """
    own = require_actor().forbund_id is not None
    which = (["finns i ditt förbund"] if own else []) + (
        [f"inte är {plural(count, 'spärrat', 'spärrade')}"] if count < len(uppslag.deltaganden) else []
    )
    if not which:
        return (
            "Gäller personens deltagande."
            if count == 1
            else f"Gäller personens alla {number(count)} deltaganden."
        )
    them = "det deltagande" if count == 1 else f"de {number(count)} deltaganden"
    rest = (
        " Har personen deltagit i andra förbund hjälper dataskyddsombudet på Försäkringskassan till."
        if own
        else ""
    )
    return f"Gäller {them} som {' och '.join(which)}.{rest}"


def _acts(uppslag: Uppslag, *, changeable: bool) -> list[Task]:
    """What can be done; of what is locked only the log can be shown."""
    acts = [
        ("Återkalla samtycke", "person_withdraw", "Personuppgifterna tas bort direkt"),
        ("Personen har fått skyddade personuppgifter", "person_protect", "Personuppgifterna tas bort direkt"),
        ("Rätta namnet", "person_names", ""),
        ("Ändra personnumret", "person_number", ""),
    ]
    looks = ("Visa vem som har tittat", "person_looks", "Går att skriva ut")
    shown = [*(acts if changeable else []), looks]
    return [Task(label, person_url(uppslag, name), hint=hint) for label, name, hint in shown]


def _corrections(uppslag: Uppslag, one: Identitet) -> list[Task]:
    """What can be corrected of a deltagande as it stands."""
    parts = [(f"Rätta inregistreringen i {one.insats.namn}", "person_correct_in")]
    if one.deltagande.aktuell_ut_id is not None:
        parts.append((f"Rätta utregistreringen ur {one.insats.namn}", "person_correct_out"))
    parts.append((f"Rätta samtycket för {one.insats.namn}", "person_samtycke"))
    hint = f"Började {iso_day(one.startdatum)}"
    return [
        Task(label, reverse(f"registration:{name}", args=[uppslag.id, one.deltagande_id]), hint=hint)
        for label, name in parts
    ]


def _notices(request: HttpRequest, alive: list[Sedd]) -> list[Component]:
    if "deras" in request.GET and alive:
        return [THEIRS_HOLD]
    if "samma" in request.GET and alive:
        return [SAVED_ALIKE]
    if "rattad" in request.GET and alive:
        where = "" if request.GET["rattad"] else "Den gäller i alla deltaganden nedan."
        return [Notice(where, title="Rättelsen är sparad", tone=Tone.GOOD)]
    if not alive:
        return [
            Notice(
                "De skulle ha tagits bort, men det finns inget gallringsbeslut. Ingen i insatserna ser dem.",
                title="Uppgifterna är spärrade",
            )
        ]
    return []


def _table(seen: list[Sedd]) -> Table:
    owner: dict[int, Forbund] = owners([one.identitet.insats for one in seen])
    several_names = len({(one.namn.fornamn, one.namn.efternamn) for one in seen if one.namn}) > 1
    return Table(
        id="deltaganden",
        caption=f"{number(len(seen))} {plural(len(seen), 'deltagande', 'deltaganden')}",
        columns=[
            Column("insats", "Insats"),
            Column("forbund", "Förbund"),
            *([Column("namn", "Namn")] if several_names else []),
            Column("status", "Status"),
            Column("start", "Start", Kind.DAY),
            Column("slut", "Slut", Kind.DAY),
            Column("kod", "Samtyckets kod"),
        ],
        rows=[_row(one, owner) for one in seen],
    )


def _row(one: Sedd, owner: dict[int, Forbund]) -> Row:
    identitet = one.identitet
    forbund = owner.get(identitet.insats_id)
    return Row({
        "insats": identitet.insats.namn,
        "forbund": forbund.namn if forbund else "",
        "namn": f"{one.namn.efternamn}, {one.namn.fornamn}" if one.namn else "",
        "status": (
            Tag("Spärrat", Tone.BAD)
            if one.locked
            else status_tag(identitet.deltagande, identitet.startdatum, brief=True)
        ),
        "start": identitet.startdatum,
        "slut": identitet.slutdatum,
        "kod": reference_shown(identitet.samtycke.referenskod),
    })  # fmt: skip


def _look(one: Any, insatser: dict[str, str]) -> Row:
    what = sentence(Handling(one.handling).label)
    ended = {Resultat.NEKAT: "Nekat: ", Resultat.AVBRUTET: "Avbrutet: "}.get(Resultat(one.resultat), "")
    return Row({
        "nar": f"{iso_day(one.tid)} {clock(one.tid)}",
        "vem": _who(one),
        "vad": f"{ended}{what.lower()}" if ended else what,
        "insats": insatser.get(one.objekt_id, ""),
        "varfor": sentence(one.syfte),
    })  # fmt: skip


def _who(one: Any) -> str:
    if one.utifran:
        return "Någon utanför förbundet"
    if one.konto == SYSTEM_USERNAME:
        return "Systemet"
    roll = Roll(one.i_roll).label if one.i_roll else ""
    return ", ".join(filter(None, (one.namn, roll, one.organisation)))
