"""Insatser, who owned them when, and their money and plans (DOMAIN §3)."""

from __future__ import annotations

from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Q

from finsam_site.swedish import by_name

from ..scope import OpenManager, ScopedManager, UnscopedManager
from .constraints import DateRange, PostgresExclusionConstraint, never_negative
from .forbund import Forbund
from .insats_takes import InsatsTakes


class Insats(InsatsTakes, models.Model):
    """What a förbund pays for. `insats_id` is its public code in files and tables.

    `forbund` is the one that made it, within which its name is unique. Who owned it when, and who owns it
    now, stands in `InsatsAgande`: scope and every yearly figure read that.
    """

    insats_id = models.CharField(max_length=40, unique=True)
    forbund = models.ForeignKey(Forbund, on_delete=models.PROTECT, related_name="insatser")
    namn = models.CharField(max_length=200)
    beskrivning = models.TextField(blank=True)
    inriktning = models.CharField(max_length=40)
    preciserad_inriktning = models.CharField(max_length=40)
    registreringssatt = models.CharField("registreringssätt", max_length=40)
    startdatum = models.DateField()
    slutdatum = models.DateField(null=True, blank=True)
    esf = models.BooleanField("ESF-finansierad", default=False)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "insats"
        verbose_name_plural = "insatser"
        ordering = [by_name()]
        constraints = [
            models.UniqueConstraint(fields=["forbund", "namn"], name="insats_namn_unikt_i_forbund"),
            models.CheckConstraint(
                condition=Q(slutdatum__isnull=True) | Q(slutdatum__gte=F("startdatum")), name="insats_period"
            ),
            models.CheckConstraint(
                condition=~Q(inriktning="struktur") | Q(registreringssatt="volym"),
                name="insats_struktur_ar_volym",
            ),
        ]

    def __str__(self) -> str:
        return self.namn


class InsatsAgande(models.Model):
    """The förbund that owned an insats from a day to a day, both included; a merger adds a row (DOMAIN §3)."""

    insats = models.ForeignKey(Insats, on_delete=models.CASCADE, related_name="agande")
    forbund = models.ForeignKey(Forbund, on_delete=models.PROTECT, related_name="agda")
    fran = models.DateField()
    till = models.DateField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "ägande"
        verbose_name_plural = "ägande"
        constraints = [
            models.UniqueConstraint(fields=["insats", "fran"], name="insatsagande_unikt"),
            models.UniqueConstraint(
                fields=["insats"], condition=Q(till__isnull=True), name="insatsagande_en_nu"
            ),
            models.CheckConstraint(
                condition=Q(till__isnull=True) | Q(till__gte=F("fran")), name="insatsagande_period"
            ),
            PostgresExclusionConstraint(
                name="insatsagande_overlappar_inte",
                expressions=[
                    ("insats", RangeOperators.EQUAL),
                    (DateRange("fran", "till"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.insats} ägs av {self.forbund}"


class InsatsBehovsgrupp(models.Model):
    """A behovsgrupp that an insats is meant for."""

    insats = models.ForeignKey(Insats, on_delete=models.CASCADE, related_name="behovsgrupper")
    kod = models.CharField(max_length=40)

    objects = OpenManager()

    class Meta:
        verbose_name = "insatsens behovsgrupp"
        verbose_name_plural = "insatsens behovsgrupper"
        constraints = [models.UniqueConstraint(fields=["insats", "kod"], name="insatsbehovsgrupp_unik")]

    def __str__(self) -> str:
        return self.kod


class InsatsPart(models.Model):
    """A party that takes part in an insats."""

    insats = models.ForeignKey(Insats, on_delete=models.CASCADE, related_name="parter")
    kod = models.CharField(max_length=40)

    objects = OpenManager()

    class Meta:
        verbose_name = "medverkande part"
        verbose_name_plural = "medverkande parter"
        constraints = [models.UniqueConstraint(fields=["insats", "kod"], name="insatspart_unik")]

    def __str__(self) -> str:
        return self.kod


class InsatsAr(models.Model):
    """An insats in a year: planned number of deltagare, budget and outcome in whole kronor, ESF's part apart."""

    insats = models.ForeignKey(Insats, on_delete=models.CASCADE, related_name="ar")
    ar = models.PositiveSmallIntegerField("år")
    planerat_antal = models.PositiveIntegerField(null=True, blank=True)
    budget = models.BigIntegerField(null=True, blank=True)
    utfall = models.BigIntegerField(null=True, blank=True)
    budget_esf = models.BigIntegerField(null=True, blank=True)
    utfall_esf = models.BigIntegerField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "insatsens år"
        verbose_name_plural = "insatsens år"
        constraints = [
            models.UniqueConstraint(fields=["insats", "ar"], name="insatsar_unik"),
            never_negative("insatsar_ej_negativt", "budget", "utfall", "budget_esf", "utfall_esf"),
        ]

    def __str__(self) -> str:
        return f"{self.insats} {self.ar}"
