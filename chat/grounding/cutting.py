"""What stays in the place of a sentence that is taken out of an answer."""

from __future__ import annotations


def without(sentence: str) -> str:
    """Nothing; the paragraph's end behind it stays one."""
    return "\n\n" if sentence.rstrip(" \t").endswith("\n\n") else ""
