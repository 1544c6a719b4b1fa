"""Who owned an insats when: a merger passes open insatser to the successor (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from ..models import Forbund, Insats, InsatsAgande

ONE_DAY = dt.timedelta(days=1)

Agande = tuple[int, dt.date, dt.date | None]


def owners(insats: Insats, forbund: dict[int, Forbund]) -> Iterator[Agande]:
    """(förbund pk, from, to or None) of an insats, first to last.

    It belongs to the förbund that made it; if that went up in another while the insats was open, to the
    successor from the day after, and so on. An insats that ended before its förbund did stays where it was.
    """
    owner, fran = forbund[insats.forbund_id], insats.startdatum
    seen = {owner.pk}
    while (
        owner.uppgatt_i_id is not None
        and owner.uppgatt_i_id not in seen
        and owner.slutdatum is not None
        and (insats.slutdatum is None or insats.slutdatum > owner.slutdatum)
    ):
        if owner.slutdatum >= fran:
            yield owner.pk, fran, owner.slutdatum
            fran = owner.slutdatum + ONE_DAY
        owner = forbund[owner.uppgatt_i_id]
        seen.add(owner.pk)
    yield owner.pk, fran, None


def sync_ownership() -> None:
    """Make `InsatsAgande` say what förbund, successors and insatser say now. Writes only what differs."""
    forbund = {one.pk: one for one in Forbund.unscoped.all()}
    stored: dict[int, list[Agande]] = {}
    for insats, owner, fran, till in InsatsAgande.objects.order_by("insats", "fran").values_list(
        "insats_id", "forbund_id", "fran", "till"
    ):
        stored.setdefault(insats, []).append((owner, fran, till))
    changed: list[int] = []
    rows: list[InsatsAgande] = []
    for one in Insats.unscoped.iterator():
        wanted = list(owners(one, forbund))
        if stored.get(one.pk, []) != wanted:
            changed.append(one.pk)
            rows += [
                InsatsAgande(insats=one, forbund_id=owner, fran=fran, till=till)
                for owner, fran, till in wanted
            ]
    InsatsAgande.objects.filter(insats__in=changed).delete()
    InsatsAgande.objects.bulk_create(rows)
