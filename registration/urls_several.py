"""The urls of registering out several at once."""

from django.urls import path

from .views import register_out_answers, register_out_choose, register_out_confirm

urlpatterns = [
    path("insatser/<int:pk>/registrera-ut/", register_out_choose.choose, name="register_out_several"),
    path("insatser/<int:pk>/registrera-ut/svar/", register_out_answers.answers, name="register_out_answers"),
    path(
        "insatser/<int:pk>/registrera-ut/granska/",
        register_out_confirm.confirm,
        name="register_out_confirm",
    ),
    path(
        "deltaganden/<uuid:pk>/registrera-ut/med-andra/",
        register_out_answers.one_of_several,
        name="register_out_one_of_several",
    ),
]
