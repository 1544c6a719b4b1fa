"""Triggers that tie an identitet to rows of other tables, where no constraint on one row can.

* Its day of registration is that of the deltagande's first version, in Europe/Stockholm: otherwise a later day could
  hide a samtycke that was signed after the registration. (On SQLite it may be the day by either offset of the zone.)
* A version that says anything of a person is not inserted for a deltagande that has lost its identity.
* None is inserted for a deltagande that has lost its identity, or on a samtycke that was withdrawn.

Installed after every migrate, like the append-only guards (finsam_site/access/guards.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections

from finsam_site.access.guards import PREFIX

NAME = f"{PREFIX}registration_identitet_tied"
SQLITE_NAMES = {f"{NAME}_insert", f"{NAME}_update", f"{NAME}_version"}

VERSIONS = {"registration_inregistrering": "startdatum", "registration_utregistrering": "slutdatum"}
"""Version table → its date; with birth year and kommun the columns that erasure always blanks."""

_MESSAGE = "registration_identitet is not tied to its registration"
_GONE = """
    EXISTS (SELECT 1 FROM registration_deltagande d
            WHERE d.id = NEW.deltagande_id AND d.avidentifierad IS NOT NULL)
    OR EXISTS (SELECT 1 FROM registration_samtycke s WHERE s.id = NEW.samtycke_id AND s.aterkallat IS NOT NULL)
"""


def names(vendor: str) -> set[str]:
    """The triggers that a database of this kind has."""
    erased = {f"{PREFIX}{table}_erased" for table in VERSIONS}
    return erased | (SQLITE_NAMES if vendor == "sqlite" else {NAME})


def install_ties(using: str = "default", **_: Any) -> None:
    """Create or replace the triggers, once all their tables exist. May run twice without harm."""
    connection = connections[using]
    wanted = {f"registration_{name}" for name in ("identitet", "samtycke", "deltagande")} | set(VERSIONS)
    if not wanted <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statements = _sqlite()
        else:
            cursor.execute("SELECT current_schema()")
            statements = _postgresql(connection.ops.quote_name(cursor.fetchone()[0]))
        for statement in statements:
            cursor.execute(statement)


def lift_ties(using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    """On SQLite, drop them before a migrate: it refuses to rebuild a table that a trigger elsewhere names."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in names("sqlite"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


def _speaks_of_erased(day: str) -> str:
    said = f"NEW.{day} IS NOT NULL OR NEW.fodelsear IS NOT NULL OR NEW.kommun_id IS NOT NULL"
    return (
        f"({said}) AND EXISTS (SELECT 1 FROM registration_deltagande d "
        "WHERE d.id = NEW.deltagande_id AND d.avidentifierad IS NOT NULL)"
    )


def _postgresql(schema: str) -> list[str]:
    refuse = f"RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';"
    wrong_day = """
        NOT EXISTS (SELECT 1 FROM registration_inregistrering v WHERE v.deltagande_id = NEW.deltagande_id AND v.nr = 1
                    AND (v.registrerad AT TIME ZONE 'Europe/Stockholm')::date = NEW.registrerad_dag)
    """
    # At the end of the transaction, so that version and identitet may be written in any order.
    return [
        f'CREATE OR REPLACE FUNCTION "{NAME}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, {schema}, pg_temp AS $tied$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM registration_identitet i WHERE i.id = NEW.id) THEN RETURN NULL; END IF; "
        f"IF {wrong_day} OR ((TG_OP = 'INSERT' OR OLD.samtycke_id <> NEW.samtycke_id) AND ({_GONE})) "
        f"THEN {refuse} END IF; RETURN NULL; END $tied$",
        f'DROP TRIGGER IF EXISTS "{NAME}" ON registration_identitet',
        f'CREATE CONSTRAINT TRIGGER "{NAME}" AFTER INSERT OR UPDATE OF registrerad_dag, deltagande_id, samtycke_id '
        f"ON registration_identitet DEFERRABLE INITIALLY DEFERRED "
        f'FOR EACH ROW EXECUTE FUNCTION "{NAME}"()',
        *(
            statement
            for table, day in VERSIONS.items()
            for statement in _erased_postgresql(table, day, schema)
        ),
    ]


def _erased_postgresql(table: str, day: str, schema: str) -> list[str]:
    name = f"{PREFIX}{table}_erased"
    refuse = (
        f"RAISE EXCEPTION '{table} has lost its identity' USING ERRCODE = 'integrity_constraint_violation';"
    )
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, {schema}, pg_temp AS $erased$ BEGIN "
        f"IF {_speaks_of_erased(day)} THEN {refuse} END IF; RETURN NEW; END $erased$",
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE INSERT ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
    ]


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    # Without the parts of a second: SQLite rounds them to thousandths, and so the last of a day into the next.
    second = "substr(v.registrerad, 1, 19)"
    days = f"(date({second}, '+1 hour'), date({second}, '+2 hours'))"
    wrong_day = f"""
        EXISTS (SELECT 1 FROM registration_inregistrering v WHERE v.deltagande_id = NEW.deltagande_id AND v.nr = 1
                AND NEW.registrerad_dag NOT IN {days})
    """
    wrong_version = f"""
        NEW.nr = 1 AND EXISTS (SELECT 1 FROM registration_identitet i WHERE i.deltagande_id = NEW.deltagande_id
                               AND i.registrerad_dag NOT IN {days.replace("v.", "NEW.")})
    """
    identitet, version = "registration_identitet", "registration_inregistrering"
    triggers = {
        f"{NAME}_insert": f'AFTER INSERT ON "{identitet}" WHEN {wrong_day} OR {_GONE}',
        f"{NAME}_update": f'AFTER UPDATE OF registrerad_dag, deltagande_id, samtycke_id ON "{identitet}" '
        f"WHEN {wrong_day} OR (OLD.samtycke_id <> NEW.samtycke_id AND ({_GONE}))",
        f"{NAME}_version": f'AFTER INSERT ON "{version}" WHEN {wrong_version}',
    }
    for table, day in VERSIONS.items():
        triggers[f"{PREFIX}{table}_erased"] = f'BEFORE INSERT ON "{table}" WHEN {_speaks_of_erased(day)}'
    return [
        statement
        for name, rest in triggers.items()
        for statement in (f'DROP TRIGGER IF EXISTS "{name}"', f'CREATE TRIGGER "{name}" {rest} {refuse}')
    ]
