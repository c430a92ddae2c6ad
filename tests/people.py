"""People in tests: customers and staff with their roles."""

from __future__ import annotations

import importlib

from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client

from app.models import User

PASSWORD = "a quiet river at noon"
ROLES = [importlib.import_module(f"app.migrations.{name}") for name in ("0002_roles", "0003_assistant_role")]


def make_roles() -> None:
    """The groups that migrations make, made anew where a test that commits has emptied the database."""
    for migration in ROLES:
        migration.make_roles(apps, None)


def person(role: str = "customer", *, username: str = "") -> User:
    """A new account. The roles are made once more where a test that commits has emptied the database."""
    user = User.objects.create_user(
        username or role, f"{username or role}@example.com", password=PASSWORD, is_staff=role == "admin"
    )
    if role != "customer":
        make_roles()
        user.groups.add(Group.objects.get(name=role))
    return user


def session_of(user: User) -> str:
    """The session cookie's value of somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)
