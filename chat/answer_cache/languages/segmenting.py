"""Chinese, which is written without spaces: known words are cut out, what is between them counts by its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chat.answer_cache.languages.chinese import ASKED, CHINESE, KINDS, WHOLE

_known = sorted(
    {*CHINESE.light, *CHINESE.optional, *CHINESE.negators, *CHINESE.groups, *CHINESE.markers, *CHINESE.breaks,
     *CHINESE.owners, *CHINESE.modals, *CHINESE.joins, *WHOLE} - {","},
    key=len, reverse=True,
)  # fmt: skip
PIECE = re.compile(
    rf"(?P<figure>[\ue000-\uf8ff])|(?P<known>{'|'.join(map(re.escape, _known))})|"
    r"(?P<latin>[a-z0-9]+(?:[-'][a-z0-9]+)*[+#]{0,2})|"
    r"(?P<mark>[,;:.?!()，。？！；：、…])|(?P<space>\s+)|(?P<other>.)"
)


def segmented(text: str) -> Iterator[str]:
    """The words of a text in small letters; unknown characters in a row are one."""
    unknown = ""
    for match in PIECE.finditer(
        ASKED.sub(r"\g<one>", re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f\ue000-\uf8ff])", "", text))
    ):
        if match["other"]:
            unknown += match["other"] if match["other"].isalnum() else ""
            continue
        if unknown:
            yield unknown
        unknown = ""
        if not match["space"]:
            yield "," if match["mark"] else match.group()
    if unknown:
        yield unknown


def chinese_kinds(text: str) -> tuple[str, ...]:
    """What a question asks for, told by the asking word that counts most: "多久" is no "多少"."""
    return next((names for pattern, names in KINDS if pattern.search(text)), ())
