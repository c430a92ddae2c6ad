"""What every test may ask for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import hypothesis
import pytest
import pytest_django
import redis
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings

from llm import breaker, forms
from tests.emptying import empty_what_was_written
from tests.server import served

# CI tries the same examples each time: a new one that fails is found at a desk, not on the way to landing.
hypothesis.settings.register_profile("frontdesk", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("frontdesk")


# Files that take long go first, so that no worker begins one of them when the others have nothing left to do.
LONG = ("tests/app/test_topology.py", "tests/browser/", "tests/app/test_run.py", "tests/evals/running/test_killed.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, long in enumerate(LONG) if item.nodeid.startswith(long)), len(LONG))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Make the test database by copying the migrated one that `tests/services.py` brought."""
    if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
        connections["default"].settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Begin with a new pool of connections: one made before the test database was may lead to its template."""
    with django_db_blocker.unblock():
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (connection.settings_dict["NAME"],)
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Tests that commit leave an empty database behind, quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_what_was_written)
        yield


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """The address of the product, served for the whole session."""
    with served() as address:
        yield address


@pytest.fixture
def live(server: str, transactional_db: None) -> Iterator[str]:
    """The address of the product, with an empty database, to which nobody has put a question yet.

    What it does behind its answers is over before the next test begins.
    """
    from chat.live import AFTERWARDS

    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        for key in connection.scan_iter("limit:*"):
            connection.delete(key)
    yield server
    deadline = time.monotonic() + 10
    while AFTERWARDS and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Static files straight from their folders, and passwords that cost nothing to check."""
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(
        STORAGES=storages,
        WHITENOISE_AUTOREFRESH=True,
        WHITENOISE_USE_FINDERS=True,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(autouse=True)
def closed_breakers() -> None:
    """What an earlier test made fail is asked again."""
    breaker.close_all()
    forms.forget_all()
