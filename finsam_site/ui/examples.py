"""What the component page shows: each part in each state, with invented content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Paginator

from finsam_site.clock import STOCKHOLM

from .charts import Chart, ChartData, ChartKind, Series
from .comparison import Compared, Comparison
from .components import (
    Answer,
    Button,
    Component,
    Crumb,
    Detail,
    Details,
    EmptyState,
    ErrorSummary,
    KeyFigure,
    KeyFigures,
    Link,
    Notice,
    Pagination,
    PostButton,
    Progress,
    ReadBack,
    Step,
    SummaryError,
    Tag,
    Task,
    TaskList,
    Text,
    TimeLine,
    Tone,
    Waiting,
)
from .forms import BaseForm, ChoiceField, DayField, NumberField, PercentField
from .layout import Question, Section
from .tables import Column, Hidden, Kind, Row, Table

HERE = "/komponenter/"
LONG = "Samordningsförbundet i Östra Östergötland med Åtvidaberg, Söderköping, Valdemarsvik och Norrköping"
CANCEL = Link("Avbryt", HERE)
CRUMBS = [Crumb("Komponenter")]
KNOWN = dt.date(2019, 1, 16)


class ExampleForm(BaseForm):
    """Every kind of field, with answers that open others."""

    title = "Registrera in"
    submit = "Fortsätt till kontroll"
    error_title = "Rätta det här för att registrera deltagaren"
    opens: ClassVar = {
        "skydd": {"nej": ("samtycke", "nummer")},
        "forsorjning": {"sjukpenning": ("omfattning",)},
    }

    skydd = ChoiceField(
        label="Har personen skyddade personuppgifter?",
        help_text="Fråga innan du skriver något annat. Svara ”vet inte” om du är osäker.",
        choices=[("nej", "Nej"), ("ja", "Ja"), ("vet_ej", "Vet inte")],
    )
    samtycke = DayField(label="Samtycket undertecknat")
    nummer = forms.CharField(label="Personnummer", help_text="Tio eller tolv siffror", max_length=13)
    nummer.width = 13  # type: ignore[attr-defined]
    startdatum = DayField(label="Startdatum i insatsen")
    kommun = ChoiceField(
        label="Kommun",
        choices=[
            (name, name) for name in ("Boden", "Eda", "Falun", "Gävle", "Kil", "Lund", "Mora", "Ystad", "Åre")
        ],
    )
    arbetar = PercentField(label="Arbetar", help_text="Andel av heltid", required=False)
    manader = NumberField(label="Tid i försörjning", required=False)
    manader.width = 4
    manader.suffix = "månader"  # type: ignore[attr-defined]
    forsorjning = forms.MultipleChoiceField(
        label="Vad försörjer sig personen på?",
        help_text="Kryssa för allt som stämmer vid starten.",
        choices=[
            ("sjukpenning", "Sjukpenning"),
            ("bistand", "Ekonomiskt bistånd"),
            ("annan", "Annan försörjning"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    omfattning = ChoiceField(label="Hel eller del?", choices=[("hel", "Hel"), ("del", "Del")])
    anteckning = forms.CharField(label="Anteckning", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    fil = forms.FileField(
        label="Underskrivet samtycke", help_text="PDF eller bild, högst 5 MB", required=False
    )
    last = forms.CharField(label="Insats", disabled=True, required=False, initial="Steget vidare")
    last.optional_word = ""  # type: ignore[attr-defined]
    informerad = forms.BooleanField(
        label="Personen har fått veta vad som sparas",
        error_messages={"required": "Bekräfta att personen har fått veta vad som sparas."},
    )

    def layout(self) -> Sequence[Section | str]:
        return [
            Section("Innan du börjar", "skydd"),
            Section(
                "Insatsen",
                "last",
                "startdatum",
                "kommun",
                help="Uppgifterna gäller den dag personen började.",
            ),
            Section(
                "Före insatsen",
                "forsorjning",
                "manader",
                Question("Sysselsättning", "arbetar", help="Vid starten"),
            ),
            Section("Till sist", "anteckning", "fil", "informerad"),
        ]


INITIAL = {"startdatum": dt.date(2018, 3, 1)}
WRONG_ANSWERS = {
    "skydd": "nej", "samtycke": "i går", "nummer": "", "startdatum": "1 mars", "kommun": "", "arbetar": "150",
    "forsorjning": ["sjukpenning"], "anteckning": "",
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A part under a heading. note: what to see."""

    title: str
    parts: Sequence[Component]
    note: str = ""


@dataclass(frozen=True)
class Group:
    id: str
    title: str
    examples: Sequence[Example]


def running(done: int = 12_400, seconds_left: float = 17) -> Progress:
    """A job at work."""
    return Progress(
        "Kontrollerar registret", Waiting.RUNNING, done, 20_718, "rader kontrollerade", seconds_left,
        url=f"{HERE}framsteg/", action=Button("Avbryt kontrollen", kind="secondary", url=HERE),
    )  # fmt: skip


def _table(id_: str, rows: Sequence[Row], **more: Any) -> Table:
    columns = [
        Column("forbund", "Samordningsförbund"),
        Column("kvinnor", "Kvinnor", Kind.NUMBER, group="Antal"),
        Column("man", "Män", Kind.NUMBER, group="Antal"),
        Column("totalt", "Totalt", Kind.NUMBER, group="Antal"),
        Column("andel", "Till arbete", Kind.PERCENT, unit="procent", decimals=1),
        Column("dag", "Senast registrerat", Kind.DAY),
    ]
    return Table(
        id=id_, caption="Deltagare efter samordningsförbund 2018", columns=columns, rows=rows,
        note="Skyddat: färre än fem personer.", source="Uttag 16 januari 2019, uppgifter kända samma dag.",
        definition_url=HERE, **more,
    )  # fmt: skip


def _rows() -> list[Row]:
    day = dt.date(2019, 1, 11)
    return [
        Row({"forbund": "Älv och kust", "kvinnor": 1_204, "man": 987, "totalt": 2_191, "andel": 32.25, "dag": day},
            url=HERE),
        Row({"forbund": LONG, "kvinnor": 12_400, "man": 8_318, "totalt": 20_718, "andel": 41, "dag": day}, url=HERE),
        Row({"forbund": "Norra skogen", "kvinnor": 9, "man": Hidden(), "totalt": Hidden(), "andel": None}, url=HERE),
        Row({"forbund": "Riket", "kvinnor": 13_613, "man": 9_309, "totalt": 22_922, "andel": 39.9}, total=True),
    ]  # fmt: skip


def _charts() -> list[Example]:
    women, men = [29, 31, 27, 33], [35, 37, None, 41]
    source = "Uttag 16 januari 2019, uppgifter kända samma dag"
    share = ChartData(
        title="Män går oftare än kvinnor till arbete eller studier", unit="Andel av avslutade, procent",
        categories=["18–29 år", "30–44 år", "45–59 år", "60 år och äldre"],
        series=[Series("Kvinnor", women, "women"), Series("Män", men, "men")],
        notes=["Skyddat: färre än fem personer."], source=source, category_label="Ålder", definition_url=HERE,
    )  # fmt: skip
    years = ["2013", "2014", "2015", "2016", "2017", "2018"]
    line = ChartData(
        title="Deltagarna blir fler för vart år", unit="Antal deltagare", categories=years, source=source,
        series=[
            Series("Kvinnor", [9_100, 9_800, 10_400, None, 11_600, 12_400], "women"),
            Series("Män", [6_200, 6_700, 7_000, 7_300, 7_900, 8_318], "men"),
            Series("Totalt", [15_300, 16_500, 17_400, 18_000, 19_500, 20_718], "total"),
        ], category_label="År",
    )  # fmt: skip
    columns = ChartData(
        title="Allt fler avslutar sin insats", unit="Antal avslutade", categories=years[2:], source=source,
        series=[Series("Kvinnor", [4_100, 4_800, None, 5_600], "women"),
                Series("Män", [3_100, 3_400, 3_300, 3_900], "men")],
        category_label="År",
    )  # fmt: skip
    three = ChartData(
        title="Rehabilitering mot arbete är vanligast", unit="Antal insatser", source=source,
        categories=["Rehabilitering mot arbete", "Förrehabilitering och kartläggning", "Hälsofrämjande"],
        series=[Series("Insatser", [412, 288, 97])], category_label="Inriktning",
    )  # fmt: skip
    return [
        Example(
            "Liggande staplar",
            [Chart(share), Chart(three)],
            "Titeln säger vad man ser. Axeln börjar på noll.",
        ),
        Example("Stående staplar", [Chart(columns, ChartKind.COLUMNS)]),
        Example(
            "Linje",
            [Chart(line, ChartKind.LINE)],
            "Linjerna skiljer sig i streck och märke, inte bara i färg.",
        ),
    ]


def _buttons() -> list[Example]:
    return [
        Example("Knappar", [
            Button("Registrera deltagaren", url=HERE), Button("Skriv ut samtycket", url=HERE, kind="secondary"),
            Button("Ta bort utkastet", url=HERE, kind="danger"), Button("Avbryt", url=HERE, kind="quiet"),
            Button("Väntar på svar", disabled=True),
        ], "En primär knapp per sida, till vänster."),
        Example("Knappar som gör något direkt", [
            PostButton("Markera som skickat", HERE), PostButton("Ta uttaget nu", HERE, kind="primary"),
            PostButton("Ta bort den planerade dagen", HERE, kind="danger", hidden={"dag": "2019-01-16"}),
            PostButton("Ångra", HERE, kind="quiet"),
        ], "Var och en är ett eget litet formulär."),
        Example("Länkar", [Link("Alla deltaganden", HERE), Link("Här är du", HERE, current=True)]),
        Example("Status", [
            Tag("Utkast"), Tag("Mottaget", Tone.GOOD), Tag("Original skickat", Tone.WAIT), Tag("Saknas", Tone.BAD),
        ]),
    ]  # fmt: skip


def _messages() -> list[Example]:
    return [
        Example("Besked", [
            Notice("Deltagaren är registrerad.", tone=Tone.GOOD, link=Link("Registrera nästa person", HERE)),
            Notice("Uttaget tas den 16 januari. Sju utregistreringar saknas.", title="Snart dags för uttag"),
            Notice("Originalet har inte kommit på 90 dagar.", tone=Tone.WAIT, link=Link("Se samtycket", HERE)),
            Notice("Filen gick inte att läsa. Spara den som CSV och försök igen.", tone=Tone.BAD),
        ]),
        Example("Stycke", [
            Text("Personen är lika välkommen i insatsen och räknas med."),
            Text(f"{LONG} har gått upp i ett annat samordningsförbund. Det som är registrerat följer med dit."),
        ]),
        Example("Felsammanfattning", [ErrorSummary([
            SummaryError("Slutdatum ligger före startdatum (2018-03-01). Ändra något av dem.", "knappar"),
            SummaryError("Någon annan har ändrat uppgifterna. Läs båda versionerna innan du sparar."),
        ])], "Står först på sidan och har fokus när något är fel."),
        Example("Tomt", [EmptyState(
            "Inga deltaganden ännu", "Här står de som är registrerade i insatsen.",
            Button("Registrera in", url=HERE),
        )]),
    ]  # fmt: skip


def _lists() -> list[Example]:
    return [
        Example("Att göra", [TaskList([
            Task("Utkast", HERE, "Det äldsta är tre dagar gammalt", count=2),
            Task("Deltaganden vars insats är slut", HERE, count=12_400),
            Task("Skriv ut samtycket", HERE, status=Tag("Klart", Tone.GOOD)),
            Task("Registrera ut", hint="Kan göras när insatsen har börjat", status=Tag("Kan inte göras än")),
        ]), TaskList([])]),
        Example("Beskrivning", [Details([
            Detail("Samordningsförbund", LONG), Detail("Startdatum", "16 januari 2019"),
            Detail("Slutdatum", ""), Detail("Samtycke", Tag("Mottaget", Tone.GOOD), note="Formulär prov-1"),
        ])]),
        Example("Kontrollera uppgifterna", [ReadBack("Deltagaren", [
            Answer("Personnummer", "Från Skatteverkets testlista", change_url=HERE, change_what="personnummer"),
            Answer("Försörjning före", "Sjukpenning, hel", change_url=HERE, change_what="försörjning före"),
            Answer("Anteckning", "", change_url=HERE, change_what="anteckning"),
        ])]),
        Example("Jämför två versioner", [
            Comparison("Det som är sparat och dina svar", "Sparat av Ali Prov", "Dina svar", [
                Compared("Sista dagen", "30 juni 2018", "29 juni 2018"),
                Compared("Samordningsförbund", LONG, LONG),
                Compared("Arbetar", "", "25 %, ordinarie arbete"),
                Compared("Studerar", "Nej", ""),
                Compared("Behovsgrupp", "", ""),
            ]),
            Comparison("Det som ändras", "Står nu", "Ska stå", [
                Compared("Startdatum", "1 mars 2018", "2 mars 2018"),
                Compared("Anteckning", "", "Började en dag senare"),
            ], missing="Ingenting", word=""),
        ], "Det som skiljer sig är märkt, om inte allt gör det. Det som ingen har svarat på står inte."),
        Example("Tidslinje", [TimeLine([
            Step(dt.date(2018, 11, 30), "Registrerad ut", "Avslutad till arbete.", "Eva Prov", known=KNOWN,
                 tone=Tone.GOOD),
            Step(dt.date(2018, 5, 2), "Namnet rättat", "", "Eva Prov",
                 at=dt.datetime(2018, 5, 2, 12, 40, tzinfo=STOCKHOLM)),
            Step(dt.date(2018, 5, 2), "Rättad", "Utbildning ändrad från grundskola till gymnasium.", "Eva Prov",
                 at=dt.datetime(2018, 5, 2, 9, 5, tzinfo=STOCKHOLM), link=Link("Se båda versionerna", HERE)),
            Step(dt.date(2018, 3, 1), "Registrerad in", "Samtycket undertecknat den 27 februari 2018.", "Ali Prov"),
        ])]),
    ]  # fmt: skip


def _figures() -> list[Example]:
    pages = Paginator(range(1_234), 50)
    return [
        Example("Nyckeltal", [KeyFigures([
            KeyFigure("Deltagare", 32_715, change=1_204, against="2017", base="83 samordningsförbund", known=KNOWN,
                      definition_url=HERE),
            KeyFigure("Till arbete eller studier", 32, unit="procent", change=-1, change_unit="procentenhet",
                      against="2017", base="9 500 avslutade", known=KNOWN, definition_url=HERE),
            KeyFigure("Deltagare i Norra skogen", None, base="färre än fem personer", known=KNOWN,
                      missing="Skyddat", definition_url=HERE),
        ])]),
        Example("Tabell", [_table("tabell-1", _rows(), pagination=Pagination(pages.page(7), "deltaganden"))]),
        Example("Tom tabell", [_table("tabell-2", [], empty=EmptyState(
            "Inga deltagare 2018", "Här står deltagarna när de är registrerade.",
            Link("Välj ett annat år", HERE)))]),
    ]  # fmt: skip


def _waiting() -> list[Example]:
    return [
        Example("Förlopp", [
            running(),
            Progress("Uttag för 2018", Waiting.WAITING, text="Väntar på sin tur. Du kan lämna sidan.",
                     url=f"{HERE}framsteg/"),
            Progress("Uttag för 2018", Waiting.DONE, 5, 5, text="Klart på 4 sekunder.",
                     action=Link("Öppna rapporten", HERE)),
            Progress("Import av register", Waiting.FAILED, 9_001, 20_718,
                     text="Rad 9 002 saknar startdatum. Rätta filen och läs in den igen.",
                     action=Link("Se alla fel", HERE)),
            Progress("Uttag för 2017", Waiting.CANCELLED, text="Du avbröt uttaget. Inget är sparat."),
        ]),
    ]  # fmt: skip


def groups() -> list[Group]:
    """Everything, in the order of the page."""
    return [
        Group("knappar", "Knappar och status", _buttons()),
        Group("meddelanden", "Meddelanden", _messages()),
        Group("listor", "Listor", _lists()),
        Group("siffror", "Nyckeltal och tabeller", _figures()),
        Group("vanta", "Vänta", _waiting()),
        Group("diagram", "Diagram", _charts()),
    ]
