"""Background work of the chat: one line each."""

from celery import shared_task

from chat import conversations


@shared_task
def interrupt_stale_replies() -> None:
    conversations.interrupt_stale()
