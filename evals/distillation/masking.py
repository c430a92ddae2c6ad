"""Personal data: masked in every text of a line, and looked for once more when the line is whole."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from chat.privacy.masks import PLACEHOLDER, Masks, canonical, find
from evals.distillation.candidates import Candidate
from evals.distillation.formats import texts_in
from llm.cleaning import clean


def masked(candidate: Candidate) -> Candidate:
    """The same with a placeholder in the place of each piece of personal data, the same one for the same piece."""
    masks = Masks()
    texts = [*(str(one["content"]) for one in candidate.messages), candidate.good, candidate.bad]
    named = " ".join(match.group() for text in texts for match in PLACEHOLDER.finditer(text))
    masks.mask(named, own=True)  # those that stand there keep their numbers, and no new one takes them

    def mask(text: str) -> str:
        return masks.mask(clean(text))

    return replace(
        candidate,
        messages=tuple({**one, "content": mask(str(one["content"]))} for one in candidate.messages),
        good=mask(candidate.good),
        bad=mask(candidate.bad),
        asked=tuple(mask(text) for text in candidate.asked),
        about=mask(candidate.about),
        topic=mask(candidate.topic),
    )


def has_personal_data(line: dict[str, Any], *, typed: Iterable[str] = ()) -> bool:
    """Whether anything personal is left in a line, in whatever way it is written there.

    `typed` are the customer's own words as they were: what is personal in them must not be met again, even where
    nothing in the line itself would tell what it is.
    """
    texts = [*texts_in(line)]
    if any(map(_is_personal, texts)):
        return True
    own = {canonical(span.type, text[span.start : span.end]) for text in typed for span in find(text)}
    return any(_holds(text, value) for value in own if value for text in texts)


@lru_cache(maxsize=4_096)  # instructions and tools are the same in line after line
def _is_personal(text: str) -> bool:
    return any(find(way) for way in _ways_to_read(text))


def _ways_to_read(text: str) -> Iterator[str]:
    """As it is, and where that is another text: with its escapes undone, and in the usual letters."""
    yield text
    plain = unicodedata.normalize("NFKC", unquote(html.unescape(text)))
    if plain != text:
        yield plain


def _holds(text: str, value: str) -> bool:
    """Whether a value stands in a text, with or without the blanks and marks between its characters."""
    folded = text.casefold()
    if value.casefold() in folded:
        return True
    bare = "".join(one for one in value.casefold() if one.isalnum())
    return len(bare) >= 7 and bare in "".join(one for one in folded if one.isalnum())
