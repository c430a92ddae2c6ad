"""Tools: typed functions that a model may ask us to call.

    @llm.tool
    async def estimate_payment(amount: Annotated[float, Field(gt=0)], years: int = 30) -> dict[str, float]:
        '''Estimate the monthly payment of a loan.'''

The model reads the name, the docstring and a JSON schema made from the signature. A parameter called `viewer` is not
part of it: the server gives it, so that no model can choose whose data are read.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from llm.cleaning import clean_json

Effect = Literal["read", "write"]
Function = Callable[..., Awaitable[Any]]
GIVEN = ("viewer", "key")  # parameters that the server fills in: who asks, and the key that makes a write happen once


class InvalidArguments(Exception):
    """What the model wrote are no arguments of this tool. The message tells the model what is wrong."""


@dataclass(frozen=True)
class Tool:
    """A tool on the shelf. `label` says in a few words what it does, for the page: "Looked up today's rates"."""

    function: Function
    effect: Effect
    label: str
    description: str
    arguments: type[BaseModel]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def schema(self) -> dict[str, Any]:
        """The tool as a chat request offers it."""
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": parameters},
        }

    def parse(self, arguments: str) -> dict[str, Any]:
        """The arguments that a model wrote, checked; raises `InvalidArguments`."""
        try:
            given = clean_json(json.loads(arguments or "{}"))
            return self.arguments.model_validate(given).model_dump()
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors()[:5])
            raise InvalidArguments("; ".join(problems)) from None
        except (ValueError, RecursionError):
            raise InvalidArguments("the arguments are not a JSON object") from None

    async def call(self, arguments: Mapping[str, Any], **given: Any) -> Any:
        """Call the function with checked arguments; of what the server gives, with what it asks for."""
        wanted = inspect.signature(self.function).parameters
        return await self.function(**arguments, **{name: value for name, value in given.items() if name in wanted})


@overload
def tool(function: Function, /) -> Tool: ...


@overload
def tool(*, effect: Effect = "read", label: str = "") -> Callable[[Function], Tool]: ...


def tool(
    function: Function | None = None, /, *, effect: Effect = "read", label: str = ""
) -> Tool | Callable[[Function], Tool]:
    """Make a tool of an async function with typed arguments and a docstring.

    `effect="write"` changes something: it waits for the customer's click, and takes a `key` that makes it happen once.
    """

    def make(wrapped: Function) -> Tool:
        description = inspect.getdoc(wrapped)
        if not description:
            raise TypeError(f"{wrapped.__name__} needs a docstring: the model reads it")
        return Tool(wrapped, effect, label or f"Used {wrapped.__name__}", description, _model_of(wrapped))

    return make(function) if function else make


def _model_of(function: Function) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in GIVEN:
            continue
        if name not in hints:
            raise TypeError(f"{function.__name__}: {name} needs a type")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    return create_model(function.__name__, __config__=ConfigDict(extra="forbid"), **fields)
