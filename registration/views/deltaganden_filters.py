"""What a list of deltagare shows and in which order: chosen in the address, kept in the session until it is cleared.

A link from elsewhere ("9 utregistreringar saknas") is a `narrowed_url`: the list shows those, and on the way back from
one of them still does, but the next visit by the menu shows what the user chose before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from finsam_site.swedish import by_name
from finsam_site.ui.components import Link

from ..forms.list_filters import ListFilters
from ..models import Identitet, Insats
from ..rules.find import BOUND, NEWEST, in_name_order, in_order

STATUS = {"": "Alla", "pagar": "Pågår", "avslutade": "Utregistrerade"}
"""Who is registered out may have the last day to come."""
CLEAR = "rensa"
PASSING = "tillfalligt"
"""In the address: a link chose it, not the user. The links of the list itself say it on; its form does not."""
_KEPT = "deltaganden_val"
"""Session key: address of a list → what was chosen there. Nothing of it is about a person."""
_SHOWN = "deltaganden_visat"
"""Session key: the same of lists that show what a link chose, as long as nothing else has been shown there."""
_ONGOING = ExpressionWrapper(Q(deltagande__aktuell_ut__isnull=True), output_field=BooleanField())
_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "start": ("startdatum", "registrerad_dag"),
    "status": (_ONGOING.desc(),),
    "insats": (by_name("insats__namn"),),
}
_USUAL = "-start"


def narrowed_url(name: str, *args: object, **chosen: str) -> str:
    """The address of a list that shows just those whom the user was told of; it is not kept as the user's choice."""
    return f"{reverse(f'registration:{name}', args=args)}?{urlencode({**chosen, PASSING: '1'})}"


def list_url(request: HttpRequest, insats: int) -> str:
    """Back to the list of an insats as it was."""
    here = reverse("registration:deltaganden", args=[insats])
    shown = request.session.get(_SHOWN, {}).get(here)
    return f"{here}?{urlencode(shown)}" if shown else here


class Selection:
    """What is chosen for the list at `here`, of `insatser`; what the user chose is kept for the next visit.

    form: bound, with its errors; while there are any, nothing in it narrows the list and nothing is kept. chosen: in
    words, empty when nothing is.
    """

    def __init__(self, request: HttpRequest, here: str, insatser: Sequence[Insats]) -> None:
        kept: dict[str, dict[str, str]] = request.session.get(_KEPT, {})
        said: Mapping[str, Any] = request.GET
        again = not any(name in said for name in (*ListFilters.base_fields, "status", "ordning", CLEAR))
        if again:
            said = kept.get(here, {})
        self.here = here
        self.passing = PASSING in said
        self.form = ListFilters(said, insatser=insatser)
        if again and self.form.errors:
            # What was kept can be chosen no longer: an insats that has been taken away.
            said = {key: said[key] for key in said if key not in self.form.errors}
            self.form = ListFilters(said, insatser=insatser)
        self.right = self.form.is_valid()
        status, order = str(said.get("status", "")), str(said.get("ordning", ""))
        self.status = status if status in STATUS else ""
        self.order = order if order.removeprefix("-") in (*_ORDERS, "namn") else _USUAL
        self.query = self.form.query() if self.right else {}
        if self.status:
            self.query["status"] = self.status
        if self.order != _USUAL:
            self.query["ordning"] = self.order
        if self.right and not self.passing and kept.get(here, {}) != self.query:
            request.session[_KEPT] = {**kept, here: self.query}
        if self.passing:
            self.query[PASSING] = "1"
        shown: dict[str, dict[str, str]] = request.session.get(_SHOWN, {})
        now = self.query if self.passing else None
        if shown.get(here) != now:
            others = {key: value for key, value in shown.items() if key != here}
            request.session[_SHOWN] = {**others, here: now} if now else others

    @property
    def chosen(self) -> list[str]:
        words = self.form.in_words() if self.right else []
        return [*([STATUS[self.status].lower()] if self.status else []), *words]

    @property
    def folded(self) -> bool:
        """Whether the form can stand folded: nothing in it is wrong."""
        return self.right

    @property
    def status_links(self) -> list[Link]:
        return [
            Link(label, self._url(status=key), current=key == self.status) for key, label in STATUS.items()
        ]

    @property
    def carried(self) -> dict[str, str]:
        """What the form of filters takes along besides its own fields. What is sent by it is the user's choice."""
        return {
            key: value for key, value in self.query.items() if key not in self.form.fields and key != PASSING
        }

    @property
    def clear_url(self) -> str:
        return f"{self.here}?{CLEAR}=1"

    def page(self, found: QuerySet[Identitet], number: str | None, per_page: int) -> tuple[Page[Any], bool]:
        """The page of `found` that is asked for, and whether the list can be had in the order of names.

        Names are encrypted and sorted in memory, so that a list of more than `BOUND` people cannot.
        """
        if self.right:
            found = found.filter(self.form.where())
        if self.status:
            found = found.filter(deltagande__aktuell_ut__isnull=self.status == "pagar")
        backwards, by = self.order.startswith("-"), self.order.removeprefix("-")
        rows = found.order_by(*_ORDERS.get(by, ()), *NEWEST)
        if by == "start":
            rows = found.order_by(*(NEWEST if backwards else ("startdatum", "registrerad_dag", "pk")))
        elif backwards:
            rows = rows.reverse() if by == "insats" else found.order_by(_ONGOING.asc(), *NEWEST)
        paginator = Paginator(rows, per_page)
        sortable = paginator.count <= BOUND
        if by != "namn" or not sortable:
            return paginator.get_page(number), sortable
        ordered = in_name_order(found)
        page: Page[Any] = Paginator(ordered[::-1] if backwards else ordered, per_page).get_page(number)
        page.object_list = in_order(found, page.object_list)
        return page, sortable

    def sorting(self, *, by_name: bool) -> dict[str, dict[str, str]]:
        """Column → where its header leads, and how the list is sorted by it now."""
        found = {}
        backwards, by = self.order.startswith("-"), self.order.removeprefix("-")
        for key in (*(["namn"] if by_name else []), *_ORDERS):
            now = ("descending" if backwards else "ascending") if key == by else ""
            other = f"-{key}" if now == "ascending" or (key == "start" and not now) else key
            found[key] = {"sort_url": self._url(ordning=other), "sorted": now}
        return found

    def _url(self, **changed: str) -> str:
        return f"{self.here}?{urlencode({**self.query, **changed})}"
