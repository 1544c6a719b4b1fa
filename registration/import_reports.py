"""What was wrong with the files of a register import, kept encrypted beside its job, a page at a time.

It holds what the findings show: never a person's number or name.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from django.conf import settings

from finsam_site.access.encryption import DecryptionFailed
from finsam_site.formulas import FORMULA_STARTS

from .importing.columns import FORBUND
from .importing.findings import RowFinding, shown
from .sealed import SealedReader, SealedWriter

PER_PAGE = 100


class ReportGone(Exception):
    """There is no report of that job."""


def _report_path(job_id: uuid.UUID) -> Path:
    return Path(settings.FINSAM_VAR) / "import_reports" / str(job_id)


def remains(job_id: uuid.UUID) -> bool:
    """True while the report of a job is kept."""
    return _report_path(job_id).exists()


def opens(job_id: uuid.UUID) -> bool:
    """True if the report of a job is kept and can be read. `report_as_csv` cannot say so once its answer has begun."""
    try:
        with Report(job_id):
            return True
    except ReportGone:
        return False


def remove_old(kept: dt.timedelta) -> int:
    """Remove the reports that were written longer ago than `kept`; returns how many."""
    folder, gone = _report_path(uuid.UUID(int=0)).parent, 0
    for path in folder.glob("*") if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime > kept.total_seconds():
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def without_names(finding: RowFinding) -> RowFinding:
    """The finding as it may be kept: the name of an unknown file or sheet is free text too."""
    return replace(finding, file=shown(FORBUND, "namn", finding.file))


def write_report(job_id: uuid.UUID, findings: Sequence[RowFinding]) -> None:
    """Keep what was wrong beside the job, a hundred findings a part. A second try writes it anew."""
    writer = SealedWriter(_report_path(job_id), f"import_report:{job_id}")
    try:
        with zipfile.ZipFile(cast(Any, writer), "w", zipfile.ZIP_DEFLATED) as archive:
            for number, at in enumerate(range(0, len(findings), PER_PAGE), start=1):
                part = [astuple(without_names(one)) for one in findings[at : at + PER_PAGE]]
                archive.writestr(str(number), json.dumps(part, ensure_ascii=False))
        writer.finish()
    finally:
        writer.discard()


class Report:
    """What was wrong, a page at a time. Raises ReportGone."""

    def __init__(self, job_id: uuid.UUID) -> None:
        try:
            raw = SealedReader.open(_report_path(job_id), f"import_report:{job_id}")
        except (FileNotFoundError, DecryptionFailed):
            raise ReportGone(str(job_id)) from None
        self._archive = zipfile.ZipFile(io.BufferedReader(raw, 1 << 16))

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        file = self._archive.fp
        self._archive.close()
        if file is not None:
            file.close()

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._archive.namelist())

    def page(self, number: int) -> list[RowFinding]:
        """The findings of page `number`, from 1."""
        return [RowFinding(*one) for one in json.loads(self._archive.read(str(number)))]


def report_as_csv(job_id: uuid.UUID) -> Iterator[bytes]:
    """The whole report as CSV for a spreadsheet, in pieces. Text that begins as a formula gets an apostrophe first: it
    shows what stood in the wrong file, whatever that was, to somebody who reads it, and no program reads it back.
    """
    with Report(job_id) as report:
        yield _csv_lines([["Fil", "Rad", "Kolumn", "Värde", "Vad som är fel"]], mark=True)
        for number in range(1, report.pages + 1):
            rows = [
                [one.file, one.row or "", one.column, one.value, one.message] for one in report.page(number)
            ]
            yield _csv_lines(rows)


def _csv_lines(rows: Sequence[Sequence[object]], *, mark: bool = False) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_no_formula(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")


def _no_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
