"""The form of a case, for people: facts one on a line, the conversation as turns, slips beside their field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from pydantic import ValidationError

from evals.cases import Case, Said
from evals.datasets.files import in_words
from evals.datasets.lines import facts_of, items_of, lines_of, lines_of_facts
from evals.datasets.shapes import name_of
from evals.desk.set_forms import BEHAVIOURS, SEVERITIES
from knowledge.access import Audience

MOST_TURNS = 20
LINES = "One on a line"
ASKERS = {
    Audience.PUBLIC.value: "a visitor",
    Audience.CUSTOMERS.value: "a signed-in customer",
    Audience.STAFF.value: "staff",
}


def _several(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CaseForm(forms.Form):
    """All of a case but the conversation before its question."""

    question = forms.CharField(widget=_several(2), max_length=4_000, help_text="As customers ask it")
    expects = forms.ChoiceField(choices=list(BEHAVIOURS.items()), label="A good assistant", initial="answer")
    expert_answer = forms.CharField(
        required=False, max_length=8_000, widget=_several(3), help_text="What an expert would say"
    )
    must_include = forms.CharField(
        required=False,
        max_length=20_000,
        widget=_several(3),
        label="Facts that must be there",
        help_text=f"{LINES}; | between ways to put the same fact: 14 days | two weeks",
    )
    must_not_include = forms.CharField(
        required=False, max_length=20_000, widget=_several(2), label="What must not be said", help_text=LINES
    )
    expected_sources = forms.CharField(
        required=False,
        max_length=20_000,
        widget=_several(2),
        label="Files of which one must be cited",
        help_text=f"{LINES}, by the name that it was uploaded with: fees.html",
    )
    audience = forms.ChoiceField(choices=list(ASKERS.items()), label="Asked by", initial="public")
    language = forms.CharField(max_length=20, initial="en", help_text="Two letters, such as en")
    severity = forms.ChoiceField(choices=list(SEVERITIES.items()), initial="normal", label="A wrong answer is")
    tags = forms.CharField(required=False, max_length=1_000, widget=_several(2), help_text=LINES)
    cluster = forms.CharField(
        required=False, max_length=80, help_text="The same word for cases that ask the same in other words"
    )
    note = forms.CharField(required=False, max_length=200, label="What changes, and why")


class NewCaseForm(CaseForm):
    """The same with an id, which then never changes."""

    id = forms.CharField(
        required=False, max_length=80, help_text="Letters, digits and dashes; made from the question when left empty"
    )


class TurnForm(forms.Form):
    """An earlier question and what was replied."""

    question = forms.CharField(label="The customer asked", max_length=4_000, widget=_several(2))
    reply = forms.CharField(label="The assistant replied", required=False, max_length=16_000, widget=_several(3))


class CaseEditor:
    """The forms of a case: as it is, then as it was posted. When that is valid, `case` is what it says."""

    case: Case

    def __init__(self, before: Case | None, data: QueryDict | None = None, *, key: str = "", note: str = "") -> None:
        self.key = key
        kind = CaseForm if key else NewCaseForm
        self.form = kind(data, initial=(initial_of(before) if before else {}) | {"note": note})
        turns = forms.formset_factory(TurnForm, extra=1, can_delete=True, max_num=MOST_TURNS, validate_max=True)
        said = [one.model_dump() for one in before.history] if before else []
        self.history: Any = turns(data, prefix="history", initial=said)
        self.is_wrong = False

    def is_valid(self) -> bool:
        """Whether what was posted is a case. Else the fields say what is wrong."""
        are_valid = [self.form.is_valid(), self.history.is_valid()]
        self.is_wrong = not (all(are_valid) and self._is_a_case())
        return not self.is_wrong

    @property
    def note(self) -> str:
        return str(self.form.cleaned_data["note"])

    def _is_a_case(self) -> bool:
        try:
            self.case = Case.model_validate(self._fields())
        except ValidationError as error:
            for problem in error.errors():
                field = str(problem["loc"][0]) if problem["loc"] else ""
                self.form.add_error(field if field in self.form.fields else None, in_words(problem))
            return False
        return True

    def _fields(self) -> dict[str, Any]:
        said = {name: value for name, value in self.form.cleaned_data.items() if name != "note"}
        lists = {name: items_of(said[name]) for name in ("must_not_include", "expected_sources", "tags")}
        return (
            said
            | lists
            | {
                "id": self.key or said["id"] or id_for(said["question"]),
                "must_include": facts_of(said["must_include"]),
                "history": self._turns(),
            }
        )

    def _turns(self) -> list[Said]:
        kept = [form for form in self.history.forms if form not in self.history.deleted_forms]
        turns = [form.cleaned_data for form in kept if form.cleaned_data]
        return [Said(question=one["question"], reply=one["reply"]) for one in turns]


def initial_of(case: Case) -> dict[str, Any]:
    """What the form shows of a case."""
    lists = {name: lines_of(getattr(case, name)) for name in ("must_not_include", "expected_sources", "tags")}
    return case.model_dump(mode="json") | lists | {"must_include": lines_of_facts(case.must_include)}


def id_for(question: str) -> str:
    """An id in the question's words, or a mark of it where these have no Latin letters."""
    return slugify(question)[:50].strip("-_") or name_of(question)
