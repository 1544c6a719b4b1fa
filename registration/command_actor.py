"""Whom a management command acts as."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.utils import timezone

from finsam_site.access.models import User
from finsam_site.access.roles import Roll

from .models import Uppdrag


def command_actor(anvandarnamn: str | None) -> tuple[User, Uppdrag | None]:
    """(account, uppdrag) that a command runs as: the system account, or a named nationell administratör.

    Raises CommandError for an unknown account, or one without a national uppdrag today.
    """
    if anvandarnamn is None:
        return User.objects.system(), None
    user = User.objects.filter(anvandarnamn=anvandarnamn).first()
    if user is None:
        raise CommandError(f"Det finns inget konto med användarnamnet {anvandarnamn}.")
    uppdrag = (
        Uppdrag.objects.valid_on(timezone.localdate())
        .filter(user=user, roll=Roll.NATIONELL_ADMINISTRATOR)
        .first()
    )  # fmt: skip
    if uppdrag is None:
        raise CommandError(f"{anvandarnamn} har inget uppdrag som nationell administratör i dag.")
    return user, uppdrag
