"""What the questions of registering in are asked from: versions of the form, languages, kommuner and stadsdelar."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from finsam_site.swedish import by_name
from finsam_site.ui.formats import sort_key

from ..models import IMPORTED_FORM, ForbundKommun, Insats, Kommun, Samtyckesformular, Stadsdel
from ..rules.samtycke import LANGUAGES
from .sysselsattning_codes import Codes


class Basis:
    """What the questions are asked from, read when a step needs it."""

    def __init__(self, insats: Insats, *, day: dt.date | None = None) -> None:
        """day: the choices of the lists are the values that hold then, too, and not only today."""
        self.insats = insats
        self.codes = Codes()
        self.today = timezone.localdate()
        self.day = day or self.today

    @cached_property
    def formular(self) -> list[Samtyckesformular]:
        """The versions that a paper may be signed on, the newest that holds today first."""
        found = Samtyckesformular.objects.filter(giltig_fran__lte=self.today).exclude(version=IMPORTED_FORM)
        return sorted(
            found,
            key=lambda one: (
                one.giltig_till is None or one.giltig_till >= self.today,
                one.giltig_fran,
                one.version,
            ),
            reverse=True,
        )

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """The languages that some version has a reading aid in, Swedish first."""
        codes = {kod.strip() for one in self.formular for kod in one.sprak.split(",") if kod.strip()} | {"sv"}
        named = [(kod, LANGUAGES.get(kod, kod)) for kod in codes]
        return sorted(named, key=lambda one: (one[0] != "sv", sort_key(one[1])))

    @cached_property
    def kommuner(self) -> dict[str, str]:
        return dict(Kommun.objects.values_list("kod", "namn"))

    @cached_property
    def own_kommuner(self) -> set[str]:
        """The kommuner of the förbund that owns the insats now, or made it."""
        return set(
            ForbundKommun.objects.filter(
                Q(forbund__agda__insats=self.insats, forbund__agda__till__isnull=True),
                Q(till__isnull=True) | Q(till__gte=self.today),
            ).values_list("kommun_id", flat=True)
        )

    @cached_property
    def kommun_choices(self) -> list[Any]:
        """A list with the förbund's own kommuner first."""

        def named(koder: set[str]) -> list[tuple[str, str]]:
            few = ((kod, self.kommuner[kod]) for kod in koder if kod in self.kommuner)
            return sorted(few, key=lambda one: sort_key(one[1]))

        own = named(self.own_kommuner)
        groups = [("Förbundets kommuner", own)] if own else []
        return [
            ("", "Välj kommun"),
            *groups,
            ("Övriga kommuner", named(set(self.kommuner) - self.own_kommuner)),
        ]

    @cached_property
    def stadsdelar(self) -> dict[str, list[tuple[str, str]]]:
        """Kommun → its stadsdelar today. Only Stockholm and Göteborg have any."""
        found: dict[str, list[tuple[str, str]]] = {}
        rows = Stadsdel.objects.filter(
            Q(giltig_till__isnull=True) | Q(giltig_till__gte=self.today), giltig_fran__lte=self.today
        )
        for kommun, namn in rows.order_by(by_name()).values_list("kommun_id", "namn"):
            found.setdefault(kommun, []).append((namn, namn))
        return found

    @cached_property
    def stadsdel_choices(self) -> list[Any]:
        """A list of all stadsdelar, under their kommuner."""
        kommuner = sorted(self.stadsdelar, key=lambda kod: sort_key(self.kommuner[kod]))
        return [("", "Välj stadsdel"), *((self.kommuner[kod], self.stadsdelar[kod]) for kod in kommuner)]

    def names_behovsgrupp(self, version: str) -> bool:
        """Whether that version of the form says that behovsgrupp is registered (DOMAIN §3)."""
        return any(one.namner_behovsgrupp for one in self.formular if one.version == version)
