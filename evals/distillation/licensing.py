"""Which model's outputs may teach which model: a matter of contracts, which no code can know. EVALS_TRAINING_LICENCES
says it, `teacher:yes` or `teacher>pupil:no`, with `*` for any letters; the first that fits counts. People's words need
no licence, and what the demo model writes is this project's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.conf import settings

from evals.distillation.options import Refused

PEOPLE = "people"
DEMO = "demo-*"
WORDS = {"yes": True, "no": False}


@dataclass(frozen=True)
class Entry:
    """One line of the setting."""

    teacher: str
    pupil: str
    allows: bool
    words: str

    def fits(self, teacher: str, pupil: str) -> bool:
        return fnmatchcase(teacher, self.teacher) and fnmatchcase(pupil, self.pupil)


def entries() -> tuple[Entry, ...]:
    """The setting, read. Raises `Refused` for an entry that says nothing."""
    return tuple(_entry(words.strip()) for words in settings.EVALS_TRAINING_LICENCES if words.strip())


def licence_for(teacher: str, pupil: str) -> tuple[bool | None, str]:
    """Whether the teacher's outputs may teach the pupil, None where nothing says so, and by what."""
    if teacher == PEOPLE:
        return True, "written by people"
    if fnmatchcase(teacher, DEMO):
        return True, "the demo model: for trying the way, not for teaching"
    found = next((entry for entry in entries() if entry.fits(teacher, pupil)), None)
    return (found.allows, found.words) if found else (None, "")


def check_known(teachers: Iterable[str], pupil: str) -> None:
    """Raise `Refused` where nothing says whether one of these may teach."""
    unknown = sorted({teacher for teacher in teachers if licence_for(teacher, pupil)[0] is None})
    if unknown:
        named = ", ".join(f"“{teacher}”" for teacher in unknown)
        raise Refused(
            f"Nothing says whether what {named} wrote may teach “{pupil}”. Read its provider's terms, then add "
            f"{unknown[0]}:yes or {unknown[0]}:no to EVALS_TRAINING_LICENCES."
        )


def _entry(words: str) -> Entry:
    who, _, said = words.rpartition(":")
    teacher, _, pupil = who.partition(">")
    if said.strip().lower() not in WORDS or not teacher.strip():
        raise Refused(f"EVALS_TRAINING_LICENCES: “{words}” is not read: write teacher:yes, teacher:no or a>b:no.")
    return Entry(teacher.strip(), pupil.strip() or "*", WORDS[said.strip().lower()], words)
