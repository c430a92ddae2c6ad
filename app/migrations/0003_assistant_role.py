"""Who may manage the assistant and read its prompts: the group `admin`."""

from importlib import import_module

from django.db import migrations

ROLES = import_module("app.migrations.0002_roles")
GRANTS = [
    "chat.assistantversion.manage_assistant",
    "chat.finding.view",
    "chat.action.view",
    "chat.ticket.view",
    *(f"chat.{model}.{action}" for model in ("mortgagerate", "loanapplication") for action in ("add", "change", "view")),
]


def make_roles(apps, schema_editor):
    role, _ = apps.get_model("auth", "Group").objects.get_or_create(name="admin")
    role.permissions.add(*(ROLES.permission(apps, *grant.split(".")) for grant in GRANTS))


class Migration(migrations.Migration):
    dependencies = [("app", "0002_roles"), ("chat", "0002_trust")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
