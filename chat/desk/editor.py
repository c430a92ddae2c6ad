"""The page that edits a draft: every part of the record as fields of a form, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from pydantic import BaseModel, ValidationError, create_model

from chat.assistant import Assistant, Example, Frozen, Rule
from chat.desk.record_forms import RecordForm, form_for, initial_of
from chat.desk.version_forms import (
    DraftForm,
    GuardrailsForm,
    PromptsForm,
    SwitchesForm,
    TranslationForm,
    first_line,
)
from chat.versions.checks import problems_of, tools_on_the_shelf

EMPTY_ONES = 1  # after the last example and rule
BY_HAND = {"prompts", "examples", "guardrails", "rules", "tools"}
RECORDS = [
    name
    for name, info in Assistant.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, Frozen)
]
REST: dict[str, Any] = {
    name: (info.annotation, info)
    for name, info in Assistant.model_fields.items()
    if name not in BY_HAND and name not in RECORDS
}
More = create_model("More", __base__=Frozen, __doc__="Settings that stand by themselves.", **REST)


@dataclass(frozen=True)
class Section:
    """A record of the version with its form."""

    name: str
    title: str
    says: str
    form: RecordForm


class Editor:
    """All forms of the page: of a version at first, then of what was posted."""

    assistant: Assistant

    def __init__(self, assistant: Assistant, data: QueryDict | None = None, **draft: Any) -> None:
        self.before = assistant
        self.draft = DraftForm(data, initial=draft)
        self.prompts = PromptsForm(assistant.prompts, data)
        self.translation = TranslationForm(data)
        self.examples = _formset(Example, assistant.examples, data, "examples")
        self.rules = _formset(Rule, assistant.rules, data, "rules")
        self.guardrails = GuardrailsForm(assistant.guardrails, data)
        shelf = {name: tool.description.partition("\n")[0] for name, tool in tools_on_the_shelf().items()}
        self.tools = SwitchesForm(shelf, dict.fromkeys(assistant.tools), data, "tools")
        self.sections = [_section(name, getattr(assistant, name), data) for name in RECORDS]
        self.sections.append(_section("more", More.model_validate(assistant.model_dump(include=set(REST))), data))
        self.problems: list[str] = []
        self.is_wrong = False

    def is_valid(self) -> bool:
        """Whether all that was posted is a version: then it is `assistant`. Else the fields say what is wrong."""
        self.is_wrong = not self._is_valid()
        return not self.is_wrong

    def _is_valid(self) -> bool:
        forms_ = [
            self.draft,
            self.prompts,
            self.translation,
            self.guardrails,
            self.tools,
            *(section.form for section in self.sections),
        ]
        are_valid = [form.is_valid() for form in (*forms_, self.examples, self.rules)]
        if self.translation.cleaned_data.keys() & self.prompts.cleaned_data.keys():
            self.translation.add_error("language", "It is there already: change it above.")
        if not (all(are_valid) and self.translation.is_valid()):
            return False
        try:
            self.assistant = self._assembled()
        except ValidationError as error:
            self.problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}." for one in error.errors()]
            return False
        self.problems = [f"{path}: {words}" for path, words in problems_of(self.assistant).items()]
        return not self.problems

    def _assembled(self) -> Assistant:
        """What was posted, over what the draft held: no field of the record is lost."""
        return Assistant.model_validate(
            self.before.model_dump()
            | {
                "prompts": self.translation.cleaned_data | self.prompts.cleaned_data,
                "examples": _records(self.examples),
                "rules": _records(self.rules),
                "guardrails": self.guardrails.chosen(),
                "tools": self.tools.switched_on(),
                **{section.name: section.form.record for section in self.sections if section.name in RECORDS},
                **self.sections[-1].form.record.model_dump(),
            }
        )


def _section(name: str, record: BaseModel, data: QueryDict | None) -> Section:
    form = form_for(type(record))(data, prefix=name, initial=initial_of(record))
    return Section(name, name.replace("_", " ").capitalize(), first_line(type(record)), form)


def _formset(kind: type[BaseModel], records: tuple[Any, ...], data: QueryDict | None, prefix: str) -> Any:
    most = next(limit.max_length for limit in Assistant.model_fields[prefix].metadata if hasattr(limit, "max_length"))
    formset = forms.formset_factory(form_for(kind), extra=EMPTY_ONES, can_delete=True, max_num=most, validate_max=True)
    return formset(data, prefix=prefix, initial=[initial_of(record) for record in records])


def _records(formset: Any) -> list[BaseModel]:
    kept = [form for form in formset.forms if form not in formset.deleted_forms]
    return [form.record for form in kept if hasattr(form, "record")]
