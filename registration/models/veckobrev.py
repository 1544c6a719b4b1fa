"""Veckobrev: the weekly mail to one user, so that it is sent once (`registration/digest.py`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ..scope import OpenManager


class Veckobrev(models.Model):
    """One user and week: whoever makes the row, or takes over a failed one, is the one to send."""

    class Tillstand(models.TextChoices):
        PABORJAT = "paborjat", "påbörjat"
        SKICKAT = "skickat", "skickat"
        INGET = "inget", "inget att berätta"
        MISSLYCKAT = "misslyckat", "misslyckat, försöks igen"
        OVISST = "ovisst", "ovisst om det kom fram, skickas inte igen"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    vecka = models.DateField("veckans måndag")
    tillstand = models.CharField("tillstånd", max_length=20, choices=Tillstand, default=Tillstand.PABORJAT)
    forsok = models.PositiveSmallIntegerField("försök", default=1)
    andrat = models.DateTimeField("ändrat")

    objects = OpenManager()

    class Meta:
        verbose_name = "veckobrev"
        verbose_name_plural = "veckobrev"
        constraints = [models.UniqueConstraint(fields=["user", "vecka"], name="veckobrev_ett_i_veckan")]

    def __str__(self) -> str:
        return f"veckobrev {self.vecka} till {self.user_id}"
