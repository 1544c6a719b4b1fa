"""A förbund's own supplementary questions and their answers (DOMAIN §3)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from finsam_site.access.sealed_columns import sealed

from ..scope import OpenManager, ScopedManager, UnscopedManager
from .constraints import CopiedFrom
from .deltagande import Deltagande
from .forbund import Forbund
from .insats import Insats


class Fraga(models.Model):
    """A question that a förbund asks at the start or the end, in its own words, dated."""

    class Tillfalle(models.TextChoices):
        IN = "in", "vid start"
        UT = "ut", "vid slut"

    class Svarstyp(models.TextChoices):
        JA_NEJ = "ja_nej", "ja eller nej"
        VAL = "val", "ett av flera svar"
        TEXT = "text", "fritext"
        TAL = "tal", "ett tal"

    forbund = models.ForeignKey(Forbund, on_delete=models.PROTECT, related_name="fragor")
    text = models.CharField("fråga", max_length=300)
    tillfalle = models.CharField("tillfälle", max_length=2, choices=Tillfalle)
    svarstyp = models.CharField(max_length=10, choices=Svarstyp)
    svarsalternativ = models.TextField(blank=True, help_text="ett per rad")
    ordning = models.PositiveSmallIntegerField(default=0)
    giltig_fran = models.DateField()
    giltig_till = models.DateField(null=True, blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "kompletterande fråga"
        verbose_name_plural = "kompletterande frågor"
        ordering = ["forbund", "tillfalle", "ordning"]
        constraints = [
            models.CheckConstraint(
                condition=Q(giltig_till__isnull=True) | Q(giltig_till__gte=F("giltig_fran")),
                name="fraga_period",
            )
        ]

    def __str__(self) -> str:
        return self.text


@sealed(svar_krypterat="svar.svar:{deltagande_id}:{fraga_id}")
class Svar(models.Model):
    """An answer to a förbund's question: encrypted, since it may be free text, and gone with the identity."""

    fraga = models.ForeignKey(Fraga, on_delete=models.PROTECT, related_name="svar")
    deltagande = models.ForeignKey(Deltagande, on_delete=models.CASCADE, related_name="svar")
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+")
    svar_krypterat = models.BinaryField()
    besvarad = models.DateTimeField()

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "svar"
        verbose_name_plural = "svar"
        constraints = [
            models.UniqueConstraint(fields=["fraga", "deltagande"], name="svar_unikt"),
            CopiedFrom(
                name="svar_kopierar_deltagande",
                fields=["deltagande", "insats"],
                to_table="registration_deltagande",
                to_columns=["id", "insats_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"svar {self.pk}"
