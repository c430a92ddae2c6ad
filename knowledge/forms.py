"""What staff may send to the library's pages. Every field is named; nothing else is read."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.files.base import File
from django.db.models import Model

from knowledge.access import AUDIENCE_WORDS, Viewer
from knowledge.models import Collection
from knowledge.parsers import accepted_extensions


class FilesInput(forms.FileInput):
    """A file chooser that takes several files, also by drag and drop."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"accept": ",".join(accepted_extensions()), "aria-describedby": "formats"})


class FilesField(forms.FileField):
    """One or more files. Empty ones pass: each file gets a word of its own about what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(label="Files", widget=FilesInput(), allow_empty_file=True, max_length=None)

    def clean(self, data: Any, initial: Any = None) -> list[File[bytes]]:
        files = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files]


class CollectionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    """A collection by its name and by who gets answers from it."""

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj} ({cast('Collection', obj).audience_words.lower()})"


class UploadForm(forms.Form):
    """Files for a collection."""

    collection = CollectionField(queryset=Collection.objects.none(), empty_label=None)
    documents = FilesField()

    def __init__(self, viewer: Viewer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        collection = cast("forms.ModelChoiceField[Collection]", self.fields["collection"])
        collection.queryset = Collection.objects.visible_to(viewer)


class ReplaceForm(forms.Form):
    """A file that takes a document's place."""

    file = forms.FileField(
        label="New file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(accepted_extensions())}),
    )


class ListingForm(forms.Form):
    """What to list: a wrong value in the address means no filter."""

    collection = forms.IntegerField(required=False, min_value=1)
    state = forms.ChoiceField(required=False, choices=[(key, key) for key in ("under_way", "ready", "failed")])
    name = forms.CharField(required=False, max_length=100)


class VersionForm(forms.Form):
    """Which version of a document to read."""

    version = forms.IntegerField(required=False, min_value=1)


class CollectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A collection's name, and who may read it."""

    class Meta:
        model = Collection
        fields = ("name", "audience")
        labels = {"audience": "Who may read it"}
        widgets = {"audience": forms.RadioSelect}
        help_texts = {"audience": "A change counts at once, for every document in it."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["audience"]).choices = [
            (audience.value, words) for audience, words in AUDIENCE_WORDS.items()
        ]
