"""What a rule claims, what was decided, and the result that a caller gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cleaner.document import Block, Document, Span
from cleaner.errors import CleanerError

__all__ = ["MODEL", "NEIGHBOURS", "ORPHAN", "PRIOR", "Evidence", "Result", "Verdict"]

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
        """The family that speaks loudest for removal, or None where nothing does. What has a name comes before
        "not-prose", which is all that the model can say."""
        against = [e for e in self.evidence if e.score > 0]
        named = [e for e in against if e.family != "not-prose"]
        return max(named or against, key=lambda e: e.score).family if against else None


@dataclass(frozen=True, slots=True)
class Result:
    """A cleaned document: what stays, what went, why, and the way back.

    `warnings` are lines about what was not done as usual (a rule that ran out of time, a document that would not
    settle). `metadata` holds what is information although it is no prose: "language", "title", and the lines of
    "byline", "date", "correction", "copyright", "licence" and "legal" in the order of the text. `error` is set only
    by `Cleaner.pipe`, for a source that could not be read; nothing is removed then.
    """

    document: Document
    verdicts: tuple[Verdict, ...]
    source: str | bytes = field(repr=False)
    encoding: str | None = None
    bom: bytes = b""
    warnings: tuple[str, ...] = ()
    error: CleanerError | None = None
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The kept blocks, byte for byte as they stood, in order."""
        return self.document.join(b for b in self.document.blocks if not self.verdicts[b.index].removed)

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
