"""Files for tests, made on the spot, and what became of them."""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, PageBreak, Paragraph, SimpleDocTemplate, Table

from knowledge.ingest import ingest_version, receive
from knowledge.models import Collection, DocumentVersion

STYLES = getSampleStyleSheet()
PARAGRAPH = (
    "A late fee of 35 dollars is charged when a payment arrives after the fifteenth of the month, and the "
    "representative who takes the call may waive it once in a calendar year when the customer asks for it. "
)


def article(sections: int = 3, *, title: str = "Late fees") -> bytes:
    """A Markdown article of so many sections, each of about 70 words and unlike the others."""
    parts = [f"## Section {n}\n\n{PARAGRAPH}\n\n{PARAGRAPH} Case {n}." for n in range(1, sections + 1)]
    return "\n\n".join([f"# {title}", *parts]).encode()


def pdf(*, pages: int = 2, password: str = "", compress: int = 1) -> bytes:
    """A report with a running head and foot, headings, paragraphs, a list and a table on each page."""
    story: list[object] = [Paragraph("Fees and charges", STYLES["Title"])]
    for number in range(1, pages + 1):
        items = [Paragraph(text, STYLES["BodyText"]) for text in ("First item", "Second item")]
        story += [
            Paragraph(f"Part {number}", STYLES["Heading2"]),
            Paragraph(PARAGRAPH * 3, STYLES["BodyText"]),
            Paragraph(f"Part {number} ends with this sentence.", STYLES["BodyText"]),
            ListFlowable(items, bulletType="bullet"),
            Table([["Fee", "Amount"], ["Late", "$35"]]),
            PageBreak(),
        ]
    out = BytesIO()
    encryption = StandardEncryption(password) if password else None
    template = SimpleDocTemplate(out, pagesize=A4, encrypt=encryption, pageCompression=compress)
    template.build(story, onFirstPage=_margins, onLaterPages=_margins)
    return out.getvalue()


def _margins(canvas: Canvas, document: object) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(50, 815, "Confidential handbook")
    canvas.drawString(50, 20, f"Page {canvas.getPageNumber()}")


def pdf_of_pictures() -> bytes:
    """A page without a letter."""
    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(100, 100, 200, 200, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def library(name: str = "Help centre") -> Collection:
    collection, _ = Collection.objects.get_or_create(name=name)
    return collection


def ingested(name: str, content: bytes, *, collection: Collection | None = None) -> DocumentVersion:
    """What becomes of a file, here and now."""
    received = receive(name, content, collection=collection or library())
    ingest_version(received.version.pk)
    return DocumentVersion.objects.get(pk=received.version.pk)
