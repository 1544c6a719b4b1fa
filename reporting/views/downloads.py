"""The files of an uttag: workbook, CSV and JSON, the same that `take_uttag` writes. They hold no persons."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from finsam_site.clock import STOCKHOLM

from ..models import Uttag
from ..report.store import stored_tables
from ..uttag.output import json_document, write_csv
from ..uttag.take import TakenUttag
from ..workbook import workbook_name
from ..workbook.kept import kept_workbook, make_workbook
from .shared import reads_uttag

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@reads_uttag
def workbook(request: HttpRequest, uttag: Uttag) -> FileResponse:
    """The yearly Excel with every table, its diagrams and definitions."""
    meta = TakenUttag(uttag, []).meta
    content = kept_workbook(meta) or make_workbook(meta, stored_tables(uttag))
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=workbook_name(meta), content_type=XLSX
    )


@require_safe
@reads_uttag
def csv_files(request: HttpRequest, uttag: Uttag) -> HttpResponse:
    """A zip with one CSV file a table and all cells in `data.csv`. The same uttag gives the same bytes."""
    taken = TakenUttag(uttag, stored_tables(uttag))
    written = uttag.taken_at.astimezone(STOCKHOLM).timetuple()[:6]
    buffer = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(dir=_tmp()) as folder,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path in write_csv(Path(folder), taken.tables):
            entry = zipfile.ZipInfo(path.name, date_time=written)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return _attachment(buffer.getvalue(), taken, ".zip", "application/zip")


@require_safe
@reads_uttag
def json_file(request: HttpRequest, uttag: Uttag) -> HttpResponse:
    """The document of FORMATS §3."""
    taken = TakenUttag(uttag, stored_tables(uttag))
    content = json.dumps(json_document(taken.meta, taken.tables), ensure_ascii=False, indent=1)
    return _attachment(content.encode(), taken, ".json", "application/json")


def _attachment(content: bytes, taken: TakenUttag, ending: str, content_type: str) -> HttpResponse:
    """Named as the workbook, INTERN first."""
    name = workbook_name(taken.meta).removesuffix(".xlsx") + ending
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


def _tmp() -> Path:
    """Where files are made that are gone when they are sent."""
    folder: Path = settings.FINSAM_VAR / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
