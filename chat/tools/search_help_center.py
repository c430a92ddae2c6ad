"""A further search of the help center, in words that the model chooses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import llm
from chat.privacy.masks import Masks
from knowledge.access import Viewer
from knowledge.search import Found, search

PASSAGES = 4


@llm.tool(label="more in the help center")
async def search_help_center(
    query: Annotated[str, Field(min_length=2, max_length=300)], viewer: Viewer, masks: Masks
) -> Found:
    """Search the help center again, in other words, when the passages do not answer. Its passages can be cited."""
    # what is masked goes to the embedding model, which has no need of personal data
    return await search(masks.mask(query), viewer=viewer, top_k=PASSAGES)
