"""What figures look like in English, Spanish and Chinese: what `chat/grounding/figure_reading.py` reads by.

All patterns are for small letters in NFKC form, and bounded, so that reading is linear.
"""

from __future__ import annotations

import re

SCALES = {"k": 1_000, "thousand": 1_000, "mil": 1_000, "千": 1_000, "万": 10_000, "million": 10**6, "millones": 10**6,
          "millón": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9, "亿": 10**8}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr", "may mayo",
         "june jun junio", "july jul julio", "august aug agosto ago", "september sept sep septiembre setiembre",
         "october oct octubre", "november nov noviembre", "december dec diciembre dic"), start=1,
    )
    for name in names.split()
}  # fmt: skip
ALSO_NUMBERS = {
    word: value
    for value, words in {
        0: "no none free zero waived sin gratis gratuito ningún ninguna ninguno 免费 无 不收 没有",
        1: "once single first primer primera primero",
        2: "twice double both couple pair second biweekly ambos ambas doble segundo segunda 双倍",
        3: "triple third quarter quarterly tercer tercera tercero",
        4: "fourth cuarto", 5: "fifth quinto", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth",
        12: "dozen docena", 14: "fortnight", 15: "fifteenth", 20: "twentieth", 30: "thirtieth", 50: "half mitad 半",
    }.items()
    for word in words.split()
}  # fmt: skip
NOT_SAID = re.compile(r"\[[A-Z]+_\d+\]|\[\d{1,3}\](?!\()|【[^】\n]{1,20}】|\b24/7\b")
LIST_NUMBER = re.compile(
    r"^[ \t>*+-]{0,12}\d{1,3}[.)](?=\s)|\b(?:step|page|chapter|section|paso|página)s? \d{1,3}\b", re.MULTILINE
)
GROUPED = r"\d{1,3}(?:[,.'’\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d{1,6})?|\d+(?:[.,]\d{1,6})?"
RANGE = rf"(?:\s?(?:[-–—~]|to|or|and|a|o|y|至|到|或)\s?[$€£]?(?:{GROUPED}))?"
WHICH = "business|calendar|working|banking|consecutive|full|additional|more|extra|further|whole|monthly|annual"
UNIT = (
    r"\s?(?P<unit>[%‰°]|percent|per cent|por ciento)|"
    rf"[\s-]?(?:(?:{WHICH})[\s-]){{0,2}}"
    r"(?P<named>days?|weeks?|months?|years?|hours?|hrs?|minutes?|seconds?|dollars?|usd|bucks|cents?|percentage points?|"
    r"times|días?|semanas?|mes(?:es)?|años?|horas?|minutos?|dólares?|centavos?|puntos|veces)\b|"
    r"\s?(?P<han>个?(?:工作日|日历日|自然日|百分点)|天|日|周|个?星期|个月|年|个?小时|分钟|秒|美元|元|块|美分|倍|次)"
)
UNIT_BEHIND = re.compile(RANGE + f"(?:{UNIT})")
UNITS = {
    unit: name
    for name, units in {
        "money": "dollar usd buck dólar 美元 元 块",
        "cent": "cent centavo 美分",
        "percent": "% ‰ percent 百分点 puntos",
        "day": "day día 天 日 工作日 日历日 自然日",
        "week": "week semana 周 星期",
        "month": "month mes 月 个月",
        "year": "year año 年",
        "hour": "hour hr hora 小时",
        "minute": "minute minuto 分钟",
        "second": "second segundo 秒",
        "times": "times veces 倍 次",
    }.items()
    for unit in units.split()
}
OTHER_NAMES = {"meses": "month", "dólares": "money"} | dict.fromkeys(
    ("per cent", "por ciento", "percentage point", "percentage points"), "percent"
)
ORDINAL = re.compile(r"(?:st|nd|rd|th|º|ª)\b")
NO_NOUN = re.compile(
    r"\s*(?:[,;:|/)\]\n。，；、）–—]|\.(?!\s*\w)|-\s?\d|\Z|(?:to|or|and|o|y|a(?!\.?\s?m)|of|de|after|before)\b|[至到或和])"
)
FREE = r"(?<![^\W\u3040-\u9fff\uac00-\ud7af])"  # no letter before it, but for scripts without spaces
CURRENCY = r"(?:us\$|[$€£¥]|\busd|\beur)\s?"
DIGITS = re.compile(rf"(?P<currency>{CURRENCY})?(?P<number>{GROUPED})")
SCALE_WORDS = "thousand|million|billion|millones|millón|mil|bn|k|m"
CLAIMED = re.compile(
    rf"(?P<currency>{CURRENCY})?(?<![.,#/]){FREE}(?<![^\W\d]-)(?P<number>{GROUPED})"
    rf"(?:(?P<ordinal>st|nd|rd|th|º|ª)\b|\s?(?P<scale>{SCALE_WORDS}|[万亿千])(?![^\W\d_]))?"
    r"(?![\d_]|[.,]\d|[^\W\d_\u3400-\u9fff]|-[^\W\d_]{1,3}\b|\()"
)
SCALE_BEHIND = re.compile(rf"\s?({SCALE_WORDS})\b|\s?([万亿千])")
SPACED, _unspaced = (
    "|".join(word for word in ALSO_NUMBERS if (word < "\u3000") == is_spaced) for is_spaced in (True, False)
)
WORDS_WITH_VALUES = re.compile(rf"\b(?:{SPACED})\b|{_unspaced}")
TIME = re.compile(
    r"(?<![\d.,:$€£])(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2}))?\s?(?P<half>[ap]\.?\s?m\b\.?)|"
    r"(?<![\d.,:$])(?P<h>\d{1,2}):(?P<m>\d{2})(?!\d)|"
    r"(?<!\d)(?P<han_h>\d{1,2})[点時时](?!间)(?:(?P<han_m>\d{1,2})分|(?P<han_half>半))?|"
    r"(?P<named>\bnoon\b|\bmidnight\b|mediodía|medianoche|中午|午夜)"
)
MONTH_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
MONTH = re.compile(
    rf"\b({MONTH_NAME})\b|(?<![\d个])(\d{{1,2}})月|\b\d{{4}}-(\d{{2}})-\d{{2}}\b|\b(\d{{1,2}})/\d{{1,2}}/\d{{2,4}}\b"
)
MONTH_CLAIMED = re.compile(
    rf"\b(?P<before>{MONTH_NAME})\.? \d|\d(?:st|nd|rd|th)? (?:of |de )?(?P<after>{MONTH_NAME})\b|"
    rf"\b(?:in|every|each|by|until|since|en|cada|hasta|desde|de) (?P<alone>{MONTH_NAME})\b|"
    r"(?<![\d个])(?P<han>\d{1,2})月"
)
PHONE = re.compile(rf"(?<![.,$€£/-]){FREE}(?:\+|\()?\d[\d\s().–-]{{5,22}}\d(?![%\d_a-z])")
HOLDS_A_DATE = re.compile(r"\b(?:19|20)\d{2}-\d{2}-\d{2}|\b(?:19|20)\d{2} \(")
NOT_A_PHONE = re.compile(r"\d{4}\s?[-–]\s?\d{4}|\d{1,3}(?:[ .]\d{3})+|\d+\.\d+|\d{1,2}[-–]\d{1,2}[-–]\d{4}")
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
URL = re.compile(FREE + r"(?:https?://|www\.)[^\s<>()\[\]\"'，。；）】]+", re.IGNORECASE)
