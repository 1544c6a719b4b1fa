"""The urls of the site."""

from django.urls import URLPattern, URLResolver, include, path

from finsam_site.start import start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start, name="start"),
    path("", include("finsam_site.access.urls")),
    path("tillganglighet/", include("finsam_site.accessibility.urls")),
    path("hjalp/", include("finsam_site.guide.urls")),
    path("jobb/", include("finsam_site.jobs.urls")),
    path("", include("registration.urls")),
    path("komponenter/", include("finsam_site.ui.urls")),
    path("uttag/", include("reporting.urls")),
]

handler400 = "finsam_site.views.bad_request"
handler403 = "finsam_site.views.permission_denied"
handler404 = "finsam_site.views.not_found"
handler500 = "finsam_site.views.server_error"
