"""Languages of which only little is known: function words, and what denies. All else in a question counts.

Words that ask, compare, or give a place in time or space are no mere function words here.
"""

from __future__ import annotations

from chat.answer_cache.languages.lexicon import Lexicon, folded, words
from knowledge.function_words import FUNCTION_WORDS

TELLING = {
    "de": """an auf aus durch mit ab aber alle allem allen aller alles als ander andere anderen bei bis für gegen nach
        nicht ohne kein keine
        keiner keinen nur oder über unter vor um wann warum was welche welchem welchen welcher welches wem wen wer
        wessen wie wieso wieviel wo wofür wohin womit zwischen muss müssen kann kannst können soll sollte von
        zu zum zur
        noch nun ihr ihre ihrem ihren ihrer jede jeden jeder jedes""",
    "fr": """après aucun autre autres avant avec chaque chez combien comment contre de depuis entre ni non où par pas
        pourquoi quand que quel quelle quelles quels qui quoi sans sous sur tous tout toute toutes vers à faut peut
        peux plus moins pendant""",
    "it": """a chi che come contro cosa da dal dalla dopo dove fino fra mai non ogni perché più meno poco qual quale
        quali quando quanta quante quanti quanto senza sopra sotto tra tutti tutto prima posso può""",
    "nl": """aan alle altijd bij door dus geen hoe hoeveel kan kunnen kunt meer moet moeten na naar niet niets nog nooit
        of om onder op over tegen tot uit van vanaf voor waar waarom wanneer wat welk welke wie zonder""",
    "pt": """até com contra de depois desde entre mais menos nas não nem onde para pela pelas pelo pelos por porque pode
        podem posso quais qual quando quanta quantas quanto quantos que quê quem sem só sob sobre tudo a ao antes""",
}
NEGATORS = {
    "de": "nicht kein keine keinen keiner keinem ohne nie niemals nichts weder",
    "fr": "pas sans jamais aucun aucune ni rien non",
    "it": "non senza mai nessun nessuno nessuna niente",
    "nl": "niet geen zonder nooit niets",
    "pt": "não sem nunca nenhum nenhuma nem jamais",
}
UNKNOWN = Lexicon(language="")
OTHERS = {
    language: Lexicon(
        language=language,
        light=frozenset(folded(word) for word in FUNCTION_WORDS[language]) - words(TELLING[language]),
        negators=words(NEGATORS[language]),
    )
    for language in TELLING
}
