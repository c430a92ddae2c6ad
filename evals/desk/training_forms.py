"""The forms of the training pages: what questions are to be written from, and what a set is to be made of."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from evals.desk.set_forms import DocumentField
from evals.distillation.options import Options
from evals.distillation.ordering import MOST, MOST_DOCUMENTS
from evals.graders import GRADERS
from evals.models import TrainingSet
from knowledge.access import Viewer
from knowledge.models import Document

MOST_DAYS = 730
DEAREST = 1_000  # US dollars of one order


class MoneyField(forms.DecimalField):
    """US dollars; cleaned into microdollars, None where it is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal("0.01"), max_value=DEAREST, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> int | None:
        dollars = cast("Decimal | None", super().clean(value))
        return None if dollars is None else round(dollars * 1_000_000)


class DocumentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as DocumentField
    """Documents by their titles and collections."""

    def label_from_instance(self, obj: Model) -> str:
        return DocumentField.label_from_instance(cast("Any", self), obj)


class FromDocumentsForm(forms.Form):
    """Documents that questions are to be written from."""

    documents = DocumentsField(
        queryset=Document.objects.none(),
        help_text="Several with Ctrl or ⌘. Only those that everybody may read stand here",
    )
    wanted = forms.IntegerField(
        label="How many questions, in all",
        min_value=1,
        max_value=MOST,
        initial=40,
        help_text="Spread over the documents",
    )
    languages = forms.RegexField(
        r"^\s*([a-z]{2}(\s*,\s*[a-z]{2}){0,7})?\s*$",
        required=False,
        max_length=60,
        label="Also ask in",
        help_text="Other languages, by their two letters: es, zh. About every fourth question is in one of them",
        error_messages={"invalid": "Two letters for each language, with commas between them: es, zh"},
    )
    budget = MoneyField(
        label="Money at most, in US dollars", required=False, initial="2.00", help_text="It stops there"
    )

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelMultipleChoiceField[Document]", self.fields["documents"])
        field.queryset = open_documents(viewer)
        field.widget.attrs["size"] = 8

    def clean_documents(self) -> list[Document]:
        chosen = list(self.cleaned_data["documents"])
        if len(chosen) > MOST_DOCUMENTS:
            raise forms.ValidationError(f"At most {MOST_DOCUMENTS} documents at a time.")
        return chosen


class FromUnansweredForm(forms.Form):
    """How far back replies are looked at that said they do not know, or that customers disliked."""

    days = forms.IntegerField(label="Replies of so many days", min_value=1, max_value=MOST_DAYS, initial=90)
    wanted = forms.IntegerField(label="Questions at most", min_value=1, max_value=MOST, initial=40)
    budget = MoneyField(
        label="Money at most, in US dollars", required=False, initial="2.00", help_text="It stops there"
    )


class TrainingSetForm(forms.Form):
    """What a training set is made of."""

    kind = forms.ChoiceField(choices=TrainingSet.Kind.choices, label="What it teaches")
    grader = forms.ChoiceField(
        required=False, label="Judge", help_text="Only where a judge is taught: the one that the model is to be"
    )
    name = forms.CharField(max_length=80, help_text="For people: what is new in it")
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        label="Days back",
        help_text="Only what was said in so many days; empty: everything",
    )
    share = forms.IntegerField(
        label="For validation, in percent",
        min_value=0,
        max_value=50,
        initial=10,
        help_text="Lines that are held back, to see whether the model learns or only remembers",
    )
    likeness = forms.DecimalField(
        label="How near a golden case, at most",
        min_value=Decimal("0.3"),
        max_value=1,
        decimal_places=2,
        initial=Decimal("0.70"),
        help_text="From 0, nothing in common, to 1, the same. What is nearer is left out: who knows the test passes it",
    )
    seed = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, initial=7, help_text="Which lines are held back follows from it"
    )
    base = forms.CharField(
        required=False,
        max_length=200,
        label="Model that is to be taught",
        help_text="Empty: the small model that answers now",
    )
    epochs = forms.IntegerField(
        min_value=1, max_value=50, initial=3, help_text="Rounds of learning, for the estimate of its price"
    )
    allow_demo = forms.BooleanField(
        required=False, label="Also what the demo model wrote (to try this page: it teaches nothing)"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        judges = [(name, one.title) for name, one in GRADERS.items() if one.kind == "judge" and not one.compares]
        cast("forms.ChoiceField", self.fields["grader"]).choices = [("", "none"), *judges]
        if not settings.LLM_DEMO:
            del self.fields["allow_demo"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("kind") == TrainingSet.Kind.JUDGE and not said.get("grader") and "grader" not in self.errors:
            self.add_error("grader", "Choose the judge that is to be taught.")
        return said

    @property
    def judge(self) -> str:
        """The judge, where one is taught."""
        return str(self.cleaned_data["grader"]) if self.cleaned_data["kind"] == TrainingSet.Kind.JUDGE else ""

    @property
    def options(self) -> Options:
        """What was posted, as a set is built by."""
        said = self.cleaned_data
        return Options(
            since=timezone.localdate() - timedelta(days=said["days"]) if said["days"] else None,
            share=said["share"] / 100,
            seed=said["seed"],
            likeness=float(said["likeness"]),
            base=said["base"],
            epochs=said["epochs"],
            allow_demo=bool(said.get("allow_demo")),
        )


def open_documents(viewer: Viewer) -> QuerySet[Document]:
    """Live documents that may be learned from, as `Library` says of each once more when they are ordered."""
    live = Document.objects.visible_to(viewer).exclude(live_version=None).select_related("collection")
    live = live.filter(collection__audience__in=settings.EVALS_TRAINING_AUDIENCES)
    return live.exclude(collection__name__in=settings.EVALS_TRAINING_CLOSED_COLLECTIONS).order_by("title")
