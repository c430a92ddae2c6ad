"""A request's body: within its limits, JSON, authorised, and valid to the last field."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from llm.standin.errors import ApiError

MAX_BYTES = 10 * 1024 * 1024
NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header "
    "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
)
Schema = TypeVar("Schema", bound=BaseModel)


async def read(request: Request, schema: type[Schema]) -> Schema:
    """The validated body of an authorised request, or the ApiError that the real API would answer."""
    require_key(request)
    return validate(await read_json(request), schema)


def require_key(request: Request) -> None:
    """Any key will do, none will not."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        challenge = {"WWW-Authenticate": 'Bearer realm="standin"'}
        raise ApiError(NO_KEY, status=401, headers=challenge)


async def read_json(request: Request) -> dict[str, Any]:
    """The body as a JSON object; over 10 MB it is refused while it arrives."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_BYTES:
            raise ApiError("The request body is larger than 10 MB.", status=413, code="request_too_large")
    try:
        data = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ApiError("We could not parse the JSON body of your request.") from None
    if not isinstance(data, dict):
        raise ApiError("The JSON body of your request must be an object.")
    return data


def validate(data: dict[str, Any], schema: type[Schema]) -> Schema:
    """The first thing that is wrong is named, as the real API does."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise _explain(error, data) from None


def _explain(error: ValidationError, data: dict[str, Any]) -> ApiError:
    problem = max(error.errors(include_url=False, include_input=False), key=_weight)
    param = _path(problem["loc"], data, keep_last=problem["type"] in ("missing", "extra_forbidden"))
    match problem["type"]:
        case "extra_forbidden":
            return ApiError(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")
        case "missing":
            message = f"Missing required parameter: '{param}'."
            return ApiError(message, param=param, code="missing_required_parameter")
        case kind:
            code = "invalid_type" if kind.endswith("_type") else "invalid_value"
            reason = problem["msg"].removeprefix("Value error, ")
            return ApiError(f"Invalid value for '{param}': {reason}", param=param, code=code)


def _weight(problem: Any) -> int:
    """A forbidden or missing field says more than the alternatives of a union that failed beside it."""
    return {"extra_forbidden": 2, "missing": 1}.get(problem["type"], 0)


def _path(location: tuple[int | str, ...], data: Any, *, keep_last: bool) -> str:
    """`messages[0].content` for pydantic's location, which also names the branches of unions: those are left out."""
    path = ""
    for position, step in enumerate(location):
        last = keep_last and position == len(location) - 1
        if isinstance(data, list) and isinstance(step, int) and step < len(data):
            path, data = f"{path}[{step}]", data[step]
        elif isinstance(data, dict) and (step in data or last):
            path, data = f"{path}.{step}", data.get(step)
    return path.lstrip(".")[:200]
