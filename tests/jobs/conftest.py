"""The kinds of job of the tests, and the fixtures with real workers."""

import tests.jobs.kinds  # noqa: F401
from tests.jobs.fixtures import *  # noqa: F403
