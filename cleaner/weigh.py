"""The prose model's part in a verdict: what it sees in each block, where it is asked, and what it may not take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

import numpy as np
import numpy.typing as npt

from cleaner.detect import Detection
from cleaner.detect.kind import KindModel, kind_of
from cleaner.detect.prose import PROBABLE, UNIT, ProseModel, log_odds, probability
from cleaner.detect.signals import GROUPS, names, signals
from cleaner.document import Document
from cleaner.evidence import KINDS, MODEL, NEIGHBOURS, Evidence, PageKind, Verdict
from cleaner.rules.model import RuleSet

__all__ = ["PAGE_BLOCKS", "Fitted", "weigh"]

Ints = npt.NDArray[np.int64]

PAGE_BLOCKS = 20_000  # a text of more is no page of a site
# Over its threshold by so much, a block goes by the rules alone: the model is not asked.
_CERTAIN = 4.0
_SHOWN = UNIT // 20  # contributions of the model under this are shown as one
# With the model: factor on half of the expected F1, and bounds, for the probability from which a block stays.
_LEAST = {"keep-more": (0.6, 0.1, 0.3), "balanced": (0.9, 0.1, 0.6), "remove-more": (1.6, 0.3, 0.75)}
# By which the factor is multiplied: what is lost of a list hurts more than what is left of a shop.
_KINDS = dict.fromkeys(KINDS, 0.9) | {"article": 1.1, "product": 1.2, "listing": 0.75}
_OF_HTML = 1.1  # the same, for an HTML page, whose blocks the model knows better
_KICKER = 4  # words of a title-like line beside the headline
_SURE = 1.0  # log-odds over the threshold from which the model may take running text from beside running text
_BOX = 8  # lines that stand together as a box of the page does
_FAR = 2.0  # log-odds: what is farther from the threshold counts as so far
_COPIES = frozenset({"repeat", "near-duplicate"})
_SURE_OF_GAP = 1.0  # the same, on average, for a few blocks between blocks that stay
_SURE_OF_LIST = 2.0  # the same, on average, for the items of a list beside text that stays
_LISTED = frozenset({"anchor", "prose", "sentence", "lead-in", "item"})
_DEAR = 1.0  # log-odds more for a block of an HTML page that a keep rule speaks for
_RUNNING_TEXT = 1.6  # log-odds from which running text goes
_LISTED_TEXT = 1.0  # log-odds more for an item of a list that is a sentence
_NAMED = 2.0  # log-odds less for a line in which a phrase rule, be it a preview rule, sees boilerplate
_TEXT_BODY = frozenset({"prose", "sentence"})
_BESIDE_TEXT = frozenset({"anchor"})
_OVER_TEXT = frozenset({"anchor", "heading", "titlelike"})
_RUNNING = frozenset({"anchor", "prose"})
_HEADINGS = 2  # lines over running text that stays
_HEADED = frozenset({"anchor", "prose", "sentence", "lead-in"})
_TITLES = frozenset({"titlelike", "heading", "loose"})
_STANDFIRST = 3  # blocks below the headline among which a standfirst stands
_GAP = 4  # blocks that the model may not take alone from between blocks that stay
_TOPICAL, _PARAGRAPH = 500, 60  # thousandths of its longer words that other running text has, and words, of a paragraph


@dataclass(frozen=True)
class Fitted:
    """The fitted models that judge a document, and what is known of an HTML page besides: the hints of its blocks, for
    a model of such, and what it declares itself to be. `again`: what is judged is left of a document whose kind is
    known already."""

    prose: ProseModel
    kinds: KindModel | None = None
    hints: Ints | None = None
    declared: frozenset[str] = frozenset()
    again: bool = False


def weigh(
    document: Document,
    detection: Detection,
    order: list[int],
    verdicts: list[Verdict],
    suspicion: Sequence[Verdict],
    rules: RuleSet,
    fitted: Fitted,
    strictness: str,
) -> tuple[list[Verdict], PageKind]:
    """The verdicts with what the models see, and the kind of page. `order` has the blocks that hold words, `suspicion`
    is what `decide.suspicion` says of each block.

    The model for text knows pages of sites: in a text that is none, or is one no more after cleaning, it is asked about
    suspicious blocks alone.
    """
    if not order:
        return verdicts, PageKind("empty", 1.0)
    page = fitted.hints is not None or any("page" in tags for tags in detection.tags)
    asked = {v.block for v in suspicion if page or v.removed}
    if not asked and fitted.again:
        return verdicts, PageKind()
    # Blocks that some rule speaks against, be it a preview rule.
    flagged = {e.block for e in detection.evidence if e.family != "keep" and e.score >= 0}
    seen, kind = _weighed(document, detection, flagged, verdicts, suspicion, rules, fitted, strictness)
    if not asked:
        return verdicts, kind
    seen = [new if new.block in asked else old for old, new in zip(verdicts, seen, strict=True)]
    boxed = _boxes(document, detection, seen)
    for index in boxed:
        seen[index] = _with(document, seen, index, boxed[index], "its box goes")
    seen = _closed(document, order, suspicion, seen)
    if fitted.hints is None:
        seen = _steady(document, detection.tags, flagged, order, verdicts, seen)
    return seen, kind


def _weighed(
    document: Document,
    detection: Detection,
    flagged: set[int],
    verdicts: list[Verdict],
    suspicion: Sequence[Verdict],
    rules: RuleSet,
    fitted: Fitted,
    strictness: str,
) -> tuple[list[Verdict], PageKind]:
    """Add what the model sees in each block, where the rules are not certain, and set the threshold that fits the
    document (see `_threshold`). Of what preview rules are certain of together, it sees that alone."""
    rows = signals(document, detection, [v.score for v in verdicts], [v.score for v in suspicion])
    scores = np.array([round(v.score * UNIT) for v in verdicts], dtype=np.int64)
    model = fitted.prose
    looks = model.looks(rows if fitted.hints is None else np.hstack([rows, fitted.hints]), scores)
    parts, totals = looks.parts, looks.odds
    kind, kinds = kind_of(document, detection, rows, probability(-looks.first), fitted.declared, fitted.kinds)
    held = _spoken_for(detection, rules) | _headlines(document, detection, flagged)
    held |= _paragraphs(detection, flagged, rows)
    held -= {v.block for v in suspicion if v.removed}
    # Of an HTML page the model knows more than the rules that speak for a block: it has to be surer, no more.
    dear, held = (held, set()) if fitted.hints is not None else (set(), held)
    held |= {v.block for v in verdicts if v.protected}
    agreed = np.array([v.block not in held and _agreed(v) for v in suspicion])
    certain = np.array([v.block in held or _by_itself(v) - v.threshold >= _CERTAIN for v in verdicts])
    stays = np.where(certain, [PROBABLE * (not v.removed) for v in verdicts], probability(-totals))
    stays = np.where(agreed, 0, stays)
    wants = _OF_HTML if fitted.hints is not None else 1.0
    least = _threshold(stays, detection.features.words, strictness, kinds, wants)
    threshold = -log_odds(least) / UNIT

    def judged(verdict: Verdict) -> Verdict:
        over = _least(threshold, detection.tags[verdict.block]) + _DEAR * (verdict.block in dear)
        seen = _seen(document, verdict.block, parts[verdict.block].tolist(), model.base)
        return replace(verdict.plus(*seen), threshold=over)

    result = []
    for index, verdict in enumerate(verdicts):
        if agreed[index] and not certain[index]:
            result.append(_accused(document, verdict, suspicion[index]))
        elif not certain[index] and "empty" not in detection.tags[index]:
            result.append(judged(verdict))
        else:
            result.append(verdict)
    return _other_copies(verdicts, result, judged), kind


def _other_copies(before: list[Verdict], after: list[Verdict], judged: Callable[[Verdict], Verdict]) -> list[Verdict]:
    """Where the model takes the first copy of a title or paragraph, its copies are judged as if it were not there: the
    first that stays is the one that the others repeat."""
    result = list(after)
    copies: defaultdict[int, list[int]] = defaultdict(list)
    for verdict in before:
        for first in {e.copy_of for e in verdict.evidence if e.copy_of is not None and e.score > 0}:
            copies[first].append(verdict.block)
    moved: dict[int, int] = {}
    for first in [f for f in copies if result[f].removed and not before[f].removed]:
        stays = None
        for index in copies[first]:
            said = before[index].evidence
            claims = [e for e in said if e.copy_of == first]
            rest = tuple(e for e in said if e.copy_of != first)
            verdict = judged(replace(before[index], evidence=rest, score=sum(e.score for e in rest)))
            if not verdict.removed and stays is not None:
                verdict = verdict.plus(*(replace(e, copy_of=stays) for e in claims))
            elif not verdict.removed:
                stays = index
            result[index] = verdict
        if stays is not None:
            moved[first] = stays
    return [_pointed(verdict, moved) for verdict in result] if moved else result


def _pointed(verdict: Verdict, moved: Mapping[int, int]) -> Verdict:
    """The verdict with claims to repeat one block told of another."""

    def told(claim: Evidence) -> Evidence:
        stays = None if claim.copy_of is None else moved.get(claim.copy_of)
        return claim if stays in (None, verdict.block) else replace(claim, copy_of=stays)

    return replace(verdict, evidence=tuple(map(told, verdict.evidence)))


def _least(threshold: float, tags: frozenset[str]) -> float:
    """The log-odds from which a block goes: more for running text and for items that are sentences, less for a line
    that a phrase names."""
    if "prose" in tags:
        threshold = max(threshold, 0.0 if "flagged" in tags else _RUNNING_TEXT)
    elif "flagged" in tags:
        return threshold - _NAMED
    return threshold + _LISTED_TEXT if "item" in tags and tags & _TEXT_BODY and "flagged" not in tags else threshold


def _agreed(verdict: Verdict) -> bool:
    """Whether rules, preview rules among them, are certain together: two or more that say the same, or one that has
    seen the block repeat among others that rules speak against, or a title in its caption."""
    against = {e.rule: e.family for e in verdict.evidence if e.score > 0 and e.rule != NEIGHBOURS}
    over = _by_itself(verdict) - verdict.threshold
    return (len(against) > 1 and over >= _CERTAIN) or (over > 0 and not _COPIES.isdisjoint(against.values()))


def _accused(document: Document, verdict: Verdict, suspicion: Verdict) -> Verdict:
    """The verdict with what preview rules see in the block, as one claim of the model's."""
    words = GROUPS["rules"][0]
    body = document.blocks[verdict.block].body
    score = suspicion.score - verdict.score
    return verdict.plus(Evidence(MODEL, "prose-rules", "not-prose", verdict.block, body, score, words))


def _by_itself(verdict: Verdict) -> float:
    """The score without what the neighbours suggest, which makes nothing certain."""
    return sum(e.score for e in verdict.evidence if e.rule != NEIGHBOURS)


def _spoken_for(detection: Detection, rules: RuleSet) -> set[int]:
    """Blocks that a keep rule speaks for; some rules yield to the model."""
    keeps = (e for e in detection.evidence if e.family == "keep" and e.score < 0)
    return {e.block for e in keeps if not rules.by_id[e.rule].yields}


def _headlines(document: Document, detection: Detection, flagged: set[int]) -> set[int]:
    """A title-like line at the very beginning, the headline with the title-like line beside it, and the standfirst
    below."""
    tags = detection.tags
    held: set[int] = set()
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


def _closed(document: Document, order: list[int], suspicion: Sequence[Verdict], seen: list[Verdict]) -> list[Verdict]:
    """What preview rules speak against goes, where it stands between blocks that go and the model is not sure of it."""
    result = list(seen)
    doubtful = [
        suspicion[i].removed and not seen[i].removed and any(e.rule == MODEL for e in seen[i].evidence) for i in order
    ]
    place = 0
    for doubt, run in groupby(doubtful):
        size = len(list(run))
        blocks, place = order[place : place + size], place + size
        sides = [order[p] for p in (place - size - 1, place) if 0 <= p < len(order)]
        short = sum(seen[i].threshold - seen[i].score for i in blocks)
        if not doubt or short >= _SURE * size or not sides or not all(seen[i].removed for i in sides):
            continue
        family = seen[sides[0]].family or "not-prose"
        for index in blocks:
            result[index] = _with(document, seen, index, family, "between blocks that go")
    return result


def _with(document: Document, seen: list[Verdict], index: int, family: str, words: str) -> Verdict:
    """The verdict on a block that goes with those around it."""
    score = max(0.0, seen[index].threshold - seen[index].score) + _SURE
    claim = Evidence(NEIGHBOURS, "neighbours", family, index, document.blocks[index].body, score, words)
    return seen[index].plus(claim)


def _boxes(document: Document, detection: Detection, seen: list[Verdict]) -> dict[int, str]:
    """Blocks that stay of small boxes of which most goes, by the family that goes: lines that stand together with blank
    lines around, heading, pitch and button, go as one where the model says so of them on average."""
    if not any("joined" in tags for tags in detection.tags):
        return {}
    result: dict[int, str] = {}
    for _run, blocks in groupby(document.blocks, key=lambda b: b.run):
        box = [b.index for b in blocks if "empty" not in detection.tags[b.index]]
        stays = [i for i in box if not seen[i].removed]
        if not 2 < len(box) <= _BOX or not 0 < 2 * len(stays) <= len(box):
            continue
        if 2 * sum("item" in detection.tags[i] for i in box) > len(box):  # a list
            continue
        weighed = all(any(e.rule == MODEL for e in seen[i].evidence) and not seen[i].protected for i in stays)
        margins = [max(-_FAR, min(_FAR, seen[i].score - seen[i].threshold)) for i in box]
        if weighed and sum(margins) > 0 and min(margins) > -_FAR:
            family = next((v.family for i in box if (v := seen[i]).removed and v.family), "not-prose")
            result |= dict.fromkeys(stays, family)
    return result


def _steady(
    document: Document,
    tags: Sequence[frozenset[str]],
    flagged: set[int],
    order: list[int],
    before: list[Verdict],
    after: list[Verdict],
) -> list[Verdict]:
    """A gap in an article hurts more than a line too many: some of what the model alone would take is given back."""
    result = list(after)
    runs = [b.run for b in document.blocks]
    for first, end in _gaps(order, after):
        blocks = order[first:end]
        above = order[first - 1] if first else None
        below = order[end] if end < len(order) else None
        unnamed = {i for i in blocks if not before[i].removed and i not in flagged}
        over = {i: after[i].score - after[i].threshold for i in unnamed}
        nothing: frozenset[str] = frozenset()
        upper, lower = nothing if above is None else tags[above], nothing if below is None else tags[below]
        back = _short_gap(blocks, over, upper, lower) | _lists(blocks, over, tags, upper, lower)
        back |= _beside(blocks, {i for i in blocks if not before[i].removed}, after, tags, upper, lower)
        if below is not None and lower & _HEADED:
            back |= _titles_over(blocks, unnamed, tags, runs, below)
        for index in back:
            result[index] = before[index]
    return result


def _short_gap(blocks: list[int], over: dict[int, float], upper: frozenset[str], lower: frozenset[str]) -> set[int]:
    """A few blocks between blocks that stay, one of them running text, where no rule speaks against any of them and the
    model is not sure of all."""
    few = upper and lower and (upper | lower) & _RUNNING and len(over) == len(blocks) <= _GAP
    return set(over) if few and sum(over.values()) < _SURE_OF_GAP * len(blocks) else set()


def _lists(
    blocks: list[int],
    over: dict[int, float],
    tags: Sequence[frozenset[str]],
    upper: frozenset[str],
    lower: frozenset[str],
) -> set[int]:
    """Items of a list beside text that stays, where no rule speaks against them and the model is not sure of all."""
    back: set[int] = set()
    for inward, side in ((blocks, upper), (blocks[::-1], lower)):
        listed = [over[i] for i in takewhile(lambda i: i in over and "item" in tags[i], inward)]
        if side & _LISTED and sum(listed) < _SURE_OF_LIST * len(listed):
            back |= set(inward[: len(listed)])
    return back


def _beside(
    blocks: list[int],
    doubtful: set[int],
    after: list[Verdict],
    tags: Sequence[frozenset[str]],
    upper: frozenset[str],
    lower: frozenset[str],
) -> set[int]:
    """Running text beside running text, or below its heading, of which the model is not sure."""
    ends = ((blocks[0], upper & _OVER_TEXT), (blocks[-1], lower & _BESIDE_TEXT))
    return {
        i
        for i, side in ends
        if side and i in doubtful and tags[i] & _TEXT_BODY and after[i].score - after[i].threshold < _SURE
    }


def _titles_over(
    blocks: list[int], unnamed: set[int], tags: Sequence[frozenset[str]], runs: list[int], below: int
) -> set[int]:
    """The heading of what stays, or two: title-like lines right above it, but for the last line of a box that goes."""
    titles = list(takewhile(lambda i: i in unnamed and tags[i] & _TITLES, reversed(blocks[-_HEADINGS:])))
    while titles:
        place = blocks.index(titles[-1])
        if place == 0 or runs[blocks[place - 1]] != runs[titles[-1]] or runs[titles[-1]] == runs[below]:
            break
        titles.pop()
    return set(titles)


def _paragraphs(detection: Detection, flagged: set[int], rows: Ints) -> set[int]:
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


def _threshold(stays: Ints, words: Ints, strictness: str, kinds: Mapping[str, int], wants: float) -> int:
    """The probability of being prose, in millionths, from which a block of this document stays.

    The choice of blocks that makes the expected F1 of a document's words greatest keeps those whose probability is
    over half of that F1 (Lipton, Elkan and Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1
    measure"): where much is doubtful, more stays. `kinds` has hundredths of confidence in kinds of page,
    `wants` a factor for all of them.
    """
    order = np.argsort(-stays, kind="stable")
    hits = np.cumsum(stays[order] * words[order])  # millionths of words
    kept = np.cumsum(words[order]) * PROBABLE
    best = float(np.max(2 * hits / np.maximum(kept + int((stays * words).sum()), 1)))
    factor, low, high = _LEAST[strictness]
    factor *= wants
    if kinds:
        factor *= sum(_KINDS[kind] * share for kind, share in kinds.items()) / sum(kinds.values())
    return round(min(high, max(low, factor * best / 2)) * PROBABLE)
