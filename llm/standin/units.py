"""Cuts a passage into what can be quoted: sentences, list items and table rows, each with the words that head it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from llm.standin.languages import IDEOGRAPHS
from llm.standin.prompt import Passage

HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
ORDERED = re.compile(r"(?:step\s+|paso\s+|第)?(\d{1,2}|[一二三四五六七八九十])[.):：、步]\s*(?=\S)", re.IGNORECASE)
BULLET = re.compile(r"[-*•‣▪●◦·–+]\s+(?=\S)")
FOOTNOTE = re.compile(r"\s?\[\d{1,3}\](?!\()")  # would read as one of our citations
ROW = re.compile(r"\|(.+)\|$")
RULE = re.compile(r"[\s|:=_*-]+$")
SPEAKER = re.compile(r"^(?:Q|A|P|R|问|答)\s*[:：]\s*")
INLINE_STEP = re.compile(r"\s(?=(\d{1,2})[.)]\s+\S)")
SENTENCE_END = re.compile(r"[.!?…]++[\"'”’»)\]*]*+(?=\s+[^\sa-záéíóúñ])|[。！？]+[”’」』）]*")
ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|no|nos|vs|etc|approx|incl|inc|ltd|co|fig|art|tel|sr|sra|ud|uds|núm|pág|ej|p)|"
    r"\b[a-z](?:\.[a-z])*)\.$",
    re.IGNORECASE,
)
LONGEST_ABBREVIATION = 12
FULL_LINE = 0.6  # of the longest line: a line this long was probably broken by the page's width
MAX_HEADING_WORDS = 9
Kind = Literal["sentence", "item", "row", "list"]


@dataclass(frozen=True)
class Unit:
    """Something that can be quoted as it stands."""

    text: str
    kind: Kind
    passage: int  # index among the passages of the prompt
    position: int  # within the passage
    block: int  # paragraph, list or table within the passage
    heading: str  # or the question above it
    lead_in: str = ""  # "You will need:"
    mark: str = ""  # of a list item: "2." or "-"
    items: tuple[str, ...] = ()  # of a list: its marked items

    @property
    def context(self) -> str:
        """All that heads it."""
        return " ".join(part for part in (self.heading, self.lead_in) if part)

    @property
    def answers_a_question(self) -> bool:
        """Whether it stands below a question, as in a list of questions and answers."""
        return self.heading.endswith(("?", "？")) and self.kind != "row"

    @property
    def is_steps(self) -> bool:
        """Whether it is a list in which the order matters."""
        return bool(self.items) and self.mark != "-"


def gather(items: list[Unit]) -> Unit:
    """A list as a whole, from its items."""
    marked = tuple(f"{item.mark} {item.text}" for item in items)
    return replace(items[0], kind="list", text=" ".join(item.text for item in items), items=marked)


def split(passage: Passage, index: int) -> list[Unit]:
    """The units of a passage, in order."""
    reader = _Reader(index, passage.place.partition(" · ")[0].split("›")[-1].strip())
    for line in _lines(passage.text):
        reader.read(line)
    return reader.units


class _Reader:
    """Reads line by line and remembers what heads the next one."""

    def __init__(self, passage: int, heading: str) -> None:
        self.passage = passage
        self.heading = heading
        self.lead_in = ""
        self.header: list[str] = []
        self.block = 0
        self.last: str = ""
        self.units: list[Unit] = []

    def read(self, line: str) -> None:
        """Takes one whole line: a paragraph, an item, a row or a heading."""
        kind = _kind(line)
        if kind != self.last or kind == "text":
            self.block += 1
        if kind != "row":
            self.header = []
        if kind == "text" and line:
            self.lead_in = ""
        self.last = kind
        getattr(self, f"_read_{kind}")(line)

    def _read_heading(self, line: str) -> None:
        found = HEADING.match(line)
        self.heading = _plain(found[1] if found else line)
        self.lead_in = ""

    def _read_item(self, line: str) -> None:
        mark = ORDERED.match(line) or BULLET.match(line)
        text = line[mark.end() :] if mark else line
        number = f"{mark[1]}." if mark and mark.re is ORDERED else "-"
        self._add(text, "item", number)

    def _read_row(self, line: str) -> None:
        if RULE.match(line):
            return
        found = ROW.match(line)
        cells = [_plain(cell) for cell in (found[1] if found else line).split("|")]
        if not self.header:
            self.header = cells
            return
        pairs = zip(self.header[1:], cells[1:], strict=False)
        values = ", ".join(f"{name}: {value}" if name else value for name, value in pairs if value)
        self._add(f"{cells[0]}: {values}." if values else cells[0], "row")

    def _read_text(self, line: str) -> None:
        for sentence in sentences(SPEAKER.sub("", line)):
            if sentence.endswith(("?", "？")):
                self._read_heading(sentence)
            else:
                self._add(sentence, "sentence")
                self.lead_in = sentence if sentence.endswith((":", "：")) else ""

    def _add(self, text: str, kind: Kind, mark: str = "") -> None:
        self.units.append(
            Unit(text.strip(), kind, self.passage, len(self.units), self.block, self.heading, self.lead_in, mark)
        )


def sentences(text: str) -> list[str]:
    """A paragraph's sentences; a full stop after an abbreviation or an initial does not end one."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(text):
        before = text[max(start, end.end() - LONGEST_ABBREVIATION) : end.end()]
        if not ABBREVIATION.search(before.rstrip("\"'”’»)]*")):
            found.append(text[start : end.end()].strip())
            start = end.end()
    return [sentence for sentence in (*found, text[start:].strip()) if re.search(r"\w", sentence)]


def _kind(line: str) -> str:
    if HEADING.match(line) or _looks_like_heading(line):
        return "heading"
    if ROW.match(line):
        return "row"
    if ORDERED.match(line) or BULLET.match(line):
        return "item"
    return "text"


def _looks_like_heading(line: str) -> bool:
    """A short line by itself, with a capital or an ideograph first and no full stop: `_lines` has joined the rest."""
    is_bold = line.startswith("**") and line.endswith("**")
    ends_openly = line[-1:] not in ".!?…:;,。！？：；，|"
    starts_like_one = line[:1].isupper() or bool(IDEOGRAPHS.match(line)) or line[:1] in "¿¡"
    is_marked = ORDERED.match(line) or BULLET.match(line) or ROW.match(line)
    is_short = len(line.split()) <= MAX_HEADING_WORDS and len(line) <= 70
    return is_bold or (is_short and ends_openly and starts_like_one and not is_marked)


def _lines(text: str) -> Iterator[str]:
    """Lines made whole: those that only the width of a page had broken are joined again."""
    raw = [" ".join(line.split()) for line in _break_inline_steps(FOOTNOTE.sub("", text)).splitlines()]
    width = max((len(line) for line in raw), default=0)
    whole = ""
    for line in raw:
        if whole and line and _continues(whole, line, width):
            glue = "" if IDEOGRAPHS.match(whole[-1]) and IDEOGRAPHS.match(line[0]) else " "
            whole += glue + line
            continue
        if whole:
            yield whole
        whole = line
    if whole:
        yield whole


def _continues(before: str, line: str, width: int) -> bool:
    if any(pattern.match(line) for pattern in (HEADING, ORDERED, BULLET, ROW, SPEAKER)):
        return False
    if HEADING.match(before) or ROW.match(before):
        return False
    if line[0].islower():
        return True
    last_line_is_full = len(before) >= FULL_LINE * width and width >= 30
    is_item = bool(ORDERED.match(before) or BULLET.match(before))
    ends = before[-1] in ".!?:。！？："
    return last_line_is_full and not (is_item and ends)


def _break_inline_steps(text: str) -> str:
    """Steps that stand in one line, "1. Open it. 2. Press it.", get a line each."""
    wanted = 1

    def check(match: re.Match[str]) -> str:
        nonlocal wanted
        if int(match[1]) == wanted:
            wanted += 1
            return "\n"
        return match[0]

    broken = INLINE_STEP.sub(check, f" {text}")
    return broken.strip() if wanted > 2 else text


def _plain(text: str) -> str:
    return re.sub(r"[*_`]{1,2}(.+?)[*_`]{1,2}", r"\1", text).strip()
