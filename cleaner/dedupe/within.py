"""Copies of paragraphs inside one document, as evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cleaner.dedupe.near import near_copies
from cleaner.document import Document, Kind
from cleaner.evidence import Evidence
from cleaner.rules.model import Rule

__all__ = ["copied_paragraphs"]

_NEVER = (Kind.TABLE, Kind.CODE, Kind.DIVIDER)


def copied_paragraphs(
    document: Document,
    rule: Rule,
    words: Sequence[int],
    tags: Sequence[frozenset[str]],
    *,
    threshold: float = 0.8,
    skip: Collection[int] = (),
) -> Iterator[Evidence]:
    """Evidence against paragraphs that repeat an earlier one; blocks in `skip` are neither copies nor originals.

    Verse may repeat itself, and so may whatever has fewer words than the rule asks for.
    """
    candidates = [
        block
        for block in document.blocks
        if block.kind not in _NEVER
        and words[block.index] >= rule.min_words
        and not tags[block.index] & {"verse", "staged"}
        and block.index not in skip
    ]
    for copy in near_copies([document.body(block) for block in candidates], threshold=threshold):
        block, original = candidates[copy.at], candidates[copy.original]
        said = f"{copy.similarity:.0%} the same as line {original.line}"
        yield Evidence(rule.id, rule.name, rule.family, block.index, block.body, rule.score, said, original.index)
