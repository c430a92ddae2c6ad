"""v0"""
from __future__ import annotations
import json
from llm.standin.reply import ToolCall
from llm.standin.requests import ChatRequest, Function, NamedTool


def offered(asked: ChatRequest) -> list[Function]:
    if asked.tool_choice == "none":
        return []
    functions = [tool.function for tool in asked.tools or ()]
    if isinstance(asked.tool_choice, NamedTool):
        return [f for f in functions if f.name == asked.tool_choice.function.name]
    return functions


def fill(tool: Function, question: str) -> ToolCall:
    return ToolCall(tool.name, json.dumps({}))
