"""`manage.py make_demo_accounts`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from app.models import User

pytestmark = pytest.mark.django_db


def made(settings: Settings, folder: Path) -> tuple[dict[str, str], str]:
    settings.VAR_DIR = folder
    words = StringIO()
    call_command("make_demo_accounts", stdout=words)
    return json.loads((folder / "accounts.json").read_text()), words.getvalue()


def test_each_role_gets_an_account_whose_password_only_we_can_read(settings: Settings, tmp_path: Path):
    passwords, words = made(settings, tmp_path / "var")
    assert (tmp_path / "var" / "accounts.json").stat().st_mode & 0o777 == 0o600
    users = {user.username: user for user in User.objects.all()}
    assert set(users) == set(passwords) == {"customer", "agent", "admin"}
    assert all(users[name].check_password(password) and password in words for name, password in passwords.items())
    assert [group.name for group in users["agent"].groups.all()] == ["agent"]
    assert [name for name, user in users.items() if user.is_staff] == ["admin"]
    assert not any(user.is_superuser for user in users.values())


def test_a_second_run_changes_nothing(settings: Settings, tmp_path: Path):
    assert made(settings, tmp_path) == made(settings, tmp_path)


def test_an_account_that_was_there_before_keeps_its_password(settings: Settings, tmp_path: Path):
    User.objects.create_user("admin", password="set by a person")
    passwords, words = made(settings, tmp_path)
    assert "admin" not in passwords
    assert "not known here" in words
    assert User.objects.get(username="admin").check_password("set by a person")


def test_an_emptied_database_gets_the_passwords_that_are_known(settings: Settings, tmp_path: Path):
    before, _ = made(settings, tmp_path)
    User.objects.all().delete()
    after, _ = made(settings, tmp_path)
    assert before == after
    assert User.objects.get(username="agent").check_password(after["agent"])
