"""Drafts: what is typed is kept on the server until it is saved (QUALITY §3), encrypted, for the user alone.

    place = Place(Utkast.Slag.REGISTER_OUT, insats.pk, deltagande=one.pk)
    save_draft(place, "fragor", {"slutdatum": ["2024-06-3"]})       # as typed, also when it is not right yet
    open_draft(place).data("fragor")
    drop_draft(place)                                               # in the transaction that saves it for good

Which answers a kind of draft may hold is said where the kind is described (`registration/draft_kinds.py`) and asked
here at every save, whatever door it came by: no identity before samtycke (DOMAIN §4).
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.debug import sensitive_variables

from finsam_site.access import encryption
from finsam_site.access.acting import AccessRefused, require_actor
from finsam_site.access.roles import Roll
from finsam_site.access.sealed_columns import open_text, seal_text

from ..models import Deltagande, Insats, Nummerhash, Utkast

LONGEST = 20_000
"""Characters in a draft. The longest form answered in full is a tenth of that."""

Answers = Mapping[str, list[str]]
Steps = Mapping[str, Answers]


class NoSuchDraft(Exception):
    """It is somebody else's, of another matter, or cannot be begun: from outside the three look the same."""


class NotKept(Exception):
    """What was typed is not to be kept now; what was kept before stays as it was."""


class TooEarly(NotKept):
    """Answers about a person before the samtycke is clear."""


@dataclass(frozen=True)
class Place:
    """What a draft is a draft of. A deltagande has one per user and kind; without a deltagande it goes by its id."""

    slag: str
    insats: int
    deltagande: uuid.UUID | None = None
    pk: uuid.UUID | None = None


@dataclass(frozen=True)
class Draft:
    """A draft as it was saved. steps: the answers by step, as they were typed. No repr of them."""

    pk: uuid.UUID
    place: Place
    step: str
    nr: int
    andrad: dt.datetime
    steps: Steps = field(default_factory=dict, repr=False)

    def data(self, step: str) -> MultiValueDict[str, str] | None:
        """The answers of a step as a form takes them; None before it is answered."""
        return as_data(self.steps.get(step))


@dataclass(frozen=True)
class DraftRow:
    """A line of the list of own drafts: nothing of what stands in it. url: where it is taken up again.

    page: what the page is called that was typed in last; empty where there is only one, or none.
    together: where it is taken up again with others that belong together; empty for one that stands alone.
    """

    pk: uuid.UUID
    slag: str
    title: str
    insats: Insats
    deltagande: uuid.UUID | None
    step: str
    skapad: dt.datetime
    andrad: dt.datetime
    url: str
    together: str = ""
    page: str = ""


def _everything(place: Place, kept: Steps, step: str, new: Answers) -> Steps:
    return {**kept, step: new}


def _no_number(steps: Steps) -> None:
    return None


def _alone(place: Place, steps: Steps) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """A kind of draft.

    url: where a draft of it is taken up again. allowed: of (place, what is kept, step, its new answers) what may be
    kept from now on; None: nothing, and the draft goes; raises NotKept. number: the twelve digits that stand in it;
    empty while they are not whole, and the draft is then still found by those that stood there last; None where none
    are asked for. together: where it is taken up again with others that belong together, if it belongs to some.
    pages: step → what its page is called, where there are several.
    """

    slag: str
    url: Callable[[Place], str]
    allowed: Callable[[Place, Steps, str, Answers], Steps | None] = _everything
    number: Callable[[Steps], str | None] = _no_number
    together: Callable[[Place, Steps], str] = _alone
    pages: Mapping[str, str] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind of draft known. Called while the app is loaded."""
    _kinds[kind.slag] = kind


def as_data(answers: Answers | None) -> MultiValueDict[str, str] | None:
    """Kept answers as a form takes them; None for none."""
    return None if answers is None else MultiValueDict({name: list(few) for name, few in answers.items()})


def open_draft(place: Place, *, lock: bool = False) -> Draft | None:
    """The actor's own draft, or None when there is none (yet, or any more). lock: nobody changes it meanwhile.

    Raises NoSuchDraft for the id of a draft that is not the actor's, or of another matter.
    """
    row = _own(place, lock=lock)
    return None if row is None else _opened(row)


def save_draft(
    place: Place,
    step: str,
    answers: Answers,
    *,
    preset: Answers = MappingProxyType({}),
    typing: bool = False,
    seen_nr: int = 0,
    window: str = "",
) -> Draft | None:
    """Keep what was typed in a step, as it was typed; None when the answers say that nothing may be kept.

    preset: what the form says before anybody has answered. No draft is begun of that and of empty answers (None); one
    that is there keeps them as any others, since another window may have more.

    typing: saved by itself while somebody types. Such a save begins no draft of what is saved already, and gives way
    to another window that has saved since `seen_nr`. window: names the page that saves. Raises NotKept, NoSuchDraft,
    and AccessRefused out of scope.
    """
    row = _own(place, lock=True)
    if row is None:
        _may_begin(place, typing=typing)
    content: dict[str, Any] = _content(row) if row else {"steps": {}, "window": window}
    if typing and row and row.nr > seen_nr and content["window"] != window:
        raise NotKept
    steps = _kinds[place.slag].allowed(place, content["steps"], step, answers)
    if steps is None:
        drop_draft(place)
        return None
    begins = row is None
    if begins and not any(_says_something(one, preset) for one in steps.values()):
        return None
    row = row or _new(place)
    # A part that was saved for good is gone from it: what is gone on with is what is left.
    row.steg = step if step in steps else list(steps)[-1]
    row.andrad, row.nr = timezone.now(), row.nr + 1
    _seal(row, steps, window)
    try:
        with transaction.atomic():
            row.save(force_insert=begins)
    except IntegrityError:  # begun at the same moment by the same user: there is one to add to now
        if not begins or _own(place, lock=True) is None:
            raise
        return save_draft(place, step, answers, preset=preset, typing=typing, seen_nr=seen_nr, window=window)
    return _opened(row)


def drop_draft(place: Place) -> None:
    """Throw the actor's own draft away; nothing happens when there is none. Raises NoSuchDraft."""
    row = _own(place, lock=True)
    if row is not None:
        row.delete()


def drop_drafts_about(slag: str, deltaganden: Iterable[uuid.UUID]) -> None:
    """Throw the actor's own drafts of a kind about these deltaganden away. One query."""
    Utkast.objects.filter(slag=slag, deltagande__in=list(deltaganden)).delete()


def find_draft(pk: uuid.UUID) -> Draft:
    """The actor's own draft of that id. Raises NoSuchDraft."""
    row = Utkast.objects.filter(pk=pk).first()
    if row is None:
        raise NoSuchDraft
    return _opened(row)


def draft_url(draft: Draft) -> str:
    """Where the draft is taken up again."""
    return _kinds[draft.place.slag].url(draft.place)


def my_drafts(insats: int | None = None) -> list[DraftRow]:
    """The actor's own drafts in the insatser of the uppdrag that hold today, newest first; of one insats when given."""
    rows = Utkast.objects.select_related("insats")
    if insats is not None:
        rows = rows.filter(insats=insats)
    return [
        DraftRow(
            row.pk, row.slag, row.get_slag_display(), row.insats, row.deltagande_id, row.steg, row.skapad,
            row.andrad, _kinds[row.slag].url(_place(row)), _together(row), _kinds[row.slag].pages.get(row.steg, ""),
        )
        for row in rows.order_by("-andrad")
        if row.slag in _kinds
    ]  # fmt: skip


def drafts_about(slag: str, insats: int) -> list[Draft]:
    """The actor's own drafts of a kind that are about deltaganden of an insats. One query."""
    rows = Utkast.objects.filter(slag=slag, insats=insats, deltagande__isnull=False)
    return [_opened(row) for row in rows.order_by("skapad", "pk")]


def remove_old_drafts() -> int:
    """Remove drafts that nobody has touched for the days of the setting; returns how many.

    For a scheduled job under the system account; raises AccessRefused for everybody else.
    """
    if not require_actor().system:
        raise AccessRefused("Det här görs av systemet varje dag. Kontakta den som driver systemet.")
    limit = timezone.now() - dt.timedelta(days=settings.DRAFT_DAYS)
    return Utkast.unscoped.filter(andrad__lt=limit).delete()[0]


def remove_drafts_about(deltaganden: Iterable[uuid.UUID], *, by_number: bool) -> None:
    """Remove everybody's drafts of these deltaganden, for rules that remove an identity.

    by_number: also those that somebody has begun, anywhere, with a number that the persons have or had.
    """
    ids = list(deltaganden)
    about = Q(deltagande__in=ids)
    if by_number:
        hashes = Nummerhash.unscoped.filter(person__identiteter__deltagande__in=ids).values_list(
            "hash", flat=True
        )
        about |= Q(nummerhash__in=list(hashes))
    Utkast.unscoped.filter(about).delete()


# --- The row ---------------------------------------------------------------------------------------------------------


def _own(place: Place, *, lock: bool) -> Utkast | None:
    rows = Utkast.objects.select_for_update(of=("self",)) if lock else Utkast.objects.all()
    if place.deltagande is not None:
        return rows.filter(slag=place.slag, deltagande=place.deltagande).first()
    mine = rows.filter(pk=place.pk)
    row = mine.first()
    if row is None:
        if not Utkast.unscoped.filter(pk=place.pk).exists():
            return None
        # Somebody else's; or the own, begun in another request between the two looks.
        row = mine.first()
        if row is None:
            raise NoSuchDraft
    if (row.slag, row.insats_id) != (place.slag, place.insats):
        raise NoSuchDraft
    return row


def _may_begin(place: Place, *, typing: bool) -> None:
    """Raise AccessRefused, NoSuchDraft or NotKept where no draft is to be begun."""
    actor = require_actor()
    if actor.roll != Roll.DELTAGARANSVARIG or not Insats.objects.filter(pk=place.insats).exists():
        raise AccessRefused(
            "Du kan inte registrera deltagare i insatsen. Kontakta den som ger uppdrag i förbundet."
        )
    if place.deltagande is None:
        saved = Deltagande.unscoped.filter(pk=place.pk).exists()
    else:
        found = Deltagande.objects.filter(pk=place.deltagande, insats=place.insats).first()
        if found is None:
            raise NoSuchDraft
        saved = place.slag == Utkast.Slag.REGISTER_OUT and found.aktuell_ut_id is not None
    if saved and (typing or place.deltagande is None):
        raise NotKept


def _says_something(answers: Answers, preset: Answers) -> bool:
    return any(few != preset.get(name) and any(one.strip() for one in few) for name, few in answers.items())


def _new(place: Place) -> Utkast:
    """An unsaved row."""
    return Utkast(
        id=place.pk or uuid.uuid4(), user=require_actor().user, slag=place.slag, insats_id=place.insats,
        deltagande_id=place.deltagande, skapad=timezone.now(), nr=0,
    )  # fmt: skip


def _place(row: Utkast) -> Place:
    return Place(row.slag, row.insats_id, row.deltagande_id, None if row.deltagande_id else row.pk)


def _together(row: Utkast) -> str:
    """Opens only what can belong to others."""
    kind = _kinds[row.slag]
    return "" if kind.together is _alone else kind.together(_place(row), _content(row)["steps"])


def _opened(row: Utkast) -> Draft:
    return Draft(row.pk, _place(row), row.steg, row.nr, row.andrad, _content(row)["steps"])


@sensitive_variables()
def _content(row: Utkast) -> dict[str, Any]:
    """{"steps": the answers by step, "window": the page that saved last}."""
    content: dict[str, Any] = json.loads(open_text(row, "innehall_krypterat"))
    return content


@sensitive_variables()
def _seal(row: Utkast, steps: Steps, window: str) -> None:
    text = json.dumps({"steps": steps, "window": window}, ensure_ascii=False)
    if len(text) > LONGEST:
        raise NotKept
    digits = _kinds[row.slag].number(steps)
    seal_text(row, "innehall_krypterat", text)
    if digits is None:
        row.nummerhash = None
    elif digits:
        row.nummerhash = encryption.keyed_hash(digits)
