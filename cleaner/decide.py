"""Evidence into verdicts: each block alone, then among its neighbours, then as the prose model sees it.

A verdict is a sum of log-odds: the prior, what the rules say, what the neighbours suggest, and what the model adds.
Rules of one family tend to fire together, so the second of a family counts half, the third a quarter, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cleaner.detect import Detection
from cleaner.detect.prose import PROBABLE, UNIT, ProseModel, log_odds, probability
from cleaner.detect.signals import GROUPS, names, signals
from cleaner.document import Document, Kind
from cleaner.evidence import Evidence, Verdict
from cleaner.rules.model import RuleSet

__all__ = ["MODEL", "NEIGHBOURS", "ORPHAN", "PRIOR", "THRESHOLDS", "by_rules", "decide"]

# Log-odds over which a block goes. `balanced` removes what is more likely boilerplate than not.
THRESHOLDS = {"keep-more": 1.5, "balanced": 0.0, "remove-more": -0.75}

# Ids of the parts of a verdict that come from no rule.
PRIOR, NEIGHBOURS, ORPHAN, MODEL = "DEC001", "DEC002", "DEC003", "DEC004"

_PRIOR = -1.5  # most of what a page's text holds is worth keeping: one block in five or six is not
# Over its threshold by so much, a block goes by the rules alone: the model is not asked.
_CERTAIN = 4.0
_SHOWN = UNIT // 20  # contributions of the model under this are shown as one
# With the model: factor on half of the expected F1, and bounds, for the probability from which a block stays.
_LEAST = {"keep-more": (0.6, 0.1, 0.3), "balanced": (1.0, 0.2, 0.5), "remove-more": (1.5, 0.3, 0.7)}
_PULL = 0.9  # weight of each neighbour, at most
# Part of the weight with which neighbours that stay hold a block: what a rule is sure of must be able to go.
_HOLD = 0.5
_FULL = 1.5  # log-odds at which a neighbour pulls with full weight
# What looks like nothing by itself goes with its neighbours.
_WEAK = frozenset({"short", "titlelike", "label", "emoji"})
_WEAK_WORDS = 12
_KICKER = 4  # words of a title-like line beside the headline
_SURE = 1.0  # log-odds over the threshold from which the model may take running text from beside running text
_TEXT_BODY = frozenset({"prose", "sentence"})
_HEADINGS = 2  # lines over running text that stays
_HEADED = frozenset({"anchor", "prose", "sentence", "lead-in"})
_TITLES = frozenset({"titlelike", "heading", "loose"})
_STANDFIRST = 3  # blocks below the headline among which a standfirst stands
_GAP = 4  # blocks that the model may not take alone from between blocks that stay
_TOPICAL, _PARAGRAPH = 500, 60  # thousandths of its longer words that other running text has, and words, of a paragraph
_ORPHANS = 3  # headings that may stand at the end of a page with nothing under them
_DEPTH = 3  # headings, subtitles and the like that may stand above running text
_FURNITURE = frozenset({"navigation", "cookie", "logo-list", "paywall", "advert", "comments"})


def decide(
    document: Document,
    detection: Detection,
    rules: RuleSet,
    strictness: str = "balanced",
    policies: Mapping[str, str] | None = None,
    model: ProseModel | None = None,
) -> tuple[Verdict, ...]:
    """One verdict a block, in order. `policies` gives keep policies by rule id, in place of the rules' own; without a
    `model` the rules decide alone."""
    verdicts, order = by_rules(document, detection, rules, strictness, policies)
    if model is not None:
        weighed = _weighed(document, detection, verdicts, rules, model, strictness)
        verdicts = _steady(order, detection.tags, _flagged(detection), verdicts, weighed)
    return tuple(_dividers(document, order, _orphans(document, order, detection.tags, verdicts)))


def by_rules(
    document: Document,
    detection: Detection,
    rules: RuleSet,
    strictness: str = "balanced",
    policies: Mapping[str, str] | None = None,
) -> tuple[list[Verdict], list[int]]:
    """What the rules and the neighbours say of each block, and which blocks hold words: what the model starts from."""
    threshold = THRESHOLDS[strictness]
    by_block: defaultdict[int, list[Evidence]] = defaultdict(list)
    for item in _kept_policies(detection.evidence, rules, policies or {}):
        by_block[item.block].append(item)
    alone = []
    for block in document.blocks:
        said = discount(_overridden(by_block[block.index], rules))
        shielded = any(rules.by_id[e.rule].absolute for e in said)
        prior = Evidence(PRIOR, "prior", "keep", block.index, block.body, _PRIOR, "")
        evidence = (prior, *said)
        alone.append(Verdict(block.index, sum(e.score for e in evidence), threshold, evidence, shielded))
    order = [b.index for b in document.blocks if b.kind is not Kind.DIVIDER and "empty" not in detection.tags[b.index]]
    return _among(document, order, detection.tags, detection.features.words.tolist(), alone), order


def _overridden(evidence: list[Evidence], rules: RuleSet) -> list[Evidence]:
    """The evidence without that of keep rules which a rule that fired overrides (never an absolute one: such a rule
    does not load)."""
    names = frozenset().union(*(rules.by_id[e.rule].overrides for e in evidence if e.score))
    return [e for e in evidence if e.rule not in names] if names else evidence


def discount(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Halve the score of each further claim of a family, the strongest first."""
    families: defaultdict[tuple[str, bool], list[Evidence]] = defaultdict(list)
    for item in evidence:
        families[item.family, item.score > 0].append(item)
    result = []
    for group in families.values():
        group.sort(key=lambda e: (-abs(e.score), e.rule))
        result += [replace(item, score=item.score * 0.5**place) for place, item in enumerate(group)]
    return sorted(result, key=lambda e: (-e.score, e.rule))


def _kept_policies(evidence: Sequence[Evidence], rules: RuleSet, policies: Mapping[str, str]) -> list[Evidence]:
    """Drop what a rule says of its first block where it keeps the first. Without a site profile, a document is a
    site of its own: once a site is then once a document."""
    seen: set[str] = set()
    result = []
    for item in evidence:
        rule = rules.by_id[item.rule]
        if policies.get(rule.id, rule.keep) != "none" and rule.id not in seen:
            seen.add(rule.id)
        else:
            result.append(item)
    return result


def _among(
    document: Document, order: list[int], tags: Sequence[frozenset[str]], words: Sequence[int], alone: list[Verdict]
) -> list[Verdict]:
    """Add what the neighbours suggest to blocks that look like nothing by themselves.

    A heading stays with what it heads: where the next block that stays is running text, the block goes by its own
    evidence only.
    """
    result = list(alone)
    heads = _heads(order, tags, alone)
    # The first copy of a title stays whatever stands around it; the later ones are what goes.
    originals = {e.copy_of for v in alone for e in v.evidence if e.copy_of is not None}
    for place, index in enumerate(order):
        if not tags[index] & _WEAK or alone[index].protected or "prose" in tags[index] or words[index] > _WEAK_WORDS:
            continue
        sides = [alone[order[p]] for p in (place - 1, place + 1) if 0 <= p < len(order)]
        pull = _PULL * sum(max(-1.0, min(1.0, (v.score - v.threshold) / _FULL)) for v in sides)
        if pull > 0 and (index in originals or (heads[place] and not _furnished(alone[index], sides))):
            continue
        if pull < 0:
            pull *= _HOLD
        if pull:
            result[index] = alone[index].plus(_neighbours(document, index, pull, [v for v in sides if v.removed]))
    return result


def _weighed(
    document: Document,
    detection: Detection,
    verdicts: list[Verdict],
    rules: RuleSet,
    model: ProseModel,
    strictness: str,
) -> list[Verdict]:
    """Add what the model sees in each block, where the rules are not certain, and set the threshold that fits the
    document (see `_threshold`).

    The model knows pages of sites. A text that is none, or is one no more after cleaning, is left to the rules.
    """
    if not any("page" in tags for tags in detection.tags):
        return verdicts
    rows = signals(
        document,
        detection.features,
        detection.keys,
        detection.tags,
        detection.evidence,
        [v.score for v in verdicts],
    )
    parts = model.contributions(rows)
    totals = np.array([round(v.score * UNIT) for v in verdicts]) + parts.sum(axis=1) + model.base
    held = _held(document, detection, verdicts, rules)
    held |= _paragraphs(detection, verdicts, rows)
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


def _flagged(detection: Detection) -> set[int]:
    """Blocks that some rule speaks against, be it a preview rule."""
    return {e.block for e in detection.evidence if e.family != "keep" and e.score >= 0}


def _held(document: Document, detection: Detection, verdicts: list[Verdict], rules: RuleSet) -> set[int]:
    """Blocks that the model may not take: protected ones, those that a keep rule speaks for (but for rules that
    yield), the page's title where it has copies, and a title-like line at its very beginning, its
    headline with the title-like line beside it and the standfirst below."""
    tags = detection.tags
    held = {v.block for v in verdicts if v.protected}
    held |= {e.copy_of for v in verdicts for e in v.evidence if e.copy_of is not None}
    for evidence in detection.evidence:
        rule = rules.by_id[evidence.rule]
        if rule.family == "keep" and evidence.score < 0 and not rule.yields:
            held.add(evidence.block)
    flagged = _flagged(detection)
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
    order: list[int],
    tags: Sequence[frozenset[str]],
    flagged: set[int],
    before: list[Verdict],
    after: list[Verdict],
) -> list[Verdict]:
    """A gap in an article hurts more than a line too many. What the model alone would take is given back where it is
    a few blocks between blocks that stay, one of them running text, and no rule speaks against any of them; and
    running text beside running text where the model is not sure."""
    result = list(after)
    for first, end in _gaps(order, after):
        blocks = order[first:end]
        sides = [order[p] for p in (first - 1, end) if 0 <= p < len(order)]
        amid = len(sides) == 2 and any(tags[side] & {"anchor", "prose"} for side in sides)
        if (
            amid
            and len(blocks) <= _GAP
            and not any(before[i].score > before[i].threshold or i in flagged for i in blocks)
        ):
            for index in blocks:
                result[index] = before[index]
        for index, side in ((blocks[0], first - 1), (blocks[-1], end)):
            doubt = after[index].score - after[index].threshold < _SURE and not before[index].removed
            if doubt and tags[index] & _TEXT_BODY and 0 <= side < len(order) and "anchor" in tags[order[side]]:
                result[index] = before[index]
        # What stands right above running text that stays is its heading, or two.
        heading = end < len(order) and bool(tags[order[end]] & _HEADED)
        for index in blocks[: -_HEADINGS - 1 : -1]:
            own = bool(tags[index] & _TITLES) and not before[index].removed and index not in flagged
            heading = heading and own
            if heading:
                result[index] = before[index]
    return result


def _paragraphs(detection: Detection, verdicts: list[Verdict], rows: npt.NDArray[np.int64]) -> set[int]:
    """Long paragraphs of running text on what the rest is on, which no rule speaks against."""
    topical = rows[:, names().index("topical")]
    flagged = _flagged(detection)
    return {
        v.block
        for v in verdicts
        if "anchor" in detection.tags[v.block]
        and detection.features.words[v.block] >= _PARAGRAPH
        and topical[v.block] >= _TOPICAL
        and v.block not in flagged
    }


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
    result = []
    told = []
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


def _orphans(
    document: Document, order: list[int], tags: Sequence[frozenset[str]], verdicts: list[Verdict]
) -> list[Verdict]:
    """A heading at the end of the page with nothing under it goes: what it headed was boilerplate.

    One to three short lines behind a sentence, with no block that stays after them and at least one that goes.
    """
    end = len(order)
    while end and verdicts[order[end - 1]].removed:
        end -= 1
    start = end
    while start and end - start <= _ORPHANS and _is_orphan(tags[order[start - 1]]):
        start -= 1
    if end == len(order) or not 0 < end - start <= _ORPHANS or not start or "sentence" not in tags[order[start - 1]]:
        return verdicts
    for index in order[start:end]:
        if verdicts[index].protected:
            continue
        score = max(0.0, verdicts[index].threshold - verdicts[index].score) + 0.5
        family = verdicts[order[end]].family or "related"
        evidence = Evidence(
            ORPHAN, "heading-of-nothing", family, index, document.blocks[index].body, score, "heads only blocks that go"
        )
        verdicts[index] = verdicts[index].plus(evidence)
    return verdicts


def _is_orphan(tags: frozenset[str]) -> bool:
    return bool(tags & {"heading", "titlelike"}) and "short" in tags and not tags & {"item", "quoted", "digits"}


def _heads(order: list[int], tags: Sequence[frozenset[str]], alone: list[Verdict]) -> list[bool]:
    """Whether each block of `order` heads running text: it is the next block that stays, or only a heading or two
    stand between."""
    heads = [False] * len(order)
    depth = _DEPTH
    for place in range(len(order) - 1, -1, -1):
        heads[place] = depth < _DEPTH
        index = order[place]
        if not alone[index].removed:
            if tags[index] & {"prose", "sentence", "code", "table"}:
                depth = 0
            else:
                depth = depth + 1 if tags[index] & {"heading", "titlelike"} else _DEPTH
    return heads


def _furnished(verdict: Verdict, sides: list[Verdict]) -> bool:
    """Whether a line that might be a heading is furniture after all: a rule says so, or it stands between pieces of
    the page's furniture, where no heading would."""
    if any(e.score > 0 for e in verdict.evidence):
        return True
    return len(sides) == 2 and all(side.removed and side.family in _FURNITURE for side in sides)


def _neighbours(document: Document, index: int, score: float, gone: list[Verdict]) -> Evidence:
    family = gone[0].family if gone and score > 0 else None
    words = "between blocks that go" if score > 0 else "beside blocks that stay"
    return Evidence(NEIGHBOURS, "neighbours", family or "keep", index, document.blocks[index].body, score, words)


def _dividers(document: Document, order: list[int], verdicts: list[Verdict]) -> list[Verdict]:
    """A line without a word goes where the blocks on both sides of it go, or the one where it has only one."""
    position = 0
    for block in document.blocks:
        if position < len(order) and order[position] == block.index:
            position += 1
            continue
        verdict = verdicts[block.index]
        sides = [verdicts[order[p]] for p in (position - 1, position) if 0 <= p < len(order)]
        if sides and all(v.removed for v in sides) and not verdict.protected:
            score = verdict.threshold - verdict.score + 1.0
            verdicts[block.index] = verdict.plus(_neighbours(document, block.index, score, sides))
    return verdicts
