"""Phrase rules: patterns inside a block.

One multi-literal search (Aho-Corasick) over the folded document finds the keywords of all rules; a rule's patterns run
only on the blocks where a keyword of it stands. What is quoted in running text is mentioned, not said, and counts for
nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, islice

import ahocorasick_rs
import regex

from cleaner.detect.scan import Scan, Spans
from cleaner.document import Block, Span, site_of
from cleaner.evidence import Evidence
from cleaner.features import Features
from cleaner.rules.model import OFF, Rule, RuleSet, Where, line_core, line_key

__all__ = ["phrases"]

_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_SLACK = 40  # characters of bullets, icons, long numbers and blanks that a line may have over its literal
_QUOTED = regex.compile(r'"[^"]{2,}"')


def phrases(scan: Scan) -> Iterator[Evidence]:
    """Evidence of all phrase rules, block by block in the order of the rules' ids within a block."""
    rules = scan.rules.of_kind("phrase")
    document, features = scan.document, scan.features
    candidates = _candidates(scan.rules, features.folded, [b.span.start for b in document.blocks])
    always = scan.rules.unkeyed
    silent = scan.rules.silent(features.language, site_of(document.url))
    lines, longest = scan.rules.lines, scan.rules.longest_line + _SLACK
    for block in document.blocks:
        places = candidates.get(block.index, frozenset()) | always
        if len(block.body) <= longest and (key := _line(features.folded[block.body.start : block.body.end])) in lines:
            places = places.union(lines[key])
        for at in sorted(places - silent):
            rule = rules[at]
            if _admits(rule.where, block, features):
                for start, end in _search(scan, rule, block):
                    yield scan.evidence(rule, block.index, Span(block.body.start + start, block.body.start + end))


@lru_cache(maxsize=8)
def _automaton(keywords: tuple[str, ...]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(keywords)


def _candidates(rules: RuleSet, folded: str, starts: list[int]) -> dict[int, set[int]]:
    """Block -> places of the rules with a keyword in it."""
    found: dict[int, set[int]] = {}
    if not rules.keywords or not folded:
        return found
    if _has_surrogate(folded):
        # The search takes UTF-8, which has no lone surrogates; one character for one, so offsets hold.
        folded = _SURROGATE.sub("\ufffd", folded)
    owners = list(rules.keywords.values())
    for keyword, start, _end in _automaton(tuple(rules.keywords)).find_matches_as_indexes(folded, overlapping=True):
        found.setdefault(bisect_right(starts, start) - 1, set()).update(owners[keyword])
    return found


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _admits(where: Where, block: Block, features: Features) -> bool:
    tags = features.tags[block.index]
    return (
        where.min_words <= features.words[block.index] <= where.max_words
        and len(block.body) <= where.max_chars
        and where.min_digits <= features.digits[block.index]
        and (block.kind.value in where.kinds if where.kinds else block.kind not in ("code", "table"))
        and (where.place == "any" or where.place in tags)
        and where.tags <= tags
        and not where.not_tags & tags
    )


def _search(scan: Scan, rule: Rule, block: Block) -> Spans:
    """Where `rule` matches in the body of `block`, looked up once for each text of a block: once, or everywhere where
    its family is about parts of blocks."""
    text = scan.features.view if rule.case else scan.features.folded
    body = text[block.body.start : block.body.end]
    key = (rule.id, body)
    if key not in scan.memo:
        # A keep rule of the user's that runs out of time keeps: in doubt a block stays.
        scan.memo[key] = ((0, len(body)),) if rule.absolute else ()
        with scan.patience(rule):
            found = _matches(rule, body, scan.timeout)
            scan.memo[key] = tuple(found) if rule.family in OFF else tuple(islice(found, 1))
    return scan.memo[key]


def _line(body: str) -> str:
    """What of a block a literal line must equal."""
    core = line_core(body)
    return line_key(core[0]) if core else ""


def _matches(rule: Rule, body: str, timeout: float) -> Iterator[tuple[int, int]]:
    core = line_core(body)
    if core is None or any(p.search(body, timeout=timeout) for p in rule.exceptions):
        return
    if rule.line_set and line_key(core[0]) in rule.line_set:
        yield core.span()
    opening, inside = rule.literals
    if opening and (match := opening.match(body, core.start(), timeout=timeout)):
        yield match.span()
    if rule.whole:
        found = (pattern.fullmatch(body, core.start(), core.end(), timeout=timeout) for pattern in rule.patterns)
        matches = (match for match in found if match)
    else:
        matches = (match for pattern in rule.patterns for match in pattern.finditer(body, timeout=timeout))
    for match in chain(inside.finditer(body, timeout=timeout) if inside else (), matches):
        if match.end() > match.start() and not _is_mention(body, match.start(), match.end()):
            yield match.span()


def _is_mention(body: str, start: int, end: int) -> bool:
    """Whether the span stands in quotation marks inside a text that says more than the quotation."""
    return any(
        quote.start() < start and end < quote.end() and (quote.end() - quote.start()) * 10 < len(body) * 8
        for quote in _QUOTED.finditer(body)
    )
