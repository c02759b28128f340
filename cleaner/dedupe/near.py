"""Copies of paragraphs inside one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from cleaner.dedupe.shingle import shingles
from cleaner.dedupe.verify import differs_in_meaning, jaccard
from cleaner.fingerprint import normalise

__all__ = ["Copy", "near_copies"]

# 16 bands of 4 rows propose a pair of similarity 0.8 with probability 0.9998 and one of 0.6 with 0.89: generous, since
# what is proposed is then measured exactly.
_BANDS, _ROWS = 16, 4
_SEED = 1
# A document of a thousand paragraphs that differ in a number proposes half a million pairs: of the earlier texts
# proposed for one text the first are measured, and of these the most similar are looked at.
_PROPOSED, _LOOKED_AT = 64, 8


class Copy(NamedTuple):
    """Text number `at` says what the earlier text `original` says; `similarity` is their exact Jaccard, 0 to 1."""

    at: int
    original: int
    similarity: float


def near_copies(texts: Sequence[str], *, threshold: float = 0.8) -> list[Copy]:
    """The texts that repeat an earlier one, in order; each is within `threshold` of its original, which stays.

    Candidates come from MinHash with locality-sensitive hashing (Broder 1997; Indyk and Motwani 1998) by datasketch.
    No chains: a copy is compared with texts that stay, never with another copy.
    """
    if len(texts) < 2:
        return []
    sets = [shingles(text) for text in texts]
    eligible = _sharing(sets, threshold)
    if len(eligible) < 2:
        return []
    plain = {i: normalise(texts[i]) if len(sets[i]) > 1 else texts[i] for i in eligible}
    # Half a second to import (it brings scipy), and most documents have no two paragraphs alike.
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
    exact: dict[str, int] = {}
    copies = []
    for i in eligible:
        if plain[i] in exact:
            copies.append(Copy(i, exact[plain[i]], 1.0))
            continue
        row = MinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
        row.update_batch([s.encode("utf-8", "surrogatepass") for s in sets[i]])
        best = _best(texts, sets, i, sorted(index.query(row)), threshold)
        if best is not None:
            copies.append(best)
            continue
        exact[plain[i]] = i
        index.insert(i, row)
    return copies


def _sharing(sets: list[frozenset[str]], threshold: float) -> list[int]:
    """The texts that can have a copy at all: to be within `threshold` of another, a text must share at least that
    part of its shingles. Most documents end here."""
    counts = Counter(s for group in sets for s in group)
    return [i for i, group in enumerate(sets) if sum(counts[s] > 1 for s in group) >= threshold * len(group)]


def _best(
    texts: Sequence[str], sets: list[frozenset[str]], i: int, proposed: list[int], threshold: float
) -> Copy | None:
    scored = sorted((-jaccard(sets[i], sets[j]), j) for j in proposed[:_PROPOSED])
    for negative, j in scored[:_LOOKED_AT]:
        if -negative >= threshold and not differs_in_meaning(texts[j], texts[i]):
            return Copy(i, j, -negative)
    return None
