"""Who may open the pages of the evals: staff read and grade; who manages the assistant also changes sets and spends."""

from __future__ import annotations

from chat.desk.doors import for_assistant_managers, for_those

__all__ = ["for_assistant_managers", "for_staff"]

for_staff = for_those(lambda viewer: viewer.is_staff)
