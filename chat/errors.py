"""Why a question was not taken, and how a reply failed, in words for the customer. Each has a code."""

from __future__ import annotations

REFUSALS = {
    "empty": "Please type a question first.",
    "too_long": "Your question is longer than {limit} characters. Please shorten it and send it again.",
    "unreadable": "Your question holds no readable text. Please type it again.",
    "still_answering": "The assistant is still answering. Wait for it, or press Stop.",
    "too_many_questions": "That were many questions in a short time. Please try again in {retry_after} seconds.",
    "budget_reached": "The assistant has answered all it may today. Please talk to a person, or come back tomorrow.",
    "not_available_now": "The assistant cannot take questions right now. Please try again in a minute.",
    "not_found": "This conversation is not here any more. Please reload the page.",
    "bad_frame": "The page sent something that the server does not understand. Please reload it.",
    "internal": "Something went wrong on our side. Please try again.",
}

FAILURES = {
    "provider_auth": "The assistant is not available right now. We have been told.",
    "bad_request": "The assistant is not available right now. We have been told.",
    "provider_busy": "The assistant is very busy. Please try again in a little while.",
    "provider_down": "The assistant could not be reached.",
    "timeout": "The assistant took too long to answer.",
    "no_answer": "The assistant did not find an answer. Ask in other words, or talk to a person.",
    "interrupted": "The answer broke off.",
    "internal": "Something went wrong on our side.",
}


class Unwelcome(Exception):
    """A question is not taken. `str()` is a sentence for the customer, `code` names the reason."""

    def __init__(self, code: str, *, retry_after: int = 0, limit: int = 0) -> None:
        self.code = code
        self.retry_after = retry_after
        super().__init__(REFUSALS[code].format(retry_after=retry_after, limit=limit))
