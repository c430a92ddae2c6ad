"""Background work of the chat: one line each."""

from asgiref.sync import async_to_sync
from celery import shared_task

from chat import conversations, rates, rechecking, second_opinions
from chat.answer_cache import learning
from chat.suspicion import injection_likeness


@shared_task
def interrupt_stale_replies() -> None:
    conversations.interrupt_stale()


@shared_task
def fetch_rates() -> None:
    rates.refresh()


@shared_task
def learn_injections() -> None:
    async_to_sync(injection_likeness.learn)()


@shared_task
def learn_saved_answers() -> None:
    learning.learn_all()


@shared_task
def check_saved_answers() -> None:
    async_to_sync(rechecking.check_hits)()


@shared_task
def ask_second_opinions() -> None:
    async_to_sync(second_opinions.ask_others)()
