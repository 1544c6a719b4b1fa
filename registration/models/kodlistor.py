"""Code lists as dated data (DOMAIN, marks: an editable row, never an enum that needs a release), and the geography."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Kodlista(models.TextChoices):
    """The lists of DOMAIN §3. The lists are fixed by the forms and tables; their values are rows of `Kod`."""

    INRIKTNING = "inriktning", "inriktning"
    REGISTRERINGSSATT = "registreringssatt", "registreringssätt"
    PRECISERAD_INDIVID = "preciserad_individ", "preciserad inriktning, individ"
    PRECISERAD_STRUKTUR = "preciserad_struktur", "preciserad inriktning, struktur"
    BEHOVSGRUPP = "behovsgrupp", "behovsgrupp"
    FINANSIAR = "finansiar", "finansiär"
    KOSTNADSTYP = "kostnadstyp", "kostnadstyp"
    PART = "part", "part"
    FORSORJNING = "forsorjning", "försörjning"
    FORSORJNINGSGRUPP = "forsorjningsgrupp", "grupp av försörjning"
    UTBILDNING = "utbildning", "högsta slutförda utbildning"
    TID_I_FORSORJNING = "tid_i_forsorjning", "tid i offentlig försörjning"
    TYP_AV_ARBETE = "typ_av_arbete", "typ av arbete"
    INITIERANDE_AKTOR = "initierande_aktor", "initierande aktör"
    AVSLUTSANLEDNING = "avslutsanledning", "avslutsanledning"
    ALDER = "alder", "ålder"


class Kod(models.Model):
    """One value of a code list, valid from a day and perhaps to a day."""

    lista = models.CharField(max_length=30, choices=Kodlista)
    kod = models.CharField(max_length=40)
    etikett = models.CharField(max_length=120)
    giltig_fran = models.DateField()
    giltig_till = models.DateField(null=True, blank=True)
    ordning = models.PositiveSmallIntegerField()
    grupp = models.CharField(
        max_length=40, blank=True, help_text="grupp av försörjning, där listan har grupper"
    )
    per_person = models.BooleanField(default=False, help_text="får anges per deltagare (behovsgrupp)")

    class Meta:
        verbose_name = "kod"
        verbose_name_plural = "koder"
        ordering = ["lista", "ordning"]
        constraints = [
            models.UniqueConstraint(fields=["lista", "kod", "giltig_fran"], name="kod_unik"),
            models.CheckConstraint(
                condition=Q(giltig_till__isnull=True) | Q(giltig_till__gte=F("giltig_fran")),
                name="kod_period",
            ),
        ]

    def __str__(self) -> str:
        return self.etikett


class Lan(models.Model):
    """A län, which is also the area of a region."""

    kod = models.CharField(max_length=2, primary_key=True)
    namn = models.CharField(max_length=60)

    class Meta:
        verbose_name = "län"
        verbose_name_plural = "län"
        ordering = ["kod"]

    def __str__(self) -> str:
        return self.namn


class Kommun(models.Model):
    """One of the 290 kommuner, by SCB's four-digit code."""

    kod = models.CharField(max_length=4, primary_key=True)
    namn = models.CharField(max_length=60)
    lan = models.ForeignKey(Lan, on_delete=models.PROTECT, related_name="kommuner")

    class Meta:
        verbose_name = "kommun"
        verbose_name_plural = "kommuner"
        ordering = ["kod"]

    def __str__(self) -> str:
        return self.namn


class Stadsdel(models.Model):
    """A stadsdel of Stockholm or Göteborg. The names change with the city's organisation, so they are dated."""

    kommun = models.ForeignKey(Kommun, on_delete=models.PROTECT, related_name="stadsdelar")
    namn = models.CharField(max_length=80)
    giltig_fran = models.DateField()
    giltig_till = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "stadsdel"
        verbose_name_plural = "stadsdelar"
        ordering = ["kommun", "namn"]
        constraints = [
            models.UniqueConstraint(fields=["kommun", "namn", "giltig_fran"], name="stadsdel_unik"),
            models.CheckConstraint(condition=Q(kommun__in=["0180", "1480"]), name="stadsdel_storstad"),
        ]

    def __str__(self) -> str:
        return self.namn
