"""Who gets what: the expectations of the matrix, written by hand from DOMAIN §2.

A line is a url, a method and a cell for each of the cast; a cell has a letter for each target of the url's kind, in the
order of `TARGETS`. One letter alone stands for every target.

    2  200 OK                     F  403: the role has no right to the page, whatever the address names
    3  302, the act is done       4  404: out of scope, gone or never there, which look the same
    L  302 to log-in              U  302 to the choice of uppdrag
    C  409: somebody was first, and what was typed can be sent anew

Where a role has no right at all to a page, it gets 403 for every address, also one that does not exist: an answer that
never differs tells nothing (docs/decisions/0008).
"""

from __future__ import annotations

from dataclasses import dataclass

CAST = ("D", "I", "i", "F", "R", "N", "B", "S", "G", "A", "u", "-")
"""D: deltagaransvarig of an insats. I, i: insatsansvarig of a förbund, of an insats. F: förbundsadministratör.
R: rapportläsare of a förbund. N: nationell administratör. B: behörighetsadministratör. S: samtyckesmottagare.
G: dataskyddsgranskare. A: beställare. u: somebody without uppdrag. -: nobody logged in."""

KINDS: dict[str, str] = {
    "insats": "own sibling other absorbed unknown",
    "volym": "own sibling other absorbed unknown",
    "deltagande": "own sibling other absorbed unknown",
    "forbund": "own other absorbed unknown",
    "draft": "own other unknown",
    "job": "own other unknown",
    "import": "own other unknown",
    "uttag": "taken unknown",
    "table": "taken unknown no_table",
    "year": "now before",
    "uppdrag": "own other",
    "plan": "planned unknown",
    "given": "own sibling other absorbed forbund unknown",
    "letter": "sent unknown",
    "uppslag": "own unknown",
    "kvitto": "own unknown",
    "rattelse": "own other unknown",
    "chapter": "there unknown",
    "": "page",
}
"""What the address of each kind of url may name. own: of the own uppdrag; sibling: another insats of the same förbund;
other: of another förbund; absorbed: of a förbund that went up in the own one, whose insats ended with it. An uppslag
(what was found by number) that is unknown or too old leads to the search: 3."""

ROWS = """
#                                                       D      I      i      F      R      N      B      S      G      A      u    -
start                                          GET      2      2      2      2      2      2      2      2      2      2      U    L
accessibility:statement                        GET      2      2      2      2      2      2      2      2      2      2      2    2
accessibility:letter                           GET      2      2      2      2      2      2      2      2      2      2      2    2
accessibility:letter                           POST     3      3      3      3      3      3      3      3      3      3      3    3
accessibility:thanks                           GET      2      2      2      2      2      2      2      2      2      2      2    2
accessibility:letters                          GET      F      F      F      F      F      2      2      F      F      F      U    L
accessibility:letter_handled          letter   POST     F      F      F      F      F      34     34     F      F      F      U    L
guide:contents                                 GET      2      2      2      2      2      2      2      2      2      2      2    L
guide:whole                                    GET      2      2      2      2      2      2      2      2      2      2      2    L
guide:chapter                         chapter  GET      24     24     24     24     24     24     24     24     24     24     24   L
access:log_in                                  GET      3      3      3      3      3      3      3      3      3      3      3    2
access:log_in                                  POST     3      3      3      3      3      3      3      3      3      3      3    2
access:log_out                                 POST     L      L      L      L      L      L      L      L      L      L      L    L
access:uppdrag                                 GET      2      2      2      2      2      2      2      2      2      2      2    L
access:uppdrag                        uppdrag  POST     34     34     34     34     34     34     34     34     34     34     44   L
access:session                                 GET      2      2      2      2      2      2      2      2      2      2      2    2
access:session                                 POST     2      2      2      2      2      2      2      2      2      2      2    2
access:settings                                GET      2      2      2      2      2      2      2      2      2      2      2    L
access:settings                                POST     3      3      3      3      3      3      3      3      3      3      3    L
ui:components                                  GET      2      2      2      2      2      2      2      2      2      2      2    2
ui:components                                  POST     2      2      2      2      2      2      2      2      2      2      2    2
ui:progress                                    GET      2      2      2      2      2      2      2      2      2      2      2    2

jobs:jobs                                      GET      2      2      2      2      2      2      2      2      2      2      U    L
jobs:job                              job      GET      244    244    244    244    244    224    244    244    244    244    U    L
jobs:progress                         job      GET      244    244    244    244    244    224    244    244    244    244    U    L
jobs:cancel                           job      POST     344    344    344    344    344    334    344    344    344    344    U    L

registration:insatser                          GET      2      2      2      2      F      2      F      F      F      F      U    L
registration:insats                   insats   GET      24444  22424  24444  22424  F      22224  F      F      F      F      U    L
registration:forbund                  forbund  GET      2444   2424   2444   2424   2424   2224   F      F      F      2424   U    L

registration:deltagare                         GET      2      F      F      F      F      F      F      F      F      F      U    L
registration:find                              GET      2      F      F      F      F      F      F      F      F      F      U    L
registration:find                              POST     2      F      F      F      F      F      F      F      F      F      U    L
registration:register                          GET      2      F      F      F      F      F      F      F      F      F      U    L
registration:deltaganden              insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_in              insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_in              insats   POST     24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_in_without_identity insats GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:deltagande               deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:deltagande_number        deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out             deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out             deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_several     insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_several     insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_answers     insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_answers     insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_confirm     insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_confirm     insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_one_of_several deltagande GET  24444  F      F      F      F      F      F      F      F      F      U    L
registration:register_out_one_of_several deltagande POST 24444  F      F      F      F      F      F      F      F      F      U    L
registration:drafts                            GET      2      F      F      F      F      F      F      F      F      F      U    L
registration:draft                    draft    GET      244    F      F      F      F      F      F      F      F      F      U    L
registration:draft                    draft    POST     344    F      F      F      F      F      F      F      F      F      U    L
registration:correct_in               deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_in               deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_out              deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_out              deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_samtycke         deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_samtycke         deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_names            deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:correct_names            deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:change_number            deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:change_number            deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:wrong_insats             deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:wrong_insats             deltagande POST   34444  F      F      F      F      F      F      F      F      F      U    L
registration:withdraw                 deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:withdraw                 deltagande POST   34444  F      F      F      F      F      F      F      F      F      U    L
registration:protect                  deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:protect                  deltagande POST   34444  F      F      F      F      F      F      F      F      F      U    L

registration:anonyma                  insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:anonyma_set              insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:anonyma_set              insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:anonyma_add              insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:volymer                           GET      F      2      2      F      F      F      F      F      F      F      U    L
registration:volym                    volym    GET      F      22424  24444  F      F      F      F      F      F      F      U    L
registration:volym_set                volym    GET      F      22424  24444  F      F      F      F      F      F      F      U    L
registration:volym_set                volym    POST     F      33424  34444  F      F      F      F      F      F      F      U    L

registration:uppdragen                         GET      F      2      2      2      F      F      F      F      F      F      U    L
registration:uppdrag_new                       GET      F      2      2      2      F      F      F      F      F      F      U    L
registration:insats_uppdrag           insats   GET      F      22424  24444  22424  F      F      F      F      F      F      U    L
registration:uppdrag_give             insats   GET      F      22424  24444  22424  F      F      F      F      F      F      U    L
registration:uppdrag_give             insats   POST     F      33434  34444  33434  F      F      F      F      F      F      U    L
registration:uppdrag_give_forbund              GET      F      F      F      2      F      F      F      F      F      F      U    L
registration:uppdrag_give_forbund              POST     F      F      F      3      F      F      F      F      F      F      U    L
registration:uppdrag_end              given    GET      F      224244 244444 224224 F      F      F      F      F      F      U    L
registration:uppdrag_end              given    POST     F      334344 344444 334334 F      F      F      F      F      F      U    L

registration:planned                           GET      F      F      F      F      F      2      F      F      F      F      U    L
registration:planned_new                       GET      F      F      F      F      F      2      F      F      F      F      U    L
registration:planned_new                       POST     F      F      F      F      F      3      F      F      F      F      U    L
registration:planned_change           plan     GET      F      F      F      F      F      24     F      F      F      F      U    L
registration:planned_change           plan     POST     F      F      F      F      F      3C     F      F      F      F      U    L
registration:planned_remove           plan     POST     F      F      F      F      F      33     F      F      F      F      U    L

registration:samtycke_blank            insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_blank            insats   POST     34444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_blanketter       insats   GET      24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_print            deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_scan             deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_scan             deltagande POST   24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_scan_file        deltagande GET    24444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycke_scan_remove      deltagande POST   34444  F      F      F      F      F      F      F      F      F      U    L
registration:samtycken                         GET      2      F      F      F      F      F      F      2      F      F      U    L
registration:samtycken_sent                    POST     3      F      F      F      F      F      F      F      F      F      U    L
registration:samtycken_sent_codes              GET      2      F      F      F      F      F      F      F      F      F      U    L
registration:samtycken_sent_codes              POST     2      F      F      F      F      F      F      F      F      F      U    L
registration:samtycken_received                GET      F      F      F      F      F      F      F      2      F      F      U    L
registration:samtycken_received                POST     F      F      F      F      F      F      F      2      F      F      U    L
registration:samtycken_sent_undo               GET      3      F      F      F      F      F      F      F      F      F      U    L
registration:samtycken_sent_undo               POST     3      F      F      F      F      F      F      F      F      F      U    L
registration:samtycken_received_undo           GET      F      F      F      F      F      F      F      3      F      F      U    L
registration:samtycken_received_undo           POST     F      F      F      F      F      F      F      3      F      F      U    L

registration:person_find                       GET      F      F      F      F      F      F      F      F      2      F      U    L
registration:person_find                       POST     F      F      F      F      F      F      F      F      3      F      U    L
registration:person                   uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_looks             uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_withdraw          uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_withdraw          uppslag  POST     F      F      F      F      F      F      F      F      3      F      U    L
registration:person_protect           uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_protect           uppslag  POST     F      F      F      F      F      F      F      F      3      F      U    L
registration:person_names             uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_names             uppslag  POST     F      F      F      F      F      F      F      F      3      F      U    L
registration:person_number            uppslag  GET      F      F      F      F      F      F      F      F      23     F      U    L
registration:person_number            uppslag  POST     F      F      F      F      F      F      F      F      3      F      U    L
registration:person_correct_in        rattelse GET      F      F      F      F      F      F      F      F      243    F      U    L
registration:person_correct_in        rattelse POST     F      F      F      F      F      F      F      F      243    F      U    L
registration:person_correct_out       rattelse GET      F      F      F      F      F      F      F      F      243    F      U    L
registration:person_correct_out       rattelse POST     F      F      F      F      F      F      F      F      243    F      U    L
registration:person_samtycke          rattelse GET     F      F      F      F      F      F      F      F      243    F      U    L
registration:person_samtycke          rattelse POST    F      F      F      F      F      F      F      F      243    F      U    L
registration:kvitto                   kvitto   GET      24     F      F      F      F      F      F      F      24     F      U    L

registration:register_import                   GET      F      F      F      F      F      2      F      F      F      F      U    L
registration:register_import                   POST     F      F      F      F      F      2      F      F      F      F      U    L
registration:import_findings          import   GET      F      F      F      F      F      224    F      F      F      F      U    L
registration:import_findings_csv      import   GET      F      F      F      F      F      224    F      F      F      F      U    L

reporting:uttag_list                           GET      F      F      F      F      2      2      F      F      F      F      U    L
reporting:uttag_new                            GET      F      F      F      F      F      2      F      F      F      F      U    L
reporting:uttag_new                            POST     F      F      F      F      F      3      F      F      F      F      U    L
reporting:uttag_settle                uttag    GET      F      F      F      F      F      24     F      F      F      F      U    L
reporting:uttag_settle                uttag    POST     F      F      F      F      F      34     F      F      F      F      U    L
reporting:definitions                 year     GET      F      F      F      F      24     24     F      F      F      F      U    L
reporting:report                      uttag    GET      F      F      F      F      24     24     F      F      F      F      U    L
reporting:table                       table    GET      F      F      F      F      244    244    F      F      F      F      U    L
reporting:workbook                    uttag    GET      F      F      F      F      24     24     F      F      F      F      U    L
reporting:csv                         uttag    GET      F      F      F      F      24     24     F      F      F      F      U    L
reporting:json                        uttag    GET      F      F      F      F      24     24     F      F      F      F      U    L
"""  # noqa: E501

NAMES_A_PERSON = "deltagande"
"""Of addresses of this kind every answer but log-in and choice of uppdrag is a row of the access log, refusals too."""


@dataclass(frozen=True)
class Row:
    """A url and method. cells: who → target → what is expected."""

    name: str
    kind: str
    method: str
    cells: dict[str, dict[str, str]]

    @property
    def targets(self) -> list[str]:
        return KINDS[self.kind].split()


def rows() -> list[Row]:
    """The table, read. Raises ValueError for a line that is not well formed."""
    found = []
    for line in ROWS.splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        name, kind = words.pop(0), words.pop(0) if words[0] in KINDS else ""
        method, targets = words.pop(0), KINDS[kind].split()
        if len(words) != len(CAST) or any(len(cell) not in (1, len(targets)) for cell in words):
            raise ValueError(f"not a line of the matrix: {line.strip()}")
        cells = {
            who: dict(zip(targets, cell if len(cell) > 1 else cell * len(targets), strict=True))
            for who, cell in zip(CAST, words, strict=True)
        }
        found.append(Row(name, kind, method, cells))
    return found
