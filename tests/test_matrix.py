"""Every door with every kind of viewer: another's object answers like one that does not exist.

A route or a kind of frame that is not declared here fails the build (A19), so that nobody can forget to think about it.
"""

from __future__ import annotations

import asyncio
import json
import typing
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_django
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from app.models import User
from chat import frames, visitors
from chat.models import (
    Action,
    AssistantVersion,
    Conversation,
    Feedback,
    Finding,
    Publication,
    Question,
    Reply,
    Route,
    SavedAnswer,
    Source,
)
from chat.versions import states as versions
from evals.cases import Case
from evals.datasets.sets import keep
from evals.models import (
    Dataset,
    QuestionOrder,
    Result,
    Review,
    Run,
    TrainingJob,
    TrainingQuestion,
    TrainingSet,
    TunedModel,
)
from knowledge.access import Audience, Viewer
from knowledge.models import Chunk, Collection, Document
from tests.factories import CLOSING, article
from tests.people import person

pytestmark = pytest.mark.django_db

PUBLIC, OWNED, AGENTS, MANAGERS, RECORDS = "public", "owned", "agents", "managers", "records"
ASSISTANT_MANAGERS = "assistant managers"
# route → who may open it. OWNED: the customer or visitor whose object it is, and nobody else, staff included.
ROUTES = {
    "conversation": OWNED,
    "ask": OWNED,
    "reply": OWNED,
    "again": OWNED,
    "give_feedback": OWNED,
    "source": OWNED,
    "confirm_action": OWNED,
    "decline_action": OWNED,
    "how_answered": OWNED,
    "feedback": AGENTS,
    "feedback_detail": AGENTS,
    "receipt": AGENTS,
    "replay": AGENTS,
    "findings": AGENTS,
    "mark_finding": AGENTS,
    "documents": MANAGERS,
    "upload_documents": MANAGERS,
    "collections": MANAGERS,
    "collection": MANAGERS,
    "chunk": MANAGERS,
    "document": MANAGERS,
    "document_row": MANAGERS,
    "replace_document": MANAGERS,
    "remove_document": MANAGERS,
    "restore_document": MANAGERS,
    "download_version": MANAGERS,
    "retry_version": MANAGERS,
    "versions": ASSISTANT_MANAGERS,
    "version": ASSISTANT_MANAGERS,
    "draft_version": ASSISTANT_MANAGERS,
    "draft_from_code": ASSISTANT_MANAGERS,
    "edit_version": ASSISTANT_MANAGERS,
    "discard_version": ASSISTANT_MANAGERS,
    "diff_version": ASSISTANT_MANAGERS,
    "export_version": ASSISTANT_MANAGERS,
    "try_version": ASSISTANT_MANAGERS,
    "publish_version": ASSISTANT_MANAGERS,
    "saved_answers": ASSISTANT_MANAGERS,
    "saved_answer": ASSISTANT_MANAGERS,
    "settle_saved_answer": ASSISTANT_MANAGERS,
    "evals": AGENTS,
    "run": AGENTS,
    "export_run": AGENTS,
    "case": AGENTS,
    "result": AGENTS,
    "annotate_result": AGENTS,
    "correct_expert": ASSISTANT_MANAGERS,
    "result_as_example": ASSISTANT_MANAGERS,
    "new_run": ASSISTANT_MANAGERS,
    "run_progress": AGENTS,
    "steer_run": ASSISTANT_MANAGERS,
    "compare_runs": AGENTS,
    "export_comparison": AGENTS,
    "judge_pairs": ASSISTANT_MANAGERS,
    "gate": ASSISTANT_MANAGERS,
    "run_gate": ASSISTANT_MANAGERS,
    "datasets": AGENTS,
    "dataset": AGENTS,
    "export_dataset": AGENTS,
    "case_from_reply": AGENTS,
    "correct_reply": AGENTS,
    "new_dataset": ASSISTANT_MANAGERS,
    "edit_dataset": ASSISTANT_MANAGERS,
    "freeze_dataset": ASSISTANT_MANAGERS,
    "import_cases": ASSISTANT_MANAGERS,
    "generate_cases": ASSISTANT_MANAGERS,
    "new_case": ASSISTANT_MANAGERS,
    "edit_case": ASSISTANT_MANAGERS,
    "settle_case": ASSISTANT_MANAGERS,
    "settle_cases": ASSISTANT_MANAGERS,
    "review": AGENTS,
    "review_item": AGENTS,
    "send_to_review": AGENTS,
    "judges": AGENTS,
    "judge": AGENTS,
    "probe_judge": ASSISTANT_MANAGERS,
    "online": AGENTS,
    "model_choice": ASSISTANT_MANAGERS,
    "route": ASSISTANT_MANAGERS,
    "settle_route": ASSISTANT_MANAGERS,
    "draft_model_choice": ASSISTANT_MANAGERS,
    "export_routes": ASSISTANT_MANAGERS,
    "training": ASSISTANT_MANAGERS,
    "new_training_set": ASSISTANT_MANAGERS,
    "training_set": ASSISTANT_MANAGERS,
    "export_training_set": ASSISTANT_MANAGERS,
    "training_questions": ASSISTANT_MANAGERS,
    "write_training_questions": ASSISTANT_MANAGERS,
    "settle_training_question": ASSISTANT_MANAGERS,
    "new_training_job": ASSISTANT_MANAGERS,
    "training_job": ASSISTANT_MANAGERS,
    "cancel_training_job": ASSISTANT_MANAGERS,
    "new_tuned_model": ASSISTANT_MANAGERS,
    "tuned_model": ASSISTANT_MANAGERS,
    "settle_tuned_model": ASSISTANT_MANAGERS,
    "health": PUBLIC,
}
VERSION_ROUTES = {
    name
    for name, who in ROUTES.items()
    if who == ASSISTANT_MANAGERS and (name.endswith("version") or name in {"gate", "run_gate"})
}
SET_ROUTES = {
    "dataset", "export_dataset", "edit_dataset", "freeze_dataset", "import_cases", "generate_cases", "new_case",
    "settle_cases",
}  # fmt: skip
RESULT_ROUTES = {"result", "annotate_result", "correct_expert", "result_as_example"}
POSTS = {"ask", "again", "give_feedback", "upload_documents", "replace_document", "remove_document", "restore_document"}
POSTS |= {"replay", "mark_finding"}
POSTS |= {"retry_version", "confirm_action", "decline_action"}
POSTS |= {"draft_version", "draft_from_code", "discard_version"}
POSTS |= {"settle_saved_answer"}
POSTS |= {"judge_pairs", "run_gate", "steer_run"}
POSTS |= {"freeze_dataset", "settle_case", "settle_cases"}
POSTS |= {"send_to_review", "probe_judge"}
POSTS |= {"settle_route", "draft_model_choice"}
POSTS |= {"write_training_questions", "settle_training_question", "cancel_training_job", "settle_tuned_model"}
POSTS |= {"annotate_result", "correct_expert", "result_as_example"}
ALLAUTH = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_email",
    "account_email_verification_sent",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_confirm_login_code",
    "account_confirm_email",
    "account_reset_password_from_key_done",
    "account_reset_password_from_key",
    "account_reset_password_done",
}
DOCUMENT_ROUTES = {"document", "document_row", "replace_document", "remove_document", "restore_document"}
FRAMES = {"ask", "again", "continue", "stop", "resume"}


@dataclass
class World:
    """A customer's conversation and a staff-only document, and everybody who may try to reach them."""

    owner: Client
    others: dict[str, Client]
    ids: dict[str, dict[str, object]]
    body: dict[str, dict[str, object]]


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[World]:
    """Stored once, for the server to see too; what a test itself changes in it is rolled back."""
    with django_db_blocker.unblock():
        yield build()
        for model in (
            TrainingJob,
            TunedModel,
            TrainingSet,
            TrainingQuestion,
            QuestionOrder,
            Run,
            Dataset,
            SavedAnswer,
            Route,
            Conversation,
            Document,
            Collection,
            Publication,
            AssistantVersion,
            User,
        ):
            model.objects.all().delete()


def build() -> World:
    customer = person("customer", username="ann")
    document = article("Staff rules", CLOSING, audience=Audience.STAFF, is_embedded=False)
    chunk = Chunk.objects.get()
    conversation = Conversation.objects.create(customer=customer, title="Mine", changes=2)
    question = Question.objects.create(conversation=conversation, client_id=uuid.uuid4(), text="How?", number=1)
    reply = Reply.objects.create(conversation=conversation, question=question, status="done", text="So. [1]")
    source = Source.objects.create(
        reply=reply, number=1, chunk=chunk, document=document, title="T", version_number=1, text=CLOSING
    )
    Feedback.objects.create(reply=reply, verdict="up")
    action = Action.objects.create(reply=reply, tool="open_ticket", arguments={})
    finding = Finding.objects.create(reply=reply, guardrail="topic", reads="question", action="refuse")
    draft = versions.make_draft(versions.live_version().assistant, based_on=None)
    later = timezone.now() + timedelta(days=1)
    saved = SavedAnswer.objects.create(question="How?", text="So.", state="served", refresh_at=later, expires_at=later)
    one_set = Dataset.objects.create(slug="support", title="Support")
    case = keep(one_set, Case(id="late-fee", question="What is the late fee?"))
    kept = {"question": "How?", "text": "So.", "answer": {"text": "So."}}
    answered = Result.objects.create(run=Run.objects.create(label="Somebody"), **kept)
    review = Review.objects.create(result=answered, grader="tone")
    route = Route.objects.create(reply=reply.pk, assistant="x", question="How?", ease=0.5, first="strong")
    taught = TrainingSet.objects.create(kind="answers", name="First", state="ready", card={})
    job = TrainingJob.objects.create(training_set=taught, base="small")
    tuned = TunedModel.objects.create(name="ft:small", training_set=taught)
    order = QuestionOrder.objects.create(source="document", title="Fees", plan=[])
    to_learn = TrainingQuestion.objects.create(question="How?", source="document")
    version = {"document_id": document.pk, "number": 1}
    ids: dict[str, dict[str, object]] = {
        "conversation": {"conversation_id": conversation.pk},
        "reply": {"reply_id": reply.pk},
        "again": {"reply_id": reply.pk},
        "give_feedback": {"reply_id": reply.pk},
        "confirm_action": {"action_id": action.pk},
        "decline_action": {"action_id": action.pk},
        "source": {"source_id": source.pk},
        "feedback_detail": {"reply_id": reply.pk},
        "how_answered": {"reply_id": reply.pk},
        "receipt": {"reply_id": reply.pk},
        "replay": {"reply_id": reply.pk},
        "mark_finding": {"finding_id": finding.pk},
        "collection": {"collection_id": document.collection_id},
        "chunk": {"chunk_id": chunk.pk},
        **{
            name: {"document_id": document.pk} for name in ROUTES if name.endswith("document") or name == "document_row"
        },
        **{name: {"number": draft.number} for name in VERSION_ROUTES},
        **{name: {"answer_id": saved.pk} for name in ("saved_answer", "settle_saved_answer")},
        **{name: {"route_id": route.pk} for name in ("route", "settle_route")},
        **{name: {"set_id": taught.pk} for name in ("training_set", "new_training_job")},
        "export_training_set": {"set_id": taught.pk, "part": "card"},
        "settle_training_question": {"question_id": to_learn.pk},
        **{name: {"job_id": job.pk} for name in ("training_job", "cancel_training_job")},
        **{name: {"model_id": tuned.pk} for name in ("tuned_model", "settle_tuned_model")},
        "download_version": version,
        "retry_version": version,
        "run": {"run_id": answered.run_id},
        "export_run": {"run_id": answered.run_id},
        "case": {"case_id": case.pk},
        **{name: {"result_id": answered.pk} for name in RESULT_ROUTES},
        "run_progress": {"run_id": answered.run_id},
        "steer_run": {"run_id": answered.run_id},
        "review_item": {"review_id": review.pk},
        "judge": {"name": "tone"},
        "probe_judge": {"name": "tone"},
        "case_from_reply": {"reply_id": reply.pk},
        "correct_reply": {"reply_id": reply.pk},
        **{name: {"slug": one_set.slug} for name in SET_ROUTES},
        "edit_case": {"case_id": case.pk},
        "settle_case": {"case_id": case.pk},
    }
    viewer = Viewer.of(customer)
    body: dict[str, dict[str, object]] = {
        "ask": {
            "conversation": conversation.pk,
            "ticket": visitors.ticket_for(viewer, conversation.pk),
            "client_id": uuid.uuid4(),
            "text": "",
        },
        "again": {"type": "again"},
        "give_feedback": {"verdict": "down"},
        "mark_finding": {"mark": "wrong"},
        "settle_case": {"do": "remove"},
        "settle_cases": {"do": "approve"},
        "settle_saved_answer": {"do": "pin"},
        "settle_route": {"word": "tie"},
        "write_training_questions": {"do": "stop", "order": order.pk},
        "settle_training_question": {"do": "approve"},
        "settle_tuned_model": {"do": "retire"},
        "draft_model_choice": {"threshold": "0.6"},
        "annotate_result": {"grader": "tone", "word": "fitting"},
        "result_as_example": {"answer": ""},
        "steer_run": {"do": "stop"},
        "send_to_review": {"rubric": "tone", "which": "disliked"},
        "probe_judge": {"kind": "repeats"},
    }
    others = {
        "a visitor": Client(),
        "another customer": signed_in(person("customer", username="bob")),
        "an agent": signed_in(person("agent")),
        "an admin": signed_in(person("admin")),
    }
    return World(signed_in(customer), others, ids, body)


def test_a19_every_route_is_declared_here():
    found = set(names(get_resolver().url_patterns))
    assert {name for name in found if not name.startswith("admin:")} == set(ROUTES) | ALLAUTH


def test_every_kind_of_frame_is_declared_here():
    kinds = {
        value
        for frame in typing.get_args(typing.get_args(frames.AnyFrame)[0])
        for value in typing.get_args(frame.model_fields["type"].annotation)
    }
    assert kinds == FRAMES


def open_route(client: Client, name: str, world: World, *, missing: bool = False) -> HttpResponse:
    ids = world.ids.get(name, {})
    if missing:
        ids = {key: uuid.uuid4() if isinstance(value, uuid.UUID) else 987_654 for key, value in ids.items()}
    path = reverse(name, kwargs=ids)
    if name in POSTS:
        return typing.cast(HttpResponse, client.post(path, world.body.get(name, {})))
    return typing.cast(HttpResponse, client.get(path))


@pytest.mark.parametrize("name", [name for name, who in ROUTES.items() if who == OWNED])
def test_a01_a03_a12_what_a_customer_owns_is_not_there_for_anyone_else(world: World, name: str):
    for who, client in world.others.items():
        assert open_route(client, name, world).status_code == 404, who
        if name in world.ids:
            assert open_route(client, name, world, missing=True).status_code == 404, who
    assert Reply.objects.count() == 1
    assert Feedback.objects.get().verdict == "up"
    assert Action.objects.get().state == "pending"


@pytest.mark.parametrize("name", [name for name, who in ROUTES.items() if who == OWNED and name != "again"])
def test_what_a_customer_owns_is_there_for_its_owner(world: World, name: str):
    assert open_route(world.owner, name, world).status_code in ({400} if name == "ask" else {200, 302})
    assert Feedback.objects.get().verdict == ("down" if name == "give_feedback" else "up")


@pytest.mark.parametrize(
    "name", [name for name, who in ROUTES.items() if who in {AGENTS, MANAGERS, ASSISTANT_MANAGERS}]
)
def test_staff_pages_are_not_there_without_the_right(world: World, name: str):
    allowed = {"an admin"} | ({"an agent"} if ROUTES[name] == AGENTS else set())
    for who, client in (world.others | {"a customer": world.owner}).items():
        answer = open_route(client, name, world)
        if who == "a visitor":
            assert answer.status_code == 302, who
            assert answer["Location"].startswith(reverse("account_login")), who
        elif who not in allowed:
            assert answer.status_code == 404, who
            assert open_route(client, name, world, missing=True).status_code == 404, who
    for who in allowed:
        assert open_route(world.others[who], name, world).status_code in {200, 302, 404}
        if name in world.ids:
            assert open_route(world.others[who], name, world, missing=True).status_code == 404, who


def test_the_records_are_for_those_who_may_see_them(world: World):
    for who, client in world.others.items():
        assert client.get(reverse("admin:index")).status_code == (200 if who == "an admin" else 302), who


@pytest.mark.parametrize("name", sorted(name for name, who in ROUTES.items() if who in {MANAGERS, ASSISTANT_MANAGERS}))
def test_a04_a06_a69_every_verb_of_a_managers_page_needs_the_same_right(world: World, name: str):
    path = reverse(name, kwargs=world.ids.get(name, {}))
    for verb in ("get", "post", "put", "patch", "delete"):
        for who in ("another customer", "an agent"):
            assert getattr(world.others[who], verb)(path).status_code in {404, 405}, (who, verb)
    assert Chunk.objects.count() == 1
    assert AssistantVersion.objects.filter(state="draft").count() == 1


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_a02_a03_a_frame_reaches_nothing_of_another(world: World, kind: str, server: str):
    """Another customer's own socket, sending every kind of frame with this customer's ids."""
    from tests.chat.browserless import Visitor

    reply = Reply.objects.get()
    sent = {
        "ask": {"type": "ask", "client_id": reply.question.client_id, "text": ""},
        "again": {"type": "again", "reply": reply.pk},
        "continue": {"type": "continue", "reply": reply.pk},
        "stop": {"type": "stop"},
        "resume": {"type": "resume", "changes": 0},
    }[kind]

    async def send() -> list[str]:
        stranger = Visitor(server)
        await stranger.load()
        async with stranger.socket() as socket:
            await socket.connection.send(json.dumps(sent, default=str))
            await socket.connection.send("last")  # answered with an error, after all that went before
            async with asyncio.timeout(10):
                while True:
                    socket.frames.append(str(await socket.connection.recv()))
                    if "bad_frame" in socket.frames[-1]:
                        return socket.frames

    before = Reply.objects.values().get()
    heard = "".join(asyncio.run(send()))
    assert "So." not in heard
    assert str(reply.pk) not in heard
    assert Reply.objects.values().get() == before
