"""The fixtures with real workers."""

from tests.jobs.fixtures import *  # noqa: F403
