"""The names of models that were made here: `ft:<base>:standin:<suffix>:<id>`, which say themselves that they are.

Half of the id follows from the rest of the name, so that a name is known again after a restart, and no other is.
"""

from __future__ import annotations

import re
from hashlib import sha256

OWNER = "standin"
NAME = re.compile(
    r"ft:(?P<base>[^:]{1,100}):standin:(?P<suffix>[a-z0-9-]{0,64}):(?P<made>[0-9a-f]{6})(?P<check>[0-9a-f]{6})"
)


def name_for(base: str, suffix: str, job: str) -> str:
    """The name of the model that a job makes. A model that is taught again keeps its first base's name."""
    if found := NAME.fullmatch(base):
        base = found["base"]
    suffix = re.sub(r"[^a-z0-9]+", "-", suffix.lower()).strip("-")
    made = _digest(job)
    return f"ft:{base}:{OWNER}:{suffix}:{made}{_digest(base, suffix, made)}"


def base_of(name: str) -> str | None:
    """The model that it was made from; None for a name that was not made here."""
    found = NAME.fullmatch(name)
    if found is None or found["check"] != _digest(found["base"], found["suffix"], found["made"]):
        return None
    return found["base"]


def _digest(*parts: str) -> str:
    return sha256(":".join(parts).encode()).hexdigest()[:6]
