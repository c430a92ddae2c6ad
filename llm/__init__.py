"""The one door to language models. Nobody else imports the SDK, holds a key or counts a retry.

    async with aclosing(llm.stream(messages, purpose="answer")) as events:
        async for event in events: ...            # Text, Waiting, ToolCalls, and Finished at the end
    triage = await llm.complete(messages, returns=Triage, purpose="triage")    # a validated pydantic object
    vectors = await llm.embed(texts, purpose="ingest")
    found = await llm.moderate(text, purpose="moderation")

`model` is an alias (strong, small, judge), never a provider's name. What goes wrong is an
`llm.errors.LLMError`. Every call becomes a row of the ledger, `llm.models.Call`, under its purpose.
"""

from llm.behalf import on_behalf_of
from llm.catalogue import embedding_model
from llm.embedding import embed
from llm.events import (
    Alias,
    Event,
    Finished,
    Message,
    Text,
    ToolCall,
    ToolCalls,
    Usage,
    Vectors,
    Waiting,
)
from llm.gateway import prepare
from llm.ledger import was_asked
from llm.moderation import Moderation, moderate
from llm.purposes import PURPOSES
from llm.spending import spent_today
from llm.streaming import stream
from llm.structured import complete
from llm.tools import InvalidArguments, Tool, tool

__all__ = [
    "PURPOSES",
    "Alias",
    "Event",
    "Finished",
    "InvalidArguments",
    "Message",
    "Moderation",
    "Text",
    "Tool",
    "ToolCall",
    "ToolCalls",
    "Usage",
    "Vectors",
    "Waiting",
    "complete",
    "embed",
    "embedding_model",
    "moderate",
    "on_behalf_of",
    "prepare",
    "spent_today",
    "stream",
    "tool",
    "was_asked",
]
