"""Saved answers: a question that was answered before, and may be answered the same again.

A saved answer is served only if everything holds: the scope is the same, the two questions differ in nothing that
matters, what was learned expects less than the error that is borne, the documents it cites stand as they did, a fresh
search finds them again, and their text still bears out the answer. Any doubt, error or timeout is a miss.
"""

from chat.answer_cache.keeping import doubt, keep
from chat.answer_cache.look_up import Hit, look_up

__all__ = ["Hit", "doubt", "keep", "look_up"]
