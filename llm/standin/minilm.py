"""all-MiniLM-L6-v2 in numpy: sentences to unit vectors of 384 numbers, as sentence-transformers computes them.

The sentences of a batch are laid end to end, so that the large matrix products waste nothing on padding;
only attention goes sentence by sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer

Floats = NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 256
HEADS = 12
HEAD_WIDTH = DIMENSIONS // HEADS
LAYERS = 6
NORM_EPSILON = np.float32(1e-12)
HEADS_AT_ONCE = 4  # their scores, and below 40 rows of 1,536 floats with their scratch, stay in a core's cache
GELU_BLOCK_ROWS = 40

# ln Φ(-t) for 0 ≤ t ≤ 5.6 as a polynomial, fitted so that t·Φ(-t) is right to 6e-8 (least squares on math.erfc,
# reweighted towards the largest error). With it gelu(x) = max(x, 0) - |x|·Φ(-|x|) needs one exp and no erf.
LOG_TAIL = tuple(
    np.float32(c)
    for c in (
        -6.93142374e-01,
        -7.97952185e-01,
        -3.17995896e-01,
        -3.70223294e-02,
        5.60104884e-03,
        -5.33159688e-04,
        2.29357526e-05,
    )
)
TAIL_ENDS = np.float32(5.6)


@dataclass(frozen=True)
class Layer:
    """One transformer block; matrices stand as (inputs, outputs)."""

    attend: Floats  # queries, keys and values side by side; queries already divided by √32
    attend_bias: Floats
    merge: Floats
    merge_bias: Floats
    merge_norm: tuple[Floats, Floats]
    widen: Floats
    widen_bias: Floats
    narrow: Floats
    narrow_bias: Floats
    narrow_norm: tuple[Floats, Floats]


class MiniLM:
    """The model and its tokenizer. `encode` may run in several threads at once."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MAX_TOKENS)
        with safe_open(str(folder / "model.safetensors"), "np") as weights:
            self.words: Floats = weights.get_tensor("embeddings.word_embeddings.weight")
            kind = weights.get_tensor("embeddings.token_type_embeddings.weight")[0]
            self.places: Floats = weights.get_tensor("embeddings.position_embeddings.weight") + kind
            self.norm = _norm(weights, "embeddings")
            self.layers = [_layer(weights, f"encoder.layer.{n}.") for n in range(LAYERS)]

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, at most 256, with the marks at both ends."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]

    def encode(self, sentences: Sequence[list[int]]) -> Floats:
        """Unit vectors (sentences, 384) of tokenized sentences: the mean of their tokens' last states."""
        ends = np.cumsum([len(ids) for ids in sentences])
        spans = [slice(end - len(ids), end) for ids, end in zip(sentences, ends, strict=True)]
        states = self.words[np.concatenate(sentences)]
        for span in spans:
            states[span] += self.places[: span.stop - span.start]
        _normalise(states, self.norm)
        for layer in self.layers:
            _transform(states, spans, layer)
        means = np.stack([states[span].mean(axis=0) for span in spans])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        return means


def _layer(weights: Any, prefix: str) -> Layer:
    def matrix(name: str) -> Floats:
        return np.ascontiguousarray(weights.get_tensor(f"{prefix}{name}.weight").T)

    def bias(name: str) -> Floats:
        return np.asarray(weights.get_tensor(f"{prefix}{name}.bias"))

    root = np.float32(HEAD_WIDTH**0.5)
    parts = ("attention.self.query", "attention.self.key", "attention.self.value")
    return Layer(
        attend=np.hstack([matrix(parts[0]) / root, matrix(parts[1]), matrix(parts[2])]),
        attend_bias=np.hstack([bias(parts[0]) / root, bias(parts[1]), bias(parts[2])]),
        merge=matrix("attention.output.dense"),
        merge_bias=bias("attention.output.dense"),
        merge_norm=_norm(weights, f"{prefix}attention.output"),
        widen=matrix("intermediate.dense"),
        widen_bias=bias("intermediate.dense"),
        narrow=matrix("output.dense"),
        narrow_bias=bias("output.dense"),
        narrow_norm=_norm(weights, f"{prefix}output"),
    )


def _norm(weights: Any, name: str) -> tuple[Floats, Floats]:
    return weights.get_tensor(f"{name}.LayerNorm.weight"), weights.get_tensor(f"{name}.LayerNorm.bias")


def _transform(states: Floats, spans: list[slice], layer: Layer) -> None:
    """One block, in place: attention, then the wide layer, each added to what came in and normalised."""
    states += _attention(states, spans, layer) @ layer.merge
    states += layer.merge_bias
    _normalise(states, layer.merge_norm)
    wide = states @ layer.widen
    _gelu(wide, layer.widen_bias)
    states += wide @ layer.narrow
    states += layer.narrow_bias
    _normalise(states, layer.narrow_norm)


def _attention(states: Floats, spans: list[slice], layer: Layer) -> Floats:
    """Softmax of the scaled scores, head by head; each sentence attends to itself alone."""
    mixed = states @ layer.attend
    mixed += layer.attend_bias
    heads = mixed.reshape(len(states), 3, HEADS, HEAD_WIDTH)
    seen = np.empty_like(states)
    room = np.empty((HEADS_AT_ONCE, MAX_TOKENS * MAX_TOKENS), np.float32)
    for span in spans:
        queries, keys, values = heads[span].transpose(1, 2, 0, 3)
        into = seen[span].reshape(-1, HEADS, HEAD_WIDTH).transpose(1, 0, 2)
        length = span.stop - span.start
        scores = room[:, : length * length].reshape(HEADS_AT_ONCE, length, length)
        for first in range(0, HEADS, HEADS_AT_ONCE):
            some = slice(first, first + HEADS_AT_ONCE)
            np.matmul(queries[some], keys[some].transpose(0, 2, 1), out=scores)
            scores -= scores.max(axis=2, keepdims=True)  # scores beyond 100 occur, and exp overflows at 88
            np.exp(scores, out=scores)
            totals = np.einsum("hij->hi", scores)[:, :, None]
            np.divide(scores @ values[some], totals, out=into[some])
    return seen


def _normalise(states: Floats, norm: tuple[Floats, Floats]) -> None:
    """Layer normalisation over the last axis, in place."""
    states -= states.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", states, states) / np.float32(states.shape[1])
    states *= (1 / np.sqrt(variance + NORM_EPSILON))[:, None]
    states *= norm[0]
    states += norm[1]


def _gelu(wide: Floats, bias: Floats) -> None:
    """Adds the bias and applies the exact (erf) GELU, in place, block by block to stay in the cache."""
    size = np.empty((GELU_BLOCK_ROWS, wide.shape[1]), np.float32)
    tail = np.empty_like(size)
    for start in range(0, len(wide), GELU_BLOCK_ROWS):
        block = wide[start : start + GELU_BLOCK_ROWS]
        block += bias
        _gelu_block(block, size[: len(block)], tail[: len(block)])


def _gelu_block(x: Floats, size: Floats, tail: Floats) -> None:
    np.abs(x, out=size)
    np.minimum(size, TAIL_ENDS, out=size)
    np.multiply(size, LOG_TAIL[-1], out=tail)
    for coefficient in LOG_TAIL[-2:0:-1]:
        tail += coefficient
        tail *= size
    tail += LOG_TAIL[0]
    np.exp(tail, out=tail)
    tail *= size
    np.maximum(x, 0, out=x)
    x -= tail
