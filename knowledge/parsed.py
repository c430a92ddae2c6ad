"""What every parser returns: a document as blocks of plain text, each under its path of headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

BETWEEN_BLOCKS = "\n\n"
BETWEEN_CELLS = " | "

_sentence_end = re.compile(r"[.!?:;。！？：；]['\")”’]*$")


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a whole list or a whole table. `headings` are those above it, outermost first.

    A heading's own text ends its `headings`. `page` counts from 1, for formats that have pages.
    """

    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    is_heading: bool = False


@dataclass(frozen=True)
class ParsedDocument:
    """The text of a file. `notes` are sentences that staff should read, such as the encoding it was read as."""

    title: str
    blocks: tuple[Block, ...]
    language: str = ""  # only when the file itself names it
    notes: tuple[str, ...] = ()
    page_count: int | None = None

    @cached_property
    def text(self) -> str:
        """All blocks joined: what offsets of chunks count in."""
        return BETWEEN_BLOCKS.join(block.text for block in self.blocks)

    def placed(self) -> Iterator[tuple[int, Block]]:
        """Each block with the offset of its first character in `text`."""
        offset = 0
        for block in self.blocks:
            yield offset, block
            offset += len(block.text) + len(BETWEEN_BLOCKS)

    def with_note(self, *notes: str) -> ParsedDocument:
        return replace(self, notes=(*self.notes, *notes))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ParsedDocument:
        blocks = tuple(Block(**{**block, "headings": tuple(block["headings"])}) for block in data["blocks"])
        return cls(**{**data, "blocks": blocks, "notes": tuple(data["notes"])})


class Outline:
    """The path of headings while a document is read from its top."""

    def __init__(self) -> None:
        self._levels: list[int] = []
        self._texts: list[str] = []

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def enter(self, level: int, text: str) -> tuple[str, ...]:
        """Go below a heading of this level (1 is the highest) and return the path that ends with it."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
            self._texts.pop()
        self._levels.append(level)
        self._texts.append(text)
        return self.path


def ends_sentence(text: str) -> bool:
    return bool(_sentence_end.search(text))


def labelled(name: str, text: str) -> str:
    """`Fee: $20`, or `Is there a fee? Yes`."""
    return f"{name}{' ' if ends_sentence(name) else ': '}{text}" if name else text


def row_text(cells: Sequence[str], names: Sequence[str]) -> str:
    """A row of a table that can stand alone: `Fee: Wire; Amount: $20.`, or without names `Wire | $20`."""
    if len(cells) != len(names):
        return BETWEEN_CELLS.join(cells)
    line = ""
    for name, cell in zip(names, cells, strict=True):
        if cell:
            joint = " " if ends_sentence(line) else "; "
            line += (joint if line else "") + labelled(name, cell)
    return line if ends_sentence(line) else f"{line}."
