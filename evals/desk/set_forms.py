"""The forms of sets: what a set is for, which of its cases are shown, and where new ones come from."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Model
from django.utils.text import slugify

from evals.cases import Behaviour, Severity
from evals.datasets.files import MOST_BYTES
from evals.datasets.generating import MOST
from evals.graders import GRADERS
from evals.models import CaseRevision, Dataset
from knowledge.access import Viewer
from knowledge.models import Document

State = CaseRevision.State
BEHAVIOURS: dict[Behaviour, str] = {
    "answer": "answers",
    "unknown": "says that it does not know",
    "clarify": "asks back",
    "refuse": "refuses, or steers to what it may do",
    "hand_over": "hands over to a person",
}
SEVERITIES: dict[Severity, str] = {
    "minor": "minor: a blemish",
    "normal": "normal",
    "critical": "critical: costs money or trust, and blocks publishing",
}
SHOWN_STATES = {"present": "in the set", State.PROPOSED.value: "proposed", "removed": "removed"}


class DatasetForm(forms.Form):
    """What a set is for, and what it decides."""

    title = forms.CharField(max_length=120)
    purpose = forms.ChoiceField(choices=Dataset.Purpose.choices)
    description = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}), help_text="For colleagues"
    )
    primary_metric = forms.ChoiceField(
        label="What decides",
        help_text="The one figure that says whether a version is better or worse; fixed before looking at results",
    )
    margin = forms.DecimalField(
        label="How much worse it may be, in points",
        min_value=0,
        max_value=100,
        decimal_places=1,
        initial=3,
        help_text="A version passes when it is surely not worse than the live one by more than this",
    )
    gates = forms.BooleanField(required=False, label="A version is published only after it has passed this set")

    def __init__(self, *args: Any, dataset: Dataset | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset = dataset
        metrics = [(name, grader.title) for name, grader in GRADERS.items() if not grader.compares]
        cast("forms.ChoiceField", self.fields["primary_metric"]).choices = [("passed", "The rules together"), *metrics]
        if dataset:
            named = {name: getattr(dataset, name) for name in self.fields if name != "margin"}
            self.initial = {**named, "margin": round(dataset.margin * 100, 1), **self.initial}

    def clean_title(self) -> str:
        title = str(self.cleaned_data["title"])
        if not self.dataset and not self._slug(title):
            raise forms.ValidationError("Use some letters or digits, from which the set's address is made.")
        return title

    def save(self, *, by: int | None) -> Dataset:
        """The set with what was posted; a new one gets an address of its own."""
        said = self.cleaned_data | {"margin": float(self.cleaned_data["margin"]) / 100}
        dataset = self.dataset or Dataset(slug=self._free_slug(said["title"]), created_by_id=by)
        for name, value in said.items():
            setattr(dataset, name, value)
        dataset.save()
        return dataset

    def _slug(self, title: str) -> str:
        return slugify(title)[:50].strip("-") or ("set" if slugify(title, allow_unicode=True) else "")

    def _free_slug(self, title: str) -> str:
        slug = self._slug(title)
        taken = set(Dataset.objects.filter(slug__startswith=slug).values_list("slug", flat=True)) | RESERVED
        numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
        return slug if slug not in taken else next(one for one in numbered if one not in taken)


RESERVED = {"new", "from-reply"}  # addresses of pages


class CasesFilter(forms.Form):
    """Which cases of a set are shown. What is no choice shows all."""

    q = forms.CharField(required=False, max_length=200, label="Search")
    tag = forms.ChoiceField(required=False)
    language = forms.ChoiceField(required=False)
    expects = forms.ChoiceField(required=False, choices=[("", "any"), *BEHAVIOURS.items()])
    severity = forms.ChoiceField(required=False, choices=[("", "any"), *((name, name) for name in SEVERITIES)])
    origin = forms.ChoiceField(required=False, choices=[("", "any"), *CaseRevision.Origin.choices])
    state = forms.ChoiceField(required=False, choices=list(SHOWN_STATES.items()))

    def __init__(self, *args: Any, tags: list[str], languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, values in (("tag", tags), ("language", languages)):
            cast("forms.ChoiceField", self.fields[name]).choices = [("", "any"), *((one, one) for one in values)]

    def chosen(self) -> dict[str, str]:
        """What was chosen, without what says nothing."""
        self.is_valid()
        said = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return {name: value for name, value in said.items() if (name, value) != ("state", "present")}


class CasesFileForm(forms.Form):
    """A file of cases."""

    file = forms.FileField(
        label="File",
        help_text="JSON Lines or CSV, in UTF-8",
        widget=forms.FileInput(attrs={"accept": ".jsonl,.json,.csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"At most {MOST_BYTES // 1_000_000} MB. Cut the file into several.")
        return file


class DocumentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    """A document by its title and collection."""

    def label_from_instance(self, obj: Model) -> str:
        document = cast("Document", obj)
        return f"{document.title} ({document.collection})"


class GenerateForm(forms.Form):
    """What cases are to be written from, and how many."""

    document = DocumentField(queryset=Document.objects.none(), empty_label="Choose a document")
    wanted = forms.IntegerField(label="How many cases", min_value=1, max_value=MOST, initial=10)
    languages = forms.RegexField(
        r"^\s*([a-z]{2}(\s*,\s*[a-z]{2}){0,7})?\s*$",
        required=False,
        max_length=60,
        label="Also ask in",
        help_text="Other languages, by their two letters: es, zh. About every fourth question is in one of them",
        error_messages={"invalid": "Two letters for each language, with commas between them: es, zh"},
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = Document.objects.visible_to(viewer).exclude(live_version=None).select_related("collection")
        cast("forms.ModelChoiceField[Document]", self.fields["document"]).queryset = live.order_by("title")


class ChooseSetForm(forms.Form):
    """The set for which a case is made: one that is there, or a new one."""

    dataset = forms.ModelChoiceField(
        queryset=Dataset.objects.none(), required=False, label="Set", empty_label="A new set, named below"
    )
    new_set = forms.CharField(max_length=120, required=False, label="Name of a new set")

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Dataset]", self.fields["dataset"])
        field.queryset = Dataset.objects.visible_to(viewer).filter(archived_at=None)
        if not viewer.can_manage_assistant:
            del self.fields["new_set"]
            field.empty_label, field.required = "Choose a set", True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("dataset") and not slugify(cleaned.get("new_set", "")) and not self.errors:
            self.add_error("dataset", "Choose a set, or name a new one in letters or digits.")
        return cleaned

    def chosen(self, *, by: int | None) -> Dataset:
        """The set; a new one is for what went wrong once."""
        if dataset := self.cleaned_data.get("dataset"):
            return cast("Dataset", dataset)
        form = DatasetForm(
            {
                "title": self.cleaned_data["new_set"],
                "purpose": Dataset.Purpose.REGRESSION,
                "primary_metric": "passed",
                "margin": 3,
            }
        )
        form.full_clean()
        return form.save(by=by)
