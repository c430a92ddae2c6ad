"""The one door to language models. Nobody else imports the SDK, holds a key or counts a retry.

    async with aclosing(llm.stream(messages, purpose="answer")) as events:
        async for event in events: ...            # Text, Waiting, ToolCalls, and Finished at the end
    vectors = await llm.embed(texts, purpose="ingest")

`model` is an alias (strong, small, judge), never a provider's name. What goes wrong is an
`llm.errors.LLMError`. Every call becomes a row of the ledger, `llm.models.Call`, under its purpose.
"""

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
from llm.ledger import on_behalf_of
from llm.spending import spent_today
from llm.streaming import stream
from llm.tools import InvalidArguments, Tool, tool

__all__ = [
    "Alias",
    "Event",
    "Finished",
    "InvalidArguments",
    "Message",
    "Text",
    "Tool",
    "ToolCall",
    "ToolCalls",
    "Usage",
    "Vectors",
    "Waiting",
    "embed",
    "embedding_model",
    "on_behalf_of",
    "prepare",
    "spent_today",
    "stream",
    "tool",
]
