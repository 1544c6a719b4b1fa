"""What an import says was known before an uttag that is already taken: told by the import, `--check` and its job."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from finsam_site.access.models import User
from finsam_site.ui import formats
from finsam_site.ui.components import Notice
from registration.pages_counts import outcome
from registration.tasks import summary
from registration.uploads import CHECK, READ_IN
from reporting.uttag.take import take_uttag
from tests.registration.importing import folders
from tests.registration.importing.folders import OPEN, deltagande

pytestmark = [pytest.mark.django_db, pytest.mark.both]

JULY, DECEMBER = (dt.datetime.fromisoformat(f"2018-{day}T12:00:00+01:00") for day in ("07-10", "12-20"))
NAMES = [f"uttaget för 2018 med uppgifter kända per {formats.moment(known)}" for known in (JULY, DECEMBER)]

LATE: folders.Register = {
    "deltaganden": [
        deltagande("D1", 0, utbildning="grundskola", registrerad_in="2018-02-20T10:00:00+01:00"),
        deltagande("D2", 1),
        deltagande(
            "D3", 2, samtyckesdatum="2018-08-01", startdatum="2018-08-20",
            registrerad_in="2018-09-01T10:00:00+02:00", **OPEN,
        ),
        deltagande(
            "D4", 3, samtyckesdatum="2017-01-10", startdatum="2017-02-01", slutdatum="2017-06-30",
            registrerad_in="2017-02-02T10:00:00+01:00", registrerad_ut="2017-07-02T10:00:00+02:00",
        ),
    ],
    "anonyma": [
        {"insats_id": "I1", "ar": "2018", "kvinnor": "4", "man": "2", "registrerad": "2018-12-10T12:00:00+01:00"}
    ],
}  # fmt: skip
"""A correction and a whole deltagande from before both uttag, one and a number from between them, one of 2017."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of what comes in late, when two uttag of the register are taken."""
    assert folders.run(folders.write(tmp_path / "base", folders.register())).ok
    for as_of in (JULY, DECEMBER):
        take_uttag(User.objects.system(), 2018, as_of)
    return folders.write(tmp_path / "late", LATE)


def test_told_by_check_and_import_and_counted_by_the_next_uttag(folder: Path) -> None:
    told = list(zip(NAMES, (3, 5), strict=True))
    checked = folders.run(folder, check_only=True)
    assert (checked.ok, checked.late) == (True, told)
    read = folders.run(folder)
    assert read.late == told
    assert (
        f"Inkommen sent: 5 registreringar är kända före {NAMES[1]}, som redan är taget och därför inte har dem med."
        in read.success_lines()
    )
    assert folders.run(folder).late == []
    after = take_uttag(User.objects.system(), 2018, DECEMBER)
    assert after.uttag.noteringar["arrived_late"] == 5


def test_the_command_says_it(folder: Path) -> None:
    out = StringIO()
    call_command("import_register", str(folder), check=True, stdout=out)
    assert [line.split(" registr")[0] for line in out.getvalue().splitlines() if "sent" in line] == [
        "Inkommen sent: 3",
        "Inkommen sent: 5",
    ]


MOVED = {
    "start": {"startdatum": "2019-01-15", "registrerad_in": "2018-11-01T10:00:00+01:00"},
    "slut": {"slutdatum": "2017-12-20", "registrerad_ut": "2018-11-02T10:00:00+01:00"},
    "both_versions_new": {"slutdatum": "2017-12-20", "registrerad_ut": "2018-11-02T10:00:00+01:00"},
    "known_open": {"utbildning": "grundskola", "registrerad_in": "2018-03-01T10:00:00+01:00"},
}  # fmt: skip
"""Corrections of a deltagande that leave the year of the uttag, or concern one that was open for it."""


@pytest.mark.parametrize("case", MOVED)
def test_what_leaves_the_year_is_told_by_the_import_and_the_uttag_alike(tmp_path: Path, case: str) -> None:
    """The uttag that is taken counts somebody there whom the next one does not."""
    early = {
        "samtyckesdatum": "2017-01-10",
        "startdatum": "2017-02-01",
        "registrerad_in": "2017-02-02T10:00:00+01:00",
    }
    base = {
        "start": deltagande("D9", 4, **OPEN),
        "slut": deltagande("D9", 4, **early),
        "both_versions_new": deltagande("D9", 4, **early),
        "known_open": deltagande(
            "D9", 4, **early | {"slutdatum": "2017-12-20", "registrerad_ut": "2018-12-01T10:00:00+01:00"}
        ),
    }[case]  # fmt: skip
    later = base | MOVED[case]
    files = [[base], [later]] if case != "both_versions_new" else [[], [base, later]]
    first = folders.register() | {"deltaganden": [deltagande("D1", 0), *files[0]]}
    assert folders.run(folders.write(tmp_path / "base", first)).ok
    for as_of in (JULY, DECEMBER):
        take_uttag(User.objects.system(), 2018, as_of)
    read = folders.run(folders.write(tmp_path / "late", folders.only_deltaganden(*files[1])))
    assert read.ok
    for name, as_of in zip(NAMES, (JULY, DECEMBER), strict=True):
        after = take_uttag(User.objects.system(), 2018, as_of).uttag.noteringar["arrived_late"]
        assert dict(read.late).get(name, 0) == after, name
    assert dict(read.late)[NAMES[1] if case != "known_open" else NAMES[0]] >= 1


@pytest.mark.parametrize("vad", [CHECK, READ_IN])
def test_the_page_of_the_job_says_it(folder: Path, vad: str) -> None:
    result = folders.run(folder, check_only=vad == CHECK)
    job: Any = SimpleNamespace(result_ids=summary(result, vad), pk=1)
    said = [part.text for part in outcome(job).parts if isinstance(part, Notice)]
    assert len(said) == 2 and NAMES[0] in said[0] and "5 registreringar" in said[1]
    before: Any = SimpleNamespace(result_ids={**job.result_ids}, pk=1)
    del before.result_ids["sent"]  # a job of a program from before
    assert not [part for part in outcome(before).parts if isinstance(part, Notice)]


def test_without_an_uttag_nothing_is_late(tmp_path: Path) -> None:
    result = folders.run(folders.write(tmp_path / "base", folders.register()))
    assert result.ok and result.late == []
