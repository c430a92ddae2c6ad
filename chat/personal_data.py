"""Personal data in a text: found, masked before it goes to a model, a log or a cache, and put back for its owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is personal data of a type: EMAIL, PHONE, CARD, IBAN, SSN or IP."""

    type: str
    start: int
    end: int


EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")


def find(text: str) -> list[Span]:
    """The spans of personal data in their order; none overlaps another."""
    return [Span("EMAIL", *match.span()) for match in EMAIL.finditer(text)]


@dataclass
class Masks:
    """One conversation's placeholders: the same value always has the same one, such as `[EMAIL_1]`."""

    values: dict[str, str] = field(default_factory=dict)  # placeholder → value

    def mask(self, text: str) -> str:
        """The text with a placeholder in the place of each piece of personal data."""
        parts, end = [], 0
        for span in find(text):
            parts += [text[end : span.start], self._placeholder(span.type, text[span.start : span.end])]
            end = span.end
        return "".join([*parts, text[end:]])

    def unmask(self, text: str) -> str:
        """The text as its owner may see it."""
        for placeholder, value in self.values.items():
            text = text.replace(placeholder, value)
        return text

    def _placeholder(self, type_: str, value: str) -> str:
        known = {own: placeholder for placeholder, own in self.values.items()}
        if value not in known:
            count = sum(name.startswith(f"[{type_}_") for name in self.values)
            known[value] = f"[{type_}_{count + 1}]"
            self.values[known[value]] = value
        return known[value]
