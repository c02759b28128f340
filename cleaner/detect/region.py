"""Region rules: patterns over the tags of a run of blocks, as `heading? (phone|email){2,} $`."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detect.scan import Scan
from cleaner.evidence import Evidence
from cleaner.rules.model import mask

__all__ = ["regions"]


def regions(scan: Scan, tags: list[frozenset[str]]) -> Iterator[Evidence]:
    """Evidence for every block inside a match. Dividers are passed over: a line of dashes interrupts nothing."""
    blocks = [b for b in scan.document.blocks if "divider" not in tags[b.index]]
    # Blocks have few different sets of tags: each set is looked at once a pattern.
    kinds: dict[frozenset[str], int] = {}
    places = [kinds.setdefault(tags[b.index], len(kinds)) for b in blocks]
    masks = [mask(kind, scan.rules.bits) for kind in kinds]
    present = frozenset().union(*kinds)
    for rule in scan.rules.of_kind("region"):
        if not present.issuperset(rule.needs):
            continue
        offset = max(0, len(blocks) - rule.last) if rule.last else 0
        claimed: set[int] = set()
        for shape in rule.shapes:
            if not any(need <= present for need, _ban in shape.atoms):
                continue
            symbols = shape.symbols(masks, scan.rules.bits)
            line = "".join([symbols[place] for place in places[offset:]])
            with scan.patience(rule):
                for match in shape.pattern.finditer(line, timeout=scan.timeout):
                    claimed.update(range(match.start() + offset, match.end() + offset))
        for at in sorted(claimed):
            yield scan.evidence(rule, blocks[at].index, blocks[at].body)
