"""The register import on a page: upload, and what was wrong. The work is a job (registration/tasks.py)."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from finsam_site.access.acting import require_actor
from finsam_site.access.posts import takes_files
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.jobs.api import get_job, start_job
from finsam_site.jobs.models import Jobb
from finsam_site.ui import formats
from finsam_site.ui.components import Crumb, Pagination
from finsam_site.ui.tables import Column, Kind, Row, Table

from .. import import_reports, uploads
from ..forms.register_import import FILE, RegisterImportForm
from ..importing.columns import FILES, FileSpec
from ..importing.findings import RowFinding


def _handler(request: HttpRequest) -> uploads.EncryptingUploadHandler:
    return uploads.EncryptingUploadHandler(request, FILE, require_actor().user.pk)


@requires(Roll.NATIONELL_ADMINISTRATOR)
@takes_files(_handler)
@require_http_methods(["GET", "POST"])
def register_import(request: HttpRequest, *, handler: uploads.EncryptingUploadHandler) -> HttpResponse:
    """What the format is, and the form that takes a register."""
    if request.method != "POST":
        return _form_page(request, RegisterImportForm())
    form = RegisterImportForm(request.POST, request.FILES, too_big=handler.too_big)
    if not form.is_valid():
        return _form_page(request, form)
    upload: uploads.Upload = form.cleaned_data[FILE]
    jobb = start_job(uploads.KIND, upload=upload.upload, vad=form.cleaned_data["vad"])
    upload.keep()
    return redirect("jobs:job", job_id=jobb.pk)


def _form_page(request: HttpRequest, form: RegisterImportForm) -> HttpResponse:
    return render(
        request, "registration/import/form.html", {"form": form, "files": [_file(one) for one in FILES]}
    )


def _file(spec: FileSpec) -> tuple[str, str, Table]:
    """(file, how many columns, its columns as a table)."""
    table = Table(
        id=f"format-{spec.name}",
        caption=f"Kolumner i {spec.filename}",
        columns=[
            Column("name", "Kolumn"),
            Column("kind", "Vad som står i cellen"),
            Column("need", "Måste fyllas i"),
        ],
        rows=[
            Row(
                {
                    "name": one.name,
                    "kind": formats.sentence(one.kind.value),
                    "need": "Ja" if one.required else "Nej",
                }
            )
            for one in spec.columns
        ],
        hide_caption=True,
    )
    return spec.filename, f"{len(spec.columns)} kolumner", table


def _job(job_id: uuid.UUID) -> Jobb:
    """A register import that the actor may see and that found something wrong. Raises Http404 for any other."""
    actor = require_actor()
    try:
        jobb = get_job(job_id, actor.user, actor.roll)
    except Jobb.DoesNotExist:
        raise Http404 from None
    if jobb.slag != uploads.KIND or not jobb.result_ids.get("fel"):
        raise Http404
    return jobb


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_safe
def import_findings(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Everything that was wrong with the files, a hundred to a page."""
    jobb = _job(job_id)
    total = jobb.result_ids["fel"]
    page = Paginator(range(total), import_reports.PER_PAGE).get_page(request.GET.get("sida"))
    try:
        with import_reports.Report(jobb.pk) as report:
            findings = report.page(page.number)
    except import_reports.ReportGone:
        raise Http404 from None
    title = f"{formats.number(total)} fel i filerna"
    context = {
        "title": title,
        "table": findings_table(findings, Pagination(page, "fel")),
        "crumbs": [
            Crumb("Mina jobb", reverse("jobs:jobs")),
            Crumb("Inläsning av register", reverse("jobs:job", args=[jobb.pk])),
            Crumb(title),
        ],
        "csv": reverse("registration:import_findings_csv", args=[jobb.pk]),
        "again": reverse("registration:register_import"),
    }
    return render(request, "registration/import/findings.html", context)


def findings_table(findings: list[RowFinding], pagination: Pagination | None = None) -> Table:
    """File, row, column, value, what is wrong. Of numbers and names there is no value."""
    return Table(
        id="fel",
        caption="Fel i filerna, i filernas ordning",
        columns=[
            Column("file", "Fil"),
            Column("row", "Rad"),
            Column("column", "Kolumn"),
            Column("value", "Värde"),
            Column("message", "Vad som är fel", Kind.LONG),
        ],
        rows=[
            Row(
                {
                    "file": one.file,
                    "row": formats.number(one.row) if one.row else "Hela filen",
                    "column": one.column,
                    "value": one.value,
                    "message": one.message,
                }
            )
            for one in findings
        ],
        note="Rubrikraden är rad 1, som i ett kalkylprogram. Personnummer och namn visas aldrig.",
        pagination=pagination,
        hide_caption=True,
    )


@requires(Roll.NATIONELL_ADMINISTRATOR)
@require_safe
def import_findings_csv(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The same as a file for a spreadsheet."""
    jobb = _job(job_id)
    if not import_reports.opens(jobb.pk):
        raise Http404
    answer = StreamingHttpResponse(
        import_reports.report_as_csv(jobb.pk), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="fel-i-registret.csv"'
    return answer
