"""The urls of registration."""

from django.urls import include, path

from .views import (
    correct,
    correct_person,
    correct_samtycke,
    deltaganden,
    deltaganden_identity,
    deltaganden_list,
    drafts,
    find,
    insatser,
    planned,
    register_in,
    register_in_anonymous,
    register_out,
    wrong_insats,
)

app_name = "registration"
urlpatterns = [
    path("insatser/", insatser.insatser, name="insatser"),
    path("insatser/<int:pk>/", insatser.insats, name="insats"),
    path("forbund/<int:pk>/", insatser.forbund, name="forbund"),
    path("insatser/<int:pk>/deltaganden/", deltaganden_list.deltaganden, name="deltaganden"),
    path("deltagare/", deltaganden_list.deltagare, name="deltagare"),
    path("sok/", find.find, name="find"),
    path("registrera-in/", deltaganden_list.register, name="register"),
    path("insatser/<int:pk>/registrera-in/", register_in.register_in, name="register_in"),
    path(
        "insatser/<int:pk>/registrera-in/utan-personuppgifter/",
        register_in_anonymous.without_identity,
        name="register_in_without_identity",
    ),
    path("deltaganden/<uuid:pk>/", deltaganden.deltagande, name="deltagande"),
    path("deltaganden/<uuid:pk>/personnummer/", deltaganden.number, name="deltagande_number"),
    path("deltaganden/<uuid:pk>/registrera-ut/", register_out.register_out, name="register_out"),
    path("deltaganden/<uuid:pk>/ratta-inregistreringen/", correct.correct_in, name="correct_in"),
    path("deltaganden/<uuid:pk>/ratta-utregistreringen/", correct.correct_out, name="correct_out"),
    path("deltaganden/<uuid:pk>/ratta-namn/", correct_person.correct_names, name="correct_names"),
    path(
        "deltaganden/<uuid:pk>/ratta-samtycket/", correct_samtycke.correct_samtycke, name="correct_samtycke"
    ),
    path("deltaganden/<uuid:pk>/nytt-personnummer/", correct_person.change_number, name="change_number"),
    path("deltaganden/<uuid:pk>/fel-insats/", wrong_insats.wrong_insats, name="wrong_insats"),
    path("deltaganden/<uuid:pk>/aterkalla/", deltaganden_identity.withdraw, name="withdraw"),
    path("deltaganden/<uuid:pk>/skydda/", deltaganden_identity.protect, name="protect"),
    path("utkast/", drafts.drafts, name="drafts"),
    path("utkast/<uuid:pk>/", drafts.draft, name="draft"),
    path("planerade-uttag/", planned.planned, name="planned"),
    path("planerade-uttag/nytt/", planned.planned_new, name="planned_new"),
    path("planerade-uttag/<int:pk>/", planned.planned_change, name="planned_change"),
    path("planerade-uttag/<int:pk>/ta-bort/", planned.planned_remove, name="planned_remove"),
    path("", include("registration.urls_several")),
    path("", include("registration.urls_counts")),
    path("", include("registration.urls_samtycke")),
    path("", include("registration.urls_uppdrag")),
    path("", include("registration.urls_person")),
]
