"""Repetition rules: blocks that stand in the document more than once.

Repetition alone removes nothing (songs have refrains): a rule names the tags that must stand beside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator

import regex

from cleaner.detect.scan import Scan
from cleaner.evidence import Evidence
from cleaner.rules.model import Rule

__all__ = ["copy_counts", "repetitions"]

_CAPTION = regex.compile(
    r"\b(?:image|photo|photograph|picture|banner|thumbnail|cover|graphic|illustration|credit|source|foto|bild|video)\b"
)
_TITLE_WORDS = 3  # a title of fewer words is too likely to stand for something else
_CONTAINED_WORDS = 5  # the same, for a title looked for inside other blocks
_PLAIN_BLOCKS, _PLAIN_WORDS = 4, 90  # what a repeated promo holds besides its boilerplate, at most
_LONGEST = 40  # words of a caption or banner, at most
_EXTRA_WORDS = 7  # what a banner adds to the heading it repeats
_CREDIT_WORDS = 10  # what a caption adds to the title it repeats: "Image:" and a firm's full name


def repetitions(scan: Scan, tags: list[frozenset[str]]) -> Iterator[Evidence]:
    """Evidence of all repetition rules but those for near copies, which `cleaner.dedupe` interprets."""
    keys = scan.keys
    counts = Counter(key for key in keys if key)
    for rule in scan.rules.of_kind("repetition"):
        if rule.copies == "run":
            yield from _runs(scan, rule, tags, keys, counts)
        elif rule.copies == "contained":
            yield from _contained(scan, rule, tags, keys, counts)
        elif rule.copies in ("title", "title-contained"):
            yield from _titles(scan, rule, tags, keys)


def copy_counts(scan: Scan) -> list[int]:
    """How often each block stands in the document; 0 for blocks that may repeat themselves freely."""
    keys = scan.keys
    counts = Counter(keys)
    return [counts[key] if key else 0 for key in keys]


def _runs(
    scan: Scan, rule: Rule, tags: list[frozenset[str]], keys: list[str], counts: Counter[str]
) -> Iterator[Evidence]:
    """Runs of two blocks or more that all repeat, where a block of the run carries a tag of `beside`."""
    for at in _promoted(rule, tags, keys, counts):
        if len(keys[at].split(" ")) >= rule.min_words:
            yield scan.evidence(rule, at, scan.document.blocks[at].body)


def _promoted(rule: Rule, tags: list[frozenset[str]], keys: list[str], counts: Counter[str]) -> list[int]:
    """Blocks of the runs that `_runs` speaks of.

    A block belongs to such a run everywhere or nowhere: it must stand in one at most of its places. A long run
    is no promo but a page that stands in the text twice.
    """
    beside = frozenset(rule.beside)
    inside: defaultdict[str, list[int]] = defaultdict(list)
    for run in _repeated_runs(keys, counts, rule.min_copies):
        plain = [keys[i] for i in run if not tags[i] & beside]
        if 1 < len(run) > len(plain) and len(plain) <= _PLAIN_BLOCKS and sum(map(_size, plain)) <= _PLAIN_WORDS:
            for i in run:
                inside[keys[i]].append(i)
    return sorted(i for key, places in inside.items() if len(places) * 3 >= counts[key] * 2 for i in places)


def _repeated_runs(keys: list[str], counts: Counter[str], least: int) -> Iterator[list[int]]:
    """Stretches of consecutive blocks each of which stands `least` times or more in the document."""
    run: list[int] = []
    for index, key in enumerate(keys):
        if not key:
            continue
        if counts[key] >= least:
            run.append(index)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _contained(
    scan: Scan, rule: Rule, tags: list[frozenset[str]], keys: list[str], counts: Counter[str]
) -> Iterator[Evidence]:
    """Blocks that hold a block of a repeated promoted run and little else: its banner."""
    promoted = {keys[i] for i in _promoted(rule, tags, keys, counts)}
    needles = {key for key in promoted if rule.min_words <= key.count(" ") + 1 <= 20}
    for index, key in enumerate(keys):
        if _held(key, needles):
            yield scan.evidence(rule, index, scan.document.blocks[index].body)


def _held(key: str, needles: Container[str], extra: int = _EXTRA_WORDS) -> str | None:
    """The longest of `needles` that `key` holds with one to `extra` words besides."""
    tokens = key.split(" ")
    if len(tokens) > _LONGEST:
        return None
    for size in range(len(tokens) - 1, max(0, len(tokens) - extra - 1), -1):
        for start in range(len(tokens) - size + 1):
            part = " ".join(tokens[start : start + size])
            if part in needles:
                return part
    return None


def _titles(scan: Scan, rule: Rule, tags: list[frozenset[str]], keys: list[str]) -> Iterator[Evidence]:
    """Later copies of a title of the page (`title`), and blocks that hold one and little else (`title-contained`).

    Titles are the title-like blocks before the first running text. A copy is looked for there too, and below in
    headings; the lines of a poem may well repeat its title.
    """
    # Candidate -> where it stands first. Only what no phrase rule has spoken against can be the title.
    first: dict[str, int] = {}
    named = scan.rules.boilerplate_tags
    for index, key in enumerate(keys):
        least = _TITLE_WORDS if rule.copies == "title" else _CONTAINED_WORDS
        if "top" not in tags[index]:
            break
        if "titlelike" in tags[index] and not tags[index] & (named | {"item"}) and _size(key) >= least:
            first.setdefault(key, index)
    if rule.copies == "title":
        for index, key in enumerate(keys):
            if key in first and index > first[key] and _may_copy(scan, tags, index):
                yield scan.evidence(rule, index, scan.document.blocks[index].body, first[key])
        return
    for index, key in enumerate(keys):
        credit = bool(_CAPTION.search(key))
        if "item" in tags[index] or not (credit or ("top" in tags[index] and "prose" not in tags[index])):
            continue
        needle = _held(key, first, _CREDIT_WORDS if credit else _EXTRA_WORDS)
        # A credit may end as a sentence does ("Ltd."); then the title must be most of what it says.
        if needle and "prose" in tags[index] and _size(needle) * 3 < _size(key) * 2:
            continue
        if needle is not None and first[needle] != index:
            yield scan.evidence(rule, index, scan.document.blocks[index].body, first[needle])


def _size(key: str) -> int:
    """Words of a normalised text; in scripts without blanks, two characters count for a word."""
    return max(key.count(" ") + 1, len(key) // 6) if key else 0


def _may_copy(scan: Scan, tags: list[frozenset[str]], index: int) -> bool:
    """Whether a block is a heading, stands in the top furniture, or alone between blank lines and not in verse."""
    if "item" in tags[index]:
        return False
    if tags[index] & {"heading", "top"}:
        return True
    blocks = scan.document.blocks
    alone = all(blocks[other].run != blocks[index].run for other in (index - 1, index + 1) if 0 <= other < len(blocks))
    return alone and "verse" not in tags[index]
