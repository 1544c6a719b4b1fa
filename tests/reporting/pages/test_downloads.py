"""The files that the pages give are those that the command writes, marked INTERN, kept by no cache."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from finsam_site.access.models import Atkomst
from reporting.uttag.output import json_document, write_csv
from reporting.views.downloads import XLSX
from reporting.workbook import kept, write_workbook
from tests.reporting.pages.world import logged_in, people, small_register, taken

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def name_of(answer: Any) -> str:
    """The file name that a browser would use."""
    header = Message()
    header["Content-Disposition"] = answer["Content-Disposition"]
    return unquote(str(header.get_filename() or ""))


def test_the_files_are_what_the_command_writes(tmp_path: Path) -> None:
    who = people()
    small_register()
    uttag = taken()
    for client in (logged_in(who.greta), logged_in(who.farid)):
        looked = Atkomst.objects.count()
        answers = {
            name: client.get(reverse(f"reporting:{name}", args=[uttag.uttag.pk]))
            for name in ("workbook", "csv", "json")
        }
        content = {name: b"".join(answer) for name, answer in answers.items()}

        assert (
            content["workbook"] == write_workbook(tmp_path / "a.xlsx", uttag.meta, uttag.tables).read_bytes()
        )
        document = json_document(uttag.meta, uttag.tables)
        assert content["json"].decode() == json.dumps(document, ensure_ascii=False, indent=1)
        with zipfile.ZipFile(io.BytesIO(content["csv"])) as archive:
            assert archive.testzip() is None
            found = {name: archive.read(name) for name in archive.namelist()}
        assert found == {path.name: path.read_bytes() for path in write_csv(tmp_path / "csv", uttag.tables)}

        types = {"workbook": XLSX, "csv": "application/zip", "json": "application/json"}
        endings = {"workbook": ".xlsx", "csv": ".zip", "json": ".json"}
        for name, answer in answers.items():
            assert answer["Content-Type"] == types[name]
            assert "no-store" in answer["Cache-Control"]
            assert answer["Content-Disposition"].startswith("attachment")
            assert name_of(answer).startswith("INTERN – får inte publiceras") and name_of(answer).endswith(
                endings[name]
            )
        # Aggregates: nobody's row in the access log.
        assert Atkomst.objects.count() == looked
        [sheet, *_] = load_workbook(io.BytesIO(content["workbook"])).worksheets
        assert "INTERN" in str(sheet["A1"].value)


def test_the_workbook_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And anew when what it says is another, or when the cache has lost it."""
    who = people()
    small_register()
    made_of = taken()
    client = logged_in(who.greta)
    url = reverse("reporting:workbook", args=[made_of.uttag.pk])
    made: list[object] = []
    write = kept.write_workbook

    def counted(*args: Any, **options: Any) -> Path:
        made.append(args)
        return write(*args, **options)

    monkeypatch.setattr(kept, "write_workbook", counted)
    first, again = (b"".join(client.get(url)) for _ in range(2))
    assert first == again and len(made) == 1
    cache.delete(kept._key(made_of.meta))
    assert b"".join(client.get(url)) == first and len(made) == 2
    monkeypatch.setattr(kept, "INTERN", "Något annat")
    assert b"".join(client.get(url)) == first and len(made) == 3


def test_the_same_uttag_gives_the_same_bytes() -> None:
    who = people()
    small_register()
    uttag = taken().uttag
    client = logged_in(who.greta)
    for name in ("workbook", "csv", "json"):
        url = reverse(f"reporting:{name}", args=[uttag.pk])
        one, other = (b"".join(client.get(url)) for _ in range(2))
        assert one == other, name
