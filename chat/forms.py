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
