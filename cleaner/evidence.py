"""What a rule claims, what was decided, and the result that a caller gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cleaner.document import Block, Document, Kind, Span
from cleaner.errors import CleanerError

__all__ = ["KINDS", "MODEL", "NEIGHBOURS", "ORPHAN", "PAGE_KINDS", "PRIOR", "Evidence", "PageKind", "Result", "Verdict"]

# Ids of the parts of a verdict that come from no rule.
PRIOR, NEIGHBOURS, ORPHAN, MODEL = "DEC001", "DEC002", "DEC003", "DEC004"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule's claim about one span of a block.

    `score` is in log-odds: positive speaks for boilerplate, negative for prose. It is what the rule adds to this
    block's verdict, so a claim that repeats what another of its family said already carries a smaller score than
    the rule's own. `words` are the words that made the rule fire, `copy_of` the index of the block repeated.
    """

    rule: str
    name: str
    family: str
    block: int
    span: Span
    score: float
    words: str
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Keep or remove, for one block. The evidence's scores add up to `score`, in log-odds.

    A block is removed when `score` is over `threshold` and it is not `protected` (code, tables and the user's keep
    rules are absolute).
    """

    block: int
    score: float
    threshold: float
    evidence: tuple[Evidence, ...]
    protected: bool = False

    @property
    def removed(self) -> bool:
        return self.score > self.threshold and not self.protected

    def plus(self, *extra: Evidence) -> Verdict:
        """This verdict with more claims counted."""
        evidence = (*self.evidence, *extra)
        return replace(self, evidence=evidence, score=sum(e.score for e in evidence))

    @property
    def family(self) -> str | None:
        """The family that speaks loudest for removal, or None where nothing does. What has a name, be it by a preview
        rule only, comes before "not-prose", which is all that the model can say."""
        against = [e for e in self.evidence if e.score > 0]
        flags = [e for e in self.evidence if not e.score and e.family != "keep"] if against else []
        named = [e for e in against if e.family != "not-prose"]
        return max(named or flags or against, key=lambda e: e.score).family if against else None


KINDS = ("article", "collection", "documentation", "forum", "listing", "product", "service")  # told by a fitted model
PAGE_KINDS = (*KINDS, "error", "consent", "log-in", "empty", "unknown")


@dataclass(frozen=True, slots=True)
class PageKind:
    """What kind of page a document is, with a confidence from 0 to 1.

    `name` is "article", "collection", "documentation", "forum", "listing", "product" or "service" as a fitted model
    tells them, "error", "consent", "log-in" or "empty" as the page itself says, or "unknown" (the rules decide alone).
    """

    name: str = "unknown"
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """A cleaned document: what stays, what went, why, and the way back.

    `warnings` are lines about what was not done as usual (a rule that ran out of time, a document that would not
    settle). `metadata` holds what is information although it is no prose: "language", "title", and the lines of
    "byline", "date", "correction", "copyright", "licence" and "legal" in the order of the text. `error` is set only
    by `Cleaner.pipe`, for a source that could not be read; nothing is removed then. `marks` has what each block of an
    HTML page begins with in Markdown, `page` says what kind of page it is.
    """

    document: Document
    verdicts: tuple[Verdict, ...]
    source: str | bytes = field(repr=False)
    encoding: str | None = None
    bom: bytes = b""
    warnings: tuple[str, ...] = ()
    error: CleanerError | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    page: PageKind = PageKind()

    @property
    def text(self) -> str:
        """The kept blocks, byte for byte as they stood, in order."""
        return self.document.join(b for b in self.document.blocks if not self.verdicts[b.index].removed)

    @property
    def markdown(self) -> str:
        """The kept blocks of an HTML page as Markdown: headings, lists, quotations, tables and code as such. Of a text,
        `text`."""
        if not self.marks:
            return self.text
        return "".join(
            _marked(self.document, b, self.marks[b.index]) for b in self.blocks if not self.verdicts[b.index].removed
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.document.blocks

    @property
    def removed(self) -> tuple[Block, ...]:
        """The blocks that went, in order; `verdicts[block.index]` says why."""
        return tuple(b for b in self.document.blocks if self.verdicts[b.index].removed)

    @property
    def findings(self) -> tuple[Evidence, ...]:
        """Claims that remove nothing, in order: of preview rules, and of families that only find."""
        return tuple(e for v in self.verdicts for e in v.evidence if not e.score)

    def restore(self) -> str | bytes:
        """What was given, exactly: str or bytes. Text is put together again from kept and removed blocks;
        for HTML, of which the blocks hold only the extracted text, it is the source itself."""
        if self.document.format == "html" or self.error is not None:
            return self.source
        text = self.document.join(self.document.blocks)
        if self.encoding is None:
            return text
        return self.bom + text.encode(self.encoding)


_FENCE = re.compile(r"`{3,}")
_LIKE_A_MARK = re.compile(r"^(?=[#>+-](?:\s|$)|[*_=`~|]|\d+[.)]\s)")


def _marked(document: Document, block: Block, mark: str) -> str:
    """One block as Markdown, with its separator."""
    body = document.body(block)
    gap = document.text[block.body.end : block.span.end]
    if block.kind is Kind.CODE:
        fence = "`" * max([3, *(len(f) + 1 for f in _FENCE.findall(body))])
        return f"{fence}\n{body}\n{fence}{gap}"
    if block.kind is Kind.TABLE:
        rows = [row.split(" | ") for row in body.split("\n")]
        width = max(map(len, rows))
        lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
        return "\n".join((lines[0], "|" + " --- |" * width, *lines[1:])) + gap
    return mark + (body if mark or block.kind is Kind.DIVIDER else _LIKE_A_MARK.sub(r"\\", body)) + gap
