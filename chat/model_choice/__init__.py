"""Which model answers: rules first, and then how easy the question looks from what was found."""

from chat.model_choice.choosing import Choice, choose_model
from chat.model_choice.keeping import keep

__all__ = ["Choice", "choose_model", "keep"]
