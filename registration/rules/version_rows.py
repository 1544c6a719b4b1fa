"""Versions of a registration as rows, unsaved: what the plain values say, with what every version carries."""

from __future__ import annotations

import datetime as dt
from typing import Any

from finsam_site.access.sealed_columns import open_text, seal_text

from ..models import FELREGISTRERING, Deltagande, Inregistrering, Utregistrering
from .values import InUppgifter, Sysselsattning, UtUppgifter


def in_version(
    deltagande: Deltagande, nr: int, uppgifter: InUppgifter, *, registrerad: dt.datetime, mottagen: dt.datetime,
    user_id: int, kon: str, fodelsear: int | None, orsak: str = "",
) -> Inregistrering:  # fmt: skip
    """An unsaved version of an in-registration."""
    version = Inregistrering(
        deltagande_id=deltagande.pk,
        nr=nr,
        insats_id=deltagande.insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=uppgifter.kommunkod,
        stadsdel=uppgifter.stadsdel,
        startdatum=uppgifter.startdatum,
        start_ar=uppgifter.startdatum.year,
        utbildning=uppgifter.utbildning,
        tid_i_forsorjning_manader=uppgifter.tid_i_forsorjning_manader,
        initierad_av=uppgifter.initierad_av,
        behovsgrupp=uppgifter.behovsgrupp,
        **_sysselsattning(uppgifter.fore),
    )
    _seal_reason(version, orsak)
    return version


def out_version(
    deltagande: Deltagande, nr: int, uppgifter: UtUppgifter, *, registrerad: dt.datetime, mottagen: dt.datetime,
    user_id: int, kon: str, fodelsear: int | None, kommun_id: str | None, orsak: str = "",
) -> Utregistrering:  # fmt: skip
    """An unsaved version of an out-registration."""
    version = Utregistrering(
        deltagande_id=deltagande.pk,
        nr=nr,
        insats_id=deltagande.insats_id,
        registrerad=registrerad,
        mottagen=mottagen,
        registrerad_av_id=user_id,
        kon=kon,
        fodelsear=fodelsear,
        kommun_id=kommun_id,
        slutdatum=uppgifter.slutdatum,
        slut_ar=uppgifter.slutdatum.year if uppgifter.slutdatum else None,
        felregistrering=uppgifter.avslutsanledning == FELREGISTRERING,
        avslutsanledning=uppgifter.avslutsanledning,
        **_sysselsattning(uppgifter.efter),
    )
    _seal_reason(version, orsak)
    return version


def reason_given(version: Inregistrering | Utregistrering) -> str:
    """Why a version corrects the one before it; empty for a first version, and when erasure took it."""
    return open_text(version, "orsak_krypterad") if version.orsak_krypterad else ""


def _seal_reason(version: Inregistrering | Utregistrering, orsak: str) -> None:
    """The reason of a correction is encrypted: it is free text and may name somebody."""
    if orsak:
        seal_text(version, "orsak_krypterad", orsak)


def _sysselsattning(what: Sysselsattning) -> dict[str, Any]:
    return {
        "forsorjning": what.forsorjning,
        "arbetar": what.arbetar,
        "typ_av_arbete": what.typ_av_arbete,
        "studerar": what.studerar,
        "arbetssokande": what.arbetssokande,
        "inskriven_af": what.inskriven_af,
    }
