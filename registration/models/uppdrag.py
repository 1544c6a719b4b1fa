"""Uppdrag: the dated link of a user and a role to what the user works with (DOMAIN §2)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finsam_site.access.roles import (
    FORBUND_OR_INSATS_ROLES,
    FORBUND_ROLES,
    INSATS_ROLES,
    NATIONAL_ROLES,
    Roll,
)

from ..scope import OpenManager
from .forbund import Forbund
from .insats import Insats


class UppdragQuerySet(models.QuerySet["Uppdrag"]):
    """Uppdrag by day."""

    def valid_on(self, day: dt.date) -> UppdragQuerySet:
        """Those that hold on `day`, first and last day included."""
        return self.filter(fran__lte=day).filter(Q(till__isnull=True) | Q(till__gte=day))


class Uppdrag(models.Model):
    """A user's right to work in one role with one insats, with one förbund, or (national roles) for the nation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uppdrag")
    roll = models.CharField(max_length=30, choices=Roll)
    forbund = models.ForeignKey(
        Forbund, on_delete=models.PROTECT, null=True, blank=True, related_name="uppdrag"
    )
    insats = models.ForeignKey(
        Insats, on_delete=models.PROTECT, null=True, blank=True, related_name="uppdrag"
    )
    fran = models.DateField()
    till = models.DateField(null=True, blank=True)
    givet_av = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OpenManager.from_queryset(UppdragQuerySet)()

    class Meta:
        verbose_name = "uppdrag"
        verbose_name_plural = "uppdrag"
        constraints = [
            models.CheckConstraint(
                condition=Q(till__isnull=True) | Q(till__gte=F("fran")), name="uppdrag_period"
            ),
            models.CheckConstraint(
                condition=Q(forbund__isnull=True) | Q(insats__isnull=True), name="uppdrag_hogst_ett_foremal"
            ),
            models.CheckConstraint(
                condition=~Q(roll__in=sorted(INSATS_ROLES)) | Q(insats__isnull=False),
                name="uppdrag_roll_insats",
            ),
            models.CheckConstraint(
                condition=~Q(roll__in=sorted(FORBUND_ROLES)) | Q(forbund__isnull=False),
                name="uppdrag_roll_forbund",
            ),
            models.CheckConstraint(
                condition=~Q(roll__in=sorted(FORBUND_OR_INSATS_ROLES))
                | Q(forbund__isnull=False)
                | Q(insats__isnull=False),
                name="uppdrag_roll_nagot",
            ),
            models.CheckConstraint(
                condition=~Q(roll__in=sorted(NATIONAL_ROLES)) | Q(forbund__isnull=True, insats__isnull=True),
                name="uppdrag_roll_nationell",
            ),
            models.CheckConstraint(
                condition=~Q(roll=Roll.DATASKYDDSGRANSKARE) | Q(insats__isnull=True), name="uppdrag_granskare"
            ),
        ]
        indexes = [models.Index(fields=["user", "roll"], name="uppdrag_user_roll")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_roll_display()}, {self.insats or self.forbund or 'riket'}"

    def holds_on(self, day: dt.date) -> bool:
        """True from the first day to the last, both included."""
        return self.fran <= day and (self.till is None or day <= self.till)
