"""The definitions of REPORTS §1 as data. The same words stand beside the figure on the page, in the workbook
and in the methodology. A definition that changes gets a new row with its own period; the old one keeps its
last day.
"""

import datetime as dt
from dataclasses import dataclass

DEFINITIONS_VERSION = "2026-1"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A term and its meaning (Swedish). Valid for tables of years whose 31 December lies within the
    period."""

    id: str
    term: str
    text: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


def _d(
    id_: str, term: str, text: str, *, since: dt.date | None = None, until: dt.date | None = None
) -> Definition:
    return Definition(id=id_, term=term, text=" ".join(text.split()), valid_from=since, valid_to=until)


DEFINITIONS: tuple[Definition, ...] = (
    _d("uttag", "Uttag", """Ett år och en kunskapstidpunkt. Bara registreringar och rättelser som var kända
        vid den tidpunkten ingår; finns flera versioner gäller den senast kända. Ett uttag är fryst när det
        har tagits: senare ändringar påverkar det aldrig."""),
    _d("deltagande", "Deltagande", """En persons tid i en individinriktad insats. Ett deltagande vars senast
        kända avslutsanledning är felregistrering räknas inte alls. Ett deltagande som har förlorat sin
        identitet räknas bara bland deltagarna, som avidentifierat, och ingår inte i tabeller över bakgrund
        eller resultat."""),
    _d("deltagare", "Deltagare (individer)", """Olika personer med minst ett deltagande som infaller under
        året (start senast 31 december och inget slut eller slut tidigast 1 januari), plus årets anonyma
        deltagare, plus årets volymdeltagare i individinriktade insatser, plus deltaganden under året som
        har förlorat sin identitet. En person räknas en gång inom den enhet som visas: i riket för hela
        riket, i förbundet på förbundets rad. Raderna summerar därför till mer än riket."""),
    _d("med_personuppgifter", "Med personuppgifter", """De olika personer bland deltagarna som är
        registrerade med personuppgifter."""),
    _d("bakgrund", "Bakgrundsuppgift", """Bakgrund, bostadskommun och kön hämtas från det av personens
        deltaganden under året som har senast start; vid lika start det som först registrerades senast,
        därefter det med högst deltagande-id."""),
    _d("nya", "Nya deltagare", """Olika personer med ett deltagande som startade under året. I tabellen över
        behovsgrupper ska det deltagandet självt ha radens försörjning eller behovsgrupp."""),
    _d("avslutade", "Avslutade", """Olika personer med ett deltagande vars slut infaller under året. Varje
        person räknas med ett avslut: det senaste under året och, vid lika datum, det som registrerades
        senast."""),
    _d("arbete_eller_studier", "Arbete eller studier", """Personen arbetar mer än 0 procent eller studerar
        mer än 0 procent. Den som gör båda räknas en gång."""),
    _d("arbetssokande", "Arbetssökande", """Aktivt arbetssökande som varken arbetar eller studerar."""),
    _d("ovriga", "Övriga", """Varken i arbete eller studier eller arbetssökande, och som har svarat på minst
        en av frågorna. Ett tomt svar räknas som nej när någon annan av de tre frågorna är besvarad."""),
    _d("saknas", "Uppgift saknas", """Uppgiften är inte besvarad. För sysselsättning: ingen av de tre
        frågorna om arbete, studier och arbetssökande är besvarad. Saknade uppgifter visas på egen rad;
        de utelämnas aldrig och fördelas aldrig på de andra raderna. Ett undantag: i tabellen över resultat per
        samordningsförbund ingår de i raden Övriga, inklusive uppgift saknas."""),
    _d("malet", "Målet", """I arbete eller studier, eller arbetssökande."""),
    _d("huvudmatt", "Huvudmått", """Andelen avslutade till arbete eller studier.""", until=dt.date(2020, 12, 31)),
    _d("huvudmatt", "Huvudmått", """Andelen avslutade till arbete, studier eller arbetssökande (målet).""",
       since=dt.date(2021, 1, 1)),
    _d("fore_efter", "Före och efter", """Samma avslutade personer vid in- respektive utregistreringen av
        det avslut som räknas."""),
    _d("borjade_eller_okade", "Började eller ökade", """De avslutade vars arbete eller studier, i procent,
        är högre efter än före. Uppgift saknas när ingen av de tre frågorna är besvarad före, eller ingen
        efter; annars räknas ett tomt svar som 0 procent."""),
    _d("andel", "Andel", """Procent av kolumnens bas, oavrundad i datafiler, med en decimal i tabeller och
        hela procent i löptext. När basen är noll finns ingen andel."""),
    _d("forandring", "Förändring", """Av ett antal: procent. Av en andel: procentenheter."""),
    _d("kon", "Kön", """Kvinna eller man enligt personnumret, eller som angivet för anonyma deltagare och
        volymdeltagare. Volymdeltagare utan angivet kön redovisas som uppgift om kön saknas."""),
    _d("alder", "Ålder", """Ålder den 31 december: året minus födelseåret."""),
    _d("unga", "Unga", """Personer under 30 år vid årets slut."""),
    _d("forbund", "Samordningsförbund", """Förbund med startdatum senast den 31 december och utan slutdatum
        eller med slutdatum tidigast den 31 december."""),
    _d("forbund_tillhorighet", "Förbundets deltaganden", """Ett deltagande räknas i det förbund som ägde
        insatsen när deltagandet eller året slutade, det som inföll först."""),
    _d("kommuner", "Kommuner", """Olika kommuner som den 31 december hör till ett sådant samordningsförbund,
        av landets 290."""),
    _d("insatser", "Insatser", """Insatser vars start- och slutdatum gör att de pågick någon dag under året."""),
    _d("tid_i_insats", "Tid i insats", """Antal dagar från start till slut, båda inräknade, för de
        avslutade. Mer än ett år är fler än 365 dagar, mer än två år fler än 730. Insatsens slag är det vid
        det avslut som räknas."""),
    _d("kvartil", "Median och kvartiler", """Beräknas med linjär interpolation mellan närmaste rangordnade
        värden (typ 7)."""),
    _d("efterslapning", "Eftersläpning", """Kalenderdagar i svensk tid från händelsen (start eller slut)
        till den första registreringen av den. En senare rättelse förlänger inte eftersläpningen om den inte
        ändrar själva datumet. Räknas per deltagande; inom n dagar betyder högst n dagar."""),
    _d("aret_fore", "Året före", """Hämtas ur det årets fastställda uttag. Saknas ett sådant beräknas det ur
        registret som det var känt exakt ett år före detta uttags kunskapstidpunkt, aldrig som det är känt
        nu. Där inget var registrerat är uppgiften ej tillämplig."""),
)  # fmt: skip


def definition(id_: str, year: int) -> Definition:
    """The definition with this id that holds for tables of `year`; `KeyError` when none does."""
    last = dt.date(year, 12, 31)
    for found in DEFINITIONS:
        begun = found.valid_from is None or found.valid_from <= last
        if found.id == id_ and begun and (found.valid_to is None or last <= found.valid_to):
            return found
    raise KeyError(id_)
