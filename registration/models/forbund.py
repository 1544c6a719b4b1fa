"""Samordningsförbund: their area, their successors and their money (DOMAIN §3)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from finsam_site.swedish import by_name

from ..scope import OpenManager, ScopedManager, UnscopedManager
from .constraints import never_negative
from .kodlistor import Kommun, Lan, Stadsdel


class Forbund(models.Model):
    """A samordningsförbund (lag 2003:1210). `forbund_id` is its public code in files and tables."""

    forbund_id = models.CharField(max_length=40, unique=True)
    namn = models.CharField(max_length=200)
    organisationsnummer = models.CharField(max_length=13, blank=True)
    beskrivning = models.TextField(blank=True)
    kontakt = models.TextField(blank=True)
    startdatum = models.DateField()
    slutdatum = models.DateField(null=True, blank=True)
    uppgatt_i = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="upptagna"
    )

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "samordningsförbund"
        verbose_name_plural = "samordningsförbund"
        ordering = [by_name()]
        constraints = [
            models.CheckConstraint(
                condition=Q(slutdatum__isnull=True) | Q(slutdatum__gte=F("startdatum")), name="forbund_period"
            ),
            models.CheckConstraint(
                condition=Q(uppgatt_i__isnull=True) | (Q(slutdatum__isnull=False) & ~Q(uppgatt_i=F("id"))),
                name="forbund_uppgatt_har_slut",
            ),
        ]

    def __str__(self) -> str:
        return self.namn


class ForbundKommun(models.Model):
    """A kommun's (or stadsdel's) membership of a förbund, from a day to a day. Several förbund at once is allowed."""

    forbund = models.ForeignKey(Forbund, on_delete=models.CASCADE, related_name="kommuner")
    kommun = models.ForeignKey(Kommun, on_delete=models.PROTECT, related_name="medlemskap")
    stadsdel = models.ForeignKey(Stadsdel, on_delete=models.PROTECT, null=True, blank=True)
    fran = models.DateField()
    till = models.DateField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "medlemskommun"
        verbose_name_plural = "medlemskommuner"
        constraints = [
            models.UniqueConstraint(
                fields=["forbund", "kommun", "stadsdel", "fran"], name="forbundkommun_unik"
            ),
            models.UniqueConstraint(
                fields=["forbund", "kommun", "fran"],
                condition=Q(stadsdel__isnull=True),
                name="forbundkommun_unik_utan_stadsdel",
            ),
            models.CheckConstraint(
                condition=Q(till__isnull=True) | Q(till__gte=F("fran")), name="forbundkommun_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kommun} i {self.forbund}"


class ForbundRegion(models.Model):
    """A region's membership of a förbund. A region is named by its län."""

    forbund = models.ForeignKey(Forbund, on_delete=models.CASCADE, related_name="regioner")
    lan = models.ForeignKey(Lan, on_delete=models.PROTECT, related_name="+")
    fran = models.DateField()
    till = models.DateField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "medlemsregion"
        verbose_name_plural = "medlemsregioner"
        constraints = [
            models.UniqueConstraint(fields=["forbund", "lan", "fran"], name="forbundregion_unik"),
            models.CheckConstraint(
                condition=Q(till__isnull=True) | Q(till__gte=F("fran")), name="forbundregion_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lan} i {self.forbund}"


class ForbundAr(models.Model):
    """Money of a förbund in a year: one row per finansiär (money in) or kostnadstyp (administration). Whole kronor."""

    forbund = models.ForeignKey(Forbund, on_delete=models.CASCADE, related_name="ar")
    ar = models.PositiveSmallIntegerField("år")
    post = models.CharField(max_length=40, help_text="en finansiär eller en kostnadstyp")
    budget = models.BigIntegerField(null=True, blank=True)
    utfall = models.BigIntegerField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "förbundets år"
        verbose_name_plural = "förbundets år"
        constraints = [
            models.UniqueConstraint(fields=["forbund", "ar", "post"], name="forbundar_unik"),
            never_negative("forbundar_ej_negativt", "budget", "utfall"),
        ]

    def __str__(self) -> str:
        return f"{self.forbund} {self.ar} {self.post}"
