"""The few sentences that the demo models say of their own; everything else they quote. A seed chooses among equals."""

from __future__ import annotations

import re
from collections.abc import Sequence

UNKNOWN = {
    "en": (
        "I don't know: the help articles do not say. Please ask in other words, or ask to talk to a person.",
        "I don't know, because I found nothing about this in the help articles. "
        "You can ask in other words, or talk to a person.",
        "I don't know the answer from the articles that I have. Try other words, or ask for a person.",
    ),
    "es": (
        "No lo sé: los artículos de ayuda no lo dicen. Pregunte con otras palabras o pida hablar con una persona.",
        "No lo sé, porque no he encontrado nada sobre esto en los artículos de ayuda. "
        "Puede preguntar de otra forma o hablar con una persona.",
        "No lo sé con los artículos que tengo. Pruebe con otras palabras o pida hablar con una persona.",
    ),
    "zh": (
        "我不知道：帮助文章里没有提到。请换一种说法再问，或者联系人工客服。",
        "我不知道，因为在帮助文章里没有找到相关内容。您可以换个说法，或者联系人工客服。",
        "我不知道，现有的文章无法回答这个问题。请换个说法，或者联系人工客服。",
    ),
}
OPENING = {
    "en": ("", "Here is what the help articles say: ", "I found this: "),
    "es": ("", "Esto dicen los artículos de ayuda: ", "He encontrado esto: "),
    "zh": ("", "帮助文章是这样说的：", "我找到了这些内容："),
}
FROM_TOOL = {"en": "The result is: ", "es": "El resultado es: ", "zh": "查询结果："}
OF_NOTICES = {
    "failed": {
        "en": "I could not look that up just now.",
        "es": "No he podido consultarlo en este momento.",
        "zh": "我现在无法查询到这个信息。",
    },
    "waiting": {
        "en": "I have prepared this for you. Please check the card below: nothing is done until you press its button.",
        "es": "Lo he preparado. Revise la tarjeta: no se hará nada hasta que pulse el botón.",
        "zh": "我已经为您准备好了。请核对下面的卡片：在您点击按钮之前，什么都不会执行。",
    },
}
NOTHING_MORE = {
    "en": " That is all that the help articles say.",
    "es": " Es todo lo que dicen los artículos de ayuda.",
    "zh": "帮助文章里只有这些内容。",
}
STEPS = {"en": "These are the steps:", "es": "Estos son los pasos:", "zh": "步骤如下："}
GREETING = {
    "en": "Hello! I am a demo model: ask me something, and I will quote what the help articles say about it.",
    "es": "¡Hola! Soy un modelo de demostración: pregunte algo y citaré lo que dicen los artículos de ayuda.",
    "zh": "您好！我是演示模型：请提问，我会引用帮助文章里的内容来回答。",
}
THANKS = {
    "en": "You are welcome. Is there anything else?",
    "es": "De nada. ¿Necesita algo más?",
    "zh": "不客气。还有其他问题吗？",
}
GREETS = re.compile(
    r"\W*(hi|hello|hey|good (morning|afternoon|evening|day)|hola|buen[oa]s( d[íi]as| tardes| noches)?|你好|您好|嗨)"
    r"( there| all)?\W*",
    re.IGNORECASE,
)
GIVES_THANKS = re.compile(
    r"\W*((many )?thanks?( you)?( very much| so much| a lot)?|(muchas )?gracias|多谢|谢谢(你|您)?)\W*", re.IGNORECASE
)


def choose(wordings: Sequence[str], seed: int) -> str:
    """One of several equally good wordings; the same one for the same seed, the first for seed 0."""
    return wordings[seed % len(wordings)]


def small_talk(question: str, language: str) -> str | None:
    """The reply to a greeting or to thanks alone."""
    if GREETS.fullmatch(question):
        return GREETING[language]
    return THANKS[language] if GIVES_THANKS.fullmatch(question) else None
