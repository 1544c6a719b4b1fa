"""The urls of the dataskyddsgranskare, and of the receipts that both ways of withdrawing end with."""

from django.urls import path

from .views import kvitto, person, person_acts, person_correct, person_identity

urlpatterns = [
    path("person/", person.person_find, name="person_find"),
    path("person/<uuid:pk>/", person.person, name="person"),
    path("person/<uuid:pk>/vem-har-tittat/", person.person_looks, name="person_looks"),
    path("person/<uuid:pk>/aterkalla/", person_acts.person_withdraw, name="person_withdraw"),
    path("person/<uuid:pk>/skydda/", person_acts.person_protect, name="person_protect"),
    path("person/<uuid:pk>/namn/", person_identity.person_names, name="person_names"),
    path("person/<uuid:pk>/nummer/", person_identity.person_number, name="person_number"),
    path(
        "person/<uuid:pk>/<uuid:deltagande>/inregistreringen/",
        person_correct.person_correct_in,
        name="person_correct_in",
    ),
    path(
        "person/<uuid:pk>/<uuid:deltagande>/utregistreringen/",
        person_correct.person_correct_out,
        name="person_correct_out",
    ),
    path(
        "person/<uuid:pk>/<uuid:deltagande>/samtycket/",
        person_identity.person_samtycke,
        name="person_samtycke",
    ),
    path("kvitto/<uuid:pk>/", kvitto.kvitto, name="kvitto"),
]
