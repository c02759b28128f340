"""The Rule type: named, described, scored data that four kinds of code interpret."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import regex

from cleaner.document import on_site
from cleaner.features import TAGS
from cleaner.fingerprint import DENSE_SCRIPTS

__all__ = [
    "FAMILIES",
    "MARK_END",
    "MARK_START",
    "Rule",
    "RuleSet",
    "Where",
    "compile_tags",
    "line_core",
    "line_key",
    "spaced",
]

# What a rule is about. A hit of a phrase rule of family F also gives the block the tag F, unless its score is weak.
FAMILIES = {
    "promo": "calls to buy, subscribe, download, enrol; pitches",
    "logo-list": "rows of logos, partners, clients",
    "contact-footer": "contact details and the pitch around them",
    "related": "teasers, related links, recommended reading",
    "share": "share, print, follow and like rows",
    "navigation": "menus, language selectors, breadcrumbs, pagination, search",
    "legal": "copyright, terms, privacy, disclaimers",
    "cookie": "cookie and consent texts",
    "byline": "author, date, reading time",
    "caption": "captions, credits, alternative texts",
    "advert": "adverts and their placeholders",
    "comments": "comment forms and counters",
    "paywall": "log-in and subscription walls",
    "repeat": "blocks that repeat inside a document, with boilerplate evidence besides",
    "template": "blocks that repeat across a site's pages",
    "near-duplicate": "copies of a paragraph or title that stays",
    "keep": "protecting rules",
    "inline-residue": "what is left of links and references inside a block; off by default, found and never removed",
}
# Families that do nothing unless they are named in `select` or `extend-select`.
OFF = frozenset({"inline-residue"})
# What a removed block may be information about all the same: keys of `result.metadata`.
METADATA = ("byline", "date", "correction", "copyright", "licence", "legal")
KINDS = ("phrase", "region", "repetition", "template")
STATUSES = ("stable", "preview", "removed")
KEEP_POLICIES = ("none", "first", "once-per-site")
PLACES = ("any", "top", "tail")
COPIES = ("run", "contained", "title", "title-contained", "near")

# An example marks what its rule claims: text ⟦claimed⟧ text.
MARK_START, MARK_END = "⟦", "⟧"

_ATOM = regex.compile(r"\(\?(?:[=!:]|<[=!])|\\.|\{[^}]*\}|(!?[a-z][a-z-]*(?:&!?[a-z][a-z-]*)*)")
_SET = regex.compile(r"\\.|\[(?:\\.|[^\]\\])*\]| ([?*+]?)")
# Word boundaries beside a literal; scripts without blanks have none.
_SPACED_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{DENSE_SCRIPTS}]"
# A letter may not go on beside a literal's own letter; beside its bracket or colon it may.
_EDGE_LEFT = rf"(?<!{_SPACED_LETTER}(?={_SPACED_LETTER}))"
_EDGE_RIGHT = rf"(?!(?<={_SPACED_LETTER}){_SPACED_LETTER})"
_CORE = regex.compile(r"[\p{L}\p{N}©@#+(&](?:.*[\p{L}\p{M}\p{N}%)+©])?", regex.DOTALL)
_NUMBER = regex.compile(r"\p{Nd}+(?:[.,:/]\p{Nd}+)*")
_NAMING = 1.2  # least score of a phrase rule whose hit gives its block the family as a tag
_MAX_ATOMS = 12
_BASE = 0x4E00


@dataclass(frozen=True, slots=True)
class Where:
    """Which blocks a phrase rule looks at. `tags` must all be there, none of `not_tags`."""

    kinds: frozenset[str] = frozenset()  # empty: every kind but code and table
    min_words: int = 1
    max_words: int = 60
    min_digits: int = 0
    place: str = "any"
    tags: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()  # hosts; subdomains belong to them

    @property
    def max_chars(self) -> int:
        """More characters than so many words have, with the links among them: what is longer is no text, and would
        only keep patterns busy."""
        return 1000 + 30 * self.max_words


@dataclass(frozen=True)
class Rule:
    """One rule, as its pack states it; `docs/rules.md` says what each field means."""

    id: str
    name: str
    family: str
    kind: str
    summary: str
    explain: str
    score: float
    since: str
    languages: tuple[str, ...] = ()
    status: str = "stable"
    keep: str = "none"
    keywords: tuple[str, ...] = ()
    where: Where = field(default_factory=Where)
    any: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    whole: bool = False
    case: bool = False
    tags: tuple[str, ...] = ()
    copies: str = ""
    needs: tuple[str, ...] = ()
    last: int = 0
    beside: tuple[str, ...] = ()
    min_copies: int = 2
    min_words: int = 1
    absolute: bool = False
    yields: bool = False  # a keep rule that the prose model may overrule
    supports: bool = False  # a preview rule on which other rules and the prose model may build
    overrides: tuple[str, ...] = ()
    metadata: str = ""
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
    known_miss: tuple[str, ...] = ()
    successor: str = ""
    source: str = ""  # file and line, for messages

    @cached_property
    def patterns(self) -> tuple[regex.Pattern[str], ...]:
        """`any`, compiled. Raises `regex.error`."""
        return tuple(regex.compile(spaced(p), regex.V1) for p in self.any)

    @cached_property
    def line_set(self) -> frozenset[str]:
        """`lines`, for looking up."""
        return frozenset(self.lines)

    @cached_property
    def literals(self) -> tuple[regex.Pattern[str] | None, regex.Pattern[str] | None]:
        """`openings` and `contains`, compiled: each stands between word boundaries."""
        opening = regex.compile(_EDGE_LEFT + r"\L<words>" + _EDGE_RIGHT + ".*", regex.V1 | regex.S, words=self.openings)
        inside = regex.compile(_EDGE_LEFT + r"\L<words>" + _EDGE_RIGHT, regex.V1, words=self.contains)
        return opening if self.openings else None, inside if self.contains else None

    @property
    def triggers(self) -> tuple[str, ...]:
        """Literals one of which stands in every block that the rule's patterns match; empty: no saying."""
        if self.any and not self.keywords:
            return ()
        return (*self.keywords, *self.openings, *self.contains)

    @cached_property
    def exceptions(self) -> tuple[regex.Pattern[str], ...]:
        """`unless`, compiled."""
        return tuple(regex.compile(spaced(p), regex.V1) for p in self.unless)

    @cached_property
    def shapes(self) -> tuple[TagPattern, ...]:
        """`any` of a region rule, translated."""
        return tuple(compile_tags(p) for p in self.any)

    @property
    def flags(self) -> bool:
        """Whether its hits are shown although they remove nothing."""
        return self.status == "preview" or self.family in OFF or bool(self.metadata)

    @property
    def support(self) -> float:
        """What its hits are worth to other rules and to the prose model, in log-odds: those of a preview rule nothing,
        unless it `supports`."""
        return self.score if self.status == "stable" or (self.status == "preview" and self.supports) else 0.0

    @property
    def accuses(self) -> bool:
        """Whether a hit says enough to make a block suspect; a preview rule's does, without a weight of its own."""
        return self.kind == "phrase" and self.score >= _NAMING and self.status != "removed"

    @property
    def gives(self) -> frozenset[str]:
        """Tags that a hit of this phrase rule gives to its block; a weak hit says too little to name a family."""
        return frozenset(self.tags) | ({self.family} if self.support >= _NAMING else set())


@dataclass(frozen=True)
class TagPattern:
    """A regular expression over the blocks of a document: each block is one symbol that says which atoms hold."""

    atoms: tuple[tuple[frozenset[str], frozenset[str]], ...]  # tags that must be there, tags that must not
    source: str  # over symbols

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """The compiled pattern; some take tens of milliseconds, so only when a document asks for it."""
        return regex.compile(self.source, regex.V1)

    def symbols(self, masks: list[int], bits: dict[str, int]) -> list[str]:
        """The symbol of each set of tags; `bits` says which bit of a mask stands for which tag."""
        atoms = [(1 << place, mask(need, bits), mask(ban, bits)) for place, (need, ban) in enumerate(self.atoms)]
        return [
            chr(_BASE + sum([bit for bit, need, ban in atoms if tags & need == need and not tags & ban]))
            for tags in masks
        ]

    @property
    def tags(self) -> frozenset[str]:
        return frozenset().union(*(need | ban for need, ban in self.atoms))


def line_core(body: str) -> regex.Match[str] | None:
    """A block from its first to its last letter, digit or sign that means something: what `whole` patterns and
    literal lines are held against. None where there is no such character."""
    return _CORE.search(body)


def line_key(line: str) -> str:
    """What a literal line is compared with: a folded line with one blank for many and `{n}` for each number."""
    return " ".join(_NUMBER.sub("{n}", line).split())


def mask(tags: Iterable[str], bits: dict[str, int]) -> int:
    """A set of tags as a number."""
    return sum(bits[tag] for tag in tags)


def spaced(pattern: str) -> str:
    """A blank in a pattern, outside a character set, stands for one blank or more; with ? or * for none or more."""
    return _SET.sub(lambda m: m[0] if m[1] is None else " *" if m[1] in ("?", "*") and m[1] else " +", pattern)


def compile_tags(pattern: str) -> TagPattern:
    """Compile a pattern over tags, such as `heading? (phone|email){2,} $`.

    An atom is a tag, `!tag`, or several joined by `&`; the rest is the syntax of the `regex` package, with blanks
    for reading. Raises `regex.error` where there are too many atoms, and for a bad pattern when it is first used.
    """
    names: dict[str, None] = {}
    for match in _ATOM.finditer(pattern):
        if match[1]:
            names.setdefault(match[1])
    atoms = list(names)
    if len(atoms) > _MAX_ATOMS:
        raise regex.error(f"more than {_MAX_ATOMS} different atoms", pattern, 0)

    def symbols(match: regex.Match[str]) -> str:
        if not match[1]:
            return str(match[0])
        bit = 1 << atoms.index(match[1])
        # The masks with this bit, as ranges.
        firsts = (_BASE + first for first in range(bit, 1 << len(atoms), 2 * bit))
        return "[" + "".join(f"{chr(first)}-{chr(first + bit - 1)}" for first in firsts) + "]"

    return TagPattern(tuple(_atom(name) for name in atoms), _ATOM.sub(symbols, pattern).replace(" ", ""))


def _atom(text: str) -> tuple[frozenset[str], frozenset[str]]:
    parts = text.split("&")
    return frozenset(p for p in parts if p[0] != "!"), frozenset(p[1:] for p in parts if p[0] == "!")


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order of their ids, with what the detectors need of them at hand."""

    rules: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def of_kind(self, kind: str) -> tuple[Rule, ...]:
        """Rules of one kind that claim something (a removed rule is a tombstone, a preview one only flags)."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Rule, ...]]:
        return {kind: tuple(r for r in self.rules if r.kind == kind and r.status != "removed") for kind in KINDS}

    @cached_property
    def unkeyed(self) -> frozenset[int]:
        """Places, among the phrase rules, of those without keywords: they look at every block that `where` admits."""
        return frozenset(i for i, rule in enumerate(self.of_kind("phrase")) if rule.any and not rule.keywords)

    @cached_property
    def lines(self) -> dict[str, tuple[int, ...]]:
        """Literal line -> places of its rules among the phrase rules."""
        return self._places(lambda rule: rule.lines)

    @cached_property
    def longest_line(self) -> int:
        """Characters of the longest literal line."""
        return max(map(len, self.lines), default=0)

    def silent(self, language: str, site: str) -> frozenset[int]:
        """Places, among the phrase rules, of those that say nothing in `language` or on `site`.

        English furniture stands on pages of every language, and a page whose language cannot be told gets all.
        """
        elsewhere = (index for index, sites in self._sited.items() if not on_site(site, sites))
        return self._by_language(language).union(elsewhere)

    def _by_language(self, language: str) -> frozenset[int]:
        if language not in self._foreign:
            self._foreign[language] = frozenset(
                index
                for index, rule in enumerate(self.of_kind("phrase"))
                if language and rule.languages and not {language, "en"} & set(rule.languages)
            )
        return self._foreign[language]

    @cached_property
    def _foreign(self) -> dict[str, frozenset[int]]:
        return {}

    @cached_property
    def _sited(self) -> dict[int, frozenset[str]]:
        rules = enumerate(self.of_kind("phrase"))
        return {index: rule.where.sites for index, rule in rules if rule.where.sites}

    @cached_property
    def keywords(self) -> dict[str, tuple[int, ...]]:
        """Keyword -> places of its rules among the phrase rules."""
        return self._places(lambda rule: rule.triggers)

    def _places(self, literals: Callable[[Rule], Iterable[str]]) -> dict[str, tuple[int, ...]]:
        """Literal -> places, among the phrase rules, of those that have it."""
        owners: dict[str, list[int]] = {}
        for index, rule in enumerate(self.of_kind("phrase")):
            for literal in dict.fromkeys(literals(rule)):
                owners.setdefault(literal, []).append(index)
        return {literal: tuple(places) for literal, places in owners.items()}

    @cached_property
    def boilerplate_tags(self) -> frozenset[str]:
        """The families whose rules speak for removal."""
        return frozenset(FAMILIES) - {"keep"}

    @cached_property
    def bits(self) -> dict[str, int]:
        """A bit for every tag."""
        return {tag: 1 << place for place, tag in enumerate(sorted(self.tags | FAMILIES.keys()))}

    @cached_property
    def tags(self) -> frozenset[str]:
        """Every tag that a block can carry under these rules."""
        return frozenset(TAGS).union(*(r.gives for r in self.rules if r.kind == "phrase"))
