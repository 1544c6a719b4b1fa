"""What the flows share about drafts: kept at every step, kept while somebody types, left with or without the draft.

A flow of another kind needs two lines, and its view the mark `keeps_drafts`:

    drafting = Drafting(request, Place(Utkast.Slag.CORRECT, insats.pk, deltagande=pk))   # 404: not the user's
    if answer := drafting.keep("fragor", form): return answer                            # at each post of the form

It shows `drafting.data("fragor")` when there is something, gives the form `drafting.mark(form)`, and calls
`drafting.drop()` in the transaction that saves. The kind is described in `registration/draft_kinds.py`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.forms import MultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.kept_drafts import only_keeping
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Button, Crumb, EmptyState, Link, Notice, Task, TaskList
from finsam_site.ui.formats import clock, day, moment, number
from finsam_site.ui.forms import BaseForm

from ..forms.steps import Step
from ..models import Insats
from ..rules.drafts import (
    Draft,
    DraftRow,
    NoSuchDraft,
    NotKept,
    Place,
    Steps,
    draft_url,
    drop_draft,
    find_draft,
    my_drafts,
    open_draft,
    save_draft,
)
from .insatser_common import crumbs, insats_crumb, insats_url

GONE = "Utkastet finns inte längre, och ingenting är registrerat. Börja om här."
TYPING = "_skriver"
"""Posted by the page itself while somebody types (ui/keep.js): names the window."""
NOTHING: Steps = MappingProxyType({})
NR_FIELD = "_nr"
LEAVE = "_lamna"
NR_HEADER = "X-Finsam-Nr"


class Drafting:
    """The draft of one flow in one request. Raises Http404 for a draft that is not the user's."""

    def __init__(self, request: HttpRequest, place: Place) -> None:
        self.request = request
        self.place = place
        self.draft = self._open()
        self.refused = False

    def _open(self, *, lock: bool = False) -> Draft | None:
        try:
            return open_draft(self.place, lock=lock)
        except NoSuchDraft:
            raise Http404 from None

    def lock(self) -> Draft | None:
        """The draft as it is now, which nobody changes until this request is over."""
        self.draft = self._open(lock=True)
        return self.draft

    @property
    def steps(self) -> Steps:
        """All that is kept, by step: another object whenever something has been kept since."""
        return self.draft.steps if self.draft else NOTHING

    def data(self, step: str) -> MultiValueDict[str, str] | None:
        """What is kept of a step; None before it is answered."""
        return self.draft.data(step) if self.draft else None

    def answers(self, step: str) -> Mapping[str, list[str]]:
        """The same as plain values; empty before it is answered."""
        return self.steps.get(step, {})

    def keep(self, step: str, form: BaseForm) -> HttpResponse | None:
        """Keep what was posted of a step, as it was typed. Gives the answer where nothing more is to be done.

        `refused` says afterwards whether the rule would not keep it; `draft` is None when the answers allow none, or
        nothing is answered yet.
        """
        post = self.request.POST
        answers = {name: post.getlist(name) for name in form.fields if name in post}
        window, nr = post.get(TYPING, ""), post.get(NR_FIELD, "")
        try:
            self.draft = save_draft(
                self.place,
                step,
                answers,
                preset={name: [str(field.initial)] for name, field in form.fields.items() if field.initial},
                typing=bool(window),
                window=window,
                seen_nr=int(nr) if nr.isdigit() else 0,
            )
        except NoSuchDraft:
            raise Http404 from None
        except NotKept:
            self.refused = True
        return self.kept() if window or only_keeping(self.request) else None

    def kept(self) -> HttpResponse:
        """The answer to a post that is only to keep what was typed: 204 when there is a draft that has it."""
        there = self.draft is not None and not self.refused
        return HttpResponse(status=204 if there else 200, headers={NR_HEADER: str(self.nr)})

    def put(self, step: str, answers: Mapping[str, list[str]]) -> None:
        """Answer a step in the user's place."""
        self.draft = save_draft(self.place, step, answers)

    def fill(self, step: str, form: BaseForm, answers: Mapping[str, list[str]], *, at: str) -> HttpResponse:
        """Answer some of a posted step's questions in the user's place, and show it again from a field on.

        at: the field's id without "id_". What else was typed stays as it is.
        """
        post = self.request.POST
        typed = {name: post.getlist(name) for name in form.fields if name in post}
        self.put(step, typed | dict(answers))
        return redirect(f"{self.request.path}#id_{at}")

    def leave(self, back: str) -> HttpResponse | None:
        """Where "Avbryt" leads: to the question whether to keep the draft, or `back` when there is none."""
        if LEAVE not in self.request.POST:
            return None
        return redirect("registration:draft", self.draft.pk) if self.draft else redirect(back)

    def drop(self) -> None:
        """In the transaction that saves for good."""
        drop_draft(self.place)
        self.draft = None

    @property
    def nr(self) -> int:
        return self.draft.nr if self.draft else 0

    def mark(self, form: Step) -> None:
        """Let the page keep what is typed in the form by itself, and end in "Avbryt" with a question."""
        form.draft_nr = self.nr
        form.hidden = {**form.hidden, NR_FIELD: str(self.nr)}

    def context(self, here: str) -> Mapping[str, Any]:
        """For the page: when it was kept last; and where the page is asked for, when it answers a post, so that the
        browser's Back leads to what is kept (ui/keep.js). here: that address. Not where it would lead to less than was
        typed.
        """
        return {
            "kept_at": clock(self.draft.andrad) if self.draft else "",
            "here": here if self.request.method == "POST" and not self.refused else "",
        }


def leave_button() -> Button:
    """`Avbryt` of a form with a draft: it posts, so that what is typed comes along."""
    return Button("Avbryt", kind="quiet", name=LEAVE, value="1")


def as_initial(form: BaseForm, data: MultiValueDict[str, str] | None) -> None:
    """Fill a form in without asking whether it is right: somebody goes on typing."""
    if data is not None:
        for name in data:
            field = form.fields.get(name)
            if field is not None:
                form.initial[name] = (
                    data.getlist(name) if isinstance(field, MultipleChoiceField) else data[name]
                )


def begun_in(insats: Insats) -> list[Notice]:
    """What the actor has begun to register in an insats: nothing, the one, or how many and where they stand."""
    found = [one for one in my_drafts(insats.pk) if one.deltagande is None]
    if len(found) > 1:
        text = f"Du har {number(len(found))} påbörjade registreringar i insatsen."
        return [Notice(text, link=Link("Visa utkasten", reverse("registration:drafts")))]
    return [
        Notice(
            "Du har börjat registrera någon i insatsen.",
            link=Link(f"Fortsätt på utkastet från {day(one.andrad)} klockan {clock(one.andrad)}", one.url),
        )
        for one in found
    ]


def draft_tasks(found: Iterable[DraftRow]) -> list[Task]:
    """A row that leads on for each draft, or for those that are gone on with together; in their order.

    No two links have the same words, which is all that somebody hears who goes from link to link: those that would are
    told apart by when they were begun.
    """
    by_place: dict[object, list[DraftRow]] = {}
    for one in found:
        by_place.setdefault(one.together or one.pk, []).append(one)
    alike = Counter(_what(each) for each in by_place.values())
    seen: Counter[str] = Counter()
    tasks = []
    for each in by_place.values():
        label = _what(each)
        if alike[label] > 1:
            label = f"{label}, påbörjat {moment(min(one.skapad for one in each))}"
            seen[label] += 1
            if seen[label] > 1:
                label = f"{label} ({seen[label]})"
        tasks.append(_go_on(each, label))
    return tasks


def _what(found: Sequence[DraftRow]) -> str:
    newest = found[0]
    what = (
        f"registrera ut {number(len(found))} deltagare ur" if newest.together else f"{newest.title.lower()} i"
    )
    return f"Fortsätt: {what} {newest.insats.namn}"


def _go_on(found: Sequence[DraftRow], label: str) -> Task:
    """Told apart by page and time, never by who it is about: what is typed is not shown before it is opened."""
    newest = found[0]
    where = f"{newest.page}, " if newest.page else ""
    return Task(
        label,
        newest.together or newest.url,
        hint=f"Senast sparat: {where}{moment(newest.andrad)}",
    )


@requires(Roll.DELTAGARANSVARIG)
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """All that the actor has begun, newest first."""
    rows = draft_tasks(my_drafts())
    none = EmptyState("Inga utkast", "Här står det du har börjat på men inte registrerat.")
    context = {
        "title": "Dina utkast",
        "lead": f"Det som du har börjat på. Ett utkast som inte rörs på {settings.DRAFT_DAYS} dagar tas bort."
        if rows
        else "",
        "parts": [TaskList(rows) if rows else none],
        "crumbs": [Crumb("Utkast")],
    }
    return render(request, "registration/page.html", context)


@requires(Roll.DELTAGARANSVARIG)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep the draft for later, or throw it away. 404 for anybody but its user."""
    try:
        found = find_draft(pk)
    except NoSuchDraft:
        raise Http404 from None
    insats = Insats.objects.get(pk=found.place.insats)
    if request.method == "POST":
        if request.POST.get("gor") == "kasta":
            drop_draft(found.place)
        return redirect(insats_url(insats))
    until = timezone.localtime(found.andrad) + dt.timedelta(days=settings.DRAFT_DAYS)
    context = {
        "insats": insats,
        "until": day(until),
        "go_on": Link("Fortsätt fylla i", draft_url(found)),
        "crumbs": crumbs(insats_crumb(insats), ("Utkast", "")),
    }
    return render(request, "registration/draft.html", context)
