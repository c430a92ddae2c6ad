"""What judges are told, and what people who grade by the same scale read: prose in `.md` files with $names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

from django.conf import settings

FOLDER = Path(__file__).parent
FRAME = "frame"  # what every judge is told besides: how to read what is graded, and how to write the verdict


def rubric(name: str) -> str:
    """The rubric of that name, filled in. Raises FileNotFoundError, and KeyError for a $name that nobody knows."""
    return _read(name).substitute(site_name=settings.SITE_NAME)


@cache
def _read(name: str) -> Template:
    return Template((FOLDER / f"{name}.md").read_text(encoding="utf-8").strip())
