"""Texts into sets of shingles: what similarity is measured on."""

from __future__ import annotations

import regex

from cleaner.fingerprint import DENSE_SCRIPTS, normalise

__all__ = ["shingles"]

_WORDS = 3  # words a shingle
_CHARS = 5  # characters a shingle, in scripts without blanks between words
_LONGEST = 100_000  # characters; a longer text is no paragraph, and equals only its exact copies
_DENSE = regex.compile(DENSE_SCRIPTS)


def shingles(text: str) -> frozenset[str]:
    """Runs of three words of the normalised text; of five characters where most of it is in a script without blanks.

    A text shorter than a shingle is one shingle, so that it equals only its exact copies.
    """
    if len(text) > _LONGEST:
        return frozenset({text})
    plain = normalise(text)
    if len(_DENSE.findall(plain)) * 2 > len(plain):
        joined = plain.replace(" ", "")
        return frozenset(joined[i : i + _CHARS] for i in range(max(1, len(joined) - _CHARS + 1)))
    tokens = plain.split(" ")
    return frozenset(" ".join(tokens[i : i + _WORDS]) for i in range(max(1, len(tokens) - _WORDS + 1)))
