"""The sample company's own data, which its tools look up. A fork replaces this file by its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from knowledge.access import Viewer


class MortgageRate(models.Model):
    """The average rate of one week and term, as the weekly survey published it."""

    class Term(models.IntegerChoices):
        FIFTEEN = 15
        THIRTY = 30

    week = models.DateField()
    term = models.PositiveSmallIntegerField(choices=Term, help_text="years")
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    is_sample = models.BooleanField(default=False, help_text="Came with the sample data: nobody has published it")
    fetched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-week", "term"]
        constraints = [models.UniqueConstraint(fields=["week", "term"], name="one_rate_a_week_and_term")]

    def __str__(self) -> str:
        return f"{self.percent} % for {self.term} years, {self.week}"


class LoanApplicationQuerySet(models.QuerySet["LoanApplication"]):
    def visible_to(self, viewer: Viewer) -> LoanApplicationQuerySet:
        """The signed-in customer's own, whoever else looks."""
        return self.filter(customer_id=viewer.user_id) if viewer.user_id else self.none()


class LoanApplication(models.Model):
    """An application of a customer, and how far it is."""

    class Status(models.TextChoices):
        RECEIVED = "received"
        IN_REVIEW = "in review"
        DOCUMENTS_MISSING = "documents missing"
        APPROVED = "approved"
        CLOSED = "closed"
        DECLINED = "declined"

    reference = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="loan_applications")
    status = models.CharField(max_length=20, choices=Status, default=Status.RECEIVED)
    amount = models.DecimalField(max_digits=12, decimal_places=2, help_text="US dollars")
    term = models.PositiveSmallIntegerField(help_text="years")
    next_step = models.CharField(max_length=200, blank=True)
    submitted_on = models.DateField()
    updated_on = models.DateField(auto_now=True)

    objects = LoanApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_on"]

    def __str__(self) -> str:
        return f"{self.reference}: {self.status}"
