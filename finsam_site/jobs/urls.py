"""The urls of jobs, for everybody with an uppdrag: own jobs, and those of kinds that the role may see."""

from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<uuid:job_id>/", views.job, name="job"),
    path("<uuid:job_id>/framsteg/", views.progress, name="progress"),
    path("<uuid:job_id>/avbryt/", views.cancel, name="cancel"),
]
