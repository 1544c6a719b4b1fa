"""What Celery and the cache are set to. Pure functions: the settings call them before Django is there.

The figures about Redis and killed workers stand in docs/decisions/0009-jobs.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from . import embedded

EMBEDDED_BROKER: Final = embedded.URL
CONNECT_SECONDS: Final = 1.0
"""How long anything waits for a broker or cache that does not answer. A user's click waits this long at most."""

ONE_TRY: Final = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""Transport options of whoever must not wait: one try to connect, and for Redis a short time for each answer."""

SWEEP_TASK: Final = "finsam.sweep_jobs"
RUN_TASK: Final = "finsam.run_job"
DRAFTS_TASK: Final = "finsam.remove_old_drafts"
RETENTION_TASK: Final = "finsam.remove_old"
WEEKLY_TASK: Final = "finsam.send_weekly"
LETTERS_TASK: Final = "finsam.send_letters"


def celery_settings(url: str, *, var: Path, sweep_seconds: int, max_seconds: int) -> dict[str, Any]:
    """Celery's settings for the broker at `url`, by lower-case names. `var`: where beat and messages may write."""
    return {
        "broker_url": url,
        "broker_transport_options": _transport_options(url, var, max_seconds),
        "broker_connection_timeout": CONNECT_SECONDS,
        # A worker or beat waits for its broker for ever; a web process does not (api.nudge).
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_publish_retry": False,
        # Only ids travel, and nothing comes back: what became of a job stands in its row.
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "result_backend": None,
        "task_store_errors_even_if_ignored": False,
        # A message is done with when its job is; one whose worker died is given to another.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "task_time_limit": max_seconds + 60,
        "task_soft_time_limit": max_seconds,
        "task_default_queue": "finsam",
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_max_tasks_per_child": 200,
        "timezone": "Europe/Stockholm",
        "enable_utc": True,
        "beat_schedule_filename": str(var / "beat-schedule"),
        "beat_max_loop_interval": min(5, sweep_seconds),
        "beat_schedule": {
            "sweep-jobs": {
                "task": SWEEP_TASK,
                "schedule": float(sweep_seconds),
                # One that nobody fetched is of no use when the next is there.
                "options": {"expires": float(sweep_seconds) * 2},
            },
            "remove-old-drafts": {
                "task": DRAFTS_TASK,
                "schedule": 3600.0,
                "options": {"expires": 7200.0},
            },
            # Every hour: it decides itself what is due, and tries again what failed.
            "send-weekly": {
                "task": WEEKLY_TASK,
                "schedule": 3600.0,
                "options": {"expires": 3600.0},
            },
            # What could not be sent is tried again.
            "send-letters": {
                "task": LETTERS_TASK,
                "schedule": 300.0,
                "options": {"expires": 300.0},
            },
            "remove-old": {
                "task": RETENTION_TASK,
                "schedule": 3600.0,
                "options": {"expires": 7200.0},
            },
        },
    }


def cache_settings(redis_url: str, *, var: Path) -> dict[str, Any]:
    """The cache: Redis when there is one, else files under `var`. Values in Redis are JSON, never pickles."""
    if not redis_url:
        return {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(var / "cache"),
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": "finsam",
        "OPTIONS": {
            "serializer": "finsam_site.jobs.broker.JsonSerializer",
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": CONNECT_SECONDS,
            "health_check_interval": 30,
        },
    }


def impatient(url: str) -> dict[str, Any]:
    """Transport options, added to the usual ones, for a connection whose user waits for it."""
    return ONE_TRY | ({"socket_timeout": CONNECT_SECONDS} if url.startswith("redis") else {})


class JsonSerializer:
    """Cache values as JSON: whoever can write into Redis can then lie, but not run code here."""

    def dumps(self, value: Any) -> bytes | int:
        """As stored; a plain int as it is, so that Redis can count with it."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """As it was given, tuples as lists."""
        return json.loads(data)


def _transport_options(url: str, var: Path, max_seconds: int) -> dict[str, Any]:
    if url == EMBEDDED_BROKER:
        embedded.install()
        return embedded.options(var / "broker")
    if url.startswith("amqp"):
        return {"connect_timeout": CONNECT_SECONDS, "max_retries": 1}
    return {
        # Longer than any job: until then Redis keeps the message of a killed worker to itself. The sweep is quicker.
        "visibility_timeout": max_seconds + 600,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": 10.0,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }
