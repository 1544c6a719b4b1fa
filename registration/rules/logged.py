"""Corrections of what has no versions (names, samtycken): the access log alone tells of them (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from finsam_site.access.models import Atkomst, Handling, Resultat


@dataclass(frozen=True, slots=True)
class InLog:
    """How the log tells of the corrections of an object: which it is, and how the purpose of such a row begins."""

    objekt: str
    pk: uuid.UUID
    purpose: str

    @property
    def rows(self) -> Q:
        """Its rows in the log."""
        return Q(objekt=self.objekt, objekt_id=str(self.pk), syfte__startswith=self.purpose)


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """What was corrected, when, by whom, and what the log says of it after its purpose."""

    objekt: str
    when: dt.datetime
    user: int
    who: str
    told: str


def logged_changes(*said: InLog) -> list[LoggedChange]:
    """The corrections of some objects of different kinds, oldest first; one look in the log for all of them."""
    purposes = {one.objekt: one.purpose for one in said}
    rows = Atkomst.objects.filter(
        reduce(or_, (one.rows for one in said)), handling=Handling.ANDRAT, resultat=Resultat.UTFORT
    )
    return [
        LoggedChange(
            one.objekt, one.tid, one.user_id, one.user.namn, one.syfte.removeprefix(purposes[one.objekt])
        )
        for one in rows.select_related("user").order_by("tid", "pk")
    ]
