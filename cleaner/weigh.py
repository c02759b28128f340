"""The prose model's part in a verdict: what it sees in each block, where it is asked, and what it may not take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from cleaner.detect import Detection
from cleaner.detect.prose import PROBABLE, UNIT, ProseModel, log_odds, probability
from cleaner.detect.signals import GROUPS, names, signals
from cleaner.document import Document
from cleaner.evidence import MODEL, NEIGHBOURS, Evidence, Verdict
from cleaner.rules.model import RuleSet

__all__ = ["weigh"]

_PAGE_BLOCKS = 20_000  # a text of more is no page of a site
# Over its threshold by so much, a block goes by the rules alone: the model is not asked.
_CERTAIN = 4.0
_SHOWN = UNIT // 20  # contributions of the model under this are shown as one
# With the model: factor on half of the expected F1, and bounds, for the probability from which a block stays.
_LEAST = {"keep-more": (0.6, 0.1, 0.3), "balanced": (1.0, 0.2, 0.5), "remove-more": (1.5, 0.3, 0.7)}
_KICKER = 4  # words of a title-like line beside the headline
_SURE = 1.0  # log-odds over the threshold from which the model may take running text from beside running text
_TEXT_BODY = frozenset({"prose", "sentence"})
_RUNNING = frozenset({"anchor", "prose"})
_HEADINGS = 2  # lines over running text that stays
_HEADED = frozenset({"anchor", "prose", "sentence", "lead-in"})
_TITLES = frozenset({"titlelike", "heading", "loose"})
_STANDFIRST = 3  # blocks below the headline among which a standfirst stands
_GAP = 4  # blocks that the model may not take alone from between blocks that stay
_TOPICAL, _PARAGRAPH = 500, 60  # thousandths of its longer words that other running text has, and words, of a paragraph


def weigh(
    document: Document,
    detection: Detection,
    order: list[int],
    verdicts: list[Verdict],
    rules: RuleSet,
    model: ProseModel,
    strictness: str,
) -> list[Verdict]:
    """The verdicts with what the model sees. `order` has the blocks that hold words.

    The model knows pages of sites. A text that is none, or is one no more after cleaning, is left to the rules.
    """
    if len(verdicts) > _PAGE_BLOCKS or not any("page" in tags for tags in detection.tags):
        return verdicts
    # Blocks that some rule speaks against, be it a preview rule.
    flagged = {e.block for e in detection.evidence if e.family != "keep" and e.score >= 0}
    seen = _weighed(document, detection, flagged, verdicts, rules, model, strictness)
    return _steady(detection.tags, flagged, order, verdicts, seen)


def _weighed(
    document: Document,
    detection: Detection,
    flagged: set[int],
    verdicts: list[Verdict],
    rules: RuleSet,
    model: ProseModel,
    strictness: str,
) -> list[Verdict]:
    """Add what the model sees in each block, where the rules are not certain, and set the threshold that fits the
    document (see `_threshold`)."""
    rows = signals(document, detection, [v.score for v in verdicts])
    parts = model.contributions(rows)
    totals = np.array([round(v.score * UNIT) for v in verdicts]) + parts.sum(axis=1) + model.base
    held = _held(document, detection, flagged, verdicts, rules) | _paragraphs(detection, flagged, rows)
    certain = np.array([v.block in held or _by_itself(v) - v.threshold >= _CERTAIN for v in verdicts])
    stays = np.where(certain, [PROBABLE * (not v.removed) for v in verdicts], probability(-totals))
    least = _threshold(stays, detection.features.words, strictness)
    threshold = -log_odds(least) / UNIT
    result = []
    for verdict, row, sure in zip(verdicts, parts.tolist(), certain.tolist(), strict=True):
        if not sure and "empty" not in detection.tags[verdict.block]:
            # Running text goes only where it is more likely boilerplate than not.
            over = max(threshold, 0.0) if "prose" in detection.tags[verdict.block] else threshold
            verdict = replace(verdict.plus(*_seen(document, verdict.block, row, model.base)), threshold=over)
        result.append(verdict)
    return result


def _by_itself(verdict: Verdict) -> float:
    """The score without what the neighbours suggest, which makes nothing certain."""
    return sum(e.score for e in verdict.evidence if e.rule != NEIGHBOURS)


def _held(
    document: Document, detection: Detection, flagged: set[int], verdicts: list[Verdict], rules: RuleSet
) -> set[int]:
    """Blocks that the model may not take: protected ones, those that a keep rule speaks for (but for rules that
    yield), the first copy of what has copies, a title-like line at the very beginning, the headline with the
    title-like line beside it, and the standfirst below."""
    tags = detection.tags
    held = {v.block for v in verdicts if v.protected}
    held |= {e.copy_of for v in verdicts for e in v.evidence if e.copy_of is not None}
    for evidence in detection.evidence:
        rule = rules.by_id[evidence.rule]
        if rule.family == "keep" and evidence.score < 0 and not rule.yields:
            held.add(evidence.block)
    first = next((b.index for b in document.blocks if detection.features.words[b.index]), None)
    if first is not None and "titlelike" in tags[first] and first not in flagged:
        held.add(first)
    for index in [b.index for b in document.blocks if "headline" in tags[b.index]]:
        held.add(index)
        for beside in (index - 1, index + 1):
            if 0 <= beside < len(tags) and "titlelike" in tags[beside] and detection.features.words[beside] >= _KICKER:
                held.add(beside)
        below = range(index + 1, min(index + 1 + _STANDFIRST, len(tags)))
        held.update(i for i in below if "prose" in tags[i] and i not in flagged)
    return held


def _steady(
    tags: Sequence[frozenset[str]], flagged: set[int], order: list[int], before: list[Verdict], after: list[Verdict]
) -> list[Verdict]:
    """A gap in an article hurts more than a line too many. What the model alone would take is given back where it is
    a few blocks between blocks that stay, one of them running text, and no rule speaks against any of them; where it
    is running text beside running text and the model is not sure; and where it stands right above running text."""
    result = list(after)
    for first, end in _gaps(order, after):
        blocks = order[first:end]
        above = tags[order[first - 1]] if first else frozenset()
        below = tags[order[end]] if end < len(order) else frozenset()
        unnamed = {i for i in blocks if not before[i].removed and i not in flagged}
        back: set[int] = set()
        if above and below and (above | below) & _RUNNING and len(blocks) <= _GAP and len(unnamed) == len(blocks):
            back |= unnamed
        for index, side in ((blocks[0], above), (blocks[-1], below)):
            doubt = after[index].score - after[index].threshold < _SURE and not before[index].removed
            if doubt and tags[index] & _TEXT_BODY and "anchor" in side:
                back.add(index)
        if below & _HEADED:  # the heading of what stays, or two
            titles = {i for i in unnamed if tags[i] & _TITLES}
            back |= set(takewhile(titles.__contains__, reversed(blocks[-_HEADINGS:])))
        for index in back:
            result[index] = before[index]
    return result


def _paragraphs(detection: Detection, flagged: set[int], rows: npt.NDArray[np.int64]) -> set[int]:
    """Long paragraphs of running text on what the rest is on, which no rule speaks against."""
    topical = rows[:, names().index("topical")] >= _TOPICAL
    long = detection.features.words >= _PARAGRAPH
    return {int(i) for i in np.flatnonzero(topical & long) if "anchor" in detection.tags[i]} - flagged


def _gaps(order: list[int], verdicts: list[Verdict]) -> Iterator[tuple[int, int]]:
    """Bounds, as places in `order`, of the runs of blocks that go."""
    first = None
    for place, index in enumerate((*order, -1)):
        gone = index >= 0 and verdicts[index].removed
        if gone and first is None:
            first = place
        elif not gone and first is not None:
            yield first, place
            first = None


def _seen(document: Document, index: int, parts: list[int], base: int) -> list[Evidence]:
    """The model's contributions as evidence; small ones are added to what it says of every block."""
    body = document.blocks[index].body
    result, told = [], []
    for (group, words), part in zip(GROUPS.items(), parts, strict=True):
        if abs(part) < _SHOWN:
            base += part
        else:
            told.append((f"prose-{group}", part, words[part < 0]))
    for name, part, said in (*told, ("prose-model", base, "all else that the model sees")):
        family = "not-prose" if part > 0 else "keep"
        result.append(Evidence(MODEL, name, family, index, body, part / UNIT, said))
    return sorted(result, key=lambda e: (-e.score, e.name))


def _threshold(stays: npt.NDArray[np.int64], words: npt.NDArray[np.int64], strictness: str) -> int:
    """The probability of being prose, in millionths, from which a block of this document stays.

    The choice of blocks that makes the expected F1 of a document's words greatest keeps those whose probability is
    over half of that F1 (Lipton, Elkan and Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1
    measure"): where much is doubtful, more stays.
    """
    order = np.argsort(-stays, kind="stable")
    hits = np.cumsum(stays[order] * words[order])  # millionths of words
    kept = np.cumsum(words[order]) * PROBABLE
    best = float(np.max(2 * hits / np.maximum(kept + int((stays * words).sum()), 1)))
    factor, low, high = _LEAST[strictness]
    return round(min(high, max(low, factor * best / 2)) * PROBABLE)
