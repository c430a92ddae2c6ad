"""Rules of a chat request that span several of its fields, with the words in which the real API refuses them."""

from __future__ import annotations

from llm.standin import prompt
from llm.standin.errors import ApiError
from llm.standin.requests import AssistantMessage, ChatRequest, NamedTool, ToolMessage


def check(asked: ChatRequest) -> None:
    """Raises the first refusal."""
    _check_tools(asked)
    _check_order_of_tool_messages(asked)
    if asked.stream_options is not None and not asked.stream:
        raise ApiError(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.", param="stream_options"
        )
    if asked.max_tokens is not None and asked.max_completion_tokens is not None:
        raise ApiError("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
    wants_json = asked.response_format is not None and asked.response_format.type == "json_object"
    if wants_json and not any("json" in prompt.text_of(m.content).lower() for m in asked.messages):
        raise ApiError(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            param="messages",
        )


def _check_tools(asked: ChatRequest) -> None:
    names = [tool.function.name for tool in asked.tools or ()]
    for param in ("tool_choice", "parallel_tool_calls"):
        if not names and getattr(asked, param) is not None:
            raise ApiError(f"'{param}' is only allowed when 'tools' are specified.", param=param)
    if len(set(names)) < len(names):
        raise ApiError("Tool names must be unique.", param="tools")
    if isinstance(asked.tool_choice, NamedTool) and asked.tool_choice.function.name not in names:
        name = asked.tool_choice.function.name
        raise ApiError(f"Tool choice '{name}' not found in 'tools' parameter.", param="tool_choice")


def _check_order_of_tool_messages(asked: ChatRequest) -> None:
    open_ids: set[str] = set()
    for n, message in enumerate(asked.messages):
        if isinstance(message, ToolMessage):
            if message.tool_call_id not in open_ids:
                raise ApiError(
                    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
                    param=f"messages[{n}].role",
                )
            open_ids.discard(message.tool_call_id)
            continue
        _check_all_answered(open_ids, n)
        if isinstance(message, AssistantMessage):
            open_ids = {call.id for call in message.tool_calls or ()}
    _check_all_answered(open_ids, len(asked.messages))


def _check_all_answered(open_ids: set[str], position: int) -> None:
    if open_ids:
        missing = ", ".join(sorted(open_ids))
        raise ApiError(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {missing}",
            param=f"messages[{position}].role",
        )
