"""Models that were taught, registered under their server's name. One from elsewhere, such as a LoRA adapter behind any
compatible server, is registered by hand; then it has to answer a greeting first.
"""

from __future__ import annotations

from contextlib import aclosing

from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction

import llm
from evals.distillation.options import Refused
from evals.models import TrainingSet, TunedModel
from evals.reviewing.words import rubrics
from llm.cleaning import clean
from llm.errors import BadRequest, LLMError, ProviderAuth
from llm.events import Alias

ALIASES: dict[str, Alias] = {TunedModel.Role.SMALL: "small", TunedModel.Role.JUDGE: "judge"}
GREETING: list[llm.Message] = [{"role": "user", "content": "Say OK."}]
TOKENS_OF_A_GREETING = 64


def register(
    name: str,
    *,
    role: str = TunedModel.Role.SMALL,
    grader: str = "",
    base: str = "",
    training_set: TrainingSet | None = None,
    note: str = "",
    by: int | None,
) -> TunedModel:
    """Keep a model that was taught elsewhere, once it has answered a greeting. Sync; it waits for the model.

    Raises `Refused`.
    """
    name, base, note = clean(name).strip(), clean(base).strip(), clean(note).strip()
    if not name or len(name) > 200 or any(sign.isspace() for sign in name):
        raise Refused("Name the model as its server calls it: without blanks, in at most 200 characters.")
    if role not in ALIASES or (role == TunedModel.Role.JUDGE and grader not in rubrics()):
        raise Refused("Say what it is for: to answer easy questions, or which judge it would be.")
    known = TunedModel.objects.filter(name=name)
    if known.exists():
        raise Refused(f"{name} is registered already.")
    if problem := async_to_sync(greet)(name, ALIASES[role]):
        raise Refused(problem)
    try:
        with transaction.atomic():
            return TunedModel.objects.create(
                name=name,
                role=role,
                grader=grader if role == TunedModel.Role.JUDGE else "",
                base=base[:200],
                training_set=training_set,
                note=note[:400],
                created_by_id=by,
            )
    except IntegrityError:
        raise Refused(f"{name} is registered already.") from None


async def greet(name: str, alias: Alias) -> str:
    """Ask the model for one word by the way that it will be asked. In words what is wrong; empty for nothing."""
    said, end = "", None
    try:
        with llm.on_behalf_of("", models={alias: name}):
            stream = llm.stream(GREETING, purpose="tuned", model=alias, max_tokens=TOKENS_OF_A_GREETING)
            async with aclosing(stream) as events:
                async for event in events:
                    said += event.text if isinstance(event, llm.Text) else ""
                    end = event if isinstance(event, llm.Finished) else end
    except ProviderAuth:
        return f"The model's server does not let our key ask {name}."
    except BadRequest:
        return f"The model's server does not know {name}, or does not take a request for it. Check the name."
    except LLMError as error:
        return f"{name} did not answer ({error.code}). Try again when its server is up."
    if end is None or not said.strip():
        return f"{name} answered nothing."
    if not await llm.was_asked(name, end.call_id):
        return f"Another model answered in place of {name}: it failed, and LLM_FALLBACK_MODEL stood in for it."
    return ""
