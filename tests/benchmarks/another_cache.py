"""A public cache library on the same stream and the same vectors: GPTCache, where it is installed.

It is no requirement of the project: it wants SQLAlchemy beside it, and installs what it lacks by itself when it runs.
`pip install gptcache sqlalchemy` into another environment that also holds the project's requirements switches it on.
Its own threshold is a share of the largest distance: .8, as it comes, is a cosine of .6.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

LARGEST = 4.0  # squared distance of unit vectors
THRESHOLDS = (0.8, 0.9, 0.95)  # as it comes, and two that are stricter
KEPT = 100_000  # entries: as it comes it drops the oldest of a thousand


def played(questions: Sequence[str], answers: Sequence[str], vectors: Any) -> dict[str, Any] | str:
    """Hits and wrong ones by its threshold, as the stream goes: a miss stores its true answer."""
    if not (importlib.util.find_spec("gptcache") and importlib.util.find_spec("sqlalchemy")):
        return "not installed"
    return {f"{threshold:.2f}": _play(questions, answers, vectors, threshold) for threshold in THRESHOLDS}


def _play(questions: Sequence[str], answers: Sequence[str], vectors: Any, threshold: float) -> dict[str, float]:
    from gptcache.adapter.api import get, put  # type: ignore[import-not-found]

    hits = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        cache = _cache(dict(zip(questions, vectors, strict=True)), folder, threshold)
        for question, answer in zip(questions, answers, strict=True):
            got = get(question, cache_obj=cache)
            if got is None:
                put(question, answer, cache_obj=cache)
            else:
                hits, wrong = hits + 1, wrong + (got != answer)
    return {"hit_rate": round(hits / len(questions), 4), "wrong_per_query": round(wrong / len(questions), 4)}


def _cache(vector_of: dict[str, Any], folder: str, threshold: float) -> Any:
    from gptcache import Cache, Config  # type: ignore[import-not-found]
    from gptcache.manager import CacheBase, get_data_manager  # type: ignore[import-not-found]
    from gptcache.processor.pre import get_prompt  # type: ignore[import-not-found]
    from gptcache.similarity_evaluation.distance import SearchDistanceEvaluation  # type: ignore[import-not-found]

    cache = Cache()
    cache.init(
        pre_embedding_func=get_prompt,
        embedding_func=lambda question, **_: np.asarray(vector_of[question], dtype=np.float32),
        data_manager=get_data_manager(
            CacheBase("sqlite", sql_url=f"sqlite:///{folder}/cache.db"), _store(), max_size=KEPT
        ),
        similarity_evaluation=SearchDistanceEvaluation(max_distance=LARGEST),
        config=Config(similarity_threshold=threshold),
    )
    return cache


def _store() -> Any:
    from gptcache.manager.vector_data.base import VectorBase  # type: ignore[import-not-found]

    class Exact(VectorBase):  # type: ignore[misc]
        """Its store of vectors, compared one by one: no error of an index is added to its own."""

        def __init__(self) -> None:
            self.rows = np.zeros((0, 0), np.float32)
            self.ids: list[int] = []

        def mul_add(self, datas: Any) -> None:
            for data in datas:
                if len(self.ids) == len(self.rows):
                    more = np.zeros((len(self.rows) + 1_024, len(data.data)), np.float32)
                    more[: len(self.rows)] = self.rows.reshape(-1, len(data.data))
                    self.rows = more
                self.rows[len(self.ids)] = data.data
                self.ids.append(data.id)

        def search(self, data: Any, top_k: int = -1) -> list[tuple[float, int]]:
            if not self.ids:
                return []
            distances = 2 - 2 * (self.rows[: len(self.ids)] @ data)
            nearest = np.argsort(distances)[: max(1, top_k)]
            return [(float(distances[row]), self.ids[row]) for row in nearest]

        def rebuild(self, *_: Any) -> bool:
            return True

        def delete(self, *_: Any) -> None:
            raise NotImplementedError

        def get_embeddings(self, *_: Any) -> None:
            return None

        def update_embeddings(self, *_: Any) -> None:
            raise NotImplementedError

    return Exact()
