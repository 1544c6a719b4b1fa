"""The same tables with pandas, from the same raw rows that the product's extraction gives.

`read_rows` makes the frames of a year out of the raw CSV files (versions, owners, bands), which the product does when
it makes the dataset; `run` computes the tables from them. Both begin with the same rows in memory: codes as categories
(the product: ENUM), the answers on support numbered, with the sources of each combination beside them. What several
tables need is computed once, and rows are counted before they are crossed with the sources: as somebody would write it
who cares for speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reporting.uttag.dataset_sql import TID_BANDS

from .cells import Cells, cells_of

AGES = ((0, "-19"), (20, "20-24"), (25, "25-29"), (30, "30-39"), (40, "40-49"), (50, "50-59"), (60, "60-"))
BANDS = tuple(zip((0, *(end for _, end in TID_BANDS if end)), (band for band, _ in TID_BANDS), strict=True))
ANSWERS = ["forsorjning", "arbetar", "studerar", "arbetssokande"]
IN_COLUMNS = ["deltagande", "insats", "nr", "registrerad", "start", "kon", "fodelsear", "kommun", "utbildning",
              "tid_manader", "initierad_av", "behovsgrupp", *ANSWERS]  # fmt: skip
UT_COLUMNS = ["deltagande", "nr", "registrerad", "slut", "avslutsanledning", "felregistrering", *ANSWERS]
COLUMNS = ["rad", "person", "insats", "forbund", "kon", "alder", "ung", "kommun", "start_dag", "slut_dag",
           "utbildning", "tid_i_forsorjning", "initierad_av", "behovsgrupp", "arbetar_fore", "studerar_fore",
           "arbetssokande_fore", "svar_fore", "svar_efter", "avslutsanledning", "arbetar_efter", "studerar_efter",
           "arbetssokande_efter",
           "ordning_in", "ordning_ut"]  # fmt: skip
CODES = [
    "forbund",
    "kon",
    "alder",
    "kommun",
    "utbildning",
    "tid_i_forsorjning",
    "initierad_av",
    "avslutsanledning",
]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A year in frames, with what the product's dataset of it holds: the same rows, bands, days and ordinals.

    `rader`: a row per deltagande med personuppgifter; `kallor`: the sources of support that each answer (`svar`) names.
    """

    year: int
    rader: pd.DataFrame
    kallor: pd.DataFrame
    insatser: pd.DataFrame
    kommuner: pd.DataFrame


def read_rows(folder: Path, year: int) -> Rows:
    """The frames of the year from the files of `reporting.uttag.extraction.extract`."""
    first, last = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31")
    text = {
        "deltagande": str,
        "insats": str,
        "kommun": str,
        "forsorjning": str,
        "behovsgrupp": str,
        "person": str,
    }
    ins = pd.read_csv(
        folder / "in_versioner.csv", usecols=IN_COLUMNS, dtype=text, parse_dates=["start", "registrerad"]
    )
    uts = pd.read_csv(
        folder / "ut_versioner.csv", usecols=UT_COLUMNS, dtype=text, parse_dates=["slut", "registrerad"]
    )
    people = pd.read_csv(folder / "deltaganden.csv", usecols=["deltagande", "person"], dtype=text).dropna()
    people["person"] = pd.factorize(people["person"])[0]
    rader = people.merge(_latest(ins, "in"), on="deltagande").merge(
        _latest(uts, "ut"), on="deltagande", how="left", suffixes=("_fore", "_efter")
    )
    rader = rader[
        (rader["felregistrering"] != 1) & (rader["start"] <= last) & ~(rader["slut"] < first)
    ].reset_index(drop=True)
    insatser = pd.read_csv(folder / "insatser.csv", dtype=str, parse_dates=["start", "slut"])
    rader = rader.merge(_owners(folder, rader, last), on="deltagande")
    age = year - rader["fodelsear"]
    rader["alder"] = _band(age, AGES)
    rader["ung"] = age < 30
    rader["tid_i_forsorjning"] = _band(rader["tid_manader"], BANDS)
    rader["start_dag"] = (rader["start"] - first).dt.days
    rader["slut_dag"] = (rader["slut"] - first).dt.days
    for way in ("in", "ut"):
        rader[f"ordning_{way}"] = rader[f"registrerad_{way}"].rank(method="dense")
    rader = rader.sort_values("deltagande").reset_index(drop=True)
    rader["rad"] = rader.index
    insatser["nummer"] = insatser.index
    rader["insats"] = rader["insats"].map(insatser.set_index("insats")["nummer"])
    insatser["insats"] = insatser["nummer"]
    answers = pd.concat([rader["forsorjning_fore"], rader["forsorjning_efter"]])
    numbers, combinations = pd.factorize(answers)
    rader["svar_fore"], rader["svar_efter"] = numbers[: len(rader)], numbers[len(rader) :]
    for column in CODES:
        rader[column] = rader[column].fillna("saknas").astype("category")
    return Rows(
        year=year,
        rader=rader[COLUMNS],
        kallor=_sources(combinations),
        insatser=insatser,
        kommuner=pd.read_csv(folder / "kommuner.csv", dtype=str)[["kommun", "lan"]],
    )


def _latest(versions: pd.DataFrame, way: str) -> pd.DataFrame:
    """The last version of each deltagande, with the time of its first one."""
    ordered = versions.sort_values(["deltagande", "registrerad", "nr"])
    first = ordered.drop_duplicates("deltagande")[["deltagande", "registrerad"]]
    last = ordered.drop_duplicates("deltagande", keep="last").drop(columns=["registrerad", "nr"])
    return last.merge(first.rename(columns={"registrerad": f"registrerad_{way}"}), on="deltagande")


def _owners(folder: Path, rader: pd.DataFrame, last: np.datetime64) -> pd.DataFrame:
    """The förbund of each deltagande: the owner of its insats on the last day of it or of the year."""
    owners = pd.read_csv(folder / "agande.csv", dtype=str, parse_dates=["fran", "till"])
    asked = rader[["deltagande", "insats"]].assign(on=rader["slut"].where(rader["slut"] < last, last))
    found = asked.merge(owners, on="insats")
    return found[(found["fran"] <= found["on"]) & ~(found["till"] < found["on"])][["deltagande", "forbund"]]


def _band(values: pd.Series, bands: tuple[tuple[int, str], ...]) -> pd.Series:
    edges = [*(low for low, _ in bands), 10_000]
    return (
        pd.cut(values, edges, right=False, labels=[label for _, label in bands])
        .astype("str")
        .where(values.notna())
    )


def _state(rader: pd.DataFrame, when: str) -> pd.Series:
    arbetar, studerar, soker = (rader[f"{name}_{when}"] for name in ("arbetar", "studerar", "arbetssokande"))
    state = np.select(
        [arbetar.isna() & studerar.isna() & soker.isna(), (arbetar > 0) | (studerar > 0), soker == 1],
        ["saknas", "arbete_eller_studier", "arbetssokande"],
        "ovriga",
    )
    return pd.Series(state, index=rader.index).astype("category")


def _sources(combinations: pd.Index) -> pd.DataFrame:
    """One row per combination and source; `saknas` for no answer, which `factorize` numbers -1."""
    listed = pd.Series(combinations).str.split("|").explode().str.split(":").str[0]
    found = listed.rename("forsorjning").rename_axis("svar").reset_index().drop_duplicates()
    return pd.concat([found, pd.DataFrame({"svar": [-1], "forsorjning": ["saknas"]})], ignore_index=True)


def run(rows: Rows) -> dict[str, pd.DataFrame]:
    """Every table of the year."""
    rader = rows.rader.merge(rows.insatser[["insats", "preciserad_inriktning"]], on="insats")
    rader = rader.merge(rows.kommuner, on="kommun", how="left")
    for column in ("preciserad_inriktning", "lan"):
        rader[column] = rader[column].fillna("saknas").astype("category")
    personer = rader.sort_values(["start_dag", "ordning_in", "rad"]).drop_duplicates("person", keep="last")
    days = (np.datetime64(f"{rows.year + 1}-01-01") - np.datetime64(f"{rows.year}-01-01")).astype(int)
    in_year = rader[(rader["slut_dag"] >= 0) & (rader["slut_dag"] < days)]
    ordered = in_year.sort_values(["slut_dag", "ordning_ut", "rad"])
    ordered = ordered.assign(
        tid=ordered["slut_dag"] - ordered["start_dag"] + 1,
        fore=_state(ordered, "fore"),
        efter=_state(ordered, "efter"),
    )
    avslut = ordered.drop_duplicates("person", keep="last")
    own = ordered.drop_duplicates(["forbund", "person"], keep="last")
    more = ((avslut["arbetar_efter"].fillna(0) > avslut["arbetar_fore"].fillna(0))
            | (avslut["studerar_efter"].fillna(0) > avslut["studerar_fore"].fillna(0)))  # fmt: skip
    silent = (avslut["fore"] == "saknas") | (avslut["efter"] == "saknas")
    okade = np.where(silent, "saknas", np.where(more, "borjade_eller_okade", "ej_okade"))
    return {
        "insatser_individ": _insatser(rows, rader),
        "deltagare_alder": _by_kon(personer, "alder"),
        "deltagare_utbildning": _by_kon(personer, "utbildning"),
        "deltagare_tid": _by_kon(personer, "tid_i_forsorjning"),
        "deltagare_forsorjning": _by_source(personer, rows, "fore", "antal"),
        "deltagare_initierad": _by_kon(personer, "initierad_av"),
        "behovsgrupper": _behovsgrupper(rows, personer),
        "resultat_sysselsattning": _sysselsattning(avslut),
        "resultat_okade": _by_kon(avslut.assign(okade=okade), "okade"),
        "resultat_forsorjning": _by_source(avslut, rows, "fore", "fore_antal").merge(
            _by_source(avslut, rows, "efter", "efter_antal"), on=["forsorjning", "kon"], how="outer"
        ),
        "resultat_forsorjning_flode": _flow(avslut, rows),
        "avslut": _by_kon(avslut, "avslutsanledning"),
        "tid_i_insats": _tid(avslut),
        "lan": _places(personer, avslut, "lan"),
        "kommun": _places(personer, avslut, "kommun"),
        "forbund_resultat": _forbund_resultat(own),
    }


def cells(tables: dict[str, pd.DataFrame]) -> Cells:
    """The cells of what `run` gave."""
    found: Cells = {}
    for table, frame in tables.items():
        plain: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[assignment]
        found |= cells_of(table, plain)
    return found


def _by_source(frame: pd.DataFrame, rows: Rows, when: str, name: str) -> pd.DataFrame:
    """The deltaganden by each of their sources of support and kön."""
    counted = frame.groupby([f"svar_{when}", "kon"], observed=True).size().reset_index(name=name)
    found = counted.merge(rows.kallor, left_on=f"svar_{when}", right_on="svar").astype({"kon": object})
    by_kon = found.groupby(["forsorjning", "kon"])[name].sum().reset_index()
    total = found.groupby("forsorjning")[name].sum().reset_index().assign(kon="totalt")
    return pd.concat([by_kon, total])


def _flow(avslut: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    counted = avslut.groupby(["svar_fore", "svar_efter"]).size().reset_index(name="antal")
    for when in ("fore", "efter"):
        counted = counted.merge(
            rows.kallor.rename(columns={"svar": f"svar_{when}", "forsorjning": f"forsorjning_{when}"}),
            on=f"svar_{when}",
        )
    return counted.groupby(["forsorjning_fore", "forsorjning_efter"])["antal"].sum().reset_index()


def _by_kon(frame: pd.DataFrame, column: str, name: str = "antal") -> pd.DataFrame:
    counted = frame.groupby([column, "kon"], observed=True).size().reset_index(name=name)
    total = counted.groupby(column, observed=True)[name].sum().reset_index().assign(kon="totalt")
    return pd.concat([counted.astype({"kon": object, column: object}), total.astype({column: object})])


def _insatser(rows: Rows, rader: pd.DataFrame) -> pd.DataFrame:
    first, last = np.datetime64(f"{rows.year}-01-01"), np.datetime64(f"{rows.year}-12-31")
    every = rows.insatser[rows.insatser["inriktning"] == "individ"]
    every = every[(every["start"] <= last) & ~(every["slut"] < first)]
    number = every.groupby("preciserad_inriktning").size().rename("insatser")
    persons = rader.groupby("preciserad_inriktning", observed=True)["person"].nunique().rename("deltagare")
    persons.index = persons.index.astype(object)
    return pd.concat([number, persons], axis=1).fillna(0).reset_index(names="preciserad_inriktning")


def _behovsgrupper(rows: Rows, personer: pd.DataFrame) -> pd.DataFrame:
    rader = rows.rader
    sources = rows.kallor[rows.kallor["forsorjning"].isin(["sjukpenning", "aktivitetsersattning"])]
    from_sources = rader.loc[
        rader["svar_fore"].isin(sources["svar"]), ["person", "start_dag", "svar_fore"]
    ].merge(sources.rename(columns={"forsorjning": "grupp", "svar": "svar_fore"}), on="svar_fore")
    young = from_sources[from_sources["grupp"] == "aktivitetsersattning"].assign(
        grupp="unga_aktivitetsersattning"
    )
    given = rader[rader["behovsgrupp"].notna()]
    given = given[["person", "start_dag"]].assign(grupp="person_" + given["behovsgrupp"])
    columns = ["person", "start_dag", "grupp"]
    every = pd.concat([from_sources[columns], young[columns], given[columns]])
    every = every.merge(personer[["person", "kon", "ung"]], on="person")
    every = every[(every["grupp"] != "unga_aktivitetsersattning") | every["ung"]]
    result = []
    for kon, part in (
        ("K", every[every["kon"] == "K"]),
        ("M", every[every["kon"] == "M"]),
        ("totalt", every),
    ):
        new = part[part["start_dag"] >= 0]
        counted = pd.concat(
            [part.groupby("grupp")["person"].nunique().rename("totalt"),
             new.groupby("grupp")["person"].nunique().rename("nya")],
            axis=1,
        )  # fmt: skip
        result.append(counted.fillna(0).reset_index(names="grupp").assign(kon=kon))
    return pd.concat(result)


def _sysselsattning(avslut: pd.DataFrame) -> pd.DataFrame:
    result = []
    for kon, part in (
        ("K", avslut[avslut["kon"] == "K"]),
        ("M", avslut[avslut["kon"] == "M"]),
        ("totalt", avslut),
    ):
        columns = {}
        for when in ("fore", "efter"):
            state = part[when].value_counts()
            number = {name: int(state.get(name, 0)) for name in state.index}
            number["arbete"] = int((part[f"arbetar_{when}"] > 0).sum())
            number["studier"] = int((part[f"studerar_{when}"] > 0).sum())
            number["malet"] = number.get("arbete_eller_studier", 0) + number.get("arbetssokande", 0)
            number["avslutade"] = len(part)
            columns[f"{when}_antal"] = number
        result.append(pd.DataFrame(columns).fillna(0).reset_index(names="sysselsattning").assign(kon=kon))
    return pd.concat(result)


def _tid(avslut: pd.DataFrame) -> pd.DataFrame:
    long = avslut[["preciserad_inriktning", "tid"]].astype({"preciserad_inriktning": object})
    long = pd.concat([long, long.assign(preciserad_inriktning="totalt")])
    long["ett"], long["tva"] = long["tid"] > 365, long["tid"] > 730
    groups = long.groupby("preciserad_inriktning")
    quartiles = groups["tid"].quantile(np.array([0.25, 0.5, 0.75])).unstack()
    return pd.DataFrame(
        {
            "avslutade": groups.size(),
            "median": quartiles[0.5],
            "q1": quartiles[0.25],
            "q3": quartiles[0.75],
            "medel": groups["tid"].mean(),
            "andel_over_1_ar": 100 * groups["ett"].mean(),
            "andel_over_2_ar": 100 * groups["tva"].mean(),
        }
    ).reset_index()


def _places(personer: pd.DataFrame, avslut: pd.DataFrame, column: str) -> pd.DataFrame:
    home = personer[["person", column]]
    ended = avslut[["person", "tid", "efter"]].merge(home, on="person")
    ended["arbete"] = ended["efter"] == "arbete_eller_studier"
    ended["malet"] = ended["arbete"] | (ended["efter"] == "arbetssokande")
    groups = ended.groupby(column, observed=True)
    found = pd.DataFrame(
        {
            "med_personuppgifter": home.groupby(column, observed=True).size(),
            "avslutade": groups.size(),
            "arbete_eller_studier_andel": 100 * groups["arbete"].mean(),
            "malet_andel": 100 * groups["malet"].mean(),
            "median_tid": groups["tid"].median(),
        }
    )
    return found.reset_index(names=column)


def _forbund_resultat(own: pd.DataFrame) -> pd.DataFrame:
    own = own.assign(resultat=own["efter"].astype(object).where(own["efter"] != "saknas", "ovriga"))
    by_result = own.groupby(["forbund", "resultat"], observed=True).size().reset_index(name="antal")
    return pd.concat([by_result.astype({"forbund": object}), _by_kon(own, "forbund")])
