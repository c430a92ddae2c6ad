"""The routes of the evals, group by group."""

from django.urls import path

from evals.desk import runs

urlpatterns = [
    path("", runs.evals, name="evals"),
]
