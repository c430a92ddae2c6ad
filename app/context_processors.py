"""What every page may say about this site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """The site's name, where to reach a person, and whether a demo model answers."""
    return {
        "site_name": settings.SITE_NAME,
        "contact_url": settings.CONTACT_URL,
        "demo_model": settings.LLM_DEMO,
    }
