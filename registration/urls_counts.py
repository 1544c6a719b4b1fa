"""The urls of anonyma, volym and the register import."""

from django.urls import path

from .views import counts, counts_change, register_import

urlpatterns = [
    path("insatser/<int:pk>/anonyma/", counts.anonyma, name="anonyma"),
    path("insatser/<int:pk>/anonyma/<int:ar>/", counts_change.anonyma_set, name="anonyma_set"),
    path("insatser/<int:pk>/anonyma/<int:ar>/lagg-till/", counts_change.anonyma_add, name="anonyma_add"),
    path("volym/", counts.volymer, name="volymer"),
    path("insatser/<int:pk>/volym/", counts.volym, name="volym"),
    path("insatser/<int:pk>/volym/<int:ar>/", counts_change.volym_set, name="volym_set"),
    path("register/inlasning/", register_import.register_import, name="register_import"),
    path("register/inlasning/<uuid:job_id>/fel/", register_import.import_findings, name="import_findings"),
    path(
        "register/inlasning/<uuid:job_id>/fel.csv",
        register_import.import_findings_csv,
        name="import_findings_csv",
    ),
]
