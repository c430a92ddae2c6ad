"""Train and validation: clusters are never parted, languages and topics are in both as far as they can be, and the same
seed parts them in the same way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from hashlib import sha256

TRAIN, VALIDATION = "train", "validation"
ROUNDING = 1e-9


def split(clusters: Sequence[str], strata: Sequence[str], *, share: float, seed: int) -> list[str]:
    """The part of each line: about `share` of the lines is for validation.

    Clusters are walked through stratum by stratum, and in each by chance; one is taken whenever as much of the share is
    owed as it is large. So no stratum is passed over because it is small, and none is taken because it is large.
    """
    size, stratum = Counter(clusters), _commonest(clusters, strata)
    owed = 0.0
    taken: set[str] = set()
    for name in sorted(size, key=lambda name: (stratum[name], chance(name, seed))):
        owed += size[name] * share
        if owed + ROUNDING >= size[name] and len(taken) + 1 < len(size):
            taken.add(name)
            owed -= size[name]
    if share and not taken and len(size) > 1:
        taken = {min(size, key=lambda name: (size[name], chance(name, seed)))}
    return [VALIDATION if name in taken else TRAIN for name in clusters]


def chance(name: str, seed: int) -> str:
    """A place in an order by chance: 64 hexadecimal digits, the same for the same name and seed."""
    return sha256(f"{seed}:{name}".encode()).hexdigest()


def _commonest(clusters: Sequence[str], strata: Sequence[str]) -> dict[str, str]:
    """The stratum of most of a cluster's lines."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for name, stratum in zip(clusters, strata, strict=True):
        counted[name][stratum] += 1
    return {name: min(count, key=lambda stratum: (-count[stratum], stratum)) for name, count in counted.items()}
