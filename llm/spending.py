"""What was spent, by the ledger."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone


def spent_today() -> float:
    """US dollars for all calls since midnight (TIME_ZONE) whose price is known. Sync: it asks the database."""
    from llm.models import Call

    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    calls = Call.objects.filter(created_at__gte=midnight)
    return (calls.aggregate(total=Sum("cost_microdollars"))["total"] or 0) / 1_000_000
