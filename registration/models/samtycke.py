"""Samtycke: the receipt of a written consent (DOMAIN §4). It holds no identity and stays as proof (GDPR 7.1).

The only way from a samtycke to a person is `Identitet.samtycke`; when the identity goes, the receipt stays
behind alone.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from finsam_site.access.guards import append_only
from finsam_site.access.sealed_columns import sealed

from ..scope import OpenManager, ScopedManager, UnscopedManager
from .constraints import CopiedFrom, all_or_none
from .insats import Insats

IMPORTED_FORM = "okand-inlast"
"""Form version of a samtycke that came by import from a system that did not say which form was signed."""


class Samtyckesformular(models.Model):
    """A version of the consent form. Its texts to print are `Samtyckestext`."""

    version = models.CharField(max_length=40, unique=True)
    giltig_fran = models.DateField()
    giltig_till = models.DateField(null=True, blank=True)
    sprak = models.CharField("språk för läshjälp", max_length=100, default="sv")
    namner_behovsgrupp = models.BooleanField(
        "nämner behovsgrupp",
        default=False,
        help_text="behovsgrupp per person får bara anges när formuläret nämner den",
    )
    lovar_gallring = models.BooleanField(
        "lovar gallring",
        null=True,
        blank=True,
        help_text="texterna säger att uppgifter tas bort, inte att de spärras; tomt: framgår inte",
    )
    text = models.TextField(blank=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "samtyckesformulär"
        verbose_name_plural = "samtyckesformulär"
        ordering = ["-giltig_fran"]

    def __str__(self) -> str:
        return self.version

    @property
    def holds_today(self) -> bool:
        today = timezone.localdate()
        return self.giltig_fran <= today and (self.giltig_till is None or today <= self.giltig_till)


class Samtyckestext(models.Model):
    """A text to print, of a version of the consent form, in a language. Swedish is the form, others are reading aids.

    formular: none for the texts that are shipped, from which a version is made (rules/samtyckestexter.py, which also
    says how `stycken` is written).
    """

    class Slag(models.TextChoices):
        BLANKETT = "blankett", "blankett"
        HEMBLAD = "hemblad", "blad att ta med hem"

    formular = models.ForeignKey(
        Samtyckesformular, on_delete=models.CASCADE, null=True, blank=True, related_name="texter"
    )
    sprak = models.CharField("språk", max_length=10)
    slag = models.CharField(max_length=10, choices=Slag)
    rubrik = models.CharField(max_length=200)
    stycken = models.TextField()

    objects = OpenManager()

    class Meta:
        verbose_name = "samtyckestext"
        verbose_name_plural = "samtyckestexter"
        constraints = [
            models.UniqueConstraint(fields=["formular", "sprak", "slag"], name="samtyckestext_unik"),
            models.UniqueConstraint(
                fields=["sprak", "slag"],
                condition=Q(formular__isnull=True),
                name="samtyckestext_unik_levererad",
            ),
        ]

    def __str__(self) -> str:
        return self.rubrik


class Samtyckesblankett(models.Model):
    """A form printed before anything is known of who will sign it: its reference code is kept for the insats.

    It holds no identity. When it comes back signed its code becomes that of the `Samtycke`. omgang: those that were
    printed together.
    """

    referenskod = models.CharField(max_length=20, unique=True)
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+")
    formular = models.ForeignKey(Samtyckesformular, on_delete=models.PROTECT, related_name="+")
    sprak = models.CharField("språk för läshjälp", max_length=10, default="sv")
    omgang = models.UUIDField("omgång", db_index=True)
    skapad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    skapad = models.DateTimeField()

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "samtyckesblankett"
        verbose_name_plural = "samtyckesblanketter"
        base_manager_name = "objects"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.referenskod


class Samtycke(models.Model):
    """One signed consent, for one deltagande. Dates are days in Europe/Stockholm."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referenskod = models.CharField(max_length=20, unique=True)
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="samtycken")
    undertecknat = models.DateField()
    formular = models.ForeignKey(Samtyckesformular, on_delete=models.PROTECT, related_name="samtycken")
    sprak = models.CharField("språk för läshjälp", max_length=10, default="sv")
    mottaget_av = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    original_skickat = models.DateField(null=True, blank=True)
    original_mottaget = models.DateField(null=True, blank=True)
    aterkallat = models.DateField("återkallat", null=True, blank=True)
    inlast = models.BooleanField(
        "inläst utan kvitto",
        default=False,
        help_text="kom från ett annat system som inte sade var originalet är",
    )

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "samtycke"
        verbose_name_plural = "samtycken"
        base_manager_name = "objects"
        indexes = [
            models.Index(
                fields=["undertecknat"],
                condition=Q(original_mottaget__isnull=True, aterkallat__isnull=True, inlast=False),
                name="samtycke_original_vantas",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "insats", "undertecknat"], name="samtycke_kopieras"),
            models.UniqueConstraint(fields=["id", "insats"], name="samtycke_insats_kopieras"),
            models.CheckConstraint(
                condition=Q(original_skickat__isnull=True) | Q(original_skickat__gte=F("undertecknat")),
                name="samtycke_skickat_efter_undertecknat",
            ),
            models.CheckConstraint(
                condition=Q(original_mottaget__isnull=True) | Q(original_mottaget__gte=F("undertecknat")),
                name="samtycke_mottaget_efter_undertecknat",
            ),
            models.CheckConstraint(
                condition=Q(aterkallat__isnull=True) | Q(aterkallat__gte=F("undertecknat")),
                name="samtycke_aterkallat_efter_undertecknat",
            ),
        ]

    def __str__(self) -> str:
        return self.referenskod


@sealed(innehall_krypterat="samtyckesskanning.innehall:{samtycke_id}")
class Samtyckesskanning(models.Model):
    """The signed paper, scanned: encrypted, in scope only, and gone with the identity."""

    samtycke = models.OneToOneField(Samtycke, on_delete=models.CASCADE, related_name="skanning")
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+")
    innehall_krypterat = models.BinaryField()
    mediatyp = models.CharField(max_length=60)
    inlagd = models.DateTimeField()

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "skannat samtycke"
        verbose_name_plural = "skannade samtycken"
        base_manager_name = "objects"
        constraints = [
            CopiedFrom(
                name="samtyckesskanning_kopierar_samtycke",
                fields=["samtycke", "insats"],
                to_table="registration_samtycke",
                to_columns=["id", "insats_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"skannat samtycke {self.pk}"


@append_only(
    erasable=(
        "skal", "tidigare_undertecknat", "tidigare_formular", "tidigare_sprak", "undertecknat", "formular", "sprak",
    ),
    only_when_gone=("registration.Identitet", "samtycke"),
)  # fmt: skip
class Samtyckesandring(models.Model):
    """A correction of what was registered of the paper: what it said before, what it says since, who and why.

    Both are kept, since an import may bring what was not known of the paper in between, which is no correction. Why is
    one of `Skal`: no words about anybody, so there is nothing to seal. When the identity goes all but that somebody
    corrected something is blanked.
    """

    class Skal(models.TextChoices):
        SKREV_FEL = "skrev_fel", "Jag skrev fel"
        LASTE_FEL = "laste_fel", "Jag läste fel på papperet"
        ANNAN_UPPGIFT = "annan_uppgift", "Personen har berättat hur det var"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Covered by the composite key below (CopiedFrom).
    samtycke = models.ForeignKey(
        Samtycke, on_delete=models.PROTECT, related_name="andringar", db_constraint=False
    )
    nr = models.PositiveSmallIntegerField()
    insats = models.ForeignKey(Insats, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    registrerad = models.DateTimeField()
    registrerad_av = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    skal = models.CharField("skäl", max_length=20, choices=Skal, null=True)  # noqa: DJ001 (NULL is what erasure leaves)
    tidigare_undertecknat = models.DateField(null=True)
    tidigare_formular = models.ForeignKey(
        Samtyckesformular, on_delete=models.PROTECT, related_name="+", null=True
    )
    tidigare_sprak = models.CharField("tidigare språk", max_length=10, null=True)  # noqa: DJ001
    undertecknat = models.DateField(null=True)
    formular = models.ForeignKey(Samtyckesformular, on_delete=models.PROTECT, related_name="+", null=True)
    sprak = models.CharField("språk", max_length=10, null=True)  # noqa: DJ001

    objects = ScopedManager()
    unscoped = UnscopedManager()

    class Meta:
        verbose_name = "ändring av ett samtycke"
        verbose_name_plural = "ändringar av samtycken"
        ordering = ["samtycke", "nr"]
        constraints = [
            models.UniqueConstraint(fields=["samtycke", "nr"], name="samtyckesandring_nr"),
            models.CheckConstraint(condition=Q(nr__gte=1), name="samtyckesandring_nr_fran_ett"),
            CopiedFrom(
                name="samtyckesandring_kopierar_samtycke",
                fields=["samtycke", "insats"],
                to_table="registration_samtycke",
                to_columns=["id", "insats_id"],
            ),
            models.CheckConstraint(
                condition=Q(skal__isnull=True) | Q(skal__in=["skrev_fel", "laste_fel", "annan_uppgift"]),
                name="samtyckesandring_skal",
            ),
            models.CheckConstraint(
                condition=all_or_none(
                    "skal", "tidigare_undertecknat", "tidigare_formular", "tidigare_sprak", "undertecknat",
                    "formular", "sprak",
                ),
                name="samtyckesandring_hel_eller_borta",
            ),
            models.CheckConstraint(
                condition=Q(skal__isnull=True)
                | ~Q(undertecknat=F("tidigare_undertecknat"))
                | ~Q(formular=F("tidigare_formular"))
                | ~Q(sprak=F("tidigare_sprak")),
                name="samtyckesandring_andrar_nagot",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"ändring {self.nr} av samtycke {self.samtycke_id}"

    @property
    def fore(self) -> tuple[dt.date | None, str | None, str | None]:
        """(day signed, version, language) as they were; None where erasure took them. `tidigare_formular` at hand."""
        version = self.tidigare_formular.version if self.tidigare_formular else None
        return self.tidigare_undertecknat, version, self.tidigare_sprak

    @property
    def efter(self) -> tuple[dt.date | None, str | None, str | None]:
        """The same as they have been since; `formular` at hand."""
        return self.undertecknat, self.formular.version if self.formular else None, self.sprak


class Beslut(models.Model):
    """A recorded decision that the software leans on, with versions (DOMAIN §4): the newest valid one holds.

    upphavt: a version that says that from `giltig_fran` there is no gallringsbeslut, not that of the settings either.
    registrerad, registrerad_av: when and by whom it was recorded; none for those of before that was kept.
    """

    class Slag(models.TextChoices):
        SAMTYCKETS_INNEBORD = "samtycke", "vad samtycket är rättsligt"
        GALLRING = "gallring", "gallringsbeslut"

    slag = models.CharField(max_length=20, choices=Slag)
    version = models.PositiveIntegerField()
    referens = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    giltig_fran = models.DateField()
    upphavt = models.BooleanField("upphävt", default=False)
    registrerad = models.DateTimeField(null=True, blank=True)
    registrerad_av = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "beslut"
        verbose_name_plural = "beslut"
        constraints = [
            models.UniqueConstraint(fields=["slag", "version"], name="beslut_unikt"),
            models.CheckConstraint(
                condition=Q(upphavt=False) | Q(slag="gallring"), name="beslut_bara_gallring_upphavs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_slag_display()} {self.referens}"
