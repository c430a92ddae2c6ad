"""Vectors are kept by their model, made again when it changes, and never mixed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import DataError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from knowledge.embeddings import complete, create_index, current_model, embed_chunks, index_of, register
from knowledge.models import Chunk, Embedding, EmbeddingModel
from knowledge.reembedding import LEASE, drop_superseded, reembed, reembedding_progress
from tests.knowledge.shelves import shelve
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_MODEL = "fault-obeys"  # the stand-in embeds under this name too


def indexes() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname LIKE 'embedding_hnsw_%%'"
        )
        return dict(cursor.fetchall())


def test_chunks_get_vectors_of_length_one_in_an_index_of_their_model():
    shelve("You can close your account.", "Fees are due.")
    model = current_model()
    vectors = [np.array(row.vector) for row in Embedding.objects.all()]
    assert [(vector.shape, round(float(np.linalg.norm(vector)), 2)) for vector in vectors] == [((384,), 1.0)] * 2
    assert model
    assert model.completed_at
    assert indexes()[index_of(model)] is True


def test_embedding_goes_on_where_it_was_broken_off():
    document = shelve("One.", "Two.", "Three.", embedded=False)
    chunks = list(Chunk.objects.filter(version__document=document))
    assert embed_chunks(chunks[:1]) == 1
    assert embed_chunks(chunks) == 2
    assert embed_chunks(chunks) == 0
    assert Embedding.objects.count() == 3


def test_f17_a_new_model_embeds_everything_again_and_then_takes_over(settings):
    shelve("One.")
    shelve("Two.", "Three.")
    old = current_model()
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    assert reembedding_progress() == (0, 3)
    assert reembed()
    new = current_model()
    assert old
    assert new
    assert new.completed_at
    assert reembedding_progress() is None
    old.refresh_from_db()
    assert (old.completed_at, bool(old.superseded_at)) == (None, True)
    assert Embedding.objects.filter(model=new).count() == 3


def test_reembedding_stops_in_time_and_goes_on(settings, monkeypatch):
    shelve("One.")
    shelve("Two.", "Three.")
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    monkeypatch.setattr("knowledge.reembedding.BATCH", 1)
    assert not reembed(seconds=-1)
    assert reembedding_progress() == (0, 3)
    embed_chunks(list(Chunk.objects.all()[:1]))
    assert reembedding_progress() == (1, 3)
    assert reembed()


def test_one_round_of_reembedding_at_a_time(settings):
    from django.core.cache import cache

    shelve("One.")
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    cache.add(LEASE, True, 60)
    try:
        assert not reembed()
    finally:
        cache.delete(LEASE)
    assert reembed()


def test_reembedding_waits_for_a_model_that_does_not_answer(settings):
    shelve("One.")
    settings.LLM_EMBEDDING_MODEL = "fault-401"
    assert not reembed()
    assert reembedding_progress() == (0, 1)


def test_the_model_that_was_there_before_comes_back(settings):
    first = settings.LLM_EMBEDDING_MODEL
    shelve("One.")
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    reembed()
    shelve("Two.")
    settings.LLM_EMBEDDING_MODEL = first
    assert reembedding_progress() == (1, 2)
    assert reembed()
    assert reembedding_progress() is None


def test_superseded_vectors_go_after_the_days_of_grace(settings):
    shelve("One.")
    old = current_model()
    assert old
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    reembed()
    drop_superseded()
    assert Embedding.objects.count() == 2
    EmbeddingModel.objects.filter(pk=old.pk).update(superseded_at=timezone.now() - timedelta(days=8))
    drop_superseded()
    assert [row.model.name for row in Embedding.objects.all()] == [OTHER_MODEL]
    assert index_of(old) not in indexes()


def test_f17_longer_vectors_under_the_old_name_are_another_model():
    shelve("One.")
    name = "all-MiniLM-L6-v2"
    EmbeddingModel.objects.update(dimensions=8, completed_at=None)
    assert reembed()
    new = current_model()
    assert new
    assert (new.name, new.dimensions, bool(new.completed_at)) == (name, 384, True)
    assert EmbeddingModel.objects.get(dimensions=8).name == f"{name} of 8 numbers"


def test_a_library_without_vectors_is_not_complete():
    shelve("One.", embedded=False)
    assert not complete(register("all-MiniLM-L6-v2", 384))


def test_an_index_whose_build_was_cut_short_is_built_again():
    shelve("One.")
    model = current_model()
    assert model
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [index_of(model)])
    create_index(model)
    assert indexes()[index_of(model)] is True


def test_inside_a_transaction_the_index_is_left_for_later():
    with transaction.atomic():
        model = register("all-MiniLM-L6-v2", 384)
    assert index_of(model) not in indexes()
    create_index(model)
    assert indexes()[index_of(model)] is True


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_f60_what_is_no_number_is_not_stored(number: float):
    shelve("One.")
    with pytest.raises(DataError):
        Embedding.objects.update(vector=[number] * 384)


def test_staff_see_how_far_the_new_model_has_come(settings, client):
    shelve("One.", "Two.")
    client.force_login(person("admin"))
    assert "The embedding model has changed" not in client.get(reverse("documents")).content.decode()
    settings.LLM_EMBEDDING_MODEL = OTHER_MODEL
    assert "The embedding model has changed: 0 of 2 passages" in client.get(reverse("documents")).content.decode()
