"""Registering out several at once, first page: who leaves, and what is alike for all of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from finsam_site.access.kept_drafts import keeps_drafts, only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import EmptyState, Link, Notice, Pagination, Tone
from finsam_site.ui.formats import day, number, plural

from ..forms.register_out import FINDINGS
from ..forms.register_out_several import ALL, MOST, ChooseStep
from ..forms.sysselsattning_codes import Codes
from ..models import Identitet, Insats
from ..rules.facts import load_facts
from ..rules.find import BOUND, NEWEST, in_name_order, in_order
from ..rules.register import Utskrivning, check_leaving, first_ins, still_in
from ..rules.reveal import Namn, reveal_names
from ..rules.values import UtUppgifter
from .insatser_common import get_insats, insats_url, open_today
from .register_out import PURPOSE
from .register_out_round import Round, begin, full_name, ids_in, page_url, round_crumbs

DONE = "klart"
"""In the address: so many are registered out."""


@keeps_drafts
@sensitive_post_parameters()
@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Who leaves, and what is alike for all of them. Who is chosen is in the list from then on, also after a pause."""
    return Choosing(request, get_insats(pk)).respond()


class Choosing:
    """One request of the page where it is chosen who leaves."""

    def __init__(self, request: HttpRequest, insats: Insats) -> None:
        self.request = request
        self.insats = insats
        self.codes = Codes()
        self.round = Round(insats, self.codes)
        self._revealed: dict[uuid.UUID, Namn] = {}
        self.open = still_in(insats)

    def respond(self) -> HttpResponse:
        """What the request leads to."""
        page = self._page()
        if self.request.method == "GET":
            return self._show(page, self._form(page))
        post = self.request.POST.copy()
        asked = ids_in(post.getlist("deltagare"))
        chosen = self._rows(asked)
        post.setlist("deltagare", [str(one.deltagande_id) for one in chosen])
        if ALL in post and not only_keeping(self.request):
            everybody = [str(one.deltagande_id) for one in page.object_list]
            kept = {name: post.get(name, "") for name in ("slutdatum", "avslutsanledning")}
            return self._show(page, self._form(page, initial=kept | {"deltagare": everybody}))
        form = self._form(page, post, chosen)
        form.is_valid()
        self._add_gone(form, set(asked) - {one.deltagande_id for one in chosen})
        if form.is_valid():
            self._add_findings(form, chosen)
        if form.is_valid():
            begin(self.insats, [one.deltagande_id for one in chosen], form.common())
            if only_keeping(self.request):
                return HttpResponse(status=HTTPStatus.NO_CONTENT)  # kept, and the log-in page says so
            return redirect(page_url("register_out_answers", self.insats))
        return HttpResponse() if only_keeping(self.request) else self._show(page, form, chosen)

    def _add_gone(self, form: ChooseStep, gone: set[uuid.UUID]) -> None:
        """Tell of those who were chosen and are not there any more; by name while they may be named."""
        if not gone:
            return
        out = Identitet.objects.filter(deltagande__in=gone, insats=self.insats).values_list("pk", flat=True)
        names = sorted(map(full_name, self._names(out).values()))
        texts = []
        if names:
            texts.append(
                f"{', '.join(names)} är redan {plural(len(names), 'utregistrerad', 'utregistrerade')}."
            )
        if len(names) < len(gone):
            texts.append("Någon som du kryssade för finns inte kvar i insatsen.")
        form.add_error("deltagare", f"{' '.join(texts)} Kontrollera de andra och fortsätt.")

    def _add_findings(self, form: ChooseStep, chosen: Sequence[Identitet]) -> None:
        """What the rule finds wrong with the day and the reason, of anybody who is chosen."""
        said = UtUppgifter(form.cleaned_data["slutdatum"], form.cleaned_data["avslutsanledning"])
        facts, now = load_facts({self.insats.insats_id}), timezone.now()
        known = first_ins([one.deltagande_id for one in chosen])
        too_late = [one for one in chosen if one.startdatum > form.cleaned_data["slutdatum"]]
        for one in chosen:
            one.deltagande.insats = self.insats
            leaving = Utskrivning(one.deltagande_id, said)
            forst_in = known[one.deltagande_id]
            found = check_leaving(leaving, one.deltagande, facts, forst_in=forst_in, now=now)
            new = [each for each in found if not form.has_error(FINDINGS.get(each.field, each.field))]
            form.add_findings([each for each in new if each.kind != "slut_fore_start"], FINDINGS)
        if too_late:
            names = self._names(one.pk for one in too_late)
            there = [one for one in too_late if one.pk in names]
            each = sorted(f"{full_name(names[one.pk])} {day(one.startdatum)}" for one in there)
            form.add_error(
                "slutdatum",
                f"Den sista dagen ligger före starten för: {'; '.join(each)}. Ändra dagen, eller välj bort dem.",
            )

    def _page(self) -> Page[Any]:
        """Those who are still there and not in the list, by name; a list that is too long for that by start."""
        rows = self.open.exclude(deltagande__in=list(self.round.drafts))
        number_of = self.request.GET.get("sida")
        shown: Any = rows.order_by(*NEWEST).values_list("pk", flat=True)
        page = Paginator(in_name_order(rows) if shown.count() <= BOUND else shown, MOST).get_page(number_of)
        page.object_list = in_order(rows.select_related("deltagande__aktuell_in"), page.object_list)
        return page

    def _rows(self, deltaganden: Sequence[uuid.UUID]) -> list[Identitet]:
        found = self.open.filter(deltagande__in=deltaganden).select_related("deltagande__aktuell_in")
        return list(found.order_by(*NEWEST))

    def _form(
        self, page: Page[Any], data: Any = None, chosen: Sequence[Identitet] = (), initial: Any = None
    ) -> ChooseStep:
        ended = not open_today(self.insats)
        first: dict[str, Any] = {}
        if ended:
            everybody = page.object_list[: self.round.room]
            first = {
                "slutdatum": self.insats.slutdatum,
                "deltagare": [str(one.deltagande_id) for one in everybody],
            }
        return ChooseStep(
            data, initial=first if initial is None else initial,
            people=[(str(one.deltagande_id), "") for one in _together(page.object_list, chosen)],
            room=self.round.room, more=page.has_other_pages(), codes=self.codes, day=timezone.localdate(),
            cancel=Link("Avbryt", insats_url(self.insats)),
        )  # fmt: skip

    def _show(self, page: Page[Any], form: ChooseStep, chosen: Sequence[Identitet] = ()) -> HttpResponse:
        """The page, which names those on it: a look each in the access log."""
        together = _together(page.object_list, chosen)
        names = self._names(one.pk for one in together)
        rows = [one for one in together if one.pk in names]
        fields: Any = form.fields
        fields["deltagare"].choices = [(str(one.deltagande_id), _who(one, names[one.pk])) for one in rows]
        context = {
            "form": form,
            "over": self.insats.namn,
            "notices": self._notices(),
            "nobody": not rows,
            "empty": None if rows or self._done else self._nobody(),
            "pages": Pagination(page, "deltagare"),
            "crumbs": round_crumbs(self.insats),
        }
        return render(self.request, "registration/several/choose.html", context)

    def _names(self, identiteter: Iterable[uuid.UUID]) -> dict[uuid.UUID, Namn]:
        """Identitet → name; a look each in the access log, one for all that the page says of somebody."""
        wanted = list(identiteter)
        self._revealed |= reveal_names([pk for pk in wanted if pk not in self._revealed], PURPOSE)
        return {pk: self._revealed[pk] for pk in wanted if pk in self._revealed}

    @property
    def _done(self) -> int:
        """How many the address says were registered out by the last press."""
        done = self.request.GET.get(DONE, "")
        return int(done) if done.isdecimal() and len(done) <= len(str(MOST)) else 0

    def _notices(self) -> list[Notice]:
        notices, done = [], self._done
        if done:
            there = Link("Till deltagandena i insatsen", page_url("deltaganden", self.insats))
            what = plural(done, "deltagare är utregistrerad", "deltagare är utregistrerade")
            notices.append(Notice("", title=f"{number(done)} {what}", tone=Tone.GOOD, link=there))
        begun = len(self.round.drafts)
        if begun:
            go_on = Link("Fortsätt med dem", page_url("register_out_answers", self.insats))
            notices.append(Notice(f"Du har börjat registrera ut {number(begun)} deltagare.", link=go_on))
        if not open_today(self.insats):
            notices.append(Notice(f"Insatsen slutade {day(self.insats.slutdatum)}."))
        return notices

    def _nobody(self) -> EmptyState:
        return EmptyState(
            "Ingen att registrera ut",
            "Här står de som deltar i insatsen och inte redan står i din lista.",
            Link("Till deltagandena i insatsen", page_url("deltaganden", self.insats)),
        )


def _who(one: Identitet, name: Namn) -> str:
    born = one.deltagande.aktuell_in.fodelsear
    return f"{name.efternamn}, {name.fornamn}, född {born or 'okänt år'}, började {day(one.startdatum)}"


def _together(rows: Any, more: Sequence[Identitet]) -> list[Identitet]:
    """The rows, and after them those of `more` that are not among them."""
    keys = {one.pk for one in rows}
    return [*rows, *(one for one in more if one.pk not in keys)]
