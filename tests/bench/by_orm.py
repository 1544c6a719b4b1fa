"""The same tables as one ORM query per table and year on the register: what the product would do without DuckDB.

Every table is one queryset, evaluated once (`tid_i_insats` twice), over the versions that held at the as-of time. The
ORM has no WITH and reads no subquery in FROM, so what SQL names once is here a function that gives a queryset, and what
such a queryset chose stands in `pk__in`. It has no GROUPING SETS either: a total of women and men is the sum of both
where every person has one row; only the time in insats, whose medians are no sums, asks a second time for all.

The connection is the one of `by_sql.tune`: PostgreSQL guesses too few rows for these queries as for those by hand.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Least, NullIf

from registration.models import Inregistrering, Insats, Utregistrering
from reporting.uttag.dataset_sql import TID_BANDS

from .cells import DIMENSIONS, Cells, cells_of

Row = dict[str, Any]
Rader = QuerySet[Any, Any]  # of Inregistrering, annotated

PERSON = "deltagande__identitet__person"
SAME_PERSON = f"{PERSON}__identiteter__deltagande"  # every deltagande of the person, its own among them
ENDED_LAST = ("-slut", "-deltagande__forst_ut", "-deltagande__deltagande_id")
AGES = ((20, "-19"), (25, "20-24"), (30, "25-29"), (40, "30-39"), (50, "40-49"), (60, "50-59"))
OLDEST = "60-"
YOUNG = 30
ANSWERS = ("arbetar", "studerar", "arbetssokande")
MALET = ("arbete_eller_studier", "arbetssokande")
GROUPS_BY_SUPPORT = ("sjukpenning", "aktivitetsersattning")


@dataclass(frozen=True)
class Asked:
    """A year, and when it is asked about: only what was known then counts."""

    year: int
    as_of: dt.datetime

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, 1, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year, 12, 31)


class Kallor(Func):
    """The sources of support in an answer that is kept as text, one row for each, whatever their omfattning."""

    template = "split_part(unnest(string_to_array(%(expressions)s, '|')), ':', 1)"
    output_field = TextField()
    set_returning = True


class Dagar(Func):
    """Days from the second date to the first; what Django makes of a difference is an interval, not a number."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class Percentil(Aggregate):
    """The value that this share of the rows lies below, between two of them if need be."""

    template = "percentile_cont(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def touching(asked: Asked, path: str = "") -> Q:
    """The deltaganden that may touch the year, as the product narrows to them; path: where they are from here."""
    late = (("forst_ut__isnull", True), ("forst_ut__gt", asked.as_of), ("senaste_slut_ar__gte", asked.year))
    maybe_there = Q(*((path + lookup, value) for lookup, value in late), _connector=Q.OR)
    return Q((f"{path}tidigaste_start_ar__lte", asked.year)) & maybe_there


def known(model: type[Inregistrering] | type[Utregistrering], asked: Asked) -> QuerySet[Any, Any]:
    """Of each of those deltaganden the version that held."""
    versions = model.unscoped.filter(touching(asked, "deltagande__"), registrerad__lte=asked.as_of)
    return versions.order_by("deltagande_id", "-registrerad", "-nr").distinct("deltagande_id").values("pk")


def only(path: str, chosen: QuerySet[Any, Any]) -> FilteredRelation:
    """Of the rows that a path leads to, those that were chosen. It takes no QuerySet, lest that has an OuterRef."""
    return FilteredRelation(path, condition=Q(**{f"{path}__in": Subquery(chosen)}))


def with_ut(rader: Rader, asked: Asked) -> Rader:
    """Beside each inregistrering the utregistrering that held, if any."""
    return rader.annotate(
        ut=only("deltagande__utregistreringar", known(Utregistrering, asked)),
        felregistrerad=F("ut__felregistrering"),
        slut=F("ut__slutdatum"),
        tid=Dagar("ut__slutdatum", "startdatum") + 1,
    )


def of_the_year(asked: Asked) -> Rader:
    """The deltaganden med personuppgifter that the year has, each as its inregistrering that held."""
    held = Inregistrering.unscoped.filter(
        touching(asked, "deltagande__"),
        pk__in=known(Inregistrering, asked),
        startdatum__lte=asked.last,
        deltagande__identitet__isnull=False,
        deltagande__identitet__begransad__isnull=True,
    )
    # By annotations: a filter on `ut` itself would join it a second time.
    return with_ut(held, asked).filter(
        Q(felregistrerad__isnull=True) | Q(felregistrerad=False, slut__gte=asked.first)
    )


def ended(asked: Asked) -> Rader:
    """Those of them that ended in the year."""
    return of_the_year(asked).filter(slut__range=(asked.first, asked.last))


def first_of_each(paths: Sequence[str], rader: Rader, order: Sequence[str]) -> QuerySet[Any, Any]:
    """Of each group the row that comes first in that order, to be used after `in`."""
    return rader.order_by(*paths, *order).distinct(*paths).values("pk")


def personer(asked: Asked) -> Rader:
    """Of each person in the year the deltagande that began last."""
    path = "deltagande__inregistreringar"
    rader = of_the_year(asked).annotate(forsta=FilteredRelation(path, condition=Q(**{f"{path}__nr": 1})))
    order = ("-startdatum", "-forsta__registrerad", "-deltagande__deltagande_id")
    return Inregistrering.unscoped.filter(pk__in=first_of_each([PERSON], rader, order))


def avslut(asked: Asked) -> Rader:
    """Of each person that ended something in the year the deltagande that ended last."""
    last = first_of_each([PERSON], ended(asked), ENDED_LAST)
    return with_ut(Inregistrering.unscoped.filter(pk__in=last), asked)


def with_owner(rader: Rader, asked: Asked) -> Rader:
    """With `insats__agande`: who owned the insats on the last day of the deltagande or of the year."""
    day = Least("slut", Value(asked.last))
    return rader.filter(
        Q(insats__agande__till__isnull=True) | Q(insats__agande__till__gte=day), insats__agande__fran__lte=day
    )


def alder(asked: Asked) -> Case:
    """The band of age."""
    bands = [When(fodelsear__gt=asked.year - below, then=Value(band)) for below, band in AGES]
    return Case(*bands, default=Value(OLDEST))


def tid_band() -> Case:
    """The band of months in offentlig försörjning."""
    months = "tid_i_forsorjning_manader"
    bands = [When(Q((f"{months}__lt", end)), then=Value(band)) for band, end in TID_BANDS if end is not None]
    longest = Value(TID_BANDS[-1][0])
    return Case(When(Q((f"{months}__isnull", True)), then=Value("saknas")), *bands, default=longest)


def or_missing(field: str) -> Coalesce:
    """The code, or `saknas`."""
    return Coalesce(field, Value("saknas"))


def sysselsattning(whose: str = "") -> Case:
    """The state that the answers tell; whose: the path to them."""
    silent = Q(*((f"{whose}{answer}__isnull", True) for answer in ANSWERS))
    busy = Q((f"{whose}arbetar__gt", 0)) | Q((f"{whose}studerar__gt", 0))
    return Case(
        When(silent, then=Value("saknas")),
        When(busy, then=Value("arbete_eller_studier")),
        When(Q((f"{whose}arbetssokande", True)), then=Value("arbetssokande")),
        default=Value("ovriga"),
    )


def share(of: str, which: Q) -> Any:
    """How many per cent of those that have `of` are such."""
    return Count(of, filter=which) * 100.0 / NullIf(Count(of), 0)


def with_totals(rows: Iterable[Row]) -> list[Row]:
    """The rows, by kön, and those of both: their sum, because nobody has two."""
    found = list(rows)
    totals: dict[tuple[Any, ...], Row] = {}
    for row in found:
        group = {name: value for name, value in row.items() if name in DIMENSIONS} | {"kon": "totalt"}
        total = totals.setdefault(tuple(group.values()), group)
        for name in row.keys() - group.keys():
            total[name] = total.get(name, 0) + row[name]
    return [*found, *totals.values()]


def by_kon(column: str, rader: Rader, group: Any) -> list[Row]:
    """A count by a group and kön."""
    counted = rader.values("kon", group=group).annotate(antal=Count("pk"))
    return with_totals({column: row["group"], "kon": row["kon"], "antal": row["antal"]} for row in counted)


def insatser_individ(asked: Asked) -> list[Row]:
    """Insatser and deltagare by preciserad inriktning."""
    open_then = Q(slutdatum__isnull=True) | Q(slutdatum__gte=asked.first)
    found = (
        Insats.unscoped.filter(inriktning="individ")
        .annotate(deltagande=only("deltaganden", of_the_year(asked).values("deltagande")))
        .values("preciserad_inriktning")
        .annotate(
            insatser=Count("pk", distinct=True, filter=open_then & Q(startdatum__lte=asked.last)),
            deltagare=Count("deltagande__identitet__person", distinct=True),
        )
    )
    return list(found)


def behovsgrupper(asked: Asked) -> list[Row]:
    """Persons by what any of their deltaganden in the year tells, with the kön and age of the one that began last."""
    each = f"{SAME_PERSON}__inregistreringar"
    given = Case(
        When(
            Q((f"{each}__behovsgrupp__isnull", False)), then=Concat(Value("person_"), f"{each}__behovsgrupp")
        )
    )
    told = Func(Value("|"), f"{each}__forsorjning", given, function="concat_ws", output_field=TextField())
    young = ExpressionWrapper(Q(fodelsear__gt=asked.year - YOUNG), output_field=BooleanField())
    counted = (
        personer(asked)
        .filter(touching(asked, f"{SAME_PERSON}__"), Q((f"{each}__in", of_the_year(asked).values("pk"))))
        .values("kon", young=young, group=Kallor(told))
        .annotate(
            totalt=Count(PERSON, distinct=True),
            nya=Count(PERSON, distinct=True, filter=Q((f"{each}__startdatum__gte", asked.first))),
        )
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in counted:
        group = row["group"]
        if group not in GROUPS_BY_SUPPORT and not group.startswith("person_"):
            continue
        also = ["unga_aktivitetsersattning"] if group == "aktivitetsersattning" and row["young"] else []
        for name in (group, *also):
            sums = found.setdefault((name, row["kon"]), Counter())
            sums.update(totalt=row["totalt"], nya=row["nya"])
    return with_totals({"grupp": group, "kon": kon, **sums} for (group, kon), sums in found.items())


def resultat_sysselsattning(asked: Asked) -> list[Row]:
    """What people did before and after, by kön."""
    states: dict[str, Q] = {}
    for when, whose in (("fore", ""), ("efter", "ut__")):
        states |= {f"{when}_{state}": Q((when, state)) for state in (*MALET, "ovriga", "saknas")}
        states[f"{when}_arbete"] = Q((f"{whose}arbetar__gt", 0))
        states[f"{when}_studier"] = Q((f"{whose}studerar__gt", 0))
        states[f"{when}_malet"] = Q((f"{when}__in", MALET))
        states[f"{when}_avslutade"] = Q()
    found = (
        avslut(asked)
        .annotate(fore=sysselsattning(), efter=sysselsattning("ut__"))
        .values("kon")
        .annotate(**{name: Count("pk", filter=which) for name, which in states.items()})
    )
    long = (
        {
            "sysselsattning": name.partition("_")[2],
            "kon": row["kon"],
            f"{name.partition('_')[0]}_antal": row[name],
        }
        for row in found
        for name in states
    )
    return with_totals(long)


def resultat_okade(asked: Asked) -> list[Row]:
    """Those who began to work or study, or do it more."""
    more = Q(ut__arbetar__gt=Coalesce("arbetar", 0)) | Q(ut__studerar__gt=Coalesce("studerar", 0))
    okade = Case(
        When(Q(fore="saknas") | Q(efter="saknas"), then=Value("saknas")),
        When(more, then=Value("borjade_eller_okade")),
        default=Value("ej_okade"),
    )
    rader = avslut(asked).annotate(fore=sysselsattning(), efter=sysselsattning("ut__"))
    return by_kon("okade", rader, okade)


def resultat_forsorjning(asked: Asked) -> list[Row]:
    """The sources of support before and after, by kön."""

    def counted(measure: str, field: str) -> QuerySet[Any, Any]:
        groups = avslut(asked).values("kon", kalla=Kallor(or_missing(field)), measure=Value(measure))
        return groups.annotate(antal=Count("pk"))

    found = counted("fore_antal", "forsorjning").union(counted("efter_antal", "ut__forsorjning"), all=True)
    return with_totals(
        {"forsorjning": row["kalla"], "kon": row["kon"], row["measure"]: row["antal"]} for row in found
    )


def resultat_forsorjning_flode(asked: Asked) -> list[Row]:
    """From which source to which. PostgreSQL does not cross two sets in one SELECT: the later is split here."""
    groups = avslut(asked).values(
        fore=Kallor(or_missing("forsorjning")), efter_text=or_missing("ut__forsorjning")
    )
    crossed: Counter[tuple[str, str]] = Counter()
    for row in groups.annotate(antal=Count("pk")):
        for source in row["efter_text"].split("|"):
            crossed[row["fore"], source.partition(":")[0]] += row["antal"]
    return [
        {"forsorjning_fore": fore, "forsorjning_efter": efter, "antal": antal}
        for (fore, efter), antal in crossed.items()
    ]


def tid_i_insats(asked: Asked) -> list[Row]:
    """How long people were there, by preciserad inriktning and in all."""
    measures = {
        "avslutade": Count("pk"),
        "median": Percentil("tid", part=0.5),
        "q1": Percentil("tid", part=0.25),
        "q3": Percentil("tid", part=0.75),
        "medel": Avg("tid"),
        "andel_over_1_ar": share("pk", Q(tid__gt=365)),
        "andel_over_2_ar": share("pk", Q(tid__gt=730)),
    }
    by_inriktning = avslut(asked).values(preciserad_inriktning=F("insats__preciserad_inriktning"))
    everybody = avslut(asked).aggregate(**measures)
    return [*by_inriktning.annotate(**measures), {"preciserad_inriktning": "totalt"} | everybody]


def by_home(column: str, asked: Asked, home: str) -> list[Row]:
    """Persons by where they live, with what came of those who ended something."""
    last = first_of_each([PERSON], ended(asked), ENDED_LAST)
    found = (
        personer(asked)
        .filter(touching(asked, f"{SAME_PERSON}__"))
        .annotate(
            fran=only(f"{SAME_PERSON}__inregistreringar", last),
            till=only(f"{SAME_PERSON}__utregistreringar", known(Utregistrering, asked)),
            tid=Dagar("till__slutdatum", "fran__startdatum") + 1,
            efter=sysselsattning("till__"),
        )
        .values(home=F(home))
        .annotate(
            med_personuppgifter=Count("pk", distinct=True),
            avslutade=Count("tid"),
            arbete_eller_studier_andel=share("tid", Q(efter="arbete_eller_studier")),
            malet_andel=share("tid", Q(efter__in=MALET)),
            median_tid=Percentil("tid", part=0.5),
        )
    )
    return [{column: row.pop("home")} | row for row in found]


def forbund_resultat(asked: Asked) -> list[Row]:
    """What came of those who ended something with each förbund, and how many women and men they were."""
    forbund = "insats__agande__forbund"
    last = first_of_each([f"{forbund}_id", PERSON], with_owner(ended(asked), asked), ENDED_LAST)
    counted = (
        with_owner(with_ut(Inregistrering.unscoped.filter(pk__in=last), asked), asked)
        .values("kon", forbund=F(f"{forbund}__forbund_id"), resultat=sysselsattning("ut__"))
        .annotate(antal=Count("pk"))
    )
    found: Counter[tuple[str, str, str]] = Counter()
    for row in counted:
        resultat = "ovriga" if row["resultat"] == "saknas" else row["resultat"]
        found[row["forbund"], "resultat", resultat] += row["antal"]
        found[row["forbund"], "kon", row["kon"]] += row["antal"]
        found[row["forbund"], "kon", "totalt"] += row["antal"]
    return [
        {"forbund": forbund, column: value, "antal": antal}
        for (forbund, column, value), antal in found.items()
    ]


QUERIES: dict[str, Callable[[Asked], list[Row]]] = {
    "insatser_individ": insatser_individ,
    "deltagare_alder": lambda asked: by_kon("alder", personer(asked), alder(asked)),
    "deltagare_utbildning": lambda asked: by_kon("utbildning", personer(asked), or_missing("utbildning")),
    "deltagare_tid": lambda asked: by_kon("tid_i_forsorjning", personer(asked), tid_band()),
    "deltagare_forsorjning": lambda asked: by_kon(
        "forsorjning", personer(asked), Kallor(or_missing("forsorjning"))
    ),
    "deltagare_initierad": lambda asked: by_kon("initierad_av", personer(asked), or_missing("initierad_av")),
    "behovsgrupper": behovsgrupper,
    "resultat_sysselsattning": resultat_sysselsattning,
    "resultat_okade": resultat_okade,
    "resultat_forsorjning": resultat_forsorjning,
    "resultat_forsorjning_flode": resultat_forsorjning_flode,
    "avslut": lambda asked: by_kon("avslutsanledning", avslut(asked), or_missing("ut__avslutsanledning")),
    "tid_i_insats": tid_i_insats,
    "lan": lambda asked: by_home("lan", asked, "kommun__lan_id"),
    "kommun": lambda asked: by_home("kommun", asked, "kommun_id"),
    "forbund_resultat": forbund_resultat,
}


def run(year: int, as_of: dt.datetime) -> dict[str, list[Row]]:
    """Every table of a year as known at the as-of time: one query each, `tid_i_insats` two."""
    asked = Asked(year, as_of)
    return {table: query(asked) for table, query in QUERIES.items()}


def cells(tables: dict[str, list[Row]]) -> Cells:
    """The cells of what `run` gave."""
    return {key: value for table, rows in tables.items() for key, value in cells_of(table, rows).items()}
