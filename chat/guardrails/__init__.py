"""One file for each check. What stands in these tuples is run, in this order; versions switch them off and set them."""

from chat.verdicts import Guardrail

INPUT_GUARDRAILS: tuple[Guardrail, ...] = ()
OUTPUT_GUARDRAILS: tuple[Guardrail, ...] = ()
