"""One file for each tool. What stands in this tuple can be switched on in a version."""

from llm import Tool

TOOLS: tuple[Tool, ...] = ()
