"""The forms of an account, with our words on the fields of django-allauth."""

from __future__ import annotations

from typing import Any

from allauth.account import forms


class _Plain:
    """A label says what a field is for; a placeholder that repeats it only gets in the way."""

    labels: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        for name, field in fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(_Plain, forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    labels = {"login": "Username or e-mail address", "remember": "Stay signed in on this device"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(_Plain, forms.SignupForm):  # type: ignore[misc]
    labels = {"email": "E-mail address"}


class ResetPasswordForm(_Plain, forms.ResetPasswordForm):  # type: ignore[misc]
    labels = {"email": "E-mail address"}


class ResetPasswordKeyForm(_Plain, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    labels = {"password1": "New password", "password2": "New password, once more"}


class ChangePasswordForm(_Plain, forms.ChangePasswordForm):  # type: ignore[misc]
    labels = {"password1": "New password", "password2": "New password, once more"}


class ReauthenticateForm(_Plain, forms.ReauthenticateForm):  # type: ignore[misc]
    """The labels are allauth's own."""
