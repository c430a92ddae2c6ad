"""Personal data in a text: masked before it goes to a model, a log or a cache, and put back for its owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field

from chat.privacy.clear_text import clear
from chat.privacy.identifiers import TYPES, Span, canonical, find

__all__ = ["LEFT_OUT", "ONLY_OWN", "PLACEHOLDER", "TYPES", "Masks", "Span", "canonical", "find", "redact", "replaced"]

LEFT_OUT = "[…]"  # stands for what the customer is not shown
ONLY_OWN = frozenset({"CARD", "IBAN", "SSN"})  # shown to nobody but those who typed them
NAMES = "|".join(TYPES)
PLACEHOLDER = re.compile(rf"\[({NAMES})_(\d{{1,4}})\]")
# How models write it too: "[email_1]", "[EMAIL 1]", "[EMAIL\_1]" in Markdown, "EMAIL_1" without the brackets.
AS_MODELS_WRITE_IT = re.compile(
    rf"\[ ?({NAMES})(?:\\?_|[ -])(\d{{1,4}}) ?\]|(?<![0-9A-Za-z_\[])({NAMES})\\?_(\d{{1,4}})(?![0-9A-Za-z_\]])",
    re.IGNORECASE,
)


@dataclass
class Masks:
    """One conversation's placeholders: the same identifier always has the same one, such as `[EMAIL_1]`, however it is
    written. They are numbered in the order in which they are first masked.
    """

    values: dict[str, str] = field(default_factory=dict)  # placeholder → value, as it was first written
    not_own: set[str] = field(default_factory=set)  # placeholders of what the customer did not type
    _known: dict[tuple[str, str], str] = field(default_factory=dict)  # type and canonical value → placeholder
    _used: dict[str, int] = field(default_factory=dict)  # type → the last number given
    _typed: set[str] = field(default_factory=set)  # what looks like a placeholder and is the customer's own words

    def mask(self, text: str, *, own: bool = False) -> str:
        """The text with a placeholder in the place of each piece of personal data.

        With `own` it is the customer who typed it: not a model, a tool or a person at the desk.
        """
        if own:
            self._typed |= {match.group() for match in PLACEHOLDER.finditer(text)} - self.values.keys()
        count, masked = len(self._known), self._learn(text, own=own)
        is_new = len(self._known) > count
        return self._learn(masked, own=own) if is_new else masked  # known now, it may stand without its name elsewhere

    def redact(self, text: str) -> str:
        """The text for a record: as `mask`, but nothing is remembered, and what is not known has no number."""

        def placeholder(type_: str, value: str) -> str:
            return self._known.get((type_, canonical(type_, value)), f"[{type_}]")

        return replaced(text, self._find(text), placeholder)

    def unmask(self, text: str) -> str:
        """The text as its owner may see it. A placeholder that a model made up is shown as left out."""
        return AS_MODELS_WRITE_IT.sub(self._value, text)

    def is_own(self, type_: str, value: str) -> bool:
        """Whether the customer wrote this himself."""
        placeholder = self._known.get((type_, canonical(type_, value)))
        return placeholder is not None and placeholder not in self.not_own

    def _learn(self, text: str, *, own: bool) -> str:
        return replaced(text, self._find(text), lambda type_, value: self._placeholder(type_, value, own=own))

    def _find(self, text: str) -> list[Span]:
        return find(text, known=self._known.keys())

    def _value(self, match: re.Match[str]) -> str:
        type_, number = match.group(1) or match.group(3), match.group(2) or match.group(4)
        placeholder = f"[{type_.upper()}_{int(number)}]"
        if placeholder in self.values:
            is_hidden = type_.upper() in ONLY_OWN and placeholder in self.not_own
            return LEFT_OUT if is_hidden else self.values[placeholder]
        is_made_up = PLACEHOLDER.fullmatch(match.group()) and match.group() not in self._typed
        return LEFT_OUT if is_made_up else match.group()

    def _placeholder(self, type_: str, value: str, *, own: bool) -> str:
        key = (type_, canonical(type_, value))
        if key not in self._known:
            self._known[key] = self._next(type_)
            self.values[self._known[key]] = value
            self.not_own |= set() if own else {self._known[key]}
        elif own:
            self.not_own.discard(self._known[key])
        return self._known[key]

    def _next(self, type_: str) -> str:
        """The first free placeholder; one that the customer typed stays the customer's words."""
        number = self._used.get(type_, 0) + 1
        while f"[{type_}_{number}]" in self._typed:
            number += 1
        self._used[type_] = number
        return f"[{type_}_{number}]"


def redact(text: str, *, keep: Container[str] = ()) -> str:
    """The text with the type in the place of each piece of personal data, for logs; of the types `keep` it stays."""
    return replaced(text, find(text), lambda type_, value: value if type_ in keep else f"[{type_}]")


def replaced(text: str, spans: Iterable[Span], by: Callable[[str, str], str]) -> str:
    """The text with something else in the place of each span: `by` is given its type and its value, in clear text."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], by(span.type, clear(text[span.start : span.end]).text)]
        end = span.end
    return "".join([*parts, text[end:]])
