"""A message about accessibility, from anybody."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from finsam_site.access.sealed_columns import sealed


@sealed(innehall_krypterat="meddelande.innehall:{id}")
class Meddelande(models.Model):
    """What somebody wrote, and perhaps an address for the answer: encrypted, as nobody knows what people write.

    nyckel: the same form sent twice has the same one. mejlat: when the contact was told of it. hanterat: when somebody
    said that it is dealt with; after FINSAM_MESSAGE_DAYS from then it is removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    innehall_krypterat = models.BinaryField()
    nyckel = models.CharField(max_length=64, unique=True)
    skickat = models.DateTimeField(db_index=True)
    mejlat = models.DateTimeField(null=True, blank=True)
    hanterat = models.DateTimeField(null=True, blank=True, db_index=True)
    hanterat_av = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "meddelande om tillgänglighet"
        verbose_name_plural = "meddelanden om tillgänglighet"
        constraints = [
            models.CheckConstraint(
                condition=Q(hanterat__isnull=True, hanterat_av__isnull=True)
                | Q(hanterat__isnull=False, hanterat_av__isnull=False),
                name="meddelande_hanterat_av_nagon",
            )
        ]

    def __str__(self) -> str:
        return f"meddelande {self.skickat:%Y-%m-%d %H:%M}"
