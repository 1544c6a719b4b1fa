"""Anonyma and volym: counts without persons, in append-only versions (DOMAIN §3).

`nr` counts the versions of one insats and year; two colleagues who both write version n + 1 cannot both
succeed, which is the optimistic lock of "add one".
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finsam_site.access.guards import append_only

from ..scope import ScopedManager, UnscopedManager
from .insats import Insats


@append_only()
class Anonyma(models.Model):
    """How many women and men an insats had in a year who are not registered with personal data. Nothing else."""

    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="anonyma")
    ar = models.PositiveSmallIntegerField("år")
    nr = models.PositiveIntegerField()
    kvinnor = models.PositiveIntegerField()
    man = models.PositiveIntegerField("män")
    registrerad = models.DateTimeField("känd från")
    mottagen = models.DateTimeField("mottagen av systemet")
    registrerad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "anonyma deltagare"
        verbose_name_plural = "anonyma deltagare"
        ordering = ["insats", "ar", "nr"]
        constraints = [
            models.UniqueConstraint(fields=["insats", "ar", "nr"], name="anonyma_nr"),
            models.UniqueConstraint(fields=["insats", "ar", "registrerad"], name="anonyma_tid"),
            models.CheckConstraint(
                condition=Q(registrerad__lte=F("mottagen")), name="anonyma_ej_i_framtiden"
            ),
            models.CheckConstraint(condition=Q(kvinnor__gte=0, man__gte=0), name="anonyma_ej_negativa"),
        ]

    def __str__(self) -> str:
        return f"anonyma i {self.insats_id} {self.ar}, version {self.nr}"


@append_only()
class Volym(models.Model):
    """How many took part in a volyminsats in a year; women and men where known."""

    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="volym")
    ar = models.PositiveSmallIntegerField("år")
    nr = models.PositiveIntegerField()
    antal = models.PositiveIntegerField()
    kvinnor = models.PositiveIntegerField(null=True, blank=True)
    man = models.PositiveIntegerField("män", null=True, blank=True)
    registrerad = models.DateTimeField("känd från")
    mottagen = models.DateTimeField("mottagen av systemet")
    registrerad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "volym"
        verbose_name_plural = "volymer"
        ordering = ["insats", "ar", "nr"]
        constraints = [
            models.UniqueConstraint(fields=["insats", "ar", "nr"], name="volym_nr"),
            models.UniqueConstraint(fields=["insats", "ar", "registrerad"], name="volym_tid"),
            models.CheckConstraint(condition=Q(registrerad__lte=F("mottagen")), name="volym_ej_i_framtiden"),
            models.CheckConstraint(
                condition=Q(antal__gte=0)
                & (Q(kvinnor__isnull=True) | Q(kvinnor__gte=0, kvinnor__lte=F("antal")))
                & (Q(man__isnull=True) | Q(man__gte=0, man__lte=F("antal")))
                & (Q(kvinnor__isnull=True) | Q(man__isnull=True) | Q(antal__gte=F("kvinnor") + F("man"))),
                name="volym_kon_ryms_i_antal",
            ),
        ]

    def __str__(self) -> str:
        return f"volym i {self.insats_id} {self.ar}, version {self.nr}"
