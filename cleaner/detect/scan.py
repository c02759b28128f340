"""What the detectors share: one look at one document under one set of rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from cleaner.document import Document, Span
from cleaner.evidence import Evidence
from cleaner.features import Features
from cleaner.fingerprint import normalise
from cleaner.rules.model import Rule, RuleSet

__all__ = ["Memo", "Scan", "Spans"]

# (rule id, text of a block) -> where the rule's patterns match in it; spares the later passes the search.
Spans = tuple[tuple[int, int], ...]
Memo = dict[tuple[str, str], Spans]

_SHOWN = 120  # characters of a span that evidence quotes
_LONG = 20_000  # characters of a block; no furniture is longer


@dataclass
class Scan:
    """One look at one document. `timeout` is in seconds a pattern; `timed_out` collects the rules that ran over it,
    which are skipped for the rest of the document."""

    document: Document
    features: Features
    rules: RuleSet
    timeout: float
    memo: Memo = field(default_factory=dict)
    timed_out: dict[str, str] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """The normalised text of each block; empty where it has no words, and for what may repeat itself freely."""
        return [
            "" if tags & {"code", "table", "divider"} else _key(self.features.view[b.body.start : b.body.end])
            for b, tags in zip(self.document.blocks, self.features.tags, strict=True)
        ]

    def evidence(self, rule: Rule, block: int, span: Span, copy_of: int | None = None) -> Evidence:
        words = self.document.text[span.start : span.end]
        if len(words) > _SHOWN:
            words = words[: _SHOWN - 1] + "…"
        score = rule.score if rule.status == "stable" else 0.0  # a preview rule flags, and decides nothing
        return Evidence(rule.id, rule.name, rule.family, block, span, score, words, copy_of)

    @contextmanager
    def patience(self, rule: Rule) -> Iterator[None]:
        """A pattern that runs out of time is noted, not raised."""
        try:
            yield
        except TimeoutError:
            self.timed_out[rule.id] = (
                f"rule {rule.id} ({rule.name}) ran over {self.timeout:g} s and was not followed there"
            )


def _key(body: str) -> str:
    # A block too long to be furniture equals its exact copies only.
    return normalise(body) if len(body) <= _LONG else body
