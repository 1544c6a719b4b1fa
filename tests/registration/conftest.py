"""What the tests of the register share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.registration.races import committed_app_role


@pytest.fixture
def committed_role(transactional_db: None) -> Iterator[None]:
    """The database role of the app, for every connection."""
    with committed_app_role():
        yield
