"""Everything of the chat that is kept in the database."""

from chat.models.actions import Action, Ticket
from chat.models.assistant import AssistantVersion, Publication
from chat.models.conversation import Conversation, Feedback, FeedbackQuerySet, Question, Reply, Source, Starter
from chat.models.guarding import Finding
from chat.models.lending import LoanApplication, MortgageRate
from chat.models.routing import Route, RouteQuerySet
from chat.models.saved import SavedAcceptance, SavedAnswer, SavedAnswerQuerySet, SavedLookup, SavedQuestion, SavedSource

__all__ = [
    "Action",
    "AssistantVersion",
    "Conversation",
    "Feedback",
    "FeedbackQuerySet",
    "Finding",
    "LoanApplication",
    "MortgageRate",
    "Publication",
    "Question",
    "Reply",
    "Route",
    "RouteQuerySet",
    "SavedAcceptance",
    "SavedAnswer",
    "SavedAnswerQuerySet",
    "SavedLookup",
    "SavedQuestion",
    "SavedSource",
    "Source",
    "Starter",
    "Ticket",
]
