"""How much of each block stands in another text of the same page: its gold text, or what an extractor kept of it.

Word by word, in the order of the text. A block of eight words or more is in it as much as its runs of four words are. A
shorter one must stand there as a whole, and near the place where the blocks around it stand: the entry of a menu is no
heading of the article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["shares"]

_TOKEN = re.compile(r"[぀-ヿ㐀-鿿฀-๿]|[^\W぀-ヿ㐀-鿿฀-๿]+")
_RUN = 4  # words
_LONG = 8  # words of a block that is looked up by runs of words
_NEAR = 60  # words of the text around the place where a short block should stand
_ELSEWHERE = 0.3  # share of a short block that stands in the text, but elsewhere


def tokens(text: str) -> list[str]:
    """Words in lower case; characters, in scripts without blanks."""
    return _TOKEN.findall(text.lower())


def shares(blocks: Sequence[str], text: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Share of each block that stands in `text`, 0 to 1, and its words."""
    words = [tokens(block) for block in blocks]
    truth = tokens(text)
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(truth) - _RUN + 1):
        places.setdefault(tuple(truth[at : at + _RUN]), []).append(at)
    firsts: dict[str, list[int]] = {}
    for at, word in enumerate(truth):
        firsts.setdefault(word, []).append(at)
    result = np.zeros(len(blocks), dtype=np.float32)
    spots = np.full(len(blocks), -1)
    for index, own in enumerate(words):
        if len(own) < _LONG:
            continue
        runs = [places.get(tuple(own[i : i + _RUN])) for i in range(len(own) - _RUN + 1)]
        found = [(i, at) for i, at in enumerate(runs) if at]
        result[index] = len(found) / len(runs)
        if result[index] >= 0.5:
            offsets = sorted(at[0] - i for i, at in found if len(at) == 1)
            if offsets:
                spots[index] = max(0, offsets[len(offsets) // 2])
    _short(words, truth, firsts, spots, result)
    return result, np.array([len(w) for w in words], dtype=np.int32)


def _short(
    words: list[list[str]],
    truth: list[str],
    firsts: dict[str, list[int]],
    spots: npt.NDArray[np.int64],
    result: npt.NDArray[np.float32],
) -> None:
    known = [int(i) for i in np.flatnonzero(spots >= 0)]
    for index, own in enumerate(words):
        if not own or len(own) >= _LONG:
            continue
        at = bisect_left(known, index)
        before, behind = (known[at - 1] if at else None), (known[at] if at < len(known) else None)
        low = int(spots[before]) + len(words[before]) - _NEAR if before is not None else 0
        high = int(spots[behind]) + _NEAR if behind is not None else len(truth)
        if high < low:  # the page has another order than the text
            low, high = 0, len(truth)
        hits = [p for p in firsts.get(own[0], ()) if truth[p : p + len(own)] == own]
        if any(low <= p <= high for p in hits):
            result[index] = 1.0
        elif hits:
            result[index] = _ELSEWHERE
