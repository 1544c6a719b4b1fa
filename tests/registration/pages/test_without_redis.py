"""Without Redis, which is both the broker and the cache, everything but jobs works (QUALITY §3, "jobs")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from finsam_site.jobs.broker import cache_settings
from registration.models import Deltagande, Uppdrag, Utkast
from tests import factories
from tests.jobs.fixtures import broker, redis_server
from tests.registration.pages.conftest import PASSWORD, Cast, led_to, send, text_of
from tests.registration.pages.test_register_in import BEFORE, IDENTITY, STEPS, go
from tests.services import RedisServer

__all__ = ["broker", "redis_server"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_redis(redis_server: RedisServer, broker: str, settings: Any, tmp_path: Path) -> None:
    """It was there, and is gone."""
    settings.CACHES = {"default": cache_settings(broker, var=tmp_path)}
    cache.set("prov", 1)
    assert cache.get("prov") == 1
    redis_server.kill()
    with pytest.raises(Exception, match="onnection"):
        cache.get("prov")


def test_the_day_goes_on(cast: Cast, no_redis: None) -> None:
    """Log in, start page, lists, search, drafts, registering in, out again."""
    eva = Client()
    answer = eva.post("/logga-in/", {"username": cast.eva.anvandarnamn, "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    first = Uppdrag.objects.filter(user=cast.eva).order_by("pk")[0]
    eva.post("/uppdrag/", {"uppdrag": factories.choice(first)})
    for path in ("/", "/insatser/", "/deltagare/", "/samtycken/"):
        assert eva.get(path, follow=True).status_code == 200, path
    kept = send(eva, go(eva, cast, BEFORE), IDENTITY | {"_skriver": "f"}, follow=False)
    assert kept.status_code == 204 and Utkast.unscoped.count() == 1
    saved = send(eva, go(eva, cast, *STEPS), follow=False)
    one = Deltagande.unscoped.get()
    assert led_to(saved) == f"/deltaganden/{one.pk}/?registrerad"
    assert "Deltagaren är registrerad" in text_of(eva.get(led_to(saved)))
    assert "Sivprov" in text_of(eva.post("/sok/", {"sok": "Sivprov"}))
    assert eva.get("/", follow=True).status_code == 200
