"""Who reads what the evals keep: staff, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from knowledge.access import Viewer

M = TypeVar("M", bound=models.Model)


class StaffQuerySet(models.QuerySet[M]):
    def visible_to(self, viewer: Viewer) -> Self:
        """All of them for staff, nothing for anybody else."""
        return self.all() if viewer.is_staff else self.none()
