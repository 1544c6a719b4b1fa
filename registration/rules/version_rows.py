"""Versions of a registration as rows, unsaved: what the plain values say, with what every version carries."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from finsam_site.access.sealed_columns import open_text, sealed_text
from finsam_site.bulk import row_class

from ..models import FELREGISTRERING, Deltagande, Inregistrering, Rattelseslag, Utregistrering
from .values import InUppgifter, UtUppgifter

_IN, _UT = row_class(Inregistrering), row_class(Utregistrering)


def in_version(deltagande: Deltagande, nr: int, uppgifter: InUppgifter, **known: Any) -> Inregistrering:
    """An unsaved version of an in-registration. known: as in `in_row`."""
    return Inregistrering(*in_row(deltagande.pk, deltagande.insats_id, nr, uppgifter, **known))


def out_version(deltagande: Deltagande, nr: int, uppgifter: UtUppgifter, **known: Any) -> Utregistrering:
    """An unsaved version of an out-registration. known: as in `out_row`."""
    return Utregistrering(*out_row(deltagande.pk, deltagande.insats_id, nr, uppgifter, **known))


def in_row(
    deltagande_id: uuid.UUID, insats_id: int, nr: int, uppgifter: InUppgifter, *, registrerad: dt.datetime,
    mottagen: dt.datetime, user_id: int, kon: str, fodelsear: int | None, slag: Rattelseslag | None = None,
    orsak: str = "",
) -> Any:  # fmt: skip
    """The row of a version of an in-registration. slag: None of the first."""
    pk, fore = uuid.uuid4(), uppgifter.fore
    return _IN(
        id=pk,
        deltagande_id=deltagande_id,
        nr=nr,
        insats_id=insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        slag=slag.value if slag else None,
        orsak_krypterad=_sealed_reason(Inregistrering, pk, orsak),
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=uppgifter.kommunkod,
        stadsdel=uppgifter.stadsdel,
        startdatum=uppgifter.startdatum,
        start_ar=uppgifter.startdatum.year,
        utbildning=uppgifter.utbildning,
        tid_i_forsorjning_manader=uppgifter.tid_i_forsorjning_manader,
        forsorjning=fore.forsorjning,
        arbetar=fore.arbetar,
        typ_av_arbete=fore.typ_av_arbete,
        studerar=fore.studerar,
        arbetssokande=fore.arbetssokande,
        inskriven_af=fore.inskriven_af,
        initierad_av=uppgifter.initierad_av,
        behovsgrupp=uppgifter.behovsgrupp,
    )


def out_row(
    deltagande_id: uuid.UUID, insats_id: int, nr: int, uppgifter: UtUppgifter, *, registrerad: dt.datetime,
    mottagen: dt.datetime, user_id: int, kon: str, fodelsear: int | None, kommun_id: str | None, orsak: str = "",
) -> Any:  # fmt: skip
    """The row of a version of an out-registration."""
    pk, efter = uuid.uuid4(), uppgifter.efter
    return _UT(
        id=pk,
        deltagande_id=deltagande_id,
        nr=nr,
        insats_id=insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        orsak_krypterad=_sealed_reason(Utregistrering, pk, orsak),
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=kommun_id,
        slutdatum=uppgifter.slutdatum,
        slut_ar=uppgifter.slutdatum.year if uppgifter.slutdatum else None,
        felregistrering=uppgifter.avslutsanledning == FELREGISTRERING,
        avslutsanledning=uppgifter.avslutsanledning,
        forsorjning=efter.forsorjning,
        arbetar=efter.arbetar,
        typ_av_arbete=efter.typ_av_arbete,
        studerar=efter.studerar,
        arbetssokande=efter.arbetssokande,
        inskriven_af=efter.inskriven_af,
    )


def reason_given(version: Inregistrering | Utregistrering) -> str:
    """Why a version corrects the one before it; empty for a first version, of a number that was changed by somebody
    who could not reach the deltagande, and when erasure took it."""
    return open_text(version, "orsak_krypterad") if version.orsak_krypterad else ""


def _sealed_reason(
    model: type[Inregistrering] | type[Utregistrering], pk: uuid.UUID, orsak: str
) -> bytes | None:
    """The reason of a correction is encrypted: it is free text and may name somebody."""
    return sealed_text(model, "orsak_krypterad", orsak, id=pk) if orsak else None
