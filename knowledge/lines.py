"""What stands on a page of a PDF, in reading order: pieces of text to lines, cells side by side to rows of a table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from knowledge.parsed import BETWEEN_CELLS

MARGIN = 0.09  # of the page's height, at its top and at its bottom
SAME_HEIGHT = 0.35  # times the size: how far apart the parts of one line may stand
GAP = 0.8  # times the size: a wider one parts cells, a narrower one words
NEXT_LINE = 1.6  # times the size: how far below the one before a line of the same cell may stand
TALLEST_CELL = 12  # lines; what is taller is a column of text
ABOVE = 3.5  # times the size: how far above the first cell another one may begin when they are centred

_bullet = re.compile(r"^\s*(?:[•◦▪‣●○■·\x7f\uf0b7\uf0a7]|[-–—*](?=\s))\s*")
_numbered = re.compile(r"^\s*(?:\d{1,3}|[a-z])[.)]\s+\S")
_mark = re.compile(r"\s*(?:[-–—*•◦▪‣●○■·\x7f\uf0b7\uf0a7]|(?:\d{1,3}|[a-z])[.)])\s*")
_section_number = re.compile(r"\s*\d{1,2}(?:\.\d{1,2})*\.?\s*")
_unspaced = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_narrow = re.compile(r"[iljtfrI.,:;'’|!()\[\]\s-]")

Piece = tuple[str, float, float, float, bool]  # text, x, y, size, bold


@dataclass(frozen=True)
class Line:
    """One line as it stands on its page, or a row with its `cells`.

    `y` grows upwards, that of a row being its first line's and `lowest` its last one's; `size` is the height in points.
    """

    text: str
    x: float
    y: float
    size: float
    is_bold: bool
    page: int
    in_margin: bool = False
    end: float = 0.0
    cells: tuple[str, ...] = ()
    lowest: float | None = None

    @property
    def starts_item(self) -> bool:
        return not self.is_row and bool(_bullet.match(self.text) or _numbered.match(self.text))

    @property
    def is_bulleted(self) -> bool:
        return bool(_bullet.match(self.text))

    @property
    def is_row(self) -> bool:
        return bool(self.cells)

    @property
    def foot(self) -> float:
        return self.y if self.lowest is None else self.lowest


def lines_of(pieces: Iterable[Piece], bottom: float, top: float, *, page: int) -> list[Line]:
    """The lines of a page between these heights, from the pieces of text in the order of the file."""
    margin = (top - bottom) * MARGIN
    pieces = list(pieces)
    columns = _columns(pieces)
    runs: list[Line] = []
    ended = True
    for text, x, y, size, is_bold in pieces:
        in_margin = not bottom + margin < y < top - margin
        run = Line(text.strip("\n"), x, y, size, is_bold, page, in_margin, end=x + _width(text) * size)
        may_be_cell = ended or round(x) in columns or (is_bold and bool(runs) and runs[-1].is_bold)
        if runs and _goes_on(runs[-1], run, may_be_cell=may_be_cell):
            runs[-1] = _as_one(runs[-1], run, ended)
        else:
            runs.append(run)
        ended = text.endswith("\n")
    return _with_rows([replace(run, text=_tidy(run.text)) for run in runs if run.text.strip()])


def _columns(pieces: list[Piece]) -> set[int]:
    """Where the text goes up again, as after a cell of several lines. Other pieces of a line may begin anywhere."""
    return {round(piece[1]) for before, piece in pairwise(pieces) if piece[2] - before[2] > piece[3] / 2}


def with_dash(text: str) -> str:
    """The text of an item with the same mark for every kind of bullet."""
    return _bullet.sub("- ", text)


def join_lines(before: str, after: str, kept_hyphens: set[str]) -> str:
    """Two lines of one sentence. A word cut by a hyphen is one again, unless it is written so elsewhere."""
    if before.endswith("\u00ad"):
        return before[:-1] + after
    if re.search(r"[^\W\d]-$", before) and after[:1].islower():
        whole = re.split(r"[\s(]", before)[-1] + re.split(r"[\s.,;:)]", after)[0]
        return (before if whole in kept_hyphens else before[:-1]) + after
    is_unspaced = _unspaced.match(before[-1:]) and _unspaced.match(after[:1])
    return before + ("" if is_unspaced else " ") + after


def hyphenated_words(lines: Iterable[Line]) -> set[str]:
    return set(re.findall(r"\w+-\w+", "\n".join(line.text for line in lines)))


def _width(text: str) -> float:
    """About how wide a text is, in times its size: the widths of letters are not asked for."""
    wide, narrow = len(_unspaced.findall(text)), len(_narrow.findall(text))
    return wide + 0.3 * narrow + 0.54 * (len(text.strip("\n")) - wide - narrow)


def _tidy(text: str) -> str:
    one_line = " ".join(text.split())
    return re.sub("[\ufb00-\ufb06]", lambda found: unicodedata.normalize("NFKC", found[0]), one_line)


def _same_height(one: Line, other: Line) -> bool:
    return abs(one.y - other.y) < SAME_HEIGHT * max(one.size, other.size)


def _goes_on(left: Line, right: Line, *, may_be_cell: bool) -> bool:
    """Whether a piece belongs to the words before it: no gap parts them, or these are the mark of an item."""
    if not _same_height(left, right):
        return False
    is_mark = _mark.fullmatch(left.text) or (left.is_bold and right.is_bold and _section_number.fullmatch(left.text))
    return not may_be_cell or bool(is_mark) or right.x - left.end <= GAP * max(left.size, right.size)


def _as_one(left: Line, right: Line, ended: bool) -> Line:
    between = " " if ended or _mark.fullmatch(left.text) else ""
    larger_part = max(left, right, key=lambda line: len(line.text))
    end = right.end if right.x > left.x else left.end + right.end - right.x
    is_bold = left.is_bold and right.is_bold
    return replace(left, text=left.text + between + right.text, size=larger_part.size, is_bold=is_bold, end=end)


def _with_rows(runs: list[Line]) -> list[Line]:
    """The lines of a page, those that are cells of one row joined. A file tells a row cell by cell."""
    lines: list[Line] = []
    kept_hyphens = hyphenated_words(runs)
    cells: list[list[Line]] = []
    for run in runs:
        if cells and _is_beside(cells, run):
            cells.append([run])
        elif cells and _is_below(cells, run):
            cells[-1].append(run)
        else:
            lines += _close(cells, kept_hyphens)
            cells = [[run]]
    return lines + _close(cells, kept_hyphens)


def _is_beside(cells: list[list[Line]], run: Line) -> bool:
    first, last = cells[0], cells[-1]
    left, right = min(line.x for line in last), max(line.end for line in last)
    is_right_of_it = run.x > right - 0.15 * (right - left)  # widths are guessed
    is_level = last[-1].y - SAME_HEIGHT * run.size < run.y < first[0].y + ABOVE * run.size
    return is_right_of_it and is_level


def _is_below(cells: list[list[Line]], run: Line) -> bool:
    last = cells[-1][-1]
    is_in_column = len(cells) == 1 or run.x > max(line.x for line in cells[-2]) + GAP * run.size
    is_next = 0 < last.y - run.y < NEXT_LINE * run.size and abs(last.size - run.size) <= 0.6
    return is_in_column and is_next


def _close(cells: list[list[Line]], kept_hyphens: set[str]) -> list[Line]:
    """The lines of these cells: a row where they stand level, below what precedes it in its first column."""
    if len(cells) < 2:
        return list(chain(*cells))
    first, others = cells[0], cells[1:]
    for start in range(len(first)):
        row = [first[start:], *others]
        if _are_level(row):
            return [*first[:start], _row(row, kept_hyphens)]
    return list(chain(*cells))


def _are_level(cells: list[list[Line]]) -> bool:
    """Whether all begin at one height, or are centred on one."""
    if max(map(len, cells)) > TALLEST_CELL:
        return False
    near = SAME_HEIGHT * max(cell[0].size for cell in cells)
    tops = [cell[0].y for cell in cells]
    middles = [(cell[0].y + cell[-1].y) / 2 for cell in cells]
    return any(max(heights) - min(heights) < near for heights in (tops, middles))


def _row(cells: list[list[Line]], kept_hyphens: set[str]) -> Line:
    texts = tuple(_joined(cell, kept_hyphens) for cell in cells)
    every = list(chain(*cells))
    return replace(
        cells[0][0],
        text=BETWEEN_CELLS.join(texts),
        cells=texts,
        y=max(line.y for line in every),
        lowest=min(line.y for line in every),
        end=max(line.end for line in every),
        is_bold=all(line.is_bold for line in every),
    )


def _joined(cell: list[Line], kept_hyphens: set[str]) -> str:
    text = cell[0].text
    for line in cell[1:]:
        text = join_lines(text, line.text, kept_hyphens)
    return text
