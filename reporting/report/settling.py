"""Making an uttag the fastställda of its year: there is one, and what is said of the next year rests on it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from finsam_site.access.acting import refuse, require_actor
from finsam_site.access.roles import Roll
from finsam_site.ui import formats

from ..models import Uttag


class SettlingRefused(Exception):
    """An uttag that cannot be made fastställt. The text says why in Swedish."""


def settled_of(year: int) -> Uttag | None:
    """The fastställda uttag of the year, if there is one."""
    return Uttag.objects.filter(ar=year, faststalld__isnull=False).first()


def settle(uttag: Uttag) -> None:
    """Make it the fastställda uttag of its year, for good.

    Raises SettlingRefused when the year has one already, AccessRefused for anybody but a nationell administratör.
    """
    actor = require_actor()
    if not (actor.system or actor.roll == Roll.NATIONELL_ADMINISTRATOR):
        raise refuse(
            "uttag", uttag.pk, syfte="fastställa uttag",
            message="Bara en nationell administratör fastställer uttag. Kontakta Försäkringskassan.",
        )  # fmt: skip
    uttag.faststalld = timezone.now()
    try:
        with transaction.atomic():
            # One update that only the first of two can make; the database holds that there is one a year.
            done = Uttag.objects.filter(pk=uttag.pk, faststalld__isnull=True).update(
                faststalld=uttag.faststalld
            )
    except IntegrityError:
        done = 0
    if not done:
        raise SettlingRefused(why_not(Uttag.objects.get(pk=uttag.pk)))


def why_not(uttag: Uttag) -> str:
    """Why the uttag cannot be made fastställt now; an empty text when it can."""
    if uttag.faststalld:
        return f"Uttaget fastställdes {formats.moment(uttag.faststalld)}. Det kan inte ändras."
    other = settled_of(uttag.ar)
    if other:
        return (
            f"År {uttag.ar} har redan ett fastställt uttag, det som var känt per {formats.moment(other.as_of)}. "
            "Ett år kan bara ha ett, och det kan inte bytas."
        )
    return ""
