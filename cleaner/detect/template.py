"""Template rules: what repeats across the pages of one site. They speak only where a site profile is given, and no
pack has one yet; a set with one is refused rather than passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detect.scan import Scan
from cleaner.errors import RuleError
from cleaner.evidence import Evidence

__all__ = ["templates"]


def templates(scan: Scan) -> Iterator[Evidence]:
    """Evidence of template rules: none without a profile."""
    for rule in scan.rules.of_kind("template"):
        raise RuleError(f"{rule.source}: {rule.id}: template rules need site profiles, not part of this version")
    return iter(())
