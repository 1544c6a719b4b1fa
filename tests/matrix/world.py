"""The world of the matrix: somebody of every role; for each kind of address one that is theirs, and others'."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from finsam_site.access import kept, sessions
from finsam_site.access.models import User
from finsam_site.access.roles import Roll
from finsam_site.access.working import valid_uppdrag
from finsam_site.accessibility.letters import Letter, leave_letter
from finsam_site.accessibility.models import Meddelande
from finsam_site.jobs.models import Jobb, Tillstand
from registration import import_reports, uploads
from registration.forms.correct import ConfirmCorrection
from registration.forms.register_out_several import MOST
from registration.forms.steps import STEP_FIELD
from registration.forms.sysselsattning_codes import Codes
from registration.importing.findings import RowFinding
from registration.models import (
    Avidentifiering,
    Deltagande,
    Forbund,
    ForbundAr,
    Identitet,
    Insats,
    InsatsAr,
    PlaneratUttag,
    Samtyckesskanning,
    Uppdrag,
    Utkast,
)
from registration.rules.antal import AnonymaRad, VolymRad, record_anonyma, record_volym
from registration.rules.blanketter import MOST_COPIES, reserve
from registration.rules.change_number import number_mark
from registration.rules.correct import Rattelse, correct
from registration.rules.drafts import Place, save_draft
from registration.rules.kvitto import KIND as KVITTO
from registration.rules.kvitto import Kvitto, Kvittorad
from registration.rules.names import names_mark
from registration.rules.planned import plan_mark, set_plan
from registration.rules.register import Utskrivning, register_in, register_out
from registration.rules.scans import attach_scan, scan_mark
from registration.rules.uppslag import KIND as UPPSLAG
from registration.rules.uppslag import Syfte, Uppslag, keep
from registration.scan_check import check_scan
from registration.views.register_out_confirm import READ
from registration.views.register_out_round import Round, begin
from reporting.models import Uttag
from reporting.tasks import KIND as UTTAG
from reporting.uttag.take import take_uttag
from tests import factories, scans

YEAR = 2024
KNOWN = dt.datetime.fromisoformat("2025-02-01T12:00:00+01:00")
LAST_DAY = dt.date(YEAR, 12, 31)
PASSWORD = "prov-losenord-7"
"""Of everybody in a role."""
NO_ID = 2_000_000_000
KEPT_ID = uuid.UUID("00000000-0000-4000-8000-000000000007")
"""Of what is kept for those who may look at it."""
KEPT_LEFT = uuid.UUID("00000000-0000-4000-8000-000000000009")
"""The same of somebody who is out."""
NO_UUID = uuid.UUID("00000000-0000-4000-8000-000000000000")

ROLES = {
    "D": Roll.DELTAGARANSVARIG, "I": Roll.INSATSANSVARIG, "i": Roll.INSATSANSVARIG, "F": Roll.FORBUNDSADMINISTRATOR,
    "R": Roll.RAPPORTLASARE, "N": Roll.NATIONELL_ADMINISTRATOR, "B": Roll.BEHORIGHETSADMINISTRATOR,
    "S": Roll.SAMTYCKESMOTTAGARE, "G": Roll.DATASKYDDSGRANSKARE, "A": Roll.BESTALLARE,
}  # fmt: skip
"""Who of the cast works in which role; the others have none."""

ABOUT_THE_LEFT = frozenset({"registration:correct_out", "registration:person_correct_out"})
"""Pages that are there only of somebody who is out."""


@dataclass
class World:
    """Built once for a class of tests. own, sibling and other are as in `table.KINDS`."""

    users: dict[str, User] = field(default_factory=dict)
    forbund: dict[str, Forbund] = field(default_factory=dict)
    insats: dict[str, Insats] = field(default_factory=dict)
    volym: dict[str, Insats] = field(default_factory=dict)
    deltagande: dict[str, Deltagande] = field(default_factory=dict)
    left: dict[str, Deltagande] = field(default_factory=dict)
    """As `deltagande`, but who is in the own insats is out."""
    drafts: dict[str, uuid.UUID] = field(default_factory=dict)
    jobs: dict[str, Jobb] = field(default_factory=dict)
    imports: dict[str, Jobb] = field(default_factory=dict)
    uttag: Uttag = field(default_factory=Uttag)
    plan: PlaneratUttag = field(default_factory=PlaneratUttag)
    in_own: list[Deltagande] = field(default_factory=list)
    """Everybody in the own insats."""
    same_person: list[Deltagande] = field(default_factory=list)
    """All deltaganden of the person in `deltagande["own"]`."""
    newcomer: User = field(default_factory=User)
    """Somebody with the roles that a förbund gives, and no uppdrag yet."""
    given: dict[str, Uppdrag] = field(default_factory=dict)
    """Uppdrag of others: as deltagaransvarig of each insats, and as rapportläsare of the own förbund."""
    letter: Meddelande = field(default_factory=Meddelande)
    more: list[Insats] = field(default_factory=list)
    """Other insatser of the own förbund, which the deltagaransvarig and the insatsansvarig have too."""
    waiting: list[Deltagande] = field(default_factory=list)
    """In the own insats, besides `deltagande["own"]` those who are still there."""
    leaving: list[Deltagande] = field(default_factory=list)
    """In the own insats, those whom the deltagaransvarig is about to register out together."""
    leaving_mark: str = ""
    """Which answers of them stand in the list (`Round.mark`)."""
    omgang: uuid.UUID = NO_UUID
    """Consent forms printed for the own insats."""
    size: int = 1

    def __deepcopy__(self, memo: dict[int, Any]) -> World:
        """Tests of a class share it; what they write is undone."""
        return self

    def args(self, name: str, kind: str, target: str, who: str) -> list[Any]:
        """The arguments of the url for that target, as `reverse` takes them."""
        this_year = timezone.localdate().year
        if kind in ("insats", "volym"):
            rows = self.insats if kind == "insats" else self.volym
            pk = rows[target].pk if target in rows else NO_ID
            if name == "registration:samtycke_blanketter":
                return [pk, self.omgang]
            return [pk, this_year] if name.endswith(("_set", "_add")) else [pk]
        if kind == "deltagande":
            rows_of = self.left if name in ABOUT_THE_LEFT else self.deltagande
            return [rows_of[target].pk if target in rows_of else NO_UUID]
        if kind == "forbund":
            return [self.forbund[target].pk if target in self.forbund else NO_ID]
        if kind == "draft":
            return [self.drafts.get(target, NO_UUID)]
        if kind == "job":
            return [{"own": self.jobs[who].pk if who in self.jobs else NO_UUID,
                     "other": self.jobs["other"].pk}.get(target, NO_UUID)]  # fmt: skip
        if kind == "import":
            return [self.imports[target].pk if target in self.imports else NO_UUID]
        if kind in ("uttag", "table"):
            pk_and_table = [NO_UUID if target == "unknown" else self.uttag.pk]
            table = ["finns-inte" if target == "no_table" else "deltagare"]
            return pk_and_table + table if kind == "table" else pk_and_table
        if kind == "rattelse":
            about_left = name in ABOUT_THE_LEFT
            rows_of = self.left if about_left else self.deltagande
            one = rows_of["other" if target == "other" else "own"]
            return [NO_UUID if target == "unknown" else KEPT_LEFT if about_left else KEPT_ID, one.pk]
        if kind in (UPPSLAG, KVITTO):
            return [KEPT_ID if target == "own" else NO_UUID]
        if kind == "plan":
            return [NO_ID if target == "unknown" else self.plan.pk]
        if kind == "given":
            return [self.given[target].pk if target in self.given else NO_ID]
        if kind == "letter":
            return [self.letter.pk if target == "sent" else NO_UUID]
        if kind == "chapter":
            return ["finns-inte" if target == "unknown" else "logga-in"]
        if kind == "year":
            return [YEAR if target == "now" else 1999]
        return []

    def url(self, name: str, kind: str, target: str, who: str) -> str:
        """The address of a target."""
        return reverse(name, args=self.args(name, kind, target, who))

    def body(self, name: str, target: str, who: str) -> dict[str, Any]:
        """What a post to the address says, so that it does what the page is for."""
        if name == "access:uppdrag":
            mine = who if target == "own" else "F" if who != "F" else "D"
            choices = valid_uppdrag(self.users[mine]) if mine in self.users else []
            return {"uppdrag": choices[0].id if choices else "0"}
        if name in ("registration:person_names", "registration:person_number"):
            return self._read_back(name)
        own = factories.samtycke_of(self.deltagande["own"])
        seen = str(self.size if target == "own" else 0)
        new = {"vem": "annan", "konto": self.newcomer.anvandarnamn, "fran": timezone.localdate().isoformat()}
        bodies: dict[str, dict[str, Any]] = {
            "accessibility:letter": {"text": "Knappen syns inte."},
            "registration:uppdrag_give": new | {"roll": "deltagaransvarig", "bekrafta": "ja"},
            "registration:uppdrag_give_forbund": new | {"roll": "rapportlasare", "bekrafta": "ja"},
            "registration:uppdrag_end": {"nar": "nu"},
            "registration:person_find": {"personnummer": factories.nummer(0).digits, "syfte": "annat"},
            "registration:person_withdraw": {"vilka": [str(self.deltagande["own"].pk)]},
            "registration:find": {"sok": str(factories.nummer(0).digits)},
            "registration:anonyma_set": {"kvinnor": "1", "man": "2", "seen_nr": seen},
            "registration:anonyma_add": {"kon": "K", "seen_nr": seen},
            "registration:register_out_several": {
                "deltagare": [str(one.pk) for one in self.waiting[:1]],
                "slutdatum": "2024-06-30",
                "avslutsanledning": "enligt_plan",
            },
            "registration:register_out_answers": {"_ta_bort": str(self.leaving[0].pk)},
            "registration:register_out_confirm": {READ: self.leaving_mark},
            "registration:samtycke_blank": {"antal": "2", "formular": factories.FORMULAR, "sprak": "en"},
            "registration:samtycken_sent": {"samtycke": str(own.pk)},
            **dict.fromkeys(
                ("registration:samtycken_sent_codes", "registration:samtycken_received"),
                {"koder": own.referenskod, "dag": timezone.localdate().isoformat()},
            ),
            **dict.fromkeys(  # marked by nobody: there is nothing to take back
                ("registration:samtycken_sent_undo", "registration:samtycken_received_undo"),
                {"sett": f"{own.pk}:{timezone.localdate().isoformat()}", "hande": "fel"},
            ),
            "registration:samtycke_scan_remove": {
                "sedd": scan_mark(Samtyckesskanning.unscoped.filter(samtycke=own).first())
            },
            "registration:volym_set": {"antal": "3", "seen_nr": seen},
            "registration:wrong_insats": {
                "till": str(self.more[0].pk if self.more else NO_ID),
                "seen_ut": "0",
            },
            **dict.fromkeys(
                ("registration:planned_new", "registration:planned_change"),
                {"ar": "2019", "dag": (timezone.localdate() + dt.timedelta(days=60)).isoformat()}
                | {"sedd": plan_mark(self.plan)},
            ),
            "registration:planned_remove": {"sedd": plan_mark(self.plan)},
            "reporting:uttag_new": {"ar": str(YEAR), "kand": "nu"},
        }
        return bodies.get(name, {})

    def _read_back(self, name: str) -> dict[str, str]:
        """What the page posts that has read back another name or number of the person in `deltagande["own"]`."""
        rows = Identitet.unscoped.filter(deltagande__in=self.same_person).order_by("pk")
        if name == "registration:person_names":
            seen = " ".join(names_mark(one.deltagande_id, *one.decrypt_names()) for one in rows)
            said = {"fornamn": "Nytt", "efternamn": "Provnamn", "sedd": seen}
        else:
            number = {"vad": "nytt", "personnummer": factories.nummer(900).digits}
            said = number | {"sedd": number_mark(rows[0].person_id)}
        return said | {STEP_FIELD: ConfirmCorrection.name}

    def client(self, who: str) -> Client:
        """A browser in which somebody of the cast works; where needs no choosing, there is one place only."""
        client = Client()
        if who in self.users:
            client.force_login(self.users[who])
            session = client.session
            session[sessions.STARTED] = session[sessions.SEEN] = int(time.time())
            session.save()
        return client


def build(*, size: int = 1, fornamn: str = "Förnamn0", efternamn: str = "Efternamn0") -> World:
    """The world. size: how many there are of everything that a page lists. The names are those of the own deltagande,
    whose number is `factories.nummer(0)`.
    """
    world = World(size=size)
    with factories.as_system():
        factories.formular_to_print()
        _organisations(world)
        _people(world)
        _letters(world)
        _deltaganden(world, {"fornamn": fornamn, "efternamn": efternamn})
        _papers(world)
        _counts(world)
        _jobs(world)
        today = timezone.localdate()
        plans = [set_plan(today.year - n, today + dt.timedelta(days=30)) for n in range(min(size, 20))]
        world.plan = plans[0]
        world.uttag = take_uttag(User.objects.system(), YEAR, KNOWN).uttag
    _drafts(world)
    _kept(world)
    factories.as_if_committed()
    return world


def _organisations(world: World) -> None:
    own = factories.forbund(namn="Älv och kust")
    world.forbund = {
        "own": own,
        "other": factories.forbund(namn="Norra skogen", kommuner=("0180",)),
        "absorbed": factories.forbund(
            namn="Gamla kusten", kommuner=("0182",), slutdatum=LAST_DAY, uppgatt_i=own
        ),
    }
    for place, home, end in (
        ("own", "own", None), ("sibling", "own", None), ("other", "other", None), ("absorbed", "absorbed", LAST_DAY),
    ):  # fmt: skip
        of = {"forbund": world.forbund[home], "slutdatum": end}
        world.insats[place] = factories.insats(namn=f"Steget {place}", **of)
        world.volym[place] = factories.volyminsats(namn=f"Samtalet {place}", **of)
    world.more = [factories.insats(namn=f"Fler {n}", forbund=own) for n in range(1, world.size)]
    for n in range(1, world.size):
        factories.volyminsats(namn=f"Fler samtal {n}", forbund=own)
    for n in range(world.size):
        InsatsAr.objects.create(insats=world.insats["own"], ar=YEAR - n, budget=100_000, planerat_antal=10)
        ForbundAr.objects.create(forbund=own, ar=YEAR - n, post="stat", budget=1_000_000)


def _people(world: World) -> None:
    own, insats = world.forbund["own"], world.insats["own"]
    for who, roll in ROLES.items():
        user = factories.user(roll, namn=f"Prov {roll.label} {who}", password=PASSWORD)
        world.users[who] = user
        factories.uppdrag(
            user, roll, forbund=None if who == "i" else own, insats=insats if who in "Di" else None
        )
    factories.uppdrag(world.users["i"], Roll.INSATSANSVARIG, insats=world.volym["own"])
    for one in world.more:
        for who in "Di":
            factories.uppdrag(world.users[who], ROLES[who], insats=one)
    world.users["u"] = factories.user(namn="Prov utan uppdrag")
    world.users["other N"] = factories.user(
        Roll.NATIONELL_ADMINISTRATOR, national=True, namn="En annan på kassan"
    )

    holders: dict[str, dict[str, Any]] = {place: {"insats": one} for place, one in world.insats.items()}
    holders |= {f"{n} more": {"insats": insats} for n in range(1, world.size)}
    for place, target in holders.items():
        holder = factories.user(Roll.DELTAGARANSVARIG, namn=f"Prov {place}")
        # That of the sibling begins later: until then nobody answers for its deltagande.
        begins = timezone.localdate() + dt.timedelta(days=1 if place == "sibling" else 0)
        world.given[place] = factories.uppdrag(holder, Roll.DELTAGARANSVARIG, **target, fran=begins)
    reader = factories.user(Roll.RAPPORTLASARE)
    world.given["forbund"] = factories.uppdrag(reader, Roll.RAPPORTLASARE, forbund=own)
    world.newcomer = factories.user(Roll.DELTAGARANSVARIG, Roll.INSATSANSVARIG, Roll.RAPPORTLASARE)


def _letters(world: World) -> None:
    for n in range(world.size):
        leave_letter(Letter(f"Sida {n} går inte att läsa.", "Start", "prov@example.se"), str(n))
    world.letter = Meddelande.objects.latest("skickat")


def _deltaganden(world: World, named: dict[str, str]) -> None:
    for n, (place, insats) in enumerate(world.insats.items()):
        world.deltagande[place] = factories.registered(n, insats=insats, **({} if n else named))
    out = dt.datetime(YEAR, 7, 2, 9, tzinfo=dt.UTC)
    factories.registered_out(world.deltagande["absorbed"], registrerad=out)
    own = world.insats["own"]
    more = register_in([factories.nytt_deltagande(10 + n, insats=own) for n in range(1, world.size)])
    register_out([Utskrivning(one.pk, factories.ut_uppgifter(), registrerad=out) for one in more])
    same = register_in([factories.nytt_deltagande(0, insats=one, **named) for one in world.more])
    left = factories.registered(9, insats=own, **named)
    factories.registered_out(left, registrerad=out)
    world.left = world.deltagande | {"own": left}
    world.waiting = register_in([factories.nytt_deltagande(100 + n, insats=own) for n in range(world.size)])
    together = range(min(world.size, MOST - 10))
    world.leaving = register_in([factories.nytt_deltagande(200 + n, insats=own) for n in together])
    world.in_own = [world.deltagande["own"], left, *more, *world.waiting, *world.leaving]
    world.same_person = [world.deltagande["own"], *same]
    for n in range(world.size):
        said = factories.nytt_deltagande(0, insats=own, arbetar=n + 1).uppgifter
        correct(Rattelse(world.deltagande["own"].pk, "Räknade fel.", in_=said))


def _drafts(world: World) -> None:
    colleague = factories.user(Roll.DELTAGARANSVARIG, insats=world.insats["own"])
    for target, user in (("own", world.users["D"]), ("other", colleague)):
        with factories.acting(user):
            place = Place(Utkast.Slag.REGISTER_IN, world.insats["own"].pk, pk=uuid.uuid4())
            save_draft(place, "innan", {"skydd": ["nej"]})
            world.drafts[target] = place.pk or NO_UUID
    with factories.acting(world.users["D"]):
        insats, codes = world.insats["own"], Codes()
        alike = {"slutdatum": ["2024-06-30"], "avslutsanledning": ["insats_upphor"]}
        begin(insats, [one.pk for one in world.leaving], alike)
        begun = Round(insats, codes)
        begun.as_before(begun.left)
        world.leaving_mark = Round(insats, codes).mark


def _papers(world: World) -> None:
    """Forms printed for the own insats, and a scan of the own deltagande."""
    form = factories.formular_to_print()
    world.omgang = reserve(world.insats["own"], form, antal=min(world.size, MOST_COPIES), sprak="en")
    attach_scan(world.deltagande["own"].pk, check_scan(scans.pdf()), seen=scan_mark(None))


def _counts(world: World) -> None:
    this_year = timezone.localdate().year
    for n in range(world.size):
        record_anonyma(AnonymaRad(world.insats["own"].pk, this_year, n + 1, n), seen_nr=n)
        record_volym(VolymRad(world.volym["own"].pk, this_year, n + 1), seen_nr=n)


def more_uttag(world: World) -> None:
    """As many rows of uttag as the size says. They can be listed, not opened: each file is sealed for its own uttag."""
    for n in range(1, world.size):
        copy = Uttag.objects.get(pk=world.uttag.pk)
        copy.pk, copy.taken_at, copy._state.adding = uuid.uuid4(), copy.taken_at - dt.timedelta(hours=n), True
        copy.save()


def _jobs(world: World) -> None:
    other = world.users["other N"]
    for who, user in [*world.users.items(), ("other", other)]:
        world.jobs[who] = Jobb.objects.create(slag=UTTAG, argument={"year": YEAR}, skapad_av=user)
    for n in range(1, world.size):
        Jobb.objects.create(slag=UTTAG, argument={"year": YEAR - n}, skapad_av=world.users["N"])
    now = timezone.now()
    faults = [RowFinding("insatser.csv", 2, "namn", "", "saknas", "Insatsen har inget namn.")] * world.size
    per_file = [["insatser.csv", len(faults)]]
    found = {
        "vad": uploads.READ_IN,
        "fel": len(faults),
        "fel_per_fil": per_file,
        "filer": [],
        "varningar": [],
    }
    for target, user in (("own", world.users["N"]), ("other", other)):
        world.imports[target] = Jobb.objects.create(
            slag=uploads.KIND, argument={"upload": str(uuid.uuid4()), "vad": uploads.READ_IN}, skapad_av=user,
            tillstand=Tillstand.KLAR, paborjad=now, avslutad=now,
            resultat=found,
        )  # fmt: skip
        import_reports.write_report(world.imports[target].pk, faults)


def _kept(world: World) -> None:
    """What the granskare found about the person in `deltagande["own"]`, and a receipt of each who may see one."""
    # Searched a while from now: a slow run does not close it, and no page notes that it was used.
    tid = timezone.now() + dt.timedelta(minutes=45)
    with factories.acting(world.users["G"]):
        for key, rows in {KEPT_ID: world.same_person, KEPT_LEFT: [world.left["own"]]}.items():
            keep(Uppslag(key, tuple(one.pk for one in rows), Syfte.ANNAT, tid))
    rad = Kvittorad("ABCDEFGH23", factories.UNDERTECKNAT, factories.FORMULAR)
    receipt = Kvitto(Avidentifiering.ATERKALLAT, timezone.now(), True, "Prov", (rad,)).as_kept()
    for who, more in {"D": {"insats": world.insats["own"].pk}, "G": {}}.items():
        with factories.acting(world.users[who]):
            kept.put(KVITTO, receipt | more, lasts=dt.timedelta(hours=1), key=KEPT_ID)
