"""The urls of giving and ending uppdrag."""

from django.urls import path

from .views import uppdrag

urlpatterns = [
    path("uppdragen/", uppdrag.uppdragen, name="uppdragen"),
    path("uppdragen/nytt/", uppdrag.uppdrag_new, name="uppdrag_new"),
    path("uppdragen/nytt/forbundet/", uppdrag.uppdrag_give_forbund, name="uppdrag_give_forbund"),
    path("uppdragen/<int:pk>/avsluta/", uppdrag.uppdrag_end, name="uppdrag_end"),
    path("insatser/<int:pk>/uppdrag/", uppdrag.insats_uppdrag, name="insats_uppdrag"),
    path("insatser/<int:pk>/uppdrag/nytt/", uppdrag.uppdrag_give, name="uppdrag_give"),
]
