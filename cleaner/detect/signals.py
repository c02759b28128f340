"""What the prose model reads: whole numbers for every block, computed for the document at once.

Counts, and shares in thousandths, of the block itself, of its neighbours at several ranges and of the whole document;
nothing in them depends on a language's words but the share of function words and what the rules found. They are
integers so that they come out the same on every platform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import regex

from cleaner.detect import Detection
from cleaner.document import Document
from cleaner.evidence import Evidence
from cleaner.features import Features, measure
from cleaner.fingerprint import DENSE_SCRIPTS
from cleaner.segment import segment

__all__ = [
    "GROUPS", "distances", "group_of", "heaviest_run", "names", "prefix", "shapes", "shifted", "signals", "windows",
]  # fmt: skip

Ints = npt.NDArray[np.int64]

_TAGS = (
    "heading", "item", "table", "code", "divider", "empty", "prose", "sentence", "anchor", "short", "tiny", "titlelike",
    "affix", "label", "name", "role", "emoji", "digits", "addressing", "voice", "exclaim", "lead-in", "loose", "top",
    "middle", "tail", "staged", "verse", "stanza", "group", "crowd", "joined", "page", "headline",
    "repeated", "thrice", "quoted",
)  # fmt: skip
_FAMILIES = (
    "promo", "logo-list", "contact-footer", "related", "share", "navigation", "legal", "cookie", "byline", "caption",
    "advert", "comments", "paywall", "repeat", "keep",
)  # fmt: skip
_TELLING = ("promo", "related", "share", "navigation", "legal", "byline", "comments")  # of a block's neighbours
_STOPS, _COMMAS, _MARKS = ".!?。！？؟।", ",;，、；،", "|·•›»>/→…"
_MONEY = "$€£¥₽₹"
_LONG_WORD = regex.compile(rf"{DENSE_SCRIPTS}{{2}}|[\p{{L}}\p{{M}}]{{5,}}")
_LONG = 4000  # characters of a block whose words are looked at one by one
_FAR = 99  # blocks; what is farther is as far
_RANGES = (3, 8, 20)
_COSTS = (6, 12)  # of a block that is no text, in the search for the run that holds most text
_TWINS = 12  # blocks before and behind that are looked at for the same shape
_COPIES = 9  # more are as many
_CAP = 60  # words of a block that count in that search


def signals(document: Document, detection: Detection, scores: Sequence[float], suspicion: Sequence[float]) -> Ints:
    """One row a block, one column a name of `names()`.

    `scores` is what the rules say of each block, in log-odds, `suspicion` what they would say if preview rules that
    support others counted. What counting rules say of a block itself is in no column of its row, since it enters the
    verdict as a score; in the rows of its neighbours it is.
    """
    columns = _columns(document, detection, scores, suspicion)
    return np.stack([columns[name] for name in names()], axis=1)


def _columns(
    document: Document, detection: Detection, scores: Sequence[float], suspicion: Sequence[float]
) -> dict[str, Ints]:
    features, tags, said = detection.features, detection.tags, detection.evidence
    own = _form(document, features)
    own |= _tag_columns(tags, said)
    own["copies"] = np.minimum(np.array(detection.copies, dtype=np.int64), _COPIES)
    own["topical"] = _topical(document, features, own["tag anchor"] > 0)
    words, prose = own["words"], own["tag prose"]
    own["prose words"], own["other words"] = words * prose, words * (1 - prose)
    own["suspicion"] = np.array(
        [round(100 * (doubt - score)) for doubt, score in zip(suspicion, scores, strict=True)], dtype=np.int64
    )
    others = own | {"rules": np.array([round(100 * s) for s in suspicion], dtype=np.int64)} | _accused(tags, said)
    result = dict(own)
    result |= _around(others)
    result |= _runs(document, others)
    result |= _distances(others)
    result |= _alike(own)
    result |= _whole(own)
    return result


def prefix(column: Ints | npt.NDArray[np.bool_]) -> Ints:
    """Sums of the column's beginnings, from that of none to that of all."""
    return np.concatenate([[0], np.cumsum(column, dtype=np.int64)])


def _form(document: Document, features: Features) -> dict[str, Ints]:
    """Counts of characters and words, block by block."""
    view = features.view
    starts = np.array([b.body.start for b in document.blocks], dtype=np.int64)
    ends = np.array([b.body.end for b in document.blocks], dtype=np.int64)
    points = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    length = ends - starts

    def count(characters: str) -> Ints:
        found = np.isin(points, np.array([ord(c) for c in characters], dtype=np.uint32))
        sums = prefix(found)
        counted: Ints = sums[ends] - sums[starts]
        return counted

    words = features.words
    per_word, per_char = np.maximum(words, 1), np.maximum(length, 1)
    stops, commas = count(_STOPS), count(_COMMAS)
    bodies = [view[b.body.start : b.body.end].strip() for b in document.blocks]
    return {
        "words": words,
        "characters": length,
        "word length": 10 * length // per_word,
        "digits": 1000 * features.digits // per_char,
        "capitals first": 1000 * features.names // per_word,
        "capitals": 1000 * features.capitals // per_char,
        "function words": 1000 * features.functions // per_word,
        "dense": 1000 * features.dense // per_char,
        "stops": stops,
        "stops per word": 1000 * stops // per_word,
        "commas": commas,
        "commas per word": 1000 * commas // per_word,
        "marks": count(_MARKS),
        "money": count(_MONEY),
        "colons": count(":："),
        "brackets": count("()[]{}（）【】"),
        "quotes": count('"“”„«»「」'),
        "addresses": count("@"),
        "lines": count("\n") + 1,
        "last": np.array([_sort(body[-1:]) for body in bodies], dtype=np.int64),
        "first": np.array([_sort(body[:1]) for body in bodies], dtype=np.int64),
        "indent": np.minimum(starts - np.array([b.span.start for b in document.blocks], dtype=np.int64), 20),
        "gap after": np.array(
            [min(6, document.text.count("\n", b.body.end, b.span.end)) for b in document.blocks], dtype=np.int64
        ),
    }


def _sort(char: str) -> int:
    """What a line begins or ends with: 0 nothing, 1 stop, 2 comma, 3 colon, 4 lower case, 5 capital, 6 other letter,
    7 digit, 8 any other sign."""
    for number, characters in ((1, _STOPS), (2, _COMMAS), (3, ":：")):
        if char and char in characters:
            return number
    if not char:
        return 0
    if char.isalpha():
        return 4 if char.islower() else 5 if char.isupper() else 6
    return 7 if char.isdigit() else 8


def _tag_columns(tags: Sequence[frozenset[str]], said: Sequence[Evidence]) -> dict[str, Ints]:
    """Tags, and which families preview rules see in a block."""
    columns = {f"tag {tag}": np.array([tag in own for own in tags], dtype=np.int64) for tag in _TAGS}
    for family in _FAMILIES:
        columns[f"preview {family}"] = np.zeros(len(tags), dtype=np.int64)
    for evidence in said:
        if not evidence.score and (name := f"preview {evidence.family}") in columns:
            columns[name][evidence.block] += 1
    return columns


def _accused(tags: Sequence[frozenset[str]], said: Sequence[Evidence]) -> dict[str, Ints]:
    """Blocks that rules of some families, or any rule of weight, speak against."""
    columns = {f"family {family}": np.zeros(len(tags), dtype=np.int64) for family in _TELLING}
    for evidence in said:
        if evidence.score >= 0 and (name := f"family {evidence.family}") in columns:
            columns[name][evidence.block] = 1
    columns["flagged"] = np.array(["flagged" in own for own in tags], dtype=np.int64)
    return columns


def _topical(document: Document, features: Features, anchor: npt.NDArray[np.bool_]) -> Ints:
    """Thousandths of each block's longer words that stand in the running text of other blocks; -1 for none."""
    folded, blocks = features.folded, document.blocks
    sets = [set(_LONG_WORD.findall(folded, b.body.start, min(b.body.end, b.body.start + _LONG))) for b in blocks]
    said = Counter(word for words, holds in zip(sets, anchor.tolist(), strict=True) if holds for word in words)
    result = []
    for words, holds in zip(sets, anchor.tolist(), strict=True):
        least = 2 if holds else 1  # the block's own words do not count
        result.append(1000 * sum(said[w] >= least for w in words) // len(words) if words else -1)
    return np.array(result, dtype=np.int64)


_SUMMED = ("prose words", "other words", "stops", "commas")
_MEANT = (
    "rules", "function words", "capitals first", "digits", "topical", "tag item", "tag short", "flagged",
    "tag titlelike", "tag sentence", "copies", "tag heading", "word length",
    "family promo", "family related", "family share", "family navigation", "family legal", "family byline",
    "family comments",
)  # fmt: skip
_SHIFTED = (
    "words", "tag prose", "tag sentence", "tag item", "tag heading", "flagged", "rules", "capitals first", "topical",
    "function words", "last", "gap after",
)  # fmt: skip
_SHIFTS = (-3, -2, -1, 1, 2, 3)


def _around(own: dict[str, Ints]) -> dict[str, Ints]:
    """The same of the blocks before and behind, at several ranges."""
    sums = {name: prefix(own[name]) for name in (*_SUMMED, *_MEANT)}
    result = {}
    for where, low, high in windows(len(own["words"]), _RANGES):
        size = np.maximum(high - low, 1)
        for name in _SUMMED:
            result[f"{name} of {where}"] = sums[name][high] - sums[name][low]
        for name in _MEANT:
            result[f"{name} of {where}"] = 10 * (sums[name][high] - sums[name][low]) // size
    for shift in _SHIFTS:
        for name in _SHIFTED:
            result[f"{name} at {shift:+}"] = shifted(own[name], shift, -1)
    return result


def windows(n: int, reaches: Iterable[int]) -> Iterator[tuple[str, Ints, Ints]]:
    """("3 before", bounds of the three blocks before each of `n`), and so on."""
    at = np.arange(n)
    for reach in reaches:
        yield f"{reach} before", np.clip(at - reach, 0, n), at
        yield f"{reach} behind", at + 1, np.clip(at + 1 + reach, 0, n)


def shifted(column: Ints, shift: int, outside: int) -> Ints:
    """The same of the block so many behind (or before), `outside` beyond the ends."""
    result = np.full(len(column), outside, dtype=np.int64)
    if shift < 0:
        result[-shift:] = column[:shift]
    else:
        result[:-shift] = column[shift:]
    return result


def _runs(document: Document, own: dict[str, Ints]) -> dict[str, Ints]:
    """Of the blocks with no blank line between them."""
    runs = np.array([b.run for b in document.blocks])
    size = np.bincount(runs)[runs]
    first = np.searchsorted(runs, runs)
    at = np.arange(len(runs))
    result = {
        "run size": size,
        "place in run": at - first,
        "left in run": size - 1 - (at - first),
    }
    for name in ("words", "prose words", "tag short", "tag item"):
        sums = prefix(own[name])
        total = sums[first + size] - sums[first]
        result[f"run {name}"] = total if "words" in name else 10 * total // size
    for name in ("rules", "flagged"):  # of the others in the run
        sums = prefix(own[name])
        total = sums[first + size] - sums[first] - own[name]
        result[f"run {name}"] = 10 * total // np.maximum(size - 1, 1)
    return result


def _distances(own: dict[str, Ints]) -> dict[str, Ints]:
    n = len(own["words"])
    at = np.arange(n)
    result = {"place": at, "left": n - 1 - at, "place share": 1000 * at // max(1, n - 1)}
    for name in ("tag anchor", "tag heading", "tag sentence", "flagged", *(f"family {f}" for f in _TELLING)):
        result[f"since {name}"], result[f"until {name}"] = distances(own[name])
    for name, weight in (("words", own["words"]), ("anchor words", own["words"] * own["tag anchor"])):
        sums = prefix(weight)
        result[f"{name} above"] = 1000 * sums[:-1] // max(1, int(sums[-1]))
        result[f"{name} above, counted"] = sums[:-1]
        result[f"{name} below, counted"] = sums[-1] - sums[1:]
    prose, sentence, words = own["tag prose"] > 0, own["tag sentence"] > 0, np.minimum(own["words"], _CAP)
    for cost in _COSTS:
        gain = np.where(
            prose, 2 * (words - cost), np.where(sentence, words - cost, np.where(own["words"] == 0, 0, -2 * cost))
        )
        start, end = heaviest_run(gain)
        result[f"after text begins {cost}"] = np.clip(at - start, -30, 30)
        result[f"before text ends {cost}"] = np.clip(end - 1 - at, -30, 30)
    return result


def distances(holds: Ints | npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Blocks since and until the nearest other one that holds, at most _FAR."""
    at, places = np.arange(len(holds)), np.flatnonzero(holds)
    before = np.searchsorted(places, at) - 1  # the block itself does not count
    behind = np.searchsorted(places, at, side="right")
    padded = np.concatenate([places, [10**7, -(10**7)]])  # the place -1 is the last
    return np.minimum(at - padded[before], _FAR), np.minimum(padded[behind] - at, _FAR)


def heaviest_run(gain: Ints) -> tuple[int, int]:
    """Bounds of the run with the greatest sum (Kadane's algorithm, as sums of prefixes)."""
    sums = prefix(gain)
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    start = int(np.argmin(sums[: end + 1]))
    return start, end


def shapes(words: Ints, first: Ints, last: Ints, items: Ints) -> Ints:
    """A number for the shape of each block: its length, roughly, and what it begins and ends with."""
    size = np.searchsorted(np.array([1, 2, 4, 7, 12, 20, 40]), words)
    shape: Ints = ((size * 16 + first) * 16 + last) * 2 + items
    return shape


def _alike(own: dict[str, Ints]) -> dict[str, Ints]:
    """Blocks of the same shape nearby, and at regular distances, as in lists of teasers or goods."""
    shape = shapes(own["words"], own["first"], own["last"], own["tag item"])
    n = len(shape)
    padded = np.concatenate([np.full(_TWINS, -1), shape, np.full(_TWINS, -1)])
    same = {k: padded[_TWINS + k : _TWINS + k + n] == shape for k in range(-_TWINS, _TWINS + 1) if k}
    steps = [sum(same[s * k].astype(np.int64) for s in (-2, -1, 1, 2)) for k in range(2, _TWINS // 2 + 1)]
    return {
        "twins before": sum((same[-k].astype(np.int64) for k in range(1, _TWINS + 1)), np.zeros(n, dtype=np.int64)),
        "twins behind": sum((same[k].astype(np.int64) for k in range(1, _TWINS + 1)), np.zeros(n, dtype=np.int64)),
        "twins at regular distances": np.max(np.stack(steps), axis=0),
    }


def _whole(own: dict[str, Ints]) -> dict[str, Ints]:
    """The document's shape, the same for all blocks: little of it, since pages are few and each is its own shape."""
    n = len(own["words"])
    words = max(1, int(own["words"].sum()))
    anchor = own["tag anchor"] > 0
    figures = {
        "anchor share": 1000 * int(own["words"][anchor].sum()) // words,
        "anchor length": int(own["words"][anchor].sum()) // max(1, int(anchor.sum())),
        "prose share": 1000 * int(own["prose words"].sum()) // words,
        "words a block": 10 * words // max(1, n),
        "function words a word": 1000 * int((own["function words"] * own["words"]).sum()) // (1000 * words),
        "stops a word": 1000 * int(own["stops"].sum()) // words,
    }
    return {name: np.full(n, value, dtype=np.int64) for name, value in figures.items()}


# What a signal is about, in the words that `explain` shows: for boilerplate, for prose.
GROUPS = {
    "page": ("where it stands in the page", "where it stands in the page"),
    "links": ("links", "no links"),
    "extractor": ("trafilatura leaves it out", "trafilatura keeps it"),
    "rules": ("preview rules see boilerplate", "preview rules see no boilerplate"),
    "rules-nearby": ("boilerplate nearby", "no boilerplate nearby"),
    "repetition": ("others like it", "none like it"),
    "topic": ("shares few words with the text", "shares words with the text"),
    "text-nearby": ("little text around it", "text around it"),
    "look": ("a first look at it", "a first look at it"),
    "surroundings": ("boilerplate around it, by a first look", "prose around it, by a first look"),
    "run": ("lines it stands among", "lines it stands among"),
    "document": ("a document of little text", "a document of much text"),
    "place": ("outside of the text", "within the text"),
    "form": ("its form", "its form"),
    "length": ("its length", "its length"),
    "signs": ("its capitals, digits and signs", "its capitals, digits and signs"),
    "sentences": ("no sentences", "sentences"),
}
_GROUP_PATTERNS = (
    ("look", r"look: (?:prose|odds|doubt|prose words|prose share)"),
    ("surroundings", r"look: .*"),
    ("extractor", r"trafilatura.*"),
    ("links", r"page: .*link.*"),
    ("page", r"page: .*"),
    ("rules-nearby", r"(?:run |since |until )(?:rules|flagged|family .*)|(?:rules|flagged|family \S+) (?:of|at) .*"),
    ("topic", r"topical.*"),
    ("run", r"(?:run |place in run|left in run).*"),
    ("document", r"anchor share|anchor length|prose share|words a block|.* a word"),
    ("place", r"tag (?:top|middle|tail|headline)|place.*|left|.* (?:above|below).*|(?:after|before) text .*"),
    (
        "text-nearby",
        r".* (?:of \d+ (?:before|behind)|at [+-]\d)|(?:since|until) .*|tag (?:verse|stanza|staged|group|crowd)",
    ),
    ("rules", r"preview .*|suspicion|tag page"),
    ("repetition", r"copies|twins.*|tag (?:repeated|thrice|affix)"),
    ("form", r"indent|gap after|lines|tag (?:heading|item|table|code|divider|empty|joined|quoted)"),
    ("length", r"words|characters|prose words|other words|tag (?:short|tiny|loose)"),
    (
        "signs",
        r"digits|capitals.*|marks|money|colons|brackets|quotes|addresses|first|tag (?:digits|name|role|emoji|label)",
    ),
    ("sentences", r".*"),
)


@cache
def group_of(name: str) -> str:
    """The one of `GROUPS` that the signal belongs to."""
    return next(group for group, pattern in _GROUP_PATTERNS if regex.fullmatch(pattern, name))


@cache
def names() -> tuple[str, ...]:
    """The columns of `signals`, in their order."""
    document = segment("a")
    features = measure(document)
    return tuple(_columns(document, Detection((), features.tags, (1,), features, ()), (0.0,), (0.0,)))
