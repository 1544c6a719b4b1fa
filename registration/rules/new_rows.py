"""The rows of deltaganden that are registered in, as plain values: seven tables, written one after the other.

No object is made of a row. An import of a whole register spent more on those than on everything that it checks.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from finsam_site.access.acting import log_by_insats, require_actor
from finsam_site.access.models import Handling
from finsam_site.access.sealed_columns import sealed_text
from finsam_site.bulk import insert_rows, row_class, stored_object

from ..models import (
    Deltagande,
    Identitet,
    Inregistrering,
    Nummerhash,
    Person,
    Samtycke,
    Utregistrering,
)
from .checks import local_day
from .codes import new_code, new_reference
from .facts import Facts
from .values import NyttDeltagande, Samtyckesuppgifter
from .version_rows import in_row, out_row

_PERSON, _HASH, _SAMTYCKE, _DELTAGANDE, _IDENTITET = map(
    row_class, (Person, Nummerhash, Samtycke, Deltagande, Identitet)
)


class NewRows:
    """What checked in-registrations write, and the out-registration of who has left already (`ut`).

    persons: keyed hash of a number → person, of all of them that are stored. deltaganden: in the order that they were
    added in. new_persons: those that are written here, as `persons`.
    """

    def __init__(self, facts: Facts, now: dt.datetime, persons: Mapping[bytes, uuid.UUID]) -> None:
        self.deltaganden: list[Any] = []
        self.new_persons: dict[bytes, uuid.UUID] = {}
        self._facts = facts
        self._now = now
        self._known = persons
        self._user_id: int = require_actor().user.pk
        self._persons: list[Any] = []
        self._hashes: list[Any] = []
        self._samtycken: list[Any] = []
        self._ins: list[Any] = []
        self._uts: dict[uuid.UUID, Any] = {}
        self._identiteter: list[Any] = []

    def add(self, ny: NyttDeltagande, number: bytes) -> None:
        """Add one. number: the keyed hash of its number."""
        insats = self._facts.insatser[ny.insats_id].pk
        registrerad = ny.registrerad or self._now
        pk, start = ny.pk or uuid.uuid4(), ny.uppgifter.startdatum
        shared: dict[str, Any] = {
            "mottagen": self._now, "user_id": self._user_id, "kon": ny.kon or ny.nummer.kon,
            "fodelsear": ny.fodelsear or ny.nummer.birth_year,
        }  # fmt: skip
        inne = in_row(pk, insats, 1, ny.uppgifter, registrerad=registrerad, **shared)
        ute = None
        if ny.ut:
            ute = self._uts[pk] = out_row(
                pk, insats, 1, ny.ut, registrerad=ny.left_known or self._now, kommun_id=inne.kommun_id, **shared
            )  # fmt: skip
        self._ins.append(inne)
        self.deltaganden.append(
            _DELTAGANDE(
                id=pk,
                deltagande_id=ny.deltagande_id or new_code(12),
                insats_id=insats,
                aktuell_in_id=inne.id,
                aktuell_ut_id=ute.id if ute else None,
                tidigaste_start_ar=start.year,
                senaste_slut_ar=ute.slut_ar if ute else None,
                forst_ut=ute.registrerad if ute else None,
                avidentifierad=None,
                avidentifierad_orsak="",
            )
        )
        self._identiteter.append(
            self._identitet(
                ny,
                deltagande_id=pk,
                person_id=self._person(ny.nummer.digits, number),
                insats_id=insats,
                samtycke_id=self._samtycke(ny.samtycke, insats),
                undertecknat=ny.samtycke.undertecknat,
                registrerad_dag=local_day(registrerad),
                startdatum=start,
                slutdatum=None if ute is None or ute.felregistrering else ute.slutdatum,
                felregistrerad=ute is not None and ute.felregistrering,
            )
        )

    def _person(self, digits: str, number: bytes) -> uuid.UUID:
        """The person with the number, a new one if nobody has it."""
        found = self._known.get(number) or self.new_persons.get(number)
        if found is None:
            found = self.new_persons[number] = uuid.uuid4()
            sealed = sealed_text(Person, "nummer_krypterat", digits, id=found)
            self._persons.append(_PERSON(id=found, nummer_krypterat=sealed))
            self._hashes.append(_HASH(hash=number, person_id=found, aktuell=True))
        return found

    def _samtycke(self, samtycke: Samtyckesuppgifter, insats: int) -> uuid.UUID:
        pk = uuid.uuid4()
        self._samtycken.append(
            _SAMTYCKE(
                id=pk,
                referenskod=samtycke.referenskod or new_reference(),
                insats_id=insats,
                undertecknat=samtycke.undertecknat,
                formular_id=self._facts.formular[samtycke.formular].pk,
                sprak=samtycke.sprak,
                mottaget_av_id=None if samtycke.inlast else self._user_id,
                original_skickat=samtycke.original_skickat,
                original_mottaget=samtycke.original_mottaget,
                aterkallat=None,
                inlast=samtycke.inlast,
            )
        )
        return pk

    def _identitet(self, ny: NyttDeltagande, **columns: Any) -> Any:
        pk = uuid.uuid4()
        return _IDENTITET(
            id=pk,
            fornamn_krypterat=sealed_text(Identitet, "fornamn_krypterat", ny.fornamn, id=pk),
            efternamn_krypterat=sealed_text(Identitet, "efternamn_krypterat", ny.efternamn, id=pk),
            begransad=None,
            begransad_orsak="",
            **columns,
        )

    def insert(self) -> None:
        """Write them, and that they were written."""
        insert_rows(Person, self._persons)
        insert_rows(Nummerhash, self._hashes)
        insert_rows(Samtycke, self._samtycken)
        insert_rows(Deltagande, self.deltaganden)
        insert_rows(Inregistrering, self._ins)
        insert_rows(Utregistrering, list(self._uts.values()))
        insert_rows(Identitet, self._identiteter)
        created = [(one.id, one.insats_id) for one in self.deltaganden]
        log_by_insats(Handling.SKAPAT, "deltagande", created, syfte="inregistrering")
        left = ((one.id, one.insats_id) for one in self.deltaganden if one.aktuell_ut_id)
        log_by_insats(Handling.ANDRAT, "deltagande", left, syfte="utregistrering")

    def objects(self) -> list[Deltagande]:
        """The written deltaganden as objects, their newest versions at hand."""
        made = []
        for row, inne in zip(self.deltaganden, self._ins, strict=True):
            one = stored_object(Deltagande, row)
            one.aktuell_in = stored_object(Inregistrering, inne)
            if ute := self._uts.get(one.pk):
                one.aktuell_ut = stored_object(Utregistrering, ute)
            made.append(one)
        return made
