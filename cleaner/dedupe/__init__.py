"""Near-identical paragraphs: MinHash and LSH propose pairs, the exact Jaccard similarity and a guard decide."""

from cleaner.dedupe.near import Copy, near_copies
from cleaner.dedupe.within import copied_paragraphs

__all__ = ["Copy", "copied_paragraphs", "near_copies"]
