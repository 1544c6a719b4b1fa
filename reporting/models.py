"""Uttag: frozen figures of a year as it was known at a time (REPORTS §1, ARCHITECTURE §2)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q

from finsam_site.access.guards import append_only
from registration.scope import OpenManager


def uttag_storage() -> Storage:
    """Where frozen files are kept: by default in the database, so that back-up and transactions hold for them too."""
    return storages["uttag"]


@append_only(changeable=("faststalld",))
class Uttag(models.Model):
    """A year and an as-of time, taken once and never changed; only `faststalld` may be set.

    The file is encrypted; the hash is of the figures.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ar = models.PositiveSmallIntegerField("år")
    as_of = models.DateTimeField("som det var känt")
    taken_at = models.DateTimeField("taget")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField("innehållshash", max_length=64)
    software = models.CharField("programversion", max_length=40)
    definitions = models.CharField("definitioner", max_length=40)
    fil = models.FileField(storage=uttag_storage, max_length=200)
    fil_sha256 = models.CharField(max_length=64)
    noteringar = models.JSONField(default=dict)
    faststalld = models.DateTimeField("fastställt", null=True, blank=True)

    class Meta:
        verbose_name = "uttag"
        verbose_name_plural = "uttag"
        ordering = ["-taken_at"]
        constraints = [
            models.CheckConstraint(condition=Q(as_of__lt=F("taken_at")), name="uttag_kand_fore_taget"),
            models.UniqueConstraint(
                fields=["ar"], condition=Q(faststalld__isnull=False), name="uttag_ett_faststallt"
            ),
        ]

    def __str__(self) -> str:
        return f"uttag {self.ar} känt {self.as_of:%Y-%m-%d}"


class UttagRad(models.Model):
    """Which row of a frozen file was which deltagande. Hangs on the identity and goes with it."""

    uttag = models.ForeignKey(Uttag, on_delete=models.CASCADE, related_name="rader")
    rad = models.PositiveIntegerField()
    # No constraint: a withdrawal must never wait for an uttag or fail beside it. What was withdrawn while the uttag was
    # taken is swept right after it (uttag/take.py).
    identitet = models.ForeignKey(
        "registration.Identitet", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )

    objects = OpenManager()

    class Meta:
        verbose_name = "rad i uttag"
        verbose_name_plural = "rader i uttag"
        constraints = [models.UniqueConstraint(fields=["uttag", "rad"], name="uttagrad_unik")]

    def __str__(self) -> str:
        return f"rad {self.rad} i {self.uttag_id}"


@append_only()
class UttagFil(models.Model):
    """The bytes of a frozen file, when they are kept in the database."""

    namn = models.CharField(max_length=200, unique=True)
    innehall = models.BinaryField()
    skapad = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "uttagsfil"
        verbose_name_plural = "uttagsfiler"

    def __str__(self) -> str:
        return self.namn
