"""One account for each role, with passwords made on this machine."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

from app.models import User

ROLES = ("customer", "agent", "admin")


class Command(BaseCommand):
    help = "Make the accounts customer, agent and admin, keep their passwords in var/accounts.json, and print them."

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.VAR_DIR / "accounts.json"
        passwords = read(file)
        for role in ROLES:
            if not User.objects.filter(username=role).exists():
                passwords.setdefault(role, secrets.token_urlsafe(12))
                write(file, passwords)
                make_account(role, passwords[role])
        self.stdout.write(table(passwords))


def read(file: Path) -> dict[str, str]:
    """Passwords by username."""
    return json.loads(file.read_text()) if file.exists() else {}


def write(file: Path, passwords: dict[str, str]) -> None:
    """Readable for nobody else, from its first byte on; never half written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(passwords, out, indent=2)
    unfinished.replace(file)


@transaction.atomic
def make_account(role: str, password: str) -> None:
    """The account of a role, named after it, with an e-mail address that counts as confirmed."""
    user = User.objects.create_user(role, f"{role}@frontdesk.example", password, is_staff=role == "admin")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role != "customer":
        user.groups.add(Group.objects.get(name=role))


def table(passwords: dict[str, str]) -> str:
    """One line for each account. An account that was there before keeps its password, which only its owner knows."""
    rows = [(role, passwords.get(role, "(set before; not known here)")) for role in ROLES]
    return "\n".join(["  account   password", *(f"  {role:<9} {password}" for role, password in rows)])
