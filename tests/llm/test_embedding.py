"""Vectors from the stand-in (real ones), and vectors that nobody should keep."""

from __future__ import annotations

import base64
import json
import time
import uuid

import numpy as np
import pytest

import llm
from llm.embedding import BATCH, read_rows
from llm.errors import Interrupted, LLMError
from tests.llm.conftest import response


def vectors(*embeddings: object) -> dict[str, object]:
    return {"data": [{"index": index, "embedding": each} for index, each in enumerate(embeddings)]}


async def test_rows_keep_the_order_of_the_texts_over_batches_and_have_length_one():
    texts = [f"Number {number}" for number in range(BATCH + 3)]
    found = await llm.embed(texts, purpose="ingest")
    assert found.model == llm.embedding_model() == "all-MiniLM-L6-v2"
    assert found.rows.shape == (BATCH + 3, 384)
    assert found.rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.rows, axis=1), 1, atol=1e-5)
    for place in (0, BATCH - 1, BATCH, BATCH + 2):
        alone = await llm.embed([texts[place]], purpose="question")
        np.testing.assert_allclose(found.rows[place], alone.rows[0], atol=1e-4)


async def test_meaning_decides_how_near_two_texts_are():
    rows = (await llm.embed(["close my account", "delete my profile", "interest rates"], purpose="ingest")).rows
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


async def test_no_texts_need_no_call(settings):
    settings.LLM_EMBEDDING_MODEL = "fault-500"
    assert (await llm.embed([], purpose="ingest")).rows.shape[0] == 0


@pytest.mark.parametrize(("lacks", "is_asked_for"), [([], True), (["base64"], False), (["small:base64"], True)])
async def test_base64_is_asked_for_where_the_server_can(serve, settings, lacks, is_asked_for):
    settings.LLM_LACKS = lacks
    wire = await serve([response("200 OK", body=json.dumps(vectors([3.0, 4.0])).encode())])
    found = await llm.embed(["hi"], purpose="ingest")
    np.testing.assert_allclose(found.rows, [[0.6, 0.8]])
    assert (b'"encoding_format":"base64"' in wire.requests[0]) is is_asked_for


async def test_f48_texts_are_cleaned_before_they_leave(serve):
    wire = await serve([response("200 OK", body=json.dumps(vectors([1.0])).encode())])
    await llm.embed(["a\x00b\ud800c"], purpose="ingest")
    assert b'"abc"' in wire.requests[0]


@pytest.mark.parametrize(("model", "code"), [("fault-401", "provider_auth"), ("fault-500", "provider_down")])
async def test_f16_a_failing_server_is_named(settings, model, code):
    settings.LLM_EMBEDDING_MODEL = model
    settings.LLM_RETRIES = 1
    with pytest.raises(LLMError) as caught:
        await llm.embed(["hi"], purpose="question")
    assert caught.value.code == code


async def test_f16_a_question_does_not_wait_long_for_its_vector(settings):
    settings.LLM_EMBEDDING_MODEL = "fault-never-answers"
    settings.LLM_QUESTION_SECONDS = 0.3
    started = time.monotonic()
    with pytest.raises(LLMError) as caught:
        await llm.embed(["hi"], purpose="question")
    assert caught.value.code == "timeout"
    assert time.monotonic() - started < 1.5


async def test_f03_a_failed_request_is_asked_again(settings):
    settings.LLM_EMBEDDING_MODEL = f"fault-500-once-{uuid.uuid4()}"
    assert (await llm.embed(["hi"], purpose="ingest")).rows.shape == (1, 384)


async def test_f08_a_response_that_is_no_json_is_refused(serve):
    await serve([response("200 OK", body=b"<html>")])
    with pytest.raises(Interrupted):
        await llm.embed(["hi"], purpose="ingest")


def test_rows_are_put_into_the_order_of_their_index():
    both = {"data": [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [5.0, 0.0]}]}
    np.testing.assert_array_equal(read_rows(both, count=2), [[1, 0], [0, 1]])


def test_base64_and_numbers_are_the_same():
    numbers = [0.1, -0.2, 0.3]
    encoded = base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()
    np.testing.assert_array_equal(read_rows(vectors(encoded), count=1), read_rows(vectors(numbers), count=1))


@pytest.mark.parametrize(
    "unsound",
    [
        vectors([0.0, 0.0]),
        vectors([float("nan"), 1.0]),
        vectors([float("inf"), 1.0]),
        vectors([1e38, 1e38]),
        vectors([]),
        vectors("not base64!"),
        vectors("AAA="),
        vectors(1.0),
        vectors(None),
        vectors(["text"]),
        vectors([1.0], [1.0]),
        vectors(),
        {"data": [{"index": 1, "embedding": [1.0]}]},
        {"data": [{"embedding": [1.0]}]},
        {"data": None},
        {},
        [],
        None,
    ],
)
def test_f60_unsound_vectors_are_refused(unsound):
    with pytest.raises(Interrupted):
        read_rows(unsound, count=1)


def test_f17_vectors_of_different_lengths_are_refused():
    with pytest.raises(Interrupted):
        read_rows(vectors([1.0], [1.0, 2.0]), count=2)
