"""Which ten tables are drawn, and how."""

from reporting.charts.findings import (
    began_or_increased,
    changed_most,
    headline,
    median_time,
    most_common,
    registered_in_time,
    total_and_change,
)
from reporting.charts.model import Category, Chart, Series, Tone


def _by_kon(matt: str) -> tuple[Series, ...]:
    return (
        Series(label="Kvinnor", keys={"matt": matt, "kon": "K"}, tone="kvinnor"),
        Series(label="Män", keys={"matt": matt, "kon": "M"}, tone="man"),
    )


def _year_and_before(**keys: str) -> tuple[Series, ...]:
    return (
        Series(label="{year}", keys=keys),
        Series(label="{before}", keys=keys, earlier=True, year_before=True),
    )


def _before_and_after(who: str, kon: str, tone: Tone) -> tuple[Series, ...]:
    return (
        Series(label=f"{who} före", keys={"matt": "fore_andel", "kon": kon}, tone=tone, earlier=True),
        Series(label=f"{who} efter", keys={"matt": "efter_andel", "kon": kon}, tone=tone),
    )


_SEVERAL_SOURCES = "Den som har flera källor till försörjning räknas i varje stapel."

CHARTS: tuple[Chart, ...] = (
    Chart(
        id="deltagare", table="deltagare", direction="horizontal", axis_title="Antal deltagare (individer)",
        unit="individer", dimension="registreringssatt", leave_out=("totalt",),
        series=_year_and_before(matt="antal", kon="totalt"), finding=total_and_change,
    ),
    Chart(
        id="deltagare_alder", table="deltagare_alder", direction="vertical",
        axis_title="Andel av deltagarna (procent)", unit="procent", dimension="alder", series=_by_kon("andel"),
        finding=most_common("Vanligaste åldern är", "alder"),
    ),
    Chart(
        id="deltagare_utbildning", table="deltagare_utbildning", direction="horizontal",
        axis_title="Andel av deltagarna (procent)", unit="procent", dimension="utbildning", series=_by_kon("andel"),
        finding=most_common("Vanligaste högsta utbildningen är", "utbildning", but=("saknas", "okand")),
    ),
    Chart(
        id="deltagare_forsorjning", table="deltagare_forsorjning", direction="horizontal",
        axis_title="Andel av deltagarna (procent)", unit="procent", dimension="forsorjning", by_size=True,
        series=_by_kon("andel"),
        finding=most_common("Vanligaste försörjningen före insatsen är", "forsorjning", but=("saknas", "ingen")),
        notes=(_SEVERAL_SOURCES,),
    ),
    Chart(
        id="resultat_sysselsattning", table="resultat_sysselsattning", direction="vertical",
        axis_title="Andel av de avslutade (procent)", unit="procent", dimension="sysselsattning",
        leave_out=("arbete", "studier", "malet", "avslutade"),
        series=_before_and_after("Kvinnor", "K", "kvinnor") + _before_and_after("Män", "M", "man"),
        finding=headline,
        notes=("Före och efter insatsen, samma personer.",),
    ),
    Chart(
        id="resultat_okade", table="resultat_okade", direction="horizontal",
        axis_title="Andel av de avslutade (procent)", unit="procent", dimension="okade", series=_by_kon("andel"),
        finding=began_or_increased,
    ),
    Chart(
        id="resultat_forsorjning", table="resultat_forsorjning", direction="horizontal",
        axis_title="Antal avslutade (individer)", unit="individer", dimension="forsorjning", by_size=True,
        series=(
            Series(label="Före insatsen", keys={"matt": "fore_antal", "kon": "totalt"}, earlier=True),
            Series(label="Efter insatsen", keys={"matt": "efter_antal", "kon": "totalt"}),
        ),
        finding=changed_most, notes=(_SEVERAL_SOURCES,),
    ),
    Chart(
        id="avslut", table="avslut", direction="horizontal", axis_title="Andel av de avslutade (procent)",
        unit="procent", dimension="avslutsanledning", by_size=True, series=_by_kon("andel"),
        finding=most_common("Vanligaste avslutsanledningen är", "avslutsanledning"),
    ),
    Chart(
        id="tid_i_insats", table="tid_i_insats", direction="horizontal", axis_title="Mediantid i insats (dagar)",
        unit="dagar", dimension="preciserad_inriktning", series=_year_and_before(matt="median"),
        finding=median_time,
    ),
    Chart(
        id="kvalitet", table="kvalitet", direction="horizontal",
        axis_title="Andel registrerade i tid (procent)", unit="procent", category_title="Registrering",
        categories=tuple(
            Category(label=f"{what} inom {days} dagar", keys={"matt": f"{way}_{days}", "forbund": "totalt"})
            for what, way in (("Start", "in"), ("Avslut", "ut"))
            for days in (7, 30, 90)
        ),
        series=_year_and_before(), finding=registered_in_time,
    ),
)  # fmt: skip
