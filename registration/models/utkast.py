"""Utkast: what somebody has begun to fill in and not saved yet. Kept on the server, encrypted, for that user alone."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from finsam_site.access.sealed_columns import sealed

from ..scope import ScopedManager, UnscopedManager
from .deltagande import Deltagande
from .insats import Insats


@sealed(innehall_krypterat="utkast.innehall:{user_id}:{id}")
class Utkast(models.Model):
    """One form on its way. Its id becomes that of the deltagande it registers, so that nothing is saved twice.

    nummerhash: the keyed hash of the number that stands in it, if a whole one does; withdrawal finds it by that.
    nr: grows with each save, so that what was typed in one window does not silently replace what was typed in another.
    """

    class Slag(models.TextChoices):
        REGISTER_IN = "register_in", "Registrera in"
        REGISTER_OUT = "register_out", "Registrera ut"
        CORRECT = "correct", "Rätta"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    slag = models.CharField(max_length=20, choices=Slag)
    insats = models.ForeignKey(Insats, on_delete=models.CASCADE, related_name="+")
    deltagande = models.ForeignKey(
        Deltagande, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    steg = models.CharField(max_length=20)
    innehall_krypterat = models.BinaryField()
    nummerhash = models.BinaryField(max_length=32, null=True, blank=True, db_index=True)
    nr = models.PositiveIntegerField(default=1)
    skapad = models.DateTimeField()
    andrad = models.DateTimeField("ändrad", db_index=True)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "utkast"
        verbose_name_plural = "utkast"
        base_manager_name = "objects"
        ordering = ["-andrad"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "slag", "deltagande"],
                condition=Q(deltagande__isnull=False),
                name="utkast_ett_per_deltagande",
            ),
            models.CheckConstraint(
                condition=Q(slag="register_in", deltagande__isnull=True)
                | (~Q(slag="register_in") & Q(deltagande__isnull=False)),
                name="utkast_med_eller_utan_deltagande",
            ),
        ]

    def __str__(self) -> str:
        return f"utkast {self.pk}"
