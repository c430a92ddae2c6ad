"""What may be asked for: the real API's parameters, no others, with its limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from llm.standin import schemas

Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Short = Annotated[str, StringConstraints(max_length=512)]


class Strict(BaseModel):
    """No unknown field and no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(Strict):
    """One part of a message; this model reads text alone."""

    type: Literal["text"]
    text: str


class FunctionCall(Strict):
    """The function that a model asked for; the arguments are JSON that the model wrote."""

    name: str
    arguments: str


class ToolCall(Strict):
    """A call as it stands in an assistant's message."""

    id: str
    type: Literal["function"]
    function: FunctionCall


Content = str | list[TextPart]


class Instruction(Strict):
    """A system or developer message."""

    role: Literal["system", "developer"]
    content: Content
    name: str | None = None


class UserMessage(Strict):
    """What the customer, or the product for them, says."""

    role: Literal["user"]
    content: Content
    name: str | None = None


class AssistantMessage(Strict):
    """What the model said before."""

    role: Literal["assistant"]
    content: Content | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AssistantMessage:
        if self.content is None and not self.tool_calls and self.refusal is None:
            raise ValueError("expected a string or tool_calls, got null.")
        return self


class ToolMessage(Strict):
    """What a tool returned."""

    role: Literal["tool"]
    tool_call_id: str
    content: Content


Message = Annotated[Instruction | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")]


class Function(Strict):
    """A tool's name, what it is for, and the JSON schema of its arguments."""

    name: Name
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    strict: bool | None = None

    @model_validator(mode="after")
    def _has_a_sound_schema(self) -> Function:
        if problem := schemas.problem_of_parameters(self.parameters, strict=bool(self.strict)):
            raise ValueError(f"Invalid schema for function '{self.name}': {problem}")
        return self


class Tool(Strict):
    """One entry of `tools`."""

    type: Literal["function"]
    function: Function


class NamedFunction(Strict):
    """The name within a tool_choice."""

    name: Name


class NamedTool(Strict):
    """A tool_choice that demands one tool."""

    type: Literal["function"]
    function: NamedFunction


class TextFormat(Strict):
    """Plain text."""

    type: Literal["text"]


class JsonObjectFormat(Strict):
    """Any JSON object."""

    type: Literal["json_object"]


class JsonSchema(Strict):
    """A named schema that the answer must fit."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    name: Name
    description: str | None = None
    shape: dict[str, Any] = Field(default_factory=lambda: {"type": "object"}, alias="schema")
    strict: bool | None = None

    @model_validator(mode="after")
    def _has_a_sound_schema(self) -> JsonSchema:
        if problem := schemas.problem_of_parameters(self.shape, strict=bool(self.strict)):
            raise ValueError(f"Invalid schema for response_format '{self.name}': {problem}")
        return self


class JsonSchemaFormat(Strict):
    """JSON of one schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


Format = Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]


class StreamOptions(Strict):
    """What a stream carries beside the text."""

    include_usage: bool = False
    include_obfuscation: bool = False


class ChatRequest(Strict):
    """POST /v1/chat/completions. Sampling parameters are checked and change nothing, except `seed`."""

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    tools: Annotated[list[Tool], Field(min_length=1, max_length=128)] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: Format | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    n: Literal[1] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: Literal[False] | None = None
    modalities: list[Literal["text"]] | None = None
    metadata: Annotated[dict[Short, Short], Field(max_length=16)] | None = None
    store: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority"] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that the answer may have."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> list[str]:
        """The texts before which the answer ends."""
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [stop for stop in stops if stop]


class EmbeddingsRequest(Strict):
    """POST /v1/embeddings."""

    model: str
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None
    user: str | None = None


class ModerationRequest(Strict):
    """POST /v1/moderations."""

    input: str | list[str] | list[TextPart]
    model: str | None = None
