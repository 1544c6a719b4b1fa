"""The urls of the paper: the register of samtycken, forms to print, scans."""

from django.urls import path

from .views import samtycke_print, samtycke_scan, samtycken, samtycken_codes, samtycken_undo

urlpatterns = [
    path("insatser/<int:pk>/samtycke/", samtycke_print.blank, name="samtycke_blank"),
    path("insatser/<int:pk>/samtycke/<uuid:omgang>/", samtycke_print.blanketter, name="samtycke_blanketter"),
    path("deltaganden/<uuid:pk>/samtycke/", samtycke_print.filled_in, name="samtycke_print"),
    path("deltaganden/<uuid:pk>/samtycke/skanning/", samtycke_scan.scan, name="samtycke_scan"),
    path("deltaganden/<uuid:pk>/samtycke/skanning/fil/", samtycke_scan.scan_file, name="samtycke_scan_file"),
    path(
        "deltaganden/<uuid:pk>/samtycke/skanning/ta-bort/",
        samtycke_scan.scan_remove,
        name="samtycke_scan_remove",
    ),
    path("samtycken/", samtycken.samtycken, name="samtycken"),
    path("samtycken/skickade/", samtycken.sent, name="samtycken_sent"),
    path("samtycken/skickade/koder/", samtycken_codes.sent_codes, name="samtycken_sent_codes"),
    path("samtycken/skickade/andra/", samtycken_undo.sent_undo, name="samtycken_sent_undo"),
    path("samtycken/mottagna/andra/", samtycken_undo.received_undo, name="samtycken_received_undo"),
    path("samtycken/mottagna/", samtycken_codes.received, name="samtycken_received"),
]
