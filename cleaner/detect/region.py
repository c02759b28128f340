"""Region rules: patterns over the tags of a run of blocks, as `heading? (phone|email){2,} $`."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detect.scan import Scan
from cleaner.evidence import Evidence

__all__ = ["regions"]


def regions(scan: Scan, tags: list[frozenset[str]]) -> Iterator[Evidence]:
    """Evidence for every block inside a match. Dividers are passed over: a line of dashes interrupts nothing."""
    blocks = [b for b in scan.document.blocks if "divider" not in tags[b.index]]
    seen = [tags[b.index] for b in blocks]
    present = frozenset().union(*seen)
    for rule in scan.rules.of_kind("region"):
        if not present.issuperset(rule.needs):
            continue
        claimed: set[int] = set()
        for shape in rule.shapes:
            if not any(need <= present for need, _ban in shape.atoms):
                continue
            with scan.patience(rule):
                for match in shape.pattern.finditer(shape.encode(seen), timeout=scan.timeout):
                    claimed.update(range(match.start(), match.end()))
        for at in sorted(claimed):
            block = blocks[at]
            yield scan.evidence(rule, block.index, block.body)
