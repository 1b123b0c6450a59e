"""What stands on the printed page: its tables and its words, read back from the HTML.

Here: a parser that knows HTML and nothing of the report, and PDFium, which reads a PDF as browsers do. Not here: assertions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pypdfium2


def bare(text: str) -> str:
    """A text without what line breaks do to it, and without what keeps words of two directions apart."""
    return re.sub(r"[\s\u200b\u2066-\u2069]+", "", text)


def read_aloud(document: bytes) -> str:
    """The text of a PDF's pages."""
    return "\n".join(pages_aloud(document))


def pages_aloud(document: bytes) -> list[str]:
    """The text of each page. pypdf takes ten times as long, and knows no ActualText, without which Indic letters come twice."""
    with pypdfium2.PdfDocument(document) as opened:
        return [page.get_textpage().get_text_range().replace("\ufffe", "-") for page in opened]  # a hyphen that ends a line


@dataclass
class Printed:
    """A table: its caption, the promise that it stands under, its head and its rows as text (lines parted by a line feed)."""

    caption: str = ""
    promise: str | None = None
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """The cells below a head."""
        at = self.head.index(name)
        return [row[at] for row in self.rows if len(row) == len(self.head)]


class Page(HTMLParser):
    """The tables, the tags and the text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.tables: list[Printed] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._promise: str | None = None
        self._into: list[str] | None = None
        self._cells: list[str] = []
        self._inside: list[str] = []
        self.feed(source)

    @property
    def text(self) -> str:
        """Everything that a person reads, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def table(self, caption: str, promise: str | None = None) -> Printed:
        """The only table whose caption holds some words, under a promise."""
        found = [one for one in self.tables if caption in one.caption and promise in (None, one.promise)]
        assert len(found) == 1, [one.caption for one in found]
        return found[0]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.append((tag, given))
        self._inside.append(tag)
        if (given.get("id") or "").startswith("promise-"):
            self._promise = (given["id"] or "").removeprefix("promise-")
        elif (given.get("id") or "").startswith("part-"):
            self._promise = None
        if tag == "table":
            self.tables.append(Printed(promise=self._promise))
        elif tag in ("caption", "td", "th"):
            self._into = []
        elif tag == "br" and self._into is not None:
            self._into.append("\n")
        elif tag == "tr":
            self._cells = []

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass
        if tag in ("caption", "td", "th") and self._into is not None:
            text = "".join(self._into).strip(" ")
            self._into = None
            if tag == "caption":
                self.tables[-1].caption = text
            else:
                self._cells.append(text)
        elif tag == "tr" and self.tables:
            if "thead" in self._inside:
                self.tables[-1].head = self._cells
            else:
                self.tables[-1].rows.append(self._cells)

    def handle_data(self, data: str) -> None:
        if "style" in self._inside:
            return
        self.words.append(data)
        if self._into is not None:
            self._into.append(data)
