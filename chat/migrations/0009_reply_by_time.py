from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built beside the writers

    dependencies = [
        ("chat", "0008_saved_answers"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="reply",
            index=models.Index(fields=["created_at"], name="reply_by_time"),
        ),
    ]
