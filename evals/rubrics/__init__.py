"""What judges are told, as prose in `.md` files with $names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def rubric(name: str) -> str:
    """The rubric of that name. Raises FileNotFoundError."""
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()
