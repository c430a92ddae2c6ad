"""The forms of a draft's page that are not made from records: its note, its prompts, the switches of the shelves."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict

from chat.assistant import neat
from chat.versions.checks import filled_in, guardrails_on_the_shelf, problem_of_prompt, translated
from chat.versions.states import NOTE_CHARACTERS
from chat.versions.text import Unreadable, load_mapping, mapping_as_text


class DraftForm(forms.Form):
    """The draft's own words, and the hash under which its editor saw it."""

    note = forms.CharField(
        max_length=NOTE_CHARACTERS, required=False, label="What changes", help_text="How people find this draft again"
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


@dataclass(frozen=True)
class PromptGroup:
    """A prompt with its translations."""

    name: str
    fields: list[forms.BoundField]

    @property
    def begins(self) -> str:
        return str(self.fields[0].value() or "")

    @property
    def is_wrong(self) -> bool:
        return any(field.errors for field in self.fields)


class PromptsForm(forms.Form):
    """A text for each prompt that the code asks for, and for each translation."""

    def __init__(self, prompts: Mapping[str, str], data: QueryDict | None) -> None:
        super().__init__(data, prefix="prompts")
        bases = list(filled_in())
        for name in sorted({*bases, *prompts}, key=lambda name: (name.partition(".")[0], name)):
            holds = ", ".join(f"${one}" for one in filled_in().get(name.partition(".")[0], ()))
            self.fields[name] = forms.CharField(
                label=name,
                initial=prompts.get(name, ""),
                required=name in bases,
                strip=False,
                max_length=20_000,
                help_text=f"Holds {holds}" if holds else "Empty it to take the translation out" if "." in name else "",
                widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"}),
            )

    @property
    def groups(self) -> list[PromptGroup]:
        """The fields, each prompt with its translations."""
        names = groupby(self.fields, key=lambda name: name.partition(".")[0])
        return [PromptGroup(base, [self[name] for name in group]) for base, group in names]

    def clean(self) -> dict[str, str]:
        """The prompts by their names; an emptied translation is gone."""
        texts = {name: neat(text) for name, text in self.cleaned_data.items()}
        prompts = {name: text for name, text in texts.items() if text or "." not in name}
        for name, text in prompts.items():
            if problem := problem_of_prompt(name, text):
                self.add_error(name, problem)
        return prompts


class TranslationForm(forms.Form):
    """A prompt in a language that it does not have yet."""

    language = forms.CharField(label="Into", max_length=2, required=False, help_text="Two letters, such as fr")
    text = forms.CharField(
        label="Translation", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, prefix="translation")
        choices = [("", "no other prompt"), *((name, name) for name in translated())]
        self.fields = {"prompt": forms.ChoiceField(label="Translate", choices=choices, required=False), **self.fields}

    def clean(self) -> dict[str, str]:
        """The translation by its name, or nothing."""
        base, language, text = (neat(self.cleaned_data.get(name, "")) for name in ("prompt", "language", "text"))
        if not base and not text:
            return {}
        name = f"{base}.{language}"
        problem = (
            problem_of_prompt(name, text) if base and text else "A translation has a prompt, a language and words."
        )
        if problem:
            self.add_error("text", problem)
        return {name: text}


class SwitchesForm(forms.Form):
    """A switch for each part of a shelf, with the first line of its docstring."""

    def __init__(self, shelf: Mapping[str, str], on: Mapping[str, Any], data: QueryDict | None, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        for name, says in shelf.items():
            self.fields[name] = forms.BooleanField(label=name, required=False, initial=name in on, help_text=says)

    def switched_on(self) -> list[str]:
        return [name for name in self.fields if self.cleaned_data[name]]


class SettingsField(forms.CharField):
    """A guardrail's settings, each on a line: `name: value`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        lines = mapping_as_text(settings)
        super().__init__(
            label="Settings",
            required=False,
            max_length=4_000,
            initial=lines,
            help_text="One on a line: name: value",
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value)
        try:
            settings = load_mapping(text) if text.strip() else {}
        except Unreadable as problem:
            raise forms.ValidationError(f"{problem} One setting on a line, such as: limit: 200") from None
        if not all(isinstance(name, str) for name in settings):
            raise forms.ValidationError("The name of a setting is a word.")
        return settings


class GuardrailsForm(SwitchesForm):
    """Switches, and what each guardrail is set to."""

    def __init__(self, on: Mapping[str, Any], data: QueryDict | None) -> None:
        shelf = guardrails_on_the_shelf()
        super().__init__({name: first_line(check.function) for name, check in shelf.items()}, on, data, "guardrails")
        self.names = list(shelf)
        for name in shelf:
            self.fields[f"{name}.settings"] = SettingsField(on.get(name, {}))

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField, str]]:
        """Each switch with its settings, and what the guardrail reads."""
        shelf = guardrails_on_the_shelf()
        return [(self[name], self[f"{name}.settings"], shelf[name].reads) for name in self.names]

    def chosen(self) -> dict[str, dict[str, Any]]:
        return {name: self.cleaned_data[f"{name}.settings"] for name in self.names if self.cleaned_data[name]}


def first_line(part: Any) -> str:
    """What a part of the house says of itself, or its file of it."""
    words = part.__doc__ or sys.modules[part.__module__].__doc__ or ""
    return str(words).strip().partition("\n")[0]
