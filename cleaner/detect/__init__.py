"""Detectors: (document, rules) -> evidence. Each interprets one kind of rule; none decides anything."""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.detect.phrase import phrases
from cleaner.detect.region import regions
from cleaner.detect.repetition import copy_counts, repetitions
from cleaner.detect.scan import Memo, Scan
from cleaner.detect.template import templates
from cleaner.document import Document
from cleaner.evidence import Evidence
from cleaner.features import Features, measure
from cleaner.rules.model import RuleSet

__all__ = ["Detection", "Memo", "detect"]

# Phrase evidence of this much makes a block too suspect to count as running text; the longer the block, the more of
# it there must be, for a phrase says less about a long paragraph.
_SUSPECT, _SUSPECT_WORDS = 1.5, 20
_PAGE = 4  # flagged blocks that make a text a page


@dataclass(frozen=True)
class Detection:
    """All evidence about one document. `tags` has the set of tags of each block, `copies` how often it
    stands there (0: it may repeat itself freely), `warnings` what went wrong."""

    evidence: tuple[Evidence, ...]
    tags: tuple[frozenset[str], ...]
    copies: tuple[int, ...]
    features: Features
    warnings: tuple[str, ...]


def detect(
    document: Document, rules: RuleSet, *, timeout: float = 1.0, memo: Memo | None = None, all_rules: bool = False
) -> Detection:
    """Run every detector. `timeout` is in seconds for one pattern on one block; `memo` carries over passes.

    With `all_rules`, evidence of rules of score 0, which only give tags, is there too.
    """
    features = measure(document)
    scan = Scan(document, features, rules, timeout, {} if memo is None else memo)
    said = list(phrases(scan))
    tags = _with_phrases(scan, said)
    copies = copy_counts(scan)
    for index, count in enumerate(copies):
        if count > 1:
            tags[index] |= {"repeated", "thrice"} if count > 2 else {"repeated"}
    for step in (regions, repetitions):
        found = list(step(scan, tags))
        said += found
        for evidence in found:
            if rules.by_id[evidence.rule].support > 0:
                tags[evidence.block] |= {evidence.family}
    said += templates(scan)
    # Rules of score 0 only give tags; preview rules and those of inline residue flag.
    shown = (e for e in said if all_rules or e.score or rules.by_id[e.rule].flags)
    said = sorted(shown, key=lambda e: (e.block, e.rule))
    return Detection(tuple(said), tuple(tags), tuple(copies), features, tuple(scan.timed_out.values()))


def _with_phrases(scan: Scan, said: list[Evidence]) -> list[frozenset[str]]:
    """The blocks' tags with those that phrase rules give; a suspect block loses the tags of running text."""
    tags = list(scan.features.tags)
    weight = [0.0] * len(tags)
    accused: dict[int, str] = {}
    for evidence in said:
        rule = scan.rules.by_id[evidence.rule]
        tags[evidence.block] |= rule.gives | ({"flagged"} if rule.accuses else set())
        weight[evidence.block] += rule.support
        if rule.accuses:
            accused[evidence.block] = rule.family
    if len(accused) >= _PAGE and len(set(accused.values())) > 1:
        tags = [tag | {"page"} for tag in tags]
    return [
        tag - {"prose", "anchor", "sentence"} if total >= _SUSPECT + words / _SUSPECT_WORDS else tag
        for tag, total, words in zip(tags, weight, scan.features.words.tolist(), strict=True)
    ]
