"""One file for each check. What stands in these tuples is run, in this order; versions switch them off and set them."""

from chat.guardrails.answer_compliance import answer_compliance
from chat.guardrails.citations_resolve import citations_resolve
from chat.guardrails.compliance import compliance
from chat.guardrails.data_of_others import data_of_others
from chat.guardrails.figures import figures
from chat.guardrails.form import form
from chat.guardrails.grounding import grounding
from chat.guardrails.injection import injection
from chat.guardrails.known_links import known_links
from chat.guardrails.leaked_instructions import leaked_in_pieces, leaked_instructions
from chat.guardrails.length import length
from chat.guardrails.moderation import moderation
from chat.guardrails.normalisation import normalisation
from chat.guardrails.personal_data import personal_data
from chat.guardrails.recited_orders import recited_orders
from chat.guardrails.topic import topic
from chat.verdicts import Guardrail

INPUT_GUARDRAILS: tuple[Guardrail, ...] = (
    normalisation,
    length,
    personal_data,
    moderation,
    topic,
    injection,
    compliance,
)
OUTPUT_GUARDRAILS: tuple[Guardrail, ...] = (
    citations_resolve,
    known_links,
    leaked_instructions,
    recited_orders,
    data_of_others,
    figures,
    answer_compliance,
    leaked_in_pieces,
    grounding,
    form,
)
