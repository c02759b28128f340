"""What a first look of the prose model says of each block's surroundings, for the second.

A block is judged twice: by its signals, and then by its signals and by what the first judgement was of the blocks
around it, of the others of its shape or place, and of the whole page (Tu 2008, "Auto-context and its application to
high-level vision tasks"; Cohen and Carvalho 2005, "Stacked sequential learning"). Whole numbers throughout.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from cleaner.detect.signals import distances, heaviest_run, prefix, shapes, shifted, windows

__all__ = ["context", "context_names"]

Ints = npt.NDArray[np.int64]

_SHIFTS = (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
_REACHES = (2, 4, 8, 16, 40)
_SURE = (500, 800, 950)  # thousandths of being prose
_COSTS = (300, 500, 700)  # the same, that a block has to be over to belong to the text
_LIMIT, _OUTSIDE = 800, -900  # hundredths of log-odds; what is beyond the page's ends
_CAP = 200  # words of a block that count
_NEAR = 30  # blocks
_PLACE = ("page: in ", "page: words near", "page: words above")


def context(rows: Ints, columns: tuple[str, ...], stays: Ints, odds: Ints) -> Ints:
    """[blocks, len(context_names(columns))] for one document.

    rows: signals and hints, by the names `columns`; stays: thousandths of being prose by the first look; odds: its
    log-odds of boilerplate, in hundredths.
    """
    parts = _columns(rows, columns, stays, odds)
    return np.stack(list(parts.values()), axis=1) if len(rows) else np.zeros((0, len(parts)), dtype=np.int64)


@cache
def context_names(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of `context`, in their order."""
    nothing = np.zeros(1, dtype=np.int64)
    return tuple(_columns(np.zeros((1, len(columns)), dtype=np.int64), columns, nothing, nothing))


def _columns(rows: Ints, columns: tuple[str, ...], stays: Ints, odds: Ints) -> dict[str, Ints]:
    place = {name: at for at, name in enumerate(columns)}
    words = np.minimum(rows[:, place["words"]], _CAP)
    odds = np.clip(odds, -_LIMIT, _LIMIT)
    parts = {"look: prose": stays, "look: odds": odds}
    parts |= {f"look: odds at {shift:+}": shifted(odds, shift, _OUTSIDE) for shift in _SHIFTS}
    parts |= _around(stays, words)
    parts |= _page(stays, words)
    parts |= _nearest(stays)
    parts |= _within(stays, words)
    for name, keys, weight in _groups(rows, place, words):
        parts[f"look: prose of {name}"], parts[f"look: number of {name}"] = _alike(keys, stays, weight)
    return parts


def _around(stays: Ints, words: Ints) -> dict[str, Ints]:
    """Shares of prose, by words and by blocks, and words of prose, before and behind."""
    weight, prose, blocks = prefix(words), prefix(words * stays), prefix(stays)
    result = {}
    for where, low, high in windows(len(stays), _REACHES):
        result[f"look: share of {where}"] = (prose[high] - prose[low]) // np.maximum(weight[high] - weight[low], 1)
        result[f"look: mean of {where}"] = (blocks[high] - blocks[low]) // np.maximum(high - low, 1)
        result[f"look: words of {where}"] = (prose[high] - prose[low]) // 1000
    return result


def _page(stays: Ints, words: Ints) -> dict[str, Ints]:
    """Of the whole page, and what of its prose stands above and below."""
    prose = prefix(words * stays)
    total, size = int(prose[-1]), max(1, int(words.sum()))
    doubt = int((words * np.minimum(stays, 1000 - stays)).sum())
    above, below = prose[:-1], total - prose[1:]
    return {
        "look: prose words": np.full(len(stays), total // 1000, dtype=np.int64),
        "look: prose share": np.full(len(stays), total // size, dtype=np.int64),
        "look: doubt": np.full(len(stays), doubt // size, dtype=np.int64),
        "look: prose above": 1000 * above // max(1, total),
        "look: prose below": 1000 * below // max(1, total),
        "look: prose above, counted": above // 1000,
        "look: prose below, counted": below // 1000,
    }


def _nearest(stays: Ints) -> dict[str, Ints]:
    """Blocks since and until one that is prose so surely."""
    result = {}
    for sure in _SURE:
        result[f"look: since {sure}"], result[f"look: until {sure}"] = distances(stays >= sure)
    return result


def _within(stays: Ints, words: Ints) -> dict[str, Ints]:
    """How far within the run of blocks that is most of all prose, at several costs."""
    at = np.arange(len(stays))
    result = {}
    for cost in _COSTS:
        start, end = heaviest_run(words * (stays - cost))
        result[f"look: after prose begins {cost}"] = np.clip(at - start, -_NEAR, _NEAR)
        result[f"look: before prose ends {cost}"] = np.clip(end - 1 - at, -_NEAR, _NEAR)
    return result


def _groups(rows: Ints, place: dict[str, int], words: Ints) -> list[tuple[str, Ints, Ints]]:
    """(name, key of each block, weight): blocks that are alike."""
    ones = np.ones(len(rows), dtype=np.int64)
    columns = rows.T
    shape = shapes(*(columns[place[name]] for name in ("words", "first", "last", "tag item")))
    result = [("its shape", shape, ones), ("its run", np.cumsum(columns[place["place in run"]] == 0), words)]
    if "page: depth" in place:
        where = [at for name, at in place.items() if name.startswith(_PLACE)]
        for name, chosen in (
            ("its place", [place["page: depth"], *where]),
            ("its parent", [place[f"page: {n}"] for n in ("words of parent", "blocks of parent", "depth")]),
            ("its grandparent", [place[f"page: {n}"] for n in ("words of grandparent", "blocks of grandparent")]),
        ):
            result.append((name, _key(columns[chosen]), words))
    return result


def _key(columns: Ints) -> Ints:
    """One number for each column of numbers, nearly always another for other numbers."""
    key = np.zeros(columns.shape[1], dtype=np.uint64)
    for row in columns:
        key = (key ^ row.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key.astype(np.int64)


def _alike(keys: Ints, stays: Ints, weight: Ints) -> tuple[Ints, Ints]:
    """Share of prose among the others with a block's key, drawn to one half where they are few, and their number."""
    _, group = np.unique(keys, return_inverse=True)
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], np.arange(group.max(initial=-1) + 2))
    prose, total = prefix((weight * stays)[order]), prefix(weight[order])
    own, low, high = weight * stays, first[group], first[group + 1]
    share = (prose[high] - prose[low] - own + 500) // (total[high] - total[low] - weight + 1)
    return share, high - low
