"""Sets the texts in `sample/pdf/` as PDFs with headings, tables, a page header and a footer.

    .venv/bin/python sample/make_pdfs.py

Writes the same bytes for the same text, so that a new run changes nothing that did not change.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

SAMPLE = Path(__file__).parent
FOLDERS = {
    "understanding-mortgage-rates": "help-centre",
    "document-checklist": "help-centre",
    "goodwill-and-fee-waivers": "staff-handbook",
}
INK, BLUE = HexColor("#1d2733"), HexColor("#1f4e79")
LINE, SHADE = HexColor("#c9d3dd"), HexColor("#eef3f8")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=15, textColor=INK, spaceAfter=7)
CELL = ParagraphStyle("cell", BODY, fontSize=9.5, leading=12.5, spaceAfter=0)
HEAD_CELL = ParagraphStyle("head cell", CELL, fontName="Helvetica-Bold")
ITEM = ParagraphStyle("item", BODY, leftIndent=18, bulletIndent=4, spaceAfter=4)
HEADING = ParagraphStyle("heading", BODY, fontName="Helvetica-Bold", textColor=BLUE, keepWithNext=1)
HEADINGS = {
    "h1": ParagraphStyle("h1", HEADING, fontSize=22, leading=27, spaceAfter=4),
    "h2": ParagraphStyle("h2", HEADING, fontSize=14, leading=18, spaceBefore=12, spaceAfter=5),
    "h3": ParagraphStyle("h3", HEADING, fontSize=11.5, leading=15, spaceBefore=6, textColor=INK),
}
TABLE = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    ]
)


def flowables(tokens: list[Token], width: float) -> Iterator[Flowable]:
    """The blocks of one Markdown text, in order; lists are one level deep."""
    stream = iter(tokens)
    kind, bullet, number = "", "", 0
    for token in stream:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            kind, number = token.type, 0
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            kind, bullet = "", ""
        elif token.type == "list_item_open":
            number += 1
            bullet = "–" if kind == "bullet_list_open" else f"{number}."
        elif token.type == "heading_open":
            yield Paragraph(as_markup(next(stream)), HEADINGS[token.tag])
        elif token.type == "paragraph_open":
            yield Paragraph(as_markup(next(stream)), ITEM if bullet else BODY, bulletText=bullet or None)
        elif token.type == "table_open":
            yield table(stream, width)
            yield Spacer(1, 10)


def table(stream: Iterator[Token], width: float) -> Table:
    """Reads up to the table's end; the first row is its header and is repeated on the next page."""
    rows: list[list[Paragraph]] = []
    styles = {"th_open": HEAD_CELL, "td_open": CELL}
    for token in stream:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type in styles:
            rows[-1].append(Paragraph(as_markup(next(stream)), styles[token.type]))
    columns = [width / len(rows[0])] * len(rows[0])
    return Table(rows, colWidths=columns, style=TABLE, repeatRows=1, hAlign="LEFT")


def as_markup(inline: Token) -> str:
    """The paragraph markup of reportlab for text with bold words."""
    marks = {"strong_open": "<b>", "strong_close": "</b>", "softbreak": " "}
    return "".join(marks.get(child.type) or escaped(child.content) for child in inline.children or [])


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def set_header(canvas: Canvas, document: BaseDocTemplate) -> None:
    width, height = letter
    canvas.setFillColor(BLUE)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(inch, height - 0.6 * inch, "Acme Home Loans")
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawRightString(width - inch, height - 0.6 * inch, document.title)
    canvas.setStrokeColor(LINE)
    canvas.line(inch, height - 0.68 * inch, width - inch, height - 0.68 * inch)


def set_footer(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", 8.5)
    canvas.drawString(inch, 0.55 * inch, "200 Harbor Street, Springfield, OH 45502")
    canvas.drawRightString(letter[0] - inch, 0.55 * inch, f"Page {document.page}")


def make_pdf(source: Path, target: Path) -> None:
    """Set one Markdown text as a PDF; its first heading is the document's title."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source.read_text(encoding="utf-8"))
    width, height = letter[0] - 2 * inch, letter[1] - 1.7 * inch
    frame = Frame(inch, 0.8 * inch, width, height, leftPadding=0, rightPadding=0)
    document = BaseDocTemplate(
        str(target),
        pagesize=letter,
        invariant=1,
        lang="en",
        title=tokens[1].content,
        author="Acme Home Loans",
    )
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=set_header, onPageEnd=set_footer))
    document.build(list(flowables(tokens, width)))


if __name__ == "__main__":
    for name, folder in FOLDERS.items():
        make_pdf(SAMPLE / "pdf" / f"{name}.md", SAMPLE / folder / f"{name}.pdf")
