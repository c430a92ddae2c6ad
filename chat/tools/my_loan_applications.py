"""How far a customer's own loan applications are."""

from __future__ import annotations

import llm
from chat.models import LoanApplication
from knowledge.access import Viewer
from llm.database import in_database

LISTED = 10


@llm.tool(label="your loan applications")
async def my_loan_applications(viewer: Viewer) -> list[dict[str, str]] | str:
    """Get the status and next step of the loan applications of the customer who asks. Nobody else's can be seen."""
    if viewer.user_id is None:
        return "Please sign in: a loan application is shown only to the customer whose it is."
    applications = await in_database(lambda: list(LoanApplication.objects.visible_to(viewer)[:LISTED]))
    return [_told(application) for application in applications] or "You have no loan application with us."


def _told(application: LoanApplication) -> dict[str, str]:
    told = {
        "application": application.reference,
        "status": application.status,
        "loan": f"${application.amount:,.2f} over {application.term} years",
        "submitted on": application.submitted_on.isoformat(),
    }
    return told | {"next step": application.next_step} if application.next_step else told
