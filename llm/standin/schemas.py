"""Whether a JSON schema is one that the real API would take for a tool or an answer."""

from __future__ import annotations

from typing import Any

TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
MAX_DEPTH = 10


def problem_of_parameters(schema: dict[str, Any], *, strict: bool) -> str | None:
    """What is wrong with the schema of a tool's arguments or of an answer; None when it is sound."""
    if schema.get("type") != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {schema.get('type')!r}'."
    return _problem(schema, (), strict)


def _problem(schema: Any, path: tuple[str, ...], strict: bool) -> str | None:
    if isinstance(schema, bool) and not strict:
        return None
    if not isinstance(schema, dict):
        return f"In context={path!r}, {schema!r} is not of type 'object', 'boolean'."
    if len(path) > MAX_DEPTH:
        return f"In context={path!r}, the schema is nested too deeply."
    return (
        _problem_of_type(schema, path)
        or _problem_of_object(schema, path, strict)
        or _problem_of_array(schema, path, strict)
        or _problem_of_choices(schema, path, strict)
    )


def _problem_of_type(schema: dict[str, Any], path: tuple[str, ...]) -> str | None:
    types = schema.get("type")
    for name in types if isinstance(types, list) else [types]:
        if name is not None and not (isinstance(name, str) and name in TYPES):
            return f"In context={path!r}, {name!r} is not valid under any of the given schemas."
    if "enum" in schema and (not isinstance(schema["enum"], list) or not schema["enum"]):
        return f"In context={path!r}, 'enum' must be an array with at least one value."
    return None


def _problem_of_object(schema: dict[str, Any], path: tuple[str, ...], strict: bool) -> str | None:
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        return f"In context={path!r}, 'properties' must be an object."
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return f"In context={path!r}, 'required' must be an array of strings."
    if strict and (properties or schema.get("type") == "object"):
        if schema.get("additionalProperties") is not False:
            return f"In context={path!r}, 'additionalProperties' is required to be supplied and to be false."
        if missing := sorted(properties.keys() - set(required)):
            return f"In context={path!r}, 'required' must include every key in properties. Missing {missing[0]!r}."
    if unknown := [name for name in required if strict and name not in properties]:
        return f"In context={path!r}, 'required' names {unknown[0]!r}, which is not in properties."
    return _first(_problem(part, (*path, "properties", name), strict) for name, part in properties.items())


def _problem_of_array(schema: dict[str, Any], path: tuple[str, ...], strict: bool) -> str | None:
    types = schema.get("type")
    is_array = types == "array" or (isinstance(types, list) and "array" in types)
    if not is_array:
        return None
    if "items" not in schema:
        return f"In context={path!r}, array schema missing items."
    return _problem(schema["items"], (*path, "items"), strict)


def _problem_of_choices(schema: dict[str, Any], path: tuple[str, ...], strict: bool) -> str | None:
    for word in ("anyOf", "oneOf", "allOf"):
        options = schema.get(word, [])
        if not isinstance(options, list) or (word in schema and not options):
            return f"In context={path!r}, {word!r} must be an array with at least one schema."
        if problem := _first(_problem(part, (*path, word, str(n)), strict) for n, part in enumerate(options)):
            return problem
    definitions = schema.get("$defs", {})
    if not isinstance(definitions, dict):
        return f"In context={path!r}, '$defs' must be an object."
    return _first(_problem(part, ("$defs", name), strict) for name, part in definitions.items())


def _first(problems: Any) -> str | None:
    return next((problem for problem in problems if problem), None)
