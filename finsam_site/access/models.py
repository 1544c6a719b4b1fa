"""Who may log in, in which roles, the log of every look at a person, which forms have been sent, what users have laid
aside.

Source: DOMAIN §2 (roles), QUALITY §2 (access log).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from .guards import append_only
from .roles import FORBIDDEN_PAIRS, Roll
from .sealed_columns import sealed


class Arbetsgivare(models.TextChoices):
    """Whom an account holder is employed by. `SYSTEM` is the account of commands and tasks."""

    KOMMUN = "kommun", "kommun"
    REGION = "region", "region"
    AF = "af", "Arbetsförmedlingen"
    FK = "fk", "Försäkringskassan"
    FORBUND = "forbund", "samordningsförbund"
    ANNAN = "annan", "annan"
    SYSTEM = "system", "systemet"


SYSTEM_USERNAME = "system"


class UserManager(BaseUserManager["User"]):
    """Makes accounts; a password is optional because e-legitimation comes without one."""

    def create_user(self, anvandarnamn: str, password: str | None = None, **fields: object) -> User:
        """Create and return an account. Raises IntegrityError for a forbidden pair of roles."""
        user = self.model(anvandarnamn=anvandarnamn, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def system(self) -> User:
        """The account that commands and scheduled jobs act as when no person is named."""
        return self.get(anvandarnamn=SYSTEM_USERNAME)


class User(AbstractBaseUser):
    """An account. Its roles stand in this one row, so that forbidden pairs are one CHECK."""

    anvandarnamn = models.CharField("användarnamn", max_length=150, unique=True)
    namn = models.CharField("namn", max_length=200)
    epost = models.EmailField("e-post", blank=True)
    organisation = models.CharField("organisation", max_length=200, blank=True)
    arbetsgivare = models.CharField("arbetsgivare", max_length=10, choices=Arbetsgivare)
    is_active = models.BooleanField("aktivt konto", default=True)
    veckobrev = models.BooleanField("vill ha veckobrev", default=True)

    deltagaransvarig = models.BooleanField(default=False)
    insatsansvarig = models.BooleanField(default=False)
    forbundsadministrator = models.BooleanField("förbundsadministratör", default=False)
    rapportlasare = models.BooleanField("rapportläsare", default=False)
    nationell_administrator = models.BooleanField("nationell administratör", default=False)
    behorighetsadministrator = models.BooleanField("behörighetsadministratör", default=False)
    samtyckesmottagare = models.BooleanField(default=False)
    dataskyddsgranskare = models.BooleanField(default=False)
    bestallare = models.BooleanField("beställare", default=False)

    objects = UserManager()

    USERNAME_FIELD = "anvandarnamn"
    EMAIL_FIELD = "epost"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["namn", "arbetsgivare"]

    class Meta:
        verbose_name = "användare"
        verbose_name_plural = "användare"
        constraints = [
            models.CheckConstraint(
                condition=~Q(**{one.value: True, other.value: True}),
                name=f"user_ej_{one.value}_och_{other.value}"[:60],
                violation_error_message=f"Samma person kan inte vara både {one.label} och {other.label}.",
            )
            for one, other in FORBIDDEN_PAIRS
        ]

    def __str__(self) -> str:
        return self.namn or self.anvandarnamn

    @property
    def roller(self) -> tuple[Roll, ...]:
        """The roles of the account, in the order of DOMAIN §2."""
        return tuple(roll for roll in Roll if getattr(self, roll.value))

    def has_role(self, roll: str) -> bool:
        """True if the account holds `roll` and is open."""
        return self.is_active and bool(getattr(self, Roll(roll).value))


class Handling(models.TextChoices):
    """What was done to or asked about a person."""

    LAST = "last", "läst"
    SKAPAT = "skapat", "skapat"
    ANDRAT = "andrat", "ändrat"
    AVIDENTIFIERAT = "avidentifierat", "avidentifierat"
    EXPORTERAT = "exporterat", "exporterat"
    SOKT = "sokt", "sökt"


class Resultat(models.TextChoices):
    """How it ended: done, refused, or undone because the work around it failed."""

    UTFORT = "utfort", "utfört"
    NEKAT = "nekat", "nekat"
    AVBRUTET = "avbrutet", "avbrutet"


@append_only()
class Atkomst(models.Model):
    """One row per look at, change, export or refused try at a person. Never the value itself.

    Objects are named by their opaque ids and not by foreign keys: the log outlives what it tells of.
    """

    tid = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    roll = models.CharField(max_length=30, blank=True)
    uppdrag = models.BigIntegerField(null=True)
    forbund = models.BigIntegerField(null=True)
    insats = models.BigIntegerField(null=True)
    handling = models.CharField(max_length=20, choices=Handling)
    objekt = models.CharField("slag av objekt", max_length=40)
    objekt_id = models.CharField(max_length=64, db_index=True)
    syfte = models.CharField(max_length=200, blank=True)
    resultat = models.CharField(max_length=10, choices=Resultat, default=Resultat.UTFORT)

    class Meta:
        verbose_name = "åtkomst"
        verbose_name_plural = "åtkomster"
        indexes = [models.Index(fields=["user", "tid"], name="atkomst_user_tid")]

    def __str__(self) -> str:
        return f"{self.tid:%Y-%m-%d %H:%M} {self.handling} {self.objekt}"


class Inskickad(models.Model):
    """A form that was sent and done (`once.py`). Kept for a day, then removed."""

    nyckel = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tid = models.DateTimeField(db_index=True)
    ledde_till = models.TextField(blank=True)

    class Meta:
        verbose_name = "inskickad blankett"
        verbose_name_plural = "inskickade blanketter"

    def __str__(self) -> str:
        return f"{self.tid:%Y-%m-%d %H:%M} {self.ledde_till}"


@sealed(innehall_krypterat="undanlagt.{slag}:{user_id}:{nyckel}")
class Undanlagt(models.Model):
    """What a user has for some minutes (`kept.py`): nothing but its user can open it, and after `till` nobody.

    slag: what it is, as its rule calls it. nyckel: random, may stand in an address.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    slag = models.CharField(max_length=20)
    nyckel = models.UUIDField(default=uuid.uuid4, editable=False)
    innehall_krypterat = models.BinaryField()
    till = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "undanlagd uppgift"
        verbose_name_plural = "undanlagda uppgifter"
        constraints = [models.UniqueConstraint(fields=["user", "slag", "nyckel"], name="undanlagt_en_gang")]

    def __str__(self) -> str:
        return f"{self.slag} till {self.till:%Y-%m-%d %H:%M}"


class Nyckelkontroll(models.Model):
    """A key that this database has met, by a check value, never the key itself (key_checks.py).

    avslutad: nothing in the database needs the key any more, so that it may be missing.
    """

    namn = models.CharField(primary_key=True, max_length=60)
    kontroll = models.BinaryField(max_length=32)
    avslutad = models.DateTimeField("behövs inte längre", null=True, blank=True)

    class Meta:
        verbose_name = "nyckelkontroll"
        verbose_name_plural = "nyckelkontroller"

    def __str__(self) -> str:
        return self.namn
