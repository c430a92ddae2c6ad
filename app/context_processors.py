"""What every page may say about this site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from llm.trouble import trouble


def site(_request: HttpRequest) -> dict[str, Any]:
    """The site's name, where to reach a person, whether a demo model answers, and what keeps it from answering."""
    return {
        "site_name": settings.SITE_NAME,
        "contact_url": settings.CONTACT_URL,
        "demo_model": settings.LLM_DEMO,
        "model_trouble": trouble,  # asked only by the pages that show it
    }
