"""The worker's application: `celery -A app worker` and `celery -A app beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")

celery = Celery("frontdesk")
celery.config_from_object("django.conf:settings", namespace="CELERY")
celery.autodiscover_tasks()
