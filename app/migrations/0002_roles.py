"""The groups `agent` and `admin`. Customers have none.

Django makes permissions after all migrations; the ones that a role needs are made here, so that the order of
migrations on an empty database does not matter.
"""

from django.db import migrations

AGENT = ["chat.conversation.assist_customers"]
ADMIN = [
    *AGENT,
    "knowledge.document.manage_documents",
    *(f"chat.starter.{action}" for action in ("add", "change", "delete", "view")),
    *(f"knowledge.collection.{action}" for action in ("add", "change", "delete", "view")),
    *(f"app.user.{action}" for action in ("add", "change", "view")),
    "chat.conversation.view",
    "chat.question.view",
    "chat.reply.view",
    "chat.source.view",
    "chat.feedback.view",
    "knowledge.document.view",
    "knowledge.documentversion.view",
    "knowledge.chunk.view",
    "llm.call.view",
]
ROLES = {"agent": AGENT, "admin": ADMIN}


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, grants in ROLES.items():
        role, _ = Group.objects.get_or_create(name=name)
        role.permissions.add(*(permission(apps, *grant.split(".")) for grant in grants))


def permission(apps, app_label, model_name, action):
    """The row as Django would make it: a model's own permission, or `view_…` and its like."""
    model = apps.get_model(app_label, model_name)
    own = dict(model._meta.permissions)
    codename = action if action in own else f"{action}_{model_name}"
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model_name
    )
    row, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=codename,
        defaults={"name": own.get(action, f"Can {action} {model._meta.verbose_name}")},
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        ("app", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("chat", "0001_initial"),
        ("knowledge", "0001_initial"),
        ("llm", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
