"""One file for each tool. What stands in this tuple can be switched on in a version."""

from chat.tools.estimate_payment import estimate_payment
from chat.tools.get_mortgage_rates import get_mortgage_rates
from chat.tools.my_loan_applications import my_loan_applications
from chat.tools.open_ticket import open_ticket
from chat.tools.search_help_center import search_help_center
from llm import Tool

TOOLS: tuple[Tool, ...] = (
    get_mortgage_rates,
    estimate_payment,
    my_loan_applications,
    search_help_center,
    open_ticket,
)
