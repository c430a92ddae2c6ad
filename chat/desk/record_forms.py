"""Forms made from records: a setting that is added to a record stands on the page by itself.

A field's bounds, choices, default and `description` become those of the form's field; a record inside a record is
shown with the fields of both, as `model__seed`. What is posted is checked by the record itself.
"""

from __future__ import annotations

from types import UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

from django import forms
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

BETWEEN = "__"
SHORT = 60  # characters: a longer text gets several lines
WORDS = {"string_pattern_mismatch": "Lower case letters, digits and _ only, beginning with a letter."}


class Lines(forms.CharField):
    """Several short texts, one on a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


class RecordForm(forms.Form):
    """A form for one record. When it is valid, `record` holds what was posted."""

    kind: ClassVar[type[BaseModel]]
    record: BaseModel

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        values = {name: value for name, value in cleaned.items() if name in self.base_fields}
        try:
            self.record = self.kind.model_validate(_nested(values))
        except ValidationError as error:
            for problem in error.errors():
                self._tell(problem)
        return cleaned

    def _tell(self, problem: Any) -> None:
        """Put a problem beside its field, unless the field has said what is wrong by itself."""
        path = [part for part in problem["loc"] if isinstance(part, str)]
        name = BETWEEN.join(path)
        if name not in self.errors:
            words = WORDS.get(problem["type"], f"{problem['msg']}.")
            self.add_error(name if name in self.fields else None, words)


def form_for(record: type[BaseModel]) -> type[RecordForm]:
    """The form of a kind of record."""
    return type(f"{record.__name__}Form", (RecordForm,), {"kind": record, **_fields(record)})


def initial_of(record: BaseModel) -> dict[str, Any]:
    """What a record's form shows at first."""
    return _flat(record.model_dump(mode="json"))


def _fields(record: type[BaseModel], before: str = "") -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    for name, info in record.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields |= _fields(kind, f"{before}{name}{BETWEEN}")
        else:
            label = info.title or f"{before.replace(BETWEEN, ' ')}{name}".replace("_", " ").capitalize()
            fields[before + name] = _field(info, label)
    return fields


def _field(info: FieldInfo, label: str) -> forms.Field:
    kind, is_optional = _without_none(info.annotation)
    limits = {type(limit).__name__: limit for limit in info.metadata}
    initial = None if info.default is PydanticUndefined else info.default
    options: dict[str, Any] = {"label": label, "help_text": info.description or _range(limits), "initial": initial}
    if get_origin(kind) is Literal:
        return forms.ChoiceField(choices=[(one, str(one).replace("_", " ")) for one in get_args(kind)], **options)
    if kind is bool:
        return forms.BooleanField(required=False, **options)
    if kind in {int, float}:
        low, high = getattr(limits.get("Ge"), "ge", None), getattr(limits.get("Le"), "le", None)
        number = forms.IntegerField if kind is int else forms.FloatField
        return number(required=not is_optional, min_value=low, max_value=high, **options)
    if get_origin(kind) is tuple:
        return Lines(required="MinLen" in limits, **options)
    longest = getattr(limits.get("MaxLen"), "max_length", None)
    widget = forms.Textarea(attrs={"rows": 2}) if (longest or 0) > SHORT else forms.TextInput()
    return forms.CharField(
        required="MinLen" in limits or info.is_required(), max_length=longest, widget=widget, **options
    )


def _without_none(kind: Any) -> tuple[Any, bool]:
    if get_origin(kind) in {Union, UnionType}:
        return next(one for one in get_args(kind) if one is not type(None)), True
    return kind, False


def _range(limits: dict[str, Any]) -> str:
    low = getattr(limits.get("Ge"), "ge", getattr(limits.get("Gt"), "gt", None))
    high = getattr(limits.get("Le"), "le", None)
    if low is None or high is None:
        return ""
    return f"{'above ' if 'Gt' in limits else ''}{low:,} to {high:,}"


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{before}{name}{BETWEEN}") if isinstance(value, dict) else {before + name: value}
    return flat


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(BETWEEN)
        inner = nested
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return nested
