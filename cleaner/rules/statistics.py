"""What the rules were measured to do on labelled pages, as `bench/rules.py` wrote it down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["LEAST_HITS", "LEAST_PRECISION", "Measured", "statistics"]

# What a rule must reach to be stable.
LEAST_HITS, LEAST_PRECISION = 20, 0.98


@dataclass(frozen=True)
class Measured:
    """What one rule found on pages of sites that nobody read while it was written.

    `hits` are blocks, `precision` the share of their words that are no prose, `low` the lower end of its 95 %
    interval; `elsewhere` is the precision on pages that are no articles (shops, listings, forums), None without hits.
    """

    hits: int
    sites: int
    words: int
    precision: float
    low: float
    elsewhere: float | None = None

    @property
    def enough(self) -> bool:
        """Whether a rule with these figures may be stable."""
        return self.hits >= LEAST_HITS and self.precision >= LEAST_PRECISION


@cache
def statistics() -> Mapping[str, Measured]:
    """Rule id -> what was measured; a rule that never fired is not in it."""
    text = resources.files("cleaner.rules").joinpath("statistics.json").read_text(encoding="utf-8")
    return {rule: Measured(**row) for rule, row in json.loads(text).items()}
