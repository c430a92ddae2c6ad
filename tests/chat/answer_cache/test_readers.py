"""Whatever happens to documents and readers: nobody gets a saved answer that rests on what he may not read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chat.answer_cache import learning
from chat.answer_cache.look_up import look_up
from chat.answer_cache.scope import scope_of
from chat.assistant import SavedAnswers
from chat.context import Turn
from chat.models import SavedAnswer
from chat.versions.states import live_version as live
from knowledge.access import Audience, Viewer
from knowledge.models import Chunk, Collection, Document
from knowledge.search import Found, Meaning, Passage
from tests.chat.answer_cache.conftest import embedding_model, observe, prepared
from tests.chat.turns import live_version
from tests.factories import article

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION, PARAPHRASE = "How do I close my online account?", "How can I close the online account?"
VISITOR = Viewer(visitor="v1")
CUSTOMER = Viewer(user_id=1, audiences=frozenset({Audience.PUBLIC, Audience.CUSTOMERS}))
STAFF = Viewer(user_id=2, audiences=frozenset(Audience), is_staff=True)
viewers = st.sampled_from([VISITOR, CUSTOMER, STAFF])
audiences = st.sampled_from(list(Audience))
shelves = st.lists(st.integers(0, 2), min_size=3, max_size=3)  # in which of three collections three documents lie


@dataclass(frozen=True)
class Story:
    """Three documents on three shelves; somebody was answered from some of them; then things changed."""

    audiences: list[Audience]
    before: list[int]
    author: Viewer
    cited: list[int]
    later_audiences: list[Audience]
    after: list[int]
    removed: list[int]
    deleted: list[int]
    reader: Viewer
    asked: str


three = st.lists(audiences, min_size=3, max_size=3)
some = st.lists(st.integers(0, 2), unique=True, max_size=1)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Half of the times each thing stays as it was, so that many are served."""
    said, before = draw(three), draw(shelves)
    return Story(
        said,
        before,
        draw(viewers),
        draw(st.lists(st.integers(0, 2), unique=True, min_size=1)),
        draw(st.just(said) | three),
        draw(st.just(before) | shelves),
        draw(st.just([]) | some),
        draw(st.just([]) | some),
        draw(viewers),
        draw(st.sampled_from([QUESTION, PARAPHRASE])),
    )


@pytest.fixture
def learned(settings) -> None:
    settings.CHAT_SAVED_WAIT_SECONDS = 0  # nobody else is answering
    settings.CHAT_SAVED_SECONDS = 60
    live_version(saved_answers=SavedAnswers(when="alike", errors=0.1))
    observe(400, 60)
    learning.forget()
    assert learning.learn_all() == 1


def test_a50_no_viewer_gets_an_answer_that_rests_on_a_passage_he_may_not_read(learned):
    served = []

    @examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(stories())
    def whatever_happens(story: Story) -> None:
        served.append(_told(story))

    whatever_happens()
    assert sum(served) >= 5  # it is about answers that are served


def _told(story: Story) -> bool:
    """Play it. Whether the reader got the saved answer; asserts that then he may read all that it rests on."""
    named = uuid.uuid4().hex[:8]
    shelf = [Collection.objects.create(name=f"{named} {n}", audience=one) for n, one in enumerate(story.audiences)]
    documents = [_document(f"{named} {n}", shelf[where]) for n, where in enumerate(story.before)]
    try:
        cited = [documents[n] for n in story.cited if shelf[story.before[n]].audience in story.author.audiences]
        chunks = [Chunk.objects.get(version__document=document) for document in cited]
        if not chunks:
            return False
        scope = scope_of(Turn(QUESTION, story.author, live()), QUESTION)
        text = "".join(f"Open it. [{number}] " for number, _ in enumerate(chunks, start=1)).strip()
        prepared(QUESTION, chunks, text=text, scope=scope)
        _change(story, shelf, documents)
        turn = Turn(story.asked, story.reader, live())
        hit = async_to_sync(look_up)(turn, _found(story.reader))
        if hit:
            readable = set(_readable(story.reader).values_list("version__document_id", flat=True))
            assert {document.pk for document in cited} <= readable
            assert {passage.chunk_id for passage in hit.sources} == {chunk.pk for chunk in chunks}
        return hit is not None
    finally:
        SavedAnswer.objects.all().delete()
        Document.objects.all().delete()
        Collection.objects.all().delete()


def _document(title: str, collection: Collection) -> Document:
    document = article(title, "Open Settings and choose Close account.", is_embedded=False)
    made, document.collection = document.collection, collection
    document.save(update_fields=["collection"])
    if not made.documents.exists():
        made.delete()
    return document


def _change(story: Story, shelf: list[Collection], documents: list[Document]) -> None:
    for collection, audience in zip(shelf, story.later_audiences, strict=True):
        Collection.objects.filter(pk=collection.pk).update(audience=audience)
    for document, where in zip(documents, story.after, strict=True):
        Document.objects.filter(pk=document.pk).update(collection=shelf[where])
    for number in story.removed:
        Document.objects.filter(pk=documents[number].pk).update(removed_at=timezone.now())
    for number in story.deleted:
        Document.objects.filter(pk=documents[number].pk).delete()


def _readable(viewer: Viewer) -> QuerySet[Chunk]:
    """What a search may find for the viewer, told without the product's own conditions."""
    names = [audience.value for audience in viewer.audiences]
    return Chunk.objects.filter(version__document__removed_at=None, version__document__collection__audience__in=names)


def _found(viewer: Viewer) -> Found:
    model = embedding_model()
    vector = f"[{','.join(['1', *['0'] * (model.dimensions - 1)])}]"
    passages = tuple(
        Passage(chunk.pk, chunk.version.document_id, 1, "T", "", None, chunk.text, 0.9)
        for chunk in _readable(viewer).select_related("version").order_by("pk")
    )
    return Found(passages, "", Meaning(model, vector, 0.5))
