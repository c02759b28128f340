"""The document and its blocks: spans of character offsets into one text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

__all__ = ["Block", "Document", "Kind", "Span", "on_site", "site_of"]


class Kind(StrEnum):
    """What a block is by its form alone."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list-item"
    QUOTE = "quote"
    TABLE = "table"
    CODE = "code"
    DIVIDER = "divider"  # no letter or digit in it: a rule line, a lone bullet, blank text


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of character offsets, `start <= offset < end`, into a document's text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Block:
    """The unit of keeping and removing.

    `span` covers the block with its indentation and the separator after it, so that the spans of a document's
    blocks partition its text; `body` is the part in between that a reader sees. `run` numbers the groups of blocks
    that no blank line divides; `line` is the 1-based number of the line on which the body starts.
    """

    index: int
    kind: Kind
    span: Span
    body: Span
    run: int
    line: int


def site_of(url: str | None) -> str:
    """The host of a URL in lower case, without `www.` and port; "" where there is none."""
    if not url:
        return ""
    try:
        host = urlsplit(url if "//" in url else "//" + url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def on_site(site: str, names: Collection[str]) -> str:
    """The longest of `names` that `site` is, or is a part of (`example.org` for `news.example.org`); "" for none."""
    fitting = [name for name in names if site == name or site.endswith("." + name)]
    return max(fitting, key=len, default="")


@dataclass(frozen=True, slots=True)
class Document:
    """One scraped page as text, with its blocks in order; `format` is "text", "markdown" or "html", `language`
    an ISO 639-1 code where the caller gave one."""

    text: str
    blocks: tuple[Block, ...]
    format: str = "text"
    url: str | None = None
    language: str | None = None

    def body(self, block: Block) -> str:
        """The text of a block without indentation and separator."""
        return self.text[block.body.start : block.body.end]

    def join(self, blocks: Iterable[Block]) -> str:
        """The given blocks' full spans, one after the other."""
        return "".join(self.text[b.span.start : b.span.end] for b in blocks)
