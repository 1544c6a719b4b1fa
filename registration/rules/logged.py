"""Corrections of what is kept nowhere (names): the access log alone tells of them (DOMAIN §5)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from finsam_site.access.models import Atkomst, Handling, Resultat


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """When something was corrected, by whom, and what the log says of it after its purpose."""

    when: dt.datetime
    user: int
    who: str
    told: str


def logged_changes(objekt: str, pk: uuid.UUID, purpose: str) -> list[LoggedChange]:
    """The corrections of an object, oldest first. purpose: how that of such a row of the log begins."""
    rows = Atkomst.objects.filter(
        objekt=objekt, objekt_id=str(pk), syfte__startswith=purpose, handling=Handling.ANDRAT,
        resultat=Resultat.UTFORT,
    )  # fmt: skip
    return [
        LoggedChange(one.tid, one.user_id, one.user.namn, one.syfte.removeprefix(purpose))
        for one in rows.select_related("user").order_by("tid", "pk")
    ]
