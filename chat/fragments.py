"""What the page shows of a turn, as HTML. One partial renders a reply, streamed or reloaded, so they are the same."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from chat import blocks, markdown
from chat.actions import Card, card_of
from chat.errors import FAILURES, Unwelcome
from chat.live import LiveReply
from chat.models import Conversation, Feedback, Reply, Source, Starter
from knowledge.access import Viewer

NOTICES = {
    "": "Looking it up in the help centre",
    "busy": "The assistant is busy, trying again",
    "checking": "Checking the answer",
}
ANNOUNCED = frozenset({"checking"})  # to screen readers too: a longer silence than usual
ENDINGS = {
    "stopped": "You stopped this answer.",
    "interrupted": "The answer broke off. What is here may not be all.",
    "refused": "The assistant cannot answer this. Ask in other words, or talk to a person.",
    "cut": "The answer was cut at its longest length.",
}


@dataclass(frozen=True)
class ShownReply:
    """A reply as the partial wants it, from a row or from memory."""

    id: uuid.UUID
    status: str
    blocks: Sequence[SafeString]
    open: str = ""
    notice: str = ""
    ending: str = ""
    can_continue: bool = False
    can_retry: bool = False
    limited_search: bool = False
    is_saved: bool = False
    steered: str = ""
    lookups: Sequence[dict[str, Any]] = ()
    cards: Sequence[Card] = ()
    stopped_by: str = ""
    sources: Sequence[Source] = ()
    verdict: str = ""
    comment: str = ""
    variant: int = 1
    variants: Sequence[Reply] = ()
    suggestions: Sequence[Starter] = ()
    follow_ups: Sequence[str] = ()
    conversation_id: uuid.UUID | None = None

    @property
    def is_streaming(self) -> bool:
        return self.status == Reply.Status.STREAMING

    @property
    def leaves_open(self) -> bool:
        """A refusal, and a whole answer that rests on nothing: the page offers what to do next."""
        if self.stopped_by:
            return True
        has_facts = any(lookup.get("is_fact") for lookup in self.lookups)
        rests_on_nothing = not (self.sources or self.cards or has_facts)
        return self.status == Reply.Status.DONE and rests_on_nothing and not self.can_continue


def of_row(reply: Reply, siblings: Sequence[Reply] = ()) -> ShownReply:
    """From the database. A streaming row shows what was flushed last."""
    feedback: Feedback | None = getattr(reply, "feedback", None)
    sources = list(reply.sources.all())
    is_done = reply.status == Reply.Status.DONE
    cut = is_done and reply.finish_reason == "length"
    return ShownReply(
        id=reply.pk,
        status=reply.status,
        blocks=[markdown.render(block, str(reply.pk)) for block in blocks.of(reply.text).finished],
        notice=NOTICES.get(reply.notice, NOTICES[""]),
        ending=ENDINGS["cut"] if cut else _ending(reply),
        can_continue=cut or (reply.status in {"interrupted", "stopped"} and bool(reply.text)),
        can_retry=reply.status not in {Reply.Status.DONE, Reply.Status.STREAMING},
        limited_search=reply.limited_search,
        is_saved=reply.saved_at is not None,
        steered=reply.steered,
        lookups=reply.lookups,
        cards=[card_of(action) for action in reply.actions.all()],
        stopped_by=reply.stopped_by,
        sources=sources,
        follow_ups=reply.follow_ups,
        conversation_id=reply.conversation_id,
        verdict=feedback.verdict if feedback else "",
        comment=feedback.comment if feedback else "",
        variant=reply.variant,
        variants=siblings,
        suggestions=list(Starter.objects.all()[:3])
        if (is_done and not sources and not cut) or reply.stopped_by
        else (),
    )


def of_live(live: LiveReply) -> ShownReply:
    """From memory, as far as it is written at this moment."""
    return ShownReply(
        id=live.reply_id,
        status=Reply.Status.STREAMING,
        blocks=list(live.rendered),
        open=live.blocks.open,
        notice=NOTICES[live.notice],
        steered=live.steered,
        lookups=list(live.lookups),
    )


def reply(shown: ShownReply) -> str:
    """A reply that takes the place of the one with its id on the page."""
    return _render("chat/_reply.html", reply=shown, oob=True)


def stored(reply_row: Reply) -> str:
    """A reply as its row has it; one that has ended is announced."""
    html = reply(of_row(reply_row, list(reply_row.question.replies.all())))
    return html if reply_row.status == Reply.Status.STREAMING else html + announcement(reply_row)


def progress(live: LiveReply, blocks_shown: int) -> str:
    """What has come since `blocks_shown` blocks: the finished ones are added, the open one is replaced."""
    name = live.reply_id
    added = live.rendered[blocks_shown:]
    new = ""
    if added:
        new = format_html(
            '<div id="blocks-{}" hx-swap-oob="beforeend">{}</div>',
            name,
            mark_safe("".join(added)),  # noqa: S308
        )
    words, kind = (live.blocks.open, "open-block cursor") if live.blocks.text else (NOTICES[live.notice], "step")
    return new + format_html('<div id="open-{}" class="{}" hx-swap-oob="true">{}</div>', name, kind, words)


def notice(name: str) -> str:
    """What a screen reader says of a notice, where it is one that is said; else nothing."""
    return _announced(NOTICES[name]) if name in ANNOUNCED else ""


def exchanges(conversation: Conversation) -> list[dict[str, Any]]:
    """Questions with the last variant of their reply, in order."""
    beside = ("replies__sources__document", "replies__feedback", "replies__actions")
    questions = conversation.questions.prefetch_related(*beside)
    return [
        {"question": question, "reply": of_row(variants[-1], variants) if variants else None}
        for question in questions
        for variants in [list(question.replies.all())]
    ]


def transcript(conversation: Conversation, shown: list[dict[str, Any]]) -> str:
    """The whole list of messages, for a page that has missed something. `shown` are its `exchanges`."""
    return _render("chat/_messages.html", conversation=conversation, exchanges=shown, oob=True) + welcome_gone()


def opened(reply_row: Reply) -> str:
    """A question and its reply that has just begun, for the end of the list."""
    exchange = {"question": reply_row.question, "reply": of_row(reply_row, [reply_row])}
    return _render("chat/_exchange.html", exchange=exchange, append=True) + welcome_gone()


def welcome_gone() -> str:
    return '<section id="welcome" hx-swap-oob="true" hidden></section>'


def accepted(client_id: uuid.UUID, conversation_id: uuid.UUID) -> str:
    """Tells the page that a question is stored: it may empty the field and take the conversation's address."""
    return format_html(
        '<div id="accepted" hidden hx-swap-oob="true" data-client-id="{}" data-conversation="{}"></div>{}',
        client_id,
        conversation_id,
        error(None),
    )


def error(problem: Unwelcome | None) -> SafeString:
    """A sentence above the field, or nothing there."""
    return format_html(
        '<p id="form-error" role="alert" hx-swap-oob="true" data-code="{}">{}</p>',
        problem.code if problem else "",
        str(problem) if problem else "",
    )


def follow_ups(reply_row: Reply) -> str:
    """Questions to ask next, for their place below a reply that is on the page."""
    return _render("chat/_follow_ups.html", reply=reply_row, oob=True)


def history(viewer: Viewer, current: uuid.UUID) -> str:
    """The list of the viewer's conversations, for the side of the page."""
    conversations = Conversation.objects.visible_to(viewer).by_age()
    return _render("chat/_history.html", history=conversations, current=current, oob=True)


def announcement(reply_row: Reply) -> str:
    """What a screen reader says when a reply has ended: its text once, without its marks."""
    cards = (card_of(action) for action in reply_row.actions.all())
    waiting = " ".join(f"{card.title}? Press the button below the answer." for card in cards if card.can_be_clicked)
    words = " ".join([re.sub(r"\[\d+\]|[*_`#]", "", reply_row.text), _ending(reply_row), waiting])
    return _announced(words)


def _announced(words: str) -> str:
    return format_html('<p id="announcement" hx-swap-oob="innerHTML">{}</p>', words)


def _render(partial: str, **context: Any) -> str:
    """A partial without a request: what the page's context processors would add is added here.

    Forms need no token of their own: with the socket comes htmx, which sends the page's token as a header.
    """
    return render_to_string(partial, context | {"contact_url": settings.CONTACT_URL})


def _ending(reply_row: Reply) -> str:
    if reply_row.status == Reply.Status.FAILED:
        return FAILURES.get(reply_row.failure_code, FAILURES["internal"])
    if reply_row.stopped_by:
        return ""  # the guardrail's own words are the reply
    return ENDINGS.get(reply_row.status, "")
