"""The constraints by name, so that one that is lost from a model, a migration or a rebuilt table is missed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from registration.models import ForbundAr, InsatsAgande, InsatsAr
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both]

NAMED = {
    "access_user": {
        "user_ej_deltagaransvarig_och_bestallare",
        "user_ej_deltagaransvarig_och_forbundsadministrator",
        "user_ej_deltagaransvarig_och_nationell_administrator",
    },
    "registration_anonyma": {
        "anonyma_ej_i_framtiden",
        "anonyma_ej_negativa",
        "anonyma_nr",
        "anonyma_tid",
    },
    "registration_deltagande": {
        "deltagande_avidentifierad_med_orsak",
        "deltagande_egen_inregistrering",
        "deltagande_egen_utregistrering",
        "deltagande_kopieras",
        "deltagande_ut_helt_eller_inte",
    },
    "registration_forbund": {"forbund_period", "forbund_uppgatt_har_slut"},
    "registration_forbundar": {"forbundar_ej_negativt", "forbundar_unik"},
    "registration_identitet": {
        "identitet_begransad_med_orsak",
        "identitet_kopierar_deltagande",
        "identitet_kopierar_samtycke",
        "identitet_samtycke_fore_registrering",
        "identitet_slut_efter_start",
    },
    "registration_inregistrering": {
        "inregistrering_arbetar",
        "inregistrering_ej_i_framtiden",
        "inregistrering_ingen_ensam",
        "inregistrering_kon",
        "inregistrering_kopieras",
        "inregistrering_kopierar_deltagande",
        "inregistrering_nr",
        "inregistrering_nr_fran_ett",
        "inregistrering_slag",
        "inregistrering_studerar",
        "inregistrering_tid",
        "inregistrering_typ_av_arbete",
    },
    "registration_insats": {"insats_namn_unikt_i_forbund", "insats_period", "insats_struktur_ar_volym"},
    "registration_insatsagande": {"insatsagande_period", "insatsagande_unikt"},
    "registration_insatsar": {"insatsar_ej_negativt", "insatsar_unik"},
    "registration_samtycke": {
        "samtycke_insats_kopieras",
        "samtycke_aterkallat_efter_undertecknat",
        "samtycke_kopieras",
        "samtycke_mottaget_efter_undertecknat",
        "samtycke_skickat_efter_undertecknat",
    },
    "registration_samtyckesandring": {
        "samtyckesandring_andrar_nagot",
        "samtyckesandring_hel_eller_borta",
        "samtyckesandring_kopierar_samtycke",
        "samtyckesandring_nr",
        "samtyckesandring_nr_fran_ett",
        "samtyckesandring_skal",
    },
    "registration_samtyckesskanning": {"samtyckesskanning_kopierar_samtycke"},
    "registration_svar": {"svar_kopierar_deltagande", "svar_unikt"},
    "registration_uppdrag": {
        "uppdrag_granskare",
        "uppdrag_hogst_ett_foremal",
        "uppdrag_period",
        "uppdrag_roll_forbund",
        "uppdrag_roll_insats",
        "uppdrag_roll_nagot",
        "uppdrag_roll_nationell",
    },
    "registration_utregistrering": {
        "utregistrering_arbetar",
        "utregistrering_ej_i_framtiden",
        "utregistrering_felregistrering",
        "utregistrering_ingen_ensam",
        "utregistrering_kon",
        "utregistrering_kopieras",
        "utregistrering_kopierar_deltagande",
        "utregistrering_nr",
        "utregistrering_nr_fran_ett",
        "utregistrering_slut_eller_fel",
        "utregistrering_studerar",
        "utregistrering_tid",
        "utregistrering_typ_av_arbete",
    },
    "reporting_uttag": {"uttag_kand_fore_taget"},
    "reporting_uttagrad": {"uttagrad_unik"},
    "registration_volym": {"volym_ej_i_framtiden", "volym_kon_ryms_i_antal", "volym_nr", "volym_tid"},
}
"""What holds on both databases. The exclusion constraints are PostgreSQL's alone."""

CONSTRAINTS = NAMED | (
    {
        "registration_identitet": NAMED["registration_identitet"] | {"identitet_overlappar_inte"},
        "registration_insatsagande": NAMED["registration_insatsagande"] | {"insatsagande_overlappar_inte"},
    }
    if connection.vendor == "postgresql"
    else {}
)


def found_constraints() -> dict[str, set[str]]:
    """Table → the names of its constraints, of those tables that are listed, without those that Django named."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint "
                "WHERE contype IN ('c', 'u', 'f', 'x') AND convalidated"
            )
            rows = cursor.fetchall()
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
            rows = [
                (table, name)
                for table, sql in cursor.fetchall()
                for name in re.findall(r'CONSTRAINT "(\w+)" (?:CHECK|UNIQUE|FOREIGN KEY)', sql)
            ]
    found: dict[str, set[str]] = {table: set() for table in CONSTRAINTS}
    for table, name in rows:
        own = not re.search(r"_[0-9a-f]{8}_(fk|uniq)|_(key|check)$", name)
        if table in found and own:
            found[table].add(name)
    return found


def test_every_constraint_is_there() -> None:
    assert found_constraints() == CONSTRAINTS


def test_the_copied_columns_follow_what_they_copy() -> None:
    """The composite foreign keys of the identitet: ON UPDATE CASCADE, judged at the end of the transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT conname, confupdtype::text, condeferrable, condeferred, "
                "(SELECT string_agg(attname, ',' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY k(n, place) "
                " JOIN pg_attribute ON attrelid = conrelid AND attnum = n) "
                "FROM pg_constraint WHERE conname LIKE 'identitet_kopierar_%%' ORDER BY conname"
            )
            assert cursor.fetchall() == [
                ("identitet_kopierar_deltagande", "c", True, True, "deltagande_id,insats_id"),
                ("identitet_kopierar_samtycke", "c", True, True, "samtycke_id,insats_id,undertecknat"),
            ]
            return
        cursor.execute(
            'SELECT "table", group_concat("from"), on_update FROM pragma_foreign_key_list(\'registration_identitet\') '
            "GROUP BY id HAVING count(*) > 1 ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("registration_deltagande", "deltagande_id,insats_id", "CASCADE"),
            ("registration_samtycke", "samtycke_id,insats_id,undertecknat", "CASCADE"),
        ]


def test_columns_that_may_never_be_empty() -> None:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "registration_identitet")
    nullable = {column.name for column in columns if column.null_ok}
    assert nullable == {"slutdatum", "begransad"}


@pytest.mark.parametrize(
    ("model", "fields"),
    [(ForbundAr, ("budget", "utfall")), (InsatsAr, ("budget", "utfall", "budget_esf", "utfall_esf"))],
)
def test_money_is_never_less_than_nothing(model: type[Model], fields: tuple[str, ...]) -> None:
    """Nothing and no answer are taken, one krona less is not, in any of the columns."""
    insats = factories.insats()
    about: dict[str, Any] = (
        {"insats": insats} if model is InsatsAr else {"forbund": insats.forbund, "post": "stat"}
    )
    for year, field in enumerate(fields, start=2020):
        one = model._base_manager.create(ar=year, **about, **{field: 0})
        with pytest.raises(IntegrityError, match="ej_negativt"), transaction.atomic():
            model._base_manager.filter(pk=one.pk).update(**{field: -1})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no exclusion constraints")
def test_an_insats_has_one_owner_a_day() -> None:
    """The day after is another owner's; the same day is nobody else's."""
    insats = factories.insats()
    last = factories.SLUT
    InsatsAgande.objects.filter(insats=insats).update(till=last)
    heir, day = factories.forbund(), dt.timedelta(days=1)
    with pytest.raises(IntegrityError, match="insatsagande_overlappar_inte"), transaction.atomic():
        InsatsAgande.objects.create(insats=insats, forbund=heir, fran=last)
    InsatsAgande.objects.create(insats=insats, forbund=heir, fran=last + day)
