"""What must never be stored is refused by the database itself, by whatever way it is written.

Every attempt of attempt_lists.py is made by raw SQL, COPY and bulk writes: as the owner of the tables, and on
PostgreSQL as a database role that owns nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import Model

from finsam_site.access.acting import acting_as
from finsam_site.access.guards import guarded_models, trigger_names
from registration.models import Deltagande, Samtycke
from registration.rules.findings import RuleError
from registration.rules.register import register_in
from tests import factories
from tests.registration import attempt_lists, attempts, races
from tests.registration.attempts import World

pytestmark = pytest.mark.django_db

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="promised for PostgreSQL only")


@pytest.fixture
def world() -> World:
    return attempts.build_world()


@pytest.mark.both
@pytest.mark.parametrize("which", attempt_lists.GROUPS)
def test_as_the_owner_of_the_tables(world: World, which: str) -> None:
    assert attempts.run(attempt_lists.GROUPS[which], world) == []


@postgresql
@pytest.mark.parametrize("which", attempt_lists.GROUPS)
def test_as_a_role_that_owns_nothing(world: World, which: str) -> None:
    with races.as_app_role():
        found = attempts.run(attempt_lists.GROUPS[which], world)
    assert found == []


@postgresql
def test_the_rules_work_as_a_role_that_owns_nothing() -> None:
    insats = factories.insats()
    factories.formular()
    with races.as_app_role(), factories.as_system():
        one = factories.registered(0, insats=insats)
        many = register_in([factories.nytt_deltagande(n, insats=insats) for n in range(1, 30)])
        factories.registered_out(one)
        connection.check_constraints()
    assert len(many) == 29


def _forbidden() -> Iterator[str]:
    """Statements with which a guard or a constraint could be got rid of."""
    for model, _ in guarded_models():
        table = model._meta.db_table
        on_update, on_delete = trigger_names(model)
        yield from (
            f"TRUNCATE {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER {on_update}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TRIGGER {on_delete} ON {table}",
            f"ALTER TRIGGER {on_delete} ON {table} RENAME TO annat",
            f"CREATE OR REPLACE FUNCTION {on_delete}() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN OLD; END $$",
            f"DROP FUNCTION {on_update}() CASCADE",
            f"CREATE RULE annan AS ON UPDATE TO {table} DO INSTEAD NOTHING",
            f"CREATE TRIGGER annan BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {on_delete}()",
            f"ALTER TABLE {table} OWNER TO CURRENT_USER",
            f"DROP TABLE {table} CASCADE",
        )
    for constraint in (
        "identitet_samtycke_fore_registrering",
        "identitet_kopierar_samtycke",
        "identitet_overlappar_inte",
    ):
        yield f"ALTER TABLE registration_identitet DROP CONSTRAINT {constraint}"
    yield from (
        "ALTER TABLE registration_identitet ALTER COLUMN samtycke_id DROP NOT NULL",
        "ALTER TABLE registration_identitet DISABLE TRIGGER ALL",
        "TRUNCATE registration_samtycke CASCADE",
        "TRUNCATE registration_identitet CASCADE",
        "SET session_replication_role = replica",
        "CREATE TABLE registration_lossning (id int)",
        "CREATE SCHEMA annat",
        "UPDATE pg_trigger SET tgenabled = 'D'",
        "DELETE FROM pg_constraint",
    )


@postgresql
def test_a_role_that_owns_nothing_cannot_take_the_protection_away(world: World) -> None:
    allowed = []
    with races.as_app_role():
        for statement in _forbidden():
            try:
                with attempts.undone(), connection.cursor() as cursor:
                    cursor.execute(statement)
                allowed.append(statement)
            except DatabaseError as error:
                # 42501: insufficient privilege, and not a slip of the pen.
                if getattr(error.__cause__, "sqlstate", None) != "42501":
                    allowed.append(f"{statement}: {error}")
    assert allowed == []


@pytest.mark.both
@pytest.mark.parametrize("days", [-400, 0, 30, 166, 400])
def test_the_rule_refuses_an_overlap_where_the_database_may_not(days: int) -> None:
    """SQLite has no exclusion constraint: there the rule keeps it alone, and says which period is in the way."""
    insats = factories.insats(startdatum=factories.START - 1000 * attempts.DAY)
    factories.registered(0, insats=insats)
    ny = factories.nytt_deltagande(0, insats=insats, startdatum=factories.START + days * attempts.DAY)
    with acting_as(factories.system()), pytest.raises(RuleError) as caught:
        register_in([ny])
    assert [finding.kind for finding in caught.value.findings] == ["overlapp"]


@pytest.mark.both
def test_the_rule_refuses_two_of_one_person_in_one_call() -> None:
    insats = factories.insats()
    with acting_as(factories.system()), pytest.raises(RuleError) as caught:
        register_in([factories.nytt_deltagande(0, insats=insats) for _ in range(2)])
    assert [finding.kind for finding in caught.value.findings] == ["overlapp"]


@pytest.mark.both
def test_the_rule_takes_the_day_after_and_refuses_the_last_day() -> None:
    insats = factories.insats()
    factories.registered_out(factories.registered(0, insats=insats))
    with acting_as(factories.system()):
        with pytest.raises(RuleError):
            register_in([factories.nytt_deltagande(0, insats=insats, startdatum=factories.SLUT)])
        register_in([factories.nytt_deltagande(0, insats=insats, startdatum=factories.SLUT + attempts.DAY)])


@pytest.mark.both
def test_the_identitet_follows_a_corrected_samtycke(world: World) -> None:
    attempts.change(
        world.samtycke(world.inne), {"undertecknat": factories.UNDERTECKNAT - attempts.DAY}, "update"
    )
    connection.check_constraints()
    assert world.identitet(world.inne).undertecknat == factories.UNDERTECKNAT - attempts.DAY


# --- Not yet ---------------------------------------------------------------------------------------------------------


@pytest.mark.both
@pytest.mark.parametrize("how", ["insert", "change"])
def test_the_day_of_registration_cannot_be_made_later_to_fit_a_late_samtycke(world: World, how: str) -> None:
    """Signed after the first version's registrerad, with a registrerad_dag that hides it."""
    late = attempts.REGISTRERAD_DAG + attempts.DAY
    values = {"samtycke_id": world.sent, "undertecknat": late, "registrerad_dag": late}
    with pytest.raises(IntegrityError), attempts.undone():
        if how == "insert":
            attempts.insert(attempts.identitet(world, **values), "raw")
        else:
            attempts.change(world.identitet(world.inne), values, "raw")
        connection.check_constraints()


@pytest.mark.both
@pytest.mark.parametrize("make", [attempts.in_version, attempts.ut_version])
def test_typ_av_arbete_needs_a_percentage(world: World, make: Callable[..., Model]) -> None:
    with pytest.raises(IntegrityError), attempts.undone():
        attempts.insert(make(world, arbetar=None, typ_av_arbete="ordinarie"), "raw")


@pytest.mark.both
def test_no_identitet_on_a_withdrawn_samtycke_or_for_a_deltagande_that_lost_its_own(world: World) -> None:
    """What was withdrawn stays withdrawn, whoever inserts."""
    with pytest.raises(IntegrityError), attempts.undone():
        Samtycke.unscoped.filter(pk=world.fritt).update(aterkallat=attempts.REGISTRERAD_DAG)
        attempts.insert(attempts.identitet(world), "raw")
        connection.check_constraints()
    with pytest.raises(IntegrityError), attempts.undone():
        attempts.insert(attempts.identitet(world, deltagande_id=world.raderad), "raw")
        connection.check_constraints()


@pytest.mark.both
def test_a_deltagande_points_only_to_versions_of_its_own(world: World) -> None:
    """The newest version of one deltagande is never another's, and a version has the insats of its deltagande."""
    other = attempts.in_version(world)
    with pytest.raises(IntegrityError), attempts.undone():
        attempts.insert(other, "raw")
        attempts.change(Deltagande.unscoped.get(pk=world.bar), {"aktuell_in_id": other.pk}, "raw")
        connection.check_constraints()
    with pytest.raises(IntegrityError), attempts.undone():
        attempts.insert(attempts.in_version(world, insats_id=world.annan_insats.pk), "raw")
        connection.check_constraints()
