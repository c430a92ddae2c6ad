"""What a guardrail says to the customer: a prompt of the version, in the language of the question."""

from __future__ import annotations

from django.conf import settings

from chat.assistant import prompts_of_the_house
from chat.context import Turn
from chat.prompting import languages_of, prompt
from chat.spoken import language_among


def words_for(turn: Turn, name: str, **values: str) -> str:
    """The sentences of that name, with `$site_name` and the given `$names` filled in.

    A version that was stored before the sentences were written says them as the code has them.
    """
    assistant = turn.version.assistant
    if name not in assistant.prompts:
        assistant = assistant.model_copy(update={"prompts": prompts_of_the_house()})
    language = language_among(turn, languages_of(assistant, name))
    return prompt(assistant, name, language, site_name=settings.SITE_NAME, **values)
