"""The signed paper, scanned or photographed: attach, replace, download, remove."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam_site.access.acting import log_access
from finsam_site.access.models import Handling, Resultat
from finsam_site.access.posts import takes_files
from finsam_site.access.requires import requires
from finsam_site.access.roles import Roll
from finsam_site.ui.components import Detail, Details, Link, PostButton
from finsam_site.ui.formats import moment

from ..forms.samtycke import SCAN, ScanForm
from ..models import Identitet, Samtyckesskanning
from ..rules.findings import ChangedMeanwhile
from ..rules.reveal import reveal
from ..rules.scans import OPEN, attach_scan, open_scan, remove_scan, scan_mark, scan_of
from ..scan_check import ENDINGS, MOST_BYTES
from .deltaganden import deltagande_url, get_identitet
from .insatser_common import crumbs, insats_crumb

ATTACH = "skannat samtycke"
REMOVE = "ta bort skannat samtycke"


class ScanUploadHandler(FileUploadHandler):
    """Takes the one file of the form into memory, never onto a disk, and no more of it than is allowed.

    too_big: there was more.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.too_big = False
        self._taken = False
        self._content = io.BytesIO()

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if self._taken or field_name != SCAN:
            raise SkipFile
        self._taken = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._content.write(raw_data)
        if self._content.tell() > MOST_BYTES:
            self.too_big = True
            raise StopUpload(connection_reset=False)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._content.seek(0)
        # The name that the file had is not kept: people put names in it.
        return InMemoryUploadedFile(self._content, SCAN, "skanning", None, file_size, None)


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", ATTACH))
@takes_files(ScanUploadHandler)
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, pk: uuid.UUID, *, handler: ScanUploadHandler) -> HttpResponse:
    """What is attached, and the form that takes a file."""
    if request.method != "POST":
        return _page(request, get_identitet(pk, ATTACH), ScanForm())
    identitet = get_identitet(pk, ATTACH)
    form = ScanForm(request.POST, request.FILES, too_big=handler.too_big)
    if not form.is_valid():
        return _page(request, identitet, form)
    try:
        attach_scan(pk, form.cleaned_data[SCAN], seen=form.cleaned_data["sedd"])
    except ChangedMeanwhile as error:
        form.add_findings(error.findings)
        return _page(request, identitet, form, status=409)
    messages.success(request, "Det skannade papperet är sparat.")
    return redirect("registration:samtycke_scan", pk=pk)


def _page(request: HttpRequest, identitet: Identitet, form: ScanForm, *, status: int = 200) -> HttpResponse:
    pk = identitet.deltagande_id
    who = reveal(identitet.pk, ATTACH)
    found = scan_of(pk)
    form.show_seen(scan_mark(found))
    form.submit = "Ersätt papperet" if found else "Spara papperet"  # type: ignore[misc]
    form.cancel = Link("Till deltagandet", deltagande_url(pk))
    context = {
        "form": form,
        "name": f"{who.fornamn} {who.efternamn}",
        "insats": identitet.insats,
        "there": _details(pk, found) if found else None,
        "remove": PostButton(
            "Ta bort", reverse("registration:samtycke_scan_remove", args=[pk]), kind="quiet",
            hidden={"sedd": scan_mark(found)},
        ) if found else None,
        "crumbs": crumbs(
            insats_crumb(identitet.insats), ("Deltagande", deltagande_url(pk)), (form.title, "")
        ),
    }  # fmt: skip
    return render(request, "registration/samtycke/scan.html", context, status=status)


def _details(pk: uuid.UUID, found: Samtyckesskanning) -> Details:
    download = Link(
        f"Hämta filen ({ENDINGS.get(found.mediatyp, 'fil').upper()})",
        reverse("registration:samtycke_scan_file", args=[pk]),
    )
    return Details([Detail("Sparat", moment(found.inlagd)), Detail("Fil", download)])


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", OPEN))
@require_safe
def scan_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The scan as a download. A browser may neither show it as a page of ours nor guess what it is."""
    found = open_scan(pk)
    if found is None:
        log_access(Handling.LAST, "deltagande", [pk], syfte=OPEN, resultat=Resultat.NEKAT)
        raise Http404
    answer = HttpResponse(found.innehall, content_type=found.mediatyp)
    answer["Content-Disposition"] = f'attachment; filename="samtycke.{ENDINGS[found.mediatyp]}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@requires(Roll.DELTAGARANSVARIG, person=("deltagande", REMOVE))
@require_POST
def scan_remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Remove the scan; the samtycke stays."""
    get_identitet(pk, REMOVE)
    try:
        removed = remove_scan(pk, seen=request.POST.get("sedd", ""))
    except ChangedMeanwhile as error:
        messages.warning(request, str(error))
    else:
        if removed:
            messages.success(request, "Det skannade papperet är borttaget. Samtycket gäller som förut.")
        else:
            messages.info(request, "Det finns inget skannat papper.")
    return redirect("registration:samtycke_scan", pk=pk)
