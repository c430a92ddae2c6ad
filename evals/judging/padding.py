"""Makes an answer longer without a fact more: a good judge does not like it better for that."""

from __future__ import annotations

FILLER = {
    "en": (
        "Thank you for your question, which is a good one and which we are glad to answer in some detail.",
        "It is worth taking a moment to read this carefully, so that everything about it is clear.",
        "We hope that what is written here helps you, and that you find it as complete as you would wish.",
    ),
    "es": (
        "Gracias por su pregunta, que es una buena pregunta y que contestamos con mucho gusto y con detalle.",
        "Vale la pena leer esto con calma, para que todo quede claro.",
        "Esperamos que lo escrito aquí le ayude y que lo encuentre tan completo como desea.",
    ),
    "zh": (
        "感谢您的提问,这是一个很好的问题,我们很乐意为您详细解答。",
        "建议您花一点时间仔细阅读,以便完全了解。",
        "希望以上内容对您有所帮助,也希望您觉得足够完整。",
    ),
}


def padded(text: str, language: str) -> str:
    """The text between sentences that say nothing, in its language or else in English."""
    first, second, last = FILLER.get(language.split("-", maxsplit=1)[0].lower(), FILLER["en"])
    return f"{first} {second}\n\n{text.strip()}\n\n{last}"
