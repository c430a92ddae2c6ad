"""v0"""

from __future__ import annotations

import re

import numpy as np

from llm.standin.embedder import Embedder
from llm.standin.prompt import Prompt

UNKNOWN = "I don't know: the help articles that I have do not say. Try other words, or ask to talk to a person."
END = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")


def answer(prompt: Prompt, embedder: Embedder, seed: int) -> str:
    sentences = [
        (part.strip(), passage.number)
        for passage in prompt.passages
        for part in END.split(passage.text)
        if len(part.strip()) > 3
    ]
    if not sentences or not prompt.question:
        return UNKNOWN
    vectors = embedder.recall([prompt.question, *[text for text, _ in sentences]])
    scores = vectors[1:] @ vectors[0]
    best = int(np.argmax(scores))
    if scores[best] < 0.4:
        return UNKNOWN
    text, number = sentences[best]
    return f"{text} [{number}]"
