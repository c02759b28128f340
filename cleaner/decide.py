"""Evidence into verdicts: each block alone, then among its neighbours, then as the prose model sees it.

A verdict is a sum of log-odds: the prior, what the rules say, what the neighbours suggest, and what the model adds.
Rules of one family tend to fire together, so the second of a family counts half, the third a quarter, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cleaner.detect import Detection
from cleaner.document import Document, Kind
from cleaner.evidence import NEIGHBOURS, ORPHAN, PRIOR, Evidence, PageKind, Verdict
from cleaner.rules.model import RuleSet
from cleaner.weigh import PAGE_BLOCKS, Fitted, weigh

__all__ = ["THRESHOLDS", "by_rules", "decide", "suspicion"]

# Log-odds over which a block goes. `balanced` removes what is more likely boilerplate than not.
THRESHOLDS = {"keep-more": 1.5, "balanced": 0.0, "remove-more": -0.75}

_PRIOR = -1.5  # most of what a page's text holds is worth keeping: one block in five or six is not
_PULL = 0.9  # weight of each neighbour, at most
# Part of the weight with which neighbours that stay hold a block: what a rule is sure of must be able to go.
_HOLD = 0.5
_FULL = 1.5  # log-odds at which a neighbour pulls with full weight
# What looks like nothing by itself goes with its neighbours.
_WEAK = frozenset({"short", "titlelike", "label", "emoji"})
_WEAK_WORDS = 12
_ORPHANS = 3  # headings that may stand at the end of a page with nothing under them
_DEPTH = 3  # headings, subtitles and the like that may stand above running text
_FURNITURE = frozenset({"navigation", "cookie", "logo-list", "paywall", "advert", "comments"})


def decide(
    document: Document,
    detection: Detection,
    rules: RuleSet,
    strictness: str = "balanced",
    policies: Mapping[str, str] | None = None,
    fitted: Fitted | None = None,
) -> tuple[tuple[Verdict, ...], PageKind]:
    """One verdict a block, in order, and the kind of page. `policies` gives keep policies by rule id, in place of the
    rules' own; without `fitted` models the rules decide alone."""
    verdicts, order = by_rules(document, detection, rules, strictness, policies)
    page = PageKind()
    if fitted is not None and len(verdicts) <= PAGE_BLOCKS:
        doubts = suspicion(document, detection, rules, policies)
        verdicts, page = weigh(document, detection, order, verdicts, doubts, rules, fitted, strictness)
    return tuple(_dividers(document, order, _orphans(document, order, detection.tags, verdicts))), page


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


def suspicion(
    document: Document, detection: Detection, rules: RuleSet, policies: Mapping[str, str] | None = None
) -> list[Verdict]:
    """The verdict on each block if the preview rules that support others counted: what the model starts from, and what
    removes nothing by itself."""
    said = tuple(replace(e, score=rules.by_id[e.rule].support) for e in detection.evidence)
    return by_rules(document, replace(detection, evidence=said), rules, policies=policies)[0]


def _overridden(evidence: list[Evidence], rules: RuleSet) -> list[Evidence]:
    """The evidence without that of keep rules which a rule that fired overrides (never an absolute one: such a rule
    does not load)."""
    over = frozenset().union(*(rules.by_id[e.rule].overrides for e in evidence if e.score))
    return [e for e in evidence if e.rule not in over] if over else evidence


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
