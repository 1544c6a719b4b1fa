"""Deltagande (what is counted) and its append-only versions (ARCHITECTURE §2, "Known when").

A version is known from `registrerad` and was received by us at `mottagen`. Kön, birth year, kommun and
insats are copied into it, so that a figure as of any day reads versions only. Erasure blanks the columns
named in the erasure lists and leaves what DOMAIN §4 says: insats, kön, start and slut year.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finsam_site.access.guards import append_only
from finsam_site.access.sealed_columns import sealed

from ..scope import ScopedManager, UnscopedManager
from .constraints import CopiedFrom
from .insats import Insats
from .kodlistor import Kommun

FELREGISTRERING = "felregistrering"
ATERKALLAT_SAMTYCKE = "aterkallat_samtycke"

KON = (("K", "kvinna"), ("M", "man"))


def nr_check(name: str) -> models.CheckConstraint:
    """Versions are numbered from one."""
    return models.CheckConstraint(condition=Q(nr__gte=1), name=name)


def percent_check(field: str, name: str) -> models.CheckConstraint:
    """A percentage is a whole number from 0 to 100."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100}), name=name
    )


def arbete_check(name: str) -> models.CheckConstraint:
    """A kind of work is given only when arbetar > 0 (FORMATS §1)."""
    return models.CheckConstraint(
        condition=Q(typ_av_arbete="")
        | Q(typ_av_arbete__isnull=True)
        | Q(arbetar__isnull=False, arbetar__gt=0),
        name=name,
    )


def ingen_check(name: str) -> models.CheckConstraint:
    """`ingen` excludes every other source (DOMAIN §3)."""
    return models.CheckConstraint(
        condition=Q(forsorjning__isnull=True)
        | Q(forsorjning="ingen")
        | ~(
            Q(forsorjning__startswith="ingen|")
            | Q(forsorjning__endswith="|ingen")
            | Q(forsorjning__contains="|ingen|")
        ),
        name=name,
    )


class Avidentifiering(models.TextChoices):
    """Why an identity was removed."""

    ATERKALLAT = "aterkallat", "samtycket återkallades"
    SKYDDAD = "skyddad", "personen fick skyddade personuppgifter"
    FELREGISTRERING = "felregistrering", "felregistrering äldre än fristen"


class Rattelseslag(models.TextChoices):
    """What a version that corrects another was made by.

    NUMMERBYTE_UTIFRAN: by a change of number of somebody who could not reach the deltagande, and says no reason.
    NUMMERRATTELSE: a wrong number had been typed.
    """

    RATTELSE = "rattelse", "rättelse"
    NUMMERBYTE = "nummerbyte", "nytt personnummer"
    NUMMERBYTE_UTIFRAN = "nummerbyte_utifran", "nytt personnummer, bytt av någon utanför insatsen"
    NUMMERRATTELSE = "nummerrattelse", "fel personnummer rättat"


NUMMERBYTEN = (Rattelseslag.NUMMERBYTE, Rattelseslag.NUMMERBYTE_UTIFRAN)


class Deltagande(models.Model):
    """One person's time in one insats, or what is left of it. Holds nothing that says who.

    `tidigaste_start_ar`, `senaste_slut_ar` and `forst_ut` only narrow down which rows an uttag needs to read; no figure
    is computed from them. They span every version, so that no as-of time can miss a row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deltagande_id = models.CharField(max_length=64, unique=True)
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="deltaganden")
    # Foreign keys without a constraint of their own are covered by a composite one below (CopiedFrom).
    aktuell_in = models.OneToOneField(
        "Inregistrering", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    aktuell_ut = models.OneToOneField(
        "Utregistrering",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
    )
    tidigaste_start_ar = models.SmallIntegerField()
    senaste_slut_ar = models.SmallIntegerField(null=True, blank=True)
    forst_ut = models.DateTimeField("först registrerad ut", null=True, blank=True)
    avidentifierad = models.DateTimeField(null=True, blank=True)
    avidentifierad_orsak = models.CharField(max_length=20, choices=Avidentifiering, blank=True)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "deltagande"
        verbose_name_plural = "deltaganden"
        constraints = [
            models.UniqueConstraint(fields=["id", "insats"], name="deltagande_kopieras"),
            CopiedFrom(
                name="deltagande_egen_inregistrering",
                fields=["aktuell_in", "id"],
                to_table="registration_inregistrering",
                to_columns=["id", "deltagande_id"],
            ),
            CopiedFrom(
                name="deltagande_egen_utregistrering",
                fields=["aktuell_ut", "id"],
                to_table="registration_utregistrering",
                to_columns=["id", "deltagande_id"],
            ),
            models.CheckConstraint(
                condition=Q(aktuell_ut__isnull=True, forst_ut__isnull=True)
                | Q(aktuell_ut__isnull=False, forst_ut__isnull=False),
                name="deltagande_ut_helt_eller_inte",
            ),
            models.CheckConstraint(
                condition=Q(avidentifierad__isnull=True, avidentifierad_orsak="")
                | (Q(avidentifierad__isnull=False) & ~Q(avidentifierad_orsak="")),
                name="deltagande_avidentifierad_med_orsak",
            ),
        ]
        indexes = [
            models.Index(fields=["tidigaste_start_ar", "senaste_slut_ar"], name="deltagande_ar"),
        ]

    def __str__(self) -> str:
        return self.deltagande_id


@append_only(
    erasable=(
        "startdatum", "fodelsear", "kommun", "stadsdel", "utbildning", "tid_i_forsorjning_manader", "forsorjning",
        "arbetar", "typ_av_arbete", "studerar", "arbetssokande", "inskriven_af", "initierad_av", "behovsgrupp",
        "slag", "orsak_krypterad",
    ),
    only_when_gone=("registration.Identitet", "deltagande"),
)  # fmt: skip
@sealed(orsak_krypterad="version.orsak:{id}")
class Inregistrering(models.Model):
    """A version of what was registered at the start. Percentages 0–100; `None` is "not answered".

    slag: why there is a version after the first; NULL of the first, and of what erasure took.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deltagande = models.ForeignKey(
        Deltagande, on_delete=models.PROTECT, related_name="inregistreringar", db_constraint=False
    )
    nr = models.PositiveSmallIntegerField()
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    registrerad = models.DateTimeField("känd från")
    mottagen = models.DateTimeField("mottagen av systemet")
    registrerad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    slag = models.CharField(max_length=20, choices=Rattelseslag, null=True, blank=True)  # noqa: DJ001
    orsak_krypterad = models.BinaryField(null=True, blank=True)

    kon = models.CharField("kön", max_length=1, choices=KON)
    fodelsear = models.SmallIntegerField("födelseår", null=True)
    kommun = models.ForeignKey(Kommun, on_delete=models.PROTECT, related_name="+", null=True)
    stadsdel = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 (NULL is what erasure leaves)
    startdatum = models.DateField(null=True)
    start_ar = models.SmallIntegerField()
    utbildning = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    tid_i_forsorjning_manader = models.PositiveSmallIntegerField(null=True, blank=True)
    forsorjning = models.CharField(max_length=600, null=True, blank=True)  # noqa: DJ001
    arbetar = models.PositiveSmallIntegerField(null=True, blank=True)
    typ_av_arbete = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    studerar = models.PositiveSmallIntegerField(null=True, blank=True)
    arbetssokande = models.BooleanField(null=True, blank=True)
    inskriven_af = models.BooleanField(null=True, blank=True)
    initierad_av = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    behovsgrupp = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "inregistrering"
        verbose_name_plural = "inregistreringar"
        ordering = ["deltagande", "nr"]
        constraints = [
            models.UniqueConstraint(fields=["deltagande", "nr"], name="inregistrering_nr"),
            nr_check("inregistrering_nr_fran_ett"),
            models.UniqueConstraint(fields=["id", "deltagande"], name="inregistrering_kopieras"),
            CopiedFrom(
                name="inregistrering_kopierar_deltagande",
                fields=["deltagande", "insats"],
                to_table="registration_deltagande",
                to_columns=["id", "insats_id"],
            ),
            models.UniqueConstraint(fields=["deltagande", "registrerad"], name="inregistrering_tid"),
            models.CheckConstraint(
                condition=Q(registrerad__lte=F("mottagen")), name="inregistrering_ej_i_framtiden"
            ),
            models.CheckConstraint(condition=Q(kon__in=["K", "M"]), name="inregistrering_kon"),
            models.CheckConstraint(
                condition=Q(slag__isnull=True) | Q(slag__in=Rattelseslag.values, nr__gt=1),
                name="inregistrering_slag",
            ),
            percent_check("arbetar", "inregistrering_arbetar"),
            percent_check("studerar", "inregistrering_studerar"),
            arbete_check("inregistrering_typ_av_arbete"),
            ingen_check("inregistrering_ingen_ensam"),
        ]

    def __str__(self) -> str:
        return f"inregistrering {self.nr} av {self.deltagande_id}"


@append_only(
    erasable=(
        "slutdatum", "avslutsanledning", "fodelsear", "kommun", "forsorjning", "arbetar", "typ_av_arbete", "studerar",
        "arbetssokande", "inskriven_af", "orsak_krypterad",
    ),
    only_when_gone=("registration.Identitet", "deltagande"),
)  # fmt: skip
@sealed(orsak_krypterad="version.orsak:{id}")
class Utregistrering(models.Model):
    """A version of what was registered at the end. A felregistrering may lack a slutdatum."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deltagande = models.ForeignKey(
        Deltagande, on_delete=models.PROTECT, related_name="utregistreringar", db_constraint=False
    )
    nr = models.PositiveSmallIntegerField()
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    registrerad = models.DateTimeField("känd från")
    mottagen = models.DateTimeField("mottagen av systemet")
    registrerad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    orsak_krypterad = models.BinaryField(null=True, blank=True)

    kon = models.CharField("kön", max_length=1, choices=KON)
    fodelsear = models.SmallIntegerField("födelseår", null=True)
    kommun = models.ForeignKey(Kommun, on_delete=models.PROTECT, related_name="+", null=True)
    slutdatum = models.DateField(null=True)
    slut_ar = models.SmallIntegerField(null=True)
    felregistrering = models.BooleanField(default=False)
    avslutsanledning = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    forsorjning = models.CharField(max_length=600, null=True, blank=True)  # noqa: DJ001
    arbetar = models.PositiveSmallIntegerField(null=True, blank=True)
    typ_av_arbete = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    studerar = models.PositiveSmallIntegerField(null=True, blank=True)
    arbetssokande = models.BooleanField(null=True, blank=True)
    inskriven_af = models.BooleanField(null=True, blank=True)

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "utregistrering"
        verbose_name_plural = "utregistreringar"
        ordering = ["deltagande", "nr"]
        constraints = [
            models.UniqueConstraint(fields=["deltagande", "nr"], name="utregistrering_nr"),
            nr_check("utregistrering_nr_fran_ett"),
            models.UniqueConstraint(fields=["id", "deltagande"], name="utregistrering_kopieras"),
            CopiedFrom(
                name="utregistrering_kopierar_deltagande",
                fields=["deltagande", "insats"],
                to_table="registration_deltagande",
                to_columns=["id", "insats_id"],
            ),
            models.UniqueConstraint(fields=["deltagande", "registrerad"], name="utregistrering_tid"),
            models.CheckConstraint(
                condition=Q(registrerad__lte=F("mottagen")), name="utregistrering_ej_i_framtiden"
            ),
            models.CheckConstraint(condition=Q(kon__in=["K", "M"]), name="utregistrering_kon"),
            models.CheckConstraint(
                condition=Q(slut_ar__isnull=False) | Q(felregistrering=True),
                name="utregistrering_slut_eller_fel",
            ),
            models.CheckConstraint(
                condition=Q(avslutsanledning__isnull=True)
                | Q(avslutsanledning=FELREGISTRERING, felregistrering=True)
                | (~Q(avslutsanledning=FELREGISTRERING) & Q(felregistrering=False)),
                name="utregistrering_felregistrering",
            ),
            percent_check("arbetar", "utregistrering_arbetar"),
            percent_check("studerar", "utregistrering_studerar"),
            arbete_check("utregistrering_typ_av_arbete"),
            ingen_check("utregistrering_ingen_ensam"),
        ]

    def __str__(self) -> str:
        return f"utregistrering {self.nr} av {self.deltagande_id}"
