"""The pages of uttag, all under `/uttag/`."""

from django.urls import path

from .views import downloads, report, uttag

app_name = "reporting"
urlpatterns = [
    path("", uttag.uttag_list, name="uttag_list"),
    path("nytt/", uttag.uttag_new, name="uttag_new"),
    path("definitioner/<int:year>/", report.definitions, name="definitions"),
    path("<uuid:uttag_id>/", report.report, name="report"),
    path("<uuid:uttag_id>/faststall/", uttag.uttag_settle, name="uttag_settle"),
    path("<uuid:uttag_id>/hamta/arbetsbok/", downloads.workbook, name="workbook"),
    path("<uuid:uttag_id>/hamta/csv/", downloads.csv_files, name="csv"),
    path("<uuid:uttag_id>/hamta/json/", downloads.json_file, name="json"),
    path("<uuid:uttag_id>/<slug:table_id>/", report.table, name="table"),
]
