"""Person and Identitet: the only place that says who a deltagande is about (ARCHITECTURE §2, "Three things apart").

Names and numbers are encrypted, each bound to its own row and column. A person is found by the keyed hash of
the number. Withdrawal and protection delete the `Identitet`, and the `Person` with its last one; the
deltagande and its count stay.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields.ranges import RangeOperators
from django.db import models
from django.db.models import F, Q

from finsam_site.access.sealed_columns import open_text, seal_text, sealed

from ..scope import ScopedManager, UnscopedManager
from .constraints import CopiedFrom, DateRange, PostgresExclusionConstraint
from .deltagande import Avidentifiering, Deltagande
from .insats import Insats
from .samtycke import Samtycke


@sealed(nummer_krypterat="person.nummer:{id}")
class Person(models.Model):
    """A person's present number, encrypted; nothing else. Gone with the last identitet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nummer_krypterat = models.BinaryField()

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "personer"
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"person {self.pk}"

    def encrypt_number(self, digits: str) -> None:
        """Set the number, encrypted and bound to this row."""
        seal_text(self, "nummer_krypterat", digits)


class Nummerhash(models.Model):
    """The keyed hash of a number that a person has or had. A number belongs to one person for ever (change_number), but
    for one that was typed by mistake (correct_number)."""

    hash = models.BinaryField(primary_key=True, max_length=32)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="nummerhashar")
    aktuell = models.BooleanField(default=True)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "nummerhash"
        verbose_name_plural = "nummerhashar"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(aktuell=True), name="nummerhash_ett_aktuellt"
            )
        ]

    def __str__(self) -> str:
        return f"nummerhash av {self.person_id}"


IN_THE_WAY = Q(felregistrerad=False, begransad__isnull=True)
"""The identiteter that bar their person from the same insats on the same days. Not one that is locked: it does as one
that is erased, so that nobody is told of somebody who has withdrawn or got protection."""


@sealed(fornamn_krypterat="identitet.fornamn:{id}", efternamn_krypterat="identitet.efternamn:{id}")
class Identitet(models.Model):
    """Who a deltagande is about: one row per deltagande, none without a samtycke.

    insats, start, slut, the day of signing and the day of registration stand here once more, so that "no
    identity without samtycke", "signed on or before registration", "slut after start" and "no overlap" are
    constraints on one row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Foreign keys without a constraint of their own are covered by a composite one below (CopiedFrom).
    deltagande = models.OneToOneField(
        Deltagande, on_delete=models.PROTECT, related_name="identitet", db_constraint=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identiteter")
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    samtycke = models.OneToOneField(
        Samtycke, on_delete=models.PROTECT, related_name="identitet", db_constraint=False
    )
    fornamn_krypterat = models.BinaryField()
    efternamn_krypterat = models.BinaryField()
    undertecknat = models.DateField("samtycket undertecknat")
    registrerad_dag = models.DateField("först registrerad")
    startdatum = models.DateField()
    slutdatum = models.DateField(null=True, blank=True)
    felregistrerad = models.BooleanField(default=False)
    begransad = models.DateTimeField(
        "begränsad",
        null=True,
        blank=True,
        help_text="skulle ha tagits bort, men det finns inget gallringsbeslut",
    )

    begransad_orsak = models.CharField(max_length=20, choices=Avidentifiering, blank=True)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "identitet"
        verbose_name_plural = "identiteter"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=Q(undertecknat__lte=F("registrerad_dag")),
                name="identitet_samtycke_fore_registrering",
            ),
            models.CheckConstraint(
                condition=Q(slutdatum__isnull=True) | Q(slutdatum__gte=F("startdatum")),
                name="identitet_slut_efter_start",
            ),
            models.CheckConstraint(
                condition=Q(begransad__isnull=True, begransad_orsak="")
                | (Q(begransad__isnull=False) & ~Q(begransad_orsak="")),
                name="identitet_begransad_med_orsak",
            ),
            CopiedFrom(
                name="identitet_kopierar_samtycke",
                fields=["samtycke", "insats", "undertecknat"],
                to_table="registration_samtycke",
                to_columns=["id", "insats_id", "undertecknat"],
            ),
            CopiedFrom(
                name="identitet_kopierar_deltagande",
                fields=["deltagande", "insats"],
                to_table="registration_deltagande",
                to_columns=["id", "insats_id"],
            ),
            PostgresExclusionConstraint(
                name="identitet_overlappar_inte",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("insats", RangeOperators.EQUAL),
                    (DateRange("startdatum", "slutdatum"), RangeOperators.OVERLAPS),
                ],
                condition=IN_THE_WAY,
                # Checked at each statement; a writer of many may put it off to its end (rules/overlap.py).
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return f"identitet {self.pk}"

    def encrypt_names(self, fornamn: str, efternamn: str) -> None:
        """Set both names, encrypted and bound to this row."""
        seal_text(self, "fornamn_krypterat", fornamn)
        seal_text(self, "efternamn_krypterat", efternamn)

    def decrypt_names(self) -> tuple[str, str]:
        """Förnamn and efternamn in clear. Whoever shows them calls `reveal`."""
        return open_text(self, "fornamn_krypterat"), open_text(self, "efternamn_krypterat")
