"""Who owned an insats when: a merger passes open insatser to the successor (DOMAIN §3)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from ..models import Forbund, Insats, InsatsAgande

ONE_DAY = dt.timedelta(days=1)

Agande = tuple[int, dt.date, dt.date | None]


class Ends(Protocol):
    """A förbund, as far as its end matters here."""

    @property
    def slutdatum(self) -> dt.date | None: ...


K = TypeVar("K", bound=Hashable)
F = TypeVar("F", bound=Ends)


def succession(
    first: K, slut: dt.date | None, forbund: Mapping[K, F], successor: Callable[[F], K | None]
) -> Iterator[tuple[K, dt.date | None]]:
    """(förbund, its last day) of each that an insats passes through, first to last; None of the one where it stays.

    It begins at `first`, which made it; if that goes up in another while the insats is open, it passes on, and so on.
    An insats that ended before its förbund did (slut) stays where it was. successor: what a förbund went up in. One
    that is not in `forbund`, or that it has been in already, takes nothing over.
    """
    key, seen = first, {first}
    while True:
        ended, following = forbund[key].slutdatum, successor(forbund[key])
        open_then = ended is not None and (slut is None or slut > ended)
        if not open_then or following is None or following in seen or following not in forbund:
            yield key, None
            return
        yield key, ended
        seen.add(following)
        key = following


def owners(insats: Insats, forbund: dict[int, Forbund]) -> Iterator[Agande]:
    """(förbund pk, from, to or None) of an insats, first to last.

    By `succession`, to the successor from the day after. One that it only passes through, since it had ended before
    the insats came to it or began, owned it on no day and is left out.
    """
    fran = insats.startdatum
    passed = succession(insats.forbund_id, insats.slutdatum, forbund, lambda one: one.uppgatt_i_id)
    for owner, till in passed:
        if till is None or till >= fran:
            yield owner, fran, till
        if till is not None:
            fran = max(fran, till + ONE_DAY)


def owner_on(day: dt.date, now: K, earlier: Iterable[tuple[K, dt.date]]) -> K:
    """Whose an insats was on a day. now: whose it is. earlier: whose it was, each with its last day, in order."""
    return next((owner for owner, last in earlier if day <= last), now)


def by_insats(
    rows: Iterable[tuple[int, K, dt.date | None]],
) -> tuple[dict[int, K], dict[int, list[tuple[K, dt.date]]]]:
    """`now` and `earlier` of `owner_on`, by insats. rows: (insats, förbund, till) of `InsatsAgande`, by first day."""
    now: dict[int, K] = {}
    earlier: dict[int, list[tuple[K, dt.date]]] = defaultdict(list)
    for insats, owner, till in rows:
        if till is None:
            now[insats] = owner
        else:
            earlier[insats].append((owner, till))
    return now, earlier


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
