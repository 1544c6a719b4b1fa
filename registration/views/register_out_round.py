"""Who is registered out together: the actor's drafts of an insats that are marked so, each as its form and the rule
have it. Nothing of it is stored by itself: what is typed of a person stands in that person's own draft.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from finsam_site.ui.components import Crumb, Link, Notice, Tone
from finsam_site.ui.formats import clock, day

from ..forms.register_out import OutStep
from ..forms.register_out_several import MOST, TOGETHER, ChooseStep
from ..forms.sysselsattning import TERMS, in_words, stored
from ..forms.sysselsattning_codes import Codes
from ..models import Identitet, Insats, Utkast
from ..rules.drafts import Draft, NoSuchDraft, Place, drafts_about, save_draft
from ..rules.facts import load_facts
from ..rules.find import in_name_order, in_order
from ..rules.register import Utskrivning, check_leaving, first_ins
from ..rules.reveal import Namn, still_named
from ..rules.values import UtUppgifter
from .insatser_common import crumbs, insats_crumb
from .version_words import said_out

TITLE = ChooseStep.title


@dataclass
class Leaver:
    """Somebody in the round. said: what is answered, when nothing is wrong with it. errors: what a rule finds wrong.
    odd: what is odd but possible. begun: more is answered than what is alike for all.
    """

    identitet: Identitet
    draft: Draft
    form: OutStep
    said: UtUppgifter | None = None
    errors: Sequence[str] = ()
    odd: Sequence[str] = ()
    begun: bool = False
    before: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def pk(self) -> uuid.UUID:
        """The deltagande."""
        pk: uuid.UUID = self.identitet.deltagande_id
        return pk


class Round:
    """Read once for a request. people: those who are still there, by name. gone: those whom somebody has registered out
    meanwhile.
    """

    def __init__(self, insats: Insats, codes: Codes) -> None:
        self.insats = insats
        self.codes = codes
        self.drafts = {
            one.place.deltagande: one
            for one in drafts_about(Utkast.Slag.REGISTER_OUT, insats.pk)
            if TOGETHER in one.steps
        }
        rows = self._identiteter()
        self.gone = [one for one in rows if one.deltagande.aktuell_ut_id]
        self.people = [self._leaver(one) for one in rows if not one.deltagande.aktuell_ut_id]
        self._check()

    @property
    def ready(self) -> list[Leaver]:
        """Those who can be registered out as they are answered."""
        return [one for one in self.people if one.said is not None]

    @property
    def left(self) -> list[Leaver]:
        """Those who are still to be answered, or have something to mend."""
        return [one for one in self.people if one.said is None]

    @property
    def room(self) -> int:
        """How many more there may be."""
        return max(0, MOST - len(self.drafts))

    @cached_property
    def mark(self) -> str:
        """Says which answers of whom stand in the round now: two are the same exactly when nothing was changed."""
        said = sorted(f"{one.pk}:{one.draft.nr}" for one in self.ready)
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:20]

    def names(self, purpose: str) -> dict[Identitet, Namn]:
        """The names of everybody; a look each in the access log. Who has been withdrawn since the round was read goes
        from it."""
        names = still_named([*(one.identitet for one in self.people), *self.gone], purpose)
        self.people = [one for one in self.people if one.identitet in names]
        self.gone = [one for one in self.gone if one in names]
        return names

    def next_after(self, pk: uuid.UUID) -> Leaver | None:
        """Who is to be answered next, from that person on and then from the top."""
        keys = [one.pk for one in self.people]
        at = keys.index(pk) + 1 if pk in keys else 0
        return next((one for one in self.people[at:] + self.people[:at] if one.said is None), None)

    def as_before(self, leavers: Iterable[Leaver]) -> None:
        """Answer for each of them that all is as it was at the start; the day and the reason stay."""
        for one in leavers:
            kept = one.draft.steps.get(OutStep.name, {})
            common = {name: kept[name] for name in OutStep.first if name in kept}
            save_draft(one.draft.place, OutStep.name, common | one.form.same_as_before())

    def take_out(self, pk: uuid.UUID) -> None:
        """The person is not one of them any more. What was answered of that person alone stays as a draft."""
        if pk in self.drafts:
            save_draft(self.drafts[pk].place, TOGETHER, {})

    def _identiteter(self) -> list[Identitet]:
        found = Identitet.objects.filter(deltagande__in=list(self.drafts))
        order = in_name_order(found)
        rows = found.select_related("deltagande__aktuell_in", "deltagande__aktuell_ut__registrerad_av")
        there = in_order(rows, order)
        for one in there:
            one.deltagande.insats = self.insats
        return there

    def _leaver(self, identitet: Identitet) -> Leaver:
        draft = self.drafts[identitet.deltagande_id]
        before = stored(identitet.deltagande.aktuell_in)
        form = OutStep(
            draft.data(OutStep.name) or {}, before=before, start=identitet.startdatum, codes=self.codes,
            day=timezone.localdate(),
        )  # fmt: skip
        begun = any(any(few) for name, few in draft.steps.get(OutStep.name, {}).items() if name in TERMS)
        words = in_words(before, self.codes)
        return Leaver(
            identitet, draft, form, begun=begun, before={TERMS[name]: words[name] for name in TERMS}
        )

    def _check(self) -> None:
        answered = [one for one in self.people if one.form.is_valid()]
        if not answered:
            return
        facts, now = load_facts({self.insats.insats_id}), timezone.now()
        known = first_ins([one.pk for one in answered])
        for one in answered:
            said = one.form.ut_uppgifter()
            leaving = Utskrivning(one.pk, said)
            found = list(
                check_leaving(leaving, one.identitet.deltagande, facts, forst_in=known[one.pk], now=now)
            )
            one.errors = [each.message for each in found if not each.warning]
            one.odd = [each.message for each in found if each.warning]
            one.said = None if one.errors else said


def begin(insats: Insats, deltaganden: Iterable[uuid.UUID], common: dict[str, list[str]]) -> None:
    """Let these be registered out together, with what is alike for all of them; but who is gone by now."""
    for pk in deltaganden:
        with suppress(NoSuchDraft):
            save_draft(Place(Utkast.Slag.REGISTER_OUT, insats.pk, deltagande=pk), TOGETHER, common)


def after_in_words(one: Leaver, codes: Codes) -> dict[str, str]:
    """Term → answer of what is said of somebody's end, without the day and the reason; nothing where none is said."""
    if one.said is None:
        return {}
    words = said_out(one.said, codes)
    return {term: words[term] for term in TERMS.values() if term in words}


# --- What the pages of it share --------------------------------------------------------------------------------------


def told(found: Round, names: Mapping[Identitet, Namn]) -> list[Notice]:
    """Whom somebody else has registered out meanwhile, by name; the others go on."""
    notices = []
    for one in found.gone:
        theirs: Any = one.deltagande.aktuell_ut
        who = full_name(names[one])
        when = f"{day(theirs.mottagen)} klockan {clock(theirs.mottagen)}"
        compare = Link("Jämför med dina svar", reverse("registration:register_out", args=[one.deltagande_id]))
        text = (
            f"{theirs.registrerad_av} registrerade ut {who} {when}, medan du fyllde i. Dina svar finns kvar."
        )
        notices.append(Notice(text, tone=Tone.WAIT, link=compare))
    return notices


def in_a_line(words: dict[str, str]) -> str:
    """Terms and answers as sentences."""
    return " ".join(f"{term}: {answer}." for term, answer in words.items())


def full_name(name: Namn) -> str:
    return f"{name.fornamn} {name.efternamn}"


def page_url(name: str, insats: Insats) -> str:
    """A page of registration that is about the insats."""
    return reverse(f"registration:{name}", args=[insats.pk])


def leaver_url(one: Leaver) -> str:
    """Where that person's answers are given."""
    return reverse("registration:register_out_one_of_several", args=[one.pk])


def round_crumbs(insats: Insats, here: str = "") -> list[Crumb]:
    """The way to a page of the round."""
    first = (TITLE, page_url("register_out_several", insats) if here else "")
    return crumbs(insats_crumb(insats), first, *([(here, "")] if here else []))


def ids_in(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those of the texts that are ids."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return found
