"""Every attempt: what must be refused, and beside it what must be taken. See attempts.py."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import models

from finsam_site.access.roles import FORBIDDEN_PAIRS, Roll
from registration.models import (
    Anonyma,
    Deltagande,
    Identitet,
    Inregistrering,
    Insats,
    Nummerhash,
    Rattelseslag,
    Samtycke,
    Samtyckesandring,
)
from tests import factories
from tests.registration.attempts import (
    DAY,
    FOREIGN_KEY,
    GUARDED,
    REGISTRERAD_DAG,
    TOMORROW,
    Attempt,
    World,
    account,
    andring,
    anonyma,
    changed,
    changing,
    deleting,
    every_row,
    guarded_row,
    identitet,
    in_version,
    insert,
    inserting,
    made,
    raw_update,
    same_person,
    skanning,
    stored,
    svar,
    uppdrag,
    ut_version,
    volym,
)

# --- No identity without samtycke ------------------------------------------------------------------------------------

_COPY = "identitet_kopierar_samtycke"
_SIGNED = "identitet_samtycke_fore_registrering"

SAMTYCKE: tuple[Attempt, ...] = (
    inserting("identitet", identitet),
    inserting("identitet without samtycke", lambda w: identitet(w, samtycke_id=None), "samtycke_id"),
    inserting(
        "identitet with a samtycke that is not there",
        lambda w: identitet(w, samtycke_id=uuid.uuid4()),
        FOREIGN_KEY,
    ),
    inserting(
        "identitet with somebody else's samtycke",
        lambda w: identitet(w, samtycke_id=w.samtycke(w.inne).pk),
        "(?i)unique.*samtycke_id",
    ),
    inserting(
        "identitet with a samtycke of another insats",
        lambda w: identitet(w, samtycke_id=w.i_annan),
        _COPY,
        FOREIGN_KEY,
    ),
    inserting(
        "identitet in another insats than the deltagande, with a samtycke of that",
        lambda w: identitet(w, samtycke_id=w.i_annan, insats_id=w.annan_insats.pk),
        "identitet_kopierar_deltagande",
        FOREIGN_KEY,
    ),
    inserting(
        "identitet that says another day than its samtycke",
        lambda w: identitet(w, undertecknat=factories.UNDERTECKNAT - DAY),
        _COPY,
        FOREIGN_KEY,
    ),
    inserting(
        "identitet that hides a late samtycke behind an earlier day",
        lambda w: identitet(w, samtycke_id=w.sent),
        _COPY,
        FOREIGN_KEY,
    ),
    inserting(
        "identitet with a samtycke from the day after registration",
        lambda w: identitet(w, samtycke_id=w.sent, undertecknat=REGISTRERAD_DAG + DAY),
        _SIGNED,
    ),
    *(
        inserting(
            f"identitet without {name}",
            made(identitet, {name: None}),
            f"(?i)null.*{name}",
        )
        for name in (
            "deltagande_id",
            "person_id",
            "insats_id",
            "undertecknat",
            "registrerad_dag",
            "startdatum",
        )
    ),
    inserting(
        "identitet of a deltagande that is not there",
        lambda w: identitet(w, deltagande_id=uuid.uuid4()),
        FOREIGN_KEY,
    ),
    inserting(
        "a second identitet of a deltagande",
        lambda w: identitet(w, deltagande_id=w.inne),
        "(?i)unique.*deltagande_id",
    ),
    changing(
        "identitet to a free samtycke of the insats",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": w.fritt},
    ),
    changing(
        "identitet to no samtycke",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": None},
        "samtycke_id",
    ),
    changing(
        "identitet to a samtycke that is not there",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": uuid.uuid4()},
        FOREIGN_KEY,
    ),
    changing(
        "identitet to somebody else's samtycke",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": w.samtycke(w.ute).pk},
        "(?i)unique.*samtycke_id",
    ),
    changing(
        "identitet to a samtycke of another insats",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": w.i_annan},
        _COPY,
        FOREIGN_KEY,
    ),
    changing(
        "identitet to a late samtycke",
        lambda w: w.identitet(w.inne),
        lambda w: {"samtycke_id": w.sent, "undertecknat": REGISTRERAD_DAG + DAY},
        _SIGNED,
    ),
    changing(
        "the day of signing that the identitet copies",
        lambda w: w.identitet(w.inne),
        lambda w: {"undertecknat": factories.UNDERTECKNAT - DAY},
        _COPY,
        FOREIGN_KEY,
    ),
    changing(
        "the day of registration to before the signing",
        lambda w: w.identitet(w.inne),
        lambda w: {"registrerad_dag": factories.UNDERTECKNAT - DAY},
        _SIGNED,
    ),
    changing(
        "the insats that the identitet copies",
        lambda w: w.identitet(w.inne),
        lambda w: {"insats_id": w.annan_insats.pk},
        "identitet_kopierar_",
        FOREIGN_KEY,
    ),
    changing(
        "identitet to a deltagande of another insats",
        lambda w: w.identitet(w.inne),
        lambda w: {"deltagande_id": _in_other_without_identity(w)},
        "identitet_kopierar_deltagande",
        FOREIGN_KEY,
    ),
    changing(
        "a samtycke to an earlier day",
        lambda w: w.samtycke(w.inne),
        lambda w: {"undertecknat": factories.UNDERTECKNAT - DAY},
    ),
    changing(
        "a samtycke to the day of registration",
        lambda w: w.samtycke(w.inne),
        lambda w: {"undertecknat": REGISTRERAD_DAG},
    ),
    changing(
        "a samtycke to the day after registration",
        lambda w: w.samtycke(w.inne),
        lambda w: {"undertecknat": REGISTRERAD_DAG + DAY},
        _SIGNED,
    ),
    changing(
        "the insats of a samtycke in use",
        lambda w: w.samtycke(w.ute),
        lambda w: {"insats_id": w.annan_insats.pk},
        "identitet_kopierar_deltagande",
        FOREIGN_KEY,
    ),
    changing(
        "the insats of a corrected samtycke",
        lambda w: w.samtycke(w.inne),
        lambda w: {"insats_id": w.annan_insats.pk},
        "append-only",
    ),
    changing(
        "the insats of a deltagande with an identity",
        lambda w: Deltagande.unscoped.get(pk=w.inne),
        lambda w: {"insats_id": w.annan_insats.pk},
        f"{_COPY}|append-only",
        f"{FOREIGN_KEY}|append-only",
    ),
    deleting("a samtycke that nobody uses", lambda w: Samtycke.unscoped.get(pk=w.sent)),
    deleting("one that was corrected", lambda w: Samtycke.unscoped.get(pk=w.fritt), FOREIGN_KEY),
    deleting("a samtycke in use", lambda w: w.samtycke(w.inne), FOREIGN_KEY),
    deleting("an identitet", lambda w: w.identitet(w.inne)),
)


def _in_other_without_identity(w: World) -> uuid.UUID:
    w.identitet(w.annan).delete()
    return w.annan


# --- Periods, and no overlap of a person in an insats ----------------------------------------------------------------

_OVERLAP = "identitet_overlappar_inte"
_START, _SLUT = factories.START, factories.SLUT

PERIODS: tuple[Attempt, ...] = (
    inserting("identitet of one day", lambda w: identitet(w, slutdatum=_START)),
    inserting(
        "identitet that ends before it starts",
        lambda w: identitet(w, slutdatum=_START - DAY),
        "identitet_slut_efter_start",
    ),
    changing("slut to the day of start", lambda w: w.identitet(w.inne), lambda w: {"slutdatum": _START}),
    changing(
        "slut to before start",
        lambda w: w.identitet(w.inne),
        lambda w: {"slutdatum": _START - DAY},
        "identitet_slut_efter_start",
    ),
    changing(
        "start to after slut",
        lambda w: w.identitet(w.ute),
        lambda w: {"startdatum": _SLUT + DAY},
        "identitet_slut_efter_start",
    ),
)  # fmt: skip

_LOCK: dict[str, Any] = {"begransad": factories.REGISTRERAD, "begransad_orsak": "aterkallat"}


def _locked(w: World, deltagande: uuid.UUID) -> uuid.UUID:
    every_row(Identitet).filter(deltagande=deltagande).update(**_LOCK)
    return deltagande


OVERLAPS: tuple[Attempt, ...] = (
    *(
        inserting(f"overlap: {name}", make, _OVERLAP, sqlite=False)
        for name, make in (
            ("two open", lambda w: same_person(w, w.inne, _START)),
            ("open later than an open", lambda w: same_person(w, w.inne, _START + 400 * DAY)),
            ("open before an open", lambda w: same_person(w, w.inne, _START - 400 * DAY)),
            ("closed within an open", lambda w: same_person(w, w.inne, _SLUT, _SLUT)),
            ("closed, its last day the first of an open", lambda w: same_person(w, w.inne, _START - 9 * DAY, _START)),
            ("the same days", lambda w: same_person(w, w.ute, _START, _SLUT)),
            ("within", lambda w: same_person(w, w.ute, _START + DAY, _SLUT - DAY)),
            ("around", lambda w: same_person(w, w.ute, _START - DAY, _SLUT + DAY)),
            ("open from the last day", lambda w: same_person(w, w.ute, _SLUT)),
            ("up to the first day", lambda w: same_person(w, w.ute, _START - DAY, _START)),
        )
    ),
    *(
        inserting(f"no overlap: {name}", make, sqlite=False)
        for name, make in (
            ("open from the day after", lambda w: same_person(w, w.ute, _SLUT + DAY)),
            ("up to the day before", lambda w: same_person(w, w.ute, _START - 9 * DAY, _START - DAY)),
            ("with a felregistrering", lambda w: same_person(w, w.fel, _START)),
            ("itself a felregistrering", lambda w: same_person(w, w.inne, _START, felregistrerad=True)),
            ("with one that is locked", lambda w: same_person(w, _locked(w, w.inne), _START)),
            ("itself locked", lambda w: same_person(w, w.inne, _START, **_LOCK)),
            ("with the person in another insats", lambda w: identitet(w, person_id=w.identitet(w.annan).person_id,
                                                                      startdatum=_START - 9 * DAY,
                                                                      slutdatum=_START - DAY)),
        )
    ),
    changing(
        "a period into another of the person",
        lambda w: stored(same_person(w, w.ute, _SLUT + DAY)),
        lambda w: {"startdatum": _SLUT},
        _OVERLAP,
        sqlite=False,
    ),
    changing(
        "slut away, so that it overlaps what came later",
        lambda w: [stored(same_person(w, w.ute, _SLUT + DAY)), w.identitet(w.ute)][1],
        lambda w: {"slutdatum": None},
        _OVERLAP,
        sqlite=False,
    ),
    changing(
        "one that is locked to none, where it overlaps",
        lambda w: [stored(same_person(w, _locked(w, w.inne), _START)), w.identitet(w.inne)][1],
        lambda w: {"begransad": None, "begransad_orsak": ""},
        _OVERLAP,
        sqlite=False,
    ),
    changing(
        "a felregistrering to none, where it overlaps",
        lambda w: [stored(same_person(w, w.fel, _START)), w.identitet(w.fel)][1],
        lambda w: {"felregistrerad": False},
        _OVERLAP,
        sqlite=False,
    ),
    changing(
        "person to one that overlaps",
        lambda w: w.identitet(w.inne),
        lambda w: {"person_id": w.identitet(w.ute).person_id},
        _OVERLAP,
        sqlite=False,
    ),
)  # fmt: skip


# --- What a version may say ------------------------------------------------------------------------------------------


_TIED = "registration_identitet is not tied"
_ON_THAT_DAY = factories.REGISTRERAD + dt.timedelta(hours=3)
_BEFORE_SIGNING = factories.REGISTRERAD - 400 * DAY


def _having(make: Callable[..., models.Model], moment: dt.datetime) -> Callable[[World], models.Model]:
    """An unsaved identitet for `bar`, which has got another version."""

    def find(w: World) -> models.Model:
        make(w, deltagande_id=w.bar, registrerad=moment).save(force_insert=True)
        return identitet(w)

    return find


def _blanked(w: World) -> models.Model:
    """An unsaved identitet for `bar`, of whose version nothing is left of what erasure blanks."""
    raw_update(Inregistrering, w.version(w.bar).pk, dict.fromkeys(["startdatum", "fodelsear", "kommun_id"]))
    return identitet(w)


def _said(values: dict[str, Any]) -> str:
    """The same on every day, so that every worker gives the test the same name."""
    return ", ".join(f"{name}={'tomorrow' if value is TOMORROW else value}" for name, value in values.items())


def _answers(which: str, make: Callable[..., models.Model]) -> Iterator[Attempt]:
    """CHECKs that in- and out-registrations share. which: the beginning of the constraints' names."""
    refused: tuple[tuple[dict[str, Any], str], ...] = (
        ({"forsorjning": "ingen|sjukpenning:hel"}, "ingen_ensam"),
        ({"forsorjning": "forsorjningsstod:del|ingen"}, "ingen_ensam"),
        ({"forsorjning": "forsorjningsstod:del|ingen|sjukpenning:hel"}, "ingen_ensam"),
        ({"arbetar": 101, "typ_av_arbete": None}, "arbetar"),
        ({"arbetar": -1, "typ_av_arbete": None}, "arbetar"),
        ({"studerar": 101}, "studerar"),
        ({"studerar": -1}, "studerar"),
        ({"arbetar": 0, "typ_av_arbete": "ordinarie"}, "typ_av_arbete"),
        ({"kon": "X"}, "kon"),
        ({"registrerad": TOMORROW}, "ej_i_framtiden"),
    )
    for values, constraint in refused:
        yield inserting(
            f"{which} {_said(values)}",
            made(make, values),
            f"{which}_{constraint}|{which}.*_check|: {constraint}",
        )
    taken: tuple[dict[str, Any], ...] = (
        {"forsorjning": "ingen"},
        {"forsorjning": "forsorjningsstod:del|sjukpenning:del"},
        {"forsorjning": None},
        {"arbetar": 100, "studerar": 100, "typ_av_arbete": "ordinarie"},
        {"arbetar": 0, "studerar": 0, "typ_av_arbete": None},
        {"arbetar": None, "studerar": None, "typ_av_arbete": None},
    )
    for values in taken:
        yield inserting(f"{which} {_said(values)}", made(make, values))
    yield inserting(f"{which} with the nr 0", lambda w: make(w, nr=0), f"{which}_nr_fran_ett")
    yield inserting(
        f"{which} known on the day of the first registration", lambda w: make(w, registrerad=_ON_THAT_DAY)
    )
    for name, moment in (
        ("the day before that", _ON_THAT_DAY - DAY),
        ("long before the signing", _BEFORE_SIGNING),
    ):
        yield inserting(f"{which} known {name}", made(make, {"registrerad": moment}), _TIED)
    yield inserting(f"{which} with a taken nr", lambda w: make(w, nr=1), f"{which}_nr", "(?i)unique.*nr")
    yield inserting(
        f"{which} with a taken time", lambda w: make(w, registrerad=_first_time(make(w))), f"{which}_tid",
        "(?i)unique.*registrerad",
    )  # fmt: skip


def _first_time(one: Any) -> dt.datetime:
    first: dt.datetime = every_row(type(one)).get(deltagande=one.deltagande_id, nr=1).registrerad
    return first


VERSIONS: tuple[Attempt, ...] = (
    *(
        inserting(f"identitet of a deltagande with an {which} known {name}", _having(make, moment), by)
        for which, make in (("inregistrering", in_version), ("utregistrering", ut_version))
        for name, moment, by in (
            ("on the day of the first registration", _ON_THAT_DAY, ""),
            ("the day before that", _ON_THAT_DAY - DAY, _TIED),
            ("long before the signing", _BEFORE_SIGNING, _TIED),
        )
    ),
    inserting("identitet of a deltagande whose version is blanked", _blanked, _TIED),
    *_answers("inregistrering", in_version),
    *_answers("utregistrering", ut_version),
    *(
        inserting(f"inregistrering made by {slag}", made(in_version, {"slag": slag}))
        for slag in (None, *Rattelseslag.values)
    ),
    inserting("made by what there is not", made(in_version, {"slag": "annat"}), "inregistrering_slag"),
    inserting(
        "a first version that corrects", lambda w: in_version(w, nr=1, slag="rattelse"), "inregistrering_slag"
    ),
    inserting(
        "utregistrering without slut that is no felregistrering",
        lambda w: ut_version(w, slutdatum=None, slut_ar=None),
        "utregistrering_slut_eller_fel",
    ),
    inserting(
        "felregistrering without the mark",
        lambda w: ut_version(w, avslutsanledning="felregistrering"),
        "utregistrering_felregistrering",
    ),
    inserting(
        "the mark without felregistrering",
        lambda w: ut_version(w, felregistrering=True),
        "utregistrering_felregistrering",
    ),
    inserting(
        "felregistrering without slut",
        lambda w: ut_version(
            w, felregistrering=True, avslutsanledning="felregistrering", slutdatum=None, slut_ar=None
        ),
    ),
    changing(
        "deltagande to out without a time",
        lambda w: Deltagande.unscoped.get(pk=w.ute),
        lambda w: {"forst_ut": None},
        "deltagande_ut_helt_eller_inte",
    ),
    changing(
        "deltagande to avidentifierad without a reason",
        lambda w: Deltagande.unscoped.get(pk=w.inne),
        lambda w: {"avidentifierad": factories.REGISTRERAD},
        "deltagande_avidentifierad_med_orsak",
    ),
    deleting("a deltagande", lambda w: Deltagande.unscoped.get(pk=w.inne), FOREIGN_KEY),
)

# --- What hangs on a deltagande or a samtycke ------------------------------------------------------------------------


def _hanging(name: str, make: Callable[..., models.Model], by: str) -> Iterator[Attempt]:
    """What belongs to a deltagande or a samtycke is of its insats, and stays so."""

    def elsewhere(w: World) -> dict[str, Any]:
        return {"insats_id": w.annan_insats.pk}

    yield inserting(f"{name} of the insats", make)
    yield inserting(f"{name} of another insats", lambda w: make(w, **elsewhere(w)), by, FOREIGN_KEY)
    yield changing(f"{name} to another insats", lambda w: stored(make(w)), elsewhere, by, FOREIGN_KEY)


_NOBODYS = "registration_samtyckesandring has lost its identity"
_FACTS = (
    "tidigare_undertecknat",
    "tidigare_formular_id",
    "tidigare_sprak",
    "undertecknat",
    "formular_id",
    "sprak",
)


def _corrections() -> Iterator[Attempt]:
    """Of a samtycke: whole, of its insats, about somebody, and of something."""
    yield inserting("a correction", andring)
    for skal in Samtyckesandring.Skal.values:
        yield inserting(f"a correction since {skal}", made(andring, {"skal": skal}))
    yield inserting(
        "a correction since what there is not", made(andring, {"skal": "annat"}), "samtyckesandring_skal"
    )
    yield inserting(
        "a correction of nothing", made(andring, {"sprak": "sv"}), "samtyckesandring_andrar_nagot"
    )
    yield inserting("a correction with the nr 0", made(andring, {"nr": 0}), "samtyckesandring_nr_fran_ett")
    yield inserting(
        "a correction with a taken nr", made(andring, {"nr": 1}), "samtyckesandring_nr", "(?i)unique.*nr"
    )
    for name in ("skal", *_FACTS):
        yield inserting(
            f"a correction without {name}", made(andring, {name: None}), "samtyckesandring_hel_eller_borta"
        )
    yield inserting(
        "a correction of another insats",
        lambda w: andring(w, insats_id=w.annan_insats.pk),
        "samtyckesandring_kopierar_samtycke",
        FOREIGN_KEY,
    )
    yield inserting(
        "a correction of nobody's samtycke", lambda w: andring(w, samtycke_id=w.fritt), _NOBODYS, _TIED
    )
    yield inserting(
        "a correction of a withdrawn samtycke",
        lambda w: andring(w, samtycke_id=w.aterkallat),
        _NOBODYS,
        _TIED,
    )


HANGING: tuple[Attempt, ...] = (
    *_hanging("an answer", svar, "svar_kopierar_deltagande"),
    *_hanging("a scan", skanning, "samtyckesskanning_kopierar_samtycke"),
    *_corrections(),
)  # fmt: skip

# --- Counts without persons ------------------------------------------------------------------------------------------

COUNTS: tuple[Attempt, ...] = (
    inserting("anonyma", anonyma),
    inserting("anonyma with a taken nr", lambda w: anonyma(w, nr=1), "anonyma_nr", "(?i)unique.*nr"),
    inserting(
        "anonyma with a taken time",
        lambda w: anonyma(w, registrerad=Anonyma.unscoped.get(pk=w.anonyma).registrerad),
        "anonyma_tid",
        "(?i)unique.*registrerad",
    ),
    inserting("anonyma: fewer than no women", lambda w: anonyma(w, kvinnor=-1), "anonyma_ej_negativa|_check|: kvinnor"),
    inserting("anonyma: fewer than no men", lambda w: anonyma(w, man=-1), "anonyma_ej_negativa|_check|: man"),
    inserting(
        "anonyma from tomorrow",
        lambda w: anonyma(w, registrerad=TOMORROW),
        "anonyma_ej_i_framtiden",
    ),
    inserting("volym", volym),
    inserting("volym where kön is not known", lambda w: volym(w, kvinnor=None, man=None)),
    inserting("volym, all women", lambda w: volym(w, kvinnor=10, man=None)),
    inserting("volym with a taken nr", lambda w: volym(w, nr=1), "volym_nr", "(?i)unique.*nr"),
    inserting("volym: more than antal", lambda w: volym(w, kvinnor=6, man=5), "volym_kon_ryms_i_antal"),
    inserting("volym: more women than antal", lambda w: volym(w, kvinnor=11, man=None), "volym_kon_ryms_i_antal"),
    inserting("volym: more men than antal", lambda w: volym(w, kvinnor=None, man=11), "volym_kon_ryms_i_antal"),
    inserting("volym: minus", lambda w: volym(w, kvinnor=-1, man=5), "volym_kon_ryms_i_antal|_check|: kvinnor"),
    inserting("volym from tomorrow", lambda w: volym(w, registrerad=TOMORROW), "volym_ej_i_framtiden"),
)  # fmt: skip

# --- Roles, uppdrag, insatser ----------------------------------------------------------------------------------------


def _roles() -> Iterator[Attempt]:
    for one, other in FORBIDDEN_PAIRS:
        by = f"user_ej_{one}_och_{other}"[:60]
        yield inserting(f"account as {one} and {other}", _account(one, other), by)
        yield changing(f"account that is {one} to {other} too", _account(one, store=True), _flag(other), by)
        yield changing(f"account that is {other} to {one} too", _account(other, store=True), _flag(one), by)
    yield inserting("account with every other role", _account(*(set(Roll) - {Roll.DELTAGARANSVARIG})))


def _account(*roller: Roll, store: bool = False) -> Callable[[World], models.Model]:
    def make(w: World) -> models.Model:
        one = account(**{roll.value: True for roll in roller})
        return stored(one) if store else one

    return make


def _flag(roll: Roll) -> Callable[[World], dict[str, Any]]:
    return lambda w: {roll.value: True}


def _uppdrag(roll: Roll, forbund: bool, insats: bool, national: bool) -> Iterator[Attempt]:
    """An uppdrag of each shape. The flags say what the role may be for."""
    shapes: tuple[tuple[str, bool, Callable[[World], dict[str, Any]]], ...] = (
        ("the nation", national, lambda w: {}),
        ("a förbund", forbund, lambda w: {"forbund_id": w.insats.forbund_id}),
        ("an insats", insats, lambda w: {"insats_id": w.insats.pk}),
        ("both", False, lambda w: {"insats_id": w.insats.pk, "forbund_id": w.insats.forbund_id}),
    )
    for name, allowed, target in shapes:
        by = "" if allowed else "uppdrag_(roll|hogst|granskare)"
        yield inserting(f"uppdrag as {roll} for {name}", _aimed(roll, target), by)


def _aimed(roll: Roll, target: Callable[[World], dict[str, Any]]) -> Callable[[World], models.Model]:
    return lambda w: uppdrag(w, roll, **target(w))


def _number(w: World, **overrides: Any) -> models.Model:
    """An unsaved further number of the person that `bar` was."""
    return Nummerhash(
        **{"hash": uuid.uuid4().bytes * 2, "person_id": w.bars_person, "aktuell": False} | overrides
    )


def _taken_number(w: World) -> bytes:
    return bytes(every_row(Nummerhash).get(person=w.identitet(w.inne).person_id).hash)


NUMBERS: tuple[Attempt, ...] = (
    inserting("a number that a person had", _number),
    inserting(
        "a second present number", made(_number, {"aktuell": True}), "nummerhash_ett_aktuellt", "(?i)unique"
    ),
    inserting("a number of another person", lambda w: _number(w, hash=_taken_number(w)), "(?i)unique"),
)


ROLES: tuple[Attempt, ...] = (
    *_roles(),
    *_uppdrag(Roll.DELTAGARANSVARIG, False, True, False),
    *_uppdrag(Roll.INSATSANSVARIG, True, True, False),
    *_uppdrag(Roll.FORBUNDSADMINISTRATOR, True, False, False),
    *_uppdrag(Roll.BESTALLARE, True, False, False),
    *_uppdrag(Roll.RAPPORTLASARE, True, True, True),
    *_uppdrag(Roll.NATIONELL_ADMINISTRATOR, False, False, True),
    *_uppdrag(Roll.BEHORIGHETSADMINISTRATOR, False, False, True),
    *_uppdrag(Roll.SAMTYCKESMOTTAGARE, False, False, True),
    *_uppdrag(Roll.DATASKYDDSGRANSKARE, True, False, True),
    inserting(
        "uppdrag that ends before it begins",
        lambda w: uppdrag(w, Roll.RAPPORTLASARE, till=factories.START - DAY),
        "uppdrag_period",
    ),
    changing(
        "insats to end before it begins",
        lambda w: Insats.unscoped.get(pk=w.insats.pk),
        lambda w: {"slutdatum": factories.INSATS_START - DAY},
        "insats_period",
    ),
    changing(
        "a strukturinsats to persons",
        lambda w: Insats.unscoped.get(pk=w.volyminsats.pk),
        lambda w: {"registreringssatt": "person"},
        "insats_struktur_ar_volym",
    ),
)  # fmt: skip

# --- Append-only -----------------------------------------------------------------------------------------------------


def _append_only(which: str) -> Iterator[Attempt]:
    def find(w: World) -> models.Model:
        return guarded_row(w, which)

    def values(w: World) -> dict[str, Any]:
        one = find(w)
        each = next(f for f in one._meta.concrete_fields if not f.primary_key and not f.is_relation)
        return {each.attname: changed(one, each)}

    yield deleting(which, find, "is append-only")
    yield changing(which, find, values, "is append-only")
    yield Attempt(
        name=f"replace {which}",
        write=lambda w, route: insert(find(w), route),
        routes=("or_replace",),
        by="is append-only",
    )


APPEND_ONLY: tuple[Attempt, ...] = tuple(one for which in GUARDED for one in _append_only(which))
"""A taste of each guard, to be had again after a migration; test_guards tries every column."""

GROUPS: dict[str, tuple[Attempt, ...]] = {
    "samtycke": SAMTYCKE,
    "periods": PERIODS,
    "overlaps": OVERLAPS,
    "versions": VERSIONS,
    "hanging": HANGING,
    "counts": COUNTS,
    "numbers": NUMBERS,
    "roles": ROLES,
    "append-only": APPEND_ONLY,
}

EVERY: tuple[Attempt, ...] = tuple(each for group in GROUPS.values() for each in group)
