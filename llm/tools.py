"""Tools: typed functions that a model may ask us to call.

    @llm.tool(label="what you would pay a month")
    async def estimate_payment(amount: Annotated[float, Field(gt=0)], years: int = 30) -> dict[str, str]:
        '''Estimate the monthly payment of a loan.'''

The model reads the name, the docstring and a JSON schema made from the signature. A parameter called `viewer` is not
part of it: the server gives it, so that no model can choose whose data are read.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints, overload

from django.conf import settings
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from llm import json_text
from llm.cleaning import each_text
from llm.schemas import strict_schema, without_nulls

Effect = Literal["read", "write"]
Function = Callable[..., Awaitable[Any]]
Read = Callable[[str], str]
GIVEN = ("viewer", "key", "masks")  # the server fills in: who asks, the key of a write, what is masked for models
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MAX_DESCRIPTION = 1_024  # characters: what the API takes
MAX_ARGUMENTS = 20_000  # characters of JSON; what is longer is not even read
MAX_TEXT = 4_000  # characters of one argument, unless its type allows fewer
MAX_PROBLEMS = 500  # characters of what the model is told: the names in it may be its own


class InvalidArguments(Exception):
    """What the model wrote are no arguments of this tool. The message tells the model what is wrong."""


@dataclass(frozen=True)
class Tool:
    """A tool on the shelf. `label` says for the page what it looks up ("today's rates") or does ("Open a ticket")."""

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
        """The tool as a chat request offers it; in the strict subset of JSON Schema where the server enforces it."""
        function = {"name": self.name, "description": self.description}
        if settings.LLM_STRICT_TOOLS:
            return {"type": "function", "function": {**function, "parameters": self._strict(), "strict": True}}
        parameters = self.arguments.model_json_schema()
        parameters.pop("title", None)
        return {"type": "function", "function": {**function, "parameters": parameters}}

    def parse(self, arguments: str, read: Read = str) -> dict[str, Any]:
        """The arguments that a model wrote, checked; `read` is applied to each text in them before.

        Raises `InvalidArguments`.
        """
        if len(arguments) > MAX_ARGUMENTS:
            raise InvalidArguments(f"the arguments are longer than {MAX_ARGUMENTS} characters")
        try:
            given = json_text.parse(arguments or "{}")
            checked = self.arguments.model_validate(each_text(without_nulls(given, self.arguments), read))
        except json_text.NotJSON as error:
            raise InvalidArguments(str(error)) from None
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors()[:5])
            raise InvalidArguments("; ".join(problems)[:MAX_PROBLEMS]) from None
        return {name: getattr(checked, name) for name in type(checked).model_fields}

    def as_json(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Checked arguments as JSON can keep them; `parse` takes them again."""
        kept: dict[str, Any] = self.arguments.model_construct(**arguments).model_dump(mode="json")
        return kept

    async def call(self, arguments: Mapping[str, Any], **given: Any) -> Any:
        """Call the function with checked arguments, and of what the server gives with what it asks for."""
        wanted = inspect.signature(self.function).parameters
        return await self.function(**arguments, **{name: value for name, value in given.items() if name in wanted})

    def _strict(self) -> dict[str, Any]:
        if not self.arguments.model_fields:
            return {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
        return strict_schema(self.arguments)


@overload
def tool(function: Function, /) -> Tool: ...


@overload
def tool(*, effect: Effect = "read", label: str = "") -> Callable[[Function], Tool]: ...


def tool(
    function: Function | None = None, /, *, effect: Effect = "read", label: str = ""
) -> Tool | Callable[[Function], Tool]:
    """Make a tool of an async function with typed arguments and a docstring.

    `effect="write"` changes something: it waits for the customer's click, and takes a `key` that makes it happen once.
    Raises TypeError, when it is imported, for a function that no model could use.
    """

    def make(wrapped: Function) -> Tool:
        name, description = wrapped.__name__, inspect.getdoc(wrapped)
        if not description:
            raise TypeError(f"{name} needs a docstring: the model reads it")
        if len(description) > MAX_DESCRIPTION:
            raise TypeError(f"{name}: its docstring is longer than {MAX_DESCRIPTION} characters")
        if not NAME.fullmatch(name):
            raise TypeError(f"{name}: servers take small letters, digits and _ in a tool's name, 64 at most")
        if not inspect.iscoroutinefunction(wrapped):
            raise TypeError(f"{name} must be an async function")
        if effect == "write" and "key" not in inspect.signature(wrapped).parameters:
            raise TypeError(f"{name} changes something: it needs a parameter `key`, to do so once")
        return Tool(wrapped, effect, label or name.replace("_", " "), description, _model_of(wrapped))

    return make(function) if function else make


def _model_of(function: Function) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in GIVEN:
            continue
        if name not in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"{function.__name__}: {name} needs a name and a type of its own")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=MAX_TEXT, str_strip_whitespace=True)
    return create_model(function.__name__, __config__=config, **fields)
