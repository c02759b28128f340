"""HTML into a document: every block of the page, with hints of what it is in the page.

One walk over the parsed tree (lxml). A block is what a reader sees as one: a paragraph, heading, list item, a whole
table of data, preformatted text. Hints say where it stood: within which kinds of element, under which words of class,
id and role, how much of it and of what encloses it is links, how much running text stands in what encloses it, and
what else stands at the same path.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import regex

from cleaner.align import shares
from cleaner.document import Block, Document, Kind, Span

__all__ = ["DECLARED", "HINTS", "VERDICTS", "Page", "read_page", "verdict_hints"]

Ints = npt.NDArray[np.int64]

_SKIPPED = frozenset(
    "script style noscript template head svg math iframe object embed canvas audio video map select datalist "
    "textarea input link meta".split()
)
_BREAKS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frame h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary "
    "table tbody td tfoot th thead tr ul".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Elements that a block may stand in; how many are around it.
_AROUND = (
    "nav", "header", "footer", "aside", "main", "article", "section", "form", "figure", "figcaption", "ul", "ol", "li",
    "table", "a", "button", "blockquote", "dl", "p", "h1", "h2", "h3", "h4", "label", "details", "address", "pre",
)  # fmt: skip
_PLACES = {tag: place for place, tag in enumerate(_AROUND)}
# Words of class, id and role.
_WORDS = {
    "navigation": r"nav|menu|breadcrumb|toc|tabs?\b|pagination|pager|skip",
    "footer": r"footer|foot\b|colophon|bottom",
    "header": r"header|masthead|topbar|banner|top\b",
    "side": r"side|rail|aside|widget|complementary",
    "related": r"relat|recommend|more-|also|trending|popular|latest|teaser|card|promo-?box|read-?next|similar",
    "share": r"share|social|follow|facebook|twitter",
    "comments": r"comment|disqus|respon[ds]|reply|replies|discuss",
    "promo": r"promo|advert|\bads?\b|sponsor|newsletter|subscri|sign-?up|cta|banner|offer|popup|modal|overlay|cookie"
    r"|consent|gdpr|paywall",
    "byline": r"author|byline|bio\b|meta\b|date|time|tags?\b|categor|credit|caption",
    "content": r"content|article|post|entry|story|body|text|main|prose|markdown",
    "product": r"product|price|cart|shop|item|catalog|listing|grid|gallery|carousel|slider",
    "forum": r"message|thread|topic|forum|post-?body|answer|question",
    "hidden": r"hidden|sr-only|visually|screen-?reader|collapse|d-none",
}
_PATTERNS = tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in _WORDS.values())
_CONTENT = 1 << list(_WORDS).index("content")
_UNSEEN = regex.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_NEAR = 3  # elements above a block whose words count as near
_CELLS, _CELL_WORDS = 4, 15  # a table of data has so many cells at least, and so many words in each at most
_RUNNING, _LINKED = 80, 0.5  # characters of running text at least, and its share of links at most
_TRUNK = 0.55  # share of the running text that the trunk holds: the innermost element with so much of it
_PATH = 4  # elements whose tags and classes make a path
_DECLARATION = regex.compile(r"^\s*<\?xml[^>]*\?>")
_BLANK = regex.compile(r"\s+")

# What an HTML page declares itself to be, for machines (Open Graph, schema.org as JSON-LD or microdata).
DECLARED = {
    "website": r"og:website",
    "article": r"og:article|Article|BlogPosting|NewsArticle|TechArticle|ReportageNewsArticle|Report|Blog",
    "product": r"og:product|Product|Offer|Brand",
    "goods": r"og:product\.group|OfferCatalog|ProductGroup",
    "posts": r"DiscussionForumPosting|Comment|QAPage|InteractionCounter|Question|Answer",
    "list": r"ItemList|CollectionPage|SearchResultsPage",
    "questions": r"FAQPage",
    "business": r"LocalBusiness|Service|PostalAddress|ContactPoint|OpeningHoursSpecification",
    "path": r"BreadcrumbList",
    "person": r"Person",
    "rating": r"AggregateRating|Review",
}
_OPEN_GRAPH = regex.compile(
    r"""<meta[^>]+property=["']og:type["'][^>]*content=["']([^"'>]{1,40})"""
    r"""|<meta[^>]+content=["']([^"'>]{1,40})["'][^>]*property=["']og:type["']""",
    regex.IGNORECASE,
)
_SCHEMA = regex.compile(
    r""""@type"\s*:\s*"(\w{1,60})"|itemtype=["']https?://schema\.org/(\w{1,60})""", regex.IGNORECASE
)
_DECLARED = {name: regex.compile(pattern) for name, pattern in DECLARED.items()}

# Of each block. Shares are in thousandths, sizes in words of six characters.
HINTS = tuple(
    f"page: {name}"
    for name in (
        "heading level", "depth", "link share", "links", "link share of parent", "link share of grandparent",
        "words of parent", "words of grandparent", "blocks of parent", "blocks of grandparent", "share of main",
        "hidden", "siblings alike", "list length", "text of parent", "text of grandparent", "text of third above",
        "text of fifth above", "below trunk", "away from trunk", "blocks at path", "words at path",
        "link share at path",
        *(f"in {tag}" for tag in _AROUND),
        *(f"words near {name}" for name in _WORDS),
        *(f"words above {name}" for name in _WORDS),
    )
)  # fmt: skip
# What trafilatura says of each block, in thousandths of it that were kept, by default and with recall, and how many
# words it kept in all; for the mode that asks it.
VERDICTS = ("trafilatura", "trafilatura with recall", "trafilatura words")
_MANY = 30_000  # words; more are as many


def verdict_hints(document: Document, kept: tuple[str, str]) -> Ints:
    """`VERDICTS` of each block: how much of it is in what trafilatura kept, by default and with recall."""
    bodies = [document.body(block) for block in document.blocks]
    columns = [np.rint(1000 * shares(bodies, text)[0]).astype(np.int64) for text in kept]
    size = min(_MANY, len(kept[0].split()))
    return np.stack([*columns, np.full(len(bodies), size, dtype=np.int64)], axis=1)


@dataclass(frozen=True)
class Page:
    """A page as a document, with the hints of its blocks (one column a name of `HINTS`) and the Markdown mark that
    each block would begin with ("## ", "- ", "  1. ", "> "), and what it declares itself to be, by `DECLARED`."""

    document: Document
    hints: Ints
    marks: tuple[str, ...]
    title: str = ""
    declared: frozenset[str] = frozenset()


@dataclass
class _Element:
    """What the walk knows of an element: where it stands, and, when it is left, how much text it holds."""

    tag: str
    parent: _Element | None
    depth: int
    words: int  # bits of `_WORDS`
    hidden: bool
    label: str  # tag and class, by which siblings are alike
    around: list[int]
    above: int = 0  # bits of `_WORDS`, of all elements above too
    characters: int = 0
    link_characters: int = 0
    running: int = 0
    blocks: int = 0
    alike: dict[str, int] = field(default_factory=dict)

    def ancestor(self, steps: int) -> _Element:
        """The element so many steps above, or the outermost."""
        element = self
        while steps and element.parent is not None:
            element, steps = element.parent, steps - 1
        return element


@dataclass
class _Piece:
    text: str
    kind: Kind
    element: _Element
    link_characters: int
    links: int
    joined: bool  # no blank line before it
    mark: str = ""

    @property
    def runs(self) -> bool:
        return len(self.text) >= _RUNNING and self.link_characters <= _LINKED * len(self.text)


def read_page(html: str, *, url: str | None = None, language: str | None = None) -> Page | None:
    """Parse `html`; None where nothing in it is text that a reader sees.

    Raises lxml.etree.LxmlError (or ValueError, for a document of nothing) where it cannot be parsed.
    """
    import lxml.html  # of no use to text

    parser = lxml.html.HTMLParser(huge_tree=True)  # else what is nested deeply is dropped
    tree = lxml.html.document_fromstring(_DECLARATION.sub("", html.lstrip("\ufeff")), parser=parser)
    pieces = _Walk().over(tree)
    if not pieces:
        return None
    parts: list[str] = []
    blocks = []
    at, run, line = 0, 0, 1
    for index, piece in enumerate(pieces):
        last = index + 1 == len(pieces)
        gap = "\n" if last or pieces[index + 1].joined else "\n\n"
        run += index > 0 and not piece.joined
        end = at + len(piece.text)
        blocks.append(Block(index, piece.kind, Span(at, end + len(gap)), Span(at, end), run, line))
        parts.append(piece.text + gap)
        line += parts[-1].count("\n")
        at = end + len(gap)
    document = Document("".join(parts), tuple(blocks), "html", url, language)
    return Page(document, _hints(pieces), tuple(p.mark for p in pieces), _title(tree), _declared(html))


def _title(tree: Any) -> str:
    found = tree.find(".//title")
    return " ".join((found.text or "").split()) if found is not None else ""


def _declared(html: str) -> frozenset[str]:
    said = {f"og:{tag.lower()}" for found in _OPEN_GRAPH.findall(html) for tag in found if tag}
    said.update(name for found in _SCHEMA.findall(html) for name in found if name)
    return frozenset(name for name, pattern in _DECLARED.items() if any(pattern.fullmatch(word) for word in said))


class _Walk:
    """One walk over a tree, without recursion: pages nest as deeply as they like."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self.text: list[str] = []
        self.link_characters = 0
        self.links = 0
        self.in_link = 0
        self.joined = False
        self.after_link = 0  # parts of `text` when the last link ended
        self.counts: dict[int, int] = {}  # of the items of each ordered list, by the id of its element

    def over(self, tree: Any) -> list[_Piece]:
        root = _Element("html", None, 0, 0, False, "html", [0] * len(_AROUND))
        body = tree.find("body")
        stack: list[tuple[Any, _Element | None]] = [(tree if body is None else body, root)]
        while stack:
            node, parent = stack.pop()
            if parent is None:  # the end of an element: node is (element, tail)
                self._leave(*node)
                continue
            tag = node.tag if isinstance(node.tag, str) else ""
            tail = node.tail or ""
            if not tag or tag in _SKIPPED:
                self._say(tail)
                continue
            element = self._enter(node, tag, parent)
            whole = _data_table(node) if tag == "table" else node.text_content().strip("\n") if tag == "pre" else ""
            if whole:
                self._flush(parent)
                self._emit(whole, Kind.TABLE if tag == "table" else Kind.CODE, element)
                self._say(tail)
                continue
            self._say(node.text or "")
            stack.append(((element, tail), None))
            stack.extend((child, element) for child in reversed(node))
        self._flush(root)
        return self.pieces

    def _enter(self, node: Any, tag: str, parent: _Element) -> _Element:
        attributes = " ".join(filter(None, (node.get("class"), node.get("id"), node.get("role"))))
        words = 0
        if attributes:
            words = sum(1 << place for place, pattern in enumerate(_PATTERNS) if pattern.search(attributes))
        unseen = node.get("hidden") is not None or node.get("aria-hidden") == "true"
        unseen = unseen or bool(_UNSEEN.search(node.get("style") or ""))
        label = f"{tag}.{node.get('class') or ''}"
        parent.alike[label] = parent.alike.get(label, 0) + 1
        around = parent.around
        if (place := _PLACES.get(tag)) is not None:
            around = list(around)
            around[place] += 1
        element = _Element(
            tag, parent, parent.depth + 1, words, parent.hidden or unseen, label, around, parent.above | words
        )
        if tag in _BREAKS:
            self._flush(parent)
        elif tag == "br":
            self._flush(parent, joined=True)
        elif tag == "a":
            if self.text and len(self.text) == self.after_link:  # links side by side are words of their own
                self.text.append(" ")
            self.in_link += 1
            self.links += 1
        return element

    def _leave(self, element: _Element, tail: str) -> None:
        if element.tag in _BREAKS:
            self._flush(element)
        elif element.tag == "a":
            self.in_link -= 1
            self.after_link = len(self.text)
        self._say(tail)

    def _say(self, text: str) -> None:
        if text:
            self.text.append(text)
            if self.in_link:
                self.link_characters += len(text.strip())

    def _flush(self, element: _Element, joined: bool = False) -> None:
        text = _BLANK.sub(" ", "".join(self.text)).strip()
        if text:
            kind, mark = self._form(element)
            if not any(c.isalnum() for c in text):
                kind, mark = Kind.DIVIDER, ""
            self._emit(text, kind, element, mark)
        self.text = []
        self.after_link = 0
        self.link_characters = 0
        self.links = 0
        self.joined = joined and bool(text)

    def _form(self, element: _Element) -> tuple[Kind, str]:
        """What a block is by the elements around it, and its mark in Markdown."""
        kind, mark = Kind.PARAGRAPH, ""
        above: _Element | None = element
        while above is not None and above.tag not in ("article", "section", "main", "body"):
            if above.tag in _HEADINGS:
                return Kind.HEADING, "#" * int(above.tag[1]) + " "
            if above.tag == "blockquote" and kind is Kind.PARAGRAPH:
                return Kind.QUOTE, "> "
            if above.tag in ("li", "dd") and kind is Kind.PARAGRAPH:
                kind, mark = Kind.LIST_ITEM, self._bullet(above)
            elif above.tag in ("ul", "ol"):
                break
            above = above.parent
        return kind, mark

    def _bullet(self, item: _Element) -> str:
        """`- ` or a number, indented by the lists around."""
        depth = item.around[_PLACES["ul"]] + item.around[_PLACES["ol"]]
        indent = "  " * max(0, depth - 1)
        holder = item.parent
        if holder is None or holder.tag != "ol":
            return f"{indent}- "
        if item.blocks:  # a further block of the same item
            return f"{indent}  "
        self.counts[id(holder)] = self.counts.get(id(holder), 0) + 1
        return f"{indent}{self.counts[id(holder)]}. "

    def _emit(self, text: str, kind: Kind, element: _Element, mark: str = "") -> None:
        if not text.strip():
            return
        close = bool(self.pieces) and (
            self.joined or (kind is Kind.LIST_ITEM and self.pieces[-1].kind is Kind.LIST_ITEM)
        )
        piece = _Piece(text, kind, element, min(len(text), self.link_characters), self.links, close, mark)
        self.pieces.append(piece)
        running = len(text) if piece.runs else 0
        above: _Element | None = element
        while above is not None:
            above.characters += len(text)
            above.link_characters += piece.link_characters
            above.running += running
            above.blocks += 1
            above = above.parent


def _data_table(node: Any) -> str:
    """The rows of a table of data, cells divided by bars; "" for one that is a matter of layout."""
    if node.find(".//table") is not None:
        return ""
    rows = []
    cells = longest = total = 0
    for row in node.iter("tr"):
        texts = [" ".join(cell.text_content().split()) for cell in row if cell.tag in ("td", "th")]
        cells += sum(map(bool, texts))
        longest = max(longest, max((len(t.split()) for t in texts), default=0))
        total += sum(map(len, texts))
        if any(texts):
            rows.append(" | ".join(texts))
    linked = sum(len(a.text_content()) for a in node.iter("a"))
    wide = sum(" | " in row for row in rows)
    if cells < _CELLS or longest > _CELL_WORDS or wide * 2 < len(rows) or len(rows) < 2 or linked * 2 > total:
        return ""
    return "\n".join(rows)


def _hints(pieces: list[_Piece]) -> Ints:
    total = max(1, sum(len(p.text) for p in pieces))
    running = max(1, sum(len(p.text) for p in pieces if p.runs))
    trunk = _trunk(pieces, running)
    paths = [_path(p.element) for p in pieces]
    at_path: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for piece, path in zip(pieces, paths, strict=True):
        known = at_path[path]
        known[0] += 1
        known[1] += len(piece.text)
        known[2] += piece.link_characters
    rows = []
    for piece, path in zip(pieces, paths, strict=True):
        own, size = piece.element, len(piece.text)
        parent, grand = own.ancestor(1), own.ancestor(2)
        listed = next((e for e in (own, parent, grand) if e.tag in ("ul", "ol", "dl", "nav")), None)
        below, away = _from_trunk(own, trunk)
        blocks, characters, linked = at_path[path]
        above = [own.ancestor(steps) for steps in range(_NEAR)]
        near = above[0].words | above[1].words | above[2].words
        rows.append((
            int(own.tag[1]) if own.tag in _HEADINGS else 0, own.depth,
            1000 * piece.link_characters // size, piece.links,
            1000 * parent.link_characters // max(1, parent.characters),
            1000 * grand.link_characters // max(1, grand.characters),
            parent.characters // 6, grand.characters // 6, parent.blocks, grand.blocks, _main(own, total),
            int(own.hidden), parent.alike.get(own.label, 1), listed.blocks if listed else 0,
            *(1000 * own.ancestor(steps).running // running for steps in (1, 2, 3, 5)),
            below, away, blocks, characters // (6 * blocks), 1000 * linked // max(1, characters),
            *own.around,
            *(near >> place & 1 for place in range(len(_WORDS))),
            *(own.above >> place & 1 for place in range(len(_WORDS))),
        ))  # fmt: skip
    return np.array(rows, dtype=np.int64)


def _trunk(pieces: list[_Piece], running: int) -> _Element:
    """The innermost element that holds most of the running text."""
    found = pieces[0].element.ancestor(10**6)
    for piece in pieces:
        element: _Element | None = piece.element if piece.runs else None
        while element is not None and element.running < _TRUNK * running:
            element = element.parent
        if element is not None and element.depth > found.depth:
            found = element
    return found


def _from_trunk(element: _Element, trunk: _Element) -> tuple[int, int]:
    """How many steps an element is below the trunk (-1: it is not), and how far above the trunk they meet."""
    steps, at = 0, element
    while at.depth > trunk.depth and at.parent is not None:
        steps, at = steps + 1, at.parent
    away, other = 0, trunk
    while at is not other and at.parent is not None and other.parent is not None:
        if at.depth >= other.depth:
            at = at.parent
        if other.depth > at.depth:
            away, other = away + 1, other.parent
    return (-1 if away else steps), away


def _path(element: _Element) -> str:
    parts: list[str] = []
    at: _Element | None = element
    while at is not None and len(parts) < _PATH:
        parts.append(at.label)
        at = at.parent
    return "/".join(parts)


def _main(element: _Element, total: int) -> int:
    """The share of the page's text in the largest element around that says that it is the content."""
    share = 0
    at: _Element | None = element
    while at is not None:
        if at.tag in ("main", "article") or at.words & _CONTENT:
            share = max(share, 1000 * at.characters // total)
        at = at.parent
    return share
