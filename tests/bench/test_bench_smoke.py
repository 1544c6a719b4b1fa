"""The bench itself, at a tiny size: its register obeys the rules, and the four ways give the same figures."""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration.models import (
    FELREGISTRERING,
    IMPORTED_FORM,
    Deltagande,
    Identitet,
    Inregistrering,
    Utregistrering,
)
from registration.rules.checks import check_in_uppgifter, check_out, check_samtycke, find_overlaps
from registration.rules.facts import load_facts
from registration.rules.values import InUppgifter, Samtyckesuppgifter, Sysselsattning, UtUppgifter

from . import by_orm, by_sql
from .batches import make_batches
from .cells import TABLES, differences
from .child import as_of, uttag
from .compare import compare_years
from .folder import register_size, write_folder
from .generate import fill_register
from .measure import Spread
from .report import PART_NAMES, Report, as_markdown, as_text
from .world import Size, make_world

SIZE = Size(deltaganden=900, years=5, insatser=40, forbund=6, seed=1)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the bench measures on PostgreSQL"),
]


@pytest.fixture
def register() -> Iterator[None]:
    """The tiny register, every deferred constraint checked."""
    fill_register(SIZE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ALL")


def answers(version: Inregistrering | Utregistrering) -> Sysselsattning:
    return Sysselsattning(
        version.forsorjning, version.arbetar, version.typ_av_arbete, version.studerar, version.arbetssokande,
        version.inskriven_af,
    )  # fmt: skip


@pytest.mark.usefixtures("register")
def test_every_version_obeys_the_rules_of_registration() -> None:
    """What the form and the import would refuse is not in the register; oddities that only warn may be."""
    facts = load_facts()
    insatser = {one.pk: one for one in facts.insatser.values()}
    now = dt.datetime.now(dt.UTC)
    identiteter = {one.deltagande_id: one for one in Identitet.unscoped.select_related("samtycke")}
    first: dict[object, Inregistrering] = {}
    start: dict[object, dt.date] = {}
    errors = []
    for version in Inregistrering.unscoped.order_by("deltagande", "nr"):
        first.setdefault(version.deltagande_id, version)
        identitet = identiteter.get(version.deltagande_id)
        if identitet is None:
            assert version.startdatum is None and version.kommun_id is None and version.fodelsear is None
            continue
        assert version.startdatum and version.kommun_id
        start[version.deltagande_id] = version.startdatum
        given = InUppgifter(
            version.kommun_id, version.startdatum, version.utbildning, version.tid_i_forsorjning_manader,
            version.initierad_av, version.behovsgrupp, None, answers(version),
        )  # fmt: skip
        samtycke = Samtyckesuppgifter(identitet.samtycke.undertecknat, IMPORTED_FORM)
        insats = insatser[version.insats_id]
        assert (insats.inriktning, insats.registreringssatt) == ("individ", "person")
        errors += [found for found in check_in_uppgifter(given, facts, insats) if not found.warning]
        errors += [f for f in check_samtycke(samtycke, given, facts, version.registrerad) if not f.warning]
    for version in Utregistrering.unscoped.order_by("deltagande", "nr"):
        if version.deltagande_id not in identiteter:
            assert version.slutdatum is None and version.avslutsanledning is None
            continue
        given_out = UtUppgifter(version.slutdatum, version.avslutsanledning, answers(version))
        errors += [
            found
            for found in check_out(
                given_out, facts, insatser[version.insats_id], startdatum=start[version.deltagande_id],
                forst_in=first[version.deltagande_id].registrerad, registrerad=version.registrerad, now=now,
            )
            if not found.warning
        ]  # fmt: skip
    assert errors == []


@pytest.mark.usefixtures("register")
def test_identiteter_and_pointers_follow_the_newest_versions() -> None:
    periods = defaultdict(list)
    for one in Identitet.unscoped.select_related("deltagande__aktuell_in", "deltagande__aktuell_ut"):
        ut = one.deltagande.aktuell_ut
        fel = ut is not None and ut.avslutsanledning == FELREGISTRERING
        assert one.startdatum == one.deltagande.aktuell_in.startdatum
        assert one.slutdatum == (ut.slutdatum if ut and not fel else None)
        assert one.felregistrerad == fel
        if not fel:
            periods[one.person_id, one.insats_id].append((one.pk, one.startdatum, one.slutdatum))
    assert not [pair for rows in periods.values() for pair in find_overlaps(rows)]
    all_ins, all_uts = defaultdict(list), defaultdict(list)
    for in_ in Inregistrering.unscoped.order_by("nr"):
        all_ins[in_.deltagande_id].append(in_)
    for out in Utregistrering.unscoped.order_by("nr"):
        all_uts[out.deltagande_id].append(out)
    for deltagande in Deltagande.unscoped.all():
        ins, uts = all_ins[deltagande.pk], all_uts[deltagande.pk]
        assert deltagande.aktuell_in_id == ins[-1].pk
        assert deltagande.aktuell_ut_id == (uts[-1].pk if uts else None)
        assert deltagande.tidigaste_start_ar == min(version.start_ar for version in ins)
        assert deltagande.forst_ut == (uts[0].registrerad if uts else None)
        years = [version.slut_ar for version in uts if version.slut_ar]
        assert deltagande.senaste_slut_ar == (max(years) if years else None)


@pytest.mark.usefixtures("register")
def test_register_looks_like_the_real_thing() -> None:
    number = Deltagande.unscoped.count()
    assert number == SIZE.deltaganden
    assert 0.02 < Inregistrering.unscoped.filter(nr=2).count() / number < 0.08
    assert 0.01 < Deltagande.unscoped.filter(avidentifierad__isnull=False).count() / number < 0.08
    assert Utregistrering.unscoped.filter(felregistrering=True).exists()
    persons = Identitet.unscoped.values("person").distinct().count()
    assert 0.5 < persons / number < 0.9
    lags = [
        (version.registrerad.date() - version.startdatum).days
        for version in Inregistrering.unscoped.filter(nr=1, startdatum__isnull=False)
        if version.startdatum
    ]
    assert Spread.of(lags).median < 8 and max(lags) > 100


def test_same_size_gives_the_same_register() -> None:
    one, other = (list(make_batches(make_world(SIZE))) for _ in range(2))
    assert len(one) == len(other) == 60
    for first, second in zip(one, other, strict=True):
        assert np.array_equal(first.insats, second.insats)
        assert all(np.array_equal(first.ins[name], second.ins[name]) for name in first.ins)
        assert all(np.array_equal(first.uts[name], second.uts[name]) for name in first.uts)


@pytest.mark.usefixtures("register")
def test_four_ways_give_the_same_figures_and_a_report() -> None:
    found = compare_years(SIZE.first_year, SIZE.last_year)
    assert [year["year"] for year in found["years"]] == [2020, 2021, 2022, 2023, 2024]
    assert all(year["cells"] > 1000 and year["rows"] > 50 for year in found["years"])
    report = Report(
        started=dt.datetime.now(dt.UTC), machine={}, load=[0.5, 9.0], deltaganden=SIZE.deltaganden, years=SIZE.years,
        compare=found,
    )  # fmt: skip
    assert {figure.bound for figure in report.held} == {8.0, 2.0}
    assert "times faster than pandas" in as_text(report)
    assert "ORM on the register" in as_markdown(report)


@pytest.mark.usefixtures("register")
def test_a_wrong_figure_would_be_seen() -> None:
    """The comparison has teeth: the same year as known a year earlier gives other figures, in every table."""
    by_sql.prepare({2023: as_of(2023)})
    flat = by_sql.cells(by_sql.run(2023))
    known, earlier = (by_orm.run(2023, as_of(year)) for year in (2023, 2022))
    assert differences(flat, by_orm.cells(known)) == []
    for table in TABLES:
        assert differences(flat, by_orm.cells(known | {table: earlier[table]})), table
    by_sql.prepare({2023: as_of(2022)})
    assert differences(flat, by_sql.cells(by_sql.run(2023)))


@pytest.mark.usefixtures("register")
def test_the_orm_asks_once_for_each_table() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert list(by_orm.run(2023, as_of(2023))) == list(TABLES)
    assert len(asked) == len(TABLES) + 1  # once more for the medians of all


@pytest.mark.usefixtures("register")
def test_uttag_is_taken_from_it_and_every_part_of_it_is_timed() -> None:
    found = uttag("2023")
    assert found["rows"] > 50
    assert set(found["parts"]) == set(PART_NAMES)
    assert found["total"] == pytest.approx(sum(found["parts"].values()))


def test_made_folder_is_imported_whole(tmp_path: Path) -> None:
    written = write_folder(tmp_path / "register", register_size(150))
    call_command("import_register", str(tmp_path / "register"), stdout=io.StringIO())
    assert Deltagande.unscoped.count() == written > 100
