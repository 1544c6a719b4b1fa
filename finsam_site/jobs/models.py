"""The row of a job, and its pulse.

They are two tables because they change at different paces. The token of a lease changes when somebody takes the job, so
a long transaction with one snapshot can still publish into the row; the pulse changes every few seconds.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Tillstand(models.TextChoices):
    """Where a job stands. The last three are ends."""

    VANTAR = "vantar", "väntar"
    PAGAR = "pagar", "pågår"
    KLAR = "klar", "klart"
    MISSLYCKAD = "misslyckad", "misslyckades"
    AVBRUTEN = "avbruten", "avbrutet"


OPEN = (Tillstand.VANTAR, Tillstand.PAGAR)
ENDED = (Tillstand.KLAR, Tillstand.MISSLYCKAD, Tillstand.AVBRUTEN)


class Jobb(models.Model):
    """One piece of long work. Holds ids and sentences, never personal data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slag = models.CharField("slag", max_length=40)
    argument = models.JSONField("argument", default=dict)
    skapad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobb")
    # Not a foreign key: uppdrag belong to `registration`, which this app does not know.
    uppdrag = models.BigIntegerField(null=True, blank=True)

    tillstand = models.CharField("tillstånd", max_length=10, choices=Tillstand, default=Tillstand.VANTAR)
    token = models.UUIDField("den som har jobbet", null=True, blank=True, editable=False)
    forsok = models.PositiveSmallIntegerField("försök", default=0)
    avbryt_begard = models.DateTimeField("avbrott begärt", null=True, blank=True)

    # Progress as it stood at the end; while the job runs it is in the cache.
    gjort = models.PositiveIntegerField("gjort", default=0)
    av = models.PositiveIntegerField("av", null=True, blank=True)
    steg = models.CharField("steg", max_length=200, blank=True)

    resultat = models.JSONField("resultat", null=True, blank=True)
    fel = models.TextField("fel", blank=True)

    skapad = models.DateTimeField("skapat", auto_now_add=True)
    knuffad = models.DateTimeField("senast anmält till kön", null=True, blank=True)
    paborjad = models.DateTimeField("påbörjat", null=True, blank=True)
    avslutad = models.DateTimeField("avslutat", null=True, blank=True)

    class Meta:
        verbose_name = "jobb"
        verbose_name_plural = "jobb"
        ordering = ["-skapad"]
        constraints = [
            models.CheckConstraint(condition=Q(tillstand__in=Tillstand.values), name="jobb_tillstand"),
            models.CheckConstraint(
                condition=Q(tillstand=Tillstand.PAGAR, token__isnull=False)
                | (~Q(tillstand=Tillstand.PAGAR) & Q(token__isnull=True)),
                name="jobb_token_medan_det_pagar",
            ),
            models.CheckConstraint(
                condition=Q(tillstand__in=ENDED, avslutad__isnull=False)
                | Q(tillstand__in=OPEN, avslutad__isnull=True),
                name="jobb_avslutat_nar_slut",
            ),
            models.CheckConstraint(
                condition=Q(tillstand=Tillstand.KLAR, resultat__isnull=False)
                | (~Q(tillstand=Tillstand.KLAR) & Q(resultat__isnull=True)),
                name="jobb_resultat_nar_klart",
            ),
            models.CheckConstraint(
                condition=(Q(tillstand=Tillstand.MISSLYCKAD) & ~Q(fel=""))
                | (~Q(tillstand=Tillstand.MISSLYCKAD) & Q(fel="")),
                name="jobb_fel_nar_misslyckat",
            ),
            models.CheckConstraint(
                condition=Q(tillstand=Tillstand.VANTAR)
                | Q(tillstand=Tillstand.AVBRUTEN)
                | Q(paborjad__isnull=False),
                name="jobb_paborjat",
            ),
            models.CheckConstraint(
                condition=Q(av__isnull=True) | Q(gjort__lte=F("av")), name="jobb_gjort_av"
            ),
        ]
        indexes = [
            models.Index(fields=["skapad"], condition=Q(tillstand__in=OPEN), name="jobb_oppna"),
            models.Index(fields=["skapad_av", "-skapad"], name="jobb_mina"),
        ]

    def __str__(self) -> str:
        return f"{self.slag} {self.id} ({self.get_tillstand_display()})"

    @property
    def titel(self) -> str:
        """What the user calls it, for example ”Uttag 2024”."""
        from .registry import title_of

        return title_of(self.slag, self.argument)

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.tillstand in ENDED

    @property
    def result_ids(self) -> dict[str, Any]:
        """The result reference, empty until the job is klar."""
        return dict(self.resultat or {})


class JobbPuls(models.Model):
    """The last sign of life of whoever has a job. Renewed by heartbeat under its token."""

    jobb = models.OneToOneField(Jobb, on_delete=models.CASCADE, primary_key=True, related_name="puls")
    token = models.UUIDField()
    lever_till = models.DateTimeField("gäller till")
    slag = models.DateTimeField("senaste slag")

    class Meta:
        verbose_name = "puls"
        verbose_name_plural = "pulsar"

    def __str__(self) -> str:
        return f"puls {self.jobb_id}"
