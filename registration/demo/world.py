"""The förbund and insatser of the demo, as plain values. Their dates count from the first year of the demo."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

JANUARY_UTTAG, FEBRUARY_UTTAG = (1, 16), (2, 26)
"""(month, day) of the year after: when an uttag of a year is taken, first early and then late."""

Profil = Literal["sjuk", "ung", "arbetslos", ""]
YearDay = tuple[int, int, int]
"""(years after the first one, month, day)."""


@dataclass(frozen=True)
class Period:
    """The years that the demo tells of. first: whole, fastställd; reported: the year after, with two uttag."""

    today: dt.date

    @property
    def reported(self) -> int:
        """The latest year whose late uttag can have been taken."""
        year = self.today.year - 1
        return year if self.today > dt.date(self.today.year, *FEBRUARY_UTTAG) else year - 1

    @property
    def first(self) -> int:
        return self.reported - 1

    @property
    def years(self) -> range:
        """Every year that has something registered."""
        return range(self.first, self.today.year + 1)

    @property
    def beginning(self) -> dt.date:
        """The day on which registration began."""
        return dt.date(self.first, 1, 1)

    def day(self, when: YearDay) -> dt.date:
        years, month, day = when
        return dt.date(self.first + years, month, day)

    @property
    def lately(self) -> dt.date:
        """The end of a month, about three months ago."""
        day = self.today - dt.timedelta(days=90)
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@dataclass(frozen=True)
class ForbundSpec:
    """A förbund. kommuner: code → a weight for how many live there. grund: whole kronor that staten pays in a year."""

    id: str
    namn: str
    beskrivning: str
    lan: tuple[str, ...]
    kommuner: dict[str, int]
    grund: int
    uppgatt_i: str = ""


MERGER: YearDay = (1, 6, 30)
"""The last day of the absorbed förbund: in the year that is reported."""

FORBUND = (
    ForbundSpec(
        "DF01",
        "Samordningsförbundet Älvkransen",
        "Fem kommuner längs en älv, på båda sidor om länsgränsen. Förbundet satsar på tidiga insatser för den som är "
        "sjukskriven och på unga som ännu inte har kommit in i arbetslivet.",
        ("17", "18"),
        {"1781": 24, "1883": 30, "1862": 10, "1782": 10, "1760": 4},
        4_200_000,
    ),
    ForbundSpec(
        "DF02",
        "Samordningsförbundet Havslinjen",
        "Fyra kustkommuner. Störst är insatserna för långtidssjukskrivna och för den som är ny i Sverige.",
        ("21",),
        {"2180": 100, "2184": 38, "2182": 26, "2132": 10},
        4_300_000,
    ),
    ForbundSpec(
        "DF03",
        "Samordningsförbundet Åsbygden",
        "Landsbygd och småstäder. Förbundet har tagit över Norra strandens insatser.",
        ("14",),
        {"1499": 33, "1495": 19, "1498": 13, "1497": 9},
        3_100_000,
    ),
    ForbundSpec(
        "DF04",
        "Samordningsförbundet Norra stranden",
        "Två kommuner vid en sjö. Förbundet har gått upp i Åsbygden, som fortsätter med de insatser som pågick.",
        ("14",),
        {"1493": 24, "1473": 9},
        1_500_000,
        uppgatt_i="DF03",
    ),
)


@dataclass(frozen=True)
class InsatsSpec:
    """An insats. vikt: how many start there, among those that register persons. langd: a usual time in it, days.

    slut `LATELY` is a few months ago, with some deltaganden still open. ansvarig: user name of the deltagaransvarig.
    antal: a usual number a year, where only numbers are registered.
    """

    id: str
    forbund: str
    namn: str
    preciserad: str
    beskrivning: str
    behovsgrupper: str
    parter: str
    profil: Profil = ""
    vikt: int = 0
    langd: int = 0
    antal: int = 0
    ansvarig: str = ""
    esf: bool = False
    start: YearDay = (-1, 9, 1)
    slut: YearDay | Literal["lately"] | None = None

    @property
    def individ(self) -> bool:
        return self.preciserad in INDIVID

    @property
    def person(self) -> bool:
        """True where persons are registered, False where only numbers are."""
        return bool(self.vikt)

    def starts(self, period: Period) -> dt.date:
        return period.day(self.start)

    def ends(self, period: Period) -> dt.date | None:
        if self.slut == LATELY:
            return period.lately
        return None if self.slut is None else period.day(self.slut)


LATELY: Literal["lately"] = "lately"
INDIVID = frozenset(
    {"forebyggande", "kartlaggning", "forberedande", "rehab_arbete", "stod_arbete", "annan_individ"}
)
OPEN_IN_ENDED = 9
"""At most so many are left open, for ever, in the insats that has ended; others wait for their late registration."""

INSATSER = (
    InsatsSpec(
        "DI01", "DF01", "Stegvis", "rehab_arbete",
        "Arbetsträning i små steg hos en arbetsgivare, med en samordnare som håller ihop planen. För den som har varit "
        "sjukskriven länge.",
        "langtidssjukskrivna", "af fk kommun region", "sjuk", 15, 290, ansvarig="anna",
    ),
    InsatsSpec(
        "DI02", "DF01", "Vägvalet", "kartlaggning",
        "Fyra månaders kartläggning av arbetsförmåga och stödbehov i ett team från alla fyra parter.",
        "langtidssjukskrivna psykisk_ohalsa", "af fk region", "sjuk", 6, 130, ansvarig="anna", slut=LATELY,
    ),
    InsatsSpec(
        "DI03", "DF01", "Ung framåt", "forberedande",
        "Grupper och enskilda samtal för unga med aktivitetsersättning, i den takt som var och en klarar.",
        "unga_aktivitetsersattning unga_funktionsnedsattning", "af fk kommun", "ung", 7, 300, ansvarig="bilal",
    ),
    InsatsSpec(
        "DI04", "DF01", "Jobbspåret", "stod_arbete",
        "Handledare följer med ut på arbetsplatsen och stannar kvar tills arbetet sitter.",
        "langtidsarbetslosa", "af kommun", "arbetslos", 6, 240, ansvarig="kollega.alvkransen", esf=True,
    ),
    InsatsSpec(
        "DI05", "DF01", "Hälsoskolan", "forebyggande",
        "Tio träffar om sömn, stress och rörelse för den som har börjat vara borta från jobbet.",
        "psykisk_ohalsa", "fk region", "sjuk", 4, 110, ansvarig="kollega.alvkransen",
    ),
    InsatsSpec(
        "DI06", "DF01", "Mötesplats Kvarnen", "annan_individ",
        "Öppen verksamhet dit man kommer utan anmälan. Bara antalet besökare registreras.",
        "missbruk annan", "kommun region", antal=42,
    ),
    InsatsSpec(
        "DI07", "DF01", "En gemensam ingång", "samlokalisering",
        "Handläggare från alla parter sitter tillsammans två dagar i veckan.",
        "", "af fk kommun region", antal=26,
    ),
    InsatsSpec(
        "DI08", "DF01", "Chefsdialog om återgång", "dialog",
        "Frukostmöten där chefer och rehabiliteringskoordinatorer reder ut hur återgången kan gå till.",
        "langtidssjukskrivna", "fk region", antal=74,
    ),
    InsatsSpec(
        "DI09", "DF01", "Utbildning i bemötande", "utbildning",
        "Halvdagsutbildning för den som möter människor i kris.",
        "psykisk_ohalsa missbruk", "af fk kommun region", antal=120,
    ),
    InsatsSpec(
        "DI10", "DF01", "Unga utanför, en kunskapsöversikt", "kunskap",
        "Kartläggning av vilka unga som inte nås av någon myndighet, och varför.",
        "unga_utan_sysselsattning", "kommun", antal=18, start=(0, 2, 1), slut=(1, 11, 30),
    ),
    InsatsSpec(
        "DI11", "DF02", "Tillbaka till arbete", "rehab_arbete",
        "Rehabilitering med arbetsplatsen som utgångspunkt: läkare, handläggare och arbetsgivare gör planen ihop.",
        "langtidssjukskrivna psykisk_ohalsa", "af fk kommun region", "sjuk", 13, 300, ansvarig="cecilia",
    ),
    InsatsSpec(
        "DI12", "DF02", "Språk och praktik", "rehab_arbete",
        "Praktik på halvtid och yrkessvenska på halvtid.",
        "nyanlanda langtidsarbetslosa", "af kommun", "arbetslos", 10, 260, ansvarig="kollega.havslinjen", esf=True,
    ),
    InsatsSpec(
        "DI13", "DF02", "Mitt nästa steg", "forberedande",
        "Vägledning och studiebesök för unga som varken arbetar eller studerar.",
        "unga_utan_sysselsattning", "af kommun", "ung", 5, 200, ansvarig="kollega.havslinjen",
    ),
    InsatsSpec(
        "DI14", "DF02", "Hållbar vardag", "forebyggande",
        "Stöd att få ordning på ekonomi, boende och hälsa innan problemen växer.",
        "psykisk_ohalsa missbruk", "kommun region", "arbetslos", 4, 150, ansvarig="kollega.havslinjen",
    ),
    InsatsSpec(
        "DI15", "DF02", "Kompassen", "kartlaggning",
        "Bedömning av arbetsförmåga under åtta veckor, med en gemensam slutrapport.",
        "langtidssjukskrivna", "af fk region", "sjuk", 5, 80, ansvarig="kollega.havslinjen",
    ),
    InsatsSpec(
        "DI16", "DF02", "Studieverkstan", "annan_individ",
        "Pedagogiskt stöd för unga med funktionsnedsättning som vill läsa vidare.",
        "unga_funktionsnedsattning", "kommun", "ung", 3, 250, ansvarig="kollega.havslinjen",
    ),
    InsatsSpec(
        "DI17", "DF02", "Samverkansteam", "metod",
        "Parterna provar gemensam ärendegång för den som behöver stöd från flera håll.",
        "", "af fk kommun region", antal=34,
    ),
    InsatsSpec(
        "DI18", "DF02", "Lärande nätverk", "utbildning",
        "Återkommande träffar där handläggare lär av varandras ärenden, utan namn.",
        "annan", "af fk kommun region", antal=65,
    ),
    InsatsSpec(
        "DI19", "DF02", "Förstudie om psykisk ohälsa", "kunskap",
        "Vad saknas för den som är sjukskriven med psykisk ohälsa? Intervjuer och statistik.",
        "psykisk_ohalsa", "region", antal=22, slut=(0, 10, 31),
    ),
    InsatsSpec(
        "DI20", "DF03", "Lots till arbete", "stod_arbete",
        "En lots följer deltagaren genom alla kontakter fram till arbete eller studier.",
        "langtidssjukskrivna langtidsarbetslosa", "af fk kommun", "sjuk", 6, 240, ansvarig="cecilia",
    ),
    InsatsSpec(
        "DI21", "DF03", "Grön väg", "rehab_arbete",
        "Rehabilitering i trädgård och skog, först i grupp och sedan på en arbetsplats.",
        "psykisk_ohalsa", "fk region", "sjuk", 9, 280, ansvarig="kollega.asbygden",
    ),
    InsatsSpec(
        "DI22", "DF03", "Ungdomskraft", "forberedande",
        "Mentor och praktik för unga på väg från aktivitetsersättning.",
        "unga_aktivitetsersattning unga_utan_sysselsattning", "af fk kommun", "ung", 6, 310,
        ansvarig="kollega.asbygden", esf=True,
    ),
    InsatsSpec(
        "DI23", "DF03", "Ny start", "rehab_arbete",
        "Arbetsträning i kommunens verkstad efter avslutad beroendevård.",
        "missbruk annan", "kommun region", "arbetslos", 5, 260, ansvarig="kollega.asbygden",
    ),
    InsatsSpec(
        "DI24", "DF03", "Träffpunkten", "forebyggande",
        "Öppet hus med råd om arbete och hälsa. Bara antalet besökare registreras.",
        "annan", "kommun", antal=31,
    ),
    InsatsSpec(
        "DI25", "DF03", "Gemensam kartläggning", "metod",
        "Ett och samma kartläggningsunderlag för alla parter arbetas fram och prövas.",
        "", "af fk kommun region", antal=28,
    ),
    InsatsSpec(
        "DI26", "DF03", "Dialogforum", "dialog",
        "Arbetsgivare och parter möts två gånger per termin.",
        "langtidsarbetslosa", "af kommun", antal=58, start=(0, 9, 1),
    ),
    InsatsSpec(
        "DI27", "DF04", "Arbetslivsbron", "rehab_arbete",
        "Praktikplatser hos kommunens leverantörer, med handledare från Arbetsförmedlingen.",
        "langtidsarbetslosa nyanlanda", "af kommun", "arbetslos", 10, 270, ansvarig="kollega.strand",
    ),
    InsatsSpec(
        "DI28", "DF04", "Steget före", "kartlaggning",
        "Kort kartläggning för den som riskerar att bli långtidssjukskriven.",
        "langtidssjukskrivna", "fk region", "sjuk", 4, 90, ansvarig="kollega.strand", slut=(1, 3, 31),
    ),
    InsatsSpec(
        "DI29", "DF04", "Samordnat stöd", "annan_struktur",
        "Processledare som hjälper parterna att hitta gemensamma arbetssätt.",
        "", "af fk kommun region", antal=24,
    ),
    InsatsSpec(
        "DI30", "DF04", "En väg in", "samlokalisering",
        "Gemensam reception för kommunen och Försäkringskassan.",
        "annan", "fk kommun", antal=16, start=(0, 4, 1), esf=True,
    ),
)  # fmt: skip

PERSON_INSATSER = tuple(insats for insats in INSATSER if insats.person)
NUMBER_INSATSER = tuple(insats for insats in INSATSER if not insats.person)


@dataclass(frozen=True)
class FragaSpec:
    """A förbund's own question. slag: a value of Fraga.Svarstyp; alternativ: one per line."""

    forbund: str
    text: str
    tillfalle: Literal["in", "ut"]
    slag: Literal["ja_nej", "val", "text", "tal"]
    alternativ: str = ""


FRAGOR = (
    FragaSpec("DF01", "Har du försörjningsansvar för barn under 18 år?", "in", "ja_nej"),
    FragaSpec(
        "DF01",
        "Hur nära arbete eller studier är du, från 1 (långt) till 5 (mycket nära)?",
        "in",
        "val",
        "1\n2\n3\n4\n5",
    ),
    FragaSpec(
        "DF01",
        "Hur nära arbete eller studier är du, från 1 (långt) till 5 (mycket nära)?",
        "ut",
        "val",
        "1\n2\n3\n4\n5",
    ),
    FragaSpec("DF01", "Hur många gånger har du träffat teamet?", "ut", "tal"),
    FragaSpec(
        "DF02",
        "Har parterna samarbetat kring dig så som du behövde?",
        "ut",
        "val",
        "Ja, helt\nJa, till största delen\nTill viss del\nNej",
    ),
    FragaSpec(
        "DF03", "Hur reser du till insatsen?", "in", "val", "Går eller cyklar\nBuss eller tåg\nBil\nAnnat"
    ),
)
