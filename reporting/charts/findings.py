"""What a diagram's title says, found in the figures. None when a figure that it needs is absent or hidden."""

from finsam_site.ui.formats import number
from reporting.charts.figures import HIDDEN, Figures
from reporting.charts.model import Finding
from reporting.charts.words import percent


def total_and_change(figures: Figures) -> str | None:
    total = figures("antal", registreringssatt="totalt", kon="totalt")
    share = figures("andel", registreringssatt="personuppgifter", kon="totalt")
    if not total or share is None:
        return None
    change = figures("forandring", registreringssatt="totalt", kon="totalt")
    compared = "" if change is None else f", {_compared(change)} {figures.year - 1}"
    return f"{number(total)} deltagare{compared}; {percent(share)} med personuppgifter"


def _compared(change: float) -> str:
    if number(abs(change)) == "0":
        return "ungefär lika många som"
    return f"{percent(abs(change))} {'fler' if change > 0 else 'färre'} än"


def most_common(words: str, dimension: str, *, but: tuple[str, ...] = ("saknas",)) -> Finding:
    """`<words> <label>: … procent av kvinnorna och … procent av männen`, of the code with the largest total share."""

    def finding(figures: Figures) -> str | None:
        code = figures.largest("andel", dimension, but=but, kon="totalt")
        shares = figures.women_and_men("andel", **{dimension: code}) if code else None
        return f"{words} {figures.label(dimension, code)}: {shares}" if code and shares else None

    return finding


def headline(figures: Figures) -> str | None:
    """The headline measure of the year (definition `huvudmatt`): it changed in 2021."""
    if figures.year <= 2020:
        code, words = "arbete_eller_studier", "arbete eller studier"
    else:
        code, words = "malet", "arbete, studier eller arbetssökande"
    return _share(figures, "efter_andel", f"gick till {words}", sysselsattning=code)


def began_or_increased(figures: Figures) -> str | None:
    return _share(figures, "andel", "började eller ökade arbete eller studier", okade="borjade_eller_okade")


def _share(figures: Figures, matt: str, words: str, **keys: str) -> str | None:
    total, shares = figures(matt, kon="totalt", **keys), figures.women_and_men(matt, **keys)
    return f"{percent(total)} {words}, {shares}" if total is not None and shares else None


def changed_most(figures: Figures) -> str | None:
    found = {}
    for code in figures.result.labels.get("forsorjning", {}):
        keys = {"forsorjning": code, "kon": "totalt"}
        (before, hidden), (after, gone) = (
            figures.cell({"matt": f"{when}_antal", **keys}) for when in ("fore", "efter")
        )
        if HIDDEN in (hidden, gone):
            return None
        if code != "saknas" and before is not None and after is not None and before != after:
            found[code] = (before, after)
    if not found:
        return None
    code = max(found, key=lambda code: abs(found[code][1] - found[code][0]))
    before, after = found[code]
    who = "utan offentlig försörjning" if code == "ingen" else f"med {figures.label('forsorjning', code)}"
    way = "ökade" if after > before else "minskade"
    return f"Antalet {who} {way} mest, från {number(before)} före till {number(after)} efter insatsen"


def median_time(figures: Figures) -> str | None:
    median = figures("median", preciserad_inriktning="totalt")
    code = figures.largest("median", "preciserad_inriktning", but=("totalt",))
    longest = figures("median", preciserad_inriktning=code) if code else None
    if median is None or code is None or longest is None:
        return None
    label = figures.label("preciserad_inriktning", code)
    return f"Mediantiden i insats var {number(median)} dagar; längst i {label}, {number(longest)} dagar"


def registered_in_time(figures: Figures) -> str | None:
    starts, ends = figures("in_30", forbund="totalt"), figures("ut_30", forbund="totalt")
    if starts is None or ends is None:
        return None
    return f"{percent(starts)} av starterna och {percent(ends)} av avsluten registrerades inom 30 dagar"
