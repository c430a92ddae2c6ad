"""Who is signed in on the pages of the evals."""

from __future__ import annotations

import pytest
from django.test import Client

from app.models import User
from tests.people import person


@pytest.fixture
def admin(client: Client) -> User:
    user = person("admin")
    client.force_login(user)
    return user


@pytest.fixture
def agent(client: Client) -> User:
    user = person("agent")
    client.force_login(user)
    return user
