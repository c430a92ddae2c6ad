"""What the pages post. Only these fields are read: ids, owners and roles are the server's (A20)."""

from django import forms

from chat.models import Feedback


class AskForm(forms.Form):
    conversation = forms.UUIDField()
    ticket = forms.CharField(max_length=400)
    client_id = forms.UUIDField()
    text = forms.CharField(required=False, strip=False, max_length=100_000)


class AgainForm(forms.Form):
    type = forms.ChoiceField(choices=[("again", "again"), ("continue", "continue")])


class FeedbackForm(forms.Form):
    verdict = forms.ChoiceField(choices=Feedback.Verdict.choices)
    comment = forms.CharField(required=False, max_length=2000)


class MarkForm(forms.Form):
    mark = forms.ChoiceField(choices=[("wrong", "wrong"), ("right", "right")])
    comment = forms.CharField(required=False, max_length=500)
    back = forms.CharField(required=False, max_length=20)


class PublishForm(forms.Form):
    """What changes, in words, and the hashes of the two versions that were compared."""

    note = forms.CharField(max_length=200, label="What changes", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    instead_of = forms.CharField(max_length=64, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, label="Switch them off: this is meant")
    override = forms.CharField(
        max_length=400,
        required=False,
        label="Publish anyway, because",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TrialForm(forms.Form):
    """A question for two versions, and whom they are to answer."""

    question = forms.CharField(max_length=100_000, strip=False, widget=forms.Textarea(attrs={"rows": 2}))
    audience = forms.ChoiceField(
        label="Asked by",
        choices=[
            ("public", "a visitor"),
            ("customers", "a signed-in customer"),
            ("staff", "somebody of the staff"),
            ("me", "myself, with my own data"),
        ],
        initial="public",
    )
