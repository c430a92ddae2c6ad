"""What search finds, for whom, and what it does without vectors."""

from __future__ import annotations

import json
import uuid
from math import isfinite

import numpy as np
import pytest
from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pgvector import HalfVector

from knowledge import search as search_module
from knowledge.access import Audience, Viewer
from knowledge.embeddings import embed_chunks, register
from knowledge.models import Chunk, Collection, Document, Embedding, EmbeddingModel
from knowledge.reembedding import reembed
from knowledge.search import Found, Passage, search
from tests.knowledge.shelves import CUSTOMER, STAFF, VISITOR, add_version, shelve

pytestmark = pytest.mark.django_db(transaction=True)

CLOSING = "You can close your account in the settings, under Privacy."
FEES = "A late fee of 35 dollars is charged after the fifteenth of the month."
RATES = "The rate of a thirty year mortgage is 6.25% today."


def find(question: str, viewer: Viewer = VISITOR, top_k: int | None = None) -> Found:
    return async_to_sync(search)(question, viewer=viewer, top_k=top_k)


def titles(found: Found) -> list[str]:
    return [passage.title for passage in found.passages]


def test_the_passage_that_answers_comes_first():
    shelve(CLOSING, title="Closing an account")
    shelve(FEES, title="Fees")
    shelve(RATES, title="Rates")
    assert titles(find("How do I close my account?"))[0] == "Closing an account"
    assert titles(find("what do I owe when I pay too late"))[0] == "Fees"
    assert titles(find("6.25"))[0] == "Rates"


def test_a_question_in_other_words_is_understood_by_its_meaning():
    shelve("Password reset: choose Forgot password on the sign-in page.", title="Password")
    shelve(FEES, title="Fees")
    assert titles(find("I cannot log in any more"))[0] == "Password"


def test_a_passage_says_where_it_stands():
    document = shelve(CLOSING, title="Accounts", heading="Accounts › Closing")
    Chunk.objects.update(page=3)
    (passage,) = find("close account").passages
    assert (passage.document_id, passage.version_number, passage.text) == (document.pk, 1, CLOSING)
    assert passage.place == "Accounts › Closing · page 3"
    assert 0 < passage.score <= 1


def test_a_place_without_page_or_heading():
    passage = Passage(1, uuid.uuid4(), 1, "Title", "Heading", None, "", 0.5)
    assert passage.place == "Heading"


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(audiences=st.lists(st.sampled_from(list(Audience)), min_size=1, max_size=4), by_index=st.booleans())
def test_nobody_finds_what_they_may_not_read(audiences: list[Audience], by_index: bool):
    Collection.objects.all().delete() if not Document.objects.exists() else Document.objects.all().delete()
    for number, audience in enumerate(audiences):
        shelve(f"The secret word of shelf {number} is swordfish.", audience=audience.value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "EXACT_BELOW", 0 if by_index else 20_000)
        for viewer in (VISITOR, CUSTOMER, STAFF):
            found = find("What is the secret word, swordfish?", viewer, top_k=50)
            readable = set(Document.objects.visible_to(viewer).values_list("pk", flat=True))
            assert {passage.document_id for passage in found.passages} == readable


def test_what_others_may_read_does_not_change_a_score():
    shelve(FEES, title="Fees")
    alone = find("late fee").passages
    for number in range(3):
        shelve(f"Late fee of 3{number} dollars, late as a fee can be.", audience="staff")
    assert find("late fee").passages == alone


def test_f54_a_removed_document_is_not_found_any_more():
    document = shelve(CLOSING, title="Closing")
    shelve(FEES, title="Fees")
    assert titles(find("close account"))[0] == "Closing"
    Document.objects.filter(pk=document.pk).update(removed_at=timezone.now())
    assert titles(find("close account")) == ["Fees"]


def test_only_the_live_version_is_found():
    document = shelve("The old fee was 20 dollars.", title="Fees")
    add_version(document, ["The fee will be 50 dollars."], live=False)
    assert [passage.text for passage in find("fee dollars").passages] == ["The old fee was 20 dollars."]
    add_version(document, [FEES])
    assert [(passage.text, passage.version_number) for passage in find("fee dollars").passages] == [(FEES, 3)]


def test_a_document_cannot_crowd_out_the_others():
    shelve(*[f"Closing an account, part {n}: close the account." for n in range(8)], title="Long")
    shelve(CLOSING, title="Short")
    shelve(FEES, title="Fees")
    found = find("close account", top_k=4)
    assert sorted(titles(found)) == ["Fees", "Long", "Long", "Short"]
    assert [p.score for p in found.passages] == sorted((p.score for p in found.passages), reverse=True)


def test_where_few_documents_match_one_may_fill_the_list():
    shelve(*[f"Closing an account, part {n}." for n in range(5)], title="Long")
    assert titles(find("close account", top_k=4)) == ["Long"] * 4


def test_a_text_that_stands_in_two_documents_is_given_once():
    shelve(CLOSING, title="One")
    shelve(CLOSING, title="Two")
    assert len(find("close account").passages) == 1


def test_an_empty_library_finds_nothing_and_asks_nobody(settings):
    settings.LLM_EMBEDDING_MODEL = "fault-never-answers"
    assert find("anything") == Found(())


@pytest.mark.parametrize(
    "question",
    [
        "'; DROP TABLE knowledge_chunk; --",
        "%s %(words)s {model} {{",
        "a\\'b & | ! :* <->",
        "…",
        "\x00 \ud800 nul",
        "🙂",
        "' OR 1=1",
    ],
)
def test_the_text_of_a_question_is_only_text(question: str):
    shelve(CLOSING)
    assert len(find(question).passages) <= 1
    assert Chunk.objects.count() == 1


def test_a_question_of_four_thousand_characters_is_searched():
    shelve(FEES, title="Fees")
    shelve(CLOSING, title="Closing")
    assert titles(find("hello there, " * 300 + "what about the late fee?"))[0] == "Fees"


def test_a_chinese_question_finds_its_passage_by_words():
    shelve("您可以在设置中关闭账户。", title="关闭", language="zh")
    shelve("每月十五日之后收取滞纳金。", title="费用", language="zh")
    shelve(FEES, title="Fees")
    assert titles(find("如何关闭我的账户？"))[0] == "关闭"
    assert titles(find("滞纳金什么时候收取"))[0] == "费用"


def test_accents_may_be_left_out():
    shelve("Puede solicitar la cancelación de la cuenta.", title="Cancelación", language="es")
    shelve("La comisión por pago tardío es de 35 dólares.", title="Comisión", language="es")
    shelve(FEES, title="Fees")
    assert titles(find("como cancelo la cuenta"))[0] == "Cancelación"
    assert titles(find("comision por pago tardio"))[0] == "Comisión"


def test_f16_without_the_embedding_service_words_are_searched(settings):
    shelve(CLOSING, title="Closing")
    shelve(FEES, title="Fees")
    settings.LLM_EMBEDDING_MODEL = "fault-500"
    settings.LLM_RETRIES = 0
    EmbeddingModel.objects.update(name="fault-500")
    found = find("close account")
    assert (titles(found), found.limited) == (["Closing"], "embedding_unavailable")


def test_f17_while_documents_are_embedded_anew_words_are_searched(settings):
    shelve(CLOSING, title="Closing")
    shelve(FEES, title="Fees")
    settings.LLM_EMBEDDING_MODEL = "fault-obeys"
    assert (titles(find("close account")), find("close account").limited) == (["Closing"], "reembedding")
    embed_chunks(list(Chunk.objects.all()[:1]))
    assert find("close account").limited == "reembedding"
    assert reembed()
    assert find("close account").limited == ""
    assert len(find("close account").passages) == 2


def test_vectors_of_two_models_are_never_mixed(settings):
    shelve(CLOSING, title="Closing")
    shelve(FEES, title="Fees")
    before = find("how to leave you").passages
    settings.LLM_EMBEDDING_MODEL = "fault-obeys"
    reembed()
    for row in Embedding.objects.filter(model__name="all-MiniLM-L6-v2"):
        row.vector = [-number for number in row.vector]
        row.save()
    assert find("how to leave you").passages == before


def test_f17_a_vector_of_another_length_is_refused():
    shelve(CLOSING, title="Closing")
    EmbeddingModel.objects.update(dimensions=8)
    assert find("close account").limited == "reembedding"
    assert EmbeddingModel.objects.get().completed_at is None
    assert reembed()
    assert find("close account").limited == ""


def test_f60_a_vector_of_zeros_neither_leads_nor_breaks_the_list():
    shelve(CLOSING, title="Closing")
    shelve(FEES, title="Fees")
    Embedding.objects.filter(chunk__text=FEES).update(vector=[0.0] * 384)
    found = find("how to leave you")
    assert titles(found)[0] == "Closing"
    assert all(isfinite(passage.score) for passage in found.passages)


def test_a_chunk_without_vector_is_found_by_its_words():
    shelve(CLOSING, title="Closing")
    document = shelve("Escrow is reviewed in May.", title="Escrow", embedded=False)
    EmbeddingModel.objects.update(completed_at=timezone.now())
    assert find("when is escrow reviewed").passages[0].document_id == document.pk


def test_f59_the_index_gives_as_many_as_are_asked_and_the_right_ones(monkeypatch):
    """A few readable chunks among many that are nearer to the question, but not for this viewer."""
    nearest = _crowd(staff=3000, public=120)
    exactly = _ids(nearest)
    monkeypatch.setattr(search_module, "EXACT_BELOW", 0)
    by_index = search_module.SCAN_SETTINGS + "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off;"
    monkeypatch.setattr(search_module, "SCAN_SETTINGS", by_index)
    found = _ids(nearest)
    assert len(found) == search_module.CANDIDATES
    assert len(set(found) & set(exactly)) >= 0.95 * len(exactly)


def test_a_word_that_most_chunks_say_is_not_looked_up_but_still_counts(monkeypatch):
    for n in range(12):
        shelve(f"A loan of kind {n} has a fee.", embedded=False)
    shelve("An escrow loan has a yearly review.", title="Escrow", embedded=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_chunk")
    monkeypatch.setattr(search_module, "EXACT_BELOW", 0)
    monkeypatch.setattr(search_module, "COMMON_ABOVE", 5)
    library = search_module._library_of(VISITOR)
    assert search_module._common([("loan",), ("escrow",)], library) == [13, None]
    assert titles(find("escrow loan")) == ["Escrow"]
    assert len(find("loan").passages) == 6


def _crowd(*, staff: int, public: int) -> search_module.Meaning:
    numbers = np.random.default_rng(7)
    model = register("a crowd", 16)
    question = np.ones(16)
    for audience, count, spread in (("staff", staff, 0.1), ("public", public, 2.0)):
        document = shelve(*[f"{audience} {n}" for n in range(count)], audience=audience, embedded=False)
        vectors = question + spread * numbers.normal(size=(count, 16))
        Embedding.objects.bulk_create(
            Embedding(chunk=chunk, model=model, collection=document.collection, vector=vector)
            for chunk, vector in zip(Chunk.objects.filter(version__document=document), vectors, strict=True)
        )
    return search_module.Meaning(model, HalfVector(question).to_text(), 1.0)


def _ids(meaning: search_module.Meaning) -> list[int]:
    library = search_module._library_of(VISITOR)
    return [passage.chunk_id for passage in search_module._find([], VISITOR, library, meaning)]


def test_the_command_prints_passages_with_score_and_place(capsys: pytest.CaptureFixture[str]):
    shelve(CLOSING, title="Accounts", heading="Accounts › Closing")
    shelve(FEES, title="Handbook", audience="staff")
    call_command("search", "close account")
    printed = capsys.readouterr().out
    assert "Accounts · Accounts › Closing" in printed
    assert "Handbook" not in printed
    call_command("search", "close account", "--json", "--as", "staff", "--top", "5")
    answer = json.loads(capsys.readouterr().out)
    assert [passage["title"] for passage in answer["passages"]] == ["Accounts", "Handbook"]
    assert answer["passages"][0]["place"] == "Accounts › Closing"
    assert answer["limited"] == ""
