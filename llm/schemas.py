"""A pydantic model's JSON schema in the strict subset that servers enforce, and values read back from it.

In the subset every field is required, null stands for one that is left out, and no object has other fields. What the
subset has no keyword for (lengths, bounds, patterns) is told in the description; pydantic checks it all in the end.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]
KEPT = ("type", "enum", "description")
TOLD = (
    "default",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
)
NULL: Schema = {"type": "null"}


@cache
def strict_schema(model: type[BaseModel]) -> Schema:
    """The schema of `model` in the strict subset, not to be changed.

    Raises TypeError for a model that cannot be said in it.
    """
    whole = model.model_json_schema()
    schema = _strict(_named(whole, whole), model.__name__)
    if schema.get("type") != "object":
        raise TypeError(f"{model.__name__}: an answer must be an object with named fields")
    if definitions := whole.get("$defs"):
        schema["$defs"] = {name: _strict(part, name) for name, part in definitions.items()}
    return schema


def without_nulls(value: Any, model: type[BaseModel]) -> Any:
    """`value` without the nulls that stand for fields left out: those that have a default and take no null."""
    whole = model.model_json_schema()
    return _without_nulls(value, whole, whole)


def _named(schema: Schema, whole: Schema) -> Schema:
    """The schema itself, where only its name stands; a model that holds itself is one even at the top."""
    found: Schema = whole["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _strict(schema: Schema, place: str) -> Schema:
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # servers refuse anything beside it
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return {"anyOf": [_strict(option, place) for option in options], **_description(schema)}
    if len(parts := schema.get("allOf", ())) == 1:
        return _strict(parts[0], place)
    strict = {name: schema[name] for name in KEPT if name in schema} | _description(schema)
    if "const" in schema:
        strict["enum"] = [schema["const"]]
    if schema.get("type") == "object":
        strict |= _strict_object(schema, place)
    elif schema.get("type") == "array":
        if not isinstance(schema.get("items"), dict) or "prefixItems" in schema:
            raise TypeError(f"{place}: a list needs one type for all its items")
        strict["items"] = _strict(schema["items"], place)
    elif not {"type", "enum"} & strict.keys():
        raise TypeError(f"{place}: a value of any type cannot be asked for")
    return strict


def _strict_object(schema: Schema, place: str) -> Schema:
    properties = schema.get("properties", {})
    if schema.get("additionalProperties") or not properties:
        raise TypeError(f"{place}: an object needs fields with names that are known before")
    required = schema.get("required", ())
    fields = {
        name: part if name in required or _takes_null(part) else {"anyOf": [part, NULL]}
        for name, part in ((name, _strict(part, f"{place}.{name}")) for name, part in properties.items())
    }
    return {"properties": fields, "required": list(fields), "additionalProperties": False}


def _description(schema: Schema) -> Schema:
    told = ", ".join(f"{name}: {schema[name]}" for name in TOLD if schema.get(name) is not None)
    words = [text for text in (schema.get("description", ""), f"({told})" if told else "") if text]
    return {"description": " ".join(words)} if words else {}


def _takes_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or any(map(_takes_null, schema.get("anyOf", ())))


def _without_nulls(value: Any, schema: Schema, whole: Schema) -> Any:
    schema = _named(schema, whole)
    if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        options = [option for option in options if option != NULL]
        return _without_nulls(value, options[0], whole) if len(options) == 1 else value
    if isinstance(value, list) and "items" in schema:
        return [_without_nulls(item, schema["items"], whole) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        parts, required = schema["properties"], schema.get("required", ())
        kept = {
            name: item
            for name, item in value.items()
            if item is not None or name not in parts or name in required or _takes_null(parts[name])
        }
        return {name: _without_nulls(item, parts.get(name, {}), whole) for name, item in kept.items()}
    return value
