"""`manage.py fetch_rates`: what the scheduler does once a day, now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat import rates
from chat.downloads import NotDownloaded


class Command(BaseCommand):
    help = "Fetch the weekly survey of mortgage rates from CHAT_RATES_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CHAT_RATES_URL:
            raise CommandError("CHAT_RATES_URL is not set: there is nothing to fetch.")
        try:
            changed = rates.refresh()
        except (NotDownloaded, rates.Unreadable) as problem:
            raise CommandError(f"The rates stay as they are: {problem}.") from None
        self.stdout.write(f"{changed} rates are new or have changed.")
