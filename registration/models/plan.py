"""PlaneratUttag: when the next uttag are to be taken, so that everybody can see what is still missing for them.

Taking one is reporting's work; here stands only the plan, which registration shows and measures itself against.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..scope import OpenManager


class PlaneratUttag(models.Model):
    """The uttag of a year is to be taken at the end of a day in Europe/Stockholm. Says nothing of persons."""

    ar = models.PositiveSmallIntegerField("år")
    dag = models.DateField("kunskapsdag", db_index=True)
    anteckning = models.CharField(max_length=200, blank=True)
    satt_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    andrat = models.DateTimeField("ändrat")

    objects = OpenManager()

    class Meta:
        verbose_name = "planerat uttag"
        verbose_name_plural = "planerade uttag"
        ordering = ["dag", "ar"]
        constraints = [
            models.UniqueConstraint(fields=["ar", "dag"], name="planeratuttag_unikt"),
            models.CheckConstraint(condition=Q(ar__gte=2004), name="planeratuttag_ar"),
        ]

    def __str__(self) -> str:
        return f"uttag {self.ar} planerat {self.dag}"
