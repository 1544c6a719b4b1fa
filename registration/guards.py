"""Triggers that tie an identitet to rows of other tables, where no constraint on one row can.

* Its day of registration is that of the deltagande's first version, in Europe/Stockholm: otherwise a later day could
  hide a samtycke that was signed after the registration. (On SQLite it may be the day by either offset of the zone.)
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

_MESSAGE = "registration_identitet is not tied to its registration"
_GONE = """
    EXISTS (SELECT 1 FROM registration_deltagande d
            WHERE d.id = NEW.deltagande_id AND d.avidentifierad IS NOT NULL)
    OR EXISTS (SELECT 1 FROM registration_samtycke s WHERE s.id = NEW.samtycke_id AND s.aterkallat IS NOT NULL)
"""


def names(vendor: str) -> set[str]:
    """The triggers that a database of this kind has."""
    return SQLITE_NAMES if vendor == "sqlite" else {NAME}


def install_ties(using: str = "default", **_: Any) -> None:
    """Create or replace the triggers, once all their tables exist. May run twice without harm."""
    connection = connections[using]
    wanted = {f"registration_{name}" for name in ("identitet", "inregistrering", "samtycke", "deltagande")}
    if not wanted <= set(connection.introspection.table_names()):
        return
    statements = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def lift_ties(using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    """On SQLite, drop them before a migrate: it refuses to rebuild a table that a trigger elsewhere names."""
    connection = connections[using]
    if connection.vendor == "sqlite" and plan:
        with connection.cursor() as cursor:
            for name in SQLITE_NAMES:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


def _postgresql() -> list[str]:
    refuse = f"RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';"
    wrong_day = """
        NOT EXISTS (SELECT 1 FROM registration_inregistrering v WHERE v.deltagande_id = NEW.deltagande_id AND v.nr = 1
                    AND (v.registrerad AT TIME ZONE 'Europe/Stockholm')::date = NEW.registrerad_dag)
    """
    # At the end of the transaction, so that version and identitet may be written in any order.
    return [
        f'CREATE OR REPLACE FUNCTION "{NAME}"() RETURNS trigger LANGUAGE plpgsql '
        f"SET search_path = pg_catalog, public, pg_temp AS $tied$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM registration_identitet i WHERE i.id = NEW.id) THEN RETURN NULL; END IF; "
        f"IF {wrong_day} OR (TG_OP = 'INSERT' AND ({_GONE})) THEN {refuse} END IF; RETURN NULL; END $tied$",
        f'DROP TRIGGER IF EXISTS "{NAME}" ON registration_identitet',
        f'CREATE CONSTRAINT TRIGGER "{NAME}" AFTER INSERT OR UPDATE OF registrerad_dag, deltagande_id '
        f"ON registration_identitet DEFERRABLE INITIALLY DEFERRED "
        f'FOR EACH ROW EXECUTE FUNCTION "{NAME}"()',
    ]


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    days = "(date(v.registrerad, '+1 hour'), date(v.registrerad, '+2 hours'))"
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
        f"{NAME}_update": f'AFTER UPDATE OF registrerad_dag, deltagande_id ON "{identitet}" WHEN {wrong_day}',
        f"{NAME}_version": f'AFTER INSERT ON "{version}" WHEN {wrong_version}',
    }
    return [
        statement
        for name, rest in triggers.items()
        for statement in (f'DROP TRIGGER IF EXISTS "{name}"', f'CREATE TRIGGER "{name}" {rest} {refuse}')
    ]
